"""Values of properties: how they are checked and stored, and what they are compared by. All are stored as text."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hrdata_assets.systems.hubspot.fake_schema import Property

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE = EPOCH.replace(tzinfo=None)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
SEPARATOR = ";"

Comparable = str | float | int


class InvalidValue(Exception):  # noqa: N818 - what the caller is told, not a failure of the fake
    """A value that a property does not take."""

    def __init__(self, name: str, error: str, message: str) -> None:
        super().__init__(message)
        self.told = {"isValid": False, "message": message, "error": error, "name": name}


def iso(moment: int) -> str:
    """Milliseconds as HubSpot writes a moment: without a fraction where there is none."""
    exact = "milliseconds" if moment % 1000 else "seconds"
    return f"{(_NAIVE + timedelta(milliseconds=moment)).isoformat(timespec=exact)}Z"


def milliseconds(moment: datetime | str) -> int:
    """Milliseconds of a moment, or of a moment or day as it is written; ValueError if it is none."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return round((at - EPOCH) / timedelta(milliseconds=1))


def as_text(value: Any) -> str:
    """A value that came as JSON or from a test, as the text it is stored as; null empties a property."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return iso(milliseconds(value))
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else json.dumps(value)


def stored(one: Property, value: Any) -> str:
    """What is stored for a value that is written; InvalidValue if the property does not take it."""
    text = as_text(value)
    if one.read_only:
        raise InvalidValue(one.name, "READ_ONLY_VALUE", f"{one.name} is a read only property")
    if not text:
        return ""
    match one.kind:
        case "number" if not NUMBER.fullmatch(text):
            raise InvalidValue(one.name, "INVALID_DOUBLE", f"{text} was not a valid number.")
        case "date" | "datetime":
            return _moment(one, text)
        case "bool" | "enumeration" if one.options:
            _check_options(one, text)
        case "string" if one.name == "email":
            if not EMAIL.fullmatch(text):
                raise InvalidValue(one.name, "INVALID_EMAIL", f"Email address {text} is invalid")
            return text.lower()
    return text


def _moment(one: Property, text: str) -> str:
    try:
        at = int(text) if re.fullmatch(r"-?\d+", text) else milliseconds(text)
        written = iso(at)
    except (ValueError, OverflowError):
        raise InvalidValue(one.name, "INVALID_DATE", f"{text} was not a valid date.") from None
    if one.kind == "datetime":
        return written
    if at % 86_400_000:
        raise InvalidValue(one.name, "INVALID_DATE", f"{text} is not at midnight UTC.")
    return written[:10]


def _check_options(one: Property, text: str) -> None:
    for value in text.split(SEPARATOR) if one.multiple else [text]:
        if value not in one.options:
            allowed = ", ".join(one.options)
            raise InvalidValue(one.name, "INVALID_OPTION", f"{value} was not one of the allowed options: [{allowed}]")


def checked(properties: Mapping[str, Property], given: Mapping[str, Any]) -> dict[str, str]:
    """What is stored for all that is written; ValueError holds all that is wrong with it, as a list of dicts."""
    found: dict[str, str] = {}
    flaws: list[dict[str, Any]] = []
    for name, value in given.items():
        try:
            if name not in properties:
                raise InvalidValue(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
            found[name] = stored(properties[name], value)
        except InvalidValue as no:
            flaws.append(no.told)
    if flaws:
        raise ValueError(flaws)
    return found


def comparable(one: Property, text: str | None) -> Comparable | None:
    """What a stored value is compared by; None for none, and for what is no value of its kind."""
    if not text:
        return None
    try:
        match one.kind:
            case "number":
                return int(text) if text.isdecimal() else float(text)
            case "date" | "datetime":
                return milliseconds(text)
            case "string":
                return text.lower()
    except ValueError:
        return None
    return text


def asked(one: Property, text: str) -> Comparable:
    """What a filter's value is compared by; moments are milliseconds written as text. ValueError for what is none."""
    match one.kind:
        case "number":
            return int(text) if text.isdecimal() else float(text)
        case "date" | "datetime":
            return int(text)
        case "string":
            return text.lower()
    return text
