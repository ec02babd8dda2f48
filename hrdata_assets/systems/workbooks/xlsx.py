"""A workbook in Office Open XML, transitional or strict: its parts, found by the relationships between them."""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from hrdata_assets.systems.workbooks.cells import SheetFacts, SheetName, WorkbookError
from hrdata_assets.systems.workbooks.package import Package
from hrdata_assets.systems.workbooks.values import AS_NUMBER, BUILT_IN, Look, look_of
from hrdata_assets.systems.workbooks.xlsx_cells import Surroundings
from hrdata_assets.systems.workbooks.xlsx_exact import local
from hrdata_assets.systems.workbooks.xlsx_sheet import SheetReader
from hrdata_assets.systems.workbooks.xlsx_strings import SharedTexts, read_strings
from hrdata_assets.systems.workbooks.xml_parser import feed, safe_parser

_TRUE = ("1", "true")
_VISIBLE = "visible"

Start = Callable[[str, Mapping[str, str]], None]
"""Told the name and the attributes of an element that begins."""


@dataclass(frozen=True)
class _Relation:
    """A part that another refers to; ``kind`` is the last word of its type, the same in both dialects."""

    kind: str
    target: str


@dataclass(frozen=True)
class _Sheet:
    name: SheetName
    relation: str


@dataclass
class _Book:
    """What the workbook's own part says."""

    sheets: list[_Sheet] = field(default_factory=list)
    from_1904: bool = False


class XlsxWorkbook:
    """An opened .xlsx or .xlsm; macros, formulas and links to elsewhere are never looked at."""

    def __init__(self, package: Package) -> None:
        self._package = package
        main = [r.target for r in _relations(package, "").values() if r.kind == "officeDocument"]
        if not main:
            raise WorkbookError("not_a_workbook", "the file holds no workbook: export it anew as .xlsx")
        self._book = _book(package, main[0])
        self._relations = _relations(package, main[0])
        self._facts: dict[str, SheetFacts] = {}
        self._around: Surroundings | None = None

    @property
    def sheets(self) -> tuple[SheetName, ...]:
        """Its sheets of cells, in their order; charts are none."""
        return tuple(sheet.name for sheet in self._book.sheets if self._part_of(sheet) is not None)

    def cells(self, sheet: str, rows: int) -> Iterator[pl.DataFrame]:
        """Read a sheet as frames of SCHEMA, each of at most that many rows of the sheet."""
        part = next(self._part_of(s) for s in self._book.sheets if s.name.name == sheet)
        if part is None:
            raise WorkbookError("sheet_missing", "the sheet is none of cells")
        if self._around is None:
            self._around = self._surroundings()
        with self._package.open(part) as entry:
            reader = SheetReader(entry, self._around, self._package.bounds.cells)
            yield from reader.cells(rows)
        self._facts[sheet] = reader.facts

    def facts(self, sheet: str) -> SheetFacts:
        """What else is known of a sheet whose cells were read to the end."""
        return self._facts[sheet]

    def _part_of(self, sheet: _Sheet) -> str | None:
        relation = self._relations.get(sheet.relation)
        return relation.target if relation is not None and relation.kind == "worksheet" else None

    def _surroundings(self) -> Surroundings:
        styles, strings = self._related("styles"), self._related("sharedStrings")
        looks = [] if styles is None else _looks(self._package, styles)
        texts = SharedTexts() if strings is None else read_strings(self._package, strings)
        return Surroundings(texts.texts, texts.noted, looks, self._book.from_1904)

    def _related(self, kind: str) -> str | None:
        return next((r.target for r in self._relations.values() if r.kind == kind), None)


def _relations(package: Package, part: str) -> Mapping[str, _Relation]:
    """Parts that a part refers to inside the file, by the identifiers it uses for them."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in package.names:
        return {}
    found: dict[str, _Relation] = {}

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag.endswith(" Relationship") and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            found[attributes.get("Id", "")] = _Relation(attributes.get("Type", "").rpartition("/")[2], target)

    _parse(package, path, start)
    return found


def _parse(package: Package, part: str, start: Start) -> None:
    parser = safe_parser()
    parser.StartElementHandler = start
    with package.open(part) as entry:
        for _ in feed(parser, entry):
            pass


def _book(package: Package, part: str) -> _Book:
    book = _Book()

    def start(name: str, attributes: Mapping[str, str]) -> None:
        tag = local(name)
        if tag == "workbookPr":
            book.from_1904 = attributes.get("date1904") in _TRUE
        elif tag == "sheet":
            relation = next((text for key, text in attributes.items() if key.endswith("relationships id")), "")
            hidden = attributes.get("state", _VISIBLE) != _VISIBLE
            book.sheets.append(_Sheet(SheetName(attributes.get("name", ""), hidden), relation))

    _parse(package, part, start)
    return book


def _looks(package: Package, part: str) -> list[Look]:
    """Look of every style of cells, by its number."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside = False

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal inside
        tag = local(name)
        if tag == "numFmt":
            codes[_number(attributes.get("numFmtId", ""))] = attributes.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyleXfs", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            formats.append(_number(attributes.get("numFmtId", "0")))

    _parse(package, part, start)
    return [look_of(codes[f]) if f in codes else BUILT_IN.get(f, AS_NUMBER) for f in formats]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
