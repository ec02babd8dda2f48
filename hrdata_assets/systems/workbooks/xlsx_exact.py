"""The XML of a sheet, read element by element: slow, and right about whatever may stand there."""

from collections.abc import Iterable, Iterator

import polars as pl

from hrdata_assets.systems.workbooks.addresses import LAST_COLUMN, LAST_ROW
from hrdata_assets.systems.workbooks.cells import SCHEMA, Area, SheetFacts
from hrdata_assets.systems.workbooks.xlsx_cells import (
    RawCell,
    Surroundings,
    damaged,
    position_of,
    read_cell,
)
from hrdata_assets.systems.workbooks.xml_parser import parse, safe_parser

MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
"""Namespaces of spreadsheets: transitional and strict."""

_TRUE = ("1", "true")

Found = tuple[int, int, int, str, str | None]


def local(name: str) -> str:
    """Name of an element of a spreadsheet without its namespace; empty for others."""
    namespace, _, tag = name.rpartition(" ")
    return tag if namespace in MAIN else ""


class ExactSheet:
    """Handlers for the elements of a sheet; the cells gather in ``found`` until they are taken."""

    def __init__(self, around: Surroundings, *, after: tuple[int, int] = (0, 0)) -> None:
        self.found: list[Found] = []
        self.formulas = 0
        self.rows: int = 0
        self.position = after
        self.hidden_rows: set[int] = set()
        self._around = around
        self._merged: list[Area] = []
        self._hidden_columns: set[int] = set()
        self._row, self._column = after
        self._cell: RawCell | None = None
        self._texts: list[str] | None = None
        self._phonetic = 0
        self.parser = safe_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    @property
    def facts(self) -> SheetFacts:
        """What the sheet said beside its cells."""
        hidden = frozenset(self.hidden_rows), frozenset(self._hidden_columns)
        return SheetFacts(tuple(self._merged), *hidden, self.formulas)

    def take(self) -> pl.DataFrame:
        """The cells that were found since the last time."""
        found, self.found = self.found, []
        return pl.DataFrame(found, schema=SCHEMA, orient="row")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "row":
            self._begin_row(attributes)
        elif tag in ("v", "f", "t"):
            self._texts = []
        elif tag == "rPh":
            self._phonetic += 1
        elif tag == "mergeCell":
            self._merged.append(area_of(attributes.get("ref", "")))
        elif tag == "col" and attributes.get("hidden") in _TRUE:
            self._hidden_columns.update(_span(attributes))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self._row = self._row + 1 if number is None else _number(number)
        self._column = 0
        if not 1 <= self._row <= LAST_ROW:
            raise damaged("a row stands where no row can be")
        if attributes.get("hidden") in _TRUE:
            self.hidden_rows.add(self._row)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        row, column = (self._row, self._column + 1) if reference is None else position_of(reference)
        if column > LAST_COLUMN or row < 1:
            raise damaged("a cell stands where no cell can be")
        self._row, self._column = row, column
        self._cell = RawCell(row, column, attributes.get("t", "n"), _number(attributes.get("s", "0")))

    def _characters(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "c" and self._cell is not None:
            self._end_cell(self._cell)
        elif tag == "rPh":
            self._phonetic -= 1
        elif tag in ("v", "f", "t") and self._texts is not None:
            self._end_text(tag, "".join(self._texts))

    def _end_text(self, tag: str, text: str) -> None:
        self._texts = None
        if self._cell is None:
            return
        if tag == "v":
            self._cell.value = text
        elif tag == "f":
            self._cell.formula = text
        elif not self._phonetic:
            self._cell.inline.append(text)

    def _end_cell(self, cell: RawCell) -> None:
        self._cell = None
        self.formulas += cell.formula is not None
        if (cell.row, cell.column) <= self.position:
            raise damaged("cells do not stand in their order")
        self.rows += cell.row != self.position[0]
        self.position = (cell.row, cell.column)
        read = read_cell(cell, self._around)
        if read is not None:
            kind, text, note = read
            self.found.append((cell.row, cell.column, kind, text, note))


def area_of(reference: str) -> Area:
    """Corners of a reference such as ``A1:C3``, or of a single cell."""
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = position_of(first), position_of(last or first)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _span(attributes: dict[str, str]) -> range:
    first, last = _number(attributes.get("min", "")), _number(attributes.get("max", ""))
    if not 1 <= first <= last <= LAST_COLUMN:
        raise damaged("columns stand where no columns can be")
    return range(first, last + 1)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise damaged("a number is none")
    return int(text)


def read_exactly(pieces: Iterable[bytes], sheet: ExactSheet, rows: int) -> Iterator[pl.DataFrame]:
    """Cells of a sheet, in frames of about so many rows; its last one is what a caller finds no more after."""
    for piece in pieces:
        parse(sheet.parser, piece)
        if sheet.rows >= rows:
            sheet.rows = 0
            yield sheet.take()
    parse(sheet.parser, b"", last=True)
    yield sheet.take()
