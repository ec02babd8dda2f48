"""No value out of a row is told after faults either: the searches of test_discreet.py, over other wreckage."""

import signal
import subprocess
from collections.abc import Iterator

import pytest

from hrdata_assets.faults import FAULT, TESTING
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation, hrdata_command
from hrdata_assets_tests.planting import PLANTED, a_planted_quarter
from hrdata_assets_tests.test_discreet import (
    PEOPLE,
    Aftermath,
    a_spoiled_report,
    spoil_files,
    test_dagsters_database_does_not_hold_it,
    test_no_file_beside_the_archive_holds_it,
    test_the_console_does_not_tell_it,
    test_the_ledger_and_the_reasons_of_letters_do_not_tell_it,
    test_the_servers_log_does_not_tell_it,
)

pytestmark = [pytest.mark.faults, pytest.mark.slow]

__all__ = [
    "test_dagsters_database_does_not_hold_it",
    "test_no_file_beside_the_archive_holds_it",
    "test_the_console_does_not_tell_it",
    "test_the_ledger_and_the_reasons_of_letters_do_not_tell_it",
    "test_the_servers_log_does_not_tell_it",
]

FAULTS = {
    "mid_copy:kill:staged/flowcase_technologies": ("2026-Q1", -signal.SIGKILL),
    "mid_copy:raise:staged/flowcase_users": ("2026-Q2", 1),
    "after_copy:raise:core": ("2026-Q1", 1),
    "mid_publish:kill:core": ("2026-Q1", -signal.SIGKILL),
    "before_commit:kill:marts": ("2026-Q1", -signal.SIGKILL),
}
"""What is asked for, in the order in which each is still come by; of which quarter, and how the run ends."""


def run_with(made: Installation, asked: str, quarter: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        hrdata_command("run", "--quarter", quarter),
        env={**made.process_environment(), TESTING: "1", FAULT: asked},
        cwd=made.folder,
        text=True,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def aftermath(new_installation: NewInstallation) -> Iterator[Aftermath]:
    """Spoiled rows and held reports, each met by an error or a kill at some point, and then loaded after all."""
    with new_installation() as made:
        folder = made.quarter_folder("2026-Q1")
        folder.mkdir(parents=True)
        planted = a_planted_quarter(*range(1, PEOPLE + 1))
        for report, rows in planted.items():
            (folder / f"{report}.csv").write_bytes(a_spoiled_report(report, rows))
        spoil_files(made.quarter_folder("2026-Q2"), planted)
        runs = [run_with(made, asked, quarter) for asked, (quarter, _) in FAULTS.items()]
        assert [run.returncode for run in runs] == [code for _, code in FAULTS.values()]
        failed = [run for run in runs if run.returncode == 1]
        assert all("a fault was asked for" in run.stderr for run in failed)
        done = made.hrdata("run", "--quarter", "2026-Q1")
        yield Aftermath(made, (done, *runs))  # type: ignore[arg-type]


def test_the_word_is_among_the_rows(aftermath: Aftermath) -> None:
    found = f"select count(*) from core.users u where u::text like '%{PLANTED}%'"
    assert aftermath.installation.one(found) > 100
    letters = f"select count(*) from ops.dead_letters where payload::text like '%{PLANTED}%'"
    assert aftermath.installation.one(letters) > 10
