"""What people look at: tables of their own, and views whose columns are declared beside their query."""

import datetime
from decimal import Decimal

from hrdata_assets.table import FullText, Languages, Row, Table, column


class KPI(Row, table="kpis", layer="marts"):
    """One row per quarter and KPI."""

    kpi: str = column(key=True)
    """Name of the KPI; its definition stands in the file of that name in sql/marts/kpis."""

    value: Decimal | None = column()
    """The number; null when the quarter holds nothing to measure."""

    detail: Languages | None = column()
    """What the number is made of, where one number does not say it."""


class KPIRow(Row, table="kpi_rows", layer="marts"):
    """One row per KPI of a quarter and row that it is made of; for each KPI a view ``marts.kpi_rows_<kpi>``.

    The KPI is the number of these rows; where ``value`` is filled their mean; where ``part`` is filled the most rows of
    one part.
    """

    part: str | None = column()
    """What the row counts for, where a KPI measures several things."""

    row_quarter: str = column()
    """Quarter in which the row stands: the KPI's own, or the one it is compared with."""

    source: str = column()
    """Table in which the row stands."""

    key: str = column(personal=True)
    """The row's key, its parts separated by slashes."""

    delivery: str = column()
    """First 16 hex digits of the SHA-256 of the file the row came from."""

    row_no: int = column()
    """Record of that file, as a spreadsheet shows it; the header is 1."""

    value: Decimal | None = column()
    """What the row adds to a mean."""

    also: Languages | None = column()
    """Further rows for which this one counts: source, key, delivery and row_no of each."""


class SearchProfile(Row, table="cv_search_profile_mv", layer="marts"):
    """One row per CV of the newest published quarter, with what people search for."""

    user_id: str = column(personal=True)
    """Flowcase id of the person; short name of cv_partner_user_id."""

    cv_partner_user_id: str = column(personal=True)
    """Flowcase id of the person."""

    user_name: str | None = column(personal=True)
    """Name, the international one if there is one."""

    email: str | None = column(personal=True)
    """E-mail address."""

    department: str | None = column()
    """Department."""

    country: str | None = column()
    """Country of the office."""

    cv_id: str = column(key=True, personal=True)
    """Flowcase id of the CV."""

    cv_title: str | None = column()
    """Title of the CV: the international one, else the first by language."""

    sfia_level: int | None = column()
    """SFIA level."""

    cpd_label: str | None = column()
    """Label of the career level."""

    technologies: str | None = column()
    """Technologies, in order of name, with commas between."""

    max_years_experience: Decimal | None = column(unit="years")
    """Longest experience with any one technology."""

    clearance: str = column()
    """Highest security clearance valid on the quarter's last day; None if there is none."""

    latest_availability_date: datetime.date | None = column()
    """Last day on or before the quarter's last one for which availability is known."""

    latest_percent_available: int | None = column(unit="%")
    """Availability on that day."""

    roles: str | None = column()
    """Roles of the CV, in order of name, with commas between."""

    search: FullText = column(personal=True)
    """Full text over title, technologies, roles and summaries, for websearch_to_tsquery."""


class Quality(Row, table="quality", layer="marts"):
    """One row per quarter, table and dimension: the score of what is published, what it rests on, and its change."""

    asset: str = column(key=True)
    """Key of the table's asset, such as staged/flowcase_users."""

    dimension: str = column(key=True)
    """One of the eight dimensions, or overall: the mean of those that were measured."""

    received: Decimal | None = column()
    """Score of what was delivered, as a share of 1; null if not measured."""

    published: Decimal | None = column()
    """Score of what readers see, as a share of 1; null if not measured."""

    rows: int = column(big=True, unit="rows")
    """Rows received."""

    rules: int = column(unit="rules")
    """Rules that applied to anything received."""

    dimensions: int = column()
    """Dimensions that were measured: 0 or 1, and up to 8 for the overall score."""

    previous_quarter: str | None = column()
    """The table's published quarter before this one."""

    previous: Decimal | None = column()
    """What was received scored in that quarter."""

    change: Decimal | None = column()
    """How much higher (or lower) received is than previous."""


TABLES: tuple[Table, ...] = (KPI.table,)
"""Tables of the layer, without the views."""

VIEWS: tuple[Table, ...] = (SearchProfile.table, Quality.table)
"""Views of the layer, materialized or not, each made by its file in sql/marts."""

KPI_ROWS: Table = KPIRow.table
"""What every view of the rows behind a KPI yields; each is made by its file in sql/marts/kpi_rows."""
