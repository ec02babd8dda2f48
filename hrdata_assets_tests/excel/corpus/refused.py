"""Workbooks that cannot be read, by intent or by accident: each fails by itself, with a code."""

import struct
import zipfile
from pathlib import Path

from hrdata_assets_tests.excel.corpus.case import Case, Write, refused
from hrdata_assets_tests.excel.corpus.values import Book, as_book
from hrdata_assets_tests.excel.corpus.writing import write_ods, write_xls, write_xlsb, write_xlsx
from hrdata_assets_tests.excel.corpus.xml_writing import inline, number, row, shared, xml_book

_BOOK = as_book([["Name", "Count"], *([f"n{n}", n] for n in range(500))])
_ENTITIES = (
    '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row></sheetData></worksheet>'
)
_OUTSIDE = _ENTITIES.replace('<!ENTITY a "aaaaaaaaaa">', '<!ENTITY a SYSTEM "file:///etc/passwd">')


def _bytes(content: bytes) -> Write:
    return lambda path, _: _write_bytes(path, content)


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _cut(whole: Write, part: float) -> Write:
    """A workbook of which only a part arrived."""

    def written(path: Path, _: Book) -> None:
        whole(path, _BOOK)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * part)])

    return written


def _bomb(path: Path, _: Book) -> None:
    xml_book("")(path, _BOOK)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/picture.bin", bytes(64 * 1024**2))


def _lying_about_its_size(path: Path, _: Book) -> None:
    """A directory that says that a part unpacks to four gigabytes."""
    xml_book(row(1, inline("Name")))(path, _BOOK)
    content = bytearray(path.read_bytes())
    place = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, place + 24, 0xFFFF_FFF0)
    path.write_bytes(bytes(content))


def _protected(path: Path, _: Book) -> None:
    """An OLE compound file with the stream of an encrypted package."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        encoded = name.encode("utf-16-le")
        links = struct.pack("<HBBIII", len(encoded) + 2, kind, 1, free, free, child)
        return (encoded.ljust(64, b"\0") + links).ljust(116, b"\0") + struct.pack("<IQ", first, size)

    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIIII", 1, 1, 0, 4096, end, 0, end, 0, 0) + struct.pack("<I", free) * 108
    chains = struct.pack("<128I", 0xFFFFFFFD, end, *[free] * 126)
    directory = entry("Root Entry", 5, 1, end, 0) + entry("EncryptedPackage", 2, free, end, 0)
    path.write_bytes(header + chains + directory.ljust(512, b"\0"))


def _without(part: str) -> Write:
    def written(path: Path, _: Book) -> None:
        write_xlsx(path, _BOOK)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist() if name != part}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)

    return written


_KINDS = (
    refused(
        "web_page_named_as_an_old_workbook",
        "html",
        _bytes(b"<html><table><tr><td>1</td></tr></table></html>"),
        file="a.xls",
    ),
    refused("table_of_a_web_page", "html", _bytes(b"\xef\xbb\xbf <table><tr><td>Name</td></tr></table>"), file="a.xls"),
    refused("text_named_as_a_workbook", "csv_or_text", _bytes(b"Name;Unit\na;x\n")),
    refused("text_of_two_bytes_a_character", "csv_or_text", _bytes("Name\tUnit\n".encode("utf-16")), file="a.xls"),
    refused(
        "spreadsheet_of_xml_2003",
        "xml_2003",
        _bytes(b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'),
        file="a.xls",
    ),
    refused("workbook_of_excel_4", "biff_too_old", _bytes(b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00"), file="a.xls"),
    refused("empty_file", "empty_file", _bytes(b"")),
    refused("file_of_nothing_but_zeros", "empty_file", _bytes(bytes(4_096))),
    refused("document_of_another_kind", "not_a_workbook", _bytes(b"%PDF-1.7\n"), file="a.xlsx"),
    refused("picture_named_as_a_workbook", "not_a_workbook", _bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")),
    refused("workbook_with_a_password", "password_protected", _protected),
)

_DAMAGED = (
    refused("new_workbook_cut_off", "truncated", _cut(write_xlsx, 0.6)),
    refused("new_workbook_of_which_a_little_arrived", "truncated", _cut(write_xlsx, 0.05)),
    refused("old_workbook_cut_off", "truncated", _cut(write_xls, 0.5), file="a.xls"),
    refused("binary_workbook_cut_off", "truncated", _cut(write_xlsb, 0.5), file="a.xlsb"),
    refused("spreadsheet_cut_off", "truncated", _cut(write_ods, 0.5), file="a.ods"),
    refused("workbook_without_its_sheet", "damaged", _without("xl/worksheets/sheet1.xml")),
    refused("workbook_without_its_workbook", "not_a_workbook", _without("_rels/.rels")),
    refused("sheet_that_is_no_xml", "damaged", xml_book("<row><c></row>")),
    refused("cell_that_refers_to_no_text", "damaged", xml_book(row(1, shared(7)))),
    refused("cell_beyond_the_last_column", "damaged", xml_book('<row r="1"><c r="XFE1"><v>1</v></c></row>')),
    refused("row_beyond_the_last", "damaged", xml_book('<row r="1048577"><c r="A1048577"><v>1</v></c></row>')),
    refused("cell_of_no_known_type", "damaged", xml_book('<row r="1"><c r="A1" t="zz"><v>1</v></c></row>')),
    refused("cells_out_of_their_order", "damaged", xml_book(row(2, number("1")) + row(1, number("2")))),
)

_HOSTILE = (
    refused("part_that_swells", "zip_bomb", _bomb),
    refused("part_that_says_it_is_huge", "zip_bomb", _lying_about_its_size),
    refused(
        "entities_inside_each_other", "entity_expansion", xml_book("", parts={"xl/worksheets/sheet1.xml": _ENTITIES})
    ),
    refused("entities_of_other_files", "entity_expansion", xml_book("", parts={"xl/worksheets/sheet1.xml": _OUTSIDE})),
    refused("part_outside_of_the_workbook", "damaged", xml_book("", parts={"../../evil.xml": "<a/>"})),
    refused(
        "sheet_that_is_not_there", "sheet_missing", lambda path, _: write_xlsx(path, _BOOK), options="sheet: People"
    ),
    refused("sheet_without_its_key", "key_missing", lambda path, _: write_xlsx(path, _BOOK), options="key: Badge"),
)

CASES: tuple[Case, ...] = (*_KINDS, *_DAMAGED, *_HOSTILE)
