"""How a fake Bullhorn finds records: over ids or stamps, whichever bound is narrower, in the order asked for."""

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.systems.bullhorn.fake_language import Asked, values_at
from hrdata_assets.systems.bullhorn.fake_store import Entity


@dataclass(frozen=True)
class Found:
    """Numbers of a page's records, and how many there are in all."""

    numbers: Sequence[int]
    total: int


@dataclass(frozen=True)
class _Range:
    """Numbers in the order of one index, from one place to another; ``exact``: nothing else is asked of them."""

    numbers: Sequence[int]
    exact: bool
    orders: tuple[list[str], ...]


def find(entity: Entity, asked: Asked, order: str, start: int, count: int) -> Found:
    """The records from the so-manieth on, at most so many."""
    keys = [key.strip() for key in order.split(",") if key.strip()] or ["id"]
    found = _narrowest(entity, asked, keys[0].lstrip("-"))
    forwards, backwards = keys in found.orders, [key.removeprefix("-") for key in keys] in found.orders
    if found.exact and (forwards or (backwards and all(key.startswith("-") for key in keys))):
        total = len(found.numbers)
        if forwards:
            return Found(found.numbers[start : start + count], total)
        return Found(found.numbers[max(total - start - count, 0) : total - start][::-1], total)
    numbers = [number for number in found.numbers if asked.test(entity.rows[number])]
    for key in reversed(keys):
        name = key.lstrip("-")
        ranks = {number: _rank(entity, number, name) for number in numbers}
        numbers.sort(key=ranks.__getitem__, reverse=key.startswith("-"))
    return Found(numbers[start : start + count], len(numbers))


def _narrowest(entity: Entity, asked: Asked, first: str) -> _Range:
    """The range of one of the indexes, and whether the other one narrows it further."""
    low, high = bisect.bisect_left(entity.ids, asked.ids[0]), bisect.bisect_right(entity.ids, asked.ids[1])
    begin = bisect.bisect_left(entity.stamps, (asked.stamps[0], -1))
    end = bisect.bisect_right(entity.stamps, (asked.stamps[1], 1 << 62))
    whole = len(entity.ids)
    if first == "dateLastModified" or end - begin < high - low:
        exact = asked.bounds_only and high - low == whole
        orders = (["dateLastModified"], ["dateLastModified", "id"])
        return _Range(_Numbers(entity.stamps, begin, end), exact, orders)
    return _Range(_Numbers(entity.ids, low, high), asked.bounds_only and end - begin == whole, (["id"],))


class _Numbers(Sequence[int]):
    """A part of an index, looked up only where it is asked for: a page out of many costs no more than the page."""

    def __init__(self, index: Sequence[Any], low: int, high: int) -> None:
        self._index, self._low, self._high = index, low, max(high, low)

    def __len__(self) -> int:
        return self._high - self._low

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            begin, end, step = place.indices(len(self))
            part = [_number(entry) for entry in self._index[self._low + begin : self._low + max(end, begin)]]
            return part[::step] if step != 1 else part
        return _number(self._index[self._low + place])

    def __iter__(self) -> Iterator[int]:
        return iter(self[:])


def _number(entry: Any) -> int:
    return int(entry[1]) if isinstance(entry, tuple) else int(entry)


def _rank(entity: Entity, number: int, name: str) -> tuple[int, float, str]:
    found = values_at(entity.rows[number], name)
    if not found:
        return (0, 0, "")
    value = found[0]
    return (1, float(value), "") if isinstance(value, int | float) else (2, 0, str(value).casefold())
