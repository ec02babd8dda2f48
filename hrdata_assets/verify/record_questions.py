"""What must hold of tables that follow systems' records, staged ones and core's with their history."""

from collections.abc import Iterator

from psycopg import sql

from hrdata_assets.catalogue import UNIFIED
from hrdata_assets.storage.ddl import identifier
from hrdata_assets.storage.synced import key_column
from hrdata_assets.systems.origins import Origin, origins
from hrdata_assets.table import Table
from hrdata_assets.verify.question import RESTORE, Question

UNIFY = "bring it up to what is staged: hrdata unify"


def of_records() -> Iterator[Question]:
    """Everything that is asked of them."""
    yield Question(
        "syncs_add_up",
        "P3",
        "Every record read by any sync was kept, set aside, a duplicate or skipped.",
        sql.SQL(
            "select system || '/' || object, scope, sync_id from ops.syncs"
            " where read <> inserted + updated + unchanged + duplicate + set_aside + skipped"
        ),
        RESTORE,
    )
    yield Question(
        "states_follow_one_another",
        "P1",
        "No two states of a record hold at once, and none ends before it begins.",
        sql.SQL(" union all ").join(map(_overlapping, UNIFIED)),
        "the table was changed by something else than this platform: restore it from a backup",
    )
    yield Question(
        "core_follows_staged_records",
        "P4",
        "Core shows every staged record as it is staged, or a dead letter says why not.",
        sql.SQL(" union all ").join(map(_left_behind, origins())),
        UNIFY,
        grave=False,
    )


def _overlapping(table: Table) -> sql.Composed:
    keys = sql.SQL(", ").join(map(sql.Identifier, table.key))
    return sql.SQL(
        "select {asset}, '', count(*) from (select valid_from, valid_to, lead(valid_from) over"
        " (partition by {keys} order by valid_from) as following from {table}) s"
        " where valid_to <= valid_from or coalesce(valid_to, 'infinity') > following having count(*) > 0"
    ).format(asset=sql.Literal(f"core/{table.name}"), keys=keys, table=identifier(table))


def _left_behind(origin: Origin) -> sql.Composed:
    return sql.SQL(
        "select {asset}, {scope}, count(*) from {staged} t where not exists (select from {core} c"
        " where c.system = {system} and c.source_id = t.{key}::text and c.staged = {address}"
        " and c.valid_to is null and c.synced_at = t.synced_at) and not exists (select from ops.dead_letters d"
        " where d.asset_key = {asset} and d.status in ('open', 'discarded')"
        " and d.record = {system} || ':' || t.{key}::text) having count(*) > 0"
    ).format(
        asset=sql.Literal(f"core/{origin.table.name}"),
        scope=sql.Literal(origin.staged.name),
        staged=identifier(origin.staged),
        core=identifier(origin.table),
        system=sql.Literal(origin.system),
        key=sql.Identifier(key_column(origin.staged)),
        address=sql.Literal(origin.staged.address),
    )
