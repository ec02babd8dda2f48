"""Reading a sheet in a process of its own, bounded in time and memory, in parts that are read back one at a time."""

import json
import math
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import psutil  # type: ignore[import-untyped]

from hrdata_assets.systems.workbooks.cells import Area, SheetFacts, SheetName, WorkbookError
from hrdata_assets.systems.workbooks.grid import columns_of
from hrdata_assets.systems.workbooks.parts import columns_of_part, read_notes, read_part

SECONDS = 60.0
"""How long a workbook may take."""

MEMORY = 896 * 1024**2
"""Bytes of memory that taking it apart may need: what is asked for between two looks stays below a gibibyte too."""

_LOOK = 0.02


@dataclass(frozen=True)
class TakenApart:
    """A sheet in parts: frames of its rows, side by side (see `grid`), in order; they stand in a folder."""

    sheet: str
    sheets: tuple[SheetName, ...]
    facts: SheetFacts
    folder: Path
    count: int
    _last: dict[int, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def columns(self) -> frozenset[int]:
        """Columns that have a cell in any of its rows."""
        if self.count == 1:
            return frozenset(columns_of(self.part(0)))
        return frozenset(place for number in range(self.count) for place in columns_of_part(self.folder, number))

    def part(self, number: int) -> pl.DataFrame:
        """Read one part back; the last one is kept, for most sheets have no other."""
        found = self._last.get(number)
        if found is None:
            self._last.clear()
            found = self._last[number] = read_part(self.folder, number)
        return found

    def parts(self) -> Iterator[pl.DataFrame]:
        """Read them back one after the other."""
        return (self.part(number) for number in range(self.count))

    def notes(self) -> pl.DataFrame:
        """Row, column and code of every cell whose text does not tell all."""
        return read_notes(self.folder)


@dataclass(frozen=True)
class _Order:
    """A sheet that is being taken apart into a folder, or has been."""

    source: Path | bytes
    sheet: str | None
    rows: int
    into: tempfile.TemporaryDirectory[str]
    answer: Future[Any]

    def is_for(self, source: Path | bytes, sheet: str | None, rows: int) -> bool:
        """Whether this is what was asked for."""
        return self.source is source and (self.sheet, self.rows) == (sheet, rows)


class Reader:
    """Takes workbooks apart, one after the other, in a process that is started when it is needed, and again if lost.

    While one is used, the next one may be taken apart ahead; limits hold for each alone.
    """

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._process: subprocess.Popen[str] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._waiting = ThreadPoolExecutor(1, "workbook reader")
        self._ahead: _Order | None = None

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *raised: object) -> None:
        if self._process is not None:
            # Whoever still waits for it waits no more.
            self._process.kill()
        self._waiting.shutdown()
        self._stop()
        if self._ahead is not None:
            self._ahead.into.cleanup()
            self._ahead = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @contextmanager
    def read(self, source: Path | bytes, sheet: str | None = None, *, rows: int = 20_000) -> Iterator[TakenApart]:
        """Take a sheet apart (the first visible one without a name), for the length of a block.

        A content given as bytes stands on disk meanwhile, and goes with its reader if this process is killed.
        WorkbookError says by its code why it cannot be read.
        """
        order, self._ahead = self._ahead, None
        if order is not None and not order.is_for(source, sheet, rows):
            with order.into:
                wait([order.answer])
            order = None
        order = order or self._order(source, sheet, rows)
        with order.into as into:
            answer = order.answer.result()
            if "code" in answer:
                raise WorkbookError(str(answer["code"]), str(answer["says"]))
            yield _taken_apart(answer, Path(into))

    def read_ahead(self, source: bytes, sheet: str | None = None, *, rows: int = 20_000) -> None:
        """Begin to take the sheet apart that `read` is asked for next, in a block of the one before.

        What is wrong with it is told by `read`, and by no other workbook's.
        """
        if self._ahead is None:
            self._ahead = self._order(source, sheet, rows)

    def _order(self, source: Path | bytes, sheet: str | None, rows: int) -> _Order:
        # Nothing is written before somebody is there to take it away.
        self._running()
        into = tempfile.TemporaryDirectory(dir=self._room())
        path = source if isinstance(source, Path) else Path(into.name, "workbook")
        if isinstance(source, bytes):
            path.write_bytes(source)
        order = {"path": str(path), "sheet": sheet, "rows": rows, "into": into.name}
        order |= {"most_seconds": math.ceil(2 * self._seconds) + 10}
        return _Order(source, sheet, rows, into, self._waiting.submit(self._ask, order))

    def _ask(self, order: dict[str, str | int | None]) -> Any:
        process = self._running()
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return json.loads(self._wait(process))

    def _room(self) -> str:
        """Folder for everything that is written; the process takes it away if this one cannot."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="hrdata-workbook-")
        return self._folder.name

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(  # noqa: S603 - nothing of it comes from a workbook
                [sys.executable, "-m", "hrdata_assets.systems.workbooks.worker", self._room()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=os.environ | {"POLARS_MAX_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"},
            )
        return self._process

    def _wait(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        until = time.monotonic() + self._seconds
        seen = psutil.Process(process.pid)
        while not select.select([process.stdout], [], [], _LOOK)[0]:
            if time.monotonic() > until:
                self._stop()
                raise WorkbookError("took_too_long", f"the workbook took more than {self._seconds:g} s: split it")
            if _memory_of(seen) > self._memory:
                self._stop()
                raise WorkbookError("too_much_memory", "the workbook needs more memory than it may: split it")
        line = process.stdout.readline()
        if not line:
            self._stop()
            raise WorkbookError("reader_crashed", "the workbook broke the process that read it: save it anew in Excel")
        return line

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _memory_of(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _taken_apart(told: Any, folder: Path) -> TakenApart:
    facts = SheetFacts(
        merged=tuple(Area(*corners) for corners in told["merged"]),
        hidden_rows=frozenset(told["hidden_rows"]),
        hidden_columns=frozenset(told["hidden_columns"]),
        formulas=told["formulas"],
    )
    return TakenApart(told["sheet"], tuple(SheetName(**s) for s in told["sheets"]), facts, folder, told["parts"])
