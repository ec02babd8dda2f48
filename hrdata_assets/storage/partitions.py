"""Partitions built aside and attached: a reader sees the old one or the new one, never a mix."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from psycopg import sql

from hrdata_assets.storage.ddl import LINEAGE, identifier, primary_key, stored_columns
from hrdata_assets.storage.ledger import Counts
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import Table


def partition_name(table: Table, partition: str) -> str:
    """Name of a partition's own table: ``users_2026_q2``."""
    return f"{table.name}_{partition.lower().replace('-', '_')}"


def open_site(connection: Connection, purpose: str = "") -> str:
    """Make a schema of this connection's own, in which partitions are built unseen. Returns its name."""
    row = connection.execute("select pg_backend_pid()").fetchone()
    name = f"building_{row[0] if row else 0}{purpose}"
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
    return name


def close_site(connection: Connection, site: str) -> None:
    """Take the building site away, with whatever was not moved to its place."""
    connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(site)))


@contextmanager
def building_site(connection: Connection) -> Iterator[str]:
    """A building site for the length of a block."""
    site = open_site(connection)
    yield site
    close_site(connection, site)


def build_empty(connection: Connection, site: str, table: Table) -> sql.Identifier:
    """Make an empty table shaped like the parent on the building site, without keys."""
    aside = sql.Identifier(site, table.name)
    connection.execute(sql.SQL("create table {} (like {} including comments)").format(aside, identifier(table)))
    return aside


def have_in_common(connection: Connection, site: str, table: Table, values: Mapping[str, str | None]) -> None:
    """Give columns of the built table the value that all rows to come have, so that it need not be sent with each.

    None takes it away again: a row that comes later is to say it itself.
    """
    column = sql.SQL("alter column {} {}")
    changes = [
        column.format(
            sql.Identifier(name),
            sql.SQL("drop default") if value is None else sql.SQL("set default {}").format(sql.Literal(value)),
        )
        for name, value in values.items()
    ]
    connection.execute(
        sql.SQL("alter table {} {}").format(sql.Identifier(site, table.name), sql.SQL(", ").join(changes))
    )


def add_key(connection: Connection, site: str, table: Table, partition: str) -> None:
    """Key the built table, after its rows are in, and tell the planner what is in it."""
    aside = sql.Identifier(site, table.name)
    constraint = sql.Identifier(f"{partition_name(table, partition)}_pkey"[:63])
    columns = sql.SQL(", ").join(map(sql.Identifier, primary_key(table)))
    connection.execute(sql.SQL("alter table {} add constraint {} primary key ({})").format(aside, constraint, columns))
    # The columns that queries join by; statistics of every text would cost more than the load.
    joined = dict.fromkeys((*primary_key(table), *table.key, *table.references))
    connection.execute(sql.SQL("analyze {} ({})").format(aside, sql.SQL(", ").join(map(sql.Identifier, joined))))


def compare(connection: Connection, site: str, table: Table, partition: str) -> Counts:
    """Count what the built table inserts, updates, leaves unchanged and removes against what is published now."""
    aside, published = sql.Identifier(site, table.name), _published(table, partition)
    if not _exists(connection, published):
        row = connection.execute(sql.SQL("select count(*) from {}").format(aside)).fetchone()
        return Counts(inserted=row[0] if row else 0)
    row = connection.execute(
        sql.SQL(
            "select count(*) filter (where o.{key} is null), count(*) filter (where n.{key} is null),"
            " count(*) filter (where o.{key} is not null and n.{key} is not null and ({new}) is distinct from ({old})),"
            " count(*) from {aside} full join {published} on n.{key} = o.{key}"
        ).format(
            key=ROW_KEY,
            new=_qualified("n", _compared(table)),
            old=_qualified("o", _compared(table)),
            aside=keyed("n", aside, table.key or ("row_no",)),
            published=keyed("o", published, table.key or ("row_no",)),
        )
    ).fetchone()
    inserted, removed, updated, both = row or (0, 0, 0, 0)
    unchanged = both - inserted - removed - updated
    return Counts(inserted=inserted, updated=updated, unchanged=unchanged, removed=removed)


ROW_KEY = sql.Identifier("row key")
"""The whole key as one text: columns joined one by one are sorted by language, which takes six times as long."""


def keyed(alias: str, rows: sql.Composable, key: Sequence[str]) -> sql.Composed:
    """Rows of a table (or a query in brackets) under an alias, with their key as one text beside them."""
    return sql.SQL("(select *, row({columns})::text as {key} from {rows} t) {alias}").format(
        columns=_qualified("t", key), key=ROW_KEY, rows=rows, alias=sql.Identifier(alias)
    )


def _compared(table: Table) -> Sequence[str]:
    # Where a row stood in its file is no part of what it says.
    return [n for n in stored_columns(table) if n not in LINEAGE]


def _qualified(alias: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, n) for n in names)


def detach(connection: Connection, table: Table, partition: str) -> None:
    """Take the published partition away, if there is one; tables that refer to it come first."""
    published = _published(table, partition)
    if not _exists(connection, published):
        return
    connection.execute(sql.SQL("alter table {} detach partition {}").format(identifier(table), published))
    connection.execute(sql.SQL("drop table {}").format(published))


def attach(connection: Connection, site: str, table: Table, partition: str) -> None:
    """Move the built table to its place and make it the partition; tables that it refers to come first."""
    name = partition_name(table, partition)
    connection.execute(
        sql.SQL("alter table {} rename to {}").format(sql.Identifier(site, table.name), sql.Identifier(name))
    )
    connection.execute(
        sql.SQL("alter table {} set schema {}").format(sql.Identifier(site, name), sql.Identifier(table.layer))
    )
    connection.execute(
        sql.SQL("alter table {} attach partition {} for values in ({})").format(
            identifier(table), sql.Identifier(table.layer, name), sql.Literal(partition)
        )
    )


def put_aside(connection: Connection, site: str, table: Table, partition: str) -> None:
    """Keep the built table, unpublished, as ``held.<name>`` for inspection."""
    name = f"{table.layer}_{partition_name(table, partition)}"
    drop_held(connection, table, partition)
    connection.execute(
        sql.SQL("alter table {} rename to {}").format(sql.Identifier(site, table.name), sql.Identifier(name))
    )
    connection.execute(sql.SQL("alter table {} set schema held").format(sql.Identifier(site, name)))


def drop_held(connection: Connection, table: Table, partition: str) -> None:
    """Forget the held rows of a partition: something newer was delivered."""
    name = f"{table.layer}_{partition_name(table, partition)}"
    connection.execute(sql.SQL("drop table if exists held.{}").format(sql.Identifier(name)))


def _published(table: Table, partition: str) -> sql.Identifier:
    return sql.Identifier(table.layer, partition_name(table, partition))


def _exists(connection: Connection, table: sql.Identifier) -> bool:
    row = connection.execute("select to_regclass(%s)", (table.as_string(connection),)).fetchone()
    return row is not None and row[0] is not None
