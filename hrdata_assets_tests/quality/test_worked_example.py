"""The worked example of the quality policy, to the count, at both points, with every failing gate by name.

Its rules are declared where a declaration can say them and written by hand where it cannot: the required name with the
weight of a normal column, when a column is required, a list after upper-casing, days in order, an e-mail that is one
person's. A declaration also implies rules that the example does not list (every date is real and written as agreed, all
bytes are text, records have the header's fields); all rows pass them where the example says nothing, and they are left
out of its scores. Here every floor is declared a gate.
"""

import datetime
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest

from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.quality.gates import Limits, publish_gates, source_gates
from hrdata_assets.quality.judge import Circumstances, Judged, judge
from hrdata_assets.quality.references import Reference, References
from hrdata_assets.rule import Action, Dimension, rule
from hrdata_assets.table import Row, column
from hrdata_assets.verdict import Scorecard, failed, percent
from hrdata_assets_tests.quality.builders import AS_OF, counts, rules_in

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
REFERENCES = References(
    {
        "countries": Reference(dict.fromkeys(COUNTRIES, "")),
        "emails": Reference({"u1": "a@x.org", "u2": "bo@x.org", "u3": "C@x.org", "u5": "e@x.org"}),
    }
)
LIMITS = Limits(gated=frozenset(D), required=frozenset(D), expected_rows=10)


@rule(D.COMPLETENESS, columns=("name",), breaks={"name": ""}, action=Action.SET_ASIDE, even_if_missing=True)
def name_is_there() -> pl.Expr:
    """Name has a value."""
    return pl.col("present.name")


@rule(D.COMPLETENESS, columns=("availability",), breaks={"availability": ""}, even_if_missing=True)
def availability_is_there() -> pl.Expr:
    """Availability has a value."""
    return pl.col("present.availability")


@rule(D.COMPLETENESS, columns=("clearance",), breaks={"clearance_until": ""})
def clearance_has_an_end() -> pl.Expr:
    """Who has a clearance has its last day."""
    return pl.col("present.clearance_until")


@rule(D.VALIDITY, columns=("country",), breaks={"country": "UK"}, action=Action.SET_ASIDE)
def country_is_listed() -> pl.Expr:
    """Country is on the list, in either case."""
    return pl.col("country").str.to_uppercase().is_in(COUNTRIES)


@rule(D.CONSISTENCY, columns=("hired", "updated"), breaks={"hired": "2025-09-02"}, action=Action.SET_ASIDE)
def hired_before_updated() -> pl.Expr:
    """Nobody is changed before being hired."""
    return pl.col("hired") <= pl.col("updated")


@rule(D.CONSISTENCY, columns=("clearance", "clearance_until"), breaks={"clearance_until": "2025-09-29"})
def clearance_has_not_ended() -> pl.Expr:
    """A clearance lasts to the quarter's end."""
    return pl.col("clearance_until") >= pl.col("as_of")


@rule(D.UNIQUENESS, columns=("email",), breaks={"email": "a@x.org"})
def email_is_one_persons() -> pl.Expr:
    """No earlier row has the same e-mail."""
    return pl.col("email").str.to_lowercase().is_first_distinct()


class ExampleUser(
    Row,
    table="users",
    due_days=5,
    rules=(
        name_is_there,
        availability_is_there,
        clearance_has_an_end,
        country_is_listed,
        hired_before_updated,
        clearance_has_not_ended,
        email_is_one_persons,
    ),
):
    """One row per user."""

    user_id: str = column("user_id", key=True)
    """Id."""

    name: str | None = column("name")
    """Name."""

    email: str = column(
        "email",
        pattern=r"[^@\s]+@[^@\s]+\.[^@\s]{2,}",
        form=r"[^\sA-Z]+",
        breaks="d@x",
        miswritten="D@x.org",
        agrees_with="emails",
        by="user_id",
    )
    """Address."""

    country: str | None = column("country", form="[A-Z]{2}", miswritten="fr", listed_in="countries")
    """Country."""

    availability: int | None = column("availability", ge=0, le=100)
    """Share of time."""

    clearance: str | None = column("clearance", sparse=True)
    """Clearance."""

    clearance_until: datetime.date | None = column("clearance_until", sparse=True)
    """Its last day."""

    hired: datetime.date | None = column("hired", ge=datetime.date(1950, 1, 1), past=True)
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
    "email_agrees": (3, 4),
    "country_form": (9, 10),
    "clearance_until_form": (2, 3),
    "email_form": (9, 9),
    "country_listed": (8, 10),
    "rows_expected": (10, 10),
    "arrived_on_time": (1, 1),
}
PUBLISHED = {
    **dict.fromkeys(RECEIVED, (3, 3)),
    "clearance_has_an_end": (1, 2),
    "clearance_has_not_ended": (1, 1),
    "clearance_until_form": (1, 1),
    "email_agrees": (1, 1),
    "rows_expected": (3, 10),
    "arrived_on_time": (1, 1),
}
"""Of the three rows that stay: u1, u6 (a clearance without an end) and u7."""
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
    2: {"country_is_listed", "country_listed"},
    3: {"email_valid"},
    4: {"availability_valid"},
    7: {"key_unique"},
    8: {"email_present"},
    9: {"name_is_there", "country_listed"},
}


@pytest.fixture(scope="module")
def example() -> Judged:
    due = AS_OF + datetime.timedelta(days=ExampleUser.table.due_days or 0)
    circumstances = Circumstances(REFERENCES, arrived=datetime.date(2025, 10, 2), due=due)
    cleaned = clean(ExampleUser.table, read_delimited(FILE, "users.csv"), "users.csv")
    return judge(cleaned, AS_OF, LIMITS, circumstances)


def as_in_the_example(card: Scorecard) -> Scorecard:
    """The scorecard with the example's rules only."""
    return replace(card, measures=tuple(m for m in card.measures if m.rule in RECEIVED))


def shown(card: Scorecard) -> dict[str, str]:
    return {d.value: percent(score) for d, score in as_in_the_example(card).dimensions.items()}


def test_every_rule_counts_what_the_example_counts(example: Judged) -> None:
    assert counts(example.received) == RECEIVED | IMPLIED_BESIDES


def test_exactly_these_rows_are_set_aside_for_these_reasons(example: Judged) -> None:
    assert {letter.row_no - 2: rules_in(letter) for letter in example.letters} == SET_ASIDE
    assert (example.read, example.kept.height, example.duplicates, example.set_aside) == (10, 3, 1, 6)


def test_the_dimensions_received_are_those_of_the_example(example: Judged) -> None:
    assert shown(example.received) == {
        "completeness": "92.78 %",
        "validity": "89.44 %",
        "consistency": "83.33 %",
        "timeliness": "90.00 %",
        "uniqueness": "89.72 %",
        "accuracy": "75.00 %",
        "conformity": "85.56 %",
        "integrity": "80.00 %",
    }
    assert percent(as_in_the_example(example.received).overall) == "85.73 %"


def test_shares_received_are_those_of_the_example(example: Judged) -> None:
    card = example.received
    assert (card.nulls, card.duplicates, card.set_aside_share) == (Fraction(3, 70), Fraction(1, 10), Fraction(7, 10))
    assert percent(card.nulls) == "4.29 %"


def test_dropping_rows_does_not_launder_the_score(example: Judged) -> None:
    assert counts(as_in_the_example(example.published)) == PUBLISHED
    assert shown(example.published) == dict.fromkeys(shown(example.received), "100.00 %") | {"completeness": "86.67 %"}
    assert percent(as_in_the_example(example.published).overall) == "98.33 %"


RECEIVED_GATES = ["duplicates", "set_aside", "consistency", "uniqueness", "accuracy", "integrity"]


def test_every_failing_gate_is_named(example: Judged) -> None:
    assert [gate.name for gate in example.held] == [*RECEIVED_GATES, "published_completeness"]


def test_the_examples_own_rules_fail_the_same_gates(example: Judged) -> None:
    received, published = as_in_the_example(example.received), as_in_the_example(example.published)
    source = source_gates(received, may_be_empty=False, limits=LIMITS)
    assert [gate.name for gate in failed(source)] == RECEIVED_GATES
    publish = publish_gates(published, adds_up=True, limits=LIMITS)
    assert [gate.name for gate in failed(publish)] == ["published_completeness"]


def test_with_floors_that_warn_only_the_source_gate_fails(example: Judged) -> None:
    limits = replace(LIMITS, gated=frozenset())
    assert [gate.name for gate in failed(judge(example.cleaned, AS_OF, limits).gates)] == [
        "duplicates",
        "set_aside",
        "measured",
    ]


def test_a_report_that_comes_a_day_after_it_was_due_is_late(example: Judged) -> None:
    due = datetime.date(2025, 10, 5)
    for days, in_time in ((0, 1), (1, 0)):
        arrived = due + datetime.timedelta(days=days)
        found = judge(example.cleaned, AS_OF, LIMITS, Circumstances(REFERENCES, arrived, due))
        assert counts(found.received)["arrived_on_time"] == counts(found.published)["arrived_on_time"] == (in_time, 1)
