"""Reports that are replaced, deleted or written to while they are read, and folders that are still being copied."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg
import pytest

from hrdata_assets.defs.sensors import report_folders
from hrdata_assets.errors import HRDataError, SystemUnavailable
from hrdata_assets.systems.files import read_report
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.victim import QUARTER, VERSIONS, Victim

pytestmark = [pytest.mark.faults, pytest.mark.slow]

MOST = 1 << 30


@contextmanager
def meanwhile(change: Callable[[], None]) -> Iterator[None]:
    """Do something again and again while the block runs."""
    over = threading.Event()

    def again() -> None:
        while not over.is_set():
            change()

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def replace_with(version: Path, target: Path) -> None:
    part = target.with_suffix(".part")
    shutil.copyfile(version, part)
    part.replace(target)


def test_a_report_that_is_replaced_or_deleted_is_read_whole_or_not_at_all(victim: Victim, tmp_path: Path) -> None:
    reports = [victim.versions / version / "project_experiences.csv" for version in VERSIONS]
    target = tmp_path / "project_experiences.csv"
    whole = {path.read_bytes() for path in reports}

    def change() -> None:
        for path in reports:
            replace_with(path, target)
        target.unlink()

    read: set[bytes | None] = set()
    deadline = time.monotonic() + 30
    with meanwhile(change):
        while len(read) < 3 and time.monotonic() < deadline:
            read.add(read_report(tmp_path, "project_experiences", MOST))
    assert read == {*whole, None}


def test_a_report_that_is_written_to_is_not_taken_for_whole(tmp_path: Path) -> None:
    target = tmp_path / "user_report.csv"
    target.write_bytes(b"a" * (32 << 20))
    refused: list[str] = []

    def change() -> None:
        with target.open("ab") as file:
            file.write(b"b")
        time.sleep(0.001)

    deadline = time.monotonic() + 30
    with meanwhile(change):
        while len(refused) < 10 and time.monotonic() < deadline:
            try:
                read_report(tmp_path, "user_report", MOST)
            except SystemUnavailable as error:
                refused.append(str(error))
    assert len(refused) == 10
    assert "was written to while it was read" in refused[0]


def test_a_quarter_whose_reports_change_under_the_load_is_whole_when_they_have_settled(victim: Victim) -> None:
    made, after = victim.installation, victim.other
    folder = made.quarter_folder(QUARTER)
    names = sorted(path.name for path in (victim.versions / after).glob("*.csv"))

    def change() -> None:
        for version in VERSIONS:
            for name in names:
                replace_with(victim.versions / version / name, folder / name)

    with meanwhile(change):
        for _ in range(5):
            with suppress(HRDataError):
                made.load(QUARTER)
    victim.assert_rows_are_of_deliveries()
    victim.deliver(after)
    made.load(QUARTER)
    victim.assert_became(after)


def asked_for(installation: Installation, instance: dg.DagsterInstance, cursor: str | None) -> tuple[list[str], str]:
    """Quarters that one look of the sensor asks for, and its cursor."""
    with installation.environment():
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        result = report_folders(context)
    return [str(request.partition_key) for request in result.run_requests or ()], str(result.cursor)


def test_a_folder_is_asked_for_once_it_is_copied_and_not_before(victim: Victim, installation: Installation) -> None:
    source = victim.versions / "A"
    target = installation.quarter_folder(QUARTER)
    target.mkdir(parents=True)
    instance, cursor = dg.DagsterInstance.ephemeral(), None
    for path in sorted(source.glob("*.csv")):
        content = path.read_bytes()
        # As a copy over the network does it: a piece, a look of the sensor, another piece.
        for end in (len(content) // 3, len(content)):
            with (target / path.name).open("ab") as file:
                file.write(content[file.tell() : end])
            found, cursor = asked_for(installation, instance, cursor)
            assert found == []
    (target / "late.csv.part").write_bytes(b"still coming")
    for _ in range(3):
        found, cursor = asked_for(installation, instance, cursor)
        assert found == []
    (target / "late.csv.part").unlink()
    looks = []
    for _ in range(4):
        found, cursor = asked_for(installation, instance, cursor)
        looks += found
    assert looks == [QUARTER]
    assert json.loads(cursor)[QUARTER]["attempt"] == "1"
