"""Whether numbers come out of binary ones (double precision) exactly as they were written."""

import math
from fractions import Fraction

import polars as pl

_MOST_DIGITS = 15
"""Digits of a decimal number that every binary one keeps."""

_MOST_ZEROS = 30
"""Zeros beside a number's figures beyond which it is written with an exponent."""


def are_binary(texts: pl.Series) -> bool:
    """Whether every number has few enough digits to come out of a binary number as it went in."""
    if texts.str.contains("E", literal=True).any():
        return all(_comes_back(text) for text in texts.unique())
    texts = texts.filter(texts.str.len_bytes() > _MOST_DIGITS)
    if texts.is_empty():
        return True
    digits = texts.str.replace_all(r"[-.]", "").str.strip_chars_start("0").str.strip_chars_end("0").str.len_bytes()
    few = (digits <= _MOST_DIGITS) & (texts.str.len_bytes() <= _MOST_ZEROS)
    return bool(few.all()) or all(_comes_back(text) for text in texts.filter(~few).unique())


def is_binary(text: str) -> bool:
    """The same of one number."""
    digits = text.removeprefix("-").replace(".", "", 1).strip("0")
    few = len(digits) <= _MOST_DIGITS and len(text) <= _MOST_ZEROS and "E" not in text
    return few or _comes_back(text)


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
