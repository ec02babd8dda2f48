"""What is gone from HubSpot: records in the recycle bin, and those merged into others, which no list names."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from hrdata_assets.systems.http import Client
from hrdata_assets.systems.hubspot.asking import ID, compared, milliseconds, property_of
from hrdata_assets.systems.hubspot.finding import Finding
from hrdata_assets.systems.moments import moment_of
from hrdata_assets.systems.system import Gone
from hrdata_assets.table import CursorMode, Table

MERGED = "hs_merged_object_ids"
"""Property of a record in which stand the ids of those that were merged into it."""


class Deletions:
    """Those of one object. The state is when they were last read whole, by HubSpot's clock."""

    def __init__(self, client: Client, finding: Finding, table: Table, overlap: datetime.timedelta) -> None:
        self._client, self._finding, self._table, self._overlap = client, finding, table, overlap

    def since(self, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Yield what is gone since then; the state moves on with the last of it, for lists go by id, not by time."""
        seen = state.get("seen")
        start = datetime.datetime.fromisoformat(seen) - self._overlap if seen else None
        after, began = None, None
        while True:
            found = self._finding.list(self._client, self._table, after, archived=True, only=[ID])
            began = began or found.answer.date or datetime.datetime.now(datetime.UTC)
            if keys := [one["id"] for one in found.told["results"] if _is_later(one.get("archivedAt"), start)]:
                yield Gone(keys, state)
            after = found.after
            if after is None:
                break
        yield Gone(self._merged(start), {"seen": began.isoformat()})

    def _merged(self, start: datetime.datetime | None) -> list[str]:
        if MERGED not in self._finding.properties.of(self._client, self._table):
            return []
        filters = [compared(MERGED, "HAS_PROPERTY")]
        stamp = self._table.in_role(CursorMode.UPDATED_AT)
        if start is not None and stamp is not None:
            filters.append(compared(str(property_of(stamp)), "GTE", str(milliseconds(start))))
        winners = self._finding.each(self._client, self._table, *filters, only=[MERGED])
        return [key for one in winners for key in str(one["properties"].get(MERGED) or "").split(";") if key]


def _is_later(text: object, start: datetime.datetime | None) -> bool:
    moment = moment_of(text)
    return start is None or moment is None or moment >= start
