"""Eight runs of one quarter at once: all end, and the quarter is loaded once and whole."""

import subprocess

import pytest

from hrdata_assets_tests.installation import hrdata_command
from hrdata_assets_tests.planting import PLANTED
from hrdata_assets_tests.victim import QUARTER, Victim

pytestmark = [pytest.mark.faults, pytest.mark.slow]

RUNS = 8


def test_eight_runs_of_one_quarter_publish_it_once(victim: Victim) -> None:
    made, after = victim.installation, victim.other
    newest = made.one("select max(load_id) from ops.loads")
    victim.deliver(after)
    runs = [
        subprocess.Popen(
            hrdata_command("run", "--quarter", QUARTER),
            env=made.process_environment(),
            cwd=made.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(RUNS)
    ]
    told = [run.communicate(timeout=240)[1] for run in runs]
    assert sum(run.returncode == 0 for run in runs) >= 1
    for run, text in zip(runs, told, strict=True):
        assert run.returncode == 0 or "another run is working on it" in text, text
        assert PLANTED not in text
    # Once each: every staged table that differs, every core table, the KPIs.
    twice = "select asset_key from ops.loads where load_id > %s and partition_key = %s group by 1 having count(*) > 1"
    assert made.column(twice, newest, QUARTER) == []
    victim.assert_became(after)
