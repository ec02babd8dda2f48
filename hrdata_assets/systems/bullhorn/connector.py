"""Bullhorn read: by id for everything, by stamp for what changed, never by offset, so that nothing shifts meanwhile."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from typing_extensions import override

from hrdata_assets.errors import DeliveryError
from hrdata_assets.query import Condition
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError, SignInError, Unavailable, json_of
from hrdata_assets.systems.bullhorn.asking import field_list, lucene, milliseconds, moment_of, second, where
from hrdata_assets.systems.bullhorn.events import Events
from hrdata_assets.systems.bullhorn.session import BullhornSession
from hrdata_assets.systems.bullhorn.tables import ROWS, WITHHELD
from hrdata_assets.systems.bullhorn.unifying import UNIFIES
from hrdata_assets.systems.bullhorn.writing import Writing, refusal
from hrdata_assets.systems.http import Client, Request
from hrdata_assets.systems.system import Gone, Keep, Page, Record, System, Window, Written
from hrdata_assets.table import CursorMode, Row, Table
from hrdata_assets.unified.mapping import RowMapping

PAGE = 500
_LONGEST_URL = 7_500
_INDEXED = frozenset({"Candidate", "ClientContact", "ClientCorporation", "JobOrder", "Placement"})
"""Entities of the search index; the others are asked for in the database."""

_SECOND = datetime.timedelta(seconds=1)
_THROTTLED_FOR = 1.0


def judge(answer: Answer) -> Unavailable | SignInError | RefusedError | None:
    """What Bullhorn means: 429 is over in a second, 412 means no session, and a 400 says what is wrong with a field."""
    if answer.status == 429:
        return Unavailable(f"bullhorn is asked too often ({answer.path})", _THROTTLED_FOR)
    if answer.status == 412:
        return SignInError(f"bullhorn wants a session for {answer.path}", 401)
    return refusal(answer)


class Bullhorn(System):
    """Candidates, jobs, clients, submissions and placements through the REST API."""

    name: ClassVar[str] = "bullhorn"
    rows: ClassVar[tuple[type[Row], ...]] = ROWS
    known_by: ClassVar[Mapping[str, str]] = {
        row.table.name: "external_id" for row in ROWS if "external_id" in row.model_fields
    }
    unifies: ClassVar[tuple[RowMapping, ...]] = UNIFIES
    withheld: ClassVar[str | None] = WITHHELD

    def __init__(self, client: Client, keep: Keep, session: BullhornSession) -> None:
        super().__init__(client, keep)
        self._session = session
        self._fields: dict[str, str] = {}

    @override
    def pages(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield pages by id, or by stamp where only what changed is asked for."""
        if window.since is None or window.mode is CursorMode.ID:
            after = window.position.get("id", 0 if window.since is None else int(str(window.since)) - 1)
            yield from self._by_id(table, window, after)
        else:
            yield from self._by_stamp(table, window)

    def _by_id(self, table: Table, window: Window, after: int, among: str = "") -> Iterator[Page]:
        """Yield records in the order of their ids, those above one; ``among`` is what else they must meet."""
        fields = "id" if window.keys_only else self.fields_of(table)
        while True:
            asked = [self._above(table, after), among, *self._asked(table, window.where)]
            delivery, records, left = self._page(table, [a for a in asked if a], "id", fields)
            if not records:
                return
            live = self._live(records)
            # What the index alone names tells nothing about where the others are.
            after = max(_id(record) for record in live or records)
            yield Page(live, delivery, {"id": after})
            if left <= len(records):
                return

    def _by_stamp(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield records in the order in which they were changed, each page from where the one before ended.

        The index knows whole seconds: of one in which more changed than a page holds, all are read by id.
        """
        stamp = _header(table, window.mode)
        assert isinstance(window.since, datetime.datetime)  # noqa: S101 - only ids are numbers
        start = window.position.get("from")
        since = datetime.datetime.fromisoformat(start) if start else window.since
        since = since.replace(microsecond=0)
        if "id" in window.position:
            yield from self._one_second(table, window, since, window.position["id"])
            since += _SECOND
        while True:
            asked = [self._between(table, stamp, since, None), *self._asked(table, window.where)]
            delivery, records, left = self._page(table, asked, f"{stamp},id", self.fields_of(table))
            if left <= len(records) or not records:
                if records:
                    yield Page(self._live(records), delivery, {"from": since.isoformat()})
                return
            stamps = [moment for record in self._live(records) if (moment := moment_of(record.get(stamp)))]
            if not stamps:
                raise MalformedPageError(f"bullhorn gives {table.origin}s without {stamp}", delivery.short)
            last = max(stamps)
            following = last.replace(microsecond=0)
            if following > since:
                yield Page(self._live(records), delivery, {"from": following.isoformat()})
                since = following
                continue
            yield from self._one_second(table, window, since, 0)
            since += _SECOND

    def _one_second(self, table: Table, window: Window, at: datetime.datetime, after: int) -> Iterator[Page]:
        among = self._between(table, _header(table, window.mode), at, at)
        for page in self._by_id(table, window, after, among):
            yield Page(page.records, page.delivery, {"from": at.isoformat(), **page.position})

    @override
    def newest(self, table: Table, mode: CursorMode) -> datetime.datetime | int | None:
        """Read it off the record that comes last in that order."""
        name = _header(table, mode)
        answer = self._ask(table, [self._above(table, 0)], f"-{name}", f"id,{name}", 1)
        records = _told(answer)[1]
        if not records:
            return None
        value = records[0].get(name)
        return int(str(value)) if mode is CursorMode.ID else moment_of(value)

    @override
    def now(self) -> datetime.datetime:
        """What a ping's header says."""
        answer = self.client.get(f"{self._session.rest_url(self.client)}ping")
        return answer.date or datetime.datetime.now(datetime.UTC)

    @override
    def deletions(self, table: Table, since: datetime.datetime, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Yield what the event queue tells; soft deletions are changes like others."""
        return Events(self.client, self._session.rest_url(self.client), str(table.origin)).deleted(state)

    @override
    def total(self, table: Table) -> int | None:
        """Count what is not deleted, in the database: the index still counts what only it names."""
        live = "id > 0"
        if any(column.header == "isDeleted" for column in table.columns):
            live += " AND isDeleted = false"
        params = {"fields": "id", "orderBy": "id", "count": "1", "start": "0", "showTotalMatched": "true"}
        url = f"{self._session.rest_url(self.client)}query/{table.origin}"
        return _told(self.client.get(url, {"where": live, **params}))[0]

    @override
    @classmethod
    def records(cls, table: Table, content: bytes) -> Sequence[Record]:
        """Read what is below ``data``, without what only the index names."""
        return cls._live(json_of(content)["data"])

    @override
    def write(self, table: Table, records: Sequence[Record], external: str) -> Iterator[Written]:
        """Make or change one record after the other: Bullhorn takes no more at a time."""
        yield from Writing(self.client, self._session.rest_url(self.client), table, external).write(records)

    def _page(
        self, table: Table, asked: Sequence[str], order: str, fields: str
    ) -> tuple[Delivery, Sequence[Record], int]:
        """One page as archived, its records, and how many there are from its first one on."""
        answer = self._ask(table, asked, order, fields, PAGE)
        left = 0

        def read(told: Any) -> Sequence[Record]:
            nonlocal left
            records: Sequence[Record] = told["data"]
            left = int(told["total"])
            if any(not isinstance(record["id"], int) for record in records):
                raise TypeError("a record without an id")
            return records

        delivery, records = self.received(table, answer, read)
        return delivery, records, left

    def _ask(self, table: Table, asked: Sequence[str], order: str, fields: str, count: int) -> Answer:
        indexed = table.origin in _INDEXED
        question = " AND ".join(asked)
        name, sort = ("query", "sort") if indexed else ("where", "orderBy")
        params = {"fields": fields, sort: order, "count": str(count), "start": "0", "showTotalMatched": "true"}
        url = f"{self._session.rest_url(self.client)}{'search' if indexed else 'query'}/{table.origin}"
        if len(question) + len(fields) > _LONGEST_URL:
            return self.client.ask(Request("POST", url, params, json={name: question}))
        return self.client.get(url, {name: question, **params})

    def fields_of(self, table: Table) -> str:
        """Declared fields that this customer has, and what else there is of plain values."""
        if table.name not in self._fields:
            url = f"{self._session.rest_url(self.client)}meta/{table.origin}"
            told = self.client.get(url, {"fields": "*", "meta": "basic"}).json()
            there = {field["name"]: field.get("type") for field in told["fields"]} if isinstance(told, dict) else {}
            declared = {(column.header or "").partition(".")[0] for column in table.columns}
            first = {
                column.name: (column.header or "").partition(".")[0] for column in table.columns if column.required
            }
            if missing := [name for name, header in first.items() if header not in there]:
                raise DeliveryError(f"bullhorn has no {', '.join(missing)} of {table.origin}: the user may not see it")
            known = tuple(c for c in table.columns if (c.header or "").partition(".")[0] in there)
            more = sorted(n for n, kind in there.items() if kind == "SCALAR" and n not in declared)
            self._fields[table.name] = field_list(known, more)
        return self._fields[table.name]

    def _asked(self, table: Table, conditions: Sequence[Condition]) -> list[str]:
        return [(lucene if table.origin in _INDEXED else where)(condition) for condition in conditions]

    def _above(self, table: Table, after: int) -> str:
        return f"id:[{after + 1} TO *]" if table.origin in _INDEXED else f"id > {after}"

    def _between(self, table: Table, stamp: str, first: datetime.datetime, last: datetime.datetime | None) -> str:
        """All whose stamp lies between two whole seconds, both of them meant in full; None: without end."""
        if table.origin in _INDEXED:
            return f"{stamp}:[{second(first)} TO {second(last) if last else '*'}]"
        end = f" AND {stamp} < {milliseconds(last + _SECOND)}" if last else ""
        return f"{stamp} >= {milliseconds(first)}{end}"

    @staticmethod
    def _live(records: Sequence[Record]) -> list[Record]:
        """Without what the database has deleted and the index still names."""
        return [record for record in records if "_error" not in record]


def _told(answer: Answer) -> tuple[int, Sequence[Record]]:
    """How many records an answer is about, and those in it. MalformedPageError if it tells neither."""
    told = answer.json()
    whole = isinstance(told, dict) and isinstance(told.get("data"), list) and isinstance(told.get("total"), int)
    if not whole:
        raise MalformedPageError(f"{answer.path} answered with JSON of another shape")
    return told["total"], told["data"]


def _id(record: Record) -> int:
    return int(record["id"])


def _header(table: Table, mode: CursorMode) -> str:
    column = table.in_role(mode)
    if column is None or column.header is None:
        raise DeliveryError(f"{table.name} has no column that is {mode}")
    return column.header
