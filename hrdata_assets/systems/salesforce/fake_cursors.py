"""Cursors: the rest of a query's answer, until they are lost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request
from hrdata_assets.systems.salesforce.fake_ids import record_id
from hrdata_assets.systems.salesforce.fake_query import Selection
from hrdata_assets.systems.salesforce.fake_switches import Switches


@dataclass
class _Cursor:
    selection: Selection
    opened: datetime
    pages: int = 0


class Cursors:
    """What was selected and not fetched yet, by locator."""

    def __init__(self, switches: Switches, now: Callable[[], datetime]) -> None:
        self._switches = switches
        self._now = now
        self._open: dict[str, _Cursor] = {}
        self._opened = 0

    def open(self, selection: Selection) -> str:
        """Keep a selection; the oldest goes when there are too many."""
        self._opened += 1
        name = record_id("01g", self._opened)
        self._open[name] = _Cursor(selection, self._now())
        while len(self._open) > self._switches.cursors:
            del self._open[next(iter(self._open))]
        return name

    def fetch(self, locator: str) -> tuple[str, Selection, int]:
        """Name, selection and first row of a further page; a page may be fetched again while its cursor lives."""
        name, _, first = locator.partition("-")
        cursor, switches = self._open.get(name), self._switches
        if cursor is None or not first.isdigit() or int(first) >= len(cursor.selection.ids):
            raise _lost()
        too_old = self._now() - cursor.opened >= switches.cursor_life
        if too_old or (switches.cursor_pages is not None and cursor.pages >= switches.cursor_pages):
            del self._open[name]
            raise _lost()
        cursor.pages += 1
        return name, cursor.selection, int(first)

    def lose(self) -> None:
        """All that are open now are lost."""
        self._open.clear()


def _lost() -> ApiError:
    return bad_request("INVALID_QUERY_LOCATOR", "invalid query locator")
