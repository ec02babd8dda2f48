"""What a cell of an OpenDocument spreadsheet holds, as its attributes say: number, moment, time, truth, text or error.

What it shows counts for texts and errors alone. OpenDocument knows no times of day, only durations: one that is not
negative and shorter than a day is taken for a time of day.
"""

import datetime
import re
from decimal import Decimal
from functools import lru_cache

from hrdata_assets.systems.workbooks.cells import NO_SUCH_DAY, ROUNDED, Kind
from hrdata_assets.systems.workbooks.values import Look, Read, Shown, moment_text, number_cell
from hrdata_assets.systems.workbooks.xls import shown_number, text_cell

NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
"""What the names of OpenDocument's elements and attributes begin with."""

OFFICE, TABLE = f"{NAMES}office:1.0 ", f"{NAMES}table:1.0 "
FORMULA, KIND = f"{TABLE}formula", f"{OFFICE}value-type"

_KIND_IN_CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_DAY = 86_400_000

_ERROR = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|GETTING_DATA)|Err:[0-9]{3}")
_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,40}))?)?Z?", re.ASCII
)
_DURATION = re.compile(
    r"(-)?P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:[.,][0-9]{1,40})?)S)?)?", re.ASCII
)

Attributes = dict[str, str]


def read_cell(attributes: Attributes, shown: str, look: Look, *, filled: bool) -> Read | None:
    """Kind, text and note of a cell; None if it holds nothing."""
    formula, kind = attributes.get(FORMULA), attributes.get(KIND)
    in_calc = attributes.get(_KIND_IN_CALC)
    if in_calc == "error" or (formula is not None and in_calc is None and _ERROR.fullmatch(shown)):
        return Kind.ERROR, shown, None
    value = attributes.get(OFFICE + _VALUES[kind]) if kind in _VALUES else None
    if value is None and (kind == "string" or filled):
        return text_cell(shown)
    if value is None:
        return None if formula is None else (Kind.UNCALCULATED, formula, None)
    if kind == "date":
        return _moment(value)
    if kind == "time":
        return _clock(value)
    if kind == "boolean" and value in ("true", "false"):
        return Kind.BOOLEAN, value.upper(), None
    if kind in ("string", "boolean"):
        return text_cell(value)
    try:
        return shown_number(value, look, from_1904=False)
    except ValueError:
        return Kind.ERROR, value, None


_VALUES = {
    "float": "value",
    "percentage": "value",
    "currency": "value",
    "date": "date-value",
    "time": "time-value",
    "boolean": "boolean-value",
    "string": "string-value",
}
"""Attribute that holds the value of a cell, by kind."""


def _rounded(seconds: Decimal) -> tuple[int, str | None]:
    """Milliseconds, and a note if that is not all; what a binary number leaves behind the last one is nothing."""
    exact = seconds * 1000
    milliseconds = int(exact.to_integral_value())
    return milliseconds, ROUNDED if abs(exact - milliseconds) > Decimal("0.1") else None


@lru_cache(maxsize=65_536)
def _moment(value: str) -> Read:
    found = _MOMENT.fullmatch(value)
    if found is None:
        return Kind.TEXT, value, NO_SUCH_DAY
    *parts, fraction = found.groups()
    milliseconds, note = _rounded(Decimal(f"0.{fraction or 0}"))
    try:
        moment = datetime.datetime(*(int(part or 0) for part in parts))  # type: ignore[arg-type]
        return Kind.DATE, moment_text(moment + datetime.timedelta(milliseconds=milliseconds)), note
    except (ValueError, OverflowError):
        return Kind.TEXT, value, NO_SUCH_DAY


@lru_cache(maxsize=65_536)
def _clock(value: str) -> Read:
    found = _DURATION.fullmatch(value)
    if found is None or not any(found.groups()[1:]):
        return Kind.TEXT, value, None
    minus, days, hours, minutes, seconds = found.groups()
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60
    milliseconds, note = _rounded(whole + Decimal((seconds or "0").replace(",", ".")))
    milliseconds = -milliseconds if minus else milliseconds
    shown = Shown.TIME if 0 <= milliseconds < _DAY else Shown.DURATION
    kind, text, _ = number_cell(repr(milliseconds / _DAY), Look(shown), from_1904=False)
    return kind, text, note
