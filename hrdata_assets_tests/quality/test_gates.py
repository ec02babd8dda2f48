"""Gates: what just holds at a limit passes, the next unit beyond it fails, and nothing is rounded on the way."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrdata_assets.quality.gates import FLOORS, Limits, publish_gates, source_gates
from hrdata_assets.rule import Dimension
from hrdata_assets.verdict import Gate, Measure, Scorecard, failed, percent

D = Dimension


def a_measure(passed: int, units: int, dimension: Dimension = D.VALIDITY, weight: float = 1.0) -> Measure:
    return Measure("a_rule", "1", dimension, weight, units, passed, "A rule.")


def a_card(*measures: Measure, **counts: int) -> Scorecard:
    return Scorecard("received", measures=measures, **({"rows": 100} | counts))


def gates(card: Scorecard, *, may_be_empty: bool = True, limits: Limits | None = None) -> dict[str, Gate]:
    return {g.name: g for g in source_gates(card, may_be_empty=may_be_empty, limits=limits or Limits())}


def refusals(card: Scorecard, *, may_be_empty: bool = True) -> list[str]:
    return [g.name for g in failed(list(gates(card, may_be_empty=may_be_empty).values()))]


def test_a_sane_delivery_passes_every_gate() -> None:
    card = a_card(a_measure(100, 100), cells=100, keyed=100)
    assert list(gates(card)) == ["rows", "overall", "nulls", "duplicates", "set_aside"]
    assert refusals(card) == []


@pytest.mark.parametrize(
    ("gate", "at_limit", "beyond"),
    [
        ("overall", a_card(a_measure(80, 100)), a_card(a_measure(79, 100))),
        ("overall", a_card(a_measure(80_000_000, 100_000_000)), a_card(a_measure(79_999_999, 100_000_000))),
        ("nulls", a_card(cells=1000, missing=200), a_card(cells=1000, missing=201)),
        ("nulls", a_card(cells=5, missing=1), a_card(cells=4, missing=1)),
        ("duplicates", a_card(keyed=100, surplus=5), a_card(keyed=100, surplus=6)),
        ("duplicates", a_card(keyed=10**8, surplus=5 * 10**6), a_card(keyed=10**8, surplus=5 * 10**6 + 1)),
        ("set_aside", a_card(rows=20, set_aside=1), a_card(rows=19, set_aside=1)),
        ("set_aside", a_card(rows=100, set_aside=5), a_card(rows=100, set_aside=6)),
    ],
)
def test_the_limit_itself_passes_and_one_unit_beyond_fails(gate: str, at_limit: Scorecard, beyond: Scorecard) -> None:
    assert refusals(at_limit) == []
    assert refusals(beyond) == [gate]


def test_a_mean_that_floating_point_would_miss_is_exact() -> None:
    shares = (Fraction(7, 10), Fraction(9, 10), Fraction(8, 10))
    weights = (0.1, 0.1, 0.1)
    measures = [a_measure(s.numerator, s.denominator, weight=w) for s, w in zip(shares, weights, strict=True)]
    card = a_card(*measures)
    assert sum(w * float(s) for s, w in zip(shares, weights, strict=True)) / sum(weights) < 0.8
    assert card.dimension(D.VALIDITY) == Fraction(8, 10)
    assert refusals(card) == []


def test_weights_are_taken_as_they_are_written() -> None:
    card = a_card(a_measure(1, 2, weight=0.1), a_measure(9, 10, weight=0.3))
    assert card.dimension(D.VALIDITY) == Fraction(8, 10)


def test_rules_weigh_as_declared_within_their_dimension() -> None:
    card = a_card(a_measure(1, 1, weight=3.0), a_measure(0, 1, weight=0.5), a_measure(0, 1, weight=1.5))
    assert card.dimension(D.VALIDITY) == Fraction(3, 5)


def test_dimensions_weigh_the_same_however_many_rules_they_have() -> None:
    card = a_card(*[a_measure(1, 1)] * 9, a_measure(0, 1, D.ACCURACY))
    assert card.overall == Fraction(1, 2)


def test_what_applied_to_nothing_is_left_out_and_never_counted_as_perfect() -> None:
    card = a_card(a_measure(1, 2), a_measure(0, 0), a_measure(0, 0, D.ACCURACY))
    assert card.dimension(D.VALIDITY) == Fraction(1, 2)
    assert card.dimension(D.ACCURACY) is None
    assert card.dimensions == {D.VALIDITY: Fraction(1, 2)}
    assert card.overall == Fraction(1, 2)


def test_a_table_without_rows_has_no_score_and_is_held_only_if_it_must_not_be_empty() -> None:
    empty = a_card(a_measure(0, 0), rows=0)
    assert empty.overall is None
    assert (empty.nulls, empty.duplicates, empty.set_aside_share) == (0, 0, 0)
    assert refusals(empty) == []
    assert refusals(empty, may_be_empty=False) == ["rows"]
    assert refusals(a_card(rows=1), may_be_empty=False) == []


def test_limits_can_be_chosen() -> None:
    strict = Limits(overall=Fraction(1), nulls=Fraction(0), duplicates=Fraction(0), set_aside=Fraction(0))
    card = a_card(a_measure(999, 1000), cells=1000, missing=1, keyed=1000, surplus=1, rows=1000, set_aside=1)
    assert refusals(card) == []
    refused = failed(list(gates(card, limits=strict).values()))
    assert [g.name for g in refused] == ["overall", "nulls", "duplicates", "set_aside"]


def test_a_gate_says_the_figure_and_the_limit() -> None:
    card = a_card(a_measure(2, 3), cells=3, missing=1, keyed=3, surplus=1, rows=3, set_aside=2)
    assert {name: gate.detail for name, gate in gates(card).items()} == {
        "rows": "3 rows",
        "overall": "66.67 %, must be at least 80.00 %",
        "nulls": "33.33 %, may be at most 20.00 %",
        "duplicates": "33.33 %, may be at most 5.00 %",
        "set_aside": "66.67 %, may be at most 5.00 %",
    }


def test_floors_are_those_of_the_policy() -> None:
    assert {d.value: floor * 100 for d, floor in FLOORS.items()} == {
        "completeness": 90,
        "validity": 85,
        "consistency": 95,
        "timeliness": 80,
        "uniqueness": 95,
        "accuracy": 90,
        "conformity": 85,
        "integrity": 100,
    }


def test_what_is_not_measured_is_said_in_words() -> None:
    assert (percent(None), percent(Fraction(1)), percent(Fraction(0))) == ("not measured", "100.00 %", "0.00 %")


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_a_gate_holds_exactly_when_the_share_is_within_the_limit(units: int, part: int) -> None:
    part = min(part, units)
    found = gates(a_card(a_measure(part, units), rows=units, cells=units, missing=part, keyed=units, surplus=part))
    assert found["overall"].passed == (100 * part >= 80 * units)
    assert found["nulls"].passed == (100 * part <= 20 * units)
    assert found["duplicates"].passed == (100 * part <= 5 * units)


@pytest.mark.parametrize("dimension", D)
@pytest.mark.parametrize("point", ["received", "published"])
def test_a_floor_that_is_a_gate_holds_below_itself_and_not_at_it(dimension: Dimension, point: str) -> None:
    limits = Limits(gated=frozenset({dimension}), overall=Fraction(0))
    floor = int(FLOORS[dimension] * 10_000)

    def held(passed: int) -> list[str]:
        card = replace(a_card(a_measure(passed, 10_000, dimension)), point=point)
        if point == "received":
            return [g.name for g in failed(source_gates(card, may_be_empty=True, limits=limits))]
        return [g.name for g in failed(publish_gates(card, adds_up=True, limits=limits))]

    name = dimension.value if point == "received" else f"published_{dimension.value}"
    assert (held(floor), held(floor - 1)) == ([], [name])


def test_95_of_100_keeps_a_floor_of_95_percent_and_949_of_1000_does_not() -> None:
    limits = Limits(gated=frozenset({D.CONSISTENCY}))
    cards = [a_card(a_measure(95, 100, D.CONSISTENCY)), a_card(a_measure(949, 1000, D.CONSISTENCY))]
    found = [[g.name for g in failed(source_gates(c, may_be_empty=True, limits=limits))] for c in cards]
    assert found == [[], ["consistency"]]


def test_a_floor_that_is_no_gate_holds_nothing() -> None:
    card = a_card(a_measure(1, 100, D.CONSISTENCY), a_measure(100, 100), a_measure(100, 100, D.ACCURACY))
    assert "consistency" not in gates(card, limits=Limits())
    assert failed(publish_gates(card, adds_up=True, limits=Limits())) == ()


def test_a_gated_floor_of_what_was_not_measured_is_kept_and_a_required_dimension_is_not() -> None:
    card, accuracy = a_card(a_measure(1, 1)), frozenset({D.ACCURACY})
    assert failed(publish_gates(card, adds_up=True, limits=Limits(gated=accuracy))) == ()
    (gate,) = failed(publish_gates(card, adds_up=True, limits=Limits(required=accuracy)))
    assert (gate.name, gate.detail) == ("measured", "not measured: accuracy")
    assert failed(publish_gates(a_card(rows=0), adds_up=True, limits=Limits(required=accuracy))) == ()


def test_nothing_with_an_unresolved_reference_is_published_unless_its_rule_only_flags() -> None:
    resolved, unresolved = a_measure(3, 3, D.INTEGRITY), replace(a_measure(2, 3, D.INTEGRITY), rule="country_listed")
    card, flagged = a_card(resolved, unresolved), {"country_listed"}
    assert [g.name for g in failed(publish_gates(card, adds_up=True, limits=Limits()))] == ["published_integrity"]
    assert failed(publish_gates(card, adds_up=True, limits=Limits(), flagged=flagged)) == ()
    gated = Limits(gated=frozenset({D.INTEGRITY}))
    assert [g.name for g in failed(publish_gates(card, adds_up=True, limits=gated, flagged=flagged))] == [
        "published_integrity"
    ]


def test_rows_that_are_not_accounted_for_are_not_published() -> None:
    (gate,) = failed(publish_gates(a_card(), adds_up=False, limits=Limits()))
    assert gate.name == "reconciliation"
