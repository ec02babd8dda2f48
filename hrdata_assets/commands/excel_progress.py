"""How far loading has come, on stderr, for a person who looks at it."""

import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from hrdata_assets.systems.workbooks.discovery import FoundFile


class LoadProgress:
    """Files done, rows, rows a second and the file at hand, for the length of a block; nothing where nobody looks."""

    def __init__(self, files: int, *, wanted: bool) -> None:
        self._rows, self._began = 0, time.monotonic()
        self._shown: Progress | None = None
        if wanted and sys.stderr.isatty():
            self._shown = Progress(
                BarColumn(20),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rows]}", markup=False),
                TimeElapsedColumn(),
                TextColumn("{task.fields[file]}", markup=False),
                console=Console(file=sys.stderr, highlight=False, markup=False, emoji=False),
                # Lines for a terminal go above the bar; those for a pipe must go into the pipe.
                redirect_stdout=sys.stdout.isatty(),
                transient=True,
            )
            self._task = self._shown.add_task("", total=files, rows="", file="")

    def __enter__(self) -> "LoadProgress":
        if self._shown is not None:
            self._shown.start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._shown is not None:
            self._shown.stop()

    def begin(self, file: "FoundFile") -> None:
        """Name the file at hand."""
        if self._shown is not None:
            self._shown.update(self._task, file=str(file.path))

    def count(self, rows: int) -> None:
        """Count a file that is done, and its rows."""
        if self._shown is None:
            return
        self._rows += rows
        speed = self._rows / max(time.monotonic() - self._began, 0.001)
        self._shown.update(self._task, advance=1, rows=f"{self._rows:,} rows, {speed:,.0f} rows/s")
