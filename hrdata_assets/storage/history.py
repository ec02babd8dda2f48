"""Where a partition can go back to: the loads before the one it holds, and the deliveries that were taken back."""

import datetime
from dataclasses import dataclass

from psycopg import sql

from hrdata_assets.storage.ddl import identifier
from hrdata_assets.storage.ledger import Counts, Load, Place, claim, mark_taken_back, point_to, record_load, state_of
from hrdata_assets.storage.letters import supersede
from hrdata_assets.storage.partitions import detach, drop_held
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import Table


@dataclass(frozen=True)
class Standing:
    """The last word on a staged partition: a load that is held, or else the published one.

    ``origin`` is the load that first put this delivery in its place, ``cause`` that load's run; ``before`` is the
    delivery one would go back to, None if there was nothing.
    """

    asset_key: str
    delivery: str
    held: bool
    origin: int
    cause: str
    before: str | None


_STANDINGS = """
    with top as (
        select p.asset_key, l.load_id, l.delivery, l.status = 'held' as held, l.previous_load_id,
               case when l.status = 'held' then p.load_id else l.previous_load_id end as back
        from ops.partitions p
        join ops.loads l on l.load_id = coalesce(p.held_load_id, p.load_id)
        where p.partition_key = %(partition)s and p.asset_key like 'staged/%%'
    )
    select t.asset_key, t.delivery, t.held, o.load_id, o.run_id, b.delivery
    from top t
    cross join lateral (
        select l.load_id, l.run_id from ops.loads l
        where (l.asset_key, l.partition_key, l.delivery) = (t.asset_key, %(partition)s, t.delivery)
          and (l.load_id = t.load_id or (not t.held and l.status = 'published'
               and l.previous_load_id is not distinct from t.previous_load_id))
        order by l.load_id limit 1
    ) o
    left join ops.loads b on b.load_id = t.back
    order by t.asset_key
"""


def standings(connection: Connection, partition: str) -> list[Standing]:
    """The last word on every staged partition of a quarter that holds anything, published or held."""
    return [Standing(*row) for row in connection.execute(_STANDINGS, {"partition": partition})]


def deliveries_like(connection: Connection, asset_key: str, partition: str, start: str) -> list[str]:
    """Deliveries that were ever loaded into a partition and begin with these hex digits, newest first."""
    rows = connection.execute(
        "select delivery from ops.loads where asset_key = %s and partition_key = %s and starts_with(delivery, %s)"
        " group by delivery order by max(load_id) desc",
        (asset_key, partition, start.lower()),
    )
    return [row[0] for row in rows]


def quarter_as_of(connection: Connection, partition: str, delivery: str) -> dict[str, str | None]:
    """Delivery of every staged asset at the end of the last run that published this one; None where nothing was."""
    rows = connection.execute(
        "with run as (select run_id from ops.loads where partition_key = %(partition)s and status = 'published'"
        "  and asset_key like 'staged/%%' and delivery = %(delivery)s order by load_id desc limit 1),"
        " last as (select max(load_id) as load_id from ops.loads join run using (run_id)"
        "  where partition_key = %(partition)s)"
        " select p.asset_key, (select case when l.status = 'published' then l.delivery end from ops.loads l, last"
        "  where (l.asset_key, l.partition_key) = (p.asset_key, p.partition_key) and l.status <> 'held'"
        "  and l.load_id <= last.load_id order by l.load_id desc limit 1)"
        " from ops.partitions p where p.partition_key = %(partition)s and p.asset_key like 'staged/%%'",
        {"partition": partition, "delivery": delivery},
    )
    return dict(rows.fetchall())


def take_back(connection: Connection, place: Place, table: Table, standing: Standing, back_to: str | None) -> None:
    """Let the raw partition give ``back_to`` from now on (None: nothing); the last word is not to be loaded again.

    ``place`` is the staged partition. What is held of it is forgotten, and its letters are closed.
    """
    raw = Place(place.asset_key.replace("staged/", "raw/"), place.partition_key, place.run_id)
    point_to(connection, raw, back_to)
    for taken_back, delivery in ((True, standing.delivery), (False, back_to)):
        mark_taken_back(connection, raw.asset_key, delivery, taken_back=taken_back, partition=raw.partition_key)
    if standing.held:
        claim(connection, place)
        drop_held(connection, table, place.partition_key)
        connection.execute(
            "update ops.partitions set held_load_id = null, held_delivery = null, changed_at = now()"
            " where asset_key = %s and partition_key = %s",
            (place.asset_key, place.partition_key),
        )
        supersede(connection, place, standing.delivery)


def remove(connection: Connection, place: Place, table: Table) -> int:
    """Take a published partition out of its table, and write that down. Returns how many rows it held."""
    claim(connection, place)
    state = state_of(connection, place.asset_key, place.partition_key)
    if state.load_id is None or state.delivery is None or state.contract is None:
        return 0
    row = connection.execute(
        sql.SQL("select count(*) from {} where {} = {}").format(
            identifier(table), sql.Identifier(table.partition), sql.Literal(place.partition_key)
        )
    ).fetchone()
    removed = int(row[0]) if row else 0
    detach(connection, table, place.partition_key)
    now = datetime.datetime.now(datetime.UTC)
    load = Load(state.delivery, state.contract, Counts(removed=removed), now, status="removed")
    record_load(connection, place, load)
    supersede(connection, place)
    return removed
