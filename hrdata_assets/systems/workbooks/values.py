"""Numbers, dates and times of a spreadsheet as text: exactly what the file says, written in one way only."""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache

from hrdata_assets.systems.workbooks.cells import NO_SUCH_DAY, PADDED, ROUNDED, Kind

PLAIN = re.compile(r"0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]")
"""How a number is written unless it is very large or very small."""

_LONGEST_EXPONENT = 30
DAY_MILLISECONDS = 86_400_000
_LAST_DAY = {False: 2_958_465, True: 2_957_003}
FIRST_SURE_DAY = 61
"""Number of the first day from which on Excel counts as the calendar does: it takes 1900 for a leap year."""

EPOCH = {False: datetime.datetime(1899, 12, 30), True: datetime.datetime(1904, 1, 1)}
"""The day of number zero."""


class Shown(StrEnum):
    """How a number format shows a number."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"


@dataclass(frozen=True)
class Look:
    """What a number format makes of a number; ``digits`` is the least number of digits it shows, if it pads."""

    shown: Shown
    digits: int = 0


AS_NUMBER = Look(Shown.NUMBER)

BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 55), 57, 58), Look(Shown.DATE)),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), Look(Shown.TIME)),
    46: Look(Shown.DURATION),
}
"""Number formats that Excel knows by number alone (ECMA-376 part 1, 18.8.30); the others show numbers."""

_HIDDEN_WORDS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


@lru_cache(maxsize=4096)
def look_of(code: str) -> Look:
    """Read a number format code such as ``dd.mm.yyyy`` or ``00000``: by its first section, texts and colours aside."""
    section = _HIDDEN_WORDS.sub("", code).split(";")[0].casefold()
    if re.search(r"\[[hms]+\]", section):
        return Look(Shown.DURATION)
    if section.strip() in ("general", "@", ""):
        return AS_NUMBER
    letters = set(re.sub(r"am/pm|a/p|general|e\+|e-", "", section)) & set("ymdhsgeb")
    if letters & set("ydgeb") or letters == {"m"}:
        return Look(Shown.DATE)
    if letters & set("hs"):
        return Look(Shown.TIME)
    # A format of zeros alone, such as that of personnel numbers and post codes.
    return Look(Shown.NUMBER, len(section) if re.fullmatch(r"0{2,}", section) else 0)


def canonical_number(text: str) -> str:
    """Write a number in the one way it is written here. ValueError if it is none.

    A binary number that was written with all its seventeen digits, as Excel does (4.3499999999999996), is written with
    as many as tell it apart from others (4.35); digits that no binary number has are kept.
    """
    if PLAIN.fullmatch(text):
        shortest = text if len(text) < 16 else _shortest(text)
        if shortest is not None:
            return shortest
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("no number") from None
    if not number.is_finite():
        raise ValueError("no finite number")
    if len(number.as_tuple().digits) >= 16:
        binary = float(text)
        if Decimal(f"{binary:.16e}") == number:
            number = Decimal(repr(binary))
    return _plainly(number)


def _shortest(text: str) -> str | None:
    """A plain number of sixteen or seventeen digits as short as it can be; None if it is not so easy."""
    binary = float(text)
    shortest, figures = repr(binary), _figures(text)
    # Without its exponent this has as many digits as the text if it is the same number.
    same = len(figures) >= 16 and _figures(f"{binary:.16e}".partition("e")[0]) == figures
    return shortest.removesuffix(".0") if same and "e" not in shortest else None


def _figures(text: str) -> str:
    return text.replace(".", "").lstrip("-0").rstrip("0")


def _plainly(number: Decimal) -> str:
    """Without exponent, superfluous zeros and signs; with an exponent where the zeros would be many."""
    if not number:
        return "0"
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - finite
    figures = "".join(map(str, digits)).lstrip("0")
    stripped = figures.rstrip("0")
    exponent += len(figures) - len(stripped)
    minus = "-" * sign
    if 0 <= exponent <= _LONGEST_EXPONENT:
        return minus + stripped + "0" * exponent
    if -_LONGEST_EXPONENT - len(stripped) <= exponent < 0:
        padded = stripped.rjust(1 - exponent, "0")
        return f"{minus}{padded[:exponent]}.{padded[exponent:]}"
    tail = f".{stripped[1:]}" if len(stripped) > 1 else ""
    return f"{minus}{stripped[0]}{tail}E{exponent + len(stripped) - 1:+d}"


Read = tuple[Kind, str, str | None]
"""Kind, text and note of a cell."""


def number_cell(text: str, look: Look, *, from_1904: bool) -> Read:
    """Read a number as its format shows it. ValueError if it is none."""
    if look.shown is Shown.NUMBER:
        number = canonical_number(text)
        if look.digits > len(number) and number.isdigit():
            return Kind.TEXT, number.rjust(look.digits, "0"), PADDED
        return Kind.NUMBER, number, None
    serial = float(text if PLAIN.fullmatch(text) else canonical_number(text))
    return _moment(serial, look.shown, text, from_1904=from_1904)


def _moment(serial: float, shown: Shown, text: str, *, from_1904: bool) -> Read:
    milliseconds = round(serial * DAY_MILLISECONDS)
    # A serial number has fifteen digits: what its last one is worth is no time of day.
    note = ROUNDED if abs(serial * DAY_MILLISECONDS - milliseconds) > 0.1 else None
    if shown is Shown.DURATION:
        return Kind.DURATION, _clock(milliseconds), note
    if shown is Shown.TIME and 0 <= milliseconds < DAY_MILLISECONDS:
        return Kind.TIME, _clock(milliseconds), note
    days, rest = divmod(milliseconds, DAY_MILLISECONDS)
    # Excel takes 1900 for a leap year: its days up to 60 are one off, and day 60 never was.
    if days < 0 or days > _LAST_DAY[from_1904] or (not from_1904 and days in (0, 60)):
        return Kind.NUMBER, canonical_number(text), NO_SUCH_DAY
    shift = 1 if not from_1904 and days < 60 else 0
    day = EPOCH[from_1904] + datetime.timedelta(days=days + shift)
    date = day.date().isoformat()
    return Kind.DATE, f"{date} {_clock(rest)}" if rest else date, note


def _clock(milliseconds: int) -> str:
    sign, milliseconds = "-" if milliseconds < 0 else "", abs(milliseconds)
    seconds, rest = divmod(milliseconds, 1000)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return text + (f".{rest:03d}".rstrip("0") if rest else "")


def moment_text(moment: datetime.datetime) -> str:
    """Text of a date with its time, as of Kind.DATE; finer than a millisecond is not kept."""
    milliseconds = moment.microsecond // 1000
    clock = f"{moment:%H:%M:%S}" + (f".{milliseconds:03d}".rstrip("0") if milliseconds else "")
    date = moment.date().isoformat()
    return date if clock == "00:00:00" else f"{date} {clock}"
