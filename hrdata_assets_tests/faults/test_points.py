"""kill -9 at every named point of every kind of asset: what is published is whole, and the next run needs no help."""

import signal

import pytest

from hrdata_assets_tests.planting import PLANTED
from hrdata_assets_tests.test_faults import OF_GROUPS, OF_PROFILE, OF_RAW, OF_STAGED
from hrdata_assets_tests.victim import QUARTER, Victim, faulty_run, still_started

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KINDS = {
    "raw/flowcase_project_experiences": OF_RAW,
    "staged/flowcase_project_experiences": OF_STAGED,
    "core": OF_GROUPS,
    "marts/kpis": OF_GROUPS,
    "marts/cv_search_profile_mv": OF_PROFILE,
}
CASES = [(asset, point) for asset, points in KINDS.items() for point in sorted(points)]


@pytest.mark.parametrize(("asset", "point"), CASES, ids=[f"{a.replace('/', '_')}-{p}" for a, p in CASES])
def test_a_run_killed_there_leaves_whole_versions_and_the_next_one_needs_no_help(
    victim: Victim, asset: str, point: str
) -> None:
    after = victim.other
    victim.deliver(after)
    process = faulty_run(victim.installation, f"{point}:kill:{asset}")
    _, told = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, told
    assert PLANTED not in told
    found = victim.assert_whole()
    if asset == "core":
        published = point in ("after_commit", "before_event")
        assert (found["core"] == victim.core_of(after)) is published
    assert still_started(victim.installation) == []
    victim.installation.load(QUARTER)
    victim.assert_became(after)
