"""Spreadsheets of OpenDocument (.ods), of LibreOffice and others: XML in a zip file, read piece by piece.

White space counts as OpenDocument says: several blanks are one, unless they are written as elements of their own.
"""

import re
from collections.abc import Iterator

import polars as pl

from hrdata_assets.systems.workbooks.addresses import LAST_COLUMN, LAST_ROW
from hrdata_assets.systems.workbooks.cells import (
    Area,
    SheetFacts,
    SheetName,
)
from hrdata_assets.systems.workbooks.ods_values import FORMULA, KIND, NAMES, OFFICE, TABLE, Attributes, read_cell
from hrdata_assets.systems.workbooks.package import Package
from hrdata_assets.systems.workbooks.values import AS_NUMBER, Look, Read, Shown
from hrdata_assets.systems.workbooks.xls import (
    Cell,
    damaged,
    frames_of,
    password_protected,
    too_large,
    truncated,
)
from hrdata_assets.systems.workbooks.xml_parser import feed, safe_parser

_TABLE_DEPTH = 4

_TEXT = f"{NAMES}text:1.0 "
_STYLE, _NUMBER, _DRAW = f"{NAMES}style:1.0 ", f"{NAMES}datastyle:1.0 ", f"{NAMES}drawing:1.0 "
_SHEET, _ROW, _COLUMN = f"{TABLE}table", f"{TABLE}table-row", f"{TABLE}table-column"
_CELLS = frozenset({f"{TABLE}table-cell", f"{TABLE}covered-table-cell"})
_PARAGRAPHS = frozenset({f"{_TEXT}p", f"{_TEXT}h"})
_BLANKS, _TAB, _LINE_BREAK = f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"
_ASIDE = frozenset({f"{OFFICE}annotation", f"{TABLE}shapes", f"{_TEXT}ruby-text", f"{_TEXT}note"})
"""Elements whose text is none of the cell's, as are those of drawings."""

_DEFAULT_STYLE, _VISIBILITY = f"{TABLE}default-cell-style-name", f"{TABLE}visibility"
_ROWS, _COLUMNS = f"{TABLE}number-rows-repeated", f"{TABLE}number-columns-repeated"
_ROWS_SPANNED, _COLUMNS_SPANNED = f"{TABLE}number-rows-spanned", f"{TABLE}number-columns-spanned"

_WHITE = re.compile(r"[ \t\r\n]+")


class OdsWorkbook:
    """A spreadsheet of OpenDocument, from its package, which must stay open as long as it is read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        if "META-INF/manifest.xml" in package.names:
            _refuse_encrypted(package)
        self._outline = _Outline()
        for part in ("styles.xml", "content.xml"):
            if part == "content.xml" or part in package.names:
                self._outline.read(package, part)
        self._facts: dict[str, SheetFacts] = {}

    @property
    def sheets(self) -> tuple[SheetName, ...]:
        """Its sheets of cells, in their order."""
        hidden = self._outline.hidden
        return tuple(SheetName(name, style in hidden) for name, style in self._outline.sheets)

    def cells(self, sheet: str, rows: int) -> Iterator[pl.DataFrame]:
        """Read a sheet as frames of SCHEMA, each of at most that many rows of the sheet."""
        place = [name for name, _ in self._outline.sheets].index(sheet)
        reading = _Sheet(place, self._outline, self._package.bounds.cells)
        yield from frames_of(reading.cells(self._package), rows, self._package.bounds.cells)
        self._facts[sheet] = reading.facts()

    def facts(self, sheet: str) -> SheetFacts:
        """What else is known of a sheet whose cells were read to the end."""
        return self._facts[sheet]


def _refuse_encrypted(package: Package) -> None:
    def begin(name: str, _: Attributes) -> None:
        if name.endswith("encryption-data"):
            raise password_protected()

    parser = safe_parser()
    parser.StartElementHandler = begin
    with package.open("META-INF/manifest.xml") as entry:
        for _ in feed(parser, entry):
            pass


class _Outline:
    """Names of the sheets, and what of the styles concerns their cells."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.hidden: set[str] = set()
        self._digits: dict[str, int] = {}
        self._formats: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._depth, self._style, self._format = 0, "", ""

    def read(self, package: Package, part: str) -> None:
        parser = safe_parser()
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        with package.open(part) as entry:
            for _ in feed(parser, entry):
                pass

    @property
    def pads(self) -> bool:
        """Whether any format shows leading zeros."""
        return any(self._digits.values())

    def digits(self, style: str) -> int:
        """Least number of digits that a style of cells shows, if it pads."""
        for _ in range(10):
            if style in self._formats:
                return self._digits.get(self._formats[style], 0)
            style = self._parents.get(style, "")
        return 0

    def _begin(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > _TABLE_DEPTH and self.sheets:
            # Cells; what is said of styles stands before them.
            return
        if name == _SHEET:
            if self._depth == _TABLE_DEPTH:
                self.sheets.append((attributes.get(f"{TABLE}name", ""), attributes.get(f"{TABLE}style-name", "")))
        elif name == f"{_STYLE}style":
            self._begin_style(attributes)
        elif name == f"{_STYLE}table-properties" and attributes.get(f"{TABLE}display") == "false":
            self.hidden.add(self._style)
        elif name.startswith(_NUMBER):
            self._begin_format(name, attributes)

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _begin_style(self, attributes: Attributes) -> None:
        self._style = attributes.get(f"{_STYLE}name", "")
        if attributes.get(f"{_STYLE}family") == "table-cell":
            self._parents[self._style] = attributes.get(f"{_STYLE}parent-style-name", "")
            if f"{_STYLE}data-style-name" in attributes:
                self._formats[self._style] = attributes[f"{_STYLE}data-style-name"]

    def _begin_format(self, name: str, attributes: Attributes) -> None:
        """A format of zeros alone, as that of personnel numbers, has one element and that only digits."""
        if f"{_STYLE}name" in attributes:
            self._format = attributes[f"{_STYLE}name"] if name == f"{_NUMBER}number-style" else ""
            return
        digits = re.fullmatch("[0-9]{1,2}", attributes.get(f"{_NUMBER}min-integer-digits", ""), re.ASCII)
        whole = attributes.get(f"{_NUMBER}decimal-places", "0") == "0"
        plain = name == f"{_NUMBER}number" and whole and attributes.get(f"{_NUMBER}grouping") != "true"
        alone = self._format and self._format not in self._digits
        self._digits[self._format] = int(digits[0]) if digits and plain and alone else 0


class _Sheet:
    """A sheet while its XML is read: cells gathered row by row, repeated ones once."""

    def __init__(self, place: int, outline: _Outline, most: int) -> None:
        self._place, self._outline, self._most = place, outline, most
        self._pads = outline.pads
        self._depth, self._aside, self._inside, self._done = 0, 0, False, False
        self._row, self._column, self._last_row, self._last_column = 0, 0, 0, 0
        self._row_repeated, self._row_style = 1, ""
        self._column_place, self._column_styles = 0, dict[int, str]()
        self._attributes: Attributes | None = None
        self._paragraphs: list[list[str]] = []
        self._in_paragraph, self._blank = 0, True
        self._found: list[tuple[int, int, Read]] = []
        self._ready: list[tuple[int, int, list[tuple[int, int, Read]]]] = []
        self._merged: list[Area] = []
        self._hidden_rows: list[range] = []
        self._hidden_columns: list[range] = []
        self._formulas, self._total = 0, 0

    def facts(self) -> SheetFacts:
        """Hidden rows and columns as far as there are cells: what lies behind them is repeated to the sheet's end."""
        return SheetFacts(
            tuple(self._merged),
            frozenset(n for hidden in self._hidden_rows for n in hidden if n <= self._last_row),
            frozenset(n for hidden in self._hidden_columns for n in hidden if n <= self._last_column),
            self._formulas,
        )

    def cells(self, package: Package) -> Iterator[Cell]:
        parser = safe_parser()
        parser.StartElementHandler, parser.EndElementHandler = self._begin, self._end
        parser.CharacterDataHandler = self._characters
        with package.open("content.xml") as entry:
            for _ in feed(parser, entry):
                yield from self._unfolded()
                if self._done:
                    return
        raise truncated()

    def _unfolded(self) -> Iterator[Cell]:
        for row, repeated, found in self._ready:
            for number in range(row, row + repeated):
                for column, across, read in found:
                    for place in range(column, column + across):
                        yield number, place, *read
        self._ready.clear()

    def _begin(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._aside or not self._inside:
            self._begin_outside(name)
        elif name in _CELLS:
            self._attributes = attributes
            self._paragraphs.clear()
        elif name in _PARAGRAPHS and self._attributes is not None:
            self._paragraphs.append([])
            self._in_paragraph, self._blank = self._depth, True
        elif name == _ROW:
            self._begin_row(attributes)
        elif name == _COLUMN:
            self._add_column(attributes)
        elif name in _ASIDE or name.startswith(_DRAW):
            self._aside = self._depth
        elif self._in_paragraph and name in (_BLANKS, _TAB, _LINE_BREAK):
            written = {_BLANKS: " " * _count(attributes, f"{_TEXT}c"), _TAB: "\t", _LINE_BREAK: "\n"}
            self._paragraphs[-1].append(written[name])
            self._blank = False

    def _begin_outside(self, name: str) -> None:
        if name == _SHEET and self._depth == _TABLE_DEPTH and not self._done:
            self._inside = self._place == 0
            self._place -= 1

    def _end(self, name: str) -> None:
        if self._aside:
            self._aside = 0 if self._aside == self._depth else self._aside
        elif self._inside:
            if self._in_paragraph == self._depth:
                self._in_paragraph = 0
            elif name in _CELLS:
                self._end_cell()
            elif name == _ROW:
                self._end_row()
            elif name == _SHEET and self._depth == _TABLE_DEPTH:
                self._inside, self._done = False, True
        self._depth -= 1

    def _characters(self, text: str) -> None:
        if self._in_paragraph and not self._aside:
            # Most texts have no white space that counts for less than it is.
            shown = text if text.isprintable() and "  " not in text else _WHITE.sub(" ", text)
            if self._blank:
                shown = shown.removeprefix(" ")
            if shown:
                self._paragraphs[-1].append(shown)
                self._blank = shown.endswith(" ")

    def _begin_row(self, attributes: Attributes) -> None:
        self._row += 1
        self._column = 1
        self._row_repeated = _count(attributes, _ROWS)
        self._row_style = attributes.get(_DEFAULT_STYLE, "")
        if attributes.get(_VISIBILITY) in ("collapse", "filter"):
            self._hidden_rows.append(range(self._row, min(self._row + self._row_repeated, LAST_ROW + 1)))

    def _end_row(self) -> None:
        last = self._row + self._row_repeated - 1
        if self._found:
            self._total += self._row_repeated * sum(across for _, across, _ in self._found)
            if self._total > self._most or last > LAST_ROW:
                raise too_large()
            self._ready.append((self._row, self._row_repeated, self._found))
            self._found, self._last_row = [], last
        self._row = last

    def _add_column(self, attributes: Attributes) -> None:
        first = self._column_place + 1
        self._column_place += _count(attributes, _COLUMNS)
        covered = range(first, min(self._column_place, LAST_COLUMN) + 1)
        if attributes.get(_VISIBILITY) in ("collapse", "filter"):
            self._hidden_columns.append(covered)
        self._column_styles.update(dict.fromkeys(covered, attributes.get(_DEFAULT_STYLE, "")))

    def _end_cell(self) -> None:
        attributes, self._attributes = self._attributes, None
        if attributes is None:
            raise damaged()
        across = _count(attributes, _COLUMNS) if _COLUMNS in attributes else 1
        if attributes or self._paragraphs:
            self._add_cell(attributes, across)
        self._column += across

    def _add_cell(self, attributes: Attributes, across: int) -> None:
        shown = "\n".join("".join(paragraph) for paragraph in self._paragraphs)
        read = read_cell(attributes, shown, self._look(attributes), filled=bool(shown))
        if FORMULA in attributes:
            self._formulas += across * self._row_repeated
        if _COLUMNS_SPANNED in attributes or _ROWS_SPANNED in attributes:
            self._add_merged(_count(attributes, _ROWS_SPANNED), _count(attributes, _COLUMNS_SPANNED))
        if read is not None:
            last = self._column + across - 1
            if last > LAST_COLUMN:
                raise too_large()
            self._found.append((self._column, across, read))
            self._last_column = max(self._last_column, last)

    def _add_merged(self, down: int, right: int) -> None:
        if down > 1 or right > 1:
            self._merged.append(Area(self._row, self._column, self._row + down - 1, self._column + right - 1))

    def _look(self, attributes: Attributes) -> Look:
        if not self._pads or attributes.get(KIND) != "float":
            return AS_NUMBER
        style = attributes.get(f"{TABLE}style-name") or self._row_style or self._column_styles.get(self._column, "")
        digits = self._outline.digits(style)
        return Look(Shown.NUMBER, digits) if digits else AS_NUMBER


def _count(attributes: Attributes, name: str) -> int:
    """How often something stands there; once if nothing is said."""
    text = attributes.get(name)
    if text is None:
        return 1
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or int(text) == 0:
        raise damaged()
    return int(text)
