"""From delivered bytes to a frame of text, row for row, with strict field counts; nothing is interpreted yet."""

import codecs
import csv
import io
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv

from hrdata_assets.errors import DeliveryError

UNDECODABLE = "\ufdd0"
"""Stands before the hex of each byte that is no UTF-8; a noncharacter, so no text may contain it."""

_END = "\ufdd1"
"""Content of an extra last record: swallowed when the file ends inside quotes."""

_NUL = "\ufdd2"
"""Stands for NUL while the file is parsed: Arrow overlooks quotes and separators that follow one closely."""

_BLOCK = 16 << 20
"""Bytes parsed at a time, which no record may exceed: bounds memory whatever the file's size."""

_READ_AHEAD = 0.05
"""Seconds in which a thread of Arrow's that waits for Python gets its turn."""

_MOST_COLUMNS = 2_000
"""Thirty times the widest report; every column costs memory, however short its cells."""

_END_OF_LINE = re.compile(rb"\r\n?|\n")

_NOTHING = b"\xef\xbb\xbf \t\r\n\0"

_OTHER_KINDS = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
)


@dataclass(frozen=True)
class RaggedRow:
    """A record whose number of fields differs from the header's, or that the file leaves inside quotes."""

    row_no: int
    text: str
    rule: str


@dataclass(frozen=True)
class Delivered:
    """A delimited file as text.

    ``rows`` holds columns ``f0``, ``f1`` … and ``row_no``: the record's number as a spreadsheet shows it, the header
    being record 1; an embedded newline starts no new record, a blank line counts as one. ``corrected`` names the
    fields, by record, that somebody put right since.
    """

    header: tuple[str, ...]
    rows: pl.DataFrame
    ragged: tuple[RaggedRow, ...]
    blank: int
    has_nul: bool
    has_undecodable: bool
    corrected: Mapping[int, frozenset[int]] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """Records below the header, whatever became of them."""
        return self.rows.height + len(self.ragged) + self.blank


def read_delimited(content: bytes, name: str) -> Delivered:
    """Read the bytes of a CSV file. DeliveryError, naming the file, when they are no table at all."""
    content, undecodable = _as_utf8(_refuse_other_kinds(content, name), name)
    header, separator = _header(content, name)
    has_nul = b"\0" in content
    parsed, ragged = _parse(content.replace(b"\0", _NUL.encode()), separator, len(header), name)
    if has_nul:
        parsed = parsed.with_columns(pl.exclude("row_no").str.replace_all(_NUL, "\0", literal=True))
        ragged = [RaggedRow(row.row_no, row.text.replace(_NUL, "\0"), row.rule) for row in ragged]
    return _without_blank_rows(header, parsed, ragged, has_nul=has_nul, has_undecodable=undecodable)


def _refuse_other_kinds(content: bytes, name: str) -> bytes:
    # Only the start is looked at: stripping a large file would copy it.
    start = content[:4096].lstrip(_NOTHING)
    if not start and not content.strip(_NOTHING):
        raise DeliveryError(f"{name} is empty: export the report again")
    for magic, kind in _OTHER_KINDS:
        if content.startswith(magic):
            raise DeliveryError(f"{name} is {kind}, not a CSV file: export the report as CSV")
    if start[:1] == b"<":
        raise DeliveryError(f"{name} is a web page or XML, not a CSV file: sign in and download the report again")
    return content


def _as_utf8(content: bytes, name: str) -> tuple[bytes, bool]:
    """Return the content as UTF-8 without byte order mark, and whether it held bytes that are none."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            try:
                return content.decode(encoding).encode(), False
            except UnicodeDecodeError:
                raise DeliveryError(f"{name} says it is UTF-16 and is not: export it again as UTF-8") from None
    content = content.removeprefix(codecs.BOM_UTF8)
    if _is_utf8(content):
        return content, False
    return content.decode("utf-8", errors=_MARK).encode(), True


def _is_utf8(content: bytes) -> bool:
    # In pieces, so that no second copy of a large file is made only to look at it.
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        for start in range(0, len(view), 1 << 20):
            decoder.decode(view[start : start + (1 << 20)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(f"{UNDECODABLE}{byte:02x}" for byte in error.object[error.start : error.end]), error.end


_MARK = "hrdata_mark_undecodable"
codecs.register_error(_MARK, _mark_undecodable)


def _header(content: bytes, name: str) -> tuple[tuple[str, ...], str]:
    # A list has a bound: a header record of more than a mebibyte is no header.
    start = content[: 1 << 20].decode("utf-8", errors="ignore").lstrip("\r\n")
    separator = _separator(start)
    try:
        header = next(csv.reader(io.StringIO(start, newline=""), delimiter=separator), [])
    except csv.Error:
        raise _unreadable_header(name) from None
    if not any(cell.strip() for cell in header):
        raise DeliveryError(f"{name} has no header: its first row must name the columns")
    if len(header) > _MOST_COLUMNS:
        raise DeliveryError(f"{name} has more than {_MOST_COLUMNS} columns, which no report has: export it again")
    return tuple(header), separator


def _unreadable_header(name: str) -> DeliveryError:
    return DeliveryError(f"{name} has a header that cannot be read: check its quotes, export it again")


def _separator(text: str) -> str:
    """The separator that stands most often in the first record, outside quotes; a comma if none does."""
    counts = dict.fromkeys(",;\t|", 0)
    quoted = False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character in "\r\n" and not quoted:
            break
        elif character in counts and not quoted:
            counts[character] += 1
    return max(counts, key=lambda c: counts[c])


def _parse(content: bytes, separator: str, width: int, name: str) -> tuple[pl.DataFrame, list[RaggedRow]]:
    begin = len(content) - len(content.lstrip(b"\r\n")) if content[:1] in (b"\r", b"\n") else 0
    # A spreadsheet counts the blank lines above the header too.
    above = len(_END_OF_LINE.findall(content[:begin]))
    end = f"\n{separator.join([_END] * width)}\n".encode()
    try:
        table, ragged = _parse_blocks(_WithEnd(content, begin, end), separator, width, threads=True)
        if ragged:
            # Only one thread knows where in the file a ragged record stands; few files have any.
            table, ragged = _parse_blocks(_WithEnd(content, begin, end), separator, width, threads=False)
    except pa.ArrowInvalid:
        # Arrow's own text quotes the offending record.
        raise DeliveryError(f"{name} cannot be read as CSV: check its separator and quotes, export it again") from None
    frame = pl.DataFrame(pl.from_arrow(table))
    del table
    # What the parser used stands idle otherwise, beside everything that comes after.
    pa.default_memory_pool().release_unused()
    numbered = _numbered(frame, [row.number for row in ragged], above)
    # The header is the first record; left inside quotes, it has swallowed all others.
    if numbered.height + len(ragged) < 2 or not numbered.height or numbered.item(0, "row_no") != above + 1:
        raise _unreadable_header(name)
    return _close(numbered, [_ragged(row, above) for row in ragged])


def _parse_blocks(
    source: "_WithEnd", separator: str, width: int, *, threads: bool
) -> tuple[pa.Table, list[arrow_csv.InvalidRow]]:
    ragged: list[arrow_csv.InvalidRow] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    names = [f"f{position}" for position in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.PythonFile(source, mode="r"),
            read_options=arrow_csv.ReadOptions(use_threads=threads, block_size=_BLOCK, column_names=names),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                check_utf8=False,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid:
        source.end()
        raise
    return table, ragged


class _WithEnd(io.RawIOBase):
    """Content from a place on, without its last line ends, and then the extra last record; nothing is copied whole."""

    def __init__(self, content: bytes, begin: int, end: bytes) -> None:
        stop = len(content)
        while stop > begin and content[stop - 1] in (10, 13):
            stop -= 1
        self._parts = [memoryview(content)[begin:stop], memoryview(end)]

    def readable(self) -> bool:
        return True

    def end(self) -> None:
        """Let what Arrow reads ahead in threads of its own come to an end: they abort a process that ends meanwhile."""
        self._parts.clear()
        time.sleep(_READ_AHEAD)

    def read(self, size: int = -1) -> bytes:
        """Fill the size from both parts: a last piece without a line end would be refused as half a record."""
        pieces = []
        left = size if size >= 0 else sum(map(len, self._parts))
        while left and self._parts:
            part = self._parts.pop(0)
            pieces.append(bytes(part[:left]))
            if len(part) > left:
                self._parts.insert(0, part[left:])
            left -= len(pieces[-1])
        piece = b"".join(pieces)
        if len(piece) > 1 and piece.endswith(b"\r"):
            # Arrow drops a newline at the beginning of what it reads after a carriage return, even inside quotes.
            self._parts.insert(0, memoryview(b"\r"))
            return piece[:-1]
        return piece


def _ragged(row: arrow_csv.InvalidRow, above: int) -> RaggedRow:
    rule = "too_few_fields" if row.actual_columns < row.expected_columns else "too_many_fields"
    return RaggedRow(row.number + above, row.text, rule)


def _numbered(frame: pl.DataFrame, taken: Sequence[int], above: int) -> pl.DataFrame:
    numbers = np.arange(1, frame.height + len(taken) + 1, dtype=np.int32)
    if taken:
        numbers = np.delete(numbers, np.asarray(taken) - 1)
    numbers += np.int32(above)
    return frame.with_columns(pl.Series("row_no", numbers))


def _close(frame: pl.DataFrame, ragged: list[RaggedRow]) -> tuple[pl.DataFrame, list[RaggedRow]]:
    """Take the header and the extra last record off; a record that swallowed the latter ends inside quotes."""
    final = frame.row(-1)
    if ragged and ragged[-1].row_no > final[-1]:
        last = ragged.pop()
        ragged.append(RaggedRow(last.row_no, last.text.split(_END)[0].rstrip("\n,;\t|"), "quotes_not_closed"))
        return frame.slice(1), ragged
    if all(cell == _END for cell in final[:-1]):
        return frame.slice(1, frame.height - 2), ragged
    cells = [str(cell).split(_END)[0] for cell in final[:-1] if cell is not None]
    ragged.append(RaggedRow(final[-1], ",".join(cells), "quotes_not_closed"))
    return frame.slice(1, frame.height - 2), ragged


def _without_blank_rows(
    header: tuple[str, ...], frame: pl.DataFrame, ragged: list[RaggedRow], *, has_nul: bool, has_undecodable: bool
) -> Delivered:
    # A record is blank when its first cell and then all the others are: most files have none, one column tells.
    first_empty = frame.filter(pl.col("f0").is_null())
    blank = first_empty.filter(pl.all_horizontal(pl.all().exclude("row_no").is_null())).get_column("row_no")
    if len(blank):
        frame = frame.filter(~pl.col("row_no").is_in(blank.implode()))
    return Delivered(header, frame, tuple(ragged), len(blank), has_nul, has_undecodable)
