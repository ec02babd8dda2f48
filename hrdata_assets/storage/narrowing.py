"""Taking back what a workbook made its table grow by, as far as no workbook that is left needs it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from hrdata_assets.cleaning.lattice import Exact, Fit, join_all
from hrdata_assets.storage.evolution import SchemaChange, TableColumn, named, statement_of
from hrdata_assets.storage.postgres import Connection


@dataclass(frozen=True)
class Need:
    """What a workbook that is loaded needs its table to hold, by name of the column."""

    source_file: str
    fits: Mapping[str, Fit | None]


@dataclass(frozen=True)
class Narrowing:
    """What is taken back: columns as they will be, changes, and columns that stay, with the files that need them.

    ``table_goes`` where nothing is left of the table.
    """

    columns: tuple[TableColumn, ...]
    changes: tuple[SchemaChange, ...]
    kept: Mapping[str, tuple[str, ...]]
    table_goes: bool = False


def plan_narrowing(columns: Sequence[TableColumn], needs: Sequence[Need], touched: Collection[str]) -> Narrowing:
    """Find out what can be taken back of the columns that a file brought or changed (``touched``)."""
    if not needs and set(touched) >= {column.name for column in columns}:
        return Narrowing((), (), {}, table_goes=True)
    left, changes, kept = [], [], {}
    for column in columns:
        users = [need for need in needs if column.name in need.fits]
        if column.name not in touched:
            left.append(column)
        elif not users:
            changes.append(SchemaChange("drop_column", column.name, column.type))
        else:
            fit = join_all(*(need.fits[column.name] for need in users))
            needed = TableColumn(column.name, column.heading, column.occurrence, fit)
            left.append(needed)
            if needed.type is not column.type:
                changes.append(SchemaChange("alter_type", column.name, column.type, needed.type))
            elif needed.fit == column.fit:
                kept[column.name] = tuple(sorted({need.source_file for need in users}))
    return Narrowing(tuple(left), tuple(changes), kept)


def needs_of(connection: Connection, table: str) -> list[Need]:
    """What every workbook needs whose rows stand in a table."""
    rows = connection.execute(
        "select source_file, columns from ops.etl_imports where table_name = %s and status = 'imported'"
        " order by import_id",
        (table,),
    )
    return [Need(file, {c["name"]: _fit(c["type"], binary=c["binary"]) for c in columns}) for file, columns in rows]


def touched_by(connection: Connection, table: str, source_file: str) -> set[str]:
    """Columns that a file brought into its table, or changed the type of."""
    rows = connection.execute(
        "select column_name from ops.columns where table_name = %(table)s and source_file = %(file)s"
        " union select column_name from ops.etl_schema_changes where table_name = %(table)s and source_file = %(file)s"
        " and undone_at is null and column_name is not null",
        {"table": table, "file": source_file},
    )
    return {name for (name,) in rows}


def statements(table: str, narrowing: Narrowing) -> list[sql.Composed]:
    """The statements that take back what a plan says."""
    if narrowing.table_goes:
        return [sql.SQL("drop table {}").format(named(table))]
    return [statement_of(table, change) for change in narrowing.changes]


def narrow(connection: Connection, table: str, source_file: str, narrowing: Narrowing) -> None:
    """Carry a plan out, in the connection's transaction."""
    for statement in statements(table, narrowing):
        connection.execute(statement)
    names = [column.name for column in narrowing.columns]
    connection.execute(
        "delete from ops.columns where table_name = %s and not column_name = any(%s)",
        (table, names),
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            'update ops.columns set type = %s, "binary" = %s, empty = %s where table_name = %s and column_name = %s',
            [(c.type.value, bool(c.fit and c.fit.binary), c.fit is None, table, c.name) for c in narrowing.columns],
        )
    _mark_undone(connection, table, source_file, narrowing)


def _mark_undone(connection: Connection, table: str, source_file: str, narrowing: Narrowing) -> None:
    """Everything about a column that is gone is undone; of one that stays, what the file did to it."""
    connection.execute(
        "update ops.etl_schema_changes set undone_at = now() where table_name = %(table)s and undone_at is null"
        " and (%(all)s or column_name = any(%(gone)s) or (source_file = %(file)s and column_name = any(%(altered)s)))",
        {
            "table": table,
            "all": narrowing.table_goes,
            "file": source_file,
            "gone": [c.column for c in narrowing.changes if c.kind == "drop_column"],
            "altered": [c.column for c in narrowing.changes if c.kind == "alter_type"],
        },
    )


def _fit(kind: str | None, *, binary: bool) -> Fit | None:
    return None if kind is None else Fit(Exact(kind), binary=binary)
