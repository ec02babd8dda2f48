"""Which format a file has, by its content alone: names of workbooks often lie."""

import re
import struct
import weakref
from array import array
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from hrdata_assets.systems.workbooks.cells import DEFAULT_BOUNDS, Bounds, Workbook, WorkbookError
from hrdata_assets.systems.workbooks.ods import OdsWorkbook
from hrdata_assets.systems.workbooks.package import Package, open_package
from hrdata_assets.systems.workbooks.xls import XlsWorkbook, damaged, password_protected, truncated
from hrdata_assets.systems.workbooks.xlsb import XlsbWorkbook
from hrdata_assets.systems.workbooks.xlsx import XlsxWorkbook


class Format(Enum):
    """Formats of workbooks that are read."""

    XLSX = "xlsx"
    XLS = "xls"
    XLSB = "xlsb"
    ODS = "ods"


_REFUSED = {
    "empty_file": "the file is empty: copy or save it again",
    "html": "it is a web page named as a workbook: open it in Excel and save it as .xlsx",
    "xml_2003": "it is an XML spreadsheet of Excel 2003: open it in Excel and save it as .xlsx",
    "csv_or_text": "it is text named as a workbook: open it in Excel and save it as .xlsx",
    "biff_too_old": "it is a workbook of Excel 4 or older: open it in Excel or LibreOffice and save it as .xlsx",
    "not_a_workbook": "it is a file of another kind: take it away, or save it as .xlsx from where it comes",
}

_START = 8192
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_BIFF, _OLD_BIFF = b"\x09\x08", (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_NOTHING = b"\xef\xbb\xbf \t\r\n\0"
_HTML = re.compile(
    r"<(?:!doctype html|html|head|body|meta|title|style|script|table|div|center|font|p)\b", re.IGNORECASE
)
_XML_2003 = ("urn:schemas-microsoft-com:office:spreadsheet", 'progid="excel.sheet"')
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")
_OTHER_TEXT = ("%PDF", "{\\rtf", "%!PS")

_MOST_TYPES = 16 * 1024**2
_XLSX_TYPE = re.compile(
    rb"officedocument\.spreadsheetml\.(?:sheet|template)\.main\+xml|ms-excel\.(?:sheet|template|addin)\.macroEnabled\.main"
    rb"\+xml",
    re.IGNORECASE,
)
_XLSB_TYPE = re.compile(rb"ms-excel\.sheet\.binary\.macroEnabled\.main", re.IGNORECASE)
_ODS_TYPE = re.compile(rb"\s*application/vnd\.oasis\.opendocument\.spreadsheet(?:-template)?\s*")


def recognise(path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> Format:
    """Tell the format of a workbook. WorkbookError, with what to do about it, if it is something else."""
    with _opened(path) as file:
        start = file.read(_START)
    if start.startswith(_ZIP):
        with open_package(path, bounds) as package:
            return _in_zip(package)
    if start.startswith(_OLE):
        return _in_compound(Compound(_content(path)))
    if start.startswith(_BIFF):
        return Format.XLS
    raise _refused(_other(path, start))


def open_workbook(path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> Workbook:
    """Open a workbook of whatever format; its file stays open as long as it is used."""
    form = recognise(path, bounds)
    if form is Format.XLS:
        return XlsWorkbook(_records(_content(path)), bounds)
    with ExitStack() as stack:
        package = stack.enter_context(open_package(path, bounds))
        workbook = _READERS[form](package)
        weakref.finalize(workbook, stack.pop_all().close)
    return workbook


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError:
        raise WorkbookError("unreadable", "the file cannot be opened: check that it is there and may be read") from None


def _content(path: Path) -> bytes:
    with _opened(path) as file:
        return file.read()


def _refused(code: str) -> WorkbookError:
    return WorkbookError(code, _REFUSED[code])


def _in_zip(package: Package) -> Format:
    names = package.names
    if "mimetype" in names:
        if _ODS_TYPE.fullmatch(package.read("mimetype", _START)):
            return Format.ODS
    elif "[Content_Types].xml" in names:
        types = package.read("[Content_Types].xml", _MOST_TYPES)
        if _XLSB_TYPE.search(types):
            return Format.XLSB
        if _XLSX_TYPE.search(types) or "xl/workbook.xml" in names:
            return Format.XLSX
    elif "xl/workbook.xml" in names:
        return Format.XLSX
    raise _refused("not_a_workbook")


def _in_compound(compound: "Compound") -> Format:
    if compound.names & {"workbook", "book"}:
        return Format.XLS
    if "encryptedpackage" in compound.names:
        raise password_protected()
    raise _refused("not_a_workbook")


def _records(content: bytes) -> bytes:
    """Records of an old workbook, in an OLE compound file or bare."""
    if not content.startswith(_OLE):
        return content
    compound = Compound(content)
    stream = compound.stream("Workbook") or compound.stream("Book")
    if stream is None:
        raise damaged()
    if stream.startswith(_OLD_BIFF):
        raise _refused("biff_too_old")
    return stream


def _other(path: Path, start: bytes) -> str:
    """Code of what a file is that is no workbook."""
    if not start.strip(_NOTHING):
        return "empty_file" if not _content(path).strip(_NOTHING) else "not_a_workbook"
    if start.startswith(_OLD_BIFF):
        return "biff_too_old"
    text = _text(start)
    if text is None or text.startswith(_OTHER_TEXT):
        return "not_a_workbook"
    if text.startswith("<"):
        return _markup(text)
    # What web browsers save as one file is a mail with parts.
    return "html" if text[:13].casefold() == "mime-version:" else "csv_or_text"


def _markup(text: str) -> str:
    if any(mark in text.casefold() for mark in _XML_2003) and not _HTML.match(text):
        return "xml_2003"
    return "html" if _HTML.search(text) else "not_a_workbook"


def _text(start: bytes) -> str | None:
    """Beginning of a text, without blanks; None if it is none."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = start[: len(start) // 2 * 2].decode("utf-16", errors="replace")
    else:
        text = start.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return None if _NO_TEXT.search(text) else text.lstrip()


_READERS: dict[Format, Callable[[Package], Workbook]] = {
    Format.XLSX: XlsxWorkbook,
    Format.XLSB: XlsbWorkbook,
    Format.ODS: OdsWorkbook,
}


_NO_SECTOR = 0xFFFFFFFA
"""From here on, numbers of sectors are marks of ends and of sectors for other use."""

_STREAM, _ROOT = 2, 5


class Compound:
    """An OLE compound file ([MS-CFB]): the streams at its top, each a chain of sectors."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        shift, self._mini_shift = struct.unpack_from("<HH", self._slice(0, 512), 30)
        if shift not in (9, 12) or not 0 < self._mini_shift < shift:
            raise damaged()
        self._shift: int = shift
        directory, self._cutoff, self._mini_first = struct.unpack_from("<I4xII", content, 48)
        self._table = self._numbers(self._table_sectors())
        self._entries = self._joined(self._chain(directory, self._table))

    @cached_property
    def names(self) -> frozenset[str]:
        """Names at the top, of streams and storages, in lower case."""
        return frozenset(self._places)

    def stream(self, name: str) -> bytes | None:
        """Content of a stream at the top; None if there is none of this name, in whatever case."""
        place = self._places.get(name.casefold())
        if place is None or self._entries[place + 66] != _STREAM:
            return None
        first, size = struct.unpack_from("<II", self._entries, place + 116)
        # A stream that is small stands in sectors of its own size, which lie in the stream of the root.
        content = self._in_root(first) if size < self._cutoff else self._joined(self._chain(first, self._table))
        if len(content) < size:
            raise truncated()
        return content[:size]

    def _in_root(self, first: int) -> bytes:
        root = self._joined(self._chain(struct.unpack_from("<I", self._entries, 116)[0], self._table))
        size = 1 << self._mini_shift
        table = self._numbers(self._chain(self._mini_first, self._table))
        return b"".join(root[n * size : (n + 1) * size] for n in self._chain(first, table))

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where in the directory the entries below the root stand, by name."""
        found: dict[str, int] = {}
        if len(self._entries) < 128 or self._entries[66] != _ROOT:
            raise damaged()
        waiting, seen = [struct.unpack_from("<I", self._entries, 76)[0]], {0}
        while waiting:
            place = waiting.pop() * 128
            if place in seen or place + 128 > len(self._entries):
                continue
            seen.add(place)
            length, left, right = struct.unpack_from("<H2xII", self._entries, place + 64)
            name = self._entries[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
            found[name.casefold()] = place
            waiting += [left, right]
        return found

    def _table_sectors(self) -> list[int]:
        """Numbers of the sectors that hold the table of chains."""
        listed = list(struct.unpack_from("<109I", self._content, 76))
        following, _ = struct.unpack_from("<II", self._content, 68)
        per_sector = (1 << self._shift) // 4
        while following < _NO_SECTOR:
            numbers = self._numbers([following])
            if len(numbers) < per_sector:
                raise truncated()
            *more, following = numbers
            listed += more
            if len(listed) > len(self._content) // per_sector + 109 + per_sector:
                raise damaged()
        return [number for number in listed if number < _NO_SECTOR]

    def _chain(self, number: int, table: Sequence[int]) -> list[int]:
        found: list[int] = []
        while number < _NO_SECTOR:
            if number >= len(table):
                raise truncated()
            found.append(number)
            if len(found) > len(table):
                raise damaged()
            number = table[number]
        return found

    def _numbers(self, sectors: Sequence[int]) -> Sequence[int]:
        content = self._joined(sectors)
        return array("I", content[: len(content) // 4 * 4])

    def _joined(self, sectors: Sequence[int]) -> bytes:
        size = 1 << self._shift
        return b"".join(self._slice((n + 1) * size, size) for n in sectors)

    def _slice(self, start: int, size: int) -> bytes:
        # The last sector of a file may be shorter than the others.
        piece = self._content[start : start + size]
        if not piece or (start == 0 and len(piece) < size):
            raise truncated()
        return piece
