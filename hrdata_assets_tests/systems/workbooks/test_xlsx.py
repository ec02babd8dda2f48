"""Workbooks in Office Open XML: what stands in them, both ways of reading it, and what is refused."""

import datetime
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from hrdata_assets.systems.workbooks.addresses import letters_of
from hrdata_assets.systems.workbooks.cells import NUL_REMOVED, PADDED, Area, Bounds, Kind, SheetName, WorkbookError
from hrdata_assets.systems.workbooks.package import open_package
from hrdata_assets.systems.workbooks.xlsx import XlsxWorkbook
from hrdata_assets.systems.workbooks.xlsx_exact import MAIN

Cell = tuple[int, int, int, str, str | None]

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_REL = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE_REL = "http://schemas.openxmlformats.org/package/2006/relationships"


def relations(base: str, **targets: str) -> str:
    kinds = "".join(
        f'<Relationship Id="r{n}" Type="{base}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{PACKAGE_REL}">{kinds}</Relationships>'


def written(path: Path, sheet: str, *, strict: bool = False, strings: str = "", styles: str = "") -> Path:
    """A workbook of one sheet, given as the XML of its rows and what stands around them."""
    main, base = (MAIN[1], STRICT_REL) if strict else (MAIN[0], REL)
    body = sheet if sheet.lstrip().startswith("<?xml") or "<worksheet" in sheet else f"<sheetData>{sheet}</sheetData>"
    worksheet = body if "<worksheet" in body else f'<worksheet xmlns="{main}">{body}</worksheet>'
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(base, officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{base}">'
        '<sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            base, worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml", styles="styles.xml"
        ),
        "xl/worksheets/sheet1.xml": worksheet,
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def opened(path: Path, bounds: Bounds | None = None) -> XlsxWorkbook:
    return XlsxWorkbook(open_package(path, bounds or Bounds()))


def cells(path: Path, sheet: str | None = None) -> list[Cell]:
    workbook = opened(path)
    frames = workbook.cells(sheet or workbook.sheets[0].name, 1_000)
    return [row for frame in frames for row in frame.rows()]


def code_of(path: Path, bounds: Bounds | None = None) -> str:
    with pytest.raises(WorkbookError) as refused:
        read_within(path, bounds)
    return refused.value.code


def read_within(path: Path, bounds: Bounds | None) -> None:
    workbook = opened(path, bounds)
    for _ in workbook.cells(workbook.sheets[0].name, 1_000):
        pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.xlsx"


def test_every_kind_of_cell_is_read(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["text", 1.5, True, datetime.datetime(2024, 1, 31, 8, 30), datetime.time(8, 30), "#N/A", "=1+1"])
    sheet["H1"] = 123
    sheet["H1"].number_format = "00000"
    sheet["I1"] = datetime.timedelta(hours=26, minutes=30)
    book.save(path)
    assert cells(path) == [
        (1, 1, Kind.TEXT, "text", None),
        (1, 2, Kind.NUMBER, "1.5", None),
        (1, 3, Kind.BOOLEAN, "TRUE", None),
        (1, 4, Kind.DATE, "2024-01-31 08:30:00", None),
        (1, 5, Kind.TIME, "08:30:00", None),
        (1, 6, Kind.ERROR, "#N/A", None),
        (1, 7, Kind.UNCALCULATED, "=1+1", None),
        (1, 8, Kind.TEXT, "00123", PADDED),
        (1, 9, Kind.DURATION, "26:30:00", None),
    ]


def test_texts_of_several_runs_are_one_and_how_they_are_pronounced_is_none(path: Path) -> None:
    strings = "<si><r><t>Tokyo</t></r><r><t> HQ</t></r><rPh><t>x</t></rPh></si><si><t>a_x000D_b_x0000_</t></si>"
    written(path, '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>', strings=strings)
    assert cells(path) == [(1, 1, Kind.TEXT, "Tokyo HQ", None), (1, 2, Kind.TEXT, "a\rb", NUL_REMOVED)]


def test_a_character_that_cannot_be_kept_is_told_of_texts_in_their_cells_too(path: Path) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for n, text in enumerate(("a", "b_x0000_c", "_x000D_"), start=1)
    )
    written(path, rows)
    assert [(text, note) for *_, text, note in cells(path)] == [("a", None), ("bc", NUL_REMOVED), ("\r", None)]


def test_strict_workbooks_are_read_too(path: Path) -> None:
    written(path, '<row r="1"><c r="A1" t="d"><v>2024-01-31T08:30:00</v></c><c><v>1</v></c></row>', strict=True)
    assert cells(path) == [(1, 1, Kind.DATE, "2024-01-31 08:30:00", None), (1, 2, Kind.NUMBER, "1", None)]


def test_days_are_counted_from_1904_where_the_workbook_says_so(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_datetime(0, 0, datetime.datetime(2024, 1, 31), book.add_format({"num_format": "yyyy-mm-dd"}))
    assert cells(path) == [(1, 1, Kind.DATE, "2024-01-31", None)]


def test_hidden_sheets_rows_columns_and_merged_cells_are_told(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet, other = book.add_worksheet("People"), book.add_worksheet("Old")
        other.hide()
        sheet.merge_range(0, 0, 0, 2, "Title")
        sheet.write(2, 0, "x")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})
        book.add_chartsheet("Chart")
    workbook = opened(path)
    assert workbook.sheets == (SheetName("People"), SheetName("Old", hidden=True))
    list(workbook.cells("People", 10))
    facts = workbook.facts("People")
    assert (facts.merged, facts.hidden_rows, facts.hidden_columns) == ((Area(1, 1, 1, 3),), {3}, {2})


def test_frames_hold_as_many_rows_as_was_said(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row in range(25):
            sheet.write_row(row, 0, [row, "x"])
    frames = list(opened(path).cells("Sheet1", 10))
    assert [frame.get_column("row").n_unique() for frame in frames] == [10, 10, 5]


def test_a_row_stands_in_one_frame_wherever_what_is_read_ends(path: Path) -> None:
    row = "".join(f"<c r='{letters_of(column)}{{0}}'><v>1</v></c>" for column in range(1, 3_001))
    written(path, "".join(f"<row r='{number}'>{row.format(number)}</row>" for number in range(1, 21)))
    frames = list(opened(path).cells("S", 1))
    assert [frame.get_column("row").unique().to_list() for frame in frames] == [[number] for number in range(1, 21)]


def test_frames_of_wide_sheets_hold_fewer_rows(path: Path) -> None:
    row = "".join(f'<c r="{letters_of(column)}{{0}}"><v>1</v></c>' for column in range(1, 16_385))
    written(path, "".join(f'<row r="{number}">{row.format(number)}</row>' for number in range(1, 61)))
    frames = list(opened(path).cells("S", 1_000))
    assert sum(frame.height for frame in frames) == 60 * 16_384
    assert max(frame.height for frame in frames) < 700_000
    assert [row for frame in frames for row in frame.get_column("row").unique().sort()] == list(range(1, 61))


def test_a_cell_in_the_far_corner_costs_nothing(path: Path) -> None:
    written(path, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert cells(path) == [(1_048_576, 16_384, Kind.NUMBER, "1", None)]


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1048577"><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1" t="zz"><v>7</v></c></row>', "damaged"),
        ('<row r="1"><c r="A1"><v>1</v></row>', "damaged"),
        (f'<!DOCTYPE x [<!ENTITY a "aaa">]><worksheet xmlns="{MAIN[0]}"><sheetData/></worksheet>', "entity_expansion"),
        (f'<worksheet xmlns="{MAIN[0]}"><sheetData><row r="1"><c r="A1"><v>1</v></c>', "truncated"),
    ],
)
def test_what_no_program_writes_is_refused(path: Path, sheet: str, code: str) -> None:
    assert code_of(written(path, sheet)) == code


def test_what_unpacks_to_too_much_is_refused(path: Path) -> None:
    written(path, " " * 5_000_000)
    assert code_of(path, Bounds(ratio=100)) == "zip_bomb"
    assert code_of(path, Bounds(unpacked_bytes=1_000_000)) == "zip_bomb"
    assert code_of(path, Bounds(entries=3)) == "zip_bomb"


def test_more_cells_than_may_be_are_refused(path: Path) -> None:
    written(path, '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row>')
    assert code_of(path, Bounds(cells=1)) == "too_large"


def test_a_file_cut_short_is_refused(path: Path) -> None:
    written(path, '<row r="1"><c r="A1"><v>1</v></c></row>')
    path.write_bytes(path.read_bytes()[:-40])
    assert code_of(path) == "truncated"


def test_one_strange_row_changes_nothing_about_the_others(path: Path) -> None:
    rows = ['<row r="1"><c r="A1"><v>1</v></c></row>', "<row r='2'><c r='A2'><v>2</v></c></row>"]
    written(path, "".join(rows))
    assert [text for _, _, _, text, _ in cells(path)] == ["1", "2"]
