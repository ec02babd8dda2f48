"""Lists of accounts and CVs, each read whole: Flowcase pages them by offset, in no order that is known.

What changes while a list is read shifts the rest. Each page is therefore held to the one before it, and a list in which
something moved is read again from its beginning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.errors import SystemUnavailable
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.systems.answers import Answer
from hrdata_assets.systems.flowcase.client import FlowcaseAPI
from hrdata_assets.systems.system import Record

PAGE = 100
"""Most entries of a page; Flowcase may give fewer."""

SEARCHED = 10_000
"""Most CVs that a search is paged through; more are searched for office by office."""

ATTEMPTS = 5

Read = Callable[[Answer, Callable[[Any], Sequence[Record]]], tuple[Delivery, Sequence[Record]]]
"""Archives an answer and reads entries of it; MalformedPageError, which names it, if it has none."""


@dataclass(frozen=True)
class Listed:
    """A page of a list, in the archive and read."""

    delivery: Delivery
    entries: Sequence[Record]


@dataclass(frozen=True)
class Listing:
    """A whole list, and how many entries Flowcase says that it has."""

    pages: Sequence[Listed]
    total: int

    @property
    def entries(self) -> Iterator[Record]:
        """All of them; one that two pages have comes twice."""
        return (entry for page in self.pages for entry in page.entries)


class _MovedError(Exception):
    """The list changed while it was read."""


@dataclass(frozen=True)
class Lists:
    """Lists of one account. ``offices`` are those whose people are wanted; without any, all are."""

    api: FlowcaseAPI
    read: Read
    offices: Sequence[str] = ()
    searched: int = SEARCHED

    def users(self) -> Listing:
        """Every account, closed ones too. SystemUnavailable while the list changes faster than it can be read."""
        return _settled(self._users)

    def cvs(self) -> Listing:
        """What a search says of every CV. SystemUnavailable as for accounts."""
        return _settled(lambda: self._cvs(self.offices))

    def _users(self) -> Listing:
        """Read on until there is nothing new. Each page begins with the account that the one before ended with."""
        pages: list[Listed] = []
        start, last = 0, None
        while True:
            page = Listed(*self.read(self.api.users(self.offices, start, PAGE), _users))
            ids = [user["_id"] for user in page.entries]
            if last is not None and ids[:1] != [last]:
                raise _MovedError
            if len(ids) <= (last is not None):
                return Listing(pages, len({user["_id"] for each in pages for user in each.entries}))
            pages.append(page)
            start, last = start + len(ids) - 1, ids[-1]

    def _cvs(self, offices: Sequence[str]) -> Listing:
        """Read as many as the search says there are, all pages saying the same number."""
        pages: list[Listed] = []
        seen: set[str] = set()
        start, total = 0, None
        while True:
            answer = self.api.search(offices, start, PAGE)
            page, told = Listed(*self.read(answer, _cvs)), answer.json()["total"]
            if total not in (None, told):
                raise _MovedError
            if told > self.searched and len(offices) != 1:
                return Listing(list(self._by_office(offices)), told)
            pages.append(page)
            seen.update(entry["_id"] for entry in page.entries)
            start, total = start + len(page.entries), told
            if not page.entries or start >= told:
                break
        if len(seen) != total:
            raise _MovedError
        return Listing(pages, total)

    def _by_office(self, offices: Sequence[str]) -> Iterator[Listed]:
        for office in offices or [office.id for office in self.api.offices()]:
            yield from self._cvs([office]).pages


def _settled(read: Callable[[], Listing]) -> Listing:
    for _ in range(ATTEMPTS):
        try:
            return read()
        except _MovedError:
            continue
    raise SystemUnavailable("flowcase's list changes faster than it can be read: start again later")


def _users(told: Any) -> Sequence[Record]:
    """Entries of a page of accounts. TypeError for what is none."""
    if not isinstance(told, list) or not all(isinstance(user["_id"], str) for user in told):
        raise TypeError("a list of accounts is wanted")
    return told


def _cvs(told: Mapping[str, Any]) -> Sequence[Record]:
    """Entries of a page of a search. KeyError or TypeError for what is none."""
    found = [one["cv"] for one in told["cvs"]]
    ids = (cv[name] for cv in found for name in ("_id", "user_id"))
    if not isinstance(told["total"], int) or not all(isinstance(one, str) for one in ids):
        raise TypeError("a list of CVs and their number is wanted")
    return found
