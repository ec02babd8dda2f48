"""Workbooks of Excel 5 to 2003 (.xls): a stream of records.

xlrd reads them. What it reads are the records that cells and their formats need: the others (drawings, links, names,
printing) are made unknown to it beforehand, since any of them that it does not understand would stop it.
"""

import io
import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

import polars as pl
import xlrd  # type: ignore[import-untyped]

from hrdata_assets.systems.workbooks.cells import (
    DEFAULT_BOUNDS,
    MANY_CELLS,
    NO_SUCH_DAY,
    NUL_REMOVED,
    SCHEMA,
    Area,
    Bounds,
    Kind,
    SheetFacts,
    SheetName,
    WorkbookError,
)
from hrdata_assets.systems.workbooks.values import AS_NUMBER, BUILT_IN, PLAIN, Look, Read, look_of, number_cell

Cell = tuple[int, int, int, str, str | None]
"""A row of SCHEMA."""

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


def damaged() -> WorkbookError:
    """The error of a workbook whose content contradicts itself."""
    return WorkbookError("damaged", "the workbook is damaged: open and repair it in Excel, and save it anew")


def truncated() -> WorkbookError:
    """The error of a workbook whose end is missing."""
    return WorkbookError("truncated", "the workbook ends before its content does: copy or save it again")


def too_large() -> WorkbookError:
    """The error of a workbook that holds more than it may."""
    return WorkbookError("too_large", "the workbook holds more cells or text than it may: split it")


def password_protected() -> WorkbookError:
    """The error of an encrypted workbook."""
    return WorkbookError("password_protected", "the workbook is encrypted: save it without a password")


def error_cell(code: int) -> Read:
    """Read an error by the number it has in the binary formats."""
    return Kind.ERROR, _ERRORS.get(code, f"#ERROR_{code}!"), None


def text_cell(text: str) -> Read:
    """Read a text as it stands."""
    if "\0" in text:
        return Kind.TEXT, text.replace("\0", ""), NUL_REMOVED
    return Kind.TEXT, text, None


def float_cell(number: float, look: Look, *, from_1904: bool) -> Read:
    """Read a binary number; one that is not finite is what Excel shows for it."""
    if not math.isfinite(number):
        return Kind.ERROR, "#NUM!", None
    text = repr(number).removesuffix(".0")
    if look is AS_NUMBER and PLAIN.fullmatch(text):
        # Python writes as few digits as tell the number apart: this is how a number is written here.
        return Kind.NUMBER, text, None
    return shown_number(text, look, from_1904=from_1904)


@lru_cache(maxsize=65_536)
def shown_number(text: str, look: Look, *, from_1904: bool) -> Read:
    """Read a number as its format shows it; days repeat. ValueError if it is none."""
    try:
        return number_cell(text, look, from_1904=from_1904)
    except OverflowError:
        # So many days that not even their milliseconds can be counted.
        return *number_cell(text, AS_NUMBER, from_1904=from_1904)[:2], NO_SUCH_DAY


def frames_of(cells: Iterable[Cell], rows: int, most: int) -> Iterator[pl.DataFrame]:
    """Gather cells, given in order, into frames of at most so many rows of the sheet. WorkbookError beyond ``most``."""
    gathered: list[Cell] = []
    here, seen = 0, 0
    for total, cell in enumerate(cells, start=1):
        if cell[0] != here:
            here, seen = cell[0], seen + 1
            if seen > rows or len(gathered) > MANY_CELLS:
                yield _frame(gathered)
                gathered, seen = [], 1
        gathered.append(cell)
        if total > most:
            raise too_large()
    if gathered:
        yield _frame(gathered)


def _frame(cells: Sequence[Cell]) -> pl.DataFrame:
    columns = zip(*cells, strict=True)
    return pl.DataFrame(
        [pl.Series(name, values, kind) for (name, kind), values in zip(SCHEMA.items(), columns, strict=True)]
    )


_BOF, _EOF, _ENCRYPTED, _UNKNOWN = 0x0809, 0x0A, 0x2F, 0xFFFF
_FORMULAS = frozenset({0x06, 0x0206, 0x0406})

_GLOBAL = frozenset({_BOF, _EOF, 0x22, 0x31, 0x3C, 0x42, 0x85, 0xE0, 0xFC, 0x041E})
"""Epoch, fonts, continuations, code page, sheets, cell formats, shared strings, number formats."""

_OF_SHEET = _FORMULAS | {_BOF, _EOF, 0x3C, 0x7D, 0xBD, 0xD6, 0xE5, 0xFD, 0x0203, 0x0204, 0x0205, 0x0207, 0x0208}
_OF_SHEET |= {0x21, 0x0221, 0x36, 0x37, 0x0236, 0x04BC, 0x0225, 0x027E}
"""Continuations, columns, cells, merged areas, rows; what follows a formula before its text; height of rows."""

_BROKEN = (xlrd.XLRDError, struct.error, LookupError, ValueError, AssertionError, TypeError, OverflowError)
"""What xlrd raises when a file is not as it should be; LookupError also for a code page that nobody knows."""


class _Silence(io.TextIOBase):
    """Where xlrd's remarks go."""

    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _BROKEN:
        raise damaged() from None


class XlsWorkbook:
    """A workbook of Excel 5 to 2003, from the stream of its records."""

    def __init__(self, stream: bytes, bounds: Bounds = DEFAULT_BOUNDS) -> None:
        self._stream = bytearray(stream)
        self._most = bounds.cells
        _keep_only(self._stream, 0, _GLOBAL)
        with _readable():
            self._book = xlrd.open_workbook(
                file_contents=self._stream,
                logfile=_Silence(),
                formatting_info=True,
                on_demand=True,
                ragged_rows=True,
            )
        self._facts: dict[str, SheetFacts] = {}

    @property
    def sheets(self) -> tuple[SheetName, ...]:
        """Its sheets of cells, in their order."""
        hidden = self._book._sheet_visibility
        return tuple(SheetName(name, bool(h & 3)) for name, h in zip(self._book.sheet_names(), hidden, strict=True))

    def cells(self, sheet: str, rows: int) -> Iterator[pl.DataFrame]:
        """Read a sheet as frames of SCHEMA, each of at most that many rows of the sheet."""
        number = self._book.sheet_names().index(sheet)
        formulas = _keep_only(self._stream, self._book._sh_abs_posn[number], _OF_SHEET)
        with _readable():
            found = self._book.sheet_by_index(number)
        yield from frames_of(self._cells_of(found, _uncalculated(self._stream, formulas)), rows, self._most)
        self._facts[sheet] = _facts_of(found, len(formulas))
        self._book.unload_sheet(number)

    def facts(self, sheet: str) -> SheetFacts:
        """What else is known of a sheet whose cells were read to the end."""
        return self._facts[sheet]

    def _cells_of(self, sheet: Any, uncalculated: frozenset[tuple[int, int]]) -> Iterator[Cell]:
        with _readable():
            for row in range(sheet.nrows):
                values = zip(sheet.row_types(row), sheet.row_values(row), strict=True)
                for column, (kind, value) in enumerate(values):
                    if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                        continue
                    if (row, column) in uncalculated:
                        yield row + 1, column + 1, Kind.UNCALCULATED, "", None
                        continue
                    look = AS_NUMBER
                    if isinstance(value, float):
                        look = self._looks[sheet.cell_xf_index(row, column)]
                    yield row + 1, column + 1, *self._read(kind, value, look)

    def _read(self, kind: int, value: str | float | int, look: Look) -> Read:
        # xlrd takes a number for a text when it does not know its format: what the value is tells more than its kind.
        if isinstance(value, str):
            return text_cell(value)
        if isinstance(value, float):
            return float_cell(value, look, from_1904=bool(self._book.datemode))
        if kind == xlrd.XL_CELL_ERROR:
            return error_cell(value)
        return Kind.BOOLEAN, "TRUE" if value else "FALSE", None

    @cached_property
    def _looks(self) -> list[Look]:
        """How each cell format shows numbers."""
        written = {f.format_key: look_of(f.format_str) for f in self._book.format_list}
        built_in = BUILT_IN | written
        return [built_in.get(f.format_key, AS_NUMBER) for f in self._book.xf_list]


def _keep_only(stream: bytearray, start: int, kept: frozenset[int]) -> list[int]:
    """Make the other records from a place to the end of its part unknown; tell where its formulas stand."""
    formulas, depth, place = [], 0, start
    if start < 0:
        raise damaged()
    while place + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, place)
        depth += code == _BOF
        if place + 4 + length > len(stream):
            raise truncated()
        if code == _ENCRYPTED:
            raise password_protected()
        if depth > 1 or code not in kept:
            # Deeper parts are charts.
            struct.pack_into("<H", stream, place, _UNKNOWN)
        elif code in _FORMULAS:
            formulas.append(place)
        depth -= code == _EOF
        if not depth:
            return formulas
        place += 4 + length
    raise truncated()


def _uncalculated(stream: bytearray, formulas: Sequence[int]) -> frozenset[tuple[int, int]]:
    """Cells, from 0, of formulas that leave their value to be calculated when the workbook is opened."""
    found = set()
    for place in formulas:
        with _readable():
            row, column, result, flags = struct.unpack_from("<HH2xQH", stream, place + 4)
        if flags & 2 and result & 0xFFFF_0000_0000_00FF == 0xFFFF_0000_0000_0003:
            found.add((row, column))
    return frozenset(found)


def _facts_of(sheet: Any, formulas: int) -> SheetFacts:
    rows, columns = sheet.rowinfo_map, sheet.colinfo_map
    hidden = {row for row, told in rows.items() if told.hidden}
    if sheet.default_row_hidden:
        hidden |= set(range(sheet.nrows)) - set(rows)
    return SheetFacts(
        merged=tuple(Area(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells),
        hidden_rows=frozenset(row + 1 for row in hidden),
        hidden_columns=frozenset(column + 1 for column, told in columns.items() if told.hidden),
        formulas=formulas,
    )
