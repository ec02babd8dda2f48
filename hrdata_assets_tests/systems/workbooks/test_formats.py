"""What a file is by its content, whatever it is called; what is no workbook is told what it is and what to do."""

import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.systems.workbooks.cells import SheetName, WorkbookError
from hrdata_assets.systems.workbooks.formats import Compound, Format, open_workbook, recognise
from hrdata_assets_tests.systems.workbooks import ods_writing, xlsb_writing

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(WorkbookError) as refused:
        recognise(path)
    assert " " in str(refused.value)
    return refused.value.code


def _entry(name: str, kind: int, first: int, size: int, *, child: int = FREE, right: int = FREE) -> bytes:
    encoded = name.encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded) + 2, kind, 1, FREE, right, child)
    return head.ljust(116, b"\0") + struct.pack("<IQ", first, size)


def compound(name: str, content: bytes, *, shift: int = 9) -> bytes:
    """An OLE compound file with one stream below 4096 bytes, which stands in small sectors in that of the root.

    Sectors: the table of chains, the directory, the table of small chains, then the small sectors themselves.
    """
    size = 1 << shift
    small = content.ljust(-(-len(content) // 64) * 64, b"\0")
    count, large = len(small) // 64, -(-len(small) // size)
    chains = [TABLE, END, END, *range(4, 3 + large), END]
    small_chains = [*range(1, count), END]
    directory = _entry("Root Entry", 5, 3, len(small), child=1) + _entry(name, 2, 0, len(content))
    header = SIGNATURE + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, shift, 6) + bytes(10)
    header += struct.pack("<IIIIIIIII", 1, 1, 0, 4096, 2, 1, END, 0, 0) + struct.pack("<I", FREE) * 108
    tables = [struct.pack(f"<{size // 4}I", *(c + [FREE] * (size // 4 - len(c)))) for c in (chains, small_chains)]
    sectors = [tables[0], directory.ljust(size, b"\0"), tables[1], small.ljust(large * size, b"\0")]
    return header.ljust(size, b"\0") + b"".join(sectors)


def test_each_format_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    excel, old = openpyxl.Workbook(), xlwt.Workbook()
    old.add_sheet("A")
    excel.save(tmp_path / "1.xls")
    old.save(str(tmp_path / "2.xlsx"))
    xlsb_writing.write(tmp_path / "3.xlsx", xlsb_writing.Listed("A", xlsb_writing.sheet()))
    ods_writing.write(tmp_path / "4.xlsx", ods_writing.table(""))
    found = [recognise(file) for file in sorted(tmp_path.iterdir())]
    assert found == [Format.XLSX, Format.XLS, Format.XLSB, Format.ODS]


def test_each_format_is_opened_by_its_reader(tmp_path: Path) -> None:
    excel, old = openpyxl.Workbook(), xlwt.Workbook()
    excel.active.title = "A"
    excel.active["A1"] = "x"
    old.add_sheet("A").write(0, 0, "x")
    excel.save(tmp_path / "1")
    old.save(str(tmp_path / "2"))
    content = xlsb_writing.sheet(xlsb_writing.row(0), xlsb_writing.inline(0, "x"))
    xlsb_writing.write(tmp_path / "3", xlsb_writing.Listed("A", content))
    ods_writing.write(tmp_path / "4", ods_writing.table(ods_writing.row(ods_writing.cell("string", "x"))))
    for file in sorted(tmp_path.iterdir()):
        workbook = open_workbook(file)
        (frame,) = workbook.cells("A", 10)
        assert (workbook.sheets, frame.get_column("text").to_list()) == ((SheetName("A"),), ["x"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n", "empty_file"),
        (b"\0" * 20_000, "empty_file"),
        (b"\0" * 20_000 + b"x", "not_a_workbook"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html"),
        (b"\r\n <!DOCTYPE HTML PUBLIC>", "html"),
        (b"\xef\xbb\xbf<meta charset=utf-8><table>", "html"),
        ("<html xmlns:x='urn:schemas-microsoft-com:office:spreadsheet'>".encode("utf-16"), "html"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "html"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>', "xml_2003"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "xml_2003"),
        (b'<?xml version="1.0"?><rows><row/></rows>', "not_a_workbook"),
        (b"Name;Born\nZebra;2001\n", "csv_or_text"),
        ("Name;Größe\n".encode("utf-16"), "csv_or_text"),
        ("Name;Größe\n".encode("cp1252"), "csv_or_text"),
        (b"%PDF-1.7\n", "not_a_workbook"),
        (b"{\\rtf1 text}", "not_a_workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_workbook"),
        (b"PK\x05\x06" + bytes(18), "not_a_workbook"),
        (b"\x09\x00\x04\x00\x02\x00\x10\x00", "biff_too_old"),
        (b"\x09\x04\x06\x00\x00\x04\x10\x00\x00\x00", "biff_too_old"),
        (compound("EncryptedPackage", b"secret"), "password_protected"),
        (compound("WordDocument", b"letter"), "not_a_workbook"),
        (SIGNATURE, "truncated"),
        (SIGNATURE + bytes(600), "damaged"),
    ],
)
def test_what_is_no_workbook_is_told_what_it_is(path: Path, content: bytes, code: str) -> None:
    assert refusal(path, content) == code


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({"word/document.xml": "<w/>", "[Content_Types].xml": "wordprocessingml.document.main+xml"}, "not_a_workbook"),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}, "not_a_workbook"),
        ({"readme.txt": "hello"}, "not_a_workbook"),
    ],
)
def test_another_zip_file_is_no_workbook(path: Path, entries: dict[str, str], code: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    assert refusal(path, path.read_bytes()) == code


def test_a_file_that_is_not_there_is_said_to_be_unreadable(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError) as refused:
        recognise(tmp_path / "gone.xlsx")
    assert refused.value.code == "unreadable"


@pytest.mark.parametrize("shift", [9, 12])
@pytest.mark.parametrize("length", [1, 64, 65, 1000])
def test_a_small_stream_is_put_together_from_small_sectors(shift: int, length: int) -> None:
    content = bytes(n % 251 for n in range(length))
    found = Compound(compound("Workbook", content, shift=shift))
    assert (found.names, found.stream("WORKBOOK"), found.stream("Book")) == ({"workbook"}, content, None)


def test_a_chain_of_sectors_that_bites_its_tail_is_damage() -> None:
    content = bytearray(compound("Workbook", bytes(1000)))
    struct.pack_into("<I", content, 512 * 3 + 4 * 3, 0)
    with pytest.raises(WorkbookError) as refused:
        Compound(bytes(content)).stream("Workbook")
    assert refused.value.code == "damaged"


def test_a_compound_file_is_truncated_where_its_sectors_are_missing() -> None:
    with pytest.raises(WorkbookError) as refused:
        Compound(compound("Workbook", bytes(2000))[: 512 * 5]).stream("Workbook")
    assert refused.value.code == "truncated"


@settings(max_examples=200, deadline=None)
@given(
    flips=st.lists(st.tuples(st.integers(0, 511 * 4), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 512 * 5),
)
def test_a_spoilt_compound_file_gives_a_stream_or_says_so(flips: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(compound("Workbook", bytes(500)))
    for place, byte in flips:
        content[place] = byte
    try:
        found = Compound(bytes(content if flips else content[:cut])).stream("Workbook")
    except WorkbookError as error:
        assert error.code in ("damaged", "truncated")  # noqa: PT017 - either outcome is right
    else:
        assert found is None or len(found) <= len(content)


@settings(max_examples=200, deadline=None)
@given(
    start=st.sampled_from([b"", b"PK\x03\x04", SIGNATURE, b"\x09\x08", b"<", b"\xff\xfe"]),
    rest=st.binary(max_size=2000),
)
def test_any_bytes_are_recognised_or_refused(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, rest: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything"
    path.write_bytes(start + rest)
    try:
        workbook = open_workbook(path)
    except WorkbookError as error:
        assert error.code  # noqa: PT017 - nearly always
    else:
        assert workbook.sheets is not None
