"""kill -9 while workbooks are loaded, at every named point and at any moment: all of a workbook's rows, or none."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.faults.workbooks import (
    BESIDE,
    POINTS,
    ROWS,
    Folder,
    gone_within,
    parts_left_in,
    readers_of,
    write_small,
    write_versions,
)
from hrdata_assets_tests.systems.workbooks.test_xlsx import written

pytestmark = [pytest.mark.faults, pytest.mark.slow]

NONE = (0, None)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_versions(tmp_path_factory.mktemp("versions"))


@pytest.fixture
def folder(new_installation: NewInstallation, tmp_path: Path, versions: dict[str, Path]) -> Iterator[Folder]:
    """A folder of two workbooks that are not loaded yet; parts are small, so that there are many."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with new_installation(tmp_path, ETL_CHUNK_SIZE="1000", TMPDIR=str(temporary)) as installation:
        made = Folder(installation, versions)
        made.deliver("old")
        write_small(made.data)
        yield made


@pytest.fixture
def loaded(folder: Folder) -> Folder:
    """The same, loaded, with another version of the large workbook in its place."""
    assert folder.load_here() == {"loaded"}
    folder.assert_is_whole("old")
    folder.deliver("new")
    return folder


def assert_next_load_needs_no_help(folder: Folder, version: str) -> None:
    for statuses in ({"loaded", "already"}, {"already"}):
        assert folder.load_here() <= statuses
        folder.assert_is_whole(version)


@pytest.mark.parametrize("point", POINTS)
def test_a_first_load_killed_there_leaves_all_rows_or_none(folder: Folder, point: str) -> None:
    code, told = folder.load(f"{point}:kill:excel/staff")
    assert code == -signal.SIGKILL, told
    assert folder.found() == ((ROWS, "old") if point == "after_commit" else NONE)
    assert_next_load_needs_no_help(folder, "old")


@pytest.mark.parametrize("point", POINTS)
def test_a_load_of_another_version_killed_there_leaves_the_old_one_or_the_new(loaded: Folder, point: str) -> None:
    code, told = loaded.load(f"{point}:kill:excel/staff")
    assert code == -signal.SIGKILL, told
    loaded.assert_is_whole("new" if point == "after_commit" else "old")
    assert_next_load_needs_no_help(loaded, "new")


@pytest.mark.parametrize("point", POINTS)
def test_a_load_by_key_killed_there_leaves_the_newest_row_of_each_key(folder: Folder, point: str) -> None:
    folder.name_key("Number")
    assert folder.load_here() == {"loaded"}
    before = {"old": ROWS - BESIDE, "beside": BESIDE}, {"old": BESIDE}
    assert folder.by_key() == before
    folder.deliver("new")
    code, told = folder.load(f"{point}:kill:excel/staff")
    assert code == -signal.SIGKILL, told
    after = {"new": ROWS}, {"beside": BESIDE}
    assert folder.by_key() == (after if point == "after_commit" else before)
    assert folder.load_here() <= {"loaded", "already"}
    assert folder.by_key() == after


@pytest.mark.parametrize("point", POINTS)
def test_a_failure_there_is_told_and_leaves_all_rows_or_none(folder: Folder, point: str) -> None:
    code, told = folder.load(f"{point}:raise:excel/staff")
    assert code == 1, told
    assert point in told
    assert "Traceback" not in told
    assert list(folder.temporary.iterdir()) == []
    assert folder.found() == ((ROWS, "old") if point == "after_commit" else NONE)
    # What is no workbook's own fault stops loading until somebody has seen to it.
    assert folder.load_here("resume") <= {"loaded", "already"}
    assert_next_load_needs_no_help(folder, "old")


@pytest.mark.parametrize("moment", range(5))
def test_a_load_killed_at_any_moment_leaves_one_version_or_the_other(loaded: Folder, moment: int) -> None:
    process = loaded.start()
    until = time.monotonic() + 60
    while not readers_of(loaded.installation):
        assert time.monotonic() < until, "no reader was ever started"
    time.sleep(random.Random(moment).uniform(0.0, 1.5))
    process.kill()
    loaded.end(process)
    count, version = loaded.found()
    assert (count, version) in ((ROWS, "old"), (ROWS, "new"))
    loaded.assert_is_whole(str(version))
    assert_next_load_needs_no_help(loaded, "new")


def test_a_reader_at_work_is_gone_with_whoever_started_it(folder: Folder) -> None:
    # A comment in every row makes every piece one for the exact reader, which takes long for so many.
    rows = (f'<row r="{n}"><!-- --><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_000_000))
    written(folder.data / "staff" / "a huge one.xlsx", "".join(rows))
    process = folder.start()
    until = time.monotonic() + 60
    while not any(reader.cpu_times().user > 2 for reader in readers_of(folder.installation)):
        assert time.monotonic() < until, "no reader came to work"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert gone_within(folder.installation, seconds=30) == []
    assert parts_left_in(folder.temporary) == []
