"""What is known of every system: whether it is configured, what was synced last, and up to where."""

from collections.abc import Iterator, Mapping
from typing import Any

from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.synced import living
from hrdata_assets.systems.configuration import SystemSettings
from hrdata_assets.systems.registry import REPORTING, Entry
from hrdata_assets.systems.system import short_name

_LAST = (
    "select kind, status, read, inserted, updated, unchanged, set_aside, deleted, source_total, own_total, reason,"
    " coalesce(ended_at, started_at)::timestamptz(0)::text, score from ops.syncs"
    " where system = %s and object = %s and scope = '' order by sync_id desc limit 1"
)
_FACTS = (
    *("records", "last_sync", "status", "read", "inserted", "updated", "unchanged", "set_aside", "deleted"),
    *("source_total", "own_total", "reason", "at", "score"),
)
_CURSORS = (
    "select c.system, c.object, nullif(c.scope, '') as scope, c.cursor_mode, c.value, c.sync_id,"
    " c.changed_at::timestamptz(0)::text from ops.cursors c order by 1, 2, 3 nulls first"
)


def systems_told(
    connection: Connection, systems: Mapping[str, Entry], settings: SystemSettings
) -> Iterator[dict[str, Any]]:
    """One row per object of every system, and one for the reports of a system that makes those."""
    for name, entry in systems.items():
        lacking = entry.lacking(settings)
        for row in entry.kind.rows:
            last = connection.execute(_LAST, (name, row.table.name)).fetchone() or (None,) * 13
            yield {
                "system": name,
                "object": short_name(entry.kind, row.table),
                "configured": not lacking,
                "missing": lacking,
                "records": living(connection, row.table),
                "last_sync": last[0],
                "status": last[1],
                "read": last[2],
                "inserted": last[3],
                "updated": last[4],
                "unchanged": last[5],
                "set_aside": last[6],
                "deleted": last[7],
                "source_total": last[8],
                "own_total": last[9],
                "reason": last[10],
                "at": last[11],
                "score": None if last[12] is None else round(float(last[12]) * 100, 2),
            }
    for name, reporting in REPORTING.items():
        lacking = reporting.lacking(settings)
        told = {"system": name, "object": "reports", "configured": not lacking, "missing": lacking}
        # What was made of them stands with the quarters: hrdata status.
        yield {**told, **dict.fromkeys(_FACTS)}


def cursors_told(connection: Connection) -> list[dict[str, Any]]:
    """One row per cursor."""
    names = ("system", "object", "scope", "mode", "value", "sync_id", "changed_at")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(_CURSORS)]
