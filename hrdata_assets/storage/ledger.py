"""The ledger: which delivery arrived, what became of every row read, what was measured, what was kept out."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import psycopg
from psycopg import sql

from hrdata_assets.errors import SystemUnavailable
from hrdata_assets.rule import Dimension
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.verdict import Measure, Scorecard

POINTS = ("received", "published")
"""Where quality is measured: after parsing, before anything is dropped; and what readers see."""


@dataclass(frozen=True)
class Place:
    """An asset's partition and the run that works on it."""

    asset_key: str
    partition_key: str
    run_id: str


@dataclass(frozen=True)
class State:
    """What is published in a partition now, and what is held beside it."""

    load_id: int | None = None
    delivery: str | None = None
    contract: str | None = None
    held_load_id: int | None = None
    held_delivery: str | None = None


@dataclass(frozen=True)
class Counts:
    """What became of every row read; the database refuses counts that do not add up."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    set_aside: int = 0
    skipped: int = 0
    removed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Both added up."""
        names = self.__dataclass_fields__
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


def claim(connection: Connection, place: Place) -> None:
    """Hold the partition for the rest of this transaction. SystemUnavailable if another run works on it."""
    name = f"{place.asset_key}|{place.partition_key}"
    row = connection.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (name,)).fetchone()
    if row is None or not row[0]:
        raise SystemUnavailable(
            f"{place.asset_key} {place.partition_key}: another run is working on it; let it finish and start again"
        )


def state_of(connection: Connection, asset_key: str, partition_key: str) -> State:
    """What a partition holds; an empty State if nothing ever was."""
    row = connection.execute(
        "select load_id, delivery, contract, held_load_id, held_delivery from ops.partitions"
        " where asset_key = %s and partition_key = %s",
        (asset_key, partition_key),
    ).fetchone()
    return State(*row) if row else State()


def states_of(connection: Connection, asset_keys: Sequence[str], partition_key: str) -> dict[str, State]:
    """What one partition of several assets holds, for those that hold or held anything."""
    rows = connection.execute(
        "select asset_key, load_id, delivery, contract, held_load_id, held_delivery from ops.partitions"
        " where asset_key = any(%s) and partition_key = %s",
        (list(asset_keys), partition_key),
    )
    return {key: State(*rest) for key, *rest in rows}


def record_delivery(connection: Connection, place: Place, delivery: Delivery) -> bool:
    """Write down that content arrived and make it the partition's; False if it was taken back, and stays so."""
    arrived = record_arrival(connection, place, delivery)
    if arrived:
        point_to(connection, place, delivery.short)
    return arrived


def record_arrival(connection: Connection, place: Place, delivery: Delivery) -> bool:
    """Write down that content arrived, and leave to its load what the partition holds; False if it was taken back."""
    row = connection.execute(
        "insert into ops.deliveries (asset_key, partition_key, delivery, sha256, file_name, bytes)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (asset_key, partition_key, delivery) do update"
        " set last_seen_at = now(), times_seen = ops.deliveries.times_seen + 1 returning taken_back_at is not null",
        (
            *(place.asset_key, place.partition_key, delivery.short),
            *(delivery.sha256, delivery.file_name, len(delivery.content)),
        ),
    ).fetchone()
    return row is None or not row[0]


def mark_taken_back(
    connection: Connection, asset_key: str, delivery: str | None, *, taken_back: bool, partition: str | None = None
) -> None:
    """Say that content is not to be loaded by itself any more, into one partition or any, or that it may be again."""
    connection.execute(
        "update ops.deliveries set taken_back_at = case when %s then now() end"
        " where asset_key = %s and delivery = %s and partition_key = coalesce(%s, partition_key)",
        (taken_back, asset_key, delivery, partition),
    )


def point_to(connection: Connection, place: Place, delivery: str | None) -> None:
    """Make a delivery the one that a raw partition gives to those who read it; None: it gives none."""
    connection.execute(
        "insert into ops.partitions (asset_key, partition_key, delivery) values (%s, %s, %s)"
        " on conflict (asset_key, partition_key) do update set delivery = excluded.delivery, changed_at = now()",
        (place.asset_key, place.partition_key, delivery),
    )


def delivery_of(connection: Connection, asset_key: str, partition_key: str) -> tuple[str, str] | None:
    """File name and SHA-256 of the partition's delivery, or None if none arrived."""
    row = connection.execute(
        "select d.file_name, d.sha256 from ops.partitions p join ops.deliveries d"
        " using (asset_key, partition_key, delivery) where asset_key = %s and partition_key = %s",
        (asset_key, partition_key),
    ).fetchone()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True)
class Load:
    """One line of the ledger. ``status`` is published, held (``reason`` says why) or removed.

    ``policy`` is the version of the limits it was held to.
    """

    delivery: str
    contract: str
    counts: Counts
    started_at: datetime.datetime
    score: Decimal | None = None
    status: str = "published"
    reason: str | None = None
    policy: str | None = None


def arrival_of(connection: Connection, asset_key: str, partition_key: str, delivery: str) -> datetime.date | None:
    """Day (UTC) on which a delivery first arrived, or None if it never did."""
    row = connection.execute(
        "select (archived_at at time zone 'UTC')::date from ops.deliveries"
        " where asset_key = %s and partition_key = %s and delivery = %s",
        (asset_key, partition_key, delivery),
    ).fetchone()
    return row[0] if row else None


def record_load(connection: Connection, place: Place, load: Load) -> int:
    """Write one load into the ledger and point the partition to it. Returns its number."""
    counts = load.counts
    row = connection.execute(
        "insert into ops.loads (asset_key, partition_key, delivery, contract, run_id, status, read, inserted, updated,"
        " unchanged, duplicate, set_aside, skipped, removed, score, reason, started_at, policy, previous_load_id)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning load_id",
        (
            *(place.asset_key, place.partition_key, load.delivery, load.contract, place.run_id, load.status),
            *(counts.read, counts.inserted, counts.updated, counts.unchanged, counts.duplicate, counts.set_aside),
            *(counts.skipped, counts.removed, load.score, load.reason, load.started_at, load.policy),
            _before(connection, place, load.delivery) if load.status == "published" else None,
        ),
    ).fetchone()
    if row is None:
        raise psycopg.InternalError("insert into ops.loads returned nothing")
    load_id = int(row[0])
    _point(connection, place, load_id, load)
    return load_id


def _before(connection: Connection, place: Place, delivery: str) -> int | None:
    """Load that one would go back to from this delivery.

    It is what is published now; but a delivery that was published further back, and is published again, stands where
    it stood then: what came after it was taken back.
    """
    rows = connection.execute(
        "with recursive back as ("
        " select l.load_id, l.delivery, l.previous_load_id, 1 as step from ops.partitions p join ops.loads l"
        " using (load_id, asset_key, partition_key) where p.asset_key = %(asset)s and p.partition_key = %(partition)s"
        " union all select l.load_id, l.delivery, l.previous_load_id, b.step + 1"
        " from back b join ops.loads l on l.load_id = b.previous_load_id)"
        " select load_id, delivery, previous_load_id from back order by step",
        {"asset": place.asset_key, "partition": place.partition_key},
    ).fetchall()
    again: list[int | None] = [previous for _, published, previous in rows if published == delivery]
    return again[0] if again else (int(rows[0][0]) if rows else None)


def _point(connection: Connection, place: Place, load_id: int, load: Load) -> None:
    if load.status == "held":
        connection.execute(
            "insert into ops.partitions (asset_key, partition_key, held_load_id, held_delivery) values (%s, %s, %s, %s)"
            " on conflict (asset_key, partition_key) do update set held_load_id = excluded.held_load_id,"
            " held_delivery = excluded.held_delivery, changed_at = now()",
            (place.asset_key, place.partition_key, load_id, load.delivery),
        )
        return
    there = load.status == "published"
    connection.execute(
        "insert into ops.partitions (asset_key, partition_key, load_id, delivery, contract) values (%s, %s, %s, %s, %s)"
        " on conflict (asset_key, partition_key) do update set load_id = excluded.load_id,"
        " delivery = excluded.delivery, contract = excluded.contract, held_load_id = null, held_delivery = null,"
        " changed_at = now()",
        (
            *(place.asset_key, place.partition_key, load_id if there else None),
            *(load.delivery if there else None, load.contract if there else None),
        ),
    )


def record_scores(connection: Connection, place: Place, load_id: int, cards: Sequence[Scorecard]) -> None:
    """Write what every rule counted, and the table-wide counts, at each point."""
    rows = [
        (*(load_id, place.run_id, place.asset_key, place.partition_key, card.point), *measure)
        for card in cards
        for measure in [
            *((m.rule, m.version, m.dimension.value, m.weight, m.units, m.passed) for m in card.measures),
            ("cells", "1", None, 0.0, card.cells, card.cells - card.missing),
            ("keys", "1", None, 0.0, card.keyed, card.keyed - card.surplus),
            ("rows_kept", "1", None, 0.0, card.rows, card.rows - card.set_aside),
        ]
    ]
    copy_in(
        connection,
        "copy ops.quality_results (load_id, run_id, asset_key, partition_key, point, rule, rule_version, dimension,"
        " weight, units, passed) from stdin",
        rows,
    )


def copy_in(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Send a few rows of Python's through COPY."""
    if not rows:
        return
    with connection.cursor() as cursor, cursor.copy(sql.SQL(statement)) as copy:
        for row in rows:
            copy.write_row(row)


def counts_of(connection: Connection, place: Place) -> tuple[int, Counts]:
    """Number and counts of the load that is published in a partition. LookupError if there is none."""
    row = connection.execute(
        "select l.load_id, l.read, l.inserted, l.updated, l.unchanged, l.duplicate, l.set_aside, l.skipped, l.removed"
        " from ops.partitions p join ops.loads l on l.load_id = p.load_id"
        " where p.asset_key = %s and p.partition_key = %s",
        (place.asset_key, place.partition_key),
    ).fetchone()
    if row is None:
        raise LookupError(f"nothing is published in {place.asset_key} {place.partition_key}")
    return row[0], Counts(*row[1:])


def scorecards_of(connection: Connection, load_id: int) -> tuple[Scorecard, Scorecard]:
    """Scorecards of a load, received and published, as they were counted then."""
    rows = connection.execute(
        "select point, rule, rule_version, dimension, weight, units, passed from ops.quality_results"
        " where load_id = %s order by point, rule",
        (load_id,),
    ).fetchall()
    return scorecards(rows)


def scorecards(rows: Sequence[tuple[str, str, str, str | None, float, int, int]]) -> tuple[Scorecard, Scorecard]:
    """Make a load's two scorecards of its counts: point, rule, version, dimension, weight, units, passed."""
    received, published = (_scorecard(point, [r[1:] for r in rows if r[0] == point]) for point in POINTS)
    return received, published


def _scorecard(point: str, rows: Sequence[tuple[str, str, str | None, float, int, int]]) -> Scorecard:
    measures = tuple(
        Measure(rule, version, Dimension(dimension), weight, units, passed, "")
        for rule, version, dimension, weight, units, passed in rows
        if dimension is not None
    )
    cells, keys, kept = ({r[0]: (r[4], r[5]) for r in rows}.get(n, (0, 0)) for n in ("cells", "keys", "rows_kept"))
    return Scorecard(
        point=point,
        rows=kept[0],
        measures=measures,
        cells=cells[0],
        missing=cells[0] - cells[1],
        keyed=keys[0],
        surplus=keys[0] - keys[1],
        set_aside=kept[0] - kept[1],
    )
