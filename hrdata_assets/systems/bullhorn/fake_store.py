"""The agency's records: a table for each entity, its sorted columns, and the search index that may lag behind.

Columns are arrays that are replaced, never written into: whoever still holds old ones sees how things were.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hrdata_assets.systems.bullhorn.fake_rows import Rows
from hrdata_assets.systems.bullhorn.fake_world import FIRST_ID, Record

Ints = npt.NDArray[np.int64]


class Columns(NamedTuple):
    """What is asked for all the time, in the order of ids."""

    id: Ints
    added: Ints
    modified: Ints
    deleted: Ints
    """1 or 0."""
    gone: Ints
    """1 for what is not in the database any more, but still in the search index."""

    def at(self, ids: Ints | int) -> Ints:
        """Where ids stand, or would."""
        return np.searchsorted(self.id, ids)

    def has(self, record_id: int) -> bool:
        """Whether an id is there."""
        place = int(self.at(record_id))
        return place < len(self.id) and int(self.id[place]) == record_id

    def put(self, record: Record, *, gone: bool = False) -> "Columns":
        """With a record in it, new or changed."""
        place, values = int(self.at(record["id"])), _values(record, gone=gone)
        if self.has(record["id"]):
            return self._set(place, values)
        wider: list[Ints] = [np.insert(column, place, value) for column, value in zip(self, values, strict=True)]
        return Columns(*wider)

    def without(self, record_id: int) -> "Columns":
        """Without a record."""
        place = int(self.at(record_id))
        narrower: list[Ints] = [np.delete(column, place) for column in self]
        return Columns(*narrower)

    def stamped(self, ids: Iterable[int], at: int) -> "Columns":
        """With one stamp for all these."""
        modified = self.modified.copy()
        modified[self.at(np.fromiter(ids, dtype=np.int64))] = at
        return self._replace(modified=modified)

    def _set(self, place: int, values: tuple[int, ...]) -> "Columns":
        columns = [column.copy() for column in self]
        for column, value in zip(columns, values, strict=True):
            column[place] = value
        return Columns(*columns)


def _values(record: Record, *, gone: bool) -> tuple[int, ...]:
    modified = record.get("dateLastModified") or 0
    return record["id"], record.get("dateAdded") or 0, modified, int(bool(record.get("isDeleted"))), int(gone)


@dataclass(frozen=True)
class Pending:
    """A write that search has not seen yet."""

    due: float
    id: int
    before: Record | None
    columns: Columns
    version: int


class Table:
    """All records of an entity. Those that nobody has changed are made when they are looked at."""

    def __init__(self, name: str, rows: Rows) -> None:
        self.name = name
        self.version = 0
        self.pending: deque[Pending] = deque()
        self._rows = rows
        self._changed: dict[int, Record] = {}
        self._first, self._made = FIRST_ID[name], rows.count(name)
        self._columns: Columns | None = None
        self._live: set[int] | None = None

    @property
    def columns(self) -> Columns:
        """Columns as they are now."""
        if self._columns is None:
            stamps = self._rows.stamps(self.name)
            ids = np.arange(self._first, self._first + self._made)
            listed = (stamps.added, stamps.modified, stamps.deleted)
            added, modified, deleted = (np.array(values, dtype=np.int64) for values in listed)
            self._columns = Columns(ids, added, modified, deleted, np.zeros_like(ids))
        return self._columns

    @property
    def live(self) -> set[int]:
        """Ids of all records in the database."""
        if self._live is None:
            self._live = set(self.ids().tolist())
        return self._live

    def record(self, record_id: int) -> Record | None:
        """A record as it is in the database; not to be written into."""
        return self.document(record_id) if record_id in self.live else None

    def document(self, record_id: int) -> Record:
        """A record that is known to be here, or still in the index."""
        return self._changed.get(record_id) or self._rows.make(self.name, record_id - self._first)

    def ids(self) -> Ints:
        """Ids of all records in the database, in order."""
        found: Ints = self.columns.id[self.columns.gone == 0]
        return found

    def next_id(self) -> int:
        """An id that nobody has, or ever had."""
        known = self.columns.id
        return max(int(known[-1]) if len(known) else 0, self._first + self._made - 1, *self._changed, 0) + 1

    def put(self, record: Record, due: float | None = None) -> None:
        """Insert or replace a record; with a moment, search sees it only then."""
        before = self.record(record["id"])
        self._wait(record["id"], before, due)
        self._columns = self.columns.put(record)
        self._changed[record["id"]] = record
        self.live.add(record["id"])
        self.version += 1

    def stamp(self, ids: Iterable[int], at: int, due: float | None = None) -> None:
        """Give many records one stamp."""
        chosen = list(ids)
        for record_id in chosen:
            before = self.record(record_id)
            if before is None:
                raise KeyError(f"there is no {self.name} {record_id}")
            self._wait(record_id, before, due)
            self._changed[record_id] = {**before, "dateLastModified": at}
        self._columns = self.columns.stamped(chosen, at)
        self.version += 1

    def remove(self, record_id: int, due: float | None = None) -> None:
        """Take a record out of the database and, at that moment, out of the index."""
        self._wait(record_id, self.record(record_id), due)
        self._columns = self.columns.without(record_id)
        self.live.discard(record_id)
        self.version += 1

    def lose(self, record_id: int) -> None:
        """Take a record out of the database only; the index never hears of it."""
        record = self.document(record_id)
        self._changed[record_id] = record
        self._columns = self.columns.put(record, gone=True)
        self.live.discard(record_id)
        self.version += 1

    def _wait(self, record_id: int, before: Record | None, due: float | None) -> None:
        if due is not None:
            self.pending.append(Pending(due, record_id, before, self.columns, self.version))


@dataclass(frozen=True)
class View:
    """A table as somebody sees it: the database as it is, the index as it was."""

    table: Table
    columns: Columns
    version: tuple[str, int]
    stale: Mapping[int, Record | None]

    def document(self, record_id: int) -> Record:
        """What this view has for an id of its columns."""
        return self.stale.get(record_id) or self.table.document(record_id)


def database(table: Table) -> View:
    """A table without what is gone."""
    columns = table.columns
    if columns.gone.any():
        columns = Columns(*(column[columns.gone == 0] for column in columns))
    return View(table, columns, ("database", table.version), {})


def index(table: Table, now: float) -> View:
    """A table as search sees it at that moment."""
    pending = table.pending
    while pending and pending[0].due <= now:
        pending.popleft()
    if not pending:
        return View(table, table.columns, ("index", table.version), {})
    stale: dict[int, Record | None] = {}
    for one in pending:
        stale.setdefault(one.id, one.before)
    return View(table, pending[0].columns, ("index", pending[0].version), stale)


Listener = Callable[[str, int], None]


class Store:
    """All tables, and who points to whom."""

    def __init__(self, rows: Rows) -> None:
        self.tables = {name: Table(name, rows) for name in FIRST_ID}
        self.listeners: list[Listener] = []
        self._inverse: dict[tuple[str, str], dict[int, set[int]]] = {}

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def pointing(self, entity: str, field: str, target: int) -> list[int]:
        """Ids of records whose to-one field leads to a record, in order."""
        known = self._inverse.get((entity, field))
        if known is None:
            known = self._inverse[entity, field] = self._followed(entity, field)
        return sorted(known.get(target, ()))

    def put(self, name: str, record: Record, due: float | None = None) -> None:
        """Insert or replace a record."""
        self._point(name, self[name].record(record["id"]), record)
        self[name].put(record, due)
        self._tell(name, [record["id"]])

    def stamp(self, name: str, ids: Iterable[int], at: int, due: float | None = None) -> None:
        """Give many records one stamp."""
        chosen = list(ids)
        self[name].stamp(chosen, at, due)
        self._tell(name, chosen)

    def remove(self, name: str, record_id: int, due: float | None = None) -> None:
        """Take a record out."""
        self._point(name, self[name].record(record_id), None)
        self[name].remove(record_id, due)
        self._tell(name, [record_id])

    def lose(self, name: str, record_id: int) -> None:
        """Take a record out of the database only."""
        self._point(name, self[name].record(record_id), None)
        self[name].lose(record_id)
        self._tell(name, [record_id])

    def _followed(self, entity: str, field: str) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for record_id, target in self._pointers(entity, field):
            found.setdefault(target, set()).add(record_id)
        return found

    def _pointers(self, entity: str, field: str) -> Iterator[tuple[int, int]]:
        table = self[entity]
        for record_id in table.ids().tolist():
            target = table.document(record_id).get(field)
            if target is not None:
                yield record_id, target

    def _point(self, name: str, before: Record | None, after: Record | None) -> None:
        for (entity, field), known in self._inverse.items():
            if entity != name:
                continue
            for record, act in ((before, set.discard), (after, set.add)):
                if record is not None and record.get(field) is not None:
                    act(known.setdefault(record[field], set()), record["id"])

    def _tell(self, name: str, ids: Iterable[int]) -> None:
        for record_id in ids:
            for listener in self.listeners:
                listener(name, record_id)
