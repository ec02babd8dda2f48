"""Filters of a search: thirteen operators, over columns where there are any, over records where there are none."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import numpy.typing as npt

from hrdata_assets.systems.hubspot.fake_errors import bad_request
from hrdata_assets.systems.hubspot.fake_schema import CREATED, ID, ObjectType, Property, Record
from hrdata_assets.systems.hubspot.fake_table import Columns, Ints, Table
from hrdata_assets.systems.hubspot.fake_values import SEPARATOR, Comparable, asked, comparable

Flags = npt.NDArray[np.bool_]

MOST_GROUPS, MOST_FILTERS, MOST_IN_ALL = 5, 6, 18

_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "EQ": lambda a, b: a == b,
    "NEQ": lambda a, b: a != b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}
_OF_LISTS = ("IN", "NOT_IN")
_OF_TOKENS = ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
_OF_PRESENCE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
OPERATORS = (*_COMPARED, "BETWEEN", *_OF_LISTS, *_OF_PRESENCE, *_OF_TOKENS)

_WORD = re.compile(r"[^\W_]+")
_PATTERN = re.compile(r"[^\W_*]*\*?[^\W_*]*\*?")


@dataclass(frozen=True)
class Filter:
    """A condition on one property. What has no value meets none but NOT_HAS_PROPERTY."""

    property: Property
    operator: str
    values: tuple[Comparable, ...]

    def meets(self, record: Record) -> bool:
        """Whether a record does."""
        text = record.get(self.property.name)
        if self.operator in _OF_PRESENCE:
            return bool(text) == (self.operator == "HAS_PROPERTY")
        if not text:
            return False
        if self.operator in _OF_TOKENS:
            return contains(text, str(self.values[0])) == (self.operator == "CONTAINS_TOKEN")
        parts = text.split(SEPARATOR) if self.property.multiple else [text]
        found = [value for value in (comparable(self.property, part) for part in parts) if value is not None]
        if self.operator in ("NEQ", "NOT_IN"):
            return bool(found) and not any(value in self.values for value in found)
        return any(bool(self._compares(value)) for value in found)

    def mask(self, columns: Columns, modified: str) -> Flags | None:
        """Which rows meet it, if that can be seen from the columns."""
        column = {ID: columns.id, CREATED: columns.created, modified: columns.modified}.get(self.property.name)
        if column is None or self.operator in _OF_TOKENS:
            return None
        if self.operator in _OF_PRESENCE:
            return np.full(len(column), self.operator == "HAS_PROPERTY")
        if self.operator == "NOT_IN":
            return ~np.isin(column, np.array(self.values))
        flags: Flags = np.asarray(self._compares(column))
        return flags

    def _compares(self, value: Any) -> Any:
        """Of a value, or of a whole column at once."""
        if self.operator == "BETWEEN":
            return (value >= self.values[0]) & (value <= self.values[1])
        if self.operator in _OF_LISTS:
            return np.isin(value, np.array(self.values)) if isinstance(value, np.ndarray) else value in self.values
        return _COMPARED[self.operator](value, self.values[0])


Groups = tuple[tuple[Filter, ...], ...]


def contains(text: str, pattern: str) -> bool:
    """Whether words of a text follow one another as those of a pattern do; ``*`` stands for any part of a word."""
    words = _WORD.findall(text.lower())
    wanted = [part for part in _PATTERN.findall(pattern.lower()) if part]
    if not wanted:
        return False
    places = range(len(words) - len(wanted) + 1)
    return any(all(map(fnmatchcase, words[at : at + len(wanted)], wanted)) for at in places)


def parse_groups(kind: ObjectType, given: Any) -> Groups:
    """Filter groups of a search's body; Refused if there are too many, or one cannot be read."""
    groups = [group.get("filters") or [] if isinstance(group, dict) else [] for group in _listed(given, "filterGroups")]
    if len(groups) > MOST_GROUPS:
        raise bad_request(f"There may be no more than {MOST_GROUPS} filterGroups", "filterGroups")
    if any(len(group) > MOST_FILTERS for group in groups):
        raise bad_request(f"There may be no more than {MOST_FILTERS} filters in a filterGroup", "filters")
    if sum(map(len, groups)) > MOST_IN_ALL:
        raise bad_request(f"There may be no more than {MOST_IN_ALL} filters in all", "filters")
    if not all(groups):
        raise bad_request("A filterGroup must have at least one filter", "filters")
    return tuple(tuple(_parse(kind, one) for one in group) for group in groups)


def select(table: Table, groups: Groups) -> Ints:
    """Places of the rows that meet all filters of any group, in the order of ids."""
    columns = table.columns
    if not groups:
        return np.arange(len(table))
    found: Flags = np.zeros(len(table), dtype=np.bool_)
    for group in groups:
        found |= _met(table, columns, group)
    places: Ints = np.flatnonzero(found)
    return places


def _met(table: Table, columns: Columns, group: Sequence[Filter]) -> Flags:
    met: Flags = np.ones(len(table), dtype=np.bool_)
    slow = []
    for one in group:
        mask = one.mask(columns, table.kind.modified)
        if mask is None:
            slow.append(one)
        else:
            met &= mask
    if slow:
        for place in np.flatnonzero(met).tolist():
            record = table[int(columns.id[place])]
            met[place] = all(one.meets(record) for one in slow)
    return met


def _listed(given: Any, name: str) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad_request(f"Invalid input JSON: {name} must be a list", name)
    return given


def _parse(kind: ObjectType, given: Any) -> Filter:
    if not isinstance(given, dict) or not given.get("propertyName") or not given.get("operator"):
        raise bad_request(
            "Invalid input JSON: Cannot build Filter, some of required attributes are not set [propertyName, operator]"
        )
    name, operator = str(given["propertyName"]), str(given["operator"])
    if operator not in OPERATORS:
        raise bad_request(f"Invalid input JSON: {operator} is none of {', '.join(OPERATORS)}", "operator")
    one = kind.properties.get(name)
    if one is None:
        raise bad_request(f"There was a problem with the request. Property {name} does not exist", name)
    texts = _texts(given, operator, name)
    if operator in _OF_TOKENS or operator in _OF_PRESENCE:
        return Filter(one, operator, texts)
    if operator in _OF_LISTS and one.kind == "string":
        # As they are: what is searched in is in lower case, so a capital is never found.
        return Filter(one, operator, texts)
    try:
        return Filter(one, operator, tuple(asked(one, text) for text in texts))
    except ValueError:
        raise bad_request(f"Invalid value for property {name} of type {one.kind}: {', '.join(texts)}", name) from None


def _texts(given: Mapping[str, Any], operator: str, name: str) -> tuple[str, ...]:
    """What a filter compares with, as it was written; Refused if that does not go with its operator."""
    value, high, values = given.get("value"), given.get("highValue"), given.get("values")
    if operator in _OF_PRESENCE:
        if value is not None or values is not None:
            raise bad_request(f"Operator {operator} does not take a value (property {name})", name)
        return ()
    if operator in _OF_LISTS:
        if not isinstance(values, list) or not values:
            raise bad_request(f"Operator {operator} requires values (property {name})", name)
        return tuple(map(str, values))
    if operator == "BETWEEN":
        if value is None or high is None:
            raise bad_request(f"Operator BETWEEN requires value and highValue (property {name})", name)
        return str(value), str(high)
    if value is None:
        raise bad_request(f"Operator {operator} requires a value (property {name})", name)
    return (str(value),)
