"""The least type that holds a column's texts exactly, and what two files' columns need together."""

import datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.cleaning.lattice import FEW, TEXT, Exact, Fit, fit, join_all
from hrdata_assets.systems.workbooks.values import canonical_number


def type_of(*texts: str) -> Exact | None:
    found = fit(pl.Series(texts, dtype=pl.String))
    return found and found.type


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["TRUE", "FALSE"], Exact.BOOLEAN),
        (["true"], Exact.TEXT),
        (["1", "-2147483648"], Exact.INTEGER),
        (["2147483648"], Exact.BIGINT),
        (["9223372036854775807"], Exact.BIGINT),
        (["9223372036854775808"], Exact.NUMERIC),
        (["1", "0.5"], Exact.NUMERIC),
        (["0.30000000000000004"], Exact.NUMERIC),
        (["1E+300", "5"], Exact.DOUBLE),
        (["1E+300", "12345678901234567"], Exact.TEXT),
        (["2024-01-31"], Exact.DATE),
        (["2024-01-31", "2024-01-31 08:30:00"], Exact.TIMESTAMP),
        (["2024-01-31 08:30:00.25"], Exact.TIMESTAMP),
        (["08:30:00", "23:59:59.999"], Exact.TIME),
        (["08:30:00", "26:30:00"], Exact.INTERVAL),
        (["-00:30:00"], Exact.INTERVAL),
    ],
)
def test_a_column_has_the_least_type_that_holds_it(texts: list[str], expected: Exact) -> None:
    assert type_of(*texts) is expected


@pytest.mark.parametrize(
    "text",
    [
        "00123",
        "+47",
        "1.50",
        "1.",
        ".5",
        "-0",
        "1,5",
        "1e5",
        "1E+5",
        "1E+30",
        "1.5E-30",
        "1E+040",
        "1E+400",
        "0." + "1" * 20_000,
        "2024-02-30",
        "2024-13-01",
        "0000-01-01",
        "2024-01-31 00:00:00",
        "2024-01-31T08:30:00",
        "2024-01-31 25:00:00",
        "2024-01-31 08:30:00.250",
        "31.01.2024",
        "8:30:00",
        "24:60:00",
        "-00:00:00",
        " 1",
        "N/A",
        "",
    ],
)
def test_what_would_be_written_otherwise_stays_text(text: str) -> None:
    assert type_of(text) is Exact.TEXT


def test_a_column_without_a_value_has_no_type() -> None:
    assert fit(pl.Series([None, None], dtype=pl.String)) is None
    assert fit(pl.Series([], dtype=pl.String)) is None


def test_lengths_of_time_are_told_from_times_of_day_by_who_knows() -> None:
    assert fit(pl.Series(["08:30:00"]), lengths=True) == Fit(Exact.INTERVAL)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Exact.INTEGER, Exact.BIGINT, Exact.BIGINT),
        (Exact.BIGINT, Exact.INTEGER, Exact.BIGINT),
        (Exact.INTEGER, Exact.NUMERIC, Exact.NUMERIC),
        (Exact.DATE, Exact.TIMESTAMP, Exact.TIMESTAMP),
        (Exact.TIME, Exact.INTERVAL, Exact.INTERVAL),
        (Exact.BOOLEAN, Exact.INTEGER, Exact.TEXT),
        (Exact.DATE, Exact.INTEGER, Exact.TEXT),
        (Exact.UUID, Exact.JSONB, Exact.TEXT),
    ],
)
def test_two_types_are_joined_by_the_least_that_holds_both(one: Exact, other: Exact, expected: Exact) -> None:
    assert Fit(one).join(Fit(other)).type is expected


def test_numbers_are_made_binary_only_if_each_of_them_is_exact_so() -> None:
    many_zeros = Fit(Exact.DOUBLE, binary=True)
    assert Fit(Exact.BIGINT, binary=True).join(many_zeros).type is Exact.DOUBLE
    assert Fit(Exact.BIGINT, binary=False).join(many_zeros) == TEXT
    assert fit(pl.Series(["1E+40", "1" + "0" * 40])) == TEXT
    assert fit(pl.Series(["1E+40", "1" + "0" * 30])) == many_zeros


numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
).map(canonical_number)
moments = st.one_of(
    st.dates().map(datetime.date.isoformat),
    st.datetimes(min_value=datetime.datetime(1, 1, 2)).map(
        lambda d: f"{d.replace(microsecond=0)}".removesuffix(" 00:00:00")
    ),
)
anything = st.one_of(numbers, moments, st.sampled_from(["TRUE", "FALSE", "x", "08:30:00", "30:00:00", "007"]))


@settings(max_examples=200, deadline=None)
@given(st.lists(anything, min_size=1, max_size=6), st.lists(anything, min_size=1, max_size=6))
def test_two_halves_of_a_column_need_together_what_the_whole_needs(one: list[str], other: list[str]) -> None:
    assert join_all(fit(pl.Series(one)), fit(pl.Series(other))) == fit(pl.Series(one + other))


# A column is of binary numbers only if all of them are exact as such.
fits = st.builds(Fit, st.sampled_from(Exact), st.booleans()).map(
    lambda found: Fit(found.type, binary=True) if found.type is Exact.DOUBLE else found
)


@settings(max_examples=200, deadline=None)
@given(fits, fits, fits)
def test_joining_does_not_depend_on_the_order(a: Fit, b: Fit, c: Fit) -> None:
    assert a.join(b).type is b.join(a).type
    assert a.join(b).join(c).type is a.join(b.join(c)).type


@settings(max_examples=200, deadline=None)
@given(st.lists(numbers, min_size=1))
def test_a_type_for_numbers_holds_their_values(texts: list[str]) -> None:
    found = fit(pl.Series(texts))
    assert found is not None
    if found.type is Exact.DOUBLE:
        assert [canonical_number(repr(float(t))) for t in texts] == texts
    elif found.type is not Exact.TEXT:
        assert [canonical_number(str(Decimal(t))) for t in texts] == texts


unlike = st.sampled_from(
    [
        "1\n",
        "2024-01-31\n",
        "0000-01-01",
        "2024-02-30",
        "2024-01-31 00:00:00",
        "-00:00:00",
        "1E+40",
        "-0",
        "9" * 1_001,
        "ä",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(anything, unlike), min_size=1, max_size=6), st.booleans())
def test_many_texts_have_the_type_that_few_have(texts: list[str], lengths: bool) -> None:
    few = fit(pl.Series(texts), lengths=lengths)
    assert fit(pl.Series([*([None] * FEW), *texts]), lengths=lengths) == few
    assert fit(pl.Series(texts * FEW), lengths=lengths) == few


def test_what_stands_behind_the_first_of_many_texts_counts_too() -> None:
    for first, last, expected in (("1", "2147483648", Exact.BIGINT), ("2024-01-31", "x", Exact.TEXT)):
        assert type_of(*([first] * FEW), last) is expected
