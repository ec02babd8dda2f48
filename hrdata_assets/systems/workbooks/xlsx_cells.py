"""A cell of .xlsx as it stands in the file, and what it holds (ECMA-376 part 1, 18.3.1.4 and 18.18.11)."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import polars as pl

from hrdata_assets.systems.workbooks.addresses import LAST_COLUMN, LAST_ROW, column_of
from hrdata_assets.systems.workbooks.cells import NUL_REMOVED, ROUNDED, Kind, WorkbookError
from hrdata_assets.systems.workbooks.text_views import Views
from hrdata_assets.systems.workbooks.values import AS_NUMBER, Look, Read, moment_text, number_cell

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a cell refers to: the shared strings, the look of each style, and where its days begin."""

    strings: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    noted: frozenset[int] = frozenset()
    """Shared strings that had a character of number zero."""

    looks: Sequence[Look] = ()
    from_1904: bool = False

    @cached_property
    def shared(self) -> Views:
        """The shared strings, to be taken many at a time."""
        return Views.of(self.strings)

    def look(self, style: int) -> Look:
        """Look of a style; one that the file does not describe is none."""
        return self.looks[style] if style < len(self.looks) else AS_NUMBER


@dataclass
class RawCell:
    """A cell as it stands in the file; what it does not have is None."""

    row: int
    column: int
    type: str = "n"
    style: int = 0
    value: str | None = None
    formula: str | None = None
    inline: list[str] = field(default_factory=list)


def position_of(reference: str) -> tuple[int, int]:
    """Row and column of a reference such as ``B7``. WorkbookError if it lies in no sheet."""
    found = _REFERENCE.fullmatch(reference)
    row, column = (int(found[2]), column_of(found[1])) if found else (0, 0)
    if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
        raise damaged("a cell stands where no cell can be")
    return row, column


def damaged(what: str) -> WorkbookError:
    """The error of a sheet that is not as it must be."""
    return WorkbookError("damaged", f"{what}: save the workbook anew in Excel")


def read_cell(cell: RawCell, around: Surroundings) -> Read | None:
    """What a cell holds; None if it holds nothing."""
    if cell.type == "inlineStr":
        return text_cell("".join(cell.inline)) if cell.inline else None
    if cell.value is None or (cell.value == "" and cell.type != "str"):
        return None if cell.formula is None else (Kind.UNCALCULATED, f"={cell.formula}", None)
    reader = _READERS.get(cell.type)
    if reader is None:
        raise damaged("a cell has a type that there is not")
    return reader(cell, cell.value, around)


def text_cell(text: str) -> Read:
    """A text, its escapes resolved."""
    text, note = resolved(text)
    return Kind.TEXT, text, note


def resolved(text: str) -> tuple[str, str | None]:
    """A text without escapes such as ``_x000D_``, and a note if it had a character that cannot be kept."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        # Two escapes can be the halves of one character.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return (text.replace("\0", ""), NUL_REMOVED) if "\0" in text else (text, None)


@lru_cache(maxsize=100_000)
def shown_number(value: str, look: Look, *, from_1904: bool) -> Read:
    """A number as its format shows it; what is none, such as NaN, is an error of its cell."""
    try:
        return number_cell(value.strip(), look, from_1904=from_1904)
    except (ValueError, OverflowError):
        return Kind.ERROR, value, None


def _number(cell: RawCell, value: str, around: Surroundings) -> Read:
    return shown_number(value, around.look(cell.style), from_1904=around.from_1904)


def _shared(_: RawCell, value: str, around: Surroundings) -> Read:
    try:
        place = int(value)
    except ValueError:
        place = -1
    if not 0 <= place < around.strings.len():
        raise damaged("a cell refers to a text that there is not")
    text = str(around.strings.item(place))
    return Kind.TEXT, text, NUL_REMOVED if place in around.noted else None


def _text(_: RawCell, value: str, __: Surroundings) -> Read:
    return text_cell(value)


def _boolean(_: RawCell, value: str, __: Surroundings) -> Read:
    return Kind.BOOLEAN, "TRUE" if value.strip() in ("1", "true") else "FALSE", None


def _error(_: RawCell, value: str, __: Surroundings) -> Read:
    return Kind.ERROR, value, None


def _iso(_: RawCell, value: str, __: Surroundings) -> Read:
    try:
        moment = datetime.datetime.fromisoformat(value.strip())
    except ValueError:
        return Kind.ERROR, value, None
    note = ROUNDED if moment.microsecond % 1000 else None
    return Kind.DATE, moment_text(moment), note


_READERS = {"n": _number, "s": _shared, "str": _text, "b": _boolean, "e": _error, "d": _iso}
