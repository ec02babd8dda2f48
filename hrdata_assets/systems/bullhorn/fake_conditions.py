"""Conditions on records, and which records of a view they hold for.

What is asked for all the time, id, dates and isDeleted, is answered from columns; the rest from the records themselves,
and only from those that the columns leave over.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hrdata_assets.systems.bullhorn.fake_errors import refused
from hrdata_assets.systems.bullhorn.fake_schema import ADDRESS, Field, Schema
from hrdata_assets.systems.bullhorn.fake_store import Columns, Ints, Store, View
from hrdata_assets.systems.bullhorn.fake_world import Record

Flags = npt.NDArray[np.bool_]
Path = tuple[str, ...]

COLUMNS = {"id": "id", "dateAdded": "added", "dateLastModified": "modified", "isDeleted": "deleted"}


class ValueTest(Protocol):
    """A question about one value that is not null."""

    def one(self, value: Any) -> bool:
        """Whether a value passes."""

    def many(self, column: Ints) -> Flags:
        """Which numbers of a column pass."""


@dataclass(frozen=True)
class Among:
    """Equal to one of these, or to none of them."""

    values: frozenset[Any]
    negated: bool = False

    def one(self, value: Any) -> bool:
        """Whether a value passes; text in any case."""
        return ((value.casefold() if isinstance(value, str) else value) in self.values) is not self.negated

    def many(self, column: Ints) -> Flags:
        """Which numbers pass."""
        wanted = np.array([int(value) for value in self.values], dtype=np.int64)
        return np.isin(column, wanted, invert=self.negated)


@dataclass(frozen=True)
class Between:
    """From here to there; None is open. Values are counted in whole units."""

    low: Any = None
    high: Any = None
    low_included: bool = True
    high_included: bool = True
    unit: int = 1

    def one(self, value: Any) -> bool:
        """Whether a value passes; text by its letters."""
        given = value.casefold() if isinstance(value, str) else value // self.unit if self.unit > 1 else value
        if self.low is not None and not (given > self.low or (self.low_included and given == self.low)):
            return False
        return self.high is None or given < self.high or (self.high_included and bool(given == self.high))

    def many(self, column: Ints) -> Flags:
        """Which numbers pass."""
        given = column // self.unit
        passed = np.ones(len(column), dtype=np.bool_)
        if self.low is not None:
            passed &= given >= self.low if self.low_included else given > self.low
        if self.high is not None:
            passed &= given <= self.high if self.high_included else given < self.high
        return passed


@dataclass(frozen=True)
class Passing:
    """Any other question."""

    question: Callable[[Any], bool]

    def one(self, value: Any) -> bool:
        """Whether a value passes."""
        return self.question(value)

    def many(self, column: Ints) -> Flags:
        """Which numbers pass."""
        return np.fromiter(map(self.question, column.tolist()), dtype=np.bool_, count=len(column))


@dataclass(frozen=True)
class Test:
    """Some value at the end of the path passes."""

    path: Path
    test: ValueTest


@dataclass(frozen=True)
class Absent:
    """There is no value at the end of the path."""

    path: Path


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Either:
    """A part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition = Test | Absent | All | Either | Not
EVERYTHING = All(())


class Paths:
    """Follows dotted paths through records."""

    def __init__(self, schema: Schema, store: Store) -> None:
        self.schema = schema
        self.store = store

    def field(self, entity: str, path: Path) -> Field:
        """The field at the end of a path; Refused if there is none."""
        found = self.schema[entity].fields.get(path[0])
        if found is None:
            raise refused(400, f"Unknown field '{'.'.join(path)}' of {entity}", "errors.invalidFields")
        if found.entity and len(path) > 1:
            return self.field(found.entity, path[1:])
        if found.type == "COMPOSITE" and path[1:] and path[1] in ADDRESS:
            return Field(path[1], "SCALAR", "Integer" if path[1] == "countryID" else "String")
        if len(path) > 1:
            raise refused(400, f"Unknown field '{'.'.join(path)}' of {entity}", "errors.invalidFields")
        return found

    def values(self, entity: str, record: Record, path: Path) -> list[Any]:
        """What stands at the end of a path: nothing for null, several behind a to-many."""
        found = self.schema[entity].fields[path[0]]
        if found.type == "TO_MANY":
            ids: Sequence[int] = self.many(record, found)
        else:
            value = record.get(path[0])
            if value is None:
                return []
            if len(path) == 1:
                return [value]
            if found.type == "COMPOSITE":
                return [] if value.get(path[1]) is None else [value[path[1]]]
            ids = [value]
        if len(path) == 1 or path[1:] == ("id",):
            return list(ids)
        behind = (self.store[found.entity].record(one) for one in ids)
        return [value for one in behind if one for value in self.values(found.entity, one, path[1:])]

    def many(self, record: Record, field: Field) -> Sequence[int]:
        """Ids of a to-many."""
        if field.inverse:
            return self.store.pointing(field.entity, field.inverse, record["id"])
        ids: Sequence[int] = record.get(field.name) or ()
        return ids


def select(condition: Condition, view: View, paths: Paths, scope: Ints | None = None) -> Ints:
    """Positions in a view's columns, in their order, that a condition holds for."""
    if scope is None:
        scope = np.arange(len(view.columns.id))
    if isinstance(condition, All):
        for part in sorted(condition.parts, key=_cost):
            scope = select(part, view, paths, scope)
        return scope
    if isinstance(condition, Either):
        found: Ints = np.zeros(0, dtype=np.int64)
        for part in condition.parts:
            found = np.union1d(found, select(part, view, paths, scope))
        return found
    if isinstance(condition, Not):
        return np.setdiff1d(scope, select(condition.part, view, paths, scope), assume_unique=True)
    column = _column(condition, view.columns)
    if isinstance(condition, Test) and column is not None:
        return scope[condition.test.many(column[scope])]
    return _looked_at(condition, view, paths, scope)


def _cost(condition: Condition) -> int:
    """Columns first, then single looks, then what looks several times."""
    if isinstance(condition, Test):
        return int(condition.path[0] not in COLUMNS or len(condition.path) > 1)
    return 2


def _column(condition: Test | Absent, columns: Columns) -> Ints | None:
    name = COLUMNS.get(condition.path[0]) if len(condition.path) == 1 else None
    return None if name is None else getattr(columns, name)


def _looked_at(condition: Test | Absent, view: View, paths: Paths, scope: Ints) -> Ints:
    entity, ids = view.table.name, view.columns.id[scope].tolist()
    if isinstance(condition, Test):
        one, path = condition.test.one, condition.path
        passed = [any(map(one, paths.values(entity, view.document(n), path))) for n in ids]
    else:
        passed = [not paths.values(entity, view.document(n), condition.path) for n in ids]
    return scope[np.array(passed, dtype=np.bool_)]


@dataclass(frozen=True)
class Ordering:
    """A field to sort by."""

    path: Path
    descending: bool = False


def in_order(positions: Ints, orderings: Sequence[Ordering], view: View, paths: Paths, *, unit: int) -> Ints:
    """Positions sorted; where all is equal by id. Dates are told apart in whole units only."""
    keys = [view.columns.id[positions]]
    for ordering in reversed(orderings):
        name = COLUMNS.get(ordering.path[0]) if len(ordering.path) == 1 else None
        key = _ranks(ordering, view, paths, positions) if name is None else getattr(view.columns, name)[positions]
        if name in ("added", "modified"):
            key = key // unit
        keys.append(-key if ordering.descending else key)
    return positions[np.lexsort(keys)]


def _ranks(ordering: Ordering, view: View, paths: Paths, positions: Ints) -> Ints:
    """Where each record stands by a field: what is not there first."""
    entity, ids = view.table.name, view.columns.id[positions].tolist()
    values = [paths.values(entity, view.document(n), ordering.path) for n in ids]
    known = [_comparable(found[0]) if found else None for found in values]
    rank = {value: number for number, value in enumerate(sorted({one for one in known if one is not None}), 1)}
    return np.array([0 if one is None else rank[one] for one in known], dtype=np.int64)


def _comparable(value: Any) -> tuple[bool, Any]:
    return (isinstance(value, str), value.casefold() if isinstance(value, str) else value)
