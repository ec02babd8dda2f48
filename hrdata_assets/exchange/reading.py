"""Rows to be moved, part by part: read from a system through its cursor, or from the warehouse."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from hrdata_assets.query import Condition
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.synced import DELETED
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.batch import judged_records
from hrdata_assets.systems.system import System, Window
from hrdata_assets.table import ColumnType, Operator, Table
from hrdata_assets.verdict import Letter

_FETCHED = 2_000

Refused = tuple[str, str | None, Letter]
"""A row kept out: its page, its own id, and why."""


@dataclass(frozen=True)
class Part:
    """Rows of a page, those of it that break a rule of their own table, and where to go on once they are written.

    A row holds its table's columns, ``extra``, and where it stood: ``delivery`` and ``row_no``. ``gone`` counts rows
    that say they are deleted.
    """

    rows: Sequence[Mapping[str, Any]]
    refused: Sequence[Refused] = ()
    gone: int = 0
    position: Mapping[str, Any] = field(default_factory=dict)
    page: tuple[Delivery, int] | None = None

    @property
    def read(self) -> int:
        """All that were in it."""
        return len(self.rows) + len(self.refused) + self.gone


def parts_of_system(system: System, table: Table, window: Window, now: datetime.datetime) -> Iterator[Part]:
    """Pages of a system, judged by its table's own rules."""
    for page in system.pages(table, window):
        places = [(page.delivery.short, place) for place in range(1, len(page.records) + 1)]
        batch = judged_records(table, page.records, places, now, system.withheld)
        rows = [_native(row) for row in batch.rows.iter_rows(named=True)]
        alive = [row for row in rows if not row.get(DELETED)]
        # A record that came twice on one page counts as left out.
        gone = len(page.records) - len(alive) - len(batch.letters)
        yield Part(alive, batch.letters, gone, page.position, (page.delivery, len(page.records)))


def _native(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "extra": json.loads(row["extra"]) if row["extra"] else {}}


def parts_of_warehouse(warehouse: Warehouse, table: Table, where: Sequence[Condition], without: str) -> Iterator[Part]:
    """Rows that hold now, but for those that came from the system ``without``, by their key."""
    view = sql.Identifier("current", table.name)
    asked = sql.SQL(" and ").join([sql.SQL("system <> %s"), *(_sql(condition) for condition in where)])
    keys = sql.SQL(", ").join(sql.Identifier(name) for name in table.key)
    statement = sql.SQL("select * from {} where {} and ({}) > (%s, %s) order by {} limit {}").format(
        view, asked, keys, keys, sql.Literal(_FETCHED)
    )
    values = [without, *(value for condition in where for value in _values(condition))]
    after: tuple[str, str] = ("", "")
    while True:
        with warehouse.connect("transfer") as connection, connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(statement, (*values, *after)).fetchall()
        if not rows:
            return
        yield Part(rows)
        after = (rows[-1][table.key[0]], rows[-1][table.key[1]])


_SIGNS = {
    Operator.EQ: "=", Operator.GT: ">", Operator.LT: "<", Operator.GTE: ">=", Operator.LTE: "<=",
}  # fmt: skip


def _sql(condition: Condition) -> sql.Composed:
    """A condition as PostgreSQL understands it, its values left open."""
    column = sql.Identifier(condition.column.name)
    many = condition.column.type is ColumnType.TEXTS
    if condition.operator is Operator.IN:
        return sql.SQL("{} = any(%s)").format(column)
    if condition.operator is Operator.CONTAINS:
        if many:
            return sql.SQL("exists (select from unnest({}) one where strpos(lower(one), lower(%s)) > 0)").format(column)
        return sql.SQL("strpos(lower({}), lower(%s)) > 0").format(column)
    return sql.SQL("{} {} %s").format(column, sql.SQL(_SIGNS[condition.operator]))


def _values(condition: Condition) -> list[Any]:
    return [list(condition.values)] if condition.operator is Operator.IN else list(condition.values)
