"""What people look at, where it is a table of its own."""

from decimal import Decimal

from hrdata_assets.table import Languages, Row, Table, column


class KPI(Row, table="kpis", layer="marts"):
    """One row per quarter and KPI."""

    kpi: str = column(key=True)
    """Name of the KPI; its definition stands in the file of that name in sql/marts/kpis."""

    value: Decimal | None = column()
    """The number; null when the quarter holds nothing to measure."""

    detail: Languages | None = column()
    """What the number is made of, where one number does not say it."""


TABLES: tuple[Table, ...] = (KPI.table,)
"""Tables of the layer, without the materialized views."""
