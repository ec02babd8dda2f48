"""Tables with history: every state of a row, each with the time in which it held, and which of them holds now."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from psycopg import sql

from hrdata_assets.storage.ddl import LINEAGE, VERSION_COLUMNS, identifier
from hrdata_assets.storage.postgres import Connection, joined_in_bulk
from hrdata_assets.storage.rows import columns_of, copy_rows
from hrdata_assets.storage.synced import Stored
from hrdata_assets.table import ColumnType, CursorMode, Table

_OURS = ("valid_from", "valid_to")


def sent_columns(table: Table) -> dict[str, ColumnType]:
    """Columns that come with a state: what it says, where it was read, what made it, and whether its record is gone."""
    ours = {name: kind for name, kind in VERSION_COLUMNS.items() if name not in _OURS}
    return {c.name: c.type for c in table.columns} | LINEAGE | ours | {"deleted_at": ColumnType.MOMENT}


def states_of(
    table: Table, rows: pl.DataFrame, records: Sequence[Mapping[str, Any]], staged: Table, formatter: str
) -> pl.DataFrame:
    """Rows of the model as states, each made of a record that says where it stood, and whether and when it went."""
    moment = pl.Datetime("us", "UTC")
    read: dict[str, Any] = {
        "delivery": pl.String,
        "row_no": pl.Int32,
        "synced_at": moment,
        "deletion": pl.String,
        "deleted_at": moment,
    }
    beside = [pl.Series(name, [record[name] for record in records], dtype=kind) for name, kind in read.items()]
    made = [pl.lit(staged.address).alias("staged"), pl.lit(formatter).alias("formatter")]
    return rows.with_columns(*beside, *made).select(list(sent_columns(table)))


def store_states(connection: Connection, table: Table, rows: pl.DataFrame, asset: str) -> Stored:
    """Bring states, one per key, into the table; the one that held until now is closed where the new one differs.

    A state begins with the source's own stamp, at the latest when we read it, and never before the one it follows.
    What another formatter makes of the very same record takes the place of the former in its time: nothing happened.
    ``rows`` holds the columns of `sent_columns`.
    """
    if rows.is_empty():
        return Stored()
    columns = sent_columns(table)
    connection.execute(_arriving(table, columns))
    copy_rows(connection, sql.Identifier("arriving"), rows, columns, asset=asset)
    with joined_in_bulk(connection, rows.height):
        connection.execute(_decided(table))
        same = connection.execute(_touched(table, columns)).rowcount
        amended = connection.execute(_amended(table)).rowcount
        closed = connection.execute(_closed(table)).rowcount
        added = connection.execute(_added(table)).rowcount
    connection.execute("drop table arriving, decided")
    return Stored(inserted=added - closed, updated=closed + amended, unchanged=same)


def _arriving(table: Table, columns: dict[str, ColumnType]) -> sql.Composed:
    own = [name for name in columns if name != "deleted_at"]
    return sql.SQL(
        "create temporary table arriving on commit drop as"
        " select {}, null::timestamptz as deleted_at from {} with no data"
    ).format(columns_of(own), identifier(table))


def _decided(table: Table) -> sql.Composed:
    """What is to be done with each: it is the ``same``, ``amend``s what holds, ``close``s it, or is the ``first``."""
    stamp = table.in_role(CursorMode.UPDATED_AT)
    stamped = sql.Identifier(stamp.name) if stamp else sql.SQL("synced_at")
    said = [c.name for c in table.columns] + ["deletion"]
    return sql.SQL(
        "create temporary table decided on commit drop as select n.*,"
        " greatest(case when n.deletion is null then least(n.{stamp}, n.synced_at) else n.deleted_at end,"
        " c.valid_from + interval '1 microsecond') as begins,"
        " case when c.valid_from is null then 'first' when ({new}) is not distinct from ({old}) then 'same'"
        " when n.{stamp} = c.{stamp} and n.deletion is not distinct from c.deletion and n.formatter <> c.formatter"
        " then 'amend' else 'close' end as verdict"
        " from arriving n left join {table} c on {keys} and c.valid_to is null"
    ).format(
        stamp=stamped, new=_of("n", said), old=_of("c", said), table=identifier(table), keys=_same_key(table, "c", "n")
    )


def _touched(table: Table, columns: dict[str, ColumnType]) -> sql.Composed:
    """Of a state that says the same only where it was read is new."""
    ours = [name for name in columns if name in LINEAGE or name in ("staged", "formatter", "synced_at")]
    return _update(table, ours, "same")


def _amended(table: Table) -> sql.Composed:
    names = [c.name for c in table.columns if not c.key] + [*LINEAGE, "staged", "formatter", "synced_at"]
    return _update(table, names, "amend")


def _update(table: Table, names: Sequence[str], verdict: str) -> sql.Composed:
    values = sql.SQL(", ").join(sql.SQL("{0} = d.{0}").format(sql.Identifier(name)) for name in names)
    return sql.SQL("update {} t set {} from decided d where d.verdict = {} and {} and t.valid_to is null").format(
        identifier(table), values, sql.Literal(verdict), _same_key(table, "t", "d")
    )


def _closed(table: Table) -> sql.Composed:
    return sql.SQL(
        "update {} t set valid_to = d.begins from decided d where d.verdict = 'close' and {} and t.valid_to is null"
    ).format(identifier(table), _same_key(table, "t", "d"))


def _added(table: Table) -> sql.Composed:
    names = [name for name in sent_columns(table) if name != "deleted_at"]
    return sql.SQL(
        "insert into {} ({}, valid_from) select {}, begins from decided where verdict in ('first', 'close')"
    ).format(identifier(table), columns_of(names), columns_of(names))


def _same_key(table: Table, one: str, other: str) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{}.{} = {}.{}").format(
            sql.Identifier(one), sql.Identifier(name), sql.Identifier(other), sql.Identifier(name)
        )
        for name in table.key
    )


def _of(alias: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(n)) for n in names)
