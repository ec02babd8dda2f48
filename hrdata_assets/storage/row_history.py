"""Every version of a row of a table with a business key: which workbook said what of it, and when."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from psycopg import sql
from psycopg.rows import class_row

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.business_key import cells_as_shown, key_as_shown, key_of
from hrdata_assets.storage.evolution import columns_of, named
from hrdata_assets.storage.postgres import Connection


@dataclass(frozen=True)
class RowVersion:
    """A row as one workbook had it, its empty cells left out.

    ``state`` is current, behind (a newer workbook's row stands in its place), replaced or reverted (so was its
    workbook).
    """

    load_id: int
    row_no: int
    source_file: str
    sheet: str
    loaded: datetime.datetime
    state: str
    cells: dict[str, str]


def versions_of(connection: Connection, table: str, key: Sequence[str]) -> list[RowVersion]:
    """Versions of the row with a key, given as the sheet shows it, oldest first.

    SetupError if the table has no key, or one of other parts.
    """
    names, columns = key_of(connection, table), columns_of(connection, table) or ()
    if not names:
        raise SetupError(f"excel.{table} has no business key: name one in the configuration (key: …), and load")
    if len(names) != len(key):
        raise SetupError(f"the key of excel.{table} is {', '.join(names)}: give --key for each, in this order")
    query = sql.SQL(
        "select load_id, row_no, source_file, sheet, load_timestamp as loaded, 'current' as state, cells from (select"
        " load_id, row_no, source_file, sheet, load_timestamp, {key} as key, {cells} as cells from {table}) t"
        " where key = %(key)s::text[] union all select v.load_id, v.row_no, v.source_file, v.sheet, v.load_timestamp,"
        " case when v.stands then 'behind' else i.status end, v.cells from ops.row_versions v"
        " left join ops.etl_imports i using (load_id) where v.table_name = %(table)s and v.key = %(key)s::text[]"
        " order by load_id, row_no"
    ).format(key=key_as_shown(columns, names), cells=cells_as_shown(columns), table=named(table))
    with connection.cursor(row_factory=class_row(RowVersion)) as cursor:
        found = cursor.execute(query, {"key": list(key), "table": table}).fetchall()
    order = [column.name for column in columns]
    return [replace(one, cells={n: one.cells[n] for n in [*order, *one.cells] if n in one.cells}) for one in found]


def changes_between(versions: Sequence[RowVersion]) -> Iterator[dict[str, tuple[str | None, str | None]]]:
    """What each version says otherwise than the one before it: column, then the value before and after."""
    before: dict[str, str] = {}
    for version in versions:
        names = dict.fromkeys((*before, *version.cells))
        pairs = {name: (before.get(name), version.cells.get(name)) for name in names}
        yield {name: (old, new) for name, (old, new) in pairs.items() if old != new}
        before = version.cells
