"""Asking HubSpot for records: by list in the order of ids, by search in any order, whole or by their ids first."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError
from hrdata_assets.systems.http import Client, Request
from hrdata_assets.systems.hubspot.addresses import Addresses
from hrdata_assets.systems.hubspot.asking import ID, Filter, body_of, compared, fits
from hrdata_assets.systems.hubspot.properties import Properties
from hrdata_assets.systems.pacing import TokenBucket
from hrdata_assets.table import Table

LISTED, SEARCHED, READ = 100, 200, 100
"""Records of a page: of a list, a search, and of a batch that is read by ids."""

_LONGEST_LIST = 6_000
"""Characters of property names that an address may hold."""


@dataclass(frozen=True)
class Found:
    """One answer with records. ``whole`` ones say all that was asked for, others are still to be read by their ids."""

    answer: Answer
    whole: bool

    @property
    def told(self) -> Mapping[str, Any]:
        """What it says. MalformedPageError if it is no page."""
        told = self.answer.json()
        try:
            if all(isinstance(one["id"], str) and isinstance(one["properties"], dict) for one in told["results"]):
                return dict(told)
        except (KeyError, TypeError):
            pass
        raise MalformedPageError(f"{self.answer.path} answered with JSON of another shape")

    @property
    def ids(self) -> list[str]:
        """Ids of its records, in its order."""
        return [one["id"] for one in self.told["results"]]

    @property
    def after(self) -> str | None:
        """What the next page is asked for by; None where this is the last."""
        following = (self.told.get("paging") or {}).get("next") or {}
        return str(following["after"]) if "after" in following else None


@dataclass(frozen=True)
class Question:
    """What a search is to find, in what order; ``only`` are the properties wanted, None for all of them."""

    filters: Callable[[Mapping[str, str]], Sequence[Filter]]
    order: str = ID
    only: Sequence[str] | None = None
    most: int = SEARCHED
    descending: bool = False


def asking(*filters: Filter) -> Callable[[Mapping[str, str]], Sequence[Filter]]:
    """The same filters, whatever properties there are."""
    return lambda _: filters


class Finding:
    """Asks for records of the CRM's objects; searches have a pace of their own."""

    def __init__(self, addresses: Addresses, searches_per_second: float) -> None:
        self.addresses, self.properties = addresses, Properties(addresses)
        self._pace = TokenBucket(searches_per_second * 60, 1)

    def list(
        self, client: Client, table: Table, after: str | None = None, *, archived: bool = False,
        only: Sequence[str] | None = None,
    ) -> Found:  # fmt: skip
        """A page of all records, live or archived, in the order of ids."""
        names = ",".join(self.properties.asked(client, table) if only is None else only)
        whole = len(names) <= _LONGEST_LIST
        params = {"limit": str(LISTED), "properties": names if whole else ID, "archived": str(archived).lower()}
        if after is not None:
            params["after"] = after
        return Found(client.get(self.addresses.objects(str(table.origin)), params), whole)

    def search(self, client: Client, table: Table, question: Question) -> Found:
        """A page of what search finds; asked again if what was asked for is not there any more."""
        try:
            return self._searched(client, table, question)
        except RefusedError as error:
            if error.status != 400 or not self.properties.changed(client, table):
                raise
        return self._searched(client, table, question)

    def read(self, client: Client, table: Table, ids: Sequence[str]) -> Answer:
        """Records by their ids; those that are not there are left out."""
        names = self.properties.asked(client, table)
        body = {"properties": names, "inputs": [{"id": one} for one in ids]}
        return client.ask(Request("POST", self.addresses.objects(str(table.origin), "/batch/read"), json=body))

    def _searched(self, client: Client, table: Table, question: Question) -> Found:
        filters = question.filters(self.properties.kinds(client, table))
        names = self.properties.asked(client, table) if question.only is None else question.only
        body = body_of(filters, question.order, names, question.most, descending=question.descending)
        whole = fits(body)
        if not whole:
            body = body_of(filters, question.order, [ID, question.order], min(question.most, READ))
        if not fits(body):
            raise SetupError(f"hubspot takes no search for {table.origin} as long as this one: ask by fewer values")
        if (wait := self._pace.take()) > 0:
            time.sleep(wait)
        url = self.addresses.objects(str(table.origin), "/search")
        return Found(client.ask(Request("POST", url, json=body)), whole)

    def each(self, client: Client, table: Table, *filters: Filter, only: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """Yield all that a search finds, in the order of ids, however many there are."""
        after = "0"
        while True:
            above = compared(ID, "GT", after)
            found = self.search(client, table, Question(asking(above, *filters), only=only))
            yield from found.told["results"]
            if found.after is None or not found.ids:
                return
            after = max(found.ids, key=int)
