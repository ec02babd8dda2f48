"""Binary workbooks: every kind of cell, the errors among them that no library tells, and records that end too soon."""

import struct
import zipfile
from pathlib import Path

import pytest
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
    SheetFacts,
    SheetName,
    WorkbookError,
)
from hrdata_assets.systems.workbooks.package import open_package
from hrdata_assets.systems.workbooks.xlsb import XlsbWorkbook
from hrdata_assets.systems.workbooks.xlsb_records import rk_number
from hrdata_assets_tests.systems.workbooks import xlsb_writing as writing
from hrdata_assets_tests.systems.workbooks.xlsb_writing import Listed, record, row, sheet

Read = tuple[Kind, str, str | None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsb"


def cells(path: Path, name: str = "A", bounds: Bounds | None = None) -> dict[tuple[int, int], Read]:
    """Kind, text and note by row and column."""
    with open_package(path, bounds or Bounds()) as package:
        frames = list(XlsbWorkbook(package).cells(name, 1000))
    return {(r, c): (Kind(kind), text, note) for frame in frames for r, c, kind, text, note in frame.iter_rows()}


def facts(path: Path) -> SheetFacts:
    with open_package(path) as package:
        workbook = XlsbWorkbook(package)
        assert sum(frame.height for frame in workbook.cells("A", 1000)) >= 0
        return workbook.facts("A")


def refusal(path: Path, bounds: Bounds | None = None) -> str:
    with pytest.raises(WorkbookError) as refused:
        cells(path, bounds=bounds)
    return refused.value.code


NUMBER_FORMATS = (0, 14, 21, 46, "00000", "dd.mm.yyyy hh:mm", '0.00" EUR"')


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (writing.rk(0, 5 << 2 | 2), (Kind.NUMBER, "5", None)),
        (writing.rk(0, (-1234 << 2 | 3) & 0xFFFFFFFF), (Kind.NUMBER, "-12.34", None)),
        (writing.rk(0, 0x3FF80000), (Kind.NUMBER, "1.5", None)),
        (writing.real(0, 0.1), (Kind.NUMBER, "0.1", None)),
        (writing.real(0, 1e300), (Kind.NUMBER, "1E+300", None)),
        (writing.real(0, 45322.5, look=1), (Kind.DATE, "2024-01-31 12:00:00", None)),
        (writing.real(0, 45322.5, look=5), (Kind.DATE, "2024-01-31 12:00:00", None)),
        (writing.real(0, 0.25, look=2), (Kind.TIME, "06:00:00", None)),
        (writing.real(0, 1.25, look=3), (Kind.DURATION, "30:00:00", None)),
        (writing.rk(0, 7 << 2 | 2, look=4), (Kind.TEXT, "00007", PADDED)),
        (writing.real(0, 9.5, look=6), (Kind.NUMBER, "9.5", None)),
        (writing.real(0, 1e305, look=1), (Kind.NUMBER, "1E+305", NO_SUCH_DAY)),
        (writing.real(0, float("nan")), (Kind.ERROR, "#NUM!", None)),
        (writing.boolean(0, True), (Kind.BOOLEAN, "TRUE", None)),
        (writing.boolean(0, False), (Kind.BOOLEAN, "FALSE", None)),
        (writing.inline(0, "Zürich 漢 😀"), (Kind.TEXT, "Zürich 漢 😀", None)),
        (writing.inline(0, ""), (Kind.TEXT, "", None)),
        (writing.inline(0, "a\0b"), (Kind.TEXT, "ab", NUL_REMOVED)),
        (writing.cell(62, 0, b"\1" + writing.text("rich") + struct.pack("<IHH", 1, 0, 1)), (Kind.TEXT, "rich", None)),
        (writing.shared(0, 1), (Kind.TEXT, "second", None)),
        (writing.formula(8, 0, writing.text("left")), (Kind.TEXT, "left", None)),
        (writing.formula(8, 0, writing.text("")), (Kind.TEXT, "", None)),
        (writing.formula(9, 0, struct.pack("<d", 2.5)), (Kind.NUMBER, "2.5", None)),
        (writing.formula(10, 0, b"\1"), (Kind.BOOLEAN, "TRUE", None)),
        (writing.formula(11, 0, b"\x07"), (Kind.ERROR, "#DIV/0!", None)),
        (writing.cell(1, 0, b""), None),
    ],
)
def test_every_kind_of_cell_is_read(path: Path, written: bytes, read: Read | None) -> None:
    writing.write(path, Listed("A", sheet(row(0), written)), texts=["first", "second"], formats=NUMBER_FORMATS)
    assert cells(path).get((1, 1)) == read


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
        (0x63, "#ERROR_99!"),
    ],
)
def test_a_cell_of_an_error_keeps_its_code(path: Path, code: int, text: str) -> None:
    writing.write(path, Listed("A", sheet(row(0), writing.error(0, code))))
    assert cells(path) == {(1, 1): (Kind.ERROR, text, None)}


def test_short_cells_stand_beside_the_last_one(path: Path) -> None:
    short = (
        record(13, struct.pack("<II", 0, 8 << 2 | 2)) + record(12, bytes(4)) + record(17, bytes(4) + writing.text("x"))
    )
    writing.write(path, Listed("A", sheet(row(4), writing.rk(2, 7 << 2 | 2), short)))
    assert {place: text for place, (_, text, _) in cells(path).items()} == {(5, 3): "7", (5, 4): "8", (5, 6): "x"}


def test_days_are_counted_from_1904_if_the_workbook_says_so(path: Path) -> None:
    writing.write(path, Listed("A", sheet(row(0), writing.real(0, 0.0, look=1))), formats=(0, 14), from_1904=True)
    assert cells(path)[1, 1] == (Kind.DATE, "1904-01-01", None)


def test_hidden_rows_and_columns_merged_areas_and_formulas_are_told(path: Path) -> None:
    formula = writing.formula(9, 0, struct.pack("<d", 1.0))
    content = sheet(
        *(row(0), formula, row(3, hidden=True), formula),
        before=writing.hidden_columns(1, 2) + writing.hidden_columns(16_000, 99_999),
        after=writing.merged(0, 1, 0, 2),
    )
    found = facts(writing.write(path, Listed("A", content)))
    assert (found.merged, found.hidden_rows, found.formulas) == ((Area(1, 1, 2, 3),), {4}, 2)
    assert found.hidden_columns == {2, 3, *range(16_001, 16_385)}


def test_sheets_are_listed_in_order_hidden_ones_are_marked_and_charts_are_none(path: Path) -> None:
    chart = Listed("C", b"", kind="chartsheet")
    writing.write(path, Listed("A", sheet()), chart, Listed("B", sheet(), state=1), Listed("D", sheet(), state=2))
    with open_package(path) as package:
        found = XlsbWorkbook(package).sheets
    assert found == (SheetName("A"), SheetName("B", hidden=True), SheetName("D", hidden=True))


def test_frames_hold_at_most_so_many_rows(path: Path) -> None:
    rows = [row(n) + writing.rk(0, n << 2 | 2) + writing.rk(1, 2) for n in range(7)]
    writing.write(path, Listed("A", sheet(*rows)))
    with open_package(path) as package:
        frames = list(XlsbWorkbook(package).cells("A", 3))
    assert [frame.get_column("row").unique().sort().to_list() for frame in frames] == [[1, 2, 3], [4, 5, 6], [7]]


def test_values_are_what_another_reader_finds(path: Path) -> None:
    numbers = [n * 0.37 for n in range(200)]
    rows = [
        row(n) + writing.real(0, numbers[n]) + writing.shared(1, n % 2) + writing.boolean(2, n % 3 == 0)
        for n in range(200)
    ]
    writing.write(path, Listed("A", sheet(*rows)), texts=["ä", "漢"])
    expected = CalamineWorkbook.from_path(path).get_sheet_by_name("A").to_python()
    found = cells(path)
    assert [[float(found[n, 1][1]), found[n, 2][1], found[n, 3][1] == "TRUE"] for n in range(1, 201)] == expected


def test_a_text_longer_than_a_piece_is_read_whole(path: Path) -> None:
    longest = "x" * 300_000
    writing.write(path, Listed("A", sheet(row(0), writing.inline(0, longest), writing.rk(1, 2))))
    assert [text for _, text, _ in cells(path).values()] == [longest, "0"]


@pytest.mark.parametrize("end", range(1, 40))
def test_a_sheet_cut_short_is_truncated(path: Path, end: int) -> None:
    whole = sheet(row(0), writing.rk(0, 2), writing.inline(1, "some text"))
    writing.write(path, Listed("A", whole[:-end]))
    assert refusal(path) == "truncated"


@pytest.mark.parametrize(
    "content",
    [
        sheet(writing.rk(0, 2)),
        sheet(row(3), writing.rk(0, 2), row(3), writing.rk(1, 2)),
        sheet(row(0), writing.rk(1, 2), writing.rk(0, 2)),
        sheet(row(0), writing.rk(20_000, 2)),
        sheet(row(0), writing.shared(0, 99)),
        sheet(row(0), writing.rk(0, 2, look=99)),
        sheet(row(0), writing.cell(5, 0, b"\0")),
        sheet(row(0), writing.cell(6, 0, struct.pack("<I", 50) + b"ab")),
        sheet(row(0), writing.cell(6, 0, struct.pack("<I", 1) + b"\0\xd8")),
    ],
)
def test_records_that_contradict_one_another_are_damage(path: Path, content: bytes) -> None:
    assert refusal(writing.write(path, Listed("A", content))) == "damaged"


def test_cells_and_texts_beyond_the_bounds_are_refused(path: Path) -> None:
    writing.write(path, Listed("A", sheet(row(0), writing.shared(0, 0), writing.rk(1, 2))), texts=["four"])
    assert len(cells(path, bounds=Bounds(cells=2, text_bytes=4))) == 2
    assert refusal(path, Bounds(cells=1)) == "too_large"
    assert refusal(path, Bounds(text_bytes=3)) == "too_large"


def test_a_package_without_a_workbook_is_damaged(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_rels/.rels", "<Relationships/>")
    assert refusal(path) == "damaged"


@given(st.integers(-(1 << 29), (1 << 29) - 1), st.booleans())
def test_an_integer_of_thirty_bits_comes_back(number: int, hundredth: bool) -> None:
    packed = (number << 2 | 2 | hundredth) & 0xFFFFFFFF
    assert rk_number(packed) == (number / 100 if hundredth else number)


WHOLE = sheet(
    *(row(0), writing.rk(0, 22), writing.real(1, 1.5, 1), writing.inline(2, "text"), writing.shared(3, 0)),
    *(row(2), writing.formula(8, 0, writing.text("f")), writing.error(1, 7), writing.boolean(2, True)),
    before=writing.hidden_columns(1, 2),
    after=writing.merged(0, 1, 0, 2),
)


@settings(max_examples=200, deadline=None)
@given(
    cut=st.integers(0, len(WHOLE)),
    flips=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=5),
)
def test_spoilt_records_give_cells_or_say_so(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flips: list[tuple[int, int]]
) -> None:
    content = bytearray(WHOLE)
    for place, byte in flips:
        content[place] = byte
    spoilt = tmp_path_factory.getbasetemp() / "spoilt.xlsb"
    writing.write(spoilt, Listed("A", bytes(content[:cut] if not flips else content)), texts=["s"], formats=(0, 14))
    try:
        found = cells(spoilt)
    except WorkbookError as error:
        assert error.code in ("damaged", "truncated", "too_large")  # noqa: PT017 - either outcome is right
    else:
        assert all(1 <= r <= 1_048_576 and 1 <= c <= 16_384 for r, c in found)
