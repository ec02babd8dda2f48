"""Tables that grow with what is loaded into them: columns are added, types are widened, and no value is lost by it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from hrdata_assets.cleaning.identifiers import heading_key, unique_names
from hrdata_assets.cleaning.lattice import Exact, Fit
from hrdata_assets.storage.postgres import Connection

SCHEMA = "excel"

MOST_COLUMNS = 1_000
"""Columns of a table; what a file has beyond goes into its rows' extra."""

SYSTEM_COLUMNS: Mapping[str, tuple[str, str]] = {
    "extra": ("jsonb", "What the table has no room for, by heading."),
    "source_file": ("text not null", "Path of the workbook, below the root folder."),
    "sheet": ("text not null", "Sheet of the workbook."),
    "row_no": ("integer not null", "Row of the sheet."),
    "delivery": ("text not null", "First 16 hex digits of the SHA-256 of the workbook."),
    "load_id": ("bigint not null", "Load that brought the row, in ops.loads."),
    "load_timestamp": ("timestamptz not null", "When it was loaded."),
}
"""Columns that every table made from workbooks has, with type and meaning."""


@dataclass(frozen=True)
class FileColumn:
    """A column of one file: its heading, the how manyth of that heading it is, and what holds its values.

    ``fit`` is None where no row has a value.
    """

    heading: str
    occurrence: int
    fit: Fit | None

    @property
    def key(self) -> tuple[str, int]:
        """What makes it the same column as one of another file."""
        return heading_key(self.heading), self.occurrence


@dataclass(frozen=True)
class TableColumn:
    """A column of a table made from workbooks."""

    name: str
    heading: str
    occurrence: int
    fit: Fit | None

    @property
    def key(self) -> tuple[str, int]:
        """What a file's column must have to belong here."""
        return heading_key(self.heading), self.occurrence

    @property
    def type(self) -> Exact:
        """Its type in the table; text where nothing is known of its values."""
        return self.fit.type if self.fit else Exact.TEXT


@dataclass(frozen=True)
class SchemaChange:
    """One change to a table, as ``ops.etl_schema_changes`` keeps it."""

    kind: str
    column: str | None = None
    old: Exact | None = None
    new: Exact | None = None

    def __str__(self) -> str:
        if self.column is None:
            return self.kind
        types = " to ".join(kind.value for kind in (self.old, self.new) if kind)
        return f"{self.kind} {self.column} ({types})"


@dataclass(frozen=True)
class Evolution:
    """What a file needs of its table: the columns as they will be, the changes, and where each of the file's goes.

    A None in ``places`` is a column that finds no room. ``unlike`` are the columns of which more is known than before,
    for which the table need not change.
    """

    columns: tuple[TableColumn, ...]
    changes: tuple[SchemaChange, ...]
    places: tuple[TableColumn | None, ...]
    unlike: tuple[TableColumn, ...]


def alterations(changes: Iterable[SchemaChange]) -> list[SchemaChange]:
    """Changes to a table that was there before."""
    return [change for change in changes if change.kind != "create_table"]


def plan_evolution(existing: Sequence[TableColumn] | None, arriving: Sequence[FileColumn]) -> Evolution:
    """Find out what must change so that a table (None: there is none yet) holds a file's columns too."""
    columns = {column.key: column for column in existing or ()}
    changes = [] if existing is not None else [SchemaChange("create_table")]
    new = [c for c in arriving if c.key not in columns]
    names = unique_names([c.heading for c in new], taken=[c.name for c in columns.values()])
    for column, name in zip(new, names, strict=True):
        if len(columns) >= MOST_COLUMNS:
            break
        columns[column.key] = made = TableColumn(name, column.heading, column.occurrence, column.fit)
        if existing is not None:
            changes.append(SchemaChange("add_column", name, None, made.type))
    for column in arriving:
        if column.key in columns:
            widened = _widened(columns[column.key], column)
            changes += _widening(columns[column.key], widened)
            columns[column.key] = widened
    unlike = set(columns.values()).difference(existing or ())
    return Evolution(
        tuple(columns.values()),
        tuple(changes),
        tuple(columns.get(column.key) for column in arriving),
        tuple(column for column in columns.values() if column in unlike),
    )


def _widened(column: TableColumn, arriving: FileColumn) -> TableColumn:
    fits = [f for f in (column.fit, arriving.fit) if f is not None]
    joined = fits[0].join(fits[-1]) if fits else None
    return TableColumn(column.name, column.heading, column.occurrence, joined)


def _widening(before: TableColumn, after: TableColumn) -> Iterator[SchemaChange]:
    if before.type is not after.type:
        yield SchemaChange("alter_type", before.name, before.type, after.type)


def columns_of(connection: Connection, table: str) -> tuple[TableColumn, ...] | None:
    """Columns of a table made from workbooks, in their order; None if there is no such table."""
    address = f'{SCHEMA}."{table}"'
    rows = connection.execute(
        # The catalogue itself: information_schema takes twenty times as long.
        'select c.column_name, c.heading, c.occurrence, c.type, c."binary", c.empty from ops.columns c'
        " join pg_attribute a on a.attrelid = to_regclass(%s) and a.attname = c.column_name and not a.attisdropped"
        " where c.table_name = %s order by a.attnum",
        (address, table),
    ).fetchall()
    if not rows and connection.execute("select to_regclass(%s)", (address,)).fetchone() == (None,):
        return None
    return tuple(
        TableColumn(name, heading, occurrence, None if empty else Fit(Exact(kind), binary))
        for name, heading, occurrence, kind, binary, empty in rows
    )


def evolve(connection: Connection, table: str, evolution: Evolution, source: tuple[str, str]) -> None:
    """Carry a plan out, in the connection's transaction. ``source`` is the file's path and its SHA-256."""
    if any(change.kind == "create_table" for change in evolution.changes):
        connection.execute(_create(table, evolution.columns))
        for statement in _comments(table):
            connection.execute(statement)
    for change in alterations(evolution.changes):
        connection.execute(statement_of(table, change))
    _remember(connection, table, evolution, source)


def statement_of(table: str, change: SchemaChange) -> sql.Composed:
    """The statement that adds or drops a column, or changes its type without changing how its values are written."""
    if change.column is None:
        raise LookupError(f"no column is changed by {change.kind}")
    column = sql.Identifier(change.column)
    if change.new is None:
        return sql.SQL("alter table {} drop column {}").format(named(table), column)
    kind = sql.SQL(change.new.value)
    if change.old is None:
        return sql.SQL("alter table {} add column {} {}").format(named(table), column, kind)
    return sql.SQL("alter table {} alter column {} type {} using {}").format(
        named(table), column, kind, converted(change.column, change.old, change.new)
    )


def named(table: str) -> sql.Identifier:
    """A table made from workbooks, with its schema."""
    return sql.Identifier(SCHEMA, table)


def converted(column: str, old: Exact, new: Exact) -> sql.Composed:
    """A column's values as those of another type that holds them."""
    return sql.SQL("({})::{}").format(written(column, old), sql.SQL(new.value))


_WRITTEN = {
    Exact.BOOLEAN: "case when {c} then 'TRUE' when not {c} then 'FALSE' end",
    Exact.NUMERIC: "trim_scale({c})::text",
    Exact.DOUBLE: "ops.number_text({c})",
    Exact.TIMESTAMP: "regexp_replace({c}::text, ' 00:00:00$', '')",
}


def written(column: str, kind: Exact) -> sql.Composed:
    """A column's values as the texts that were loaded."""
    return sql.SQL(_WRITTEN.get(kind, "{c}::text")).format(c=sql.Identifier(column))


def _create(table: str, columns: Sequence[TableColumn]) -> sql.Composed:
    lines: list[sql.Composable] = [
        sql.SQL("{} {}").format(sql.Identifier(c.name), sql.SQL(c.type.value)) for c in columns
    ]
    lines += [sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(kind)) for n, (kind, _) in SYSTEM_COLUMNS.items()]
    lines.append(sql.SQL("primary key (load_id, row_no)"))
    return sql.SQL("create table {} ({})").format(named(table), sql.SQL(", ").join(lines))


def _comments(table: str) -> Iterator[sql.Composed]:
    says = "One row per row of a workbook below the folder of this name."
    yield sql.SQL("comment on table {} is {}").format(named(table), sql.Literal(says))
    for name, (_, meaning) in SYSTEM_COLUMNS.items():
        yield _comment(table, name, meaning)


def _comment(table: str, column: str, text: str) -> sql.Composed:
    return sql.SQL("comment on column {} is {}").format(sql.Identifier(SCHEMA, table, column), sql.Literal(text))


def _remember(connection: Connection, table: str, evolution: Evolution, source: tuple[str, str]) -> None:
    made = any(change.kind == "create_table" for change in evolution.changes)
    added = {change.column for change in evolution.changes if change.kind == "add_column"}
    for column in evolution.columns:
        if made or column.name in added:
            connection.execute(_comment(table, column.name, column.heading))
    with connection.cursor() as cursor:
        cursor.executemany(
            'insert into ops.columns (table_name, column_name, heading, occurrence, type, "binary", empty, source_file)'
            " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (table_name, column_name) do update"
            ' set type = excluded.type, "binary" = excluded."binary", empty = excluded.empty',
            [
                (
                    *(table, c.name, c.heading, c.occurrence),
                    *(c.type.value, bool(c.fit and c.fit.binary), c.fit is None, source[0]),
                )
                for c in evolution.unlike
            ],
        )
        cursor.executemany(
            "insert into ops.etl_schema_changes (table_name, change_type, column_name, old_type, new_type, source_file,"
            " file_sha256) values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (table, c.kind, c.column, c.old and c.old.value, c.new and c.new.value, *source)
                for c in evolution.changes
            ],
        )
