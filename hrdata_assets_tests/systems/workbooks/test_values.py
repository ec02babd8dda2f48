"""Numbers, dates and times as text: exactly what the file says."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrdata_assets.systems.workbooks.cells import NO_SUCH_DAY, PADDED, ROUNDED, Kind
from hrdata_assets.systems.workbooks.values import (
    AS_NUMBER,
    BUILT_IN,
    PLAIN,
    Look,
    Shown,
    canonical_number,
    look_of,
    moment_text,
    number_cell,
)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("-0", "0"),
        ("007", "7"),
        ("-1.50E3", "-1500"),
        ("1E-7", "0.0000001"),
        ("4.3499999999999996", "4.35"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("12345678901234567", "12345678901234567"),
        ("12345678901234567890", "12345678901234567890"),
        ("1e300", "1E+300"),
        ("-2.5e-300", "-2.5E-300"),
    ],
)
def test_a_number_is_written_in_one_way(written: str, text: str) -> None:
    assert canonical_number(written) == text


@pytest.mark.parametrize("written", ["", "x", "NaN", "Infinity", "1,5", "0x1"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="number"):
        canonical_number(written)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_binary_number_keeps_its_value_however_it_was_written(number: float) -> None:
    text = canonical_number(f"{number:.17g}")
    assert float(text) == number
    assert canonical_number(repr(number)) == text
    assert canonical_number(text) == text


@given(st.floats(-1e17, 1e17), st.integers(-3, 3))
def test_digits_that_a_binary_number_is_not_written_with_are_kept(number: float, more: int) -> None:
    digits = Decimal(f"{number:.16e}")
    written = digits + more * Decimal(1).scaleb(digits.adjusted() - 16)
    text = canonical_number(f"{written:f}")
    is_that_number = Decimal(f"{float(written):.16e}") == written
    assert Decimal(text) == (Decimal(repr(float(written))) if is_that_number else written)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25, places=3))
def test_digits_that_no_binary_number_has_are_kept(number: Decimal) -> None:
    text = canonical_number(str(number))
    assert PLAIN.fullmatch(text)
    assert Decimal(text) == number or Decimal(text) == Decimal(repr(float(number)))


@pytest.mark.parametrize(
    ("code", "look"),
    [
        ("General", AS_NUMBER),
        ("0.00%", AS_NUMBER),
        ('#,##0.00 "kr"', AS_NUMBER),
        ("[Red]0.00;[Blue]-0.00", AS_NUMBER),
        ("#,##0\\ [$€-407]", AS_NUMBER),
        ('"Day" 0', AS_NUMBER),
        ("0.00E+00", AS_NUMBER),
        ("@", AS_NUMBER),
        ("dd.mm.yyyy", Look(Shown.DATE)),
        ("[$-409]d-mmm-yy;@", Look(Shown.DATE)),
        ("m/d/yy h:mm", Look(Shown.DATE)),
        ("mmm", Look(Shown.DATE)),
        ("hh:mm", Look(Shown.TIME)),
        ("h:mm AM/PM", Look(Shown.TIME)),
        ("[h]:mm", Look(Shown.DURATION)),
        ("00000", Look(Shown.NUMBER, 5)),
        ("0", AS_NUMBER),
    ],
)
def test_a_format_tells_how_a_number_is_shown(code: str, look: Look) -> None:
    assert look_of(code) == look


def test_the_formats_that_have_a_number_only_are_known() -> None:
    assert (BUILT_IN[14], BUILT_IN[20], BUILT_IN[46]) == (Look(Shown.DATE), Look(Shown.TIME), Look(Shown.DURATION))


@pytest.mark.parametrize(
    ("written", "shown", "cell"),
    [
        ("45292", Shown.DATE, (Kind.DATE, "2024-01-01", None)),
        ("45292.35416666666", Shown.DATE, (Kind.DATE, "2024-01-01 08:30:00", None)),
        ("43831.123456789", Shown.DATE, (Kind.DATE, "2020-01-01 02:57:46.667", ROUNDED)),
        ("1", Shown.DATE, (Kind.DATE, "1900-01-01", None)),
        ("59", Shown.DATE, (Kind.DATE, "1900-02-28", None)),
        ("60", Shown.DATE, (Kind.NUMBER, "60", NO_SUCH_DAY)),
        ("61", Shown.DATE, (Kind.DATE, "1900-03-01", None)),
        ("-1", Shown.DATE, (Kind.NUMBER, "-1", NO_SUCH_DAY)),
        ("2958466", Shown.DATE, (Kind.NUMBER, "2958466", NO_SUCH_DAY)),
        ("0.354166666666667", Shown.TIME, (Kind.TIME, "08:30:00", None)),
        ("45292.5", Shown.TIME, (Kind.DATE, "2024-01-01 12:00:00", None)),
        ("1.5", Shown.DURATION, (Kind.DURATION, "36:00:00", None)),
        ("-0.0625", Shown.DURATION, (Kind.DURATION, "-01:30:00", None)),
    ],
)
def test_a_date_is_a_number_shown_as_one(written: str, shown: Shown, cell: tuple[Kind, str, str | None]) -> None:
    assert number_cell(written, Look(shown), from_1904=False) == cell


def test_days_can_be_counted_from_1904() -> None:
    assert number_cell("0", Look(Shown.DATE), from_1904=True) == (Kind.DATE, "1904-01-01", None)
    assert number_cell("43830", Look(Shown.DATE), from_1904=True) == (Kind.DATE, "2024-01-01", None)


def test_a_format_of_zeros_makes_a_text_of_a_number() -> None:
    personnel_number = look_of("00000")
    assert number_cell("123", personnel_number, from_1904=False) == (Kind.TEXT, "00123", PADDED)
    assert number_cell("1234567", personnel_number, from_1904=False) == (Kind.NUMBER, "1234567", None)
    assert number_cell("1.5", personnel_number, from_1904=False) == (Kind.NUMBER, "1.5", None)


@given(st.datetimes(datetime.datetime(1900, 3, 1), datetime.datetime(9999, 12, 31)))
def test_every_moment_comes_out_to_the_millisecond(moment: datetime.datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    serial = (moment - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1)
    kind, text, note = number_cell(repr(serial), Look(Shown.DATE), from_1904=False)
    assert (kind, text, note) == (Kind.DATE, moment_text(moment), None)
