"""kill -9 while a system is pulled, at every point and at any moment: no record lost, none double, the cursor right."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets.errors import SystemUnavailable
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import hrdata_command
from hrdata_assets_tests.sync.worlds import BY_JOBS, WORLDS, Synced, World, followed

pytestmark = [pytest.mark.faults, pytest.mark.slow]

POINTS = (
    *("after_claim", "mid_copy", "before_publish", "mid_publish"),
    *("before_commit", "after_commit", "after_score", "before_event"),
)
"""Every point that a sync passes beside archiving."""


@pytest.fixture(params=(*WORLDS, BY_JOBS), ids=lambda world: world.label, scope="module")
def world(request: pytest.FixtureRequest) -> World:
    chosen: World = request.param
    return chosen


@pytest.fixture
def it(world: World, new_installation: NewInstallation, tmp_path: Path) -> Iterator[Synced]:
    with followed(world, new_installation, tmp_path, people=world.crowd, **world.large) as found:
        yield found


def start(it: Synced, fault: str = "") -> subprocess.Popen[str]:
    """A pull of the world's object in a process of its own."""
    environment = {**it.installation.process_environment(), **it.variables, "HRDATA_TESTING": "1"}
    short = it.world.table.name.removeprefix(f"{it.world.name}_")
    return subprocess.Popen(
        hrdata_command("pull", it.world.name, short, *(["--full"] if it.ids() else [])),
        env=environment | ({"HRDATA_FAULT": fault} if fault else {}),
        cwd=it.installation.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def next_sync(it: Synced) -> None:
    """The next one, which the server lets in as soon as it has noticed that the other is dead."""
    until = time.monotonic() + 60
    while True:
        try:
            it.sync()
        except SystemUnavailable as error:
            if "another run" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def assert_next_needs_no_help(it: Synced) -> None:
    next_sync(it)
    it.assert_complete()
    # What the sync that was cut off had stored is not read again, but for a page that was on its way.
    read = it.installation.one("select sum(read) from ops.syncs where system <> 'core'")
    assert it.given() <= read <= 2 * it.given()
    assert it.installation.one("select count(*) from ops.sync_keys") == 0
    again = it.sync()
    assert (again.counts.inserted, again.counts.updated, again.counts.removed) == (0, 0, 0)


@pytest.mark.parametrize("point", POINTS)
def test_a_pull_killed_there_is_taken_up_by_the_next(it: Synced, point: str) -> None:
    process = start(it, f"{point}:kill:staged/{it.world.table.name}")
    _, told = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, told
    assert_next_needs_no_help(it)


def test_a_pull_killed_after_archiving_a_page_is_taken_up_by_the_next(it: Synced) -> None:
    process = start(it, f"after_archive:kill:{it.world.name}")
    _, told = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, told
    assert_next_needs_no_help(it)


@pytest.mark.parametrize("moment", range(4))
def test_a_pull_killed_at_any_moment_is_taken_up_by_the_next(it: Synced, moment: int) -> None:
    process = start(it)
    until = time.monotonic() + 60
    while not it.calls():
        assert time.monotonic() < until, "nothing was ever asked"
        time.sleep(0.02)
    time.sleep(random.Random(moment).uniform(0.0, 2.0))
    process.kill()
    process.communicate(timeout=30)
    assert_next_needs_no_help(it)
