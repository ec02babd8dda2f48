"""Everything of `hrdata dev` is killed, run worker and code server too: the run is told failed soon after a restart."""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from hrdata_assets_tests.builders import write_reports
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation, hrdata_command
from hrdata_assets_tests.planting import a_planted_quarter, tellers
from hrdata_assets_tests.test_dev import Dev, free_port, standing_still, started_run, status_of, wait_until
from hrdata_assets_tests.victim import grave, verify

pytestmark = [pytest.mark.faults, pytest.mark.slow]


def start(installation: Installation, port: int) -> Dev:
    with (installation.folder / "dev.log").open("ab") as log:
        process = subprocess.Popen(
            hrdata_command("dev"),
            env=installation.process_environment(),
            cwd=installation.folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Dev(installation, process, port)


def family(dev: Dev) -> list[psutil.Process]:
    """`hrdata dev`, its daemon and webserver, their code servers, and the workers of runs."""
    mine = psutil.Process(dev.process.pid)
    return [mine, *mine.children(recursive=True)]


def end(dev: Dev) -> None:
    processes = family(dev)
    dev.process.send_signal(signal.SIGTERM)
    dev.process.wait(timeout=60)
    for left in psutil.wait_procs(processes, timeout=60)[1]:
        left.kill()


def test_a_run_is_told_failed_within_a_minute_of_the_restart(new_installation: NewInstallation, tmp_path: Path) -> None:
    port = free_port()
    with new_installation(HRDATA_UI_PORT=str(port)) as made:
        dev = start(made, port)
        try:
            wait_until(dev.is_up, "the UI is up")
            with standing_still(dev, "2026-Q4"):
                run_id, pid = started_run(made, "2026-Q4")
                processes = family(dev)
                assert pid in {process.pid for process in processes}
                assert any("api" in process.cmdline() for process in processes), "no code server among them"
                for process in processes:
                    os.kill(process.pid, signal.SIGKILL)
                dev.process.wait(timeout=30)
                _, alive = psutil.wait_procs(processes, timeout=30)
                assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
                dev = start(made, port)
                wait_until(dev.is_up, "the UI is up again")
                wait_until(lambda: status_of(dev, run_id) == "FAILURE", "the run is told failed", seconds=60)
            wait_until(lambda: "SUCCESS" in dev.ended_runs("2026-Q4"), "the run was started again")
        finally:
            end(dev)
        assert grave(verify(made.warehouse, read_archive=True)) == []
        assert tellers(made, made.folder / "dev.log") == []
        with new_installation() as calm:
            write_reports(calm.quarter_folder("2026-Q4"), a_planted_quarter(1, 2))
            calm.load("2026-Q4")
            people = "select u::text from core.users u order by 1"
            assert made.column(people) == calm.column(people) != []
