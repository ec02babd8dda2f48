"""Flowcase read record by record: accounts by their list, CVs one by one where the search says that they changed."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from typing_extensions import override

from hrdata_assets.errors import SetupError
from hrdata_assets.query import Condition
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError, json_of
from hrdata_assets.systems.flowcase.api_tables import CV, ROWS
from hrdata_assets.systems.flowcase.api_unifying import UNIFIES
from hrdata_assets.systems.flowcase.client import FlowcaseAPI
from hrdata_assets.systems.flowcase.listing import SEARCHED, Listing, Lists
from hrdata_assets.systems.flowcase.reading_cvs import shaped_cv, with_search
from hrdata_assets.systems.moments import moment_of
from hrdata_assets.systems.system import Gone, Keep, Page, Record, System, Window
from hrdata_assets.table import Column, ColumnType, CursorMode, Row, Table
from hrdata_assets.unified.mapping import RowMapping

OFFICE = "office_id"
_NOT_FOUND = 404


class FlowcaseRecords(System):
    """Accounts and CVs of one company. Flowcase tells no changes: what changed is read off whole lists."""

    name: ClassVar[str] = "flowcase_api"
    rows: ClassVar[tuple[type[Row], ...]] = ROWS
    unifies: ClassVar[tuple[RowMapping, ...]] = UNIFIES

    def __init__(self, api: FlowcaseAPI, keep: Keep, offices: Sequence[str] = (), searched: int = SEARCHED) -> None:
        super().__init__(api.client, keep)
        self._base, self._offices, self._searched = api.base, tuple(offices), searched
        self._listing: Listing | None = None

    @override
    def pages(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield pages of the list that hold something of the window; of CVs each that is, in the order of their ids."""
        offices = _offices_of(window.where)
        listing = self._known(table) if offices is None else self._listed(table, self._wanted(offices))
        if table.name == CV.table.name and not window.keys_only:
            yield from self._cvs(table, window, listing)
            return
        for page in listing.pages:
            if any(_is_later(table, entry, window) for entry in page.entries):
                yield Page(page.entries, page.delivery, {})

    def _cvs(self, table: Table, window: Window, listing: Listing) -> Iterator[Page]:
        found = {entry["_id"]: entry for entry in listing.entries if _is_wanted(table, entry, window)}
        after = window.position.get("after", "")
        for key in sorted(key for key in found if key > after):
            try:
                answer = self._api.cv(found[key]["user_id"], key)
            except RefusedError as error:
                if error.status != _NOT_FOUND:
                    raise
                # Gone since the list was read.
                continue
            delivery, records = self._with_search(table, answer, found[key])
            yield Page(records, delivery, {"after": key})

    def _with_search(self, table: Table, answer: Answer, found: Record) -> tuple[Delivery, Sequence[Record]]:
        """Archive a CV beside what the search said of it, and read both."""
        try:
            answer.json()
        except MalformedPageError:
            return self.received(table, answer, lambda told: told)
        page = replace(answer, content=with_search(found, answer.content))
        return self.received(table, page, lambda told: [shaped_cv(told)])

    @override
    def newest(self, table: Table, mode: CursorMode) -> datetime.datetime | int | None:
        """Read it off the list, as it is now."""
        if mode is CursorMode.ID:
            return None
        self._listing = self._listed(table, self._offices)
        stamps = (_stamp(table, entry, mode) for entry in self._listing.entries)
        return max((stamp for stamp in stamps if stamp is not None), default=None)

    @override
    def now(self) -> datetime.datetime:
        """What the header of an answer says."""
        return self._api.clock() or datetime.datetime.now(datetime.UTC)

    @override
    def deletions(self, table: Table, since: datetime.datetime, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Yield CVs of closed accounts, and of those that are open again: neither changes the CV's stamp.

        Accounts are closed, which their rows say, and else gone without a word.
        """
        if table.name == CV.table.name:
            entries = list(self._known(table).entries)
            closed = [entry["_id"] for entry in entries if _is_closed(entry)]
            yield Gone(closed, state, back=[entry["_id"] for entry in entries if not _is_closed(entry)])

    @override
    def total(self, table: Table) -> int | None:
        """Count the list that the sync went by."""
        listing = self._known(table)
        return listing.total - len({entry["_id"] for entry in listing.entries if _is_closed(entry)})

    @override
    @classmethod
    def records(cls, table: Table, content: bytes) -> Sequence[Record]:
        """Read a list of accounts, a CV beside what was found of it, or what a search found."""
        told = json_of(content)
        if table.name != CV.table.name:
            return list(told)
        return [shaped_cv(told)] if "cv" in told else [one["cv"] for one in told["cvs"]]

    @property
    def _api(self) -> FlowcaseAPI:
        """Asks through the client that is this one's by now: a twin has another."""
        return FlowcaseAPI(self.client, self._base)

    def _known(self, table: Table) -> Listing:
        """The list as it was when the sync began."""
        if self._listing is None:
            self._listing = self._listed(table, self._offices)
        return self._listing

    def _listed(self, table: Table, offices: Sequence[str]) -> Listing:
        lists = Lists(self._api, lambda answer, read: self.received(table, answer, read), offices, self._searched)
        return lists.cvs() if table.name == CV.table.name else lists.users()

    def _wanted(self, offices: Sequence[str]) -> Sequence[str]:
        """Those of the offices asked for that are configured. SetupError where none is."""
        found = [office for office in offices if not self._offices or office in self._offices]
        if not found:
            raise SetupError("none of the offices asked for is among FLOWCASE_OFFICE_IDS")
        return found


def _offices_of(where: Sequence[Condition]) -> list[str] | None:
    """Offices that meet every condition on them; None where there is none."""
    found: list[str] | None = None
    for condition in where:
        if condition.column.name == OFFICE:
            these = [str(value) for value in condition.values]
            found = these if found is None else [office for office in found if office in these]
    return found


def _is_wanted(table: Table, entry: Record, window: Window) -> bool:
    """Whether a search says of a CV what the window asks for; what it asks of an office was asked of the search."""
    others = (condition for condition in window.where if condition.column.name != OFFICE)
    return _is_later(table, entry, window) and all(c.holds(_value(entry, c.column)) for c in others)


def _value(entry: Record, column: Column) -> object:
    """What an entry of a list says of a column."""
    value = entry.get((column.header or column.name).rpartition(".")[2])
    return moment_of(value) if column.type is ColumnType.MOMENT else value


def _is_later(table: Table, entry: Record, window: Window) -> bool:
    if not isinstance(window.since, datetime.datetime):
        return True
    moment = _stamp(table, entry, window.mode)
    # What has no stamp that can be read is read, and judged then.
    return moment is None or moment >= window.since


def _stamp(table: Table, entry: Record, mode: CursorMode) -> datetime.datetime | None:
    column = table.in_role(mode)
    value = None if column is None else _value(entry, column)
    return value if isinstance(value, datetime.datetime) else None


def _is_closed(entry: Record) -> bool:
    return entry.get("is_deactivated") is True
