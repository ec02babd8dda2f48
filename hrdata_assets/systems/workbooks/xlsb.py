"""Binary workbooks of Excel (.xlsb): a zip file like that of .xlsx, with records instead of XML."""

import posixpath
import struct
from collections.abc import Callable, Iterator
from functools import cached_property
from xml.parsers import expat

import polars as pl

from hrdata_assets.systems.workbooks.addresses import LAST_COLUMN
from hrdata_assets.systems.workbooks.cells import Area, Kind, SheetFacts, SheetName
from hrdata_assets.systems.workbooks.package import Package
from hrdata_assets.systems.workbooks.values import AS_NUMBER, BUILT_IN, Look, Read, look_of
from hrdata_assets.systems.workbooks.xls import (
    Cell,
    damaged,
    error_cell,
    float_cell,
    frames_of,
    text_cell,
    too_large,
    truncated,
)
from hrdata_assets.systems.workbooks.xlsb_records import records, rk_number, text_at, unpack
from hrdata_assets.systems.workbooks.xml_parser import parse, safe_parser

_ROW, _SHORT_BLANK, _SHORT_SHARED, _SHARED_ITEM, _FORMAT, _CELL_FORMAT, _COLUMNS = 0, 12, 18, 19, 44, 47, 60
_WORKBOOK_FLAGS, _SHEET, _MERGED, _END_SHEET = 153, 156, 176, 130
_BEGIN_CELL_FORMATS, _END_CELL_FORMATS = 617, 618

_MOST_RELATIONS = 16 * 1024**2

_U16, _U32, _TWO_U32 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<II")
_COLUMN_INFO, _FOUR_U32 = struct.Struct("<IIIIH"), struct.Struct("<IIII")
_DOUBLE = struct.Struct("<d")

_FORMULAS = frozenset({8, 9, 10, 11})


class XlsbWorkbook:
    """A binary workbook, from its package, which must stay open as long as it is read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        main = _main_part(package)
        self._relations = _relations(package, main)
        self._from_1904 = False
        self._parts: dict[str, str] = {}
        sheets = []
        for number, record in self._records(main):
            if number == _WORKBOOK_FLAGS:
                self._from_1904 = bool(unpack(_U32, record)[0] & 1)
            elif number == _SHEET and (sheet := self._listed(record)) is not None:
                sheets.append(sheet)
        self._sheets = tuple(sheets)
        self._facts: dict[str, SheetFacts] = {}

    @property
    def sheets(self) -> tuple[SheetName, ...]:
        """Its sheets of cells, in their order."""
        return self._sheets

    def cells(self, sheet: str, rows: int) -> Iterator[pl.DataFrame]:
        """Read a sheet as frames of SCHEMA, each of at most that many rows of the sheet."""
        if sheet not in self._parts:
            raise damaged()
        reading = _Sheet(self._looks, self._strings, from_1904=self._from_1904)
        found = reading.cells(self._records(self._parts[sheet]))
        yield from frames_of(found, rows, self._package.bounds.cells)
        self._facts[sheet] = reading.facts()

    def facts(self, sheet: str) -> SheetFacts:
        """What else is known of a sheet whose cells were read to the end."""
        return self._facts[sheet]

    def _listed(self, record: bytes) -> SheetName | None:
        """A sheet as the workbook lists it; None if it has no cells, as a chart."""
        (state,) = unpack(_U32, record)
        relation, place = text_at(record, 8)
        name, _ = text_at(record, place)
        kind, part = self._relations.get(relation, ("", ""))
        if not part:
            raise damaged()
        if kind != "worksheet":
            return None
        self._parts[name] = part
        return SheetName(name, state != 0)

    def _records(self, part: str) -> Iterator[tuple[int, bytes]]:
        with self._package.open(part) as entry:
            yield from records(entry)

    @cached_property
    def _strings(self) -> list[str]:
        found: list[str] = []
        size = 0
        for number, record in self._part_of("sharedStrings"):
            if number == _SHARED_ITEM:
                text, _ = text_at(record, 1)
                size += len(text)
                if size > self._package.bounds.text_bytes:
                    raise too_large()
                found.append(text)
        return found

    @cached_property
    def _looks(self) -> list[Look]:
        """How each cell format shows numbers."""
        shown, found, listed = dict(BUILT_IN), [], False
        for number, record in self._part_of("styles"):
            if number == _FORMAT:
                shown[unpack(_U16, record)[0]] = look_of(text_at(record, 2)[0])
            elif number in (_BEGIN_CELL_FORMATS, _END_CELL_FORMATS):
                listed = number == _BEGIN_CELL_FORMATS
            elif number == _CELL_FORMAT and listed:
                found.append(shown.get(unpack(_U16, record, 2)[0], AS_NUMBER))
        return found

    def _part_of(self, kind: str) -> Iterator[tuple[int, bytes]]:
        for found, part in self._relations.values():
            if found == kind:
                yield from self._records(part)


class _Sheet:
    """A sheet while its records are read."""

    def __init__(self, looks: list[Look], strings: list[str], *, from_1904: bool) -> None:
        self._looks, self._strings, self._from_1904 = looks, strings, from_1904
        self._merged: list[Area] = []
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._formulas = 0

    def facts(self) -> SheetFacts:
        return SheetFacts(
            tuple(self._merged), frozenset(self._hidden_rows), frozenset(self._hidden_columns), self._formulas
        )

    def cells(self, found: Iterator[tuple[int, bytes]]) -> Iterator[Cell]:
        """Cells of the records of a sheet."""
        row, column, complete = 0, -1, False
        readers = self._readers
        for number, record in found:
            if number == _ROW:
                row, column = self._row(record, row), -1
            elif number <= _SHORT_SHARED or number == 62:
                before = column
                if short := _SHORT_BLANK <= number <= _SHORT_SHARED:
                    column, look, number = column + 1, unpack(_U32, record)[0], number - 11
                else:
                    column, look = unpack(_TWO_U32, record)
                if not row or not before < column < LAST_COLUMN:
                    raise damaged()
                if number in readers:
                    yield row, column + 1, *readers[number](record, 4 if short else 8, look & 0xFFFFFF)
                self._formulas += number in _FORMULAS
            else:
                self._beside(number, record)
            complete = complete or number == _END_SHEET
        if not complete:
            raise truncated()

    def _row(self, record: bytes, before: int) -> int:
        """Number of a row, from 1, which is one after the last."""
        row = unpack(_U32, record)[0] + 1
        if not before < row <= 1_048_576 or len(record) < 12:
            raise damaged()
        if record[11] & 0x10:
            self._hidden_rows.add(row)
        return row

    def _beside(self, number: int, record: bytes) -> None:
        if number == _COLUMNS:
            first, last, _, _, flags = unpack(_COLUMN_INFO, record)
            if flags & 1:
                self._hidden_columns |= set(range(first + 1, min(last + 2, LAST_COLUMN + 1)))
        elif number == _MERGED:
            top, bottom, left, right = unpack(_FOUR_U32, record)
            self._merged.append(Area(top + 1, left + 1, bottom + 1, right + 1))

    @property
    def _readers(self) -> dict[int, Callable[[bytes, int, int], Read]]:
        """What reads which kind of cell, from a place in its record, in a cell format."""
        return {
            **dict.fromkeys((3, 11), lambda record, at, _: error_cell(_byte(record, at))),
            **dict.fromkeys((4, 10), lambda record, at, _: _boolean(_byte(record, at))),
            **dict.fromkeys((5, 9), lambda record, at, look: self._number(unpack(_DOUBLE, record, at)[0], look)),
            **dict.fromkeys((6, 8), lambda record, at, _: text_cell(text_at(record, at)[0])),
            2: lambda record, at, look: self._number(rk_number(unpack(_U32, record, at)[0]), look),
            7: self._shared,
            62: lambda record, at, _: text_cell(text_at(record, at + 1)[0]),
        }

    def _number(self, number: float, look: int) -> Read:
        if look >= max(len(self._looks), 1):
            raise damaged()
        return float_cell(number, self._looks[look] if self._looks else AS_NUMBER, from_1904=self._from_1904)

    def _shared(self, record: bytes, at: int, _: int) -> Read:
        (number,) = unpack(_U32, record, at)
        if number >= len(self._strings):
            raise damaged()
        return text_cell(self._strings[number])


def _boolean(value: int) -> Read:
    return Kind.BOOLEAN, "TRUE" if value else "FALSE", None


def _byte(record: bytes, place: int) -> int:
    if place >= len(record):
        raise damaged()
    return record[place]


def _main_part(package: Package) -> str:
    found = [part for kind, part in _relations(package, "").values() if kind == "officeDocument"]
    if len(found) != 1:
        raise damaged()
    return found[0]


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Parts that a part refers to by name: what each is to it, and where in the package it is."""
    folder, name = posixpath.split(part)
    where = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" Relationship") and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            found[attributes.get("Id", "")] = (posixpath.basename(attributes.get("Type", "")), target)

    parser: expat.XMLParserType = safe_parser()
    parser.StartElementHandler = begin
    parse(parser, package.read(where, _MOST_RELATIONS), last=True)
    return found
