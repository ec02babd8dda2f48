"""Which type holds a column's texts exactly: the least one from which every text can be written again."""

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import reduce

import polars as pl


class Exact(StrEnum):
    """A PostgreSQL type that a column of unknown meaning can be given."""

    BOOLEAN = "boolean"
    """Texts TRUE and FALSE."""

    INTEGER = "integer"
    BIGINT = "bigint"
    NUMERIC = "numeric"
    """Numbers in plain decimal notation without superfluous zeros."""

    DOUBLE = "double precision"
    """Numbers that need an exponent, and are all exactly what a binary number is written as."""

    DATE = "date"
    """Days written 2024-01-31."""

    TIMESTAMP = "timestamp"
    """Days, or days with a time other than midnight: 2024-01-31 08:30:00."""

    TIME = "time"
    """Times of day written 08:30:00."""

    INTERVAL = "interval"
    """Lengths of time written 26:30:00."""

    UUID = "uuid"
    """By declaration only."""

    JSONB = "jsonb"
    """By declaration only."""

    TEXT = "text"
    """Anything."""


@dataclass(frozen=True)
class Fit:
    """Type that holds a column's values; ``binary`` tells whether all of its numbers are exact as binary ones too."""

    type: Exact
    binary: bool = False

    def join(self, other: "Fit") -> "Fit":
        """The least type that holds what both hold."""
        binary = self.binary and other.binary
        kinds = {self.type, other.type}
        if len(kinds) == 1:
            return Fit(self.type, binary)
        for chain in _CHAINS:
            if kinds <= set(chain):
                wider = max(kinds, key=chain.index)
                # What has an exponent is no plain number: only as binary numbers can both be held.
                return TEXT if wider is Exact.DOUBLE and not binary else Fit(wider, binary)
        return TEXT


TEXT = Fit(Exact.TEXT)

_CHAINS = (
    (Exact.INTEGER, Exact.BIGINT, Exact.NUMERIC, Exact.DOUBLE),
    (Exact.DATE, Exact.TIMESTAMP),
    (Exact.TIME, Exact.INTERVAL),
)

NUMBER = r"^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_WITH_EXPONENT = r"^-?[1-9](?:\.[0-9]*[1-9])?E[+-][1-9][0-9]{0,3}$"
_MOST_ZEROS = 30
"""Zeros beside a number's figures beyond which it is written with an exponent."""

_LONGEST_NUMBER = 1_000
"""Characters of a number; PostgreSQL's own bound lies higher, and no sheet counts so far."""

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{0,2}[1-9])?$"
_LENGTH = r"^-?(?:[0-9]{2}|[1-9][0-9]{2,6}):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{0,2}[1-9])?$"
_CLOCK = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{0,2}[1-9])?$"


def fit(texts: pl.Series, *, lengths: bool = False) -> Fit | None:
    """Find the least type that holds these texts exactly; None if there is none but nulls.

    ``lengths`` tells that there are lengths of time among them, which can look like times of day.
    """
    texts = texts.drop_nulls()
    if texts.is_empty():
        return None
    for test in (_boolean, _number, _moment, _length if lengths else _clock, _length):
        found = test(texts)
        if found is not None:
            return found
    return TEXT


def join_all(*fits: Fit | None) -> Fit | None:
    """Join several, of which None hold nothing."""
    known = [f for f in fits if f is not None]
    return reduce(Fit.join, known) if known else None


def _boolean(texts: pl.Series) -> Fit | None:
    return Fit(Exact.BOOLEAN) if texts.is_in(["TRUE", "FALSE"]).all() else None


def _number(texts: pl.Series) -> Fit | None:
    if (texts.str.len_bytes() > _LONGEST_NUMBER).any():
        return None
    plain = texts.str.contains(NUMBER)
    if not plain.all():
        exponents = texts.filter(~plain)
        if not exponents.str.contains(_WITH_EXPONENT).all() or not _is_binary(texts):
            return None
        return Fit(Exact.DOUBLE, binary=True)
    if texts.str.contains(".", literal=True).any():
        return Fit(Exact.NUMERIC, _is_binary(texts))
    numbers = texts.cast(pl.Int64, strict=False)
    if numbers.null_count():
        return Fit(Exact.NUMERIC, _is_binary(texts))
    least, most = _ends(numbers)
    if least >= -(2**31) and most < 2**31:
        return Fit(Exact.INTEGER, binary=True)
    return Fit(Exact.BIGINT, _is_binary(texts))


def _ends(numbers: pl.Series) -> tuple[int, int]:
    frame = numbers.to_frame("n").select(pl.col("n").min().alias("least"), pl.col("n").max().alias("most"))
    least, most = frame.row(0)
    return int(least), int(most)


def _is_binary(texts: pl.Series) -> bool:
    """Whether every number has few enough digits to come out of a binary number as it went in."""
    if texts.str.contains("E", literal=True).any():
        return all(_comes_back(text) for text in texts.unique())
    digits = texts.str.replace_all(r"[-.]", "").str.strip_chars_start("0").str.strip_chars_end("0").str.len_bytes()
    few = (digits <= 15) & (texts.str.len_bytes() <= _MOST_ZEROS)
    return bool(few.all()) or all(_comes_back(text) for text in texts.filter(~few).unique())


def _comes_back(text: str) -> bool:
    shortest = repr(float(text))
    if "e" not in shortest and "E" not in text:
        return shortest.removesuffix(".0") == text and not _is_halfway(text)
    same = ("E" in text) == _needs_exponent(text) and _figures(shortest) == _figures(text)
    return same and not _is_halfway(text)


def _is_halfway(text: str) -> bool:
    """Whether a number lies exactly between two binary ones: Python reads one of them, PostgreSQL writes it longer."""
    number, exact = float(text), Fraction(text)
    if not math.isfinite(number) or exact == Fraction(number):
        return False
    beside = math.nextafter(number, math.inf if exact > Fraction(number) else -math.inf)
    return math.isfinite(beside) and exact * 2 == Fraction(number) + Fraction(beside)


def _needs_exponent(text: str) -> bool:
    """Whether a number, with or without an exponent, is written with one here."""
    mantissa, _, exponent = text.lstrip("-").partition("E")
    whole, _, decimals = mantissa.partition(".")
    figures = (whole + decimals).lstrip("0")
    zeros = len(figures) - len(figures.rstrip("0"))
    last = int(exponent or 0) - len(decimals) + zeros
    return not -_MOST_ZEROS - len(figures) + zeros <= last <= _MOST_ZEROS


def _figures(text: str) -> str:
    return text.upper().partition("E")[0].replace(".", "").lstrip("-0").rstrip("0")


def _moment(texts: pl.Series) -> Fit | None:
    days = texts.str.contains(_DAY)
    if not (days | texts.str.contains(_MOMENT)).all():
        return None
    # A day is written without its midnight, and the calendar begins with the year 1.
    unlike = texts.str.contains(r"^0000| 00:00:00$").any()
    if unlike or texts.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).null_count():
        return None
    if days.all():
        return Fit(Exact.DATE)
    clocks = texts.filter(~days).str.slice(11)
    return Fit(Exact.TIMESTAMP) if clocks.str.contains(_CLOCK).all() else None


def _clock(texts: pl.Series) -> Fit | None:
    return Fit(Exact.TIME) if texts.str.contains(_CLOCK).all() else None


def _length(texts: pl.Series) -> Fit | None:
    # PostgreSQL writes no minus before nothing.
    unlike = (texts == "-00:00:00").any()
    return Fit(Exact.INTERVAL) if not unlike and texts.str.contains(_LENGTH).all() else None
