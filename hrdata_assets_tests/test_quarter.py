"""Quarters: how they are spelled, ordered and counted."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrdata_assets.errors import SetupError
from hrdata_assets.quarter import Quarter

quarters = st.builds(Quarter, st.integers(1000, 2998), st.integers(1, 4))


@pytest.mark.parametrize("text", ["2026-Q2", "Q22026", "2026-q2", "q22026", "  2026-Q2\n"])
def test_people_may_type_either_spelling_in_either_case(text: str) -> None:
    assert Quarter.parse(text) == Quarter(2026, 2)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-Q5", "2026-Q0", "Q52026", "2026Q2", "26-Q2", "Q42024_old", "2026-Q2x", "3026-Q1"]
)
def test_what_is_no_quarter_is_refused_and_the_right_spelling_shown(text: str) -> None:
    with pytest.raises(SetupError, match="write 2026-Q2 or Q22026"):
        Quarter.parse(text)


@pytest.mark.parametrize(
    ("name", "quarter"),
    [
        ("Q22026", Quarter(2026, 2)),
        ("Q42019", Quarter(2019, 4)),
        ("QREAL_20260101_000000", Quarter(2026, 1)),
        ("QREAL_20260331_235959", Quarter(2026, 1)),
        ("QREAL_20260405_101500", Quarter(2026, 2)),
        ("QREAL_20261231_101500", Quarter(2026, 4)),
    ],
)
def test_a_folder_stands_for_the_quarter_in_its_name_or_stamp(name: str, quarter: Quarter) -> None:
    assert Quarter.of_folder(name) == quarter


@pytest.mark.parametrize(
    "name",
    [
        *["Q42024_old", "old_Q42024", "Q42024 ", "Q420241", "q42024", "Q52024", "2024-Q4", "QTEST", "", "Q42024\n"],
        *["QREAL_20261301_101500", "QREAL_20260400_101500", "QREAL_20260405", "QREAL_20260405_101500_2"],
    ],
)
def test_a_folder_that_only_resembles_a_quarter_is_none(name: str) -> None:
    assert Quarter.of_folder(name) is None


@given(quarters)
def test_every_spelling_reads_back(quarter: Quarter) -> None:
    assert Quarter.parse(quarter.key) == Quarter.parse(quarter.folder) == Quarter.of_folder(quarter.folder) == quarter
    assert str(quarter) == quarter.key


@given(quarters, quarters)
def test_keys_sort_by_time_and_folders_do_not_have_to(one: Quarter, other: Quarter) -> None:
    assert (one < other) == (one.first_day < other.first_day) == (one.key < other.key)


def test_the_newest_is_not_the_last_by_folder_name() -> None:
    assert Quarter.parse("Q42019").folder > Quarter.parse("Q12026").folder
    assert max(Quarter.parse("Q42019"), Quarter.parse("Q12026")) == Quarter(2026, 1)


@given(quarters)
def test_quarters_follow_one_another_without_a_gap(quarter: Quarter) -> None:
    assert quarter.next.first_day - quarter.last_day == datetime.timedelta(days=1)
    assert quarter.first_day <= quarter.last_day
    assert Quarter.of_day(quarter.first_day) == Quarter.of_day(quarter.last_day) == quarter


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [(1, (1, 1), (3, 31)), (2, (4, 1), (6, 30)), (3, (7, 1), (9, 30)), (4, (10, 1), (12, 31))],
)
def test_a_quarter_has_three_months(number: int, first: tuple[int, int], last: tuple[int, int]) -> None:
    quarter = Quarter(2024, number)
    assert quarter.first_day == datetime.date(2024, *first)
    assert quarter.last_day == datetime.date(2024, *last)


def test_a_quarter_is_compared_with_quarters_only() -> None:
    with pytest.raises(TypeError):
        assert Quarter(2026, 1) < "2026-Q2"  # type: ignore[operator]
