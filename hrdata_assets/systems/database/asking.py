"""Questions to a database, as SQLAlchemy composes them: every value is bound, none stands in the text."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from hrdata_assets.errors import SetupError
from hrdata_assets.query import Condition
from hrdata_assets.storage.synced import DELETED
from hrdata_assets.systems.database.keyset import CLOCKS_GO_BACK, Order, Question
from hrdata_assets.systems.database.kinds import Physical, bound, compared, stamp, zone_of
from hrdata_assets.table import CursorMode, Operator, Table

Columns = dict[str, sa.ColumnElement[Any]]
"""A table's columns at the source, by our names."""

Clause = sa.ColumnElement[bool]


class Asking:
    """A table at its source."""

    def __init__(self, table: Table, found: sa.Table, columns: Columns, zone: str) -> None:
        self.table, self.columns, self.zone = table, columns, zone
        self._found = found

    def physical(self, name: str) -> Physical:
        """Type of a column there."""
        return self.columns[name].type

    def page(self, question: Question, size: int) -> sa.Select[Any]:
        """One page of records, or of keys alone."""
        named = [question.key] if question.window.keys_only else list(self.columns)
        if question.order is Order.STAMP and question.stamp not in named:
            named.append(question.stamp)
        wanted = sa.select(*(self.columns[name].label(name) for name in named))
        ordered = [self.columns[question.key]]
        if question.order is Order.STAMP:
            ordered.insert(0, self.columns[question.stamp])
        return wanted.where(*self._limits(question)).order_by(*ordered).limit(size)

    def newest(self, name: str) -> sa.Select[Any]:
        """Greatest value of a column."""
        return sa.select(sa.func.max(self.columns[name]))

    def count(self) -> sa.Select[Any]:
        """How many records are there that do not say they are deleted."""
        asked = sa.select(sa.func.count()).select_from(self._found)
        if DELETED in self.columns:
            flag = self.columns[DELETED]
            asked = asked.where(sa.or_(flag.is_(None), flag == sa.false()))
        return asked

    def _limits(self, question: Question) -> Iterator[Clause]:
        key = self.columns[question.key]
        window, after = question.window, question.after
        if question.order is Order.STAMP:
            yield from self._since(question)
        elif question.order is Order.UNSTAMPED:
            yield self.columns[question.stamp].is_(None)
        elif window.since is not None and window.mode is CursorMode.ID:
            yield key >= window.since
        if question.order is not Order.STAMP and "key" in after:
            yield key > bound(after["key"], key.type)
        for condition in window.where:
            yield self.condition(condition)

    def _since(self, question: Question) -> Iterator[Clause]:
        column, key, after = self.columns[question.stamp], self.columns[question.key], question.after
        if not after:
            assert isinstance(question.window.since, datetime.datetime)  # noqa: S101 - only ids are numbers
            yield column >= self._earliest(question.window.since, column.type)
            return
        last = bound(after["stamp"], column.type)
        # The first of the two lets the database go by an index of the stamp.
        yield column >= last
        yield sa.or_(column > last, key > bound(after["key"], key.type))

    def _earliest(self, since: datetime.datetime, physical: Physical) -> Any:
        knows_its_zone = isinstance(physical, sa.DateTime) and physical.timezone
        if not knows_its_zone and zone_of(physical, self.zone) != "UTC":
            since -= CLOCKS_GO_BACK
        return stamp(since, physical, self.zone)

    def condition(self, condition: Condition) -> Clause:
        """A condition as the database understands it. SetupError where it cannot compare so."""
        name = condition.column.name
        column, place = self.columns[name], f"{self.table.name}.{name}"
        if condition.operator is Operator.CONTAINS:
            if not isinstance(column.type, sa.String):
                raise SetupError(f"{place} is no text in the database: it cannot be searched by contains")
            return column.icontains(str(condition.value), autoescape=True)
        values = [compared(value, column.type, self.zone, place) for value in condition.values]
        if condition.operator is Operator.IN:
            return column.in_(values)
        compare = _COMPARISONS[condition.operator]
        return compare(column, values[0])


_COMPARISONS: dict[Operator, Callable[[Any, Any], Clause]] = {
    Operator.EQ: lambda column, value: column == value,
    Operator.GT: lambda column, value: column > value,
    Operator.GTE: lambda column, value: column >= value,
    Operator.LT: lambda column, value: column < value,
    Operator.LTE: lambda column, value: column <= value,
}
