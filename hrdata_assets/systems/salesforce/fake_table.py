"""Records of one object: made when first looked at, replaced whole, and found quickly by id, by change and by value."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from hrdata_assets.systems.salesforce.fake_values import STAMP, Row

MANY = 64  # from so many rows on an index is sorted anew


class Index:
    """Ids in order, and in the order of their last change; the keys of the latter are stamp and id as one text."""

    def __init__(self) -> None:
        self.by_id: list[str] = []
        self.by_stamp: list[str] = []

    def load(self, ids: Iterable[str], stamps: Iterable[str]) -> None:
        """Fill an empty index."""
        self.by_id = sorted(ids)
        self.by_stamp = sorted(stamps)

    def add(self, keys: Sequence[str]) -> None:
        """Take up keys of `by_stamp`."""
        for key in keys if len(keys) < MANY else ():
            insort(self.by_stamp, key)
            insort(self.by_id, key[STAMP:])
        if len(keys) >= MANY:
            self.by_stamp = sorted(chain(self.by_stamp, keys))
            self.by_id = sorted(chain(self.by_id, (key[STAMP:] for key in keys)))

    def remove(self, keys: Sequence[str]) -> None:
        """Let go of keys of `by_stamp`; those not there are passed over."""
        if len(keys) < MANY:
            for key in keys:
                if (at := _place(self.by_stamp, key)) is not None:
                    del self.by_stamp[at]
                    del self.by_id[bisect_left(self.by_id, key[STAMP:])]
            return
        gone = set(keys).intersection(self.by_stamp)
        gone_ids = {key[STAMP:] for key in gone}
        self.by_stamp = [key for key in self.by_stamp if key not in gone]
        self.by_id = [one for one in self.by_id if one not in gone_ids]


def _place(keys: list[str], key: str) -> int | None:
    at = bisect_left(keys, key)
    return at if at < len(keys) and keys[at] == key else None


def key_of(row: Row) -> str:
    """A row's key in `Index.by_stamp`."""
    return str(row["SystemModstamp"] + row["Id"])


class Table:
    """All records of an object, the deleted ones of the recycle bin among them."""

    def __init__(self) -> None:
        self.live = Index()
        self.every = Index()
        self._cells: dict[str, Row | int] = {}
        self._make: Callable[[int], Row] = _unknown
        self._made: dict[int, Row] = {}
        self._values: dict[str, dict[str, set[str]]] = {}

    def __contains__(self, record_id: str) -> bool:
        return record_id in self._cells

    def __len__(self) -> int:
        return len(self._cells)

    def load(self, keys: Sequence[str], dead: int, make: Callable[[int], Row]) -> None:
        """Fill an empty table with rows that are made when they are needed: keys in the order of their numbers.

        The last `dead` of them are in the recycle bin.
        """
        self._make = make
        self._cells = {key[STAMP:]: number for number, key in enumerate(keys)}
        live = keys[: len(keys) - dead]
        self.every.load((key[STAMP:] for key in keys), keys)
        self.live.load((key[STAMP:] for key in live), live)

    def row(self, record_id: str) -> Row | None:
        """A record, deleted or not."""
        cell = self._cells.get(record_id)
        return None if cell is None else self.kept_row(cell)

    def rows(self, ids: Iterable[str]) -> Iterator[Row]:
        """Records that are there, in the order of the ids."""
        return (row for row in map(self.row, ids) if row is not None)

    def kept(self, ids: Iterable[str]) -> list[Row | int]:
        """What `kept_row` tells the records by as they are now, whatever happens to them."""
        return [self._cells[one] for one in ids]

    def kept_row(self, cell: Row | int) -> Row:
        """A record as it was when it was kept."""
        if isinstance(cell, dict):
            return cell
        if (row := self._made.get(cell)) is None:
            row = self._made[cell] = self._make(cell)
        return row

    def put(self, *rows: Row) -> None:
        """Take up rows, each in the place of one with its id."""
        self._forget([row["Id"] for row in rows])
        self._cells.update((row["Id"], row) for row in rows)
        self.every.add([key_of(row) for row in rows])
        self.live.add([key_of(row) for row in rows if not row["IsDeleted"]])
        for name, values in self._values.items():
            for row in rows:
                if (value := row.get(name)) is not None:
                    values[_folded(value)].add(row["Id"])

    def drop(self, record_id: str) -> None:
        """Remove a record for good."""
        self._forget([record_id])
        self._cells.pop(record_id, None)

    def _forget(self, ids: Sequence[str]) -> None:
        rows = list(self.rows(ids))
        keys = [key_of(row) for row in rows]
        self.every.remove(keys)
        self.live.remove(keys)
        for name, values in self._values.items():
            for row in rows:
                if (value := row.get(name)) is not None:
                    values[_folded(value)].discard(row["Id"])

    def with_value(self, name: str, value: str) -> list[Row]:
        """Live records with this value in a text field, whatever its case, by id; the first call looks at every row."""
        if name not in self._values:
            found: dict[str, set[str]] = defaultdict(set)
            for row in self.rows(self.every.by_id):
                if (held := row.get(name)) is not None:
                    found[_folded(held)].add(row["Id"])
            self._values[name] = found
        ids = sorted(self._values[name].get(_folded(value), ()))
        return [row for row in self.rows(ids) if not row["IsDeleted"]]


def _unknown(number: int) -> Row:
    raise KeyError(number)


def _folded(value: object) -> str:
    return str(value).casefold()
