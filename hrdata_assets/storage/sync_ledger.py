"""The ledger of syncs: how far each object of a system is stored, written in the transaction that stores it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.ledger import POINTS, Counts, copy_in
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import CursorMode
from hrdata_assets.verdict import Scorecard


@dataclass(frozen=True)
class Target:
    """An object of a system, and the scope in which its records are asked for: empty for all of them."""

    system: str
    object: str
    scope: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it apart in the ledger."""
        return (self.system, self.object, self.scope)


@dataclass(frozen=True)
class Sync:
    """A sync that is not complete yet. ``since`` and ``until`` are stamps or ids as text."""

    sync_id: int
    kind: str
    mode: CursorMode
    since: str | None
    until: str | None
    position: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether it reads everything."""
        return self.kind == "full"

    @property
    def meets_all(self) -> bool:
        """Whether it meets every record that is there: what it does not meet is gone."""
        return self.kind in ("full", "keys")


@dataclass(frozen=True)
class Progress:
    """What one stored batch adds to its sync."""

    position: Mapping[str, Any]
    counts: Counts = field(default_factory=Counts)
    future_stamps: int = 0
    calls: int = 0
    throttled: int = 0


def unfinished(connection: Connection, target: Target) -> Sync | None:
    """The sync of an object that was begun and is not complete."""
    row = connection.execute(
        "select sync_id, kind, cursor_mode, since, until, position from ops.syncs"
        " where (system, object, scope) = (%s, %s, %s) and status in ('running', 'stopped')",
        target.key,
    ).fetchone()
    return Sync(row[0], row[1], CursorMode(row[2]), *row[3:]) if row else None


def cursor_of(connection: Connection, target: Target) -> tuple[CursorMode, str] | None:
    """Up to where an object is stored, or None if it never was."""
    row = connection.execute(
        "select cursor_mode, value from ops.cursors where (system, object, scope) = (%s, %s, %s)", target.key
    ).fetchone()
    return (CursorMode(row[0]), row[1]) if row else None


def begin(connection: Connection, target: Target, run_id: str, planned: Sync) -> Sync:
    """Write down that a sync begins; its number is the ledger's."""
    row = connection.execute(
        "insert into ops.syncs (system, object, scope, run_id, kind, cursor_mode, since, until)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) returning sync_id",
        (*target.key, run_id, planned.kind, planned.mode.value, planned.since, planned.until),
    ).fetchone()
    if row is None:
        raise psycopg.InternalError("insert into ops.syncs returned nothing")
    return Sync(int(row[0]), planned.kind, planned.mode, planned.since, planned.until)


def go_on(connection: Connection, sync: Sync, run_id: str) -> None:
    """Say which run takes up a sync that was cut off."""
    connection.execute(
        "update ops.syncs set status = 'running', run_id = %s, reason = null where sync_id = %s", (run_id, sync.sync_id)
    )


def abandon(connection: Connection, sync: Sync) -> None:
    """Give a sync up: another one reads what it was to read."""
    connection.execute(
        "update ops.syncs set status = 'abandoned', ended_at = clock_timestamp() where sync_id = %s", (sync.sync_id,)
    )
    forget_keys(connection, sync)


def advance(connection: Connection, sync: Sync, progress: Progress) -> None:
    """Add what a batch brought."""
    counts = progress.counts
    connection.execute(
        "update ops.syncs set position = %s, read = read + %s, inserted = inserted + %s, updated = updated + %s,"
        " unchanged = unchanged + %s, duplicate = duplicate + %s, set_aside = set_aside + %s, skipped = skipped + %s,"
        " deleted = deleted + %s,"
        " future_stamps = future_stamps + %s, calls = calls + %s, throttled = throttled + %s where sync_id = %s",
        (
            *(Jsonb(dict(progress.position)), counts.read, counts.inserted, counts.updated, counts.unchanged),
            *(counts.duplicate, counts.set_aside, counts.skipped, counts.removed, progress.future_stamps),
            *(progress.calls, progress.throttled, sync.sync_id),
        ),
    )


def record_pages(connection: Connection, sync: Sync, pages: Sequence[tuple[Delivery, int]]) -> None:
    """Write down which pages a batch was made of, each with how many records it has."""
    row = connection.execute(
        "update ops.syncs set pages = pages + %s where sync_id = %s returning pages", (len(pages), sync.sync_id)
    ).fetchone()
    first = int(row[0]) - len(pages) + 1 if row else 1
    copy_in(
        connection,
        "copy ops.sync_pages (sync_id, page_no, sha256, bytes, records, folder) from stdin",
        [
            (sync.sync_id, first + place, delivery.sha256, len(delivery.content), records, delivery.file_name)
            for place, (delivery, records) in enumerate(pages)
        ],
    )


def remember_keys(connection: Connection, sync: Sync, keys: Sequence[str]) -> None:
    """Keep which records a full sync met."""
    copy_in(connection, "copy ops.sync_keys (sync_id, key) from stdin", [(sync.sync_id, key) for key in keys])


def forget_keys(connection: Connection, sync: Sync) -> None:
    """Nothing asks any more which records it met."""
    connection.execute("delete from ops.sync_keys where sync_id = %s", (sync.sync_id,))


def stop(connection: Connection, sync: Sync, reason: str) -> None:
    """Say why a sync stopped; the next one goes on from where it was."""
    connection.execute(
        "update ops.syncs set status = 'stopped', reason = %s where sync_id = %s", (reason, sync.sync_id)
    )


def complete(
    connection: Connection, target: Target, sync: Sync, totals: tuple[int | None, int], cards: Sequence[Scorecard]
) -> None:
    """Close a sync and move its object's cursor; ``totals`` are the source's count and ours."""
    score = cards[0].overall if cards else None
    connection.execute(
        "update ops.syncs set status = 'complete', ended_at = clock_timestamp(), source_total = %s, own_total = %s,"
        " score = %s, reason = null where sync_id = %s",
        (*totals, None if score is None else round(float(score), 6), sync.sync_id),
    )
    forget_keys(connection, sync)
    _record_results(connection, sync, cards)
    if sync.until is not None:
        connection.execute(
            "insert into ops.cursors (system, object, scope, cursor_mode, value, sync_id)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (system, object, scope) do update"
            " set cursor_mode = excluded.cursor_mode, value = excluded.value, sync_id = excluded.sync_id,"
            " changed_at = now()",
            (*target.key, sync.mode.value, sync.until, sync.sync_id),
        )


def _record_results(connection: Connection, sync: Sync, cards: Sequence[Scorecard]) -> None:
    rows = [
        (sync.sync_id, card.point, m.rule, m.version, m.dimension.value, m.weight, m.units, m.passed)
        for card in cards
        for m in card.measures
        if card.point in POINTS
    ]
    copy_in(
        connection,
        "copy ops.sync_results (sync_id, point, rule, rule_version, dimension, weight, units, passed) from stdin",
        rows,
    )


def state_of(connection: Connection, target: Target) -> Mapping[str, Any]:
    """Where the system's list of deletions was read to."""
    row = connection.execute(
        "select state from ops.sync_states where (system, object) = (%s, %s)", (target.system, target.object)
    ).fetchone()
    return dict(row[0]) if row else {}


def remember_state(connection: Connection, target: Target, state: Mapping[str, Any]) -> None:
    """Keep where the system's list of deletions was read to."""
    connection.execute(
        "insert into ops.sync_states (system, object, state) values (%s, %s, %s)"
        " on conflict (system, object) do update set state = excluded.state, changed_at = now()",
        (target.system, target.object, Jsonb(dict(state))),
    )
