"""Records of the binary workbook format, BIFF12 ([MS-XLSB] 2.1.4): a number, a length, and that many bytes."""

import struct
from collections.abc import Iterator

from hrdata_assets.systems.workbooks.package import Entry
from hrdata_assets.systems.workbooks.xls import damaged, too_large, truncated

PIECE = 256 * 1024
"""Bytes that are unpacked at a time."""

_LONGEST = 1 << 24
"""Bytes of a record; the longest text of a cell has 64 KiB, formulas and what else there is not much more."""


def records(entry: Entry) -> Iterator[tuple[int, bytes]]:
    """Records of an entry. WorkbookError `truncated` if the last one is not complete."""
    rest, place = b"", 0
    while piece := entry.read(PIECE):
        rest, place = rest[place:] + piece, 0
        while (head := _head(rest, place)) is not None:
            number, start, length = head
            if start + length > len(rest):
                break
            yield number, rest[start : start + length]
            place = start + length
    if place < len(rest):
        raise truncated()


def _head(content: bytes, place: int) -> tuple[int, int, int] | None:
    """Number, beginning and length of the record at a place; None if the content ends before they do."""
    end = len(content)
    if place + 1 >= end:
        return None
    number, length = content[place], content[place + 1]
    if number < 128 and length < 128:
        return number, place + 2, length
    start = place + 1
    if number >= 128:
        # Seven bits stand in each byte, the lower ones first; the eighth says whether another byte follows.
        number = (number & 127) | (content[start] & 127) << 7
        start += 1
    return _length(content, number, start)


def _length(content: bytes, number: int, start: int) -> tuple[int, int, int] | None:
    length = 0
    for shift in (0, 7, 14, 21):
        if start >= len(content):
            return None
        length |= (content[start] & 127) << shift
        start += 1
        if content[start - 1] < 128:
            break
    if length > _LONGEST:
        raise too_large()
    return number, start, length


def unpack(layout: struct.Struct, record: bytes, place: int = 0) -> tuple[int, ...]:
    """Numbers at a place of a record. WorkbookError `damaged` if it ends before they do."""
    if place + layout.size > len(record):
        raise damaged()
    return layout.unpack_from(record, place)


_SIZE = struct.Struct("<I")


def text_at(record: bytes, place: int) -> tuple[str, int]:
    """Text at a place of a record, and the place behind it; a text that is null is empty."""
    (length,) = unpack(_SIZE, record, place)
    start = place + 4
    if length == 0xFFFFFFFF:
        return "", start
    end = start + 2 * length
    if end > len(record):
        raise damaged()
    try:
        return record[start:end].decode("utf-16-le"), end
    except UnicodeDecodeError:
        raise damaged() from None


def rk_number(packed: int) -> float:
    """Number in four bytes ([MS-XLSB] 2.5.123): an integer of thirty bits or half a binary number, or a 100th of it."""
    if packed & 2:
        number = float(packed >> 2) if packed < 1 << 31 else float((packed >> 2) - (1 << 30))
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))
    return number / 100 if packed & 1 else number
