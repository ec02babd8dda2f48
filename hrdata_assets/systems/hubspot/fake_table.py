"""Records of one kind, found by id and in the order of their stamps.

Columns are arrays that are replaced, never written into: whoever still holds old ones sees how things were.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hrdata_assets.systems.hubspot.fake_schema import CREATED, ID, ObjectType, Record
from hrdata_assets.systems.hubspot.fake_values import milliseconds

Ints = npt.NDArray[np.int64]


class Columns(NamedTuple):
    """What searches ask for all the time, in the order of ids."""

    id: Ints
    created: Ints
    modified: Ints

    def at(self, ids: Ints | int) -> Ints:
        """Where ids stand, or would."""
        return np.searchsorted(self.id, ids)

    def put(self, rows: Sequence[tuple[int, int, int]]) -> "Columns":
        """With rows in it, new or changed."""
        given = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3).T
        places = self.at(given[0])
        known = np.append(self.id, -1)[places] == given[0]
        columns = []
        for column, values in zip(self, given, strict=True):
            changed = column.copy()
            changed[places[known]] = values[known]
            columns.append(np.insert(changed, places[~known], values[~known]))
        return Columns(*columns)

    def without(self, ids: Iterable[int]) -> "Columns":
        """Without these, whether they were there or not."""
        kept = ~np.isin(self.id, np.fromiter(ids, dtype=np.int64))
        return Columns(*(column[kept] for column in self))


class Table:
    """Records by id; those that nobody has changed are made when they are looked at."""

    def __init__(self, kind: ObjectType, columns: Columns, make: Callable[[int], Record]) -> None:
        self.kind = kind
        self.columns = columns
        self.version = 0
        """Moves with every change."""

        self._make = make
        self._changed: dict[int, Record] = {}

    def __len__(self) -> int:
        return len(self.columns.id)

    def has(self, record_id: int) -> bool:
        """Whether there is such a record."""
        place = int(self.columns.at(record_id))
        return place < len(self) and int(self.columns.id[place]) == record_id

    def find(self, record_id: int) -> Record | None:
        """A record, or None; not to be written into."""
        return self[record_id] if self.has(record_id) else None

    def __getitem__(self, record_id: int) -> Record:
        """A record that is known to be here."""
        return self._changed.get(record_id) or self._make(record_id)

    def changed(self, record_id: int) -> Record | None:
        """A record that is not as it was made: another object after every change."""
        return self._changed.get(record_id)

    def after(self, record_id: int, most: int) -> list[int]:
        """The next ids, in order."""
        first = int(np.searchsorted(self.columns.id, record_id, side="right"))
        found: list[int] = self.columns.id[first : first + most].tolist()
        return found

    def __iter__(self) -> Iterator[Record]:
        """All records by id."""
        return map(self.__getitem__, self.columns.id.tolist())

    def put(self, *records: Record) -> None:
        """Insert records, or replace those with their ids."""
        self._changed.update((int(record[ID]), record) for record in records)
        self.columns = self.columns.put([self._row(record) for record in records])
        self.version += 1

    def drop(self, *ids: int) -> None:
        """Let go of records, whether they are here or not."""
        self.columns = self.columns.without(ids)
        for record_id in ids:
            self._changed.pop(record_id, None)
        self.version += 1

    def _row(self, record: Record) -> tuple[int, int, int]:
        return int(record[ID]), milliseconds(record[CREATED]), milliseconds(record[self.kind.modified])
