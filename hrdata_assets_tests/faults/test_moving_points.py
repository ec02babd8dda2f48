"""kill -9 while records are brought to core, and while they are taken to a system: nothing lost, nobody twice."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets.exchange.into_core import IntoCore
from hrdata_assets.storage.session import session_of
from hrdata_assets.systems.bullhorn.tables import Candidate
from hrdata_assets.unified.records import UnifiedProfile
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import hrdata_command
from hrdata_assets_tests.sync.worlds import Synced, called, followed

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PEOPLE = 6_000
"""Two batches of core's."""

PUSHED = 30
UNIFY = (
    *("after_claim", "mid_copy", "before_publish", "mid_publish"),
    *("before_commit", "after_commit", "after_score", "before_event"),
)
PUSH = ("after_claim", "mid_publish", "before_publish", "before_commit", "after_commit")


@pytest.fixture
def it(new_installation: NewInstallation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Synced]:
    world = called("bullhorn")
    with followed(world, new_installation, tmp_path, people=PEOPLE, **world.large) as found:
        for name, value in found.variables.items():
            monkeypatch.setenv(name, value)
        yield found


def killed(it: Synced, fault: str, *command: str) -> None:
    """Run a command that is killed at a point."""
    environment = {
        **it.installation.process_environment(),
        **it.variables,
        "HRDATA_TESTING": "1",
        "HRDATA_FAULT": fault,
    }
    done = subprocess.run(hrdata_command(*command), env=environment, cwd=it.installation.folder, check=False,
                          capture_output=True, text=True, timeout=90)  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize("point", UNIFY)
def test_bringing_to_core_killed_there_is_taken_up_by_the_next(it: Synced, point: str) -> None:
    it.sync()
    killed(it, f"{point}:kill:core/candidates", "unify")
    told = hrdata("unify", "--json").told
    (people,) = (row for row in told if row["from"] == it.world.table.name)
    assert people["staged"] == people["here"] == len(it.rows("id", "true"))
    states = it.installation.rows("select count(*), count(distinct source_id), count(valid_to) from core.candidates")
    assert states[0][:2] == (people["staged"] - len(waiting(it)), states[0][0])
    assert states[0][2] == 0
    counted = "select status, count(*) from ops.syncs where system = 'core' and object = 'candidates' group by 1"
    assert [status for status, _ in it.installation.rows(counted)] == ["complete"]


def waiting(it: Synced) -> list[str]:
    return it.installation.column(
        "select record from ops.dead_letters where asset_key = 'core/candidates' and status = 'open'"
    )


@pytest.mark.parametrize("point", PUSH)
def test_a_push_killed_there_is_taken_up_by_the_next_and_nobody_is_there_twice(it: Synced, point: str) -> None:
    people = [
        {"system": "elsewhere", "source_id": str(n), "name": f"Ann Example{n}", "first_name": "Ann",
         "last_name": f"Example{n}", "email": f"ann{n}@home.example", "status": "active", "delivery": "d" * 16,
         "row_no": n} for n in range(1, PUSHED + 1)
    ]  # fmt: skip
    with session_of(it.warehouse) as session:
        list(IntoCore(session, Candidate.table, "f1").write(UnifiedProfile.table, people, "source_id"))
    killed(it, f"{point}:kill:pushed/bullhorn_candidates", "push", "bullhorn", "--batch-size", "10")
    assert hrdata("push", "bullhorn").code == 0
    there = [r["externalID"] for r in it.fake.records("Candidate") if str(r["externalID"]).startswith("elsewhere:")]
    assert sorted(there) == sorted(f"elsewhere:{n}" for n in range(1, PUSHED + 1))
    again = hrdata("push", "bullhorn", "--json").told
    assert (again["written"], again["unchanged"]) == (0, PUSHED)
