"""Asking a system for less: conditions on a row class's columns."""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from hrdata_assets.errors import SetupError
from hrdata_assets.table import Column, ColumnType, Operator, Row, Table

Value: TypeAlias = str | int | bool | Decimal | datetime.date | datetime.datetime
"""What a column is compared with; moments are in UTC."""


@dataclass(frozen=True)
class Condition:
    """One comparison. ``value`` is of the column's own type, and a tuple of such for IN."""

    column: Column
    operator: Operator
    value: Value | tuple[Value, ...]

    @property
    def values(self) -> tuple[Value, ...]:
        """All that is compared with: several for IN, one otherwise."""
        return self.value if isinstance(self.value, tuple) else (self.value,)

    def holds(self, found: object) -> bool:
        """Whether a value of the column meets it; a missing one meets none.

        Texts are equal when every letter is, capitals too; they contain without regard to case, a list by its members.
        """
        if found is None:
            return False
        if self.operator is Operator.CONTAINS:
            wanted = str(self.value).casefold()
            parts = found if isinstance(found, list | tuple) else [found]
            return any(wanted in str(part).casefold() for part in parts)
        return _compares(self.operator, found, self.values)

    def matches(self, row: Row | Mapping[str, object]) -> bool:
        """Whether a row meets it: one of the column's class, or its values by column."""
        return self.holds(getattr(row, self.column.name) if isinstance(row, Row) else row.get(self.column.name))


def matches(conditions: Iterable[Condition], row: Row | Mapping[str, object]) -> bool:
    """Whether a row meets every condition; without any it does."""
    return all(condition.matches(row) for condition in conditions)


def _compares(operator: Operator, found: object, values: tuple[Value, ...]) -> bool:
    if operator in (Operator.EQ, Operator.IN):
        return found in values
    than = values[0]
    if isinstance(found, str) != isinstance(than, str):
        return False
    order = (found > than) - (found < than)  # type: ignore[operator] # of one type: the value was coerced to it
    return {
        Operator.GT: order > 0,
        Operator.GTE: order >= 0,
        Operator.LT: order < 0,
        Operator.LTE: order <= 0,
    }[operator]


@dataclass(frozen=True)
class Field:
    """A column that conditions are made of: ``field(Candidate, "status").eq("Active")``."""

    table: Table
    column: Column

    def eq(self, value: object) -> Condition:
        """The same as the value."""
        return self.where(Operator.EQ, value)

    def gt(self, value: object) -> Condition:
        """More, or later, than the value."""
        return self.where(Operator.GT, value)

    def lt(self, value: object) -> Condition:
        """Less, or earlier, than the value."""
        return self.where(Operator.LT, value)

    def gte(self, value: object) -> Condition:
        """The value, or more."""
        return self.where(Operator.GTE, value)

    def lte(self, value: object) -> Condition:
        """The value, or less."""
        return self.where(Operator.LTE, value)

    def is_in(self, values: Iterable[object]) -> Condition:
        """One of the values."""
        return self.where(Operator.IN, tuple(values))

    def contains(self, value: object) -> Condition:
        """A text that holds this one in it, or a list that does."""
        return self.where(Operator.CONTAINS, value)

    def where(self, operator: Operator, value: object) -> Condition:
        """Any comparison. SetupError if the column allows it not, or the value cannot be of its type."""
        place = f"{self.table.name}.{self.column.name}"
        if operator not in self.column.operators:
            allowed = ", ".join(self.column.operators) or "none: it cannot be filtered by"
            raise SetupError(f"{place} cannot be compared by {operator}; it allows {allowed}")
        if operator is Operator.IN:
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise SetupError(f"{place}: {operator} needs a list of values")
            values = tuple(coerced(self.column, each, place) for each in value)
            if not values:
                raise SetupError(f"{place}: {operator} needs one value at least")
            return Condition(self.column, operator, values)
        return Condition(self.column, operator, coerced(self.column, value, place))


def field(row: type[Row] | Table, name: str) -> Field:
    """The column of that name. SetupError names the columns there are if it is none of them."""
    table = row if isinstance(row, Table) else row.table
    try:
        return Field(table, table.column(name))
    except KeyError:
        there = ", ".join(c.name for c in table.columns if c.filterable)
        raise SetupError(f"{table.name} has no column {name}; it can be filtered by {there}") from None


def coerced(column: Column, value: object, place: str) -> Value:
    """A value as one of the column's type. SetupError, without the value, if it cannot be that."""
    try:
        found = _coerced(column, value)
    except (ValueError, InvalidOperation):
        found = None
    if found is None:
        raise SetupError(f"{place} is compared with something that is no {column.type}: write it as one")
    if column.allowed and found not in column.allowed:
        raise SetupError(f"{place} is compared with something that is none of {', '.join(column.allowed)}")
    return found


def _coerced(column: Column, value: object) -> Value | None:
    if column.type in (ColumnType.TEXT, ColumnType.TEXTS):
        return value if isinstance(value, str) else None
    if column.type is ColumnType.BOOLEAN:
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    if isinstance(value, bool):
        return None
    if column.type in (ColumnType.INTEGER, ColumnType.BIGINT):
        return int(str(value))
    if column.type is ColumnType.NUMERIC:
        number = Decimal(str(value))
        return number if number.is_finite() else None
    if column.type is ColumnType.DATE:
        return _day(value)
    return _moment(value)


def _day(value: object) -> datetime.date | None:
    if isinstance(value, datetime.datetime):
        return value.date()
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))


def _moment(value: object) -> datetime.datetime:
    """A moment in UTC; a day is its midnight, and what names no zone is in UTC already."""
    if isinstance(value, datetime.datetime):
        moment = value
    elif isinstance(value, datetime.date):
        moment = datetime.datetime.combine(value, datetime.time())
    else:
        moment = datetime.datetime.fromisoformat(re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", str(value)))
    return moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)
