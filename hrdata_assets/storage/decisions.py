"""What people decided: deliveries released though a gate failed, records read otherwise than they were delivered."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.postgres import Connection

Cells = Mapping[int, str]
"""Texts of one record by their place in it, the first being 0."""


@dataclass(frozen=True)
class Approval:
    """A delivery is to be published whatever its gates say."""

    reason: str
    approved_by: str


def approve(connection: Connection, place: Place, delivery: str, approval: Approval) -> None:
    """Write down that a delivery may be published; the last word counts."""
    connection.execute(
        "insert into ops.approvals (asset_key, partition_key, delivery, reason, approved_by)"
        " values (%s, %s, %s, %s, %s) on conflict (asset_key, partition_key, delivery) do update"
        " set reason = excluded.reason, approved_by = excluded.approved_by, approved_at = now()",
        (place.asset_key, place.partition_key, delivery, approval.reason, approval.approved_by),
    )


def end_waiting(connection: Connection, place: Place, source_file: str) -> None:
    """Let no other content of a path wait any longer: another one has taken its place. Its load stays in the ledger."""
    connection.execute(
        "update ops.partitions p set held_load_id = null, held_delivery = null, changed_at = now()"
        " from ops.deliveries d where p.held_load_id is not null"
        " and (d.asset_key, d.partition_key, d.delivery) = (p.asset_key, p.partition_key, p.held_delivery)"
        " and p.asset_key = %s and p.partition_key <> %s and d.file_name = %s",
        (place.asset_key, place.partition_key, source_file),
    )


def approval_of(connection: Connection, place: Place, delivery: str) -> Approval | None:
    """Who released a delivery and why, if anybody did."""
    row = connection.execute(
        "select reason, approved_by from ops.approvals where asset_key = %s and partition_key = %s and delivery = %s",
        (place.asset_key, place.partition_key, delivery),
    ).fetchone()
    return Approval(*row) if row else None


def correct(connection: Connection, place: Place, delivery: str, corrections: Mapping[int, Cells], by: str) -> int:
    """Write down cells of records of a delivery that are to be read otherwise; those said before stay beside them.

    Returns how many records are read otherwise than before.
    """
    changed = 0
    for row_no, cells in corrections.items():
        values = Jsonb({str(position): text for position, text in cells.items()})
        changed += connection.execute(
            "insert into ops.corrections as c (asset_key, partition_key, delivery, row_no, cells, corrected_by)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (asset_key, partition_key, delivery, row_no) do update"
            " set cells = c.cells || excluded.cells, corrected_by = excluded.corrected_by, corrected_at = now()"
            " where not c.cells @> excluded.cells",
            (place.asset_key, place.partition_key, delivery, row_no, values, by),
        ).rowcount
    return changed


def corrections_of(connection: Connection, place: Place, delivery: str) -> dict[int, dict[int, str]]:
    """Cells to be read otherwise, by record number of the delivery."""
    rows = connection.execute(
        "select row_no, cells from ops.corrections where asset_key = %s and partition_key = %s and delivery = %s"
        " order by row_no",
        (place.asset_key, place.partition_key, delivery),
    )
    return {row_no: {int(position): text for position, text in cells.items()} for row_no, cells in rows}


def digest(corrections: Mapping[int, Cells]) -> str | None:
    """Eight hex digits for a set of corrections; None for none."""
    if not corrections:
        return None
    words = json.dumps([[n, sorted(cells.items())] for n, cells in sorted(corrections.items())])
    return hashlib.sha256(words.encode()).hexdigest()[:8]
