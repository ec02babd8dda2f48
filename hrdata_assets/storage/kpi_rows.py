"""The rows behind a KPI, from its view: which rows the number is made of, and where each of them stood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql
from psycopg.rows import class_row

from hrdata_assets.storage.postgres import Connection


@dataclass(frozen=True)
class KPIRow:
    """One row behind a KPI; the columns are declared, each with its sentence, in unified/marts.py."""

    part: str | None
    row_quarter: str
    source: str
    key: str
    delivery: str
    row_no: int
    value: Decimal | None
    also: Sequence[Mapping[str, object]] | None


def view_of(kpi: str) -> str:
    """Address of the view of the rows behind a KPI."""
    return f"marts.kpi_rows_{kpi}"


def rows_behind(connection: Connection, kpi: str, quarter: str) -> list[KPIRow] | None:
    """Rows behind a KPI of a quarter, part by part in the order of the files; None if its view is not there."""
    row = connection.execute("select to_regclass(%s)", (view_of(kpi),)).fetchone()
    if row is None or row[0] is None:
        return None
    with connection.cursor(row_factory=class_row(KPIRow)) as cursor:
        return cursor.execute(
            sql.SQL(
                "select part, row_quarter, source, key, delivery, row_no, value, also from {}"
                ' where quarter = %s order by part collate "C", row_quarter, delivery, row_no, key collate "C"'
            ).format(sql.Identifier(*view_of(kpi).split("."))),
            (quarter,),
        ).fetchall()


def number_of(rows: Sequence[KPIRow]) -> Decimal:
    """What the rows come to: their mean if they hold values, else their number, of parts the greatest."""
    values = [row.value for row in rows if row.value is not None]
    if values:
        return round(sum(values, Decimal(0)) / len(values), 6)
    parts = [row.part for row in rows]
    return Decimal(max((parts.count(part) for part in set(parts)), default=0))
