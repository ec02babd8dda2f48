"""Questions as HubSpot's search takes them: filters that must all be met, one order, and values written as text."""

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hrdata_assets.errors import SetupError
from hrdata_assets.query import Condition, Value
from hrdata_assets.table import Column, Operator

MOST_FILTERS, LONGEST_BODY = 6, 3_000
ID = "hs_object_id"
BELOW = "properties."
"""What stands before a property's name in a column's path."""

Filter = Mapping[str, Any]

_MILLISECOND = datetime.timedelta(milliseconds=1)
_EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC)
_WORD = re.compile(r"\w")
_NAMES = {
    Operator.EQ: "EQ",
    Operator.GT: "GT",
    Operator.LT: "LT",
    Operator.GTE: "GTE",
    Operator.LTE: "LTE",
    Operator.IN: "IN",
    Operator.CONTAINS: "CONTAINS_TOKEN",
}


def property_of(column: Column) -> str | None:
    """Name of the property that a column holds; None where it holds something else of a record."""
    header = column.header or ""
    return header.removeprefix(BELOW) if header.startswith(BELOW) else None


def filter_of(condition: Condition, kinds: Mapping[str, str]) -> Filter:
    """A condition as a filter. ``kinds`` are the types of the account's properties.

    SetupError for a property that the account has not, or a text to contain without a letter or digit.
    """
    name, place = property_of(condition.column), condition.column.name
    if name is None or name not in kinds:
        raise SetupError(f"hubspot has no property to ask for {place} by: leave the condition out")
    texts = [text_of(value) for value in condition.values]
    if condition.operator is Operator.IN:
        # What is searched in is in lower case; options, which are not texts, are as they are.
        values = [text.lower() for text in texts] if kinds[name] == "string" else texts
        return compared(name, "IN", values)
    if condition.operator is Operator.CONTAINS:
        return compared(name, "CONTAINS_TOKEN", _anywhere(texts[0], place))
    return compared(name, _NAMES[condition.operator], texts[0])


def _anywhere(text: str, place: str) -> str:
    """A text as part of a word, or as words one after the other; HubSpot knows no other parts of a text."""
    words = text.replace("*", " ").strip()
    if not _WORD.search(words):
        raise SetupError(f"{place} is to contain something without a letter or digit: hubspot searches for words")
    return f"*{words}*"


def compared(name: str, operator: str, value: str | Sequence[str] | None = None, high: str | None = None) -> Filter:
    """One filter."""
    found: dict[str, Any] = {"propertyName": name, "operator": operator}
    if high is not None:
        return {**found, "value": value, "highValue": high}
    if value is None:
        return found
    return {**found, **({"value": value} if isinstance(value, str) else {"values": list(value)})}


def body_of(
    filters: Sequence[Filter], order: str, properties: Sequence[str], limit: int, *, descending: bool = False
) -> dict[str, Any]:
    """The body of a search. SetupError for more filters than HubSpot takes."""
    if len(filters) > MOST_FILTERS:
        raise SetupError(f"hubspot takes {MOST_FILTERS} filters in a search, two of them ours: ask by fewer conditions")
    groups = {"filterGroups": [{"filters": list(filters)}]} if filters else {}
    direction = "DESCENDING" if descending else "ASCENDING"
    sorts = [{"propertyName": order, "direction": direction}]
    return {**groups, "sorts": sorts, "properties": list(properties), "limit": limit}


def fits(body: Mapping[str, Any]) -> bool:
    """Whether a search is as short as HubSpot wants it."""
    return len(json.dumps(body, ensure_ascii=False)) <= LONGEST_BODY


def text_of(value: Value) -> str:
    """A value as filters have it: moments and days are milliseconds since 1970."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return str(milliseconds(value))
    if isinstance(value, datetime.date):
        return str(milliseconds(datetime.datetime.combine(value, datetime.time(), datetime.UTC)))
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def milliseconds(moment: datetime.datetime) -> int:
    """Whole milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND
