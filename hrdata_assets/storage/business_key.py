"""Tables made from workbooks that hold one row per business key: the newest, the others in ``ops.row_versions``.

Newest is the row of the greatest load, and in it the lowest one on the sheet. So a table's rows follow from which
workbooks are loaded and in which order, whatever was loaded and taken back meanwhile.
"""

from collections.abc import Sequence

from psycopg import sql

from hrdata_assets.cleaning.identifiers import MOST_BYTES
from hrdata_assets.storage.evolution import SYSTEM_COLUMNS, TableColumn, columns_of, named, written
from hrdata_assets.storage.postgres import Connection, joined_in_bulk

_SYSTEM = tuple(SYSTEM_COLUMNS)

_REPLACED_BY = sql.Identifier("replaced by")
"""No column of a workbook has a blank in its name."""


class NoKeyError(LookupError):
    """A row has nothing in a column of its table's key."""


def key_of(connection: Connection, table: str) -> tuple[str, ...]:
    """Columns of a table's business key, in their order; none where it has no key."""
    rows = connection.execute(
        "select a.attname::text from pg_constraint c cross join unnest(c.conkey) with ordinality k (attnum, place)"
        " join pg_attribute a on (a.attrelid, a.attnum) = (c.conrelid, k.attnum)"
        " where c.conrelid = to_regclass(%s) and c.conname = %s order by k.place",
        (named(table).as_string(None), _constraint(table)),
    )
    return tuple(name for (name,) in rows)


def set_key(connection: Connection, table: str, key: Sequence[str]) -> None:
    """Let a table have this business key, or none: its rows are sorted anew into the newest and the others."""
    columns = columns_of(connection, table) or ()
    drop = sql.SQL("alter table {} drop constraint if exists {}")
    connection.execute(drop.format(named(table), sql.Identifier(_constraint(table))))
    others = sql.SQL("select * from ops.row_versions where stands and table_name = {}").format(sql.Literal(table))
    _put_back(connection, table, columns, others)
    if not key:
        return
    by = _listed(key)
    older = sql.SQL(
        "select load_id, row_no, lead(load_id) over (partition by {by} order by load_id, row_no) as by_load"
        " from {table} where {filled}"
    ).format(by=by, table=named(table), filled=_filled(key))
    gone = sql.SQL(
        "delete from {table} t using ({older}) o where (t.load_id, t.row_no) = (o.load_id, o.row_no)"
        " and o.by_load is not null returning t.*, o.by_load as {replaced_by}"
    ).format(table=named(table), older=older, replaced_by=_REPLACED_BY)
    _move(connection, table, columns, key, gone)
    unique = sql.SQL("alter table {} add constraint {} unique ({}) deferrable initially deferred")
    connection.execute(unique.format(named(table), sql.Identifier(_constraint(table)), by))


def move_older(connection: Connection, table: str, key: Sequence[str], load_id: int) -> int:
    """Take the rows out whose place a load's rows take, those of the same load among them. Returns how many.

    NoKeyError if a row of the load has no key.
    """
    without = sql.SQL("select exists (select from {} where load_id = %s and not ({}))").format(
        named(table), _filled(key)
    )
    if (row := connection.execute(without, (load_id,)).fetchone()) and row[0]:
        raise NoKeyError(f"a row of load {load_id} has no key")
    same = sql.SQL(" and ").join(sql.SQL("t.{0} = n.{0}").format(sql.Identifier(name)) for name in key)
    gone = sql.SQL(
        "delete from {table} t using (select {by}, max(row_no) as {last} from {table} where load_id = {load} group by"
        " {by}) n where {same} and (t.load_id, t.row_no) <> ({load}, n.{last}) returning t.*, {load} as {replaced_by}"
    ).format(
        table=named(table), by=_listed(key), same=same, load=sql.Literal(load_id), last=sql.Identifier("last row"),
        replaced_by=_REPLACED_BY,
    )  # fmt: skip
    moved = _move(connection, table, columns_of(connection, table) or (), key, gone)
    _check_now(connection)
    return moved


def rows_behind(connection: Connection, load_id: int) -> list[int]:
    """Numbers of a load's rows that are not the newest of their key."""
    rows = connection.execute(
        "select row_no from ops.row_versions where load_id = %s and stands order by row_no", (load_id,)
    )
    return [row_no for (row_no,) in rows]


def take_out_keyed(connection: Connection, table: str, key: Sequence[str], load_id: int) -> None:
    """Take a load's rows out of a table into history; the newest of those that are left come back."""
    columns = columns_of(connection, table) or ()
    connection.execute("update ops.row_versions set stands = false where load_id = %s and stands", (load_id,))
    rows = sql.SQL("delete from {} where load_id = {} returning *, null::bigint as {}")
    gone = rows.format(named(table), sql.Literal(load_id), _REPLACED_BY)
    moved = _move(connection, table, columns, key, gone, stands=False)
    newest = sql.SQL(
        "select distinct on (v.key) v.* from ops.row_versions v join ops.row_versions freed using (key)"
        " where freed.load_id = {load} and freed.replaced_by is null and v.table_name = {table} and v.stands"
        " order by v.key, v.load_id desc, v.row_no desc"
    ).format(load=sql.Literal(load_id), table=sql.Literal(table))
    with joined_in_bulk(connection, moved):
        _put_back(connection, table, columns, newest)
    _check_now(connection)


def settle_history(
    connection: Connection, table: str, key: Sequence[str], loads: tuple[int, int], *, rows: int
) -> None:
    """Keep of a workbook's former version (the first of two loads) what the new one changed, and by which load.

    ``rows`` is about how many the former version has.
    """
    former, load_id = loads
    columns = columns_of(connection, table) or ()
    new = sql.SQL(
        "with new as (select {key} as key, {cells} as cells, extra, sheet from {table} where load_id = {load})"
    ).format(
        key=key_as_shown(columns, key), cells=cells_as_shown(columns), table=named(table), load=sql.Literal(load_id)
    )
    same = sql.SQL(
        "{} delete from ops.row_versions v using new where v.load_id = {} and not v.stands and v.key = new.key"
        " and v.cells = new.cells and v.extra is not distinct from new.extra"
    )
    changed = sql.SQL(
        "{} update ops.row_versions v set replaced_by = {} from new where v.load_id = {} and v.replaced_by is null"
        " and v.key = new.key"
    )
    with joined_in_bulk(connection, rows):
        connection.execute(same.format(new, sql.Literal(former)))
        connection.execute(changed.format(new, sql.Literal(load_id), sql.Literal(former)))


def _move(
    connection: Connection, table: str, columns: Sequence[TableColumn], key: Sequence[str], gone: sql.Composed,
    *, stands: bool = True,
) -> int:  # fmt: skip
    """Put what a statement returns of a table's rows into ``ops.row_versions``."""
    statement = sql.SQL(
        "with gone as ({gone}) insert into ops.row_versions (table_name, key, cells, stands, replaced_by, {system})"
        " select {table}, {key}, {cells}, {stands}, {replaced_by}, {system} from gone"
    ).format(
        gone=gone, table=sql.Literal(table), key=key_as_shown(columns, key), cells=cells_as_shown(columns),
        stands=sql.Literal(stands), replaced_by=_REPLACED_BY, system=_listed(_SYSTEM),
    )  # fmt: skip
    return connection.execute(statement).rowcount


def _put_back(connection: Connection, table: str, columns: Sequence[TableColumn], which: sql.Composed) -> None:
    """Put rows out of ``ops.row_versions`` back into their table."""
    values = [sql.SQL("(cells->>{})::{}").format(sql.Literal(c.name), sql.SQL(c.type.value)) for c in columns]
    statement = sql.SQL(
        "with back as ({which}), gone as (delete from ops.row_versions v using back b"
        " where (v.load_id, v.row_no) = (b.load_id, b.row_no))"
        " insert into {table} ({names}) select {values} from back"
    ).format(
        which=which, table=named(table), names=_listed([*(c.name for c in columns), *_SYSTEM]),
        values=sql.SQL(", ").join([*values, *(sql.Identifier(name) for name in _SYSTEM)]),
    )  # fmt: skip
    connection.execute(statement)


def _check_now(connection: Connection) -> None:
    """Check the keys now: a table cannot be changed in a transaction that still has checks to come."""
    connection.execute("set constraints all immediate")
    connection.execute("set constraints all deferred")


def _filled(key: Sequence[str]) -> sql.Composed:
    return sql.SQL(" and ").join(sql.SQL("{} is not null").format(sql.Identifier(name)) for name in key)


def key_as_shown(columns: Sequence[TableColumn], key: Sequence[str]) -> sql.Composed:
    """A row's business key as its sheet showed it."""
    types = {column.name: column.type for column in columns}
    return sql.SQL("array[{}]").format(sql.SQL(", ").join(written(name, types[name]) for name in key))


def cells_as_shown(columns: Sequence[TableColumn]) -> sql.Composed:
    """A row's values as its sheet showed them, which no change of a column's type changes."""
    texts = sql.SQL(", ").join(written(column.name, column.type) for column in columns)
    names = sql.SQL(", ").join(sql.Literal(column.name) for column in columns)
    return sql.SQL("jsonb_strip_nulls(jsonb_object(array[{}]::text[], array[{}]::text[]))").format(names, texts)


def _listed(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def _constraint(table: str) -> str:
    """Name of the key's constraint, which no folder's table can be called: those have no blanks.

    The end of a long name is what tells it from others.
    """
    return f"key {table[-(MOST_BYTES - 4) :]}"
