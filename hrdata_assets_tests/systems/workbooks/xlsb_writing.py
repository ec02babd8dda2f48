"""Small binary workbooks (.xlsb), record by record: no library writes them."""

import struct
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>
</Types>"""


def record(number: int, content: bytes = b"") -> bytes:
    """A record with its number and length in front."""
    head = bytes([number]) if number < 128 else bytes([number & 127 | 128, number >> 7])
    size, rest = b"", len(content)
    while rest > 127:
        size += bytes([rest & 127 | 128])
        rest >>= 7
    return head + size + bytes([rest]) + content


def text(value: str) -> bytes:
    encoded = value.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def row(number: int, *, hidden: bool = False) -> bytes:
    """Beginning of a row, counted from 0."""
    return record(0, struct.pack("<IIHBBB", number, 0, 300, 0, 0x10 if hidden else 0, 0) + struct.pack("<I", 0))


def cell(kind: int, column: int, value: bytes, look: int = 0) -> bytes:
    """A cell of a kind of record, in a column counted from 0, in a cell format."""
    return record(kind, struct.pack("<II", column, look) + value)


def rk(column: int, packed: int, look: int = 0) -> bytes:
    return cell(2, column, struct.pack("<I", packed), look)


def real(column: int, number: float, look: int = 0) -> bytes:
    return cell(5, column, struct.pack("<d", number), look)


def error(column: int, code: int) -> bytes:
    return cell(3, column, bytes([code]))


def boolean(column: int, value: bool) -> bytes:
    return cell(4, column, bytes([value]))


def inline(column: int, value: str) -> bytes:
    return cell(6, column, text(value))


def shared(column: int, number: int) -> bytes:
    return cell(7, column, struct.pack("<I", number))


def formula(kind: int, column: int, value: bytes, look: int = 0) -> bytes:
    """A formula with its stored value; the formula itself is 1."""
    return cell(kind, column, value + struct.pack("<HIBHI", 0, 3, 0x1E, 1, 0), look)


def hidden_columns(first: int, last: int) -> bytes:
    return record(60, struct.pack("<IIIIH", first, last, 2560, 0, 1))


def merged(top: int, bottom: int, left: int, right: int) -> bytes:
    return record(176, struct.pack("<IIII", top, bottom, left, right))


def sheet(*rows: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """A worksheet's records: columns before its rows, merged areas after them."""
    size = record(148, struct.pack("<IIII", 0, 99, 0, 25))
    return record(129) + size + before + record(145) + b"".join(rows) + record(146) + after + record(130)


@dataclass(frozen=True)
class Listed:
    """A sheet of a workbook; ``state`` 1 hides it, 2 hides it well, ``kind`` is the last word of its type."""

    name: str
    content: bytes
    state: int = 0
    kind: str = "worksheet"


def strings(values: Sequence[str]) -> bytes:
    items = b"".join(record(19, b"\0" + text(value)) for value in values)
    return record(159, struct.pack("<II", len(values), len(values))) + items + record(160)


def styles(formats: Iterable[int | str]) -> bytes:
    """Cell formats by built-in numbers or codes; a format of styles stands in front that none may take for theirs."""
    codes, used = [], []
    for place, wanted in enumerate(formats):
        number = wanted if isinstance(wanted, int) else 164 + place
        if isinstance(wanted, str):
            codes.append(record(44, struct.pack("<H", number) + text(wanted)))
        used.append(record(47, struct.pack("<HH", 0, number) + b"\0" * 12))
    of_styles = [record(47, struct.pack("<HH", 0xFFFF, 14) + b"\0" * 12)]
    return record(278) + _counted(615, codes) + _counted(626, of_styles) + _counted(617, used) + record(279)


def _counted(begin: int, items: Sequence[bytes]) -> bytes:
    return record(begin, struct.pack("<I", len(items))) + b"".join(items) + record(begin + 1)


def _relations(*targets: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{place}" Type="{_TYPES}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, start=1)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_RELATIONS}">{listed}</Relationships>'


def write(
    path: Path,
    *sheets: Listed,
    texts: Sequence[str] = (),
    formats: Sequence[int | str] = (0,),
    from_1904: bool = False,
) -> Path:
    """Write a workbook."""
    listed = b"".join(
        record(156, struct.pack("<II", one.state, place) + text(f"rId{place}") + text(one.name))
        for place, one in enumerate(sheets, start=1)
    )
    flags = record(153, struct.pack("<II", int(from_1904), 0) + text(""))
    parts = [(one.kind, f"worksheets/sheet{place}.bin") for place, one in enumerate(sheets, start=1)]
    parts += [("styles", "styles.bin"), ("sharedStrings", "sharedStrings.bin")]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("_rels/.rels", _relations(("officeDocument", "xl/workbook.bin")))
        archive.writestr("xl/_rels/workbook.bin.rels", _relations(*parts))
        archive.writestr("xl/workbook.bin", record(131) + flags + record(143) + listed + record(144) + record(132))
        archive.writestr("xl/styles.bin", styles(formats))
        archive.writestr("xl/sharedStrings.bin", strings(texts))
        for place, one in enumerate(sheets, start=1):
            archive.writestr(f"xl/worksheets/sheet{place}.bin", one.content)
    return path
