"""Transforms from one type to another, and of numbers. Each is a pure function; a moment is in UTC."""

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hrdata_assets.table import ColumnType
from hrdata_assets.unified.kinds import BOOLEAN, DATE, INTEGER, MOMENT, NUMERIC, TEXT
from hrdata_assets.unified.transform import Call, Transform, Unfit, transform, transform_by

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,18})?")
_FIRST = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_ZONE = re.compile(r"([+-]\d{2})(\d{2})$")
_DAYS = (ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.MOMENT)
_WHOLE = (ColumnType.INTEGER, ColumnType.BIGINT)
_NUMBERS = (*_WHOLE, ColumnType.NUMERIC)
_GREATEST = 2**63 - 1


@transform(ColumnType.TEXT, ColumnType.BOOLEAN, *_NUMBERS, *_DAYS, gives=TEXT)
def text(value: Any) -> str:
    """As text: numbers in digits, days and moments as ISO 8601 writes them, moments in UTC, truths as true or false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return format(exact_decimal(value), "f")
    if isinstance(value, datetime.datetime):
        return _in_utc(value).isoformat(timespec="auto").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


@transform(ColumnType.TEXT, ColumnType.BOOLEAN, *_NUMBERS, gives=INTEGER)
def integer(value: Any) -> int:
    """A whole number, read from text where it is one; one with a fraction does not fit."""
    number = exact_decimal(value)
    if number != number.to_integral_value() or abs(number) > _GREATEST:
        raise Unfit("is no whole number")
    return int(number)


@transform(ColumnType.TEXT, *_NUMBERS, gives=NUMERIC)
def decimal(value: Any) -> Decimal:
    """A number, read from text where it is one; with a point, without anything between thousands."""
    return exact_decimal(value)


@transform(ColumnType.TEXT, ColumnType.BOOLEAN, *_WHOLE, gives=BOOLEAN)
def boolean(value: Any) -> bool:
    """True for true, yes and 1, false for false, no and 0."""
    found = _TRUTHS.get(str(value).strip().lower())
    if found is None:
        raise Unfit("is neither true nor false")
    return found


@transform(ColumnType.BOOLEAN, gives=BOOLEAN)
def negate(value: bool) -> bool:
    """True for false, and false for true."""
    return not value


@transform_by(ColumnType.TEXT, *_WHOLE, *_DAYS, gives=DATE, optional=True)
def date(form: Any) -> Call:
    """A day: a moment's in UTC, or read from text as ISO 8601 writes it, or as the argument says: "%d.%m.%Y"."""
    if form is None:
        return _day
    if not isinstance(form, str) or "%" not in form:
        raise Unfit('wants a form such as "%d.%m.%Y"')

    def call(value: Any) -> datetime.date:
        if not isinstance(value, str):
            return _day(value)
        try:
            return datetime.datetime.strptime(value.strip(), form).date()
        except ValueError:
            raise Unfit("is no date of that form") from None

    return call


@transform(ColumnType.TEXT, *_WHOLE, *_DAYS, gives=MOMENT)
def moment(value: Any) -> datetime.datetime:
    """A moment in UTC: of a day its midnight, of a number so many milliseconds after 1970, of text as ISO 8601 says.

    What names no zone is in UTC already.
    """
    return _moment(value)


@transform_by(*_NUMBERS, gives=NUMERIC)
def multiply(factor: Any) -> Call:
    """So many times as much as the argument says."""
    by = _argument(factor)
    return lambda value: exact_decimal(value) * by


@transform_by(*_NUMBERS, gives=NUMERIC)
def round_(digits: Any) -> Call:
    """With so many digits behind the point as the argument says; halves go up."""
    if type(digits) is not int or not 0 <= digits <= 18:
        raise Unfit("wants a number of digits from 0 to 18")
    to = Decimal(1).scaleb(-digits)
    return lambda value: exact_decimal(value).quantize(to, ROUND_HALF_UP)


def _argument(given: object) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise Unfit("wants a number")
    return exact_decimal(given)


def exact_decimal(value: Any) -> Decimal:
    """A number as one with all its digits; a float by the shortest text that means it."""
    if isinstance(value, Decimal | int):
        number = Decimal(value)
    elif isinstance(value, float):
        number = Decimal(repr(value))
    else:
        if not _NUMBER.fullmatch(value.strip()):
            raise Unfit("is no number")
        number = Decimal(value.strip())
    if not number.is_finite():
        raise Unfit("is no number")
    return number


def _day(value: Any) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    return _moment(value).date()


def _moment(value: Any) -> datetime.datetime:
    try:
        if isinstance(value, bool):
            raise Unfit("is no moment")
        if isinstance(value, int):
            return _FIRST + datetime.timedelta(milliseconds=value)
        if isinstance(value, str):
            return _in_utc(datetime.datetime.fromisoformat(_ZONE.sub(r"\1:\2", _said(value))))
        if isinstance(value, datetime.datetime):
            return _in_utc(value)
        return datetime.datetime.combine(value, datetime.time(), datetime.UTC)
    except (ValueError, OverflowError):
        raise Unfit("is no date or moment as ISO 8601 writes it") from None


def _said(value: str) -> str:
    """Text that begins with year, month and day: Python reads shorter forms, too, that people do not mean so."""
    found = value.strip()
    if not re.match(r"\d{4}-\d{2}-\d{2}", found):
        raise Unfit("is no date")
    return found


def _in_utc(value: datetime.datetime) -> datetime.datetime:
    return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


TRANSFORMS: tuple[Transform, ...] = (text, integer, decimal, boolean, negate, date, moment, multiply, round_)
"""All of them, every version."""
