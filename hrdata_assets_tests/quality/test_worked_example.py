"""The worked example of the quality policy, to the count.

Its rules are declared where a declaration can say them and written by hand where it cannot yet: the required name with
the weight of a normal column, when a column is required, list after upper-casing, days in order, the e-mail as a second
key, agreement with a reference, and resolving exactly. Two of its rules need what a table does not know so far, and
are added as the counts they would give: how many rows were expected (10) and that the file arrived when it was due.
A declaration also implies rules that the example does not list (every date is real and written as agreed, all bytes
are text, records have the header's fields); all rows pass them where the example says nothing, and they are left out of
its scores. That a hiring day lies in 1950..as_of is not asked: no row of the example breaks it.
"""

import datetime
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest

from hrdata_assets.quality.judge import Judged
from hrdata_assets.rule import Action, Dimension, raw, rule
from hrdata_assets.table import Row, column
from hrdata_assets.verdict import Measure, Scorecard, percent
from hrdata_assets_tests.quality.builders import counts, judged, rules_in

D = Dimension
FILE = b"""\
user_id,name,email,country,availability,clearance,clearance_until,hired,updated
u1,Anna A,a@x.org,DE,100,SC,2025-12-31,2019-01-01,2025-09-01
u2,Bo B,b@x.org,DE,50,,,2020-02-30,2025-08-15
u3,Cy C,c@x.org,UK,0,SC,31.12.2025,2018-05-01,2023-01-01
u4,Di D,d@x,GB,80,DV,2024-01-01,2021-03-01,2025-09-20
u5,Ed E,e@x.org,FR,140,,,2017-07-01,2025-06-30
u6,Flo F,f@x.org,DE,25,SC,,2022-01-10,2025-07-01
u7,Gus G,g@x.org,DE,60,,,2020-01-01,2025-09-29
u7,Gus G,g@x.org,DE,60,,,2020-01-01,2025-09-29
u9,Ida I,,GB,n/a,,,2016-09-01,2021-05-05
u10,,j@x.org,fr,75,,,2023-01-01,2025-09-30
"""
COUNTRIES = ["DE", "GB", "FR"]
REFERENCE = {"u1": "a@x.org", "u2": "bo@x.org", "u3": "C@x.org", "u5": "e@x.org"}


@rule(D.COMPLETENESS, columns=("name",), action=Action.SET_ASIDE, even_if_missing=True)
def name_is_there() -> pl.Expr:
    """Name has a value."""
    return pl.col("present.name")


@rule(D.COMPLETENESS, columns=("availability",), even_if_missing=True)
def availability_is_there() -> pl.Expr:
    """Availability has a value."""
    return pl.col("present.availability")


@rule(D.COMPLETENESS, columns=("clearance",))
def clearance_has_an_end() -> pl.Expr:
    """Who has a clearance has its last day."""
    return pl.col("present.clearance_until")


@rule(D.VALIDITY, columns=("country",), action=Action.SET_ASIDE)
def country_is_listed() -> pl.Expr:
    """Country is on the list, in either case."""
    return pl.col("country").str.to_uppercase().is_in(COUNTRIES)


@rule(D.CONSISTENCY, columns=("hired", "updated"), action=Action.SET_ASIDE)
def hired_before_updated() -> pl.Expr:
    """Nobody is changed before being hired."""
    return pl.col("hired") <= pl.col("updated")


@rule(D.CONSISTENCY, columns=("clearance", "clearance_until"))
def clearance_has_not_ended() -> pl.Expr:
    """A clearance lasts to the quarter's end."""
    return pl.col("clearance_until") >= pl.col("as_of")


@rule(D.UNIQUENESS, columns=("email",))
def email_is_one_persons() -> pl.Expr:
    """No earlier row has the same e-mail."""
    return pl.col("email").str.to_lowercase().is_first_distinct()


@rule(D.ACCURACY, columns=("email",))
def email_agrees_with_the_reference() -> pl.Expr:
    """E-mail is that of the reference, where it has one."""
    reference = pl.col("user_id").replace_strict(REFERENCE, default=None, return_dtype=pl.String)
    return pl.col("email").str.to_lowercase() == reference.str.to_lowercase()


@rule(D.INTEGRITY, columns=("country",), action=Action.SET_ASIDE)
def country_resolves() -> pl.Expr:
    """Country is on the list as it is written."""
    return pl.col(raw("country")).is_in(COUNTRIES)


class ExampleUser(
    Row,
    table="users",
    rules=(
        name_is_there,
        availability_is_there,
        clearance_has_an_end,
        country_is_listed,
        hired_before_updated,
        clearance_has_not_ended,
        email_is_one_persons,
        email_agrees_with_the_reference,
        country_resolves,
    ),
):
    """One row per user."""

    user_id: str = column("user_id", key=True)
    """Id."""

    name: str | None = column("name")
    """Name."""

    email: str = column("email", pattern=r"[^@\s]+@[^@\s]+\.[^@\s]{2,}", form=r"[^\sA-Z]+")
    """Address."""

    country: str | None = column("country", form="[A-Z]{2}")
    """Country."""

    availability: int | None = column("availability", ge=0, le=100)
    """Share of time."""

    clearance: str | None = column("clearance", sparse=True)
    """Clearance."""

    clearance_until: datetime.date | None = column("clearance_until", sparse=True)
    """Its last day."""

    hired: datetime.date | None = column("hired")
    """First day."""

    updated: datetime.date | None = column("updated", max_age_days=365)
    """Last change."""


RECEIVED = {
    "user_id_present": (10, 10),
    "email_present": (9, 10),
    "name_is_there": (9, 10),
    "availability_is_there": (9, 10),
    "clearance_has_an_end": (3, 4),
    "email_valid": (8, 9),
    "availability_valid": (8, 9),
    "hired_valid": (9, 10),
    "country_is_listed": (9, 10),
    "hired_before_updated": (9, 9),
    "clearance_has_not_ended": (2, 3),
    "updated_fresh": (8, 10),
    "key_unique": (9, 10),
    "email_is_one_persons": (8, 9),
    "email_agrees_with_the_reference": (3, 4),
    "country_form": (9, 10),
    "clearance_until_form": (2, 3),
    "email_form": (9, 9),
    "country_resolves": (8, 10),
}
IMPLIED_BESIDES = {
    "fields_match_header": (10, 10),
    "text_is_utf8": (10, 10),
    "clearance_until_valid": (3, 3),
    "updated_valid": (10, 10),
    "hired_form": (10, 10),
    "updated_form": (10, 10),
}
SET_ASIDE = {
    1: {"hired_valid"},
    2: {"country_is_listed", "country_resolves"},
    3: {"email_valid"},
    4: {"availability_valid"},
    7: {"key_unique"},
    8: {"email_present"},
    9: {"name_is_there", "country_resolves"},
}


@pytest.fixture(scope="module")
def example() -> Judged:
    return judged(FILE, ExampleUser.table)


def as_in_the_example(card: Scorecard, *, rows_there: int) -> Scorecard:
    """The scorecard with the example's rules only, and with the two counts that no table gives so far."""
    listed = [m for m in card.measures if m.rule in RECEIVED]
    expected = Measure("rows_expected", "1", D.COMPLETENESS, 1.0, 10, rows_there, "Ten rows were expected.")
    on_time = Measure("on_time", "1", D.TIMELINESS, 1.0, 1, 1, "It was there when it was due.")
    return replace(card, measures=(*listed, expected, on_time))


def test_every_rule_counts_what_the_example_counts(example: Judged) -> None:
    assert counts(example.received) == RECEIVED | IMPLIED_BESIDES


def test_exactly_these_rows_are_set_aside_for_these_reasons(example: Judged) -> None:
    assert {letter.row_no - 2: rules_in(letter) for letter in example.letters} == SET_ASIDE
    assert (example.read, example.kept.height, example.duplicates, example.set_aside) == (10, 3, 1, 6)


def test_the_dimensions_received_are_those_of_the_example(example: Judged) -> None:
    card = as_in_the_example(example.received, rows_there=10)
    assert {d.value: percent(score) for d, score in card.dimensions.items()} == {
        "completeness": "92.78 %",
        "validity": "89.44 %",
        "consistency": "83.33 %",
        "timeliness": "90.00 %",
        "uniqueness": "89.72 %",
        "accuracy": "75.00 %",
        "conformity": "85.56 %",
        "integrity": "80.00 %",
    }
    assert percent(card.overall) == "85.73 %"


def test_shares_received_are_those_of_the_example(example: Judged) -> None:
    card = example.received
    assert (card.nulls, card.duplicates, card.set_aside_share) == (Fraction(3, 70), Fraction(1, 10), Fraction(7, 10))
    assert percent(card.nulls) == "4.29 %"


def test_the_source_gate_fails_on_duplicates_and_on_the_share_set_aside(example: Judged) -> None:
    assert [gate.name for gate in example.held] == ["duplicates", "set_aside"]


def test_dropping_rows_does_not_launder_the_score(example: Judged) -> None:
    card = as_in_the_example(example.published, rows_there=example.kept.height)
    assert percent(card.dimension(D.COMPLETENESS)) == "86.67 %"
    assert {d for d, score in card.dimensions.items() if score != 1} == {D.COMPLETENESS}
    assert percent(card.overall) == "98.33 %"
