"""Records as a page has them made ready to be read: lists are lists, numbers are digits, nothing stands twice."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from hrdata_assets.systems.hubspot.asking import ID, property_of
from hrdata_assets.systems.hubspot.links import Links
from hrdata_assets.table import ColumnType, Table

Record = Mapping[str, Any]

_TWICE = frozenset({"id", "createdAt", "updatedAt", "properties"})
"""What a record says beside its properties, which say the same."""

_SEPARATOR = ";"
_NUMBERS = (ColumnType.NUMERIC, ColumnType.INTEGER, ColumnType.BIGINT)


def shaped_records(table: Table, told: Mapping[str, Any]) -> list[Record]:
    """Records of a page, with links if it has some. KeyError, TypeError or ValueError for what is no page."""
    page = told["page"] if "links" in told else told
    links = Links.of(told.get("links") or ())
    lists = _properties(table, ColumnType.TEXTS)
    numbers = [name for kind in _NUMBERS for name in _properties(table, kind)]
    linked = any((column.header or "").startswith("links.") for column in table.columns)
    return [_shaped(record, lists, numbers, links if linked else None) for record in page["results"]]


def _shaped(record: Record, lists: Sequence[str], numbers: Sequence[str], links: Links | None) -> Record:
    key = record["id"]
    if not isinstance(key, str) or not key.isdecimal():
        raise TypeError("a record without an id")
    properties = {**record["properties"], ID: key}
    for name in lists:
        if text := properties.get(name):
            properties[name] = [part for part in str(text).split(_SEPARATOR) if part]
    for name in numbers:
        text = properties.get(name)
        if isinstance(text, str) and ("E" in text or "e" in text):
            properties[name] = _in_digits(text)
    more = {name: value for name, value in record.items() if name not in _TWICE}
    found = {"properties": properties, **more}
    return found if links is None else {**found, "links": links.of_record(key)}


def _in_digits(text: str) -> str:
    """A number that is written as a power, such as 1.25E7; what is no number stays."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return format(number, "f") if number.is_finite() and abs(number.adjusted()) < 20 else text


def _properties(table: Table, kind: ColumnType) -> list[str]:
    named = (property_of(column) for column in table.columns if column.type is kind)
    return [name for name in named if name is not None]
