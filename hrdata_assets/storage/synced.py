"""Tables that follow a system's records: one row per record, its newest state, and tombstones for what is gone."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import sql

from hrdata_assets.storage.ddl import LINEAGE, STAGED_EXTRAS, identifier
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.rows import columns_of, copy_rows
from hrdata_assets.table import ColumnType, CursorMode, Table

DELETED = "is_deleted"
"""Column in which a system says of a record itself that it is deleted, where it does."""

TOLD = "told"
"""How a record is known to be gone: its system said so."""

MISSING = "missing"
"""How a record is known to be gone: its system gave all there are, and it was not among them."""


@dataclass(frozen=True)
class Stored:
    """What storing records did to the table."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


def sent_columns(table: Table) -> dict[str, ColumnType]:
    """Columns that come with a record: the declared ones, where it stood, and what nobody declared."""
    return {c.name: c.type for c in table.columns} | LINEAGE | STAGED_EXTRAS


def key_column(table: Table) -> str:
    """The column that holds the source's own id."""
    column = table.in_role(CursorMode.ID)
    assert column is not None  # noqa: S101 - only synced tables come here, and that is what makes one
    return column.name


def store(connection: Connection, table: Table, rows: pl.DataFrame, asset: str) -> Stored:
    """Bring records, one row per key, into the table: never an older state over a newer one.

    ``rows`` holds the columns of `sent_columns`. A record that is said to be deleted becomes a tombstone; one that was
    missing, that changed since it was deleted, or that said so itself and does no more, is no tombstone any more.
    """
    if rows.is_empty():
        return Stored()
    columns = sent_columns(table)
    connection.execute(
        sql.SQL("create temporary table arriving on commit drop as select {} from {} with no data").format(
            columns_of(list(columns)), identifier(table)
        )
    )
    copy_rows(connection, sql.Identifier("arriving"), rows, columns, asset=asset)
    row = connection.execute(_merge(table, list(columns))).fetchone()
    connection.execute("drop table arriving")
    inserted, updated = (int(row[0]), int(row[1])) if row else (0, 0)
    return Stored(inserted, updated, rows.height - inserted - updated)


def _merge(table: Table, columns: Sequence[str]) -> sql.Composed:
    key, stamp = key_column(table), table.in_role(CursorMode.UPDATED_AT)
    newer: sql.Composable = sql.SQL("true")
    older: sql.Composable = sql.SQL("true")
    if stamp is not None:
        name = sql.Identifier(stamp.name)
        older = sql.SQL("(t.{0} is null or n.{0} >= t.{0})").format(name)
        newer = sql.SQL("(t.{0} is null or n.{0} > t.{0})").format(name)
    # Where a record stood says nothing about what it is.
    content = [name for name in columns if name not in (*LINEAGE, key)]
    values = [sql.SQL("{0} = n.{0}").format(sql.Identifier(name)) for name in columns if name != key]
    # What somebody else told of a record is known before the record says it; what it said itself it may take back.
    gone = sql.SQL("(n.deletion is not null or (t.deletion = {told} and not {newer} and not {itself}))").format(
        told=sql.Literal(TOLD), newer=newer, itself=_says_deleted(table, "t")
    )
    return sql.SQL(
        "with n as (select *, case when {flag} then {told} end as deletion from arriving a),"
        " changed as (update {table} t set {values}, synced_at = now(),"
        " deletion = case when {gone} then coalesce(n.deletion, t.deletion) end,"
        " deleted_at = case when {gone} then coalesce(t.deleted_at, now()) end"
        " from n where t.{key} = n.{key} and {older} and (({old}) is distinct from ({new})"
        " or (t.deletion is not null) <> {gone}) returning 1),"
        " added as (insert into {table} as t ({columns}, synced_at, deletion, deleted_at)"
        " select {columns}, now(), deletion, case when deletion is not null then now() end from n"
        " where not exists (select from {table} o where o.{key} = n.{key}) returning 1)"
        " select (select count(*) from added), (select count(*) from changed)"
    ).format(
        flag=_says_deleted(table, "a"),
        told=sql.Literal(TOLD),
        table=identifier(table),
        values=sql.SQL(", ").join(values),
        gone=gone,
        key=sql.Identifier(key),
        older=older,
        old=_of("t", content),
        new=_of("n", content),
        columns=columns_of(columns),
    )


def _flags(table: Table) -> list[sql.Identifier]:
    """The column in which a record says of itself that it is deleted, where there is one."""
    return [sql.Identifier(column.name) for column in table.columns if column.name == DELETED]


def _says_deleted(table: Table, alias: str) -> sql.Composable:
    flags = [sql.SQL("coalesce({}.{}, false)").format(sql.Identifier(alias), flag) for flag in _flags(table)]
    return flags[0] if flags else sql.SQL("false")


def _of(alias: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(n)) for n in names)


def bury(
    connection: Connection, table: Table, keys: Sequence[str], moments: Mapping[str, datetime.datetime | None]
) -> int:
    """Make tombstones of records that their system says are deleted; returns how many were none yet.

    One that changed after it was deleted, as far as ``moments`` say when that was, was read since, and is there.
    """
    stamp = table.in_role(CursorMode.UPDATED_AT)
    later = sql.SQL("coalesce(t.{} > d.at, false)").format(sql.Identifier(stamp.name)) if stamp else sql.SQL("false")
    statement = sql.SQL(
        "update {} t set deletion = {told}, deleted_at = coalesce(deleted_at, now()), synced_at = now()"
        " from unnest(%s::text[], %s::timestamptz[]) d(key, at)"
        " where t.{}::text = d.key and deletion is distinct from {told} and not {later}"
    ).format(identifier(table), sql.Identifier(key_column(table)), told=sql.Literal(TOLD), later=later)
    return connection.execute(statement, (list(keys), [moments.get(key) for key in keys])).rowcount


def bring_back(connection: Connection, table: Table, keys: Sequence[str]) -> int:
    """Let records whose system said that they are deleted, and says so no more, be as they were; returns how many."""
    unsaid = sql.SQL("").join(sql.SQL(", {} = false").format(flag) for flag in _flags(table))
    statement = sql.SQL(
        "update {} set deletion = null, deleted_at = null, synced_at = now(){}"
        " where {}::text = any(%s) and deletion = {}"
    ).format(
        identifier(table),
        unsaid,
        sql.Identifier(key_column(table)),
        sql.Literal(TOLD),
    )
    return connection.execute(statement, (list(keys),)).rowcount


def bury_all_but(connection: Connection, table: Table, sync_id: int) -> int:
    """Make tombstones of records that a full sync did not meet; returns how many."""
    statement = sql.SQL(
        "update {} t set deletion = {}, deleted_at = now(), synced_at = now() where deletion is null"
        " and not exists (select from ops.sync_keys k where k.sync_id = {} and k.key = t.{}::text)"
    ).format(identifier(table), sql.Literal(MISSING), sql.Literal(sync_id), sql.Identifier(key_column(table)))
    connection.execute("analyze ops.sync_keys")
    return connection.execute(statement).rowcount


def living(connection: Connection, table: Table) -> int:
    """How many records are there that are not gone."""
    row = connection.execute(
        sql.SQL("select count(*) from {} where deletion is null").format(identifier(table))
    ).fetchone()
    return int(row[0]) if row else 0
