"""What changed in a core table from one quarter to another: who came, who went, and which columns of whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from hrdata_assets.storage.ddl import LINEAGE, identifier, stored_columns
from hrdata_assets.storage.partitions import ROW_KEY, keyed
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import Table


@dataclass(frozen=True)
class TableChanges:
    """Counts of rows: in either quarter, only in one, and in both with something changed, in all and by column."""

    table: str
    before: int
    after: int
    joiners: int
    leavers: int
    changed: int
    columns: Mapping[str, int]


@dataclass(frozen=True)
class RowChange:
    """A row that joined, left or changed; a change names the column and both values, as text."""

    key: tuple[str, ...]
    kind: str
    column: str | None = None
    old: str | None = None
    new: str | None = None


def changes_between(connection: Connection, table: Table, first: str, second: str) -> TableChanges:
    """Count a table's changes from the first partition to the second; where a row stood in its file is none of them."""
    columns = compared_columns(table)
    per_column = [_both(sql.SQL("count(*) filter (where {} and {})"), column) for column in columns]
    row = connection.execute(
        sql.SQL(
            "select count(o.o), count(n.n), count(*) filter (where o.o is null), count(*) filter (where n.n is null),"
            " count(*) filter (where o.o and n.n and ({new}) is distinct from ({old})){each} from {joined}"
        ).format(
            # Of a table whose key is all it has nothing can change.
            new=_qualified("n", columns or table.key),
            old=_qualified("o", columns or table.key),
            each=sql.SQL("").join(sql.SQL(", {}").format(count) for count in per_column),
            joined=_joined(table, first, second),
        )
    ).fetchone()
    before, after, joiners, leavers, changed, *each = row or (0,) * (5 + len(columns))
    counted = {column: count for column, count in zip(columns, each, strict=True) if count}
    by_count = dict(sorted(counted.items(), key=lambda item: -item[1]))
    return TableChanges(table.address, before, after, joiners, leavers, changed, by_count)


def changed_rows(connection: Connection, table: Table, first: str, second: str) -> list[RowChange]:
    """Every row that joined, left or changed, in order of key; one entry per changed column."""
    key = sql.SQL(", ").join(
        sql.SQL("coalesce({}, {})::text").format(sql.Identifier("n", k), sql.Identifier("o", k)) for k in table.key
    )
    columns = compared_columns(table)
    lines: list[sql.Composable] = [sql.SQL("(null::text, null::text, null::text, o.o is null or n.n is null, -1)")]
    lines += [_line(column, place) for place, column in enumerate(columns)]
    rows = connection.execute(
        sql.SQL(
            "select array[{key}], case when o.o is null then 'joined' when n.n is null then 'left' else 'changed' end,"
            " v.name, v.old, v.new from {joined} cross join lateral (values {lines}) v (name, old, new, told, place)"
            " where v.told order by 1, v.place"
        ).format(key=key, joined=_joined(table, first, second), lines=sql.SQL(", ").join(lines))
    )
    return [RowChange(tuple(key), *rest) for key, *rest in rows]


def compared_columns(table: Table) -> list[str]:
    """Columns that say something of a row: neither its key nor where it came from."""
    return [n for n in stored_columns(table) if n not in (table.partition, *table.key, *LINEAGE)]


def _joined(table: Table, first: str, second: str) -> sql.Composed:
    side = sql.SQL("(select *, true as {mark} from {table} where {by} = {partition})")
    old, new = (
        keyed(
            mark,
            side.format(
                mark=sql.Identifier(mark),
                table=identifier(table),
                by=sql.Identifier(table.partition),
                partition=sql.Literal(partition),
            ),
            table.key,
        )
        for mark, partition in (("o", first), ("n", second))
    )
    return sql.SQL("{old} full join {new} on o.{key} = n.{key}").format(old=old, new=new, key=ROW_KEY)


def _both(statement: sql.SQL, column: str) -> sql.Composed:
    differs = sql.SQL("{} is distinct from {}").format(sql.Identifier("o", column), sql.Identifier("n", column))
    return statement.format(sql.SQL("o.o and n.n"), differs)


def _line(column: str, place: int) -> sql.Composable:
    return sql.SQL("({name}, {old}::text, {new}::text, o.o and n.n and {old} is distinct from {new}, {place})").format(
        name=sql.Literal(column),
        old=sql.Identifier("o", column),
        new=sql.Identifier("n", column),
        place=sql.Literal(place),
    )


def _qualified(alias: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, n) for n in names)
