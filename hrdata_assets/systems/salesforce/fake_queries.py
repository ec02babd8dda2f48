"""Endpoints for queries: the first answer, the pages behind it, and counts."""

import re
from collections.abc import Iterator
from typing import Any

from hrdata_assets.systems.salesforce.fake_answers import shape
from hrdata_assets.systems.salesforce.fake_calls import Answer, Call, Route
from hrdata_assets.systems.salesforce.fake_cursors import Cursors
from hrdata_assets.systems.salesforce.fake_errors import bad_request
from hrdata_assets.systems.salesforce.fake_query import Selection, select
from hrdata_assets.systems.salesforce.fake_store import Store
from hrdata_assets.systems.salesforce.fake_switches import Switches

SMALLEST_BATCH, LARGEST_BATCH = 200, 2_000


class Queries:
    """``query`` and ``queryAll``."""

    def __init__(self, store: Store, switches: Switches, cursors: Cursors) -> None:
        self._store = store
        self._switches = switches
        self._cursors = cursors

    def routes(self) -> Iterator[Route]:
        """What is answered."""
        yield Route("GET", "query", lambda call: self.first(call, everything=False))
        yield Route("GET", "queryAll", lambda call: self.first(call, everything=True))
        yield Route("GET", "query/{locator}", self.further)
        yield Route("GET", "queryAll/{locator}", self.further)

    def first(self, call: Call, *, everything: bool) -> Answer:
        """Run a query and answer its first page."""
        selection = select(self._store, call.query.get("q", ""), everything=everything)
        most = self._switches.timeout_rows
        if most is not None and len(selection.ids) > most:
            raise bad_request("QUERY_TIMEOUT", "Your query request was running for too long.")
        if not selection.paths:
            return Answer(body={"totalSize": len(selection.ids), "done": True, "records": []})
        whole = len(selection.ids) <= self._batch(call)
        return self._page(call, selection, "" if whole else self._cursors.open(selection), 0)

    def further(self, call: Call, locator: str) -> Answer:
        """Answer a further page."""
        name, selection, first = self._cursors.fetch(locator)
        return self._page(call, selection, name, first)

    def _batch(self, call: Call) -> int:
        wanted = re.search(r"batchSize\s*=\s*(\d+)", call.headers.get("sforce-query-options", ""))
        size = int(wanted[1]) if wanted else LARGEST_BATCH
        return min(max(size, SMALLEST_BATCH), LARGEST_BATCH, self._switches.batch_size)

    def _page(self, call: Call, selection: Selection, cursor: str, first: int) -> Answer:
        """Rows as they are now; one that was deleted meanwhile is left out, though it was counted."""
        store, last = self._store, first + self._batch(call)
        form = shape(store, selection.kind, selection.paths, call.version)
        rows = store.tables[selection.kind.name].rows(selection.ids[first:last])
        records = [form.record(store, row) for row in rows if selection.everything or not row["IsDeleted"]]
        done = last >= len(selection.ids)
        body: dict[str, Any] = {"totalSize": len(selection.ids), "done": done}
        if not done:
            body["nextRecordsUrl"] = f"/services/data/v{call.version}/query/{cursor}-{last}"
        return Answer(body={**body, "records": records})
