"""Conditions on rows that are here already: they answer as PostgreSQL would, and are all to be met."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from pydantic import AwareDatetime

from hrdata_assets.query import Condition, field, matches
from hrdata_assets.systems.bullhorn.tables import Candidate
from hrdata_assets.table import Operator, Row, column


class Thing(Row, table="try_things"):
    """One row per thing."""

    word: str | None = column(filterable=True)
    """Text."""

    count: int | None = column(filterable=True)
    """Whole number."""

    price: Decimal | None = column(filterable=True)
    """Number."""

    good: bool | None = column(filterable=True)
    """Truth."""

    day: datetime.date | None = column(filterable=True)
    """Day."""

    at: AwareDatetime | None = column(filterable=True)
    """Moment."""

    tags: tuple[str, ...] | None = column(filterable=True)
    """Texts."""


WORDS = st.text(alphabet="abAB%_\\'\" ", max_size=4)
ZONES = st.sampled_from([datetime.UTC, datetime.timezone(datetime.timedelta(hours=2))])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "word": WORDS,
    "count": st.integers(-3, 3),
    "price": st.decimals(-2, 2, places=1),
    "good": st.booleans(),
    "day": st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 1, 4)),
    "at": st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 1, 4), timezones=ZONES).map(
        lambda moment: moment.replace(minute=0, second=0, microsecond=0)
    ),
    "tags": st.lists(WORDS, max_size=3),
}
SIGNS = {Operator.EQ: "=", Operator.GT: ">", Operator.LT: "<", Operator.GTE: ">=", Operator.LTE: "<="}
CASES = [(c.name, operator) for c in Thing.table.columns for operator in c.operators]


@pytest.fixture(scope="module")
def connection(server_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server_url, autocommit=True) as made:
        yield made


def by_postgresql(connection: psycopg.Connection, condition: Condition, found: Any) -> bool:
    """What PostgreSQL answers; null is no."""
    kind = sql.SQL(condition.column.type.value)
    asked: sql.Composable
    values: list[Any]
    if condition.operator is Operator.CONTAINS:
        like = "exists (select from unnest(%s::text[]) t where t ilike %s)"
        word = str(condition.value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        asked, values = sql.SQL(like), [found if isinstance(found, list) or found is None else [found], f"%{word}%"]
    elif condition.operator is Operator.IN:
        asked = sql.SQL("%s::{0} = any(%s::{0}[])").format(kind)
        values = [found, list(condition.values)]
    else:
        asked = sql.SQL("%s::{0} {1} %s::{0}").format(kind, sql.SQL(SIGNS[condition.operator]))
        values = [found, condition.value]
    row = connection.execute(sql.SQL("select coalesce({}, false)").format(asked), values).fetchone()
    assert row is not None
    return bool(row[0])


@pytest.mark.parametrize(("name", "operator"), CASES, ids=lambda part: str(part))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(draw=st.data())
def test_a_condition_answers_as_postgresql_does(
    connection: psycopg.Connection, name: str, operator: Operator, draw: st.DataObject
) -> None:
    one = VALUES["word" if name == "tags" else name]
    value = draw.draw(st.lists(one, min_size=1, max_size=3) if operator is Operator.IN else one)
    found = draw.draw(st.none() | VALUES[name])
    condition = field(Thing, name).where(operator, value)
    assert condition.matches({name: found}) == by_postgresql(connection, condition, found)


def test_a_row_of_its_class_is_asked_as_its_values_are() -> None:
    thing = Thing(word="Oslo", tags=("Go", "SQL"))
    for condition, wanted in (
        (field(Thing, "word").eq("Oslo"), True),
        (field(Thing, "word").eq("oslo"), False),
        (field(Thing, "word").contains("OS"), True),
        (field(Thing, "tags").contains("sql"), True),
        (field(Thing, "tags").contains("java"), False),
        (field(Thing, "count").lt(5), False),
    ):
        assert condition.matches(thing) is condition.matches(vars(thing)) is wanted


def test_what_a_row_does_not_hold_is_met_by_nothing() -> None:
    for name, operator in CASES:
        value = {"day": "2026-01-01", "at": "2026-01-01", "good": True, "count": 1, "price": 1}.get(name, "x")
        condition = field(Thing, name).where(operator, [value] if operator is Operator.IN else value)
        assert not condition.matches({})
        assert not condition.matches(Thing())


def test_a_row_meets_all_conditions_or_is_left_out() -> None:
    both = (field(Candidate, "city").eq("Oslo"), field(Candidate, "salary").gte(10))
    assert matches(both, {"city": "Oslo", "salary": Decimal(10)})
    assert not matches(both, {"city": "Oslo", "salary": Decimal(9)})
    assert not matches(both, {"city": "Leeds", "salary": Decimal(10)})
    assert matches((), {})
