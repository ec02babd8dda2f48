"""A sheet of .xlsx from its first byte to its last: many cells at a time where that is safe, else one by one."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise

import polars as pl

from hrdata_assets.systems.workbooks.cells import MANY_CELLS, SCHEMA, SheetFacts, WorkbookError
from hrdata_assets.systems.workbooks.package import Entry
from hrdata_assets.systems.workbooks.xlsx_cells import Surroundings, damaged
from hrdata_assets.systems.workbooks.xlsx_exact import ExactSheet, read_exactly
from hrdata_assets.systems.workbooks.xlsx_heads import begins_plainly
from hrdata_assets.systems.workbooks.xlsx_scan import Scanned, scan_piece

PIECE = 4 * 1024**2
"""Bytes of rows that are scanned at a time."""

_AT_ONCE = 2

_LONGEST_ROW = 64 * 1024**2
_LONGEST_HEAD = 1024**2
_ROWS = b"<sheetData>"
_END = b"</sheetData>"
_ROW_END = b"</row>"


class SheetReader:
    """Reads one sheet, once; its facts are known at the end."""

    def __init__(self, entry: Entry, around: Surroundings, most_cells: int) -> None:
        self._entry, self._around, self._most_cells = entry, around, most_cells
        self._hidden: set[int] = set()
        self._formulas = 0
        self._cells = 0
        self._position = (0, 0)
        self._frame = SheetFacts()

    @property
    def facts(self) -> SheetFacts:
        """What the sheet said beside its cells."""
        hidden = self._frame.hidden_rows | self._hidden
        return SheetFacts(
            self._frame.merged, frozenset(hidden), self._frame.hidden_columns, self._frame.formulas + self._formulas
        )

    def cells(self, rows: int) -> Iterator[pl.DataFrame]:
        """Frames of cells in order, each of so many rows of the sheet, or fewer where these have very many cells."""
        held = pl.DataFrame(schema=SCHEMA)
        for frame in self._frames(rows):
            self._cells += frame.height
            if self._cells > self._most_cells:
                raise WorkbookError("too_large", "the sheet has more cells than one may have: split it")
            whole = _cut(pl.concat([held, frame]), rows)
            held = next(whole)
            for following in whole:
                yield held
                held = following
            if held.height > MANY_CELLS:
                # Of its last row, cells may still follow.
                last = int((held.get_column("row") == held.item(-1, "row")).sum())
                yield held.head(-last)
                held = held.tail(last)
        if not held.is_empty():
            yield held

    def _frames(self, rows: int) -> Iterator[pl.DataFrame]:
        head = self._entry.read(64 * 1024)
        while _ROWS not in head and len(head) < _LONGEST_HEAD and (more := self._entry.read(64 * 1024)):
            head += more
        place = head.find(_ROWS)
        if place < 0 or not begins_plainly(head[:place], "worksheet"):
            exact = ExactSheet(self._around)
            yield from read_exactly(self._from(head), exact, rows)
            self._frame = exact.facts
            return
        begin = place + len(_ROWS)
        yield from self._by_pieces(head[:begin], head[begin:])

    def _from(self, begun: bytes) -> Iterator[bytes]:
        yield begun
        while piece := self._entry.read(64 * 1024):
            yield piece

    def _by_pieces(self, head: bytes, begun: bytes) -> Iterator[pl.DataFrame]:
        """Pieces are read on as many cores as there are, while the next one is unpacked."""
        rest: list[bytes] = []
        with ThreadPoolExecutor(_AT_ONCE) as scanning:
            waiting: deque[tuple[bytes, Future[Scanned | None]]] = deque()
            for piece in self._pieces(begun, rest):
                waiting.append((piece, scanning.submit(scan_piece, piece, head, self._around)))
                if len(waiting) > _AT_ONCE:
                    yield self._taken(head, *waiting.popleft())
            while waiting:
                yield self._taken(head, *waiting.popleft())
        frame = ExactSheet(self._around)
        for _ in read_exactly((head, *rest), frame, 1):
            pass
        self._frame = frame.facts

    def _pieces(self, begun: bytes, rest: list[bytes]) -> Iterator[bytes]:
        """Pieces of whole rows; what stands behind the rows is put into ``rest``."""
        buffer, end = begun, begun.find(_END)
        while end < 0:
            cut = buffer.rfind(_ROW_END) + len(_ROW_END) if len(buffer) >= PIECE else 0
            if cut >= len(_ROW_END):
                yield buffer[:cut]
                buffer = buffer[cut:]
            if len(buffer) > _LONGEST_ROW:
                raise WorkbookError("too_large", "a row of the sheet is larger than any: split the workbook")
            more = self._entry.read(PIECE)
            if not more:
                raise WorkbookError("truncated", "the sheet ends in the middle: copy the workbook again")
            seen = max(0, len(buffer) - len(_END))
            buffer += more
            end = buffer.find(_END, seen)
        if buffer[:end].strip():
            yield buffer[:end]
        rest.append(buffer[end:])
        while more := self._entry.read(PIECE):
            rest.append(more)

    def _taken(self, head: bytes, piece: bytes, scanned: Future[Scanned | None]) -> pl.DataFrame:
        found = scanned.result()
        if found is None:
            return self._exactly(head, piece)
        if found.ends is not None:
            if found.ends[0] <= self._position:
                raise damaged("cells do not stand in their order")
            self._position = found.ends[1]
        self._hidden.update(found.hidden_rows)
        self._formulas += found.formulas
        return found.cells

    def _exactly(self, head: bytes, piece: bytes) -> pl.DataFrame:
        exact = ExactSheet(self._around, after=self._position)
        parts = list(read_exactly((head, piece, _END, b"</worksheet>"), exact, len(piece)))
        self._position = exact.position
        self._hidden.update(exact.hidden_rows)
        self._formulas += exact.formulas
        return pl.concat(parts)


def _cut(frame: pl.DataFrame, rows: int) -> Iterator[pl.DataFrame]:
    """A frame in frames of so many rows of the sheet, but for the last one."""
    begins = (frame.get_column("row").rle_id() // rows).rle().struct.field("len").cum_sum().to_list()
    for begin, end in pairwise((0, *begins)):
        yield frame.slice(begin, end - begin)
    if not begins:
        yield frame
