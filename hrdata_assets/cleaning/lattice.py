"""Which type holds a column's texts exactly: the least one from which every text can be written again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import reduce

import polars as pl

from hrdata_assets.cleaning.binary_numbers import are_binary, is_binary


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

_TRUTHS = (Exact.BOOLEAN,)
_NUMBERS = (Exact.INTEGER, Exact.BIGINT, Exact.NUMERIC, Exact.DOUBLE)
_MOMENTS = (Exact.DATE, Exact.TIMESTAMP)
_CLOCKS = (Exact.TIME, Exact.INTERVAL)
_CHAINS = (_NUMBERS, _MOMENTS, _CLOCKS)

NUMBER = r"^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_WITH_EXPONENT = r"^-?[1-9](?:\.[0-9]*[1-9])?E[+-][1-9][0-9]{0,3}$"
_LONGEST_NUMBER = 1_000
"""Characters of a number; PostgreSQL's own bound lies higher, and no sheet counts so far."""

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{0,2}[1-9])?$"
_LENGTH = r"^-?(?:[0-9]{2}|[1-9][0-9]{2,6}):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{0,2}[1-9])?$"
_CLOCK = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{0,2}[1-9])?$"


FEW = 250
"""Texts up to which plain Python is faster: each call of polars' costs as much as looking at hundreds of them."""


def fit(texts: pl.Series, *, lengths: bool = False) -> Fit | None:
    """Find the least type that holds these texts exactly; None if there is none but nulls.

    ``lengths`` tells that there are lengths of time among them, which can look like times of day.
    """
    first = fit_few([text for text in texts.head(FEW).to_list() if text is not None], lengths=lengths)
    # What the first of them are no values of, all of them are not.
    if texts.len() <= FEW or first == TEXT:
        return first
    texts = texts.drop_nulls()
    if texts.is_empty():
        return None
    clocks = (_length,) if lengths else (_clock, _length)
    for kinds, tests in ((_TRUTHS, (_boolean,)), (_NUMBERS, (_number,)), (_MOMENTS, (_moment,)), (_CLOCKS, clocks)):
        for test in tests if first is None or first.type in kinds else ():
            found = test(texts)
            if found is not None:
                return found
    return TEXT


def fit_few(texts: Sequence[str], *, lengths: bool = False) -> Fit | None:
    """The same for texts of Python's without nulls, one after the other."""
    if not texts:
        return None
    if all(text in ("TRUE", "FALSE") for text in texts):
        return Fit(Exact.BOOLEAN)
    return _few_numbers(texts) or _few_moments(texts) or _few_clocks(texts, lengths=lengths) or TEXT


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
        if not exponents.str.contains(_WITH_EXPONENT).all() or not are_binary(texts):
            return None
        return Fit(Exact.DOUBLE, binary=True)
    if texts.str.contains(".", literal=True).any():
        return Fit(Exact.NUMERIC, are_binary(texts))
    numbers = texts.cast(pl.Int64, strict=False)
    if numbers.null_count():
        return Fit(Exact.NUMERIC, are_binary(texts))
    least, most = _ends(numbers)
    if least >= -(2**31) and most < 2**31:
        return Fit(Exact.INTEGER, binary=True)
    return Fit(Exact.BIGINT, are_binary(texts))


def _ends(numbers: pl.Series) -> tuple[int, int]:
    frame = numbers.to_frame("n").select(pl.col("n").min().alias("least"), pl.col("n").max().alias("most"))
    least, most = frame.row(0)
    return int(least), int(most)


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


_is_plain, _is_with_exponent = re.compile(NUMBER).fullmatch, re.compile(_WITH_EXPONENT).fullmatch
_is_day, _is_moment = re.compile(_DAY).fullmatch, re.compile(_MOMENT).fullmatch
_is_clock, _is_length = re.compile(_CLOCK).fullmatch, re.compile(_LENGTH).fullmatch


def _few_numbers(texts: Sequence[str]) -> Fit | None:
    exponents = False
    for text in texts:
        if len(text) > _LONGEST_NUMBER:
            return None
        if not _is_plain(text):
            if not _is_with_exponent(text):
                return None
            exponents = True
    binary = all(map(is_binary, texts))
    if exponents:
        return Fit(Exact.DOUBLE, binary=True) if binary else None
    if any("." in text for text in texts):
        return Fit(Exact.NUMERIC, binary)
    numbers = [int(text) for text in texts]
    least, most = min(numbers), max(numbers)
    if least >= -(2**31) and most < 2**31:
        return Fit(Exact.INTEGER, binary=True)
    return Fit(Exact.BIGINT if least >= -(2**63) and most < 2**63 else Exact.NUMERIC, binary)


def _few_moments(texts: Sequence[str]) -> Fit | None:
    clocks = False
    for text in texts:
        if not _is_day(text):
            if not _is_moment(text) or text.endswith(" 00:00:00") or not _is_clock(text[11:]):
                return None
            clocks = True
        try:
            date.fromisoformat(text[:10])
        except ValueError:
            return None
    return Fit(Exact.TIMESTAMP if clocks else Exact.DATE)


def _few_clocks(texts: Sequence[str], *, lengths: bool) -> Fit | None:
    if not lengths and all(map(_is_clock, texts)):
        return Fit(Exact.TIME)
    return Fit(Exact.INTERVAL) if "-00:00:00" not in texts and all(map(_is_length, texts)) else None
