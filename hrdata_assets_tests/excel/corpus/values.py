"""What cells of the corpus hold, and which text each stands for, written down apart from the readers."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Shown:
    """A number with a number format; ``text`` is what it stands for, the number itself if that is not said."""

    number: float
    code: str
    text: str | None = None


@dataclass(frozen=True)
class Error:
    """A cell that shows an error."""

    code: str


@dataclass(frozen=True)
class Formula:
    """A formula with the result that the file keeps; None if it keeps none."""

    formula: str
    result: str | float | bool | None


@dataclass(frozen=True)
class Runs:
    """A text of several runs, each with a look of its own."""

    parts: tuple[str, ...]


Plain = str | int | float | Decimal | bool | datetime.date | datetime.time | datetime.timedelta
Value = Plain | Shown | Error | Formula | Runs | None
Rows = Sequence[Sequence[Value]] | Mapping[int, Sequence[Value]]


def text_of(value: Value) -> str | None:
    """Text that a cell stands for; None if it holds nothing."""
    if isinstance(value, Shown):
        return text_of(value.number) if value.text is None else value.text
    if isinstance(value, Error):
        return value.code
    if isinstance(value, Formula):
        return f"={value.formula}" if value.result is None else text_of(value.result)
    if isinstance(value, Runs):
        return "".join(value.parts)
    return None if value is None else plain_text(value)


def plain_text(value: Plain) -> str:
    """Text of one of Python's values."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return plain_text(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() + (f" {_clock(value.time())}" if value.time() != datetime.time() else "")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return _clock(value)
    if isinstance(value, datetime.timedelta):
        return _length(value)
    return str(value)


def _number(value: Decimal) -> str:
    if abs(value.adjusted()) > 30 and value:
        figures, _, exponent = f"{value.normalize():E}".partition("E")
        return f"{figures}E{int(exponent):+d}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _clock(value: datetime.time) -> str:
    text = value.isoformat("microseconds")
    return text.rstrip("0").rstrip(".") if not text.endswith(".000000") else text[:8]


def _length(value: datetime.timedelta) -> str:
    sign, value = ("-", -value) if value < datetime.timedelta() else ("", value)
    seconds = value.days * 86_400 + value.seconds
    fraction = f".{value.microseconds:06d}".rstrip("0").rstrip(".")
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


@dataclass(frozen=True)
class Sheet:
    """A sheet's rows, counted from 1 unless they are given with their numbers; merged areas as ``A1:B2``."""

    rows: Rows
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Areas by top, left, bottom and right, counted from 1."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False

    @property
    def numbered(self) -> Mapping[int, Sequence[Value]]:
        """Rows by their numbers."""
        return self.rows if isinstance(self.rows, Mapping) else dict(enumerate(self.rows, start=1))

    @property
    def texts(self) -> dict[tuple[int, int], str]:
        """Text of every cell that holds something, by row and column from 1."""
        return {
            (number, column): text
            for number, row in self.numbered.items()
            for column, value in enumerate(row, start=1)
            if (text := text_of(value)) is not None
        }


@dataclass(frozen=True)
class Book:
    """Sheets by their names; days may be counted from 1904."""

    sheets: Mapping[str, Sheet]
    from_1904: bool = False


def as_book(given: Rows | Sheet | Book) -> Book:
    """A workbook of rows or of a sheet alone."""
    if isinstance(given, Book):
        return given
    return Book({"Sheet1": given if isinstance(given, Sheet) else Sheet(given)})


def serial(value: datetime.date | datetime.time | datetime.timedelta, *, from_1904: bool = False) -> float:
    """Number that a spreadsheet keeps for a date, a time or a length of time."""
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(days=1)
    if isinstance(value, datetime.time):
        return serial(datetime.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
    moment = value if isinstance(value, datetime.datetime) else datetime.datetime(value.year, value.month, value.day)
    days = (moment - datetime.datetime(1904, 1, 1)) / datetime.timedelta(days=1)
    if from_1904:
        return days
    # Excel has a day 60 that never was.
    return days + 1462 - (moment < datetime.datetime(1900, 3, 1))


def format_of(value: Value) -> str:
    """Number format in which a value is written."""
    if isinstance(value, Shown):
        return value.code
    if isinstance(value, datetime.datetime):
        return "yyyy-mm-dd hh:mm:ss"
    if isinstance(value, datetime.date):
        return "yyyy-mm-dd"
    if isinstance(value, datetime.time):
        return "hh:mm:ss"
    return "[h]:mm:ss" if isinstance(value, datetime.timedelta) else "General"
