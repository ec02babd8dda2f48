"""Hostile workbooks among others: each is told what is wrong with it, within the limits, and stops no other."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from hrdata_assets.excel.folders import tasks_of
from hrdata_assets.excel.load import load_workbook
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.workbooks.discovery import find_workbooks
from hrdata_assets.systems.workbooks.reading import Reader
from hrdata_assets.verify.answers import verify
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.faults.hostile_workbooks import CODES, write_hostile, write_slow, write_staff
from hrdata_assets_tests.faults.workbooks import gone_within, readers_of
from hrdata_assets_tests.installation import Installation, hrdata_command
from hrdata_assets_tests.victim import grave

pytestmark = [pytest.mark.faults, pytest.mark.slow]

GIB = 1024**3
MOST_SECONDS = 180
"""For all of them together; one alone may take sixty."""

HARMLESS = {"first", "far corner", "links", "macros", "million columns", "zz last"}


@dataclass(frozen=True)
class Loaded:
    """What loading them all said, how long it took, and the peaks of memory."""

    installation: Installation
    workbooks: dict[str, Any]
    code: int
    seconds: float
    own_peak: int
    reader_peak: int
    asked: list[object]


@pytest.fixture(scope="module")
def loaded(new_installation: NewInstallation) -> Iterator[Loaded]:
    """Everything hostile at once, with good workbooks before, between and behind, under the limits of every day."""
    with new_installation() as installation, socket.create_server(("127.0.0.1", 0)) as elsewhere:
        data = installation.folder / "data"
        write_hostile(data, f"http://127.0.0.1:{elsewhere.getsockname()[1]}")
        for number, folder in enumerate(("first", "web page", "diagonal", "zz last"), start=1):
            write_staff(data / folder / "good.xlsx", number)
        elsewhere.setblocking(False)
        started = time.monotonic()
        process = subprocess.Popen(
            hrdata_command("excel", "load", "--json"),
            env=installation.process_environment(),
            cwd=installation.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        peaks = Peaks(installation, process.pid)
        out, err = process.communicate(timeout=2 * MOST_SECONDS)
        seconds = time.monotonic() - started
        peaks.stop()
        yield Loaded(
            installation, told(out, err), process.returncode, seconds, peaks.own, peaks.reader, accepted(elsewhere)
        )


def told(out: str, err: str) -> dict[str, Any]:
    """What was said of each workbook; its errors show nothing of how the program works inside."""
    assert "Traceback" not in err
    return {workbook["file"]: workbook for workbook in json.loads(out)["workbooks"]}


def accepted(server: socket.socket) -> list[object]:
    """Whoever has asked meanwhile."""
    try:
        return [server.accept()]
    except BlockingIOError:
        return []


class Peaks:
    """Looks at the memory of a process and of its readers until it is told to stop."""

    def __init__(self, installation: Installation, pid: int) -> None:
        self.own = self.reader = 0
        self._installation, self._pid, self._over = installation, pid, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        readers: list[psutil.Process] = []
        turns = 0
        while not self._over.wait(0.01):
            # Whoever looks through all processes every time sees little else.
            if turns % 20 == 0:
                readers = readers_of(self._installation)
            turns += 1
            self.own = max(self.own, peak_of(self._pid))
            self.reader = max(self.reader, *(peak_of(reader.pid) for reader in readers), 0)


def peak_of(pid: int) -> int:
    """Most bytes of memory that a process ever had; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


@pytest.mark.parametrize("kind", sorted(CODES))
def test_each_is_refused_for_what_is_wrong_with_it_and_leaves_one_letter(loaded: Loaded, kind: str) -> None:
    (workbook,) = (w for file, w in loaded.workbooks.items() if file.startswith(f"{kind}/a."))
    assert (workbook["status"], workbook["code"]) == ("failed", CODES[kind])
    assert " " in workbook["reason"]
    letters = loaded.installation.rows(
        "select reasons -> 0 ->> 'rule', stage, status, asset_key, row_no from ops.dead_letters"
        " where payload ->> 'file' = %s",
        workbook["file"],
    )
    table = workbook["table"].removeprefix("excel.")
    assert letters == [(CODES[kind], "decode", "open", f"excel/{table}", 0)]


def test_all_others_are_loaded_and_nothing_is_forgotten(loaded: Loaded) -> None:
    harmless = {file for file in loaded.workbooks if file.endswith("good.xlsx") or file.split("/")[0] in HARMLESS}
    statuses = {file: workbook["status"] for file, workbook in loaded.workbooks.items()}
    assert {file for file, status in statuses.items() if status != "failed"} == harmless
    assert len(statuses) == len(CODES) + len(harmless) == len(CODES) + 8
    assert loaded.code == 1
    assert {loaded.workbooks[file]["inserted"] for file in harmless if file.endswith("good.xlsx")} == {2}


def test_each_is_tried_once(loaded: Loaded) -> None:
    letters = "select count(*) from ops.dead_letters where row_no = 0 and status = 'open'"
    assert loaded.installation.one(letters) == len(CODES)
    assert loaded.installation.one("select count(*) from ops.etl_imports where status = 'imported'") == 8
    assert grave(verify(loaded.installation.warehouse, read_archive=True)) == []


def test_time_and_memory_stay_within_their_limits(loaded: Loaded) -> None:
    assert loaded.seconds < MOST_SECONDS
    assert 0 < loaded.reader_peak < GIB
    assert 0 < loaded.own_peak < GIB
    assert gone_within(loaded.installation, seconds=30) == []


def test_a_cell_in_the_far_corner_is_a_row_and_a_column_and_no_million_of_them(loaded: Loaded) -> None:
    assert loaded.installation.rows("select row_no, name, column_xfd from excel.far_corner order by 1") == [
        (2, "b", None),
        (1_048_576, None, 1),
    ]
    assert loaded.installation.rows("select row_no, name from excel.million_columns") == [(2, "b")]


def test_macros_are_not_even_unpacked(loaded: Loaded) -> None:
    assert loaded.installation.column("select name from excel.macros") == ["b"]


def test_links_to_elsewhere_give_what_is_stored_and_nobody_is_asked(loaded: Loaded) -> None:
    assert loaded.installation.column("select name from excel.links order by row_no") == ["b", "7"]
    assert loaded.asked == []


def test_one_that_takes_too_long_is_given_up_and_the_next_is_loaded(
    new_installation: NewInstallation, tmp_path: Path
) -> None:
    with new_installation(tmp_path) as installation, installation.environment():
        write_slow(tmp_path / "data" / "a slow one" / "a.xlsx")
        write_staff(tmp_path / "data" / "staff" / "a.xlsx", 1)
        settings = load_settings()
        slow, staff = tasks_of(settings, find_workbooks(settings.workbooks_dir), "test")
        started = time.monotonic()
        with Reader(seconds=2) as reader:
            outcome = load_workbook(installation.warehouse, reader, slow)
            assert (outcome.status, outcome.code) == ("failed", "took_too_long")
            assert time.monotonic() - started < 60
            assert load_workbook(installation.warehouse, reader, staff).status == "loaded"
        assert installation.column("select reasons -> 0 ->> 'rule' from ops.dead_letters") == ["took_too_long"]
