"""The same values in each format; what a format cannot hold is not written into it."""

import datetime
import zipfile
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
import xlwt

from hrdata_assets_tests.excel.corpus.values import (
    Book,
    Error,
    Formula,
    Runs,
    Sheet,
    Shown,
    Value,
    format_of,
    serial,
)
from hrdata_assets_tests.systems.workbooks import ods_writing, xlsb_writing

_MACROS = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_NO_MACROS = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}


def write(path: Path, book: Book) -> None:
    """Write a workbook in the format that its name ends in."""
    _WRITERS[path.suffix.lower()](path, book)


def write_xlsx(path: Path, book: Book) -> None:
    """Write .xlsx with shared strings and stored results of formulas."""
    made = xlsxwriter.Workbook(str(path), {"date_1904": book.from_1904})
    # No two workbooks of the corpus are the same file.
    made.set_properties({"title": path.parent.name + path.name})
    formats = {"General": made.add_format()}
    for name, sheet in book.sheets.items():
        page = made.add_worksheet(name)
        for number, row in sheet.numbered.items():
            for column, value in enumerate(row):
                code = format_of(value)
                look = formats.setdefault(code, made.add_format({"num_format": code}))
                _write_xlsx_cell(page, (number - 1, column), value, look, made)
        for top, left, bottom, right in sheet.merged:
            page.merge_range(top - 1, left - 1, bottom - 1, right - 1, "")
            _write_xlsx_cell(page, (top - 1, left - 1), sheet.numbered[top][left - 1], formats["General"], made)
        for number in sheet.hidden_rows:
            page.set_row(number - 1, None, None, {"hidden": True})
        for column in sheet.hidden_columns:
            page.set_column(column - 1, column - 1, None, None, {"hidden": True})
        if sheet.hidden:
            page.hide()
    made.close()


def _write_xlsx_cell(page: object, at: tuple[int, int], value: Value, look: object, made: object) -> None:
    sheet, book = page, made
    if isinstance(value, Formula):
        sheet.write_formula(*at, f"={value.formula}", look, value.result)  # type: ignore[attr-defined]
    elif isinstance(value, Error):
        sheet.write_formula(*at, "=NA()", look, value.code)  # type: ignore[attr-defined]
    elif isinstance(value, Runs):
        bold = book.add_format({"bold": True})  # type: ignore[attr-defined]
        runs = [part for text in value.parts for part in (bold, text)]
        sheet.write_rich_string(*at, *runs)  # type: ignore[attr-defined]
    elif isinstance(value, bool):
        sheet.write_boolean(*at, value)  # type: ignore[attr-defined]
    elif isinstance(value, str):
        sheet.write_string(*at, value)  # type: ignore[attr-defined]
    elif isinstance(value, Shown):
        sheet.write_number(*at, value.number, look)  # type: ignore[attr-defined]
    elif isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        sheet.write_datetime(*at, value, look)  # type: ignore[attr-defined]
    elif value is not None:
        sheet.write_number(*at, value)  # type: ignore[attr-defined]


def write_xlsm(path: Path, book: Book) -> None:
    """Write .xlsm: the same but for its type."""
    write_xlsx(path, book)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(_NO_MACROS, _MACROS))
        archive.writestr("xl/vbaProject.bin", b"no macros are ever looked at")


def write_xls(path: Path, book: Book) -> None:
    """Write .xls."""
    made = xlwt.Workbook(encoding="utf-8")
    made.dates_1904 = book.from_1904
    styles: dict[str, object] = {}
    for name, sheet in book.sheets.items():
        page = made.add_sheet(name)
        page.visibility = int(sheet.hidden)
        for number, row in sheet.numbered.items():
            for column, value in enumerate(row):
                code = format_of(value)
                if code not in styles:
                    styles[code] = xlwt.easyxf(num_format_str=code)
                _write_xls_cell(page.row(number - 1), column, value, styles[code])
        for top, left, bottom, right in sheet.merged:
            page.merge(top - 1, bottom - 1, left - 1, right - 1)
        for number in sheet.hidden_rows:
            page.row(number - 1).hidden = True
        for column in sheet.hidden_columns:
            page.col(column - 1).hidden = True
    made.save(str(path))


def _write_xls_cell(row: object, column: int, value: Value, style: object) -> None:
    if isinstance(value, Error):
        row.set_cell_error(column, value.code, style)  # type: ignore[attr-defined]
    elif isinstance(value, datetime.timedelta):
        row.write(column, serial(value), style)  # type: ignore[attr-defined]
    elif isinstance(value, Shown):
        row.write(column, value.number, style)  # type: ignore[attr-defined]
    elif isinstance(value, str):
        row.set_cell_text(column, value, style)  # type: ignore[attr-defined]
    elif value is not None:
        row.write(column, value, style)  # type: ignore[attr-defined]


def write_xlsb(path: Path, book: Book) -> None:
    """Write .xlsb."""
    formats = ["General"]
    listed = []
    for name, sheet in book.sheets.items():
        rows = []
        for number, row in sheet.numbered.items():
            rows.append(xlsb_writing.row(number - 1, hidden=number in sheet.hidden_rows))
            for column, value in enumerate(row):
                code = format_of(value)
                if code not in formats:
                    formats.append(code)
                rows.append(_xlsb_cell(column, value, formats.index(code), from_1904=book.from_1904))
        before = b"".join(xlsb_writing.hidden_columns(c - 1, c - 1) for c in sorted(sheet.hidden_columns))
        after = b"".join(xlsb_writing.merged(t - 1, b - 1, le - 1, r - 1) for t, le, b, r in sheet.merged)
        content = xlsb_writing.sheet(*rows, before=before, after=after)
        listed.append(xlsb_writing.Listed(name, content, int(sheet.hidden)))
    codes = [0 if code == "General" else code for code in formats]
    xlsb_writing.write(path, *listed, formats=codes, from_1904=book.from_1904)


def _xlsb_cell(column: int, value: Value, look: int, *, from_1904: bool) -> bytes:
    if value is None:
        return b""
    if isinstance(value, Error):
        return xlsb_writing.error(column, _ERRORS[value.code])
    if isinstance(value, bool):
        return xlsb_writing.boolean(column, value)
    if isinstance(value, str):
        return xlsb_writing.inline(column, value)
    if isinstance(value, Shown):
        return xlsb_writing.real(column, value.number, look)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return xlsb_writing.real(column, serial(value, from_1904=from_1904), look)
    if isinstance(value, int | float | Decimal):
        return xlsb_writing.real(column, float(value), look)
    raise TypeError(f"{value!r} is not written into .xlsb here")


def write_ods(path: Path, book: Book) -> None:
    """Write .ods."""
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table">'
        f'<style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("shown", "true"), ("hidden", "false"))
    )
    tables = []
    for name, sheet in book.sheets.items():
        rows, next_row = [], 1
        for number, row in sheet.numbered.items():
            if number > next_row:
                rows.append(ods_writing.row(attributes=f'table:number-rows-repeated="{number - next_row}"'))
            hidden = 'table:visibility="collapse"' if number in sheet.hidden_rows else ""
            cells = [_ods_cell(value, _spanned(sheet, number, c)) for c, value in enumerate(row, start=1)]
            rows.append(ods_writing.row(*cells, attributes=hidden))
            next_row = number + 1
        last = max(sheet.hidden_columns, default=0)
        columns = [_ods_column(hidden=c in sheet.hidden_columns) for c in range(1, last + 1)]
        style = "hidden" if sheet.hidden else "shown"
        tables.append(ods_writing.table("".join((*columns, *rows)), name=escape(name, {'"': "&quot;"}), style=style))
    ods_writing.write(path, *tables, styles=styles)


def _ods_column(*, hidden: bool) -> str:
    attribute = ' table:visibility="collapse"' if hidden else ""
    return f"<table:table-column{attribute}/>"


def _spanned(sheet: Sheet, row: int, column: int) -> str:
    for top, left, bottom, right in sheet.merged:
        if (top, left) == (row, column):
            down, across = bottom - top + 1, right - left + 1
            return f'table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"'
    return ""


def _ods_cell(value: Value, spanned: str) -> str:
    if value is None:
        return ods_writing.cell(attributes=spanned)
    if isinstance(value, Error):
        return ods_writing.cell("string", value.code, f'calcext:value-type="error" table:formula="of:=NA()" {spanned}')
    if isinstance(value, str):
        paragraphs = "</text:p><text:p>".join(_ods_text(line) for line in value.split("\n"))
        return ods_writing.cell("string", paragraphs, spanned)
    kind, attribute, text = _ods_value(value)
    return ods_writing.cell(kind, "shown", f"office:{attribute}={quoteattr(text)} {spanned}")


def _ods_text(line: str) -> str:
    return escape(line, {"\t": "<text:tab/>", " ": "<text:s/>"})


def _ods_value(value: Value) -> tuple[str, str, str]:
    if isinstance(value, bool):
        return "boolean", "boolean-value", str(value).lower()
    if isinstance(value, datetime.date):
        return "date", "date-value", value.isoformat()
    if isinstance(value, datetime.time):
        return "time", "time-value", f"PT{value:%H}H{value:%M}M{value:%S}S"
    if isinstance(value, datetime.timedelta):
        return "time", "time-value", f"{'-' if value.days < 0 else ''}PT{int(abs(value.total_seconds()))}S"
    if isinstance(value, Shown):
        return "percentage" if "%" in value.code else "float", "value", repr(value.number)
    if isinstance(value, int | float | Decimal):
        return "float", "value", str(value)
    raise TypeError(f"{value!r} is not written into .ods here")


_WRITERS = {".xlsx": write_xlsx, ".xlsm": write_xlsm, ".xls": write_xls, ".xlsb": write_xlsb, ".ods": write_ods}
