"""Undo: an earlier delivery put back, or a partition taken out, with all that was built from it, in one transaction."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from hrdata_assets.catalogue import CORE, STAGED
from hrdata_assets.defs.core import core_group
from hrdata_assets.defs.loading import NOTHING, Loaded, ToLoad, empty_load
from hrdata_assets.defs.marts import kpi_groups, refresh_profile
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.defs.releases import releases_in
from hrdata_assets.defs.staged import look_up, read_and_judge
from hrdata_assets.defs.terms import policy_of
from hrdata_assets.errors import SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.archive import Archived
from hrdata_assets.storage.history import (
    Standing,
    deliveries_like,
    quarter_as_of,
    remove,
    standings,
    take_back,
)
from hrdata_assets.storage.ledger import Counts, Place, delivery_of, state_of
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.publish import publish
from hrdata_assets.storage.selections import asset_key
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table
from hrdata_assets.unified.marts import KPI


@dataclass(frozen=True)
class Step:
    """One report to take back: ``to`` is the delivery put in its place, None if the partition is taken out."""

    table: Table
    standing: Standing
    to: str | None


@dataclass(frozen=True)
class Effect:
    """What going back does, or would do, to one partition of a table."""

    table: str
    quarter: str
    counts: Counts


def plan(connection: Connection, quarter: Quarter, table: Table | None, to: str | None) -> list[Step]:
    """What is to be taken back: one report, or whatever the last run brought into the quarter.

    ``to`` is the beginning of a delivery's hash; for a quarter, every report goes back to where it stood when that
    delivery was loaded last. SetupError when there is nothing to take back, or nothing of that name.
    """
    standing = {s.asset_key: s for s in standings(connection, quarter.key)}
    if not standing:
        raise SetupError(f"nothing is loaded or held in {quarter.key}: there is nothing to take back")
    if table is not None:
        return [_step_of_table(connection, quarter, table, standing, to)]
    if to is not None:
        steps = _steps_as_of(connection, quarter, standing, to)
    else:
        cause = max(standing.values(), key=lambda s: s.origin).cause
        steps = [Step(t, s, s.before) for t, s in _pairs(standing) if s.cause == cause]
    if not steps:
        raise SetupError(f"{quarter.key} is as it was then: there is nothing to take back")
    return steps


def _pairs(standing: Mapping[str, Standing]) -> list[tuple[Table, Standing]]:
    return [(table, standing[asset_key(table)]) for table in STAGED if asset_key(table) in standing]


def _step_of_table(
    connection: Connection, quarter: Quarter, table: Table, standing: Mapping[str, Standing], to: str | None
) -> Step:
    name = asset_key(table)
    if name not in standing:
        raise SetupError(f"nothing is loaded or held of {name} in {quarter.key}: there is nothing to take back")
    mine = standing[name]
    if to is None:
        return Step(table, mine, mine.before)
    found = deliveries_like(connection, name, quarter.key, to)
    if len(found) != 1:
        raise SetupError(
            f"{len(found)} deliveries of {name} {quarter.key} begin with {to}: see `hrdata loads {name} {quarter.key}`"
        )
    if found[0] == mine.delivery:
        raise SetupError(f"{name} {quarter.key} holds {found[0]} already: there is nothing to take back")
    return Step(table, mine, found[0])


def _steps_as_of(connection: Connection, quarter: Quarter, standing: Mapping[str, Standing], to: str) -> list[Step]:
    found = {d for name in standing for d in deliveries_like(connection, name, quarter.key, to)}
    if len(found) != 1:
        raise SetupError(f"{len(found)} deliveries of {quarter.key} begin with {to}: see `hrdata loads`")
    wanted = quarter_as_of(connection, quarter.key, found.pop())
    return [Step(t, s, wanted.get(s.asset_key)) for t, s in _pairs(standing) if wanted.get(s.asset_key) != s.delivery]


def carry_out(connection: Connection, warehouse: Warehouse, quarter: Quarter, steps: Sequence[Step]) -> list[Effect]:
    """Go back, in the connection's transaction: commit it, or roll it back and only know what would have changed.

    Everything goes through the path of an ordinary load. Tables that core cannot be made without take core with them.
    """
    run_id = f"revert-{uuid.uuid4()}"
    shown = _newest(connection)
    for step in steps:
        place = Place(asset_key(step.table), quarter.key, run_id)
        take_back(connection, place, step.table, step.standing, None if step.to == NOTHING.short else step.to)
    # What was only held leaves nothing to take out.
    gone = [s.table for s in steps if s.to is None and _is_published(connection, s.table, quarter)]
    effects = _remove(connection, quarter, run_id, gone)
    effects += [_put_back(connection, warehouse, quarter, s.table, run_id) for s in steps if s.to is not None]
    effects += _rebuild(connection, warehouse, quarter, run_id)
    if _newest(connection) != shown or shown == quarter.key:
        refresh_profile(connection)
    return effects


def _is_published(connection: Connection, table: Table, quarter: Quarter) -> bool:
    return state_of(connection, asset_key(table), quarter.key).load_id is not None


def _newest(connection: Connection) -> str | None:
    row = connection.execute("select quarter from current.quarter").fetchone()
    return row[0] if row else None


def _remove(connection: Connection, quarter: Quarter, run_id: str, tables: Sequence[Table]) -> list[Effect]:
    """Take tables out of a quarter; first those that were made from them."""
    effects = []
    for table in (KPI.table, *reversed(CORE), *tables) if tables else ():
        removed = remove(connection, Place(asset_key(table), quarter.key, run_id), table)
        effects.append(Effect(table.address, quarter.key, Counts(removed=removed)))
    return list(reversed(effects))


def _put_back(connection: Connection, warehouse: Warehouse, quarter: Quarter, table: Table, run_id: str) -> Effect:
    place = Place(asset_key(table), quarter.key, run_id)
    found = delivery_of(connection, place.asset_key.replace("staged/", "raw/"), quarter.key)
    if found is None:
        load: ToLoad = empty_load(table, policy_of(warehouse).of(table))
    else:
        report = Archived(*found, warehouse.archive)
        known = look_up(connection, warehouse, place, table, report)
        if isinstance(known, Loaded):
            return Effect(table.address, quarter.key, Counts())
        load = read_and_judge(place, table, report, known)
    receipt = publish(connection, place, load.publication)
    if receipt.status == "held":
        raise SetupError(
            f"{place.asset_key} {quarter.key}: the delivery to go back to would be held today ({receipt.reason}): "
            "choose another with --to, or release it first"
        )
    return Effect(table.address, quarter.key, receipt.counts)


def _rebuild(connection: Connection, warehouse: Warehouse, quarter: Quarter, run_id: str) -> list[Effect]:
    """Make core and KPIs of the quarter anew, where all they need is there, and the KPIs that compare with it."""
    effects = []
    if is_whole(connection, quarter):
        group = core_group(connection, warehouse, quarter.key, run_id)
        (core,) = releases_in(connection, policy_of(warehouse), [(group, {})])
        if core.faults():
            raise SetupError(f"core {quarter.key} cannot be made from that: {'; '.join(core.faults())}")
        core.publish()
        effects += [Effect(t.address, quarter.key, core.changes(t)) for t in CORE]
    for release in releases_in(connection, policy_of(warehouse), _kpis_to_make(connection, warehouse, quarter, run_id)):
        release.publish()
        effects.append(Effect(KPI.table.address, release.group.partition, release.changes(KPI.table)))
    return effects


def _kpis_to_make(connection: Connection, warehouse: Warehouse, quarter: Quarter, run_id: str):
    rows = connection.execute(
        "select partition_key from ops.partitions where asset_key = 'core/users' and load_id is not null"
        " and partition_key >= %s order by partition_key limit 1",
        (quarter.key,),
    ).fetchall()
    return kpi_groups(connection, warehouse, rows[0][0], run_id) if rows else []


def is_whole(connection: Connection, quarter: Quarter) -> bool:
    """Whether every report of a quarter is published, be it as an empty table."""
    loaded = connection.execute(
        "select asset_key from ops.partitions where partition_key = %s and load_id is not null", (quarter.key,)
    ).fetchall()
    return {(asset_key(table),) for table in STAGED} <= set(loaded)


def forget_partition(instance: dg.DagsterInstance, connection: Connection, quarter: Quarter) -> None:
    """Take a quarter out of Dagster's partitions once nothing of it is published or held."""
    row = connection.execute(
        "select exists (select from ops.partitions where partition_key = %s"
        " and (load_id is not null or held_load_id is not null))",
        (quarter.key,),
    ).fetchone()
    if row and not row[0]:
        instance.delete_dynamic_partition(QUARTERS.name or "", quarter.key)
