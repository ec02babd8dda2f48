"""Drift is seen where a score falls, and not where chance alone is at work."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from hrdata_assets.quality.drift import FARTHEST, SMALLEST_CHANGE, Drift, distance, drifts
from hrdata_assets.rule import Dimension
from hrdata_assets.verdict import Measure, Scorecard

TRIALS = 20_000


def a_card(rows: int, *passed: int, units: int | None = None) -> Scorecard:
    """A table whose only dimension has a rule per count."""
    measures = [
        Measure(f"rule_{i}", "1", Dimension.VALIDITY, 1.0, rows if units is None else units, count, "It is good.")
        for i, count in enumerate(passed)
    ]
    return Scorecard("received", rows, tuple(measures))


def validity(card: Scorecard, earlier: Sequence[Scorecard]) -> Drift:
    return next(d for d in drifts(card, earlier) if d.name == "validity")


def warnings(now: float, *, usual: float, rows: int, loads: int) -> float:
    """Share of trials that warn when every row is good with a chance of ``usual`` in the past and ``now``."""
    dice = np.random.default_rng(20260630)
    shares = dice.binomial(rows, now, TRIALS) / rows
    histories = dice.binomial(rows, usual, (TRIALS, loads)) / rows
    changes = np.abs(shares - np.median(histories, axis=1))
    far = distance(shares, histories, rows) > FARTHEST
    return float((far & (changes >= float(SMALLEST_CHANGE) - 1e-12)).mean())


@pytest.mark.parametrize("rows", [30, 100, 300, 1_000, 10_000])
@pytest.mark.parametrize("usual", [0.7, 0.85, 0.95, 0.99])
@pytest.mark.parametrize("loads", [5, 8])
def test_a_stable_table_warns_in_less_than_one_load_of_a_hundred_however_dirty_it_is(
    rows: int, usual: float, loads: int
) -> None:
    assert warnings(usual, usual=usual, rows=rows, loads=loads) < 0.01


@pytest.mark.parametrize("usual", [0.95, 0.97, 0.99, 1.0])
@pytest.mark.parametrize("loads", [5, 8])
def test_a_fall_of_ten_points_in_300_rows_is_found(usual: float, loads: int) -> None:
    assert warnings(usual - 0.1, usual=usual, rows=300, loads=loads) > 0.9


def test_it_is_measured_as_specified() -> None:
    history = [Fraction(n, 300) for n in (290, 291, 288, 293, 290, 289)]
    earlier = [a_card(300, int(h * 300)) for h in history]
    found = validity(a_card(300, 255), earlier)
    # Median 290, deviations 0 1 2 3 0 1 of 300; by hand.
    mad = 1.4826 * 1 / 300
    expected = (float(sum(history)) / 6 * 300 + 2) / 304
    chance = (expected * (1 - expected) / 300) ** 0.5
    assert found.median == Fraction(290, 300)
    assert found.distance == pytest.approx((35 / 300) / (mad**2 + chance**2) ** 0.5)
    assert found.warns
    assert found.sentence == "validity is 85.00 %, -11.67 points against the usual 96.67 %"


def test_fewer_than_five_earlier_loads_are_no_course() -> None:
    found = validity(a_card(300, 0), [a_card(300, 300)] * 4)
    assert not found.warns
    assert found.sentence == "validity: too few loads for drift: 4 earlier ones, at least 5 are needed"


def test_a_tiny_table_stays_silent() -> None:
    earlier = [a_card(29, 29)] * 6
    assert validity(a_card(29, 0), earlier).note == "too few rows for drift: 29, at least 30 are needed"
    assert validity(a_card(30, 0), [a_card(30, 30)] * 6).warns


def test_a_column_with_few_values_in_a_large_table_is_as_tiny() -> None:
    earlier = [a_card(10_000, 12, units=12)] * 6
    assert validity(a_card(10_000, 8, units=12), earlier).note.startswith("too few rows for drift: 12,")


def test_a_rule_about_the_whole_table_does_not_make_it_tiny() -> None:
    whole = Measure("arrived_on_time", "1", Dimension.VALIDITY, 1.0, 1, 1, "It arrived on time.")
    card = a_card(300, 300)
    with_it = Scorecard("received", 300, (*card.measures, whole))
    assert validity(with_it, [with_it] * 5).distance == 0


def test_only_the_latest_eight_loads_count() -> None:
    earlier = [a_card(300, 300)] * 8 + [a_card(300, 0)] * 50
    assert validity(a_card(300, 300), earlier).median == 1


def test_less_than_two_points_are_nobodys_concern() -> None:
    earlier = [a_card(100_000, 100_000)] * 8
    below, at = validity(a_card(100_000, 98_001), earlier), validity(a_card(100_000, 98_000), earlier)
    assert (below.distance or 0) > FARTHEST
    assert (below.warns, at.warns) == (False, True)


def test_a_rise_is_told_as_well() -> None:
    assert validity(a_card(300, 300), [a_card(300, 240)] * 8).warns


def test_a_dimension_that_was_not_measured_then_is_not_compared() -> None:
    unmeasured = a_card(300, 0, units=0)
    assert validity(a_card(300, 300), [unmeasured] * 8).note.startswith("too few loads for drift: 0 ")
    assert drifts(unmeasured, [a_card(300, 300)] * 8) == ()


def test_the_overall_score_has_a_course_too() -> None:
    (_, overall) = drifts(a_card(300, 240), [a_card(300, 300)] * 8)
    assert (overall.name, overall.warns) == ("overall", True)
