"""Scores read back: the scorecards of what is published or held, and the course of a table over its quarters."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hrdata_assets.storage.ledger import Place, scorecards
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.verdict import Scorecard


@dataclass(frozen=True)
class ScoredLoad:
    """One load with its scorecards, as they were counted then. ``held`` tells whether it waits outside."""

    received: Scorecard
    published: Scorecard
    asset: str
    quarter: str
    load_id: int
    held: bool
    delivery: str
    contract: str
    reason: str | None
    finished_at: datetime.datetime
    score: Decimal | None
    policy: str | None


def scored_loads(connection: Connection, quarters: Sequence[str], asset: str | None = None) -> list[ScoredLoad]:
    """Every load that is published or held in some quarters, by asset and quarter; the held one comes last."""
    loads = connection.execute(
        "select l.asset_key, l.partition_key, l.load_id, l.load_id is not distinct from p.held_load_id, l.delivery,"
        " l.contract, l.reason, l.finished_at, l.score, l.policy"
        " from ops.partitions p join ops.loads l on l.load_id in (p.load_id, p.held_load_id)"
        " where p.asset_key not like 'excel/%%' and p.partition_key = any(%(quarters)s)"
        " and (%(asset)s::text is null or p.asset_key = %(asset)s)"
        " order by l.asset_key, l.partition_key, 4",
        {"quarters": list(quarters), "asset": asset},
    ).fetchall()
    cards = cards_of(connection, [load[2] for load in loads])
    return [ScoredLoad(*cards[load[2]], *load) for load in loads]


def scored_quarters(connection: Connection) -> list[str]:
    """Quarters in which anything is published or held, oldest first."""
    rows = connection.execute(
        "select distinct partition_key from ops.partitions where coalesce(load_id, held_load_id) is not null"
        " and asset_key not like 'excel/%' order by 1"
    )
    return [row[0] for row in rows]


def cards_of(connection: Connection, load_ids: Sequence[int]) -> dict[int, tuple[Scorecard, Scorecard]]:
    """Scorecards of several loads, received and published."""
    rows = connection.execute(
        "select load_id, point, rule, rule_version, dimension, weight, units, passed from ops.quality_results"
        " where load_id = any(%s) order by load_id, point, rule",
        (list(load_ids),),
    )
    counted: dict[int, list[tuple[str, str, str, str | None, float, int, int]]] = {n: [] for n in load_ids}
    for load_id, *rest in rows:
        counted[load_id].append((rest[0], rest[1], rest[2], rest[3], rest[4], rest[5], rest[6]))
    return {load_id: scorecards(found) for load_id, found in counted.items()}


def received_before(connection: Connection, asset_key: str, partitions: Sequence[str]) -> dict[str, Scorecard]:
    """Scorecards, as received, of what is published in these partitions; those that hold nothing are left out."""
    loads = connection.execute(
        "select partition_key, load_id from ops.partitions where asset_key = %s and partition_key = any(%s)"
        " and load_id is not null",
        (asset_key, list(partitions)),
    ).fetchall()
    cards = cards_of(connection, [load_id for _, load_id in loads]) if loads else {}
    return {partition: cards[load_id][0] for partition, load_id in loads}


def earlier_cards(connection: Connection, place: Place, most: int) -> list[Scorecard]:
    """What an asset's published loads of earlier quarters received, latest first; empty reports are left out."""
    rows = connection.execute(
        "select p.load_id from ops.partitions p join ops.loads l on l.load_id = p.load_id"
        " where p.asset_key = %s and p.partition_key < %s and l.read > 0 order by p.partition_key desc limit %s",
        (place.asset_key, place.partition_key, most),
    ).fetchall()
    load_ids = [row[0] for row in rows]
    cards = cards_of(connection, load_ids)
    return [cards[load_id][0] for load_id in load_ids]
