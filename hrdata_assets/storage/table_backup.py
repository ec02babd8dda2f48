"""Tables made from workbooks as a plain SQL file that `psql -f` restores, and the file read back and carried out.

A statement is one line of the file, and so is a row: reading it back needs no knowledge of SQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from psycopg import sql

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.evolution import named
from hrdata_assets.storage.postgres import Connection

_BEGIN = (
    "-- Tables made from workbooks, with what the platform knows of them. Restore: psql -f THIS_FILE\n"
    "-- All of it is restored or nothing; a table that is there already is not overwritten.\n"
    "\\set ON_ERROR_STOP on\n"
    "begin;\n"
    "set local client_min_messages = warning;\n"
    "set local client_encoding = 'UTF8';\n"
    "set local standard_conforming_strings = on;\n"
    "set local datestyle = 'ISO, YMD';\n"
    "set local timezone = 'UTC';\n"
    "set local search_path = pg_catalog;\n"
    "create schema if not exists excel;\n"
)
_END = "commit;\n"
_ROWS_END = b"\\.\n"


@dataclass(frozen=True)
class _Known:
    """Rows of ``ops``: a temporary table that brings them, which rows, and what makes them stand as they stood."""

    name: str
    columns: str
    rows: str
    restore: str


_KNOWN = (
    _Known(
        "restored_columns",
        "table_name text, column_name text, heading text, occurrence integer, type text,"
        ' "binary" boolean, empty boolean, source_file text',
        'select table_name, column_name, heading, occurrence, type, "binary", empty, source_file from ops.columns'
        " where table_name = any(%(tables)s)",
        'insert into ops.columns (table_name, column_name, heading, occurrence, type, "binary", empty, source_file)'
        " select * from restored_columns on conflict do nothing",
    ),
    _Known(
        "restored_imports",
        "import_id bigint, file_sha256 text",
        "select import_id, file_sha256 from ops.etl_imports where table_name = any(%(tables)s) and status = 'imported'",
        "update ops.etl_imports i set status = 'imported', status_at = null, status_by = null from restored_imports r"
        " where (i.import_id, i.file_sha256) = (r.import_id, r.file_sha256) and i.status_by = 'reset'",
    ),
    _Known(
        "restored_row_versions",
        "load_id bigint, row_no integer, table_name text, key text[], cells jsonb, extra jsonb, source_file text,"
        " sheet text, delivery text, load_timestamp timestamptz, stands boolean, replaced_by bigint,"
        " moved_at timestamptz",
        "select load_id, row_no, table_name, key, cells, extra, source_file, sheet, delivery, load_timestamp, stands,"
        " replaced_by, moved_at from ops.row_versions where table_name = any(%(tables)s)",
        "insert into ops.row_versions (load_id, row_no, table_name, key, cells, extra, source_file, sheet, delivery,"
        " load_timestamp, stands, replaced_by, moved_at) select * from restored_row_versions on conflict do nothing",
    ),
    _Known(
        "restored_partitions",
        "asset_key text, partition_key text, load_id bigint, delivery text, contract text, held_load_id bigint,"
        " held_delivery text",
        "select asset_key, partition_key, load_id, delivery, contract, held_load_id, held_delivery from ops.partitions"
        " where substr(asset_key, 7) = any(%(tables)s) and asset_key like 'excel/%%'"
        " and coalesce(load_id, held_load_id) is not null",
        "update ops.partitions p set load_id = r.load_id, delivery = r.delivery, contract = r.contract,"
        " held_load_id = r.held_load_id, held_delivery = r.held_delivery, changed_at = now() from restored_partitions r"
        " where (p.asset_key, p.partition_key) = (r.asset_key, r.partition_key)"
        " and coalesce(p.load_id, p.held_load_id) is null",
    ),
    _Known(
        "restored_letters",
        "id bigint",
        "select id from ops.dead_letters where substr(asset_key, 7) = any(%(tables)s) and asset_key like 'excel/%%'"
        " and status = 'open'",
        "update ops.dead_letters set status = 'open', status_by = null, status_at = null"
        " where status_by = 'reset' and id in (select id from restored_letters)",
    ),
    _Known(
        "restored_changes",
        "change_id bigint",
        "select change_id from ops.etl_schema_changes where table_name = any(%(tables)s) and undone_at is null",
        "update ops.etl_schema_changes set undone_at = null"
        " where change_id in (select change_id from restored_changes)",
    ),
)


@dataclass(frozen=True)
class Digest:
    """What rows are, in whatever order: how many, a sum of their hashes, and the columns with types and comments."""

    rows: int
    sum: int
    columns: tuple[tuple[object, ...], ...] = ()


def digests(connection: Connection, tables: Sequence[str], names: Sequence[str]) -> dict[str, Digest]:
    """Digests of tables, and of what is known of all ``names``, some of which may have no table any more."""
    _settle(connection)
    found = {f"excel.{table}": _digest_of_table(connection, table) for table in tables}
    hashed = sql.SQL("select count(*), coalesce(sum(hashtextextended(row(r.*)::text, 0)), 0) from ({}) r")
    for known in _KNOWN:
        row = connection.execute(hashed.format(_sql(known.rows)), {"tables": list(names)}).fetchone()
        found[known.name] = Digest(*(row or (0, 0)))
    return found


def _digest_of_table(connection: Connection, table: str) -> Digest:
    hashed = sql.SQL("select count(*), coalesce(sum(hashtextextended(row(r.*)::text, 0)), 0) from {} r")
    rows, total = connection.execute(hashed.format(named(table))).fetchone() or (0, 0)
    return Digest(rows, total, tuple(_columns(connection, table)))


def write_backup(connection: Connection, file: IO[bytes], tables: Sequence[str], names: Sequence[str]) -> None:
    """Write tables into a file, and what is known of all ``names``. The tables must be locked against writing.

    SetupError if a table's definition cannot be written as a line.
    """
    _settle(connection)
    file.write(_BEGIN.encode())
    for table in tables:
        _write_table(connection, file, table)
    for known in _KNOWN:
        _write_known(connection, file, known, names)
    file.write(_END.encode())


def _settle(connection: Connection) -> None:
    """Let values and names be written in one way until the transaction ends, whatever the database is set to."""
    connection.execute(
        "select set_config(name, value, true) from (values ('client_encoding', 'UTF8'), ('datestyle', 'ISO, YMD'),"
        " ('timezone', 'UTC'), ('intervalstyle', 'postgres'), ('extra_float_digits', '1'),"
        # Names are written with their schemas where none is looked for by itself.
        " ('search_path', 'pg_catalog')) s (name, value)"
    )


def _write_table(connection: Connection, file: IO[bytes], table: str) -> None:
    columns = list(_columns(connection, table))
    lines = [
        sql.SQL("{} {}{}").format(sql.Identifier(name), _sql(kind), sql.SQL(" not null" if filled else ""))
        for name, kind, filled, _ in columns
    ]
    _write(connection, file, sql.SQL("create table {} ({})").format(named(table), sql.SQL(", ").join(lines)))
    _write(connection, file, sql.SQL("comment on table {} is {}").format(named(table), _comment_on(connection, table)))
    for name, _, _, comment in columns:
        if comment is not None:
            column = sql.Identifier("excel", table, name)
            _write(connection, file, sql.SQL("comment on column {} is {}").format(column, _literal(comment)))
    listed = sql.SQL(", ").join(sql.Identifier(name) for name, *_ in columns)
    select = sql.SQL("select {} from {}").format(listed, named(table))
    _write_rows(connection, file, sql.SQL("{} ({})").format(named(table), listed), select, {})
    for statement in _additions(connection, table):
        _write(connection, file, _sql(statement))


def _columns(connection: Connection, table: str) -> Iterator[tuple[str, str, bool, str | None]]:
    """Name, type, whether it must be filled, and comment of each column."""
    yield from connection.execute(
        "select attname::text, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)"
        " from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        (_regclass(table),),
    )


def _comment_on(connection: Connection, table: str) -> sql.Composable:
    row = connection.execute("select obj_description(%s::regclass, 'pg_class')", (_regclass(table),)).fetchone()
    return _literal(row[0]) if row and row[0] is not None else sql.SQL("null")


def _additions(connection: Connection, table: str) -> list[str]:
    """Statements for its keys and checks, its other indexes, and who may read or write it."""
    rows = connection.execute(
        "select format('alter table %%s add constraint %%I %%s', conrelid::regclass, conname,"
        " pg_get_constraintdef(oid)) from pg_constraint where conrelid = %(t)s::regclass and contype in ('p', 'u', 'c')"
        " union all select pg_get_indexdef(indexrelid) from pg_index where indrelid = %(t)s::regclass"
        " and not exists (select from pg_constraint where conindid = indexrelid)"
        " union all select format('grant %%s on %%s to %%s', privilege_type, oid::regclass,"
        " case grantee when 0 then 'public' else grantee::regrole::text end)"
        " from pg_class, aclexplode(relacl) where oid = %(t)s::regclass and grantee <> relowner",
        {"t": _regclass(table)},
    )
    return [statement for (statement,) in rows]


def _write_known(connection: Connection, file: IO[bytes], known: _Known, names: Sequence[str]) -> None:
    name = sql.Identifier(known.name)
    make = sql.SQL("create temporary table {} ({}) on commit drop").format(name, _sql(known.columns))
    _write(connection, file, make)
    _write_rows(connection, file, name, _sql(known.rows), {"tables": list(names)})
    # Without the platform the tables alone are restored.
    restore = f"do $$ begin if to_regclass('ops.etl_imports') is not null then {known.restore}; end if; end $$"
    _write(connection, file, _sql(restore))


def _write_rows(
    connection: Connection, file: IO[bytes], into: sql.Composable, select: sql.Composable, values: Mapping[str, object]
) -> None:
    _write(connection, file, sql.SQL("copy {} from stdin").format(into))
    statement = sql.SQL("copy ({}) to stdout").format(select)
    with connection.cursor() as cursor, cursor.copy(statement, values or None) as copy:
        for block in copy:
            file.write(block)
    file.write(_ROWS_END)


def _write(connection: Connection, file: IO[bytes], statement: sql.Composable) -> None:
    text = statement.as_string(connection)
    if "\n" in text or "\r" in text:
        raise SetupError(
            "the backup cannot be written: a name or definition of a table of the schema excel has a line break; "
            "rename it, then do this again"
        )
    file.write(f"{text};\n".encode())


def restore_backup(connection: Connection, file: IO[bytes]) -> None:
    """Carry out what stands in a file, in the connection's transaction. SetupError if it ends too early."""
    last = b""
    for line in file:
        last = line
        if line.startswith((b"--", b"\\")) or line in (b"begin;\n", _END.encode()):
            continue
        if line.startswith(b"copy "):
            with connection.cursor() as cursor, cursor.copy(line) as copy:
                for row in iter(file.readline, _ROWS_END):
                    if not row:
                        raise SetupError("the backup ends in the middle of a table")
                    copy.write(row)
        else:
            connection.execute(line)
    if last != _END.encode():
        raise SetupError("the backup ends too early")


def _regclass(table: str) -> str:
    return named(table).as_string(None)


def _literal(text: str) -> sql.Composable:
    """A text on one line, whatever it holds."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\r", "\\r")
    return _sql(f"E'{escaped}'")


def _sql(text: str) -> sql.SQL:
    """A text of the catalogue's or our own as SQL."""
    return sql.SQL(text)
