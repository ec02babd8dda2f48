"""What stands at a path of an answer, and how values are said in a parameter."""

import datetime
from decimal import Decimal
from typing import Any

from hrdata_assets.query import Value
from hrdata_assets.systems.sources.declaration import Stamp


def at(told: Any, path: str | None) -> Any:
    """What stands at a dotted path: the whole without one, None where the path leads nowhere."""
    for name in path.split(".") if path else ():
        if not isinstance(told, dict):
            return None
        told = told.get(name)
    return told


def records_at(told: Any, path: str | None) -> list[dict[str, Any]]:
    """The records of an answer. KeyError or TypeError for an answer of another shape."""
    for name in path.split(".") if path else ():
        told = told[name]
    if not isinstance(told, list) or not all(isinstance(record, dict) for record in told):
        raise TypeError("no list of records")
    return told


def said(value: Value) -> str:
    """A condition's value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return stamp(value, "iso")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def stamp(moment: datetime.datetime, form: Stamp) -> str:
    """A moment in one of the forms that interfaces ask for; never a later one than it is."""
    moment = moment.astimezone(datetime.UTC)
    if form == "date":
        return moment.date().isoformat()
    if form == "iso":
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    seconds = int(moment.timestamp())
    return str(seconds if form == "seconds" else seconds * 1000 + moment.microsecond // 1000)
