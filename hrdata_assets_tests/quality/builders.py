"""An employee report, good rows of it, and how it is judged."""

import datetime
from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.quality.gates import Limits
from hrdata_assets.quality.judge import Judged, judge
from hrdata_assets.rule import Action, Dimension, rule
from hrdata_assets.table import Languages, Row, Table, column
from hrdata_assets.verdict import Letter, Scorecard
from hrdata_assets_tests.cleaning.builders import csv_of_rows

AS_OF = datetime.date(2025, 9, 30)


@rule(
    Dimension.CONSISTENCY,
    columns=("born", "updated"),
    breaks={"born": "2025-09-02", "updated": "2025-09-01"},
)
def changed_after_birth() -> pl.Expr:
    """Nobody is changed before being born."""
    return pl.col("born") <= pl.col("updated").cast(pl.Date)


@rule(
    Dimension.CONSISTENCY,
    columns=("level", "hours"),
    breaks={"level": "5", "hours": "0", "active": "true"},
    action=Action.SET_ASIDE,
    when=pl.col("active"),
)
def works_at_the_level() -> pl.Expr:
    """Who is active at level 5 works at least an hour."""
    return (pl.col("level") < 5) | (pl.col("hours") >= 1)


class Employee(
    Row,
    table="employees",
    origin="employee_report",
    may_be_empty=False,
    rules=(changed_after_birth, works_at_the_level),
):
    """One row per employee."""

    employee_id: str = column("Employee ID", key=True)
    """Id."""

    name: str = column("Name", personal=True)
    """Name."""

    email: str | None = column("Email", personal=True, pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+", breaks="zebra")
    """Address."""

    level: int | None = column("Level", ge=1, le=5)
    """Level."""

    grade: str | None = column("Grade", allowed=("A", "B"), weight=2.0)
    """Grade."""

    born: datetime.date | None = column("Born")
    """Birthday."""

    updated: datetime.datetime | None = column("Updated", max_age_days=365)
    """Last change."""

    hours: Decimal | None = column("Hours", ge=0)
    """Hours."""

    active: bool | None = column("Active")
    """Whether active."""

    title: Languages | None = column("Title", sparse=True)
    """Title."""

    country: str | None = column("Country", sparse=True, form="[A-Z]{2}", miswritten="no", missing=())
    """Country."""


def an_employee(number: int = 1, **changes: str) -> dict[str, str]:
    """A row that breaks no rule; changes go by column."""
    good = {
        "employee_id": f"e{number}",
        "name": f"Person {number}",
        "email": f"person{number}@example.org",
        "level": "3",
        "grade": "A",
        "born": "1984-02-29",
        "updated": "2025-09-01 08:00:00 UTC",
        "hours": "37.5",
        "active": "true",
        "title": "int:Engineer",
        "country": "NO",
    }
    assert not set(changes) - set(good)
    return {Employee.table.column(name).header or name: text for name, text in (good | changes).items()}


def employees(count: int, start: int = 1) -> list[dict[str, str]]:
    """So many good rows."""
    return [an_employee(number) for number in range(start, start + count)]


def judged(content: bytes, table: Table = Employee.table, limits: Limits | None = None) -> Judged:
    """Read and judge a file."""
    return judge(clean(table, read_delimited(content, "employee_report.csv"), "employee_report.csv"), AS_OF, limits)


def judged_rows(*rows: Mapping[str, str]) -> Judged:
    """Judge these rows."""
    return judged(csv_of_rows(*rows))


def counts(card: Scorecard) -> dict[str, tuple[int, int]]:
    """Passed and units, by rule."""
    return {m.rule: (m.passed, m.units) for m in card.measures}


def broken(card: Scorecard) -> dict[str, int]:
    """How many rows broke each rule that any broke."""
    return {m.rule: m.units - m.passed for m in card.measures if m.passed < m.units}


def rules_in(letter: Letter) -> set[str | None]:
    """Names of the rules that a letter gives as reasons."""
    return {reason["rule"] for reason in letter.reasons}
