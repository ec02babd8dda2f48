"""Workbooks of Excel 5 to 2003: as a library writes them, and record by record where none can."""

import datetime
import io
import struct
from pathlib import Path

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from hrdata_assets.systems.workbooks.cells import (
    NO_SUCH_DAY,
    NUL_REMOVED,
    PADDED,
    Area,
    Bounds,
    Kind,
    SheetName,
    Workbook,
    WorkbookError,
)
from hrdata_assets.systems.workbooks.formats import Compound, open_workbook
from hrdata_assets.systems.workbooks.values import AS_NUMBER, canonical_number
from hrdata_assets.systems.workbooks.xls import XlsWorkbook, float_cell

Read = tuple[Kind, str, str | None]

BIFF5, BIFF8 = 0x0500, 0x0600


def cells(workbook: Workbook, name: str = "A") -> dict[tuple[int, int], Read]:
    """Kind, text and note by row and column."""
    frames = list(workbook.cells(name, 1000))
    return {(r, c): (Kind(kind), text, note) for frame in frames for r, c, kind, text, note in frame.iter_rows()}


def saved(book: xlwt.Workbook, tmp_path: Path) -> Workbook:
    book.save(str(tmp_path / "book.xls"))
    return open_workbook(tmp_path / "book.xls")


def record(code: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(content)) + content


def begin(version: int, kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", version, kind, 0x0DBB, 0x07CC, 0, 0)[: 16 if version == BIFF8 else 8])


def stream(*sheet: bytes, version: int = BIFF8, beside: bytes = b"", formats: tuple[int, ...] = (0,)) -> bytes:
    """Records of a workbook of one sheet A, with cell formats of built-in numbers."""
    page = record(0x42, struct.pack("<H", 1200 if version == BIFF8 else 1252))
    looks = b"".join(
        record(0xE0, struct.pack("<HHH", 0, number, 1) + bytes(14 if version == BIFF8 else 10)) for number in formats
    )
    head, tail = begin(version, 5) + page + beside + looks, record(0x0A)
    name = b"\1\0A" if version == BIFF8 else b"\1A"
    start = len(head) + 4 + 6 + len(name) + len(tail)
    listed = record(0x85, struct.pack("<IBB", start, 0, 0) + name)
    return head + listed + tail + begin(version, 16) + b"".join(sheet) + record(0x0A)


def number(value: float, *, column: int = 0, look: int = 0) -> bytes:
    return record(0x0203, struct.pack("<HHHd", 0, column, look, value))


def result(content: bytes, *, flags: int = 0) -> bytes:
    """A formula (1) in the first cell with the eight bytes of its result."""
    return record(0x06, struct.pack("<HHH", 0, 0, 0) + content + struct.pack("<HIH", flags, 0, 3) + b"\x1e\1\0")


def label(text: bytes, *, version: int = BIFF8) -> bytes:
    packed = struct.pack("<HHHH", 0, 0, 0, len(text)) + (b"\0" if version == BIFF8 else b"") + text
    return record(0x0204, packed)


def one(*sheet: bytes, version: int = BIFF8, beside: bytes = b"", formats: tuple[int, ...] = (0,)) -> Read | None:
    """What is read of a sheet's first cell."""
    return cells(XlsWorkbook(stream(*sheet, version=version, beside=beside, formats=formats))).get((1, 1))


def refusal(content: bytes, bounds: Bounds | None = None) -> str:
    with pytest.raises(WorkbookError) as refused:
        cells(XlsWorkbook(content, bounds or Bounds()))
    return refused.value.code


@pytest.mark.parametrize(
    ("value", "code", "read"),
    [
        (1.5, "General", (Kind.NUMBER, "1.5", None)),
        (12345678901, "General", (Kind.NUMBER, "12345678901", None)),
        (-0.1, "0.00%", (Kind.NUMBER, "-0.1", None)),
        (45322.5, "dd.mm.yyyy hh:mm", (Kind.DATE, "2024-01-31 12:00:00", None)),
        (datetime.date(2024, 2, 29), "yyyy-mm-dd", (Kind.DATE, "2024-02-29", None)),
        (60, "dd.mm.yyyy", (Kind.NUMBER, "60", NO_SUCH_DAY)),
        (0.25, "hh:mm", (Kind.TIME, "06:00:00", None)),
        (1.25, "[h]:mm", (Kind.DURATION, "30:00:00", None)),
        (7, "00000", (Kind.TEXT, "00007", PADDED)),
        (True, "General", (Kind.BOOLEAN, "TRUE", None)),
        ("Zürich 漢", "General", (Kind.TEXT, "Zürich 漢", None)),
        ("a\0b", "General", (Kind.TEXT, "ab", NUL_REMOVED)),
    ],
)
def test_a_cell_is_read_as_its_format_shows_it(tmp_path: Path, value: object, code: str, read: Read) -> None:
    book = xlwt.Workbook()
    book.add_sheet("A").write(0, 0, value, xlwt.easyxf(num_format_str=code))
    assert cells(saved(book, tmp_path)) == {(1, 1): read}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0x00, "#NULL!"),
        (0x07, "#DIV/0!"),
        (0x0F, "#VALUE!"),
        (0x17, "#REF!"),
        (0x1D, "#NAME?"),
        (0x24, "#NUM!"),
        (0x2A, "#N/A"),
        (0x2B, "#GETTING_DATA"),
    ],
)
def test_a_cell_of_an_error_keeps_its_code(code: int, text: str) -> None:
    assert one(record(0x0205, struct.pack("<HHHBB", 0, 0, 0, code, 1))) == (Kind.ERROR, text, None)


@pytest.mark.parametrize(
    ("sheet", "read"),
    [
        (result(struct.pack("<d", 2.5)), (Kind.NUMBER, "2.5", None)),
        (result(b"\1\0\1\0\0\0\xff\xff"), (Kind.BOOLEAN, "TRUE", None)),
        (result(b"\2\0\x2a\0\0\0\xff\xff"), (Kind.ERROR, "#N/A", None)),
        (result(b"\3\0\0\0\0\0\xff\xff"), (Kind.TEXT, "", None)),
        (result(b"\3\0\0\0\0\0\xff\xff", flags=2), (Kind.UNCALCULATED, "", None)),
        (result(bytes(6) + b"\xff\xff") + record(0x0207, b"\2\0\0ok"), (Kind.TEXT, "ok", None)),
    ],
)
def test_a_formula_counts_by_its_stored_result(sheet: bytes, read: Read) -> None:
    assert one(sheet) == read


def test_days_are_counted_from_1904_if_the_workbook_says_so() -> None:
    beside = record(0x22, struct.pack("<H", 1))
    assert one(number(0.0), beside=beside, formats=(14,)) == (Kind.DATE, "1904-01-01", None)


def test_a_number_that_is_none_is_an_error() -> None:
    assert one(number(float("inf"))) == (Kind.ERROR, "#NUM!", None)


def test_a_workbook_of_excel_5_is_read_by_its_code_page() -> None:
    assert one(label(b"Z\xfcrich \x80", version=BIFF5), version=BIFF5) == (Kind.TEXT, "Zürich €", None)


def test_a_format_nobody_told_shows_a_number() -> None:
    assert one(number(3.0), formats=(200,)) == (Kind.NUMBER, "3", None)


@pytest.mark.parametrize("code", [0x5D, 0x01B6, 0x1C, 0x01B8, 0x01B0, 0x01B1, 0x0200, 0x023E])
def test_records_that_no_cell_needs_stop_nothing(code: int) -> None:
    assert one(number(1.0), record(code, b"\xff\xff\xff")) == (Kind.NUMBER, "1", None)


def test_names_that_cannot_be_understood_stop_nothing() -> None:
    beside = record(0x18, b"\xff" * 9) + record(0x17, b"\x01") + record(0x0293, b"\1")
    assert one(number(1.0), beside=beside) == (Kind.NUMBER, "1", None)


def test_a_chart_inside_a_sheet_is_no_part_of_it() -> None:
    chart = begin(BIFF8, 0x20) + number(99.0) + record(0x0A)
    assert cells(XlsWorkbook(stream(chart, number(1.0), number(2.0, column=1)))) == {
        (1, 1): (Kind.NUMBER, "1", None),
        (1, 2): (Kind.NUMBER, "2", None),
    }


def test_hidden_rows_and_columns_merged_areas_and_formulas_are_told(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("A")
    sheet.write_merge(0, 1, 0, 2, "m")
    sheet.write(3, 0, "hidden")
    sheet.row(3).hidden = True
    sheet.col(5).hidden = True
    for column in range(3):
        sheet.write(4, column, xlwt.Formula("1+1"))
    workbook = saved(book, tmp_path)
    assert len(cells(workbook)) == 5
    facts = workbook.facts("A")
    assert (facts.merged, facts.formulas) == ((Area(1, 1, 2, 3),), 3)
    assert (facts.hidden_rows, facts.hidden_columns) == ({4}, {6})


def test_sheets_are_listed_in_order_and_hidden_ones_are_marked(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    for name, visibility in (("A", 0), ("B", 1), ("C", 2)):
        book.add_sheet(name).visibility = visibility
    found = saved(book, tmp_path).sheets
    assert found == (SheetName("A"), SheetName("B", hidden=True), SheetName("C", hidden=True))


def test_frames_hold_at_most_so_many_rows(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("A")
    for place in range(7):
        sheet.write(place * 2, 0, place)
        sheet.write(place * 2, 1, place)
    frames = list(saved(book, tmp_path).cells("A", 3))
    assert [frame.get_column("row").unique().sort().to_list() for frame in frames] == [[1, 3, 5], [7, 9, 11], [13]]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_binary_number_is_written_in_the_one_way_numbers_are(value: float) -> None:
    kind, text, note = float_cell(value, AS_NUMBER, from_1904=False)
    assert (kind, text, note) == (Kind.NUMBER, canonical_number(repr(value)), None)
    assert float(text) == value


def test_a_sheet_can_be_read_twice(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("A").write(0, 0, xlwt.Formula("1+1"))
    workbook = saved(book, tmp_path)
    assert cells(workbook) == cells(workbook) == {(1, 1): (Kind.TEXT, "", None)}
    assert workbook.facts("A").formulas == 1


def test_formats_without_content_are_no_cells(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("A").write(0, 0, None, xlwt.easyxf("font: bold true"))
    assert cells(saved(book, tmp_path)) == {}


def test_values_are_what_another_reader_finds(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("A")
    bold = xlwt.easyfont("bold true")
    for place in range(2000):
        sheet.write(place, 0, place * 0.37)
        sheet.write(place, 1, f"text é {place}" * (1 + place % 9))
        sheet.write(place, 2, place * 1000)
        sheet.write(place, 3, "漢" * (1 + place % 300))
        sheet.write_rich_text(place, 4, [("ab", bold), "cd"])
    found = cells(saved(book, tmp_path))
    expected = CalamineWorkbook.from_path(tmp_path / "book.xls").get_sheet_by_name("A").to_python()
    texts = [[found[r, c][1] for c in range(1, 6)] for r in range(1, 2001)]
    assert [[float(a), b, float(c), d, e] for a, b, c, d, e in texts] == expected


def test_cells_beyond_the_bounds_are_refused() -> None:
    content = stream(number(1.0), number(2.0, column=1))
    assert refusal(content, Bounds(cells=1)) == "too_large"
    assert len(cells(XlsWorkbook(content, Bounds(cells=2)))) == 2


def test_an_encrypted_workbook_is_refused() -> None:
    assert refusal(stream(number(1.0), beside=record(0x2F, bytes(6)))) == "password_protected"


def test_an_unknown_code_page_is_damage() -> None:
    beside = record(0x42, struct.pack("<H", 9999))
    assert refusal(stream(label(b"x", version=BIFF5), version=BIFF5, beside=beside)) == "damaged"


@pytest.mark.parametrize("end", range(1, 60))
def test_records_cut_short_are_truncated(end: int) -> None:
    assert refusal(stream(number(1.0), label(b"some text"))[:-end]) == "truncated"


def test_nothing_is_said_on_standard_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    beside = record(0x42, struct.pack("<H", 9999))
    assert refusal(stream(version=BIFF5, beside=beside)) == "damaged"
    assert capfd.readouterr() == ("", "")


def _whole() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("A")
    for place in range(40):
        sheet.write(place, 0, f"text {place}")
        sheet.write(place, 1, place / 3, xlwt.easyxf(num_format_str="dd.mm.yyyy"))
        sheet.write(place, 2, xlwt.Formula("1+1"))
    sheet.write_merge(50, 51, 0, 2, "m")
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


WHOLE = _whole()


@settings(max_examples=200, deadline=None)
@given(
    cut=st.integers(0, len(WHOLE)),
    flips=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8),
)
def test_a_spoilt_file_gives_cells_or_says_so(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flips: list[tuple[int, int]]
) -> None:
    content = bytearray(WHOLE)
    for place, byte in flips:
        content[place] = byte
    _read_or_refuse(tmp_path_factory.getbasetemp() / "spoilt.xls", bytes(content if flips else content[:cut]))


RECORDS = Compound(WHOLE).stream("Workbook") or b""


@settings(max_examples=200, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, len(RECORDS) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_spoilt_records_give_cells_or_say_so(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]]
) -> None:
    content = bytearray(RECORDS)
    for place, byte in flips:
        content[place] = byte
    _read_or_refuse(tmp_path_factory.getbasetemp() / "spoilt.xls", bytes(content))


def _read_or_refuse(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        workbook = open_workbook(path)
        found = [cells(workbook, sheet.name) for sheet in workbook.sheets]
    except WorkbookError as error:
        assert error.code  # noqa: PT017 - either outcome is right
    else:
        assert all(1 <= r <= 65_536 and 1 <= c <= 256 for sheet in found for r, c in sheet)
