"""Every load there ever was: what it read, what became of it, and which one is published now."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from psycopg.rows import class_row

from hrdata_assets.storage.postgres import Connection


@dataclass(frozen=True)
class PastLoad:
    """One load. Tables made from others have no file: their delivery is a fingerprint of what they were made from."""

    load_id: int
    asset_key: str
    partition_key: str
    status: str
    is_now: bool
    delivery: str
    file_name: str | None
    contract: str
    run_id: str
    read: int
    inserted: int
    updated: int
    unchanged: int
    removed: int
    duplicate: int
    set_aside: int
    skipped: int
    score: Decimal | None
    reason: str | None
    started_at: datetime.datetime
    seconds: float


def past_loads(
    connection: Connection, asset_key: str | None = None, partition: str | None = None, most: int | None = None
) -> list[PastLoad]:
    """Loads of an asset, a partition or all, newest first; ``is_now`` marks what is published (or held) now."""
    with connection.cursor(row_factory=class_row(PastLoad)) as cursor:
        return cursor.execute(
            "select l.load_id, l.asset_key, l.partition_key, l.status,"
            " l.load_id in (coalesce(p.load_id, -1), coalesce(p.held_load_id, -1)) as is_now,"
            " l.delivery, d.file_name, l.contract, l.run_id, l.read, l.inserted, l.updated, l.unchanged, l.removed,"
            " l.duplicate, l.set_aside, l.skipped, l.score, l.reason, l.started_at,"
            " extract(epoch from l.finished_at - l.started_at)::float8 as seconds"
            " from ops.loads l left join ops.partitions p using (asset_key, partition_key)"
            " left join ops.deliveries d on d.asset_key = 'raw/' || split_part(l.asset_key, '/', 2)"
            " and d.partition_key = l.partition_key and d.delivery = l.delivery and l.asset_key like 'staged/%%'"
            " where l.asset_key = coalesce(%s, l.asset_key) and l.partition_key = coalesce(%s, l.partition_key)"
            " order by l.load_id desc limit %s",
            (asset_key, partition, most),
        ).fetchall()
