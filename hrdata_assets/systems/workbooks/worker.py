"""The process in which workbooks are taken apart: whatever a file does to it, only it is lost.

It reads one order per line, a JSON object, from its standard input, and writes one answer per line. When whoever gives
the orders is gone, so is it, with the folder named by its only argument, in which everything is written.
"""

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from hrdata_assets.systems.workbooks.cells import SheetFacts, SheetName, Workbook, WorkbookError
from hrdata_assets.systems.workbooks.formats import open_workbook
from hrdata_assets.systems.workbooks.parts import write_part

_MOST_ADDRESSES = 16 * 1024**3


def choose_sheet(sheets: tuple[SheetName, ...], wanted: str | None) -> str:
    """The sheet of that name, in any case; without a name the first that is not hidden. WorkbookError if none is."""
    if wanted is None:
        visible = [sheet.name for sheet in sheets if not sheet.hidden] or [sheet.name for sheet in sheets]
        if not visible:
            raise WorkbookError("no_sheet", "the workbook has no sheet of cells: add one, or take the file away")
        return visible[0]
    for sheet in sheets:
        if sheet.name.strip().casefold() == wanted.strip().casefold():
            return sheet.name
    there = ", ".join(sheet.name for sheet in sheets) or "none"
    raise WorkbookError("sheet_missing", f"the workbook has no sheet {wanted}; it has {there}: name one of these")


def take_apart(path: Path, wanted: str | None, rows: int, into: Path) -> dict[str, object]:
    """Write a sheet's cells, side by side, as parts of so many rows into a folder; tell what is known beside them."""
    workbook = open_workbook(path)
    name = choose_sheet(workbook.sheets, wanted)
    parts = 0
    for cells in workbook.cells(name, rows):
        if cells.is_empty():
            continue
        write_part(into, parts, cells)
        parts += 1
    return {"sheet": name, "sheets": [asdict(s) for s in workbook.sheets], "parts": parts, **_told(workbook, name)}


def _told(workbook: Workbook, name: str) -> dict[str, object]:
    facts: SheetFacts = workbook.facts(name)
    return {
        "merged": [[a.top, a.left, a.bottom, a.right] for a in facts.merged],
        "hidden_rows": sorted(facts.hidden_rows),
        "hidden_columns": sorted(facts.hidden_columns),
        "formulas": facts.formulas,
    }


def _answer(order: Mapping[str, str | int | None]) -> dict[str, object]:
    wanted = order["sheet"]
    try:
        return take_apart(
            Path(str(order["path"])),
            None if wanted is None else str(wanted),
            int(str(order["rows"])),
            Path(str(order["into"])),
        )
    except WorkbookError as error:
        return {"code": error.code, "says": str(error)}
    except MemoryError:
        return {"code": "too_much_memory", "says": "the workbook needs more memory than it may: split it"}


def serve(orders: TextIO, answers: TextIO) -> None:
    """Answer orders until there are no more."""
    for line in orders:
        order = json.loads(line)
        # The system ends a process that is stuck where no other thread of it gets a turn.
        signal.alarm(order["most_seconds"])
        answers.write(json.dumps(_answer(order)) + "\n")
        signal.alarm(0)
        answers.flush()


_ENDING = threading.Lock()


def _nobody_orders(orders: int, *, wait: bool) -> bool:
    """Whether nobody holds the other end of the pipe that orders come from; with `wait` only once it is so."""
    poll = select.poll()
    poll.register(orders, 0)
    return bool(poll.poll(None if wait else 0))


def end_with(orders: int, folder: str) -> None:
    """Wait until nobody gives orders any more, and end this process."""
    _nobody_orders(orders, wait=True)
    _end(folder)


def _end(folder: str) -> None:
    """Take the folder away, which nobody else does any more, and this process with it."""
    with _ENDING:
        # Under another name nothing can be written into it while it is taken away, however long that takes.
        leaving = Path(f"{folder}-leaving")
        # If whoever gave the orders was not killed but ended, it is away already.
        with contextlib.suppress(FileNotFoundError):
            Path(folder).rename(leaving)
        shutil.rmtree(leaving, ignore_errors=True)
        os._exit(0)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESSES, _MOST_ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=end_with, args=(sys.stdin.fileno(), sys.argv[1]), daemon=True).start()
    try:
        serve(sys.stdin, sys.stdout)
    finally:
        # Also what failed for nobody is there to answer, or for its folder is being taken away.
        if _nobody_orders(sys.stdin.fileno(), wait=False):
            _end(sys.argv[1])
