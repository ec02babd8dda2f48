"""Tables as declared: partitioned parents, their foreign keys, the views of the newest quarter, comments."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from psycopg import sql

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import ColumnType, Table

LINEAGE = {"delivery": ColumnType.TEXT, "row_no": ColumnType.INTEGER}
"""Columns that lead a row back to the line of the file it came from."""

STAGED_EXTRAS = {"extra": ColumnType.LANGUAGES, "changes": ColumnType.LANGUAGES}
"""Undeclared columns of a delivery, and codes of what was changed on the way."""

SYNC_COLUMNS = {"synced_at": ColumnType.MOMENT, "deletion": ColumnType.TEXT, "deleted_at": ColumnType.MOMENT}
"""What is known of a system's record beside what it holds."""

VERSION_COLUMNS = {
    "staged": ColumnType.TEXT,
    "formatter": ColumnType.TEXT,
    "synced_at": ColumnType.MOMENT,
    "deletion": ColumnType.TEXT,
    "valid_from": ColumnType.MOMENT,
    "valid_to": ColumnType.MOMENT,
}
"""What a state of a row is known by in a table with history, beside what it holds."""

SYSTEM_COLUMNS = {
    "quarter": "Quarter of the export, such as 2026-Q2.",
    "delivery": "First 16 hex digits of the SHA-256 of the file the row came from.",
    "row_no": "Record of that file, as a spreadsheet shows it; the header is 1.",
    "extra": "Columns of the file that nobody declared.",
    "changes": "What was changed on the way, per column, as codes.",
    "synced_at": "When a sync last changed the row here.",
    "deletion": "Null for a record that is there; told: its system deleted it; missing: a full sync did not meet it.",
    "deleted_at": "When it was found to be gone.",
    "staged": "Table of the system's own record that the row was made of; its delivery and row_no lead to the page.",
    "formatter": "What made it of that record, by its checksum.",
    "valid_from": "Since when the row says so, by the source's own stamp where it has one.",
    "valid_to": "Until when it did; null for the state that holds now.",
}
"""What the columns mean that every table has without declaring them."""

MART_VIEWS = {"cv_search_profile_mv": "materialized view", "quality": "view"}
"""Views of the marts, each made by its file; they hold nothing of their own."""

_ALWAYS = ("synced_at", "valid_from")
"""Columns of ours that always say something; a clearance's own `valid_from` need not."""

SCHEMAS = ("staged", "core", "current", "marts", "excel", "held", "ops")


def stored_columns(table: Table, *, with_lineage: bool = True) -> dict[str, ColumnType]:
    """Columns of the stored table in order: the partition, the declared ones, and the way back."""
    declared = {c.name: c.type for c in table.columns}
    if table.synced:
        return declared | LINEAGE | STAGED_EXTRAS | SYNC_COLUMNS
    if table.history:
        return declared | LINEAGE | VERSION_COLUMNS
    stored = {table.partition: ColumnType.TEXT} | declared
    if table.layer == "staged":
        return stored | LINEAGE | STAGED_EXTRAS
    return stored | LINEAGE if with_lineage and has_lineage(table) else stored


def has_lineage(table: Table) -> bool:
    """Whether rows lead back to one line each: names collected from many lines do not."""
    return table.layer == "staged" or (table.layer == "core" and not table.name.startswith("dim_"))


def primary_key(table: Table) -> tuple[str, ...]:
    """Partition and key; staged rows are told apart by where they stood, a system's records by their own ids.

    States of one row by when they began.
    """
    if table.synced:
        return table.key
    if table.history:
        return (*table.key, "valid_from")
    return ("row_no", table.partition) if table.layer == "staged" else (table.partition, *table.key)


def identifier(table: Table) -> sql.Identifier:
    """The table, with its schema."""
    return sql.Identifier(table.layer, table.name)


def apply_schema(connection: Connection, tables: Sequence[Table], folder: Path) -> bool:
    """Bring the database to the declarations and SQL files; tell whether there was anything to do.

    Runs in the connection's transaction. New columns are added; a column whose declared type changed is a SetupError.
    """
    version = _version(tables, folder)
    if _applied(connection, "schema") == version:
        return False
    connection.execute("select pg_advisory_xact_lock(hashtextextended('hrdata schema', 0))")
    if _applied(connection, "schema") == version:
        return False
    for schema in SCHEMAS:
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    connection.execute(_file(folder / "ops.sql"))
    connection.execute(_file(folder / "excel.sql"))
    for table in tables:
        _apply_table(connection, table)
    connection.execute(_file(folder / "current.sql"))
    for table in tables:
        if table.layer == "core":
            connection.execute(_current_view(table))
    for name, kind in MART_VIEWS.items():
        _apply_mart_view(connection, folder, name, kind)
    for path in _kpi_rows(folder):
        _apply_kpi_rows(connection, path)
    _remember(connection, "schema", version)
    return True


def _version(tables: Sequence[Table], folder: Path) -> str:
    words = [repr(t.columns) + t.address for t in tables]
    words += [_text(path) for path in sorted(folder.glob("*.sql"))]
    words += [_text(_mart_file(folder, name)) for name in MART_VIEWS]
    words += [_text(path) for path in _kpi_rows(folder)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _applied(connection: Connection, name: str) -> str | None:
    found = connection.execute("select to_regclass('ops.schema_versions')").fetchone()
    if not found or found[0] is None:
        return None
    row = connection.execute("select version from ops.schema_versions where name = %s", (name,)).fetchone()
    return row[0] if row else None


def _remember(connection: Connection, name: str, version: str) -> None:
    connection.execute(
        "insert into ops.schema_versions (name, version) values (%s, %s)"
        " on conflict (name) do update set version = excluded.version, applied_at = now()",
        (name, version),
    )


def _file(path: Path) -> sql.SQL:
    # A file of this project's own, not a value: psycopg asks for a literal only to catch formatted statements.
    return sql.SQL(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}; the SQL folder must look like sql/") from None


def _mart_file(folder: Path, name: str) -> Path:
    return folder / "marts" / f"{name}.sql"


def _apply_table(connection: Connection, table: Table) -> None:
    existing = _existing_columns(connection, table)
    if not existing:
        connection.execute(_create(table))
        if table.history:
            connection.execute(_one_state_holds(table))
    for name, kind in stored_columns(table).items():
        if existing and name not in existing:
            connection.execute(
                sql.SQL("alter table {} add column {} {}").format(
                    identifier(table), sql.Identifier(name), sql.SQL(kind.value)
                )
            )
        elif existing and existing[name] != _catalogue_type(kind):
            raise SetupError(
                f"{table.address}.{name} is {existing[name]} in the database and {kind.value} in the declaration: "
                "change the column by hand, or rename it in the declaration"
            )
    for statement in _comments(table):
        connection.execute(statement)


def _existing_columns(connection: Connection, table: Table) -> Mapping[str, str]:
    rows = connection.execute(
        "select column_name, data_type from information_schema.columns where table_schema = %s and table_name = %s",
        (table.layer, table.name),
    )
    return {str(name): str(kind) for name, kind in rows}


def _catalogue_type(kind: ColumnType) -> str:
    spelt = {ColumnType.TIMESTAMP: "timestamp without time zone", ColumnType.MOMENT: "timestamp with time zone"}
    return "ARRAY" if kind is ColumnType.TEXTS else spelt.get(kind, kind.value)


def _create(table: Table) -> sql.Composed:
    # A report may have a column that is called as one of ours is: it is required only if it says so.
    ours = {table.partition, *LINEAGE, *_ALWAYS} - {c.name for c in table.columns}
    required = {c.name for c in table.columns if c.required} | ours
    lines: list[sql.Composable] = [
        sql.SQL("{} {}{}").format(sql.Identifier(name), sql.SQL(kind.value), sql.SQL(" not null" * (name in required)))
        for name, kind in stored_columns(table).items()
    ]
    lines.append(sql.SQL("primary key ({})").format(_names(primary_key(table))))
    for name, target in table.references.items():
        lines.append(
            sql.SQL("foreign key ({}) references {}").format(
                _names((table.partition, name)), sql.Identifier(table.layer, target)
            )
        )
    whole = sql.SQL("create table {} ({})").format(identifier(table), sql.SQL(", ").join(lines))
    return (
        whole
        if table.synced or table.history
        else whole + sql.SQL(" partition by list ({})").format(sql.Identifier(table.partition))
    )


def _one_state_holds(table: Table) -> sql.Composed:
    return sql.SQL("create unique index {} on {} ({}) where valid_to is null").format(
        sql.Identifier(f"{table.name}_one_state_holds"), identifier(table), _names(table.key)
    )


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _comments(table: Table) -> Iterator[sql.Composed]:
    texts = SYSTEM_COLUMNS | {c.name: c.description for c in table.columns}
    yield sql.SQL("comment on table {} is {}").format(identifier(table), sql.Literal(table.description))
    for name in stored_columns(table):
        yield sql.SQL("comment on column {} is {}").format(
            sql.Identifier(table.layer, table.name, name), sql.Literal(texts[name])
        )


def _current_view(table: Table) -> sql.Composed:
    if table.history:
        return sql.SQL(
            "create or replace view {} as select * from {} where valid_to is null and deletion is null"
        ).format(sql.Identifier("current", table.name), identifier(table))
    return sql.SQL(
        "create or replace view {view} as select * from {table}"
        " where {partition} = (select quarter from current.quarter)"
    ).format(
        view=sql.Identifier("current", table.name),
        table=identifier(table),
        partition=sql.Identifier(table.partition),
    )


def _apply_mart_view(connection: Connection, folder: Path, name: str, kind: str) -> None:
    """Make a view again when its definition changed: it holds nothing of its own."""
    file = _mart_file(folder, name)
    version = hashlib.sha256(_text(file).encode()).hexdigest()[:16]
    if _applied(connection, f"marts.{name}") == version:
        return
    drop = sql.SQL("drop {} if exists {}").format(sql.SQL(kind), sql.Identifier("marts", name))
    connection.execute(drop)
    connection.execute(_file(file))
    _remember(connection, f"marts.{name}", version)


def _kpi_rows(folder: Path) -> list[Path]:
    return sorted((folder / "marts" / "kpi_rows").glob("*.sql"))


def _apply_kpi_rows(connection: Connection, path: Path) -> None:
    """Make the view of the rows behind a KPI again when its definition changed: it holds nothing of its own."""
    definition = _text(path)
    version = hashlib.sha256(definition.encode()).hexdigest()[:16]
    name = f"kpi_rows_{path.stem}"
    if _applied(connection, f"marts.{name}") == version:
        return
    view = sql.Identifier("marts", name)
    said = " ".join(line.removeprefix("--").strip() for line in definition.splitlines() if line.startswith("--"))
    connection.execute(sql.SQL("drop view if exists {}").format(view))
    connection.execute(sql.SQL("create view {} as {}").format(view, _file(path)))
    connection.execute(sql.SQL("comment on view {} is {}").format(view, sql.Literal(said)))
    _remember(connection, f"marts.{name}", version)
