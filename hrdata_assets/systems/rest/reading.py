"""Going through the pages of a list that may change meanwhile: what shifts is met, and no circle is run."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hrdata_assets.errors import DeliveryError
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.systems.answers import Answer, RefusedError
from hrdata_assets.systems.records import values_at
from hrdata_assets.systems.rest.paging import Position, following
from hrdata_assets.systems.rest.paths import at
from hrdata_assets.systems.sources.declaration import Offset, PageNumber, ResourceOf
from hrdata_assets.systems.system import Page, Record

_MOST_ROUNDS = 3
"""How often a numbered list that does not come to rest is gone through."""

_MOST_BACK = 100
"""How often a reading goes back a page, for what shifted."""


@dataclass(frozen=True)
class Turned:
    """A page: the answer, how it is archived, its records, and the address that was asked."""

    answer: Answer
    delivery: Delivery
    records: Sequence[Record]
    asked: str

    def total(self, resource: ResourceOf) -> int | None:
        """How many records there are, by the answer itself."""
        told = at(self.answer.json(), resource.total) if resource.total else None
        return told if isinstance(told, int) and not isinstance(told, bool) else None


class Reading:
    """One reading of a list; ``turn`` asks for the page at a position."""

    def __init__(self, source: str, resource: ResourceOf, turn: Callable[[Position], Turned]) -> None:
        self.answered = False
        self._source, self._resource, self._turn = source, resource, turn
        self._seen: set[str] = set()
        self._back = 0

    def pages(self, position: Position) -> Iterator[Page]:
        """Yield pages from a position until the last one."""
        self._seen.clear()
        if isinstance(self._resource.paging, PageNumber):
            yield from self._numbered(position)
        elif isinstance(self._resource.paging, Offset):
            yield from self._by_offset(position)
        else:
            yield from self._led(position)

    def _led(self, position: Position) -> Iterator[Page]:
        """Each page leads to the next."""
        following_one: Position | None = position
        while following_one is not None:
            position = following_one
            turned = self._new(position)
            following_one = self._next(position, turned)
            if turned.records:
                # The last page may grow: there a reading goes on that is taken up.
                yield Page(turned.records, turned.delivery, position if following_one is None else following_one)

    def _numbered(self, position: Position) -> Iterator[Page]:
        """Yield numbered pages; all of them again if the total changed, for what moves up a page is missed."""
        for _ in range(_MOST_ROUNDS):
            totals = {position["total"]} if position.get("total") is not None else set()
            following_one: Position | None = position
            while following_one is not None and (turned := self._there(following_one)) is not None:
                total = turned.total(self._resource)
                totals |= {total} if total is not None else set()
                following_one = self._next(following_one, turned)
                if following_one is not None:
                    yield Page(turned.records, turned.delivery, {**following_one, "total": total})
            if len(totals) < 2:
                return
            position = {}
            self._seen.clear()

    def _there(self, position: Position) -> Turned | None:
        """The page of that number; None behind the last one, where some interfaces say 404."""
        try:
            return self._new(position)
        except RefusedError as error:
            if self.answered and error.status == 404:
                return None
            raise

    def _by_offset(self, position: Position) -> Iterator[Page]:
        """Yield pages each of which begins with the last record of the one before: else the list has shifted.

        Then it is gone back until that record is met again, or to the beginning.
        """
        while True:
            offset, last = position.get("offset", 0), position.get("last")
            turned = self._new(position)
            keys = self._keys(turned)
            if last is not None and last not in keys and offset > 0:
                position = {"offset": max(0, offset - self._resource.paging.page), "last": last}
                self._go_back()
                continue
            if not keys or keys == [last]:
                return
            position = {"offset": offset + len(keys) - 1, "last": keys[-1]}
            yield Page(turned.records, turned.delivery, position)

    def _go_back(self) -> None:
        self._seen.clear()
        self._back += 1
        if self._back > _MOST_BACK:
            raise DeliveryError(
                f"{self._source} shifts {self._resource.path} faster than it can be read: sort it by key"
            )

    def _keys(self, turned: Turned) -> list[str | None]:
        key = self._resource.columns[self._resource.key]
        return values_at(turned.records, key.source or self._resource.key)

    def _new(self, position: Position) -> Turned:
        """The page at a position. DeliveryError if it was there before: page after page it would be so for ever."""
        place = json.dumps({name: value for name, value in position.items() if name != "total"}, sort_keys=True)
        turned = self._turn(position)
        self.answered = True
        alone = len(turned.records) < 2
        if place in self._seen or (not alone and turned.delivery.sha256 in self._seen):
            raise DeliveryError(
                f"{self._source} gives a page of {self._resource.path} again: see how its paging is declared"
            )
        self._seen |= {place, turned.delivery.sha256}
        return turned

    def _next(self, position: Position, turned: Turned) -> Position | None:
        return following(self._resource.paging, position, turned.answer, len(turned.records), turned.asked)
