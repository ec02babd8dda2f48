"""Sheets taken apart, made of Python's values."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

from hrdata_assets.excel.examine import examine
from hrdata_assets.excel.sheet_table import SheetTable
from hrdata_assets.systems.workbooks.cells import SheetFacts, SheetName
from hrdata_assets.systems.workbooks.configuration import FolderOptions
from hrdata_assets.systems.workbooks.parts import write_part
from hrdata_assets.systems.workbooks.reading import TakenApart
from hrdata_assets_tests.systems.workbooks.sheets import Value, cells

Rows = Sequence[Sequence[Value]] | Mapping[int, Sequence[Value]]


def taken_apart(folder: Path, *parts: Rows, facts: SheetFacts | None = None) -> TakenApart:
    """A sheet in parts; each part's rows are given with their numbers, or count on from the one before."""
    number = 1
    for place, part in enumerate(parts):
        numbered = part if isinstance(part, Mapping) else dict(enumerate(part, start=number))
        write_part(folder, place, cells(numbered))
        number = max(numbered, default=number - 1) + 1
    return TakenApart("Sheet1", (SheetName("Sheet1"),), facts or SheetFacts(), folder, len(parts))


def examined(folder: Path, *parts: Rows, facts: SheetFacts | None = None, **options: object) -> SheetTable:
    """The same, examined as a folder's options say."""
    return examine(taken_apart(folder, *parts, facts=facts), FolderOptions.model_validate(options))


def rows_of(sheet: SheetTable) -> list[tuple[object, ...]]:
    """Numbers and texts of all rows."""
    return [row for part in sheet.rows() for row in part.rows()]


def types_of(sheet: SheetTable) -> dict[str, str | None]:
    """Type of each column, by its heading."""
    return {column.heading: column.fit.type.value if column.fit else None for column in sheet.columns}


def changes_of(sheet: SheetTable) -> dict[tuple[str, str], list[int]]:
    """Rows whose stored value is not what is shown, by heading and kind of change."""
    return {(sheet.columns[p].heading, kind): changed.rows for (p, kind), changed in sheet.counted.changes.items()}


def reasons_of(sheet: SheetTable) -> dict[int, list[tuple[str | None, str | None]]]:
    """Rule and column of every reason, by row."""
    return {letter.row_no: [(r["rule"], r["column"]) for r in letter.reasons] for letter in sheet.counted.letters}


def workbook(rows: Sequence[Sequence[object]], number: int) -> bytes:
    """A workbook of these rows, unlike every other."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for row in rows:
        sheet.append(row)
    book.properties.title = str(number)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
