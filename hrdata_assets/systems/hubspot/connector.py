"""HubSpot read: by list for everything, by search for what changed, each page from where the one before ended.

A search is never paged through by its offset: what changes meanwhile would shift the rest, and beyond 10,000 records
there is nothing. What was changed comes by its stamp, and what bears one stamp in greater number than a page by its id.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from typing_extensions import override

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.systems.answers import Answer, MalformedPageError, json_of
from hrdata_assets.systems.http import Client
from hrdata_assets.systems.hubspot.account import KEPT, answers_about, newest_about, records_about
from hrdata_assets.systems.hubspot.asking import ID, Filter, compared, filter_of, milliseconds, property_of
from hrdata_assets.systems.hubspot.deletions import Deletions
from hrdata_assets.systems.hubspot.finding import Finding, Found, Question, asking
from hrdata_assets.systems.hubspot.links import TARGETS, with_links
from hrdata_assets.systems.hubspot.shaping import shaped_records
from hrdata_assets.systems.hubspot.tables import OBJECTS, ROWS, Contact
from hrdata_assets.systems.hubspot.unifying import UNIFIES
from hrdata_assets.systems.hubspot.writing import Writing
from hrdata_assets.systems.moments import moment_of
from hrdata_assets.systems.system import Gone, Keep, Page, Record, System, Window, Written
from hrdata_assets.table import CursorMode, Row, Table
from hrdata_assets.unified.mapping import RowMapping

MOST_CONDITIONS = 4
"""Beside two filters that a sync needs itself."""

_MILLISECOND = datetime.timedelta(milliseconds=1)
_DONE: Mapping[str, Any] = {"done": True}


class HubSpot(System):
    """Contacts, companies and deals through the CRM API, with owners and deal stages."""

    name: ClassVar[str] = "hubspot"
    rows: ClassVar[tuple[type[Row], ...]] = ROWS
    known_by: ClassVar[Mapping[str, str]] = {
        row.table.name: "email" if row is Contact else "external_id" for row in OBJECTS
    }
    unifies: ClassVar[tuple[RowMapping, ...]] = UNIFIES
    overlap: ClassVar[datetime.timedelta] = datetime.timedelta(minutes=1)

    def __init__(self, client: Client, keep: Keep, finding: Finding) -> None:
        super().__init__(client, keep)
        self._finding = finding
        self._unsettled: set[str] = set()

    @override
    def pages(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield pages of everything by list, of what is asked for by search."""
        if window.position.get("done"):
            return
        if table.name in KEPT:
            yield from self._kept_pages(table)
            return
        if len(window.where) > MOST_CONDITIONS:
            raise SetupError(f"hubspot takes {MOST_CONDITIONS} conditions at a time: ask by fewer")
        if window.since is None and not window.where:
            yield from self._listed(table, window)
        elif window.since is None or window.mode is CursorMode.ID:
            after = window.position.get("id", 0 if window.since is None else int(str(window.since)) - 1)
            yield from self._by_id(table, window, after)
        else:
            yield from self._by_stamp(table, window)

    def _listed(self, table: Table, window: Window) -> Iterator[Page]:
        only = [ID] if window.keys_only else None
        after = window.position.get("after")
        while True:
            found = self._finding.list(self.client, table, after, only=only)
            delivery, records = self._records(table, found, keys_only=window.keys_only)
            after = found.after
            yield Page(records, delivery, _DONE if after is None else {"after": after})
            if after is None:
                return

    def _by_id(self, table: Table, window: Window, after: int, *among: Filter) -> Iterator[Page]:
        """Yield records in the order of their ids, those above one; ``among`` is what else they must meet."""
        only = [ID] if window.keys_only else None
        while True:
            above = compared(ID, "GT", str(after))
            found = self._search(table, window, Question(asking(above, *among), only=only))
            delivery, records = self._records(table, found, keys_only=window.keys_only)
            if not found.ids:
                return
            after = max(map(int, found.ids))
            yield Page(records, delivery, {"id": after})
            if found.after is None:
                return

    def _by_stamp(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield records in the order in which they were changed; each page begins with the stamp the last ended with.

        Of a millisecond in which more changed than a page holds, all are read by id.
        """
        name = _header(table, window.mode)
        assert isinstance(window.since, datetime.datetime)  # noqa: S101 - only ids are numbers
        start = window.position.get("from")
        since = datetime.datetime.fromisoformat(start) if start else window.since
        since = since.replace(microsecond=since.microsecond // 1_000 * 1_000)
        if "id" in window.position:
            yield from self._one_stamp(table, window, since, window.position["id"])
            since += _MILLISECOND
        while True:
            later = compared(name, "GTE", str(milliseconds(since)))
            found = self._search(table, window, Question(asking(later), order=name))
            delivery, records = self._records(table, found)
            if found.after is None or not found.ids:
                if records:
                    yield Page(records, delivery, {"from": since.isoformat()})
                return
            last = self._last_stamp(table, found, name, delivery)
            if last > since:
                yield Page(records, delivery, {"from": last.isoformat()})
                since = last
                continue
            yield from self._one_stamp(table, window, since, 0)
            since += _MILLISECOND

    def _one_stamp(self, table: Table, window: Window, at: datetime.datetime, after: int) -> Iterator[Page]:
        stamp = str(milliseconds(at))
        among = compared(_header(table, window.mode), "BETWEEN", stamp, stamp)
        for page in self._by_id(table, window, after, among):
            yield Page(page.records, page.delivery, {"from": at.isoformat(), **page.position})

    def _search(self, table: Table, window: Window, question: Question) -> Found:
        """Search for what meets the window's conditions, too."""

        def filters(kinds: Mapping[str, str]) -> Sequence[Filter]:
            return [*question.filters(kinds), *(filter_of(condition, kinds) for condition in window.where)]

        return self._finding.search(self.client, table, replace(question, filters=filters))

    def _last_stamp(self, table: Table, found: Found, name: str, delivery: Delivery) -> datetime.datetime:
        stamps = [stamp for one in found.told["results"] if (stamp := moment_of(one["properties"].get(name)))]
        if not stamps:
            raise MalformedPageError(f"hubspot gives {table.origin} without {name}", delivery.short)
        return max(stamps)

    def _records(self, table: Table, found: Found, *, keys_only: bool = False) -> tuple[Delivery, Sequence[Record]]:
        """Archive a page and read its records; one of ids alone, where more was wanted, has them read by those."""
        answer = found.answer
        if not found.whole:
            self.received(table, answer, lambda _: found.told["results"])
            answer = self._finding.read(self.client, table, found.ids)
        if table.origin in TARGETS and not keys_only:
            answer = self._linked(table, answer)
        delivery, records = self.received(table, answer, lambda told: shaped_records(table, told))
        self._look_at_stamps(table, records, found.answer)
        return delivery, records

    def _linked(self, table: Table, page: Answer) -> Answer:
        try:
            ids = Found(page, whole=True).ids
        except MalformedPageError:
            # It is archived as it is, and told when it is read.
            return page
        content = with_links(self.client, self._finding.addresses, str(table.origin), page, ids)
        return replace(page, content=content)

    def _look_at_stamps(self, table: Table, records: Sequence[Record], answer: Answer) -> None:
        """Note whether a record is so new that search may not know it yet."""
        now, name = answer.date, _header(table, CursorMode.UPDATED_AT)
        if now is None or table.name in self._unsettled:
            return
        stamps = (moment_of(record["properties"].get(name)) for record in records)
        if any(stamp is not None and abs(stamp - now) <= self.overlap for stamp in stamps):
            self._unsettled.add(table.name)

    def _kept_pages(self, table: Table) -> Iterator[Page]:
        for answer in answers_about(self.client, self._finding.addresses, table):
            delivery, records = self.received(table, answer, lambda told: records_about(table, told))
            yield Page(records, delivery, {})

    @override
    def newest(self, table: Table, mode: CursorMode) -> datetime.datetime | int | None:
        """Read it off the record that comes last in that order, as search knows it."""
        if table.name in KEPT:
            return newest_about(self._all_kept(table), mode)
        name = _header(table, mode)
        question = Question(asking(), order=name, only=[name], most=1, descending=True)
        results = self._finding.search(self.client, table, question).told["results"]
        if not results:
            return None
        return int(results[0]["id"]) if mode is CursorMode.ID else moment_of(results[0]["properties"].get(name))

    @override
    def now(self) -> datetime.datetime:
        """What the header of an answer says, whatever the answer is."""
        url = self._finding.addresses.properties(str(OBJECTS[0].table.origin), f"/{ID}")
        answer = self.client.get(url, good=(200, 403, 404))
        return answer.date or datetime.datetime.now(datetime.UTC)

    @override
    def deletions(self, table: Table, since: datetime.datetime, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Yield what lies in the recycle bin and what was merged away; of owners those who left, of stages nothing."""
        if table.name in KEPT:
            for answer in answers_about(self.client, self._finding.addresses, table, archived=True):
                yield Gone([str(record["id"]) for record in records_about(table, answer.json())])
            return
        yield from Deletions(self.client, self._finding, table, self.overlap).since(state)

    @override
    def total(self, table: Table) -> int | None:
        """Count what search finds; None while it may not yet know what changed a moment ago."""
        if table.name in KEPT:
            return sum(1 for _ in self._all_kept(table))
        if table.name in self._unsettled:
            return None
        found = self._finding.search(self.client, table, Question(asking(), only=[ID], most=1))
        now = found.answer.date
        if now is None:
            return None
        between = (str(milliseconds(now - self.overlap)), str(milliseconds(now + self.overlap)))
        recent = compared(_header(table, CursorMode.UPDATED_AT), "BETWEEN", *between)
        changed = self._finding.search(self.client, table, Question(asking(recent), only=[ID], most=1)).ids
        return None if changed else int(found.told["total"])

    @override
    @classmethod
    def records(cls, table: Table, content: bytes) -> Sequence[Record]:
        """Read what is below ``results``."""
        told = json_of(content)
        return records_about(table, told) if table.name in KEPT else shaped_records(table, told)

    @override
    def write(self, table: Table, records: Sequence[Record], external: str) -> Iterator[Written]:
        """Make or change a hundred records at a time."""
        if table.name in KEPT:
            yield from super().write(table, records, external)
        definitions = self._finding.properties.of(self.client, table)
        yield from Writing(self.client, self._finding.addresses, table, definitions, external).write(records)

    def _all_kept(self, table: Table) -> Iterator[Record]:
        for answer in answers_about(self.client, self._finding.addresses, table):
            yield from records_about(table, answer.json())


def _header(table: Table, mode: CursorMode) -> str:
    column = table.in_role(mode)
    name = property_of(column) if column is not None else None
    if name is None:
        raise DeliveryError(f"{table.name} has no column that is {mode}")
    return name
