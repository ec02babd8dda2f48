"""Salesforce read: by id for everything, by stamp for what changed, each page a question of its own, never by offset.

A cursor of Salesforce's own keeps the order in which it found records but gives the values they have later: where to
go on could not be read off its pages. A table of many records is read by a Bulk job.
"""

import datetime
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import quote_plus

from typing_extensions import override

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError, Unavailable
from hrdata_assets.systems.auth import OAuth
from hrdata_assets.systems.http import Client, Request
from hrdata_assets.systems.moments import moment_of
from hrdata_assets.systems.salesforce.asking import ById, ByStamp, Edge, clause, question
from hrdata_assets.systems.salesforce.bulk import IDS, PART, Bulk, JobRefusedError, Part, Patience
from hrdata_assets.systems.salesforce.fields import Fields, fields_of
from hrdata_assets.systems.salesforce.quota import Quota
from hrdata_assets.systems.salesforce.reading import archived_records, page_records
from hrdata_assets.systems.salesforce.tables import ROWS
from hrdata_assets.systems.salesforce.unifying import UNIFIES
from hrdata_assets.systems.salesforce.writing import Writing
from hrdata_assets.systems.system import Gone, Keep, Page, Record, System, Window, Written
from hrdata_assets.table import CursorMode, Row, Table
from hrdata_assets.unified.mapping import RowMapping

log = logging.getLogger("hrdata")

MOST = 2_000
"""Records of a page."""

LEAST = 100
"""Fewer are not asked for, however long Salesforce takes."""

_LONGEST_URL = 16_000
_TOO_LONG = "QUERY_TIMEOUT"
_ONLY_ID = Fields(("Id",), {})


@dataclass(frozen=True)
class Terms:
    """How an org is talked to. From ``bulk_from`` records on, all of a table are read by a Bulk job."""

    version: str
    share: float
    bulk_from: int
    patience: Patience


class Salesforce(System):
    """Contacts, leads, accounts, opportunities and an org's own objects, through REST and Bulk API 2.0."""

    name: ClassVar[str] = "salesforce"
    rows: ClassVar[tuple[type[Row], ...]] = ROWS
    unifies: ClassVar[tuple[RowMapping, ...]] = UNIFIES
    known_by: ClassVar[Mapping[str, str]] = {row.table.name: "external_id" for row in ROWS}

    def __init__(self, client: Client, keep: Keep, session: OAuth, terms: Terms) -> None:
        super().__init__(client, keep)
        self._session, self._terms = session, terms
        self._quota = Quota(terms.share)
        self._fields: dict[str, Fields] = {}

    @override
    def pages(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield pages by stamp where only what changed is asked for; else by id, or a Bulk job's parts."""
        position = window.position
        if window.since is not None and window.mode is not CursorMode.ID:
            yield from self._paged(table, window, _stamped(table, window))
            return
        if "id" not in position and ("job" in position or self._is_much(table, window)):
            try:
                yield from self._by_job(table, window)
            except JobRefusedError as error:
                log.warning("salesforce: no job gives all of %s (%s): asked page by page", table.origin, error)
                # A field may have been taken away meanwhile.
                self._fields.pop(table.name, None)
                position = {}
            else:
                return
        yield from self._paged(table, window, ById(position.get("id", "")))

    def _by_job(self, table: Table, window: Window) -> Iterator[Page]:
        bulk = Bulk(self._ask, lambda answer: self.archived(table, answer), self._terms.patience)
        fields = self._asked_for(table, window)
        declared = {column.header or column.name for column in table.columns}
        # What is declared is read from text by its declaration.
        kinds = {name: kind for name, kind in fields.kinds.items() if name not in declared}
        part = Part(IDS if window.keys_only else PART, kinds)
        yield from bulk.pages(
            lambda: question(fields.names, str(table.origin), _clauses(window)), part, window.position
        )

    def _is_much(self, table: Table, window: Window) -> bool:
        count = self._count(table, _clauses(window))
        return count is None or count >= self._terms.bulk_from

    def _paged(self, table: Table, window: Window, edge: Edge) -> Iterator[Page]:
        """Yield records from an edge on, each page behind the last record of the one before."""
        size = MOST
        while True:
            delivery, records, size, whole = self._page(table, window, edge, size)
            if not records:
                return
            edge = _moved(edge, records[-1], delivery)
            yield Page(records, delivery, edge.position)
            if whole:
                return
            size = min(size, MOST)

    def _page(
        self, table: Table, window: Window, edge: Edge, size: int
    ) -> tuple[Delivery, Sequence[Record], int, bool]:
        """One page as archived, its records, how many to ask for next, and whether nothing comes behind it."""
        answer, size = self._answered(table, window, edge, size)
        done = False

        def read(told: Any) -> Sequence[Record]:
            nonlocal done
            done = bool(told["done"])
            return page_records(told)

        delivery, records = self.received(table, answer, read)
        # Of wide records fewer come than were asked for, and the rest waits in a cursor: so many are asked for next.
        following = 2 * size if done else max(len(records), 1)
        return delivery, records, following, done and len(records) < size

    def _answered(self, table: Table, window: Window, edge: Edge, size: int) -> tuple[Answer, int]:
        """Ask for a page: for a smaller one where that takes too long, and for other fields where some are gone."""
        anew = False
        while True:
            fields = self._asked_for(table, window)
            text = question(fields.names, str(table.origin), (*edge.clauses, *_clauses(window)), edge.order, size)
            try:
                return self._query(table, "queryAll", text), size
            except RefusedError as error:
                if error.code == _TOO_LONG:
                    size = self._smaller(table, size)
                elif error.code == "INVALID_FIELD" and not anew:
                    self._fields.pop(table.name, None)
                    anew = True
                else:
                    raise

    def _smaller(self, table: Table, size: int) -> int:
        if size <= LEAST:
            raise Unavailable(f"salesforce runs out of time for {size} records of {table.origin}: try again later")
        return max(size // 2, LEAST)

    @override
    def newest(self, table: Table, mode: CursorMode) -> datetime.datetime | int | None:
        """Read it off the record that comes last in that order; ids are no numbers to go by."""
        if mode is CursorMode.ID:
            return None
        header = _header(table, mode)
        text = question([header], str(table.origin), (), f"{header} DESC NULLS LAST", 1)
        records = _told(self._query(table, "queryAll", text))["records"]
        return moment_of(records[0].get(header)) if records else None

    @override
    def now(self) -> datetime.datetime:
        """What the header of the org's limits says; how many calls are used is told there too."""
        answer = self._ask(Request("GET", "limits"))
        return answer.date or datetime.datetime.now(datetime.UTC)

    @override
    def deletions(self, table: Table, since: datetime.datetime, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Yield nothing: what is in the recycle bin comes as changed; what has left it, a look at all ids finds."""
        yield from ()

    @override
    def total(self, table: Table) -> int | None:
        """Count what is not in the recycle bin; None where even counting takes too long."""
        return self._count(table, ())

    @override
    @classmethod
    def records(cls, table: Table, content: bytes) -> Sequence[Record]:
        """Read a page or a part of a job's results."""
        return archived_records(content)

    @override
    def write(self, table: Table, records: Sequence[Record], external: str) -> Iterator[Written]:
        """Make or change up to 200 records by a call, each for itself."""
        yield from Writing(self._ask, table, external, lambda: self._fields_of(table)).write(records)

    def _count(self, table: Table, clauses: Sequence[str]) -> int | None:
        try:
            told = _told(self._query(table, "query", question(["COUNT()"], str(table.origin), clauses)))
        except RefusedError as error:
            if error.code != _TOO_LONG:
                raise
            return None
        if not isinstance(told.get("totalSize"), int):
            raise MalformedPageError(f"salesforce does not say how many {table.origin} there are")
        return int(told["totalSize"])

    def _asked_for(self, table: Table, window: Window) -> Fields:
        return _ONLY_ID if window.keys_only else self._fields_of(table)

    def _fields_of(self, table: Table) -> Fields:
        if table.name not in self._fields:
            self._fields[table.name] = self._described(table)
        return self._fields[table.name]

    def _described(self, table: Table) -> Fields:
        try:
            answer = self._ask(Request("GET", f"sobjects/{table.origin}/describe"))
        except RefusedError as error:
            if error.status != 404:
                raise
            raise _not_there(table) from None
        told = answer.json()
        try:
            return fields_of(table, told)
        except (KeyError, TypeError, AttributeError):
            raise MalformedPageError(f"{answer.path} answered with JSON of another shape") from None

    def _query(self, table: Table, resource: str, text: str) -> Answer:
        if len(quote_plus(text)) > _LONGEST_URL:
            raise SetupError("the conditions are longer than Salesforce takes in one question: give fewer values")
        try:
            return self._ask(Request("GET", resource, {"q": text}))
        except RefusedError as error:
            if error.code != "INVALID_TYPE":
                raise
            raise _not_there(table) from None

    def _ask(self, request: Request) -> Answer:
        """Send a call to an address below the API's own; what the org has used up is minded before and noted after."""
        self._quota.mind()
        instance = self._session.tokens(self.client).more.get("instance_url", "")
        url = f"{instance}/services/data/v{self._terms.version}/{request.url}"
        answer = self.client.ask(replace(request, url=url))
        self._quota.note(answer.headers)
        return answer


def _not_there(table: Table) -> DeliveryError:
    return DeliveryError(f"salesforce has no {table.origin}: check its name, and whether the user may see it")


def _moved(edge: Edge, last: Record, delivery: Delivery) -> Edge:
    """The edge behind a page. MalformedPageError for one that leads nowhere: it would be asked for without end."""
    try:
        moved = edge.after(last)
    except ValueError as error:
        raise MalformedPageError(f"salesforce gives {error}", delivery.short) from None
    if moved == edge:
        raise MalformedPageError("salesforce gives a page again", delivery.short)
    return moved


def _clauses(window: Window) -> tuple[str, ...]:
    return tuple(clause(condition) for condition in window.where)


def _stamped(table: Table, window: Window) -> ByStamp:
    """Where changes are read from: where a former reading got to, or what the window says."""
    at = window.position.get("at")
    since = datetime.datetime.fromisoformat(at) if at else window.since
    if not isinstance(since, datetime.datetime):
        raise DeliveryError(f"{table.name} is asked for by {window.mode} from something that is no moment")
    return ByStamp(_header(table, window.mode), since, window.position.get("id", ""))


def _told(answer: Answer) -> dict[str, Any]:
    """What a question was answered. MalformedPageError for anything else."""
    told = answer.json()
    if not isinstance(told, dict) or not isinstance(told.get("records"), list):
        raise MalformedPageError(f"{answer.path} answered with JSON of another shape")
    return told


def _header(table: Table, mode: CursorMode) -> str:
    column = table.in_role(mode)
    if column is None or column.header is None:
        raise DeliveryError(f"{table.name} has no column that is {mode}")
    return column.header
