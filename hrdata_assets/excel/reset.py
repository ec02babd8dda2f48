"""Dropping every table made from workbooks, once a backup of them was written, read back and found to be equal."""

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from psycopg import sql

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.dependents import TableInUseError, in_use_told, views_on
from hrdata_assets.storage.evolution import named
from hrdata_assets.storage.imports import tables_made
from hrdata_assets.storage.ledger import Counts, Load, Place, claim, record_load
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.table_backup import digests, restore_backup, write_backup
from hrdata_assets.storage.warehouse import Warehouse

RUN = "reset"
"""What stands in ``status_by`` of all that a reset ends, by which its backup finds it again."""


@dataclass(frozen=True)
class Going:
    """A table that a reset drops, with its rows."""

    table: str
    rows: int


def going(connection: Connection) -> list[Going]:
    """What a reset would drop. TableInUseError if views of others are made of it."""
    found = []
    for table in tables_made(connection):
        if views := views_on(connection, table):
            raise TableInUseError(table, views)
        row = connection.execute(sql.SQL("select count(*) from {}").format(named(table))).fetchone()
        found.append(Going(table, row[0] if row else 0))
    return found


def reset(warehouse: Warehouse, backup: Path) -> list[Going]:
    """Write a backup of every table made from workbooks, then drop them; the next load loads every workbook anew.

    All of it is one transaction, in which the backup is restored once and compared: if it is not equal, nothing is
    dropped. SetupError if the file exists, or others depend on a table; SystemUnavailable if a run works on one.
    """
    with warehouse.connect("excel reset") as connection:
        names = _claimed(connection)
        dropped = going(connection)
        tables = [one.table for one in dropped]
        # The file outlives an end of the transaction of which nobody knows how it ended.
        with _new_file(backup) as file:
            before = digests(connection, tables, names)
            write_backup(connection, file, tables, names)
            file.flush()
            os.fsync(file.fileno())
            _drop(connection, tables)
            _forget(connection, names)
            with backup.open("rb") as written, connection.transaction(force_rollback=True):
                restore_backup(connection, written)
                if digests(connection, tables, names) != before:
                    raise SetupError("the backup is not equal to the tables when it is restored: nothing was dropped")
    return dropped


def refuse_existing(backup: Path) -> None:
    """SetupError if there is a file already: an older backup may be all that is left of something."""
    if os.path.lexists(backup):
        raise SetupError(f"{backup} exists already: name a new file for the backup")


def _claimed(connection: Connection) -> list[str]:
    """Names of all tables that anything is known of, none of which can be loaded into until the transaction ends."""
    rows = connection.execute(
        "select table_name from ops.columns union select table_name from ops.etl_imports where status = 'imported'"
        " union select substr(asset_key, 7) from ops.partitions where asset_key like 'excel/%' order by 1"
    )
    names = [name for (name,) in rows]
    for name in names:
        claim(connection, Place(f"excel/{name}", "", RUN))
    for table in tables_made(connection):
        # Others may read on until it is dropped.
        connection.execute(sql.SQL("lock table {} in share mode").format(named(table)))
    return names


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file that nobody else may read; it is gone again if the block fails."""
    refuse_existing(path)
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise SetupError(f"the backup cannot be written to {path}: {error.strerror}") from None
    whole = False
    try:
        with file:
            yield file
        whole = True
    except OSError as error:
        raise SetupError(f"the backup cannot be written to {path}: {error.strerror}; nothing was dropped") from None
    finally:
        if not whole:
            with suppress(OSError):
                path.unlink()


def _drop(connection: Connection, tables: Sequence[str]) -> None:
    for table in tables:
        with in_use_told(connection, table):
            connection.execute(sql.SQL("drop table {}").format(named(table)))


def _forget(connection: Connection, names: Sequence[str]) -> None:
    """Let nothing be known of the tables but that they were there; no content counts as taken back by hand."""
    _empty_partitions(connection, names)
    tables = {"tables": list(names), "run": RUN}
    connection.execute(
        "update ops.etl_imports set status = 'reverted', status_at = now(), status_by = %(run)s"
        " where status = 'imported' and table_name = any(%(tables)s)",
        tables,
    )
    connection.execute(
        "update ops.etl_schema_changes set undone_at = now() where undone_at is null and table_name = any(%(tables)s)",
        tables,
    )
    connection.execute("delete from ops.columns where table_name = any(%(tables)s)", tables)
    connection.execute("delete from ops.row_versions where table_name = any(%(tables)s)", tables)
    # Whoever watches the folders is to ask for everything anew.
    connection.execute("update ops.workbook_files set asked_for = null where table_name = any(%(tables)s)", tables)
    connection.execute(
        "update ops.dead_letters set status = 'superseded', status_at = now(), status_by = %(run)s"
        " where status = 'open' and asset_key like 'excel/%%' and substr(asset_key, 7) = any(%(tables)s)",
        tables,
    )


def _empty_partitions(connection: Connection, names: Sequence[str]) -> None:
    # A held workbook has nothing in its table, and its removal is that it waits no longer.
    rows = connection.execute(
        "select p.asset_key, p.partition_key, l.delivery, l.contract, coalesce(i.row_count, 0) from ops.partitions p"
        " join ops.loads l on l.load_id = coalesce(p.load_id, p.held_load_id) left join ops.etl_imports i"
        " on i.load_id = p.load_id and i.status = 'imported'"
        " where p.asset_key like 'excel/%%' and substr(p.asset_key, 7) = any(%s) order by l.load_id",
        (list(names),),
    ).fetchall()
    now = datetime.datetime.now(datetime.UTC)
    for asset_key, partition, delivery, contract, removed in rows:
        gone = Load(delivery, contract, Counts(removed=removed), now, status="removed", reason="reset")
        record_load(connection, Place(asset_key, partition, RUN), gone)
