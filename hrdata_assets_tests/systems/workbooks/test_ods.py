"""OpenDocument spreadsheets: values as their attributes say, texts as they are shown, the empty tail for nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import Table, TableCell, TableRow
from odf.text import P
from python_calamine import CalamineWorkbook

from hrdata_assets.systems.workbooks.cells import NO_SUCH_DAY, PADDED, ROUNDED, Area, Bounds, Kind, WorkbookError
from hrdata_assets.systems.workbooks.ods import OdsWorkbook
from hrdata_assets.systems.workbooks.package import open_package
from hrdata_assets_tests.systems.workbooks.ods_writing import cell, row, table, write

Read = tuple[Kind, str, str | None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.ods"


def cells(path: Path, sheet: str = "A", bounds: Bounds | None = None) -> dict[tuple[int, int], Read]:
    """Kind, text and note by row and column."""
    with open_package(path, bounds or Bounds()) as package:
        frames = list(OdsWorkbook(package).cells(sheet, 1000))
    return {(r, c): (Kind(kind), text, note) for frame in frames for r, c, kind, text, note in frame.iter_rows()}


def one(path: Path, written: str, **more: str) -> Read | None:
    """What is read of a sheet's only cell."""
    return cells(write(path, table(row(written)), **more)).get((1, 1))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (cell("float", "1,50", 'office:value="1.50"'), (Kind.NUMBER, "1.5", None)),
        (cell("float", "x", 'office:value="12345678901234567890"'), (Kind.NUMBER, "12345678901234567890", None)),
        (cell("percentage", "5%", 'office:value="0.05"'), (Kind.NUMBER, "0.05", None)),
        (cell("currency", "1 €", 'office:value="1"'), (Kind.NUMBER, "1", None)),
        (cell("boolean", "WAHR", 'office:boolean-value="true"'), (Kind.BOOLEAN, "TRUE", None)),
        (cell("string", "Zürich"), (Kind.TEXT, "Zürich", None)),
        (cell("string", "shown", 'office:string-value="meant"'), (Kind.TEXT, "meant", None)),
        (cell("string"), (Kind.TEXT, "", None)),
        (cell("", "no kind"), (Kind.TEXT, "no kind", None)),
        (cell("float", "NaN", 'office:value="NaN"'), (Kind.ERROR, "NaN", None)),
    ],
)
def test_a_value_is_what_its_attribute_says(path: Path, written: str, read: Read) -> None:
    assert one(path, written) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2024-01-31", (Kind.DATE, "2024-01-31", None)),
        ("2024-01-31T00:00:00", (Kind.DATE, "2024-01-31", None)),
        ("2024-01-31T08:30:00.25", (Kind.DATE, "2024-01-31 08:30:00.25", None)),
        ("0900-02-28", (Kind.DATE, "0900-02-28", None)),
        ("2024-12-31T23:59:59.999999999", (Kind.DATE, "2025-01-01", None)),
        ("2024-01-31T08:30:00.1234", (Kind.DATE, "2024-01-31 08:30:00.123", ROUNDED)),
        ("2023-02-29", (Kind.TEXT, "2023-02-29", NO_SUCH_DAY)),
        ("9999-12-31T23:59:59.9999", (Kind.TEXT, "9999-12-31T23:59:59.9999", NO_SUCH_DAY)),
    ],
)
def test_a_date_stands_there_with_or_without_its_time(path: Path, value: str, read: Read) -> None:
    assert one(path, cell("date", "x", f'office:date-value="{value}"')) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("PT08H30M00S", (Kind.TIME, "08:30:00", None)),
        ("PT00H00M00S", (Kind.TIME, "00:00:00", None)),
        ("PT23H59M59.5S", (Kind.TIME, "23:59:59.5", None)),
        ("PT26H30M00S", (Kind.DURATION, "26:30:00", None)),
        ("P1DT2H", (Kind.DURATION, "26:00:00", None)),
        ("-PT01H00M00S", (Kind.DURATION, "-01:00:00", None)),
        ("PT1H0M0.0004S", (Kind.TIME, "01:00:00", ROUNDED)),
        ("soon", (Kind.TEXT, "soon", None)),
    ],
)
def test_less_than_a_day_is_a_time_of_day_and_the_rest_lasts(path: Path, value: str, read: Read) -> None:
    assert one(path, cell("time", "x", f'office:time-value="{value}"')) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (cell("string", "#N/A", 'office:string-value="" calcext:value-type="error"'), (Kind.ERROR, "#N/A", None)),
        (cell("float", "Err:502", 'office:value="0" table:formula="of:=X()"'), (Kind.ERROR, "Err:502", None)),
        (cell("string", "#DIV/0!", 'table:formula="of:=1/0"'), (Kind.ERROR, "#DIV/0!", None)),
        (cell("string", "#N/A", 'table:formula="of:=B1" calcext:value-type="string"'), (Kind.TEXT, "#N/A", None)),
        (cell("string", "#N/A"), (Kind.TEXT, "#N/A", None)),
        (cell("", None, 'table:formula="of:=1+1"'), (Kind.UNCALCULATED, "of:=1+1", None)),
        (cell("string", None, 'table:formula="of:=T(1)"'), (Kind.TEXT, "", None)),
        (cell("float", "2", 'table:formula="of:=1+1" office:value="2"'), (Kind.NUMBER, "2", None)),
    ],
)
def test_a_formula_counts_by_what_it_left(path: Path, written: str, read: Read) -> None:
    assert one(path, written) == read


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("a<text:s text:c='3'/>b<text:s/>c", "a   b c"),
        ("a<text:tab/>b<text:line-break/>c", "a\tb\nc"),
        ("<text:span>a</text:span> <text:a>b <text:span>c</text:span></text:a>", "a b c"),
        ("  a \n  b <text:span> c</text:span>", "a b c"),
        ("a &amp; b <text:s/>c", "a & b  c"),
        ("seen<draw:frame><text:p>drawn</text:p></draw:frame>", "seen"),
        ("<text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>kan</text:ruby-text></text:ruby>", "漢"),
    ],
)
def test_a_text_is_put_together_from_its_parts(path: Path, xml: str, text: str) -> None:
    assert one(path, cell("string", xml)) == (Kind.TEXT, text, None)


def test_paragraphs_stand_on_lines_of_their_own_and_annotations_are_left_out(path: Path) -> None:
    note = "<office:annotation><text:p>said aside</text:p></office:annotation>"
    written = f"<table:table-cell office:value-type='string'>{note}<text:p>a</text:p><text:p/><text:p>b</text:p>"
    assert one(path, f"{written}</table:table-cell>") == (Kind.TEXT, "a\n\nb", None)


def test_the_empty_tail_of_a_sheet_costs_nothing(path: Path) -> None:
    empty = cell(attributes='table:number-columns-repeated="16383"')
    tail = row(
        cell(attributes='table:number-columns-repeated="16384"'), attributes='table:number-rows-repeated="1048574"'
    )
    last = row(cell("string", "end"), empty)
    write(path, table(row(cell("string", "begin"), empty) + tail + last))
    begun = time.perf_counter()
    assert set(cells(path)) == {(1, 1), (1_048_576, 1)}
    # Hours, if each of the empty cells were looked at; a thousandth of a second, as it is.
    assert time.perf_counter() - begun < 20


def test_what_is_repeated_is_there_as_often(path: Path) -> None:
    twice = cell("string", "x", 'table:number-columns-repeated="2"')
    write(path, table(row(cell(), twice, cell("string", "y"), attributes='table:number-rows-repeated="3"')))
    assert {place: text for place, (_, text, _) in cells(path).items()} == {
        (r, c): "y" if c == 4 else "x" for r in (1, 2, 3) for c in (2, 3, 4)
    }


def test_a_small_file_that_stands_for_very_many_cells_is_refused(path: Path) -> None:
    wide = cell("string", "x", 'table:number-columns-repeated="1000"')
    write(path, table(row(wide, attributes='table:number-rows-repeated="1000000"')))
    begun = time.perf_counter()
    with pytest.raises(WorkbookError) as refused:
        cells(path)
    assert refused.value.code == "too_large"
    assert time.perf_counter() - begun < 20


def test_cells_beyond_the_bounds_are_refused(path: Path) -> None:
    write(path, table(row(cell("string", "x")) * 4))
    assert len(cells(path, bounds=Bounds(cells=4))) == 4
    with pytest.raises(WorkbookError) as refused:
        cells(path, bounds=Bounds(cells=3))
    assert refused.value.code == "too_large"


def test_hidden_rows_and_columns_merged_areas_and_formulas_are_told(path: Path) -> None:
    columns = "<table:table-column/><table:table-column table:visibility='collapse'/>"
    columns += "<table:table-column table:visibility='filter' table:number-columns-repeated='16382'/>"
    merged = cell("string", "m", 'table:number-columns-spanned="3" table:number-rows-spanned="2"')
    covered = "<table:covered-table-cell table:number-columns-repeated='2'/>"
    formula = cell("float", "1", 'office:value="1" table:formula="of:=1" table:number-columns-repeated="2"')
    hidden = row(cell(), formula, attributes='table:visibility="filter" table:number-rows-repeated="2"')
    tail = row(cell(), attributes='table:visibility="collapse" table:number-rows-repeated="1048000"')
    write(path, table(columns + row(merged, covered, cell("string", "d")) + hidden + tail))
    with open_package(path) as package:
        workbook = OdsWorkbook(package)
        found = [frame.height for frame in workbook.cells("A", 1)]
        facts = workbook.facts("A")
    assert found == [2, 2, 2]
    assert facts.merged == (Area(1, 1, 2, 3),)
    assert facts.hidden_rows == {2, 3}
    assert facts.hidden_columns == {2, 3, 4}
    assert facts.formulas == 4


def test_what_a_merged_area_covers_is_kept(path: Path) -> None:
    merged = cell("string", "m", 'table:number-columns-spanned="2"')
    covered = cell("string", "under").replace("table:table-cell", "table:covered-table-cell")
    write(path, table(row(merged, covered, cell("string", "z"))))
    assert [text for _, text, _ in cells(path).values()] == ["m", "under", "z"]


PADDING = (
    '<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="5"/>'
    '</number:number-style><number:number-style style:name="N2"><number:number number:min-integer-digits="5"/>'
    "<number:text>x</number:text></number:number-style>"
    '<style:style style:name="c1" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="c2" style:family="table-cell" style:data-style-name="N2"/>'
    '<style:style style:name="c3" style:family="table-cell" style:parent-style-name="c1"/>'
)


@pytest.mark.parametrize(
    ("style", "read"),
    [
        ("c1", (Kind.TEXT, "00123", PADDED)),
        ("c2", (Kind.NUMBER, "123", None)),
        ("c3", (Kind.TEXT, "00123", PADDED)),
        ("", (Kind.NUMBER, "123", None)),
    ],
)
def test_a_number_shown_with_leading_zeros_is_a_text(path: Path, style: str, read: Read) -> None:
    written = cell("float", "00123", f'office:value="123" table:style-name="{style}"')
    assert one(path, written, styles=PADDING) == read


def test_a_column_can_pad_the_numbers_of_its_cells(path: Path) -> None:
    column = "<table:table-column table:default-cell-style-name='c1'/>"
    write(path, table(column + row(cell("float", "00123", 'office:value="123"'))), styles=PADDING)
    assert cells(path)[1, 1] == (Kind.TEXT, "00123", PADDED)


def test_sheets_are_listed_in_order_and_hidden_ones_are_marked(path: Path) -> None:
    style = (
        '<style:style style:name="t" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    link = "<table:dde-links><table:dde-link><table:table table:name='linked'/></table:dde-link></table:dde-links>"
    write(path, table("", name="A"), table(row(cell("string", "b")), name="B", style="t"), link, styles=style)
    with open_package(path) as package:
        assert [(s.name, s.hidden) for s in OdsWorkbook(package).sheets] == [("A", False), ("B", True)]
    assert cells(path, "B") == {(1, 1): (Kind.TEXT, "b", None)}


def test_an_encrypted_document_is_refused(path: Path) -> None:
    entry = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    with pytest.raises(WorkbookError) as refused:
        one(path, cell("string", "x"), manifest=entry)
    assert refused.value.code == "password_protected"


def test_a_document_as_a_library_writes_it(path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    hidden = Style(name="h", family="table")
    hidden.addElement(TableProperties(display="false"))
    document.automaticstyles.addElement(hidden)
    sheet = Table(name="A")
    for number in range(20):
        line = TableRow()
        for kind, value in (("float", {"value": number / 8}), ("string", {}), ("boolean", {"booleanvalue": "false"})):
            made = TableCell(valuetype=kind, **value)
            made.addElement(P(text=f"text {number}"))
            line.addElement(made)
        sheet.addElement(line)
    note = Annotation()
    note.addElement(P(text="aside"))
    line.firstChild.addElement(note)
    document.spreadsheet.addElement(sheet)
    document.spreadsheet.addElement(Table(name="B", stylename=hidden))
    document.save(path)
    expected = CalamineWorkbook.from_path(path).get_sheet_by_name("A").to_python()
    found = cells(path)
    assert [[_value(found[r, c]) for c in (1, 2, 3)] for r in range(1, 21)] == expected


def _value(read: Read) -> object:
    kind, text, _ = read
    return {Kind.NUMBER: float, Kind.BOOLEAN: lambda t: t == "TRUE"}.get(kind, str)(text)


WHOLE = table(row(cell("float", "1", 'office:value="1"'), cell("string", "a<text:s text:c='2'/>b")))


def _spoilt() -> Iterator[st.SearchStrategy[str]]:
    yield st.integers(0, len(WHOLE)).map(lambda end: WHOLE[:end])
    yield st.tuples(st.integers(0, len(WHOLE) - 1), st.characters(exclude_categories=["Cs", "Cc"])).map(
        lambda spoilt: WHOLE[: spoilt[0]] + spoilt[1] + WHOLE[spoilt[0] + 1 :]
    )
    yield st.sampled_from(["number-columns-repeated", "number-rows-spanned", "number-columns-spanned"]).flatmap(
        lambda name: st.text("0123456789-x", max_size=12).map(
            lambda count: WHOLE.replace("<table:table-cell ", f'<table:table-cell table:{name}="{count}" ', 1)
        )
    )


@settings(max_examples=150, deadline=None)
@given(xml=st.one_of(*_spoilt()))
def test_a_spoilt_document_gives_cells_or_says_so(tmp_path_factory: pytest.TempPathFactory, xml: str) -> None:
    spoilt = write(tmp_path_factory.getbasetemp() / "spoilt.ods", xml)
    try:
        with open_package(spoilt, Bounds(cells=20_000)) as package:
            workbook = OdsWorkbook(package)
            found = [frame for sheet in workbook.sheets for frame in workbook.cells(sheet.name, 1000)]
    except WorkbookError as error:
        assert error.code in ("damaged", "too_large")  # noqa: PT017 - either outcome is right
    else:
        assert all(frame.get_column("text").null_count() == 0 for frame in found)
