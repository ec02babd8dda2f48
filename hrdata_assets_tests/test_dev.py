"""`hrdata dev`: webserver and daemon for real; a folder is dropped, and nothing else is done by hand."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest

from hrdata_assets.defs.instance import dagster_instance
from hrdata_assets.settings import load_settings
from hrdata_assets_tests.builders import write_reports
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.excel.sheets import workbook
from hrdata_assets_tests.installation import Installation, hrdata_command
from hrdata_assets_tests.planting import a_planted_quarter, tellers

pytestmark = pytest.mark.slow

PATIENCE = 120.0


class Dev:
    """A running `hrdata dev` and what its UI knows."""

    def __init__(self, installation: Installation, process: subprocess.Popen[bytes], port: int) -> None:
        self.installation = installation
        self.process = process
        self.port = port

    def ask(self, query: str) -> dict[str, Any]:
        """Ask the GraphQL API, as the UI does."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            data=json.dumps({"query": query}).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer)["data"])

    def is_up(self) -> bool:
        try:
            location = self.ask("{workspaceOrError{...on Workspace{locationEntries{loadStatus}}}}")
        except OSError:
            return False
        return location["workspaceOrError"]["locationEntries"][0]["loadStatus"] == "LOADED"

    def ended_runs(self, quarter: str) -> list[str]:
        """How the runs of a quarter ended, newest first; those that go on are left out."""
        found = self.ask("{runsOrError{...on Runs{results{status tags{key value}}}}}")["runsOrError"]["results"]
        mine = [r for r in found if {"key": "dagster/partition", "value": quarter} in r["tags"]]
        return [r["status"] for r in mine if r["status"] in ("SUCCESS", "FAILURE")]

    def partitions(self, layer: str, table: str) -> dict[str, int]:
        """How many of an asset's partitions are there, and how many are green or red."""
        asset = (
            f'{{assetNodeOrError(assetKey:{{path:["{layer}","{table}"]}}){{...on AssetNode{{'
            "partitionStats{numPartitions numMaterialized numFailed}}}}"
        )
        return dict(self.ask(asset)["assetNodeOrError"].get("partitionStats") or {})


def wait_until(holds: Callable[[], Any], what: str, *, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def dev(new_installation: NewInstallation) -> Iterator[Dev]:
    port = free_port()
    with new_installation(HRDATA_UI_PORT=str(port)) as installation:
        with (installation.folder / "dev.log").open("wb") as log:
            process = subprocess.Popen(
                hrdata_command("dev"),
                env=installation.process_environment(),
                cwd=installation.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # As a script's background job has it; stopping must work all the same.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
            )
        running = Dev(installation, process, port)
        try:
            wait_until(running.is_up, "the UI is up")
            yield running
        finally:
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
            _, alive = psutil.wait_procs(family, timeout=60)
            for left in alive:
                left.kill()
        assert not alive, "processes outlived `hrdata dev`"
        assert tellers(installation, installation.folder / "dev.log") == []


def test_a_dropped_folder_becomes_a_green_partition_by_itself(dev: Dev):
    write_reports(dev.installation.quarter_folder("2026-Q3"), a_planted_quarter(1, 2, 3))
    wait_until(lambda: dev.ended_runs("2026-Q3"), "the quarter is loaded")
    assert dev.ended_runs("2026-Q3") == ["SUCCESS"]
    for layer, table in (("raw", "flowcase_users"), ("staged", "flowcase_users"), ("core", "cvs"), ("marts", "kpis")):
        assert dev.partitions(layer, table) == {"numPartitions": 1, "numMaterialized": 1, "numFailed": 0}
    assert dev.installation.one("select count(*) from current.users") == 3


def test_workbooks_copied_in_bulk_become_green_partitions_by_themselves(dev: Dev):
    root = dev.installation.folder / "data"
    for folder, count in (("staff", 30), ("staff/leavers", 2)):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            rows = [["Name", "FTE"], [f"{folder} {number}", number]]
            (root / folder / f"{number}.xlsx").write_bytes(workbook(rows, number))
    for table, count in (("staff", 30), ("staff_leavers", 2)):
        green = {"numPartitions": count, "numMaterialized": count, "numFailed": 0}
        wait_until(lambda t=table, g=green: dev.partitions("excel", t) == g, f"{table} is green")
        assert dev.installation.one(f"select count(*) from excel.{table}") == count


@pytest.mark.faults
def test_a_spoiled_report_turns_red_and_what_was_published_stays(dev: Dev):
    write_reports(dev.installation.quarter_folder("2026-Q3"), a_planted_quarter(1, 2, 3))
    wait_until(lambda: dev.ended_runs("2026-Q3"), "the quarter is loaded")
    spoil(dev.installation.quarter_folder("2026-Q3") / "user_report.csv")
    wait_until(lambda: "FAILURE" in dev.ended_runs("2026-Q3"), "the spoiled report was looked at")
    assert dev.partitions("staged", "flowcase_users")["numFailed"] == 1
    assert dev.installation.one("select count(*) from current.users") == 3


@pytest.mark.faults
def test_a_run_whose_process_was_killed_is_told_failed_and_started_again(dev: Dev):
    with standing_still(dev, "2026-Q4"):
        (run_id, pid) = started_run(dev.installation, "2026-Q4")
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: status_of(dev, run_id) == "FAILURE", "the killed run is told failed", seconds=60)
    wait_until(lambda: "SUCCESS" in dev.ended_runs("2026-Q4"), "the run was started again")
    assert dev.ended_runs("2026-Q4") == ["SUCCESS", "FAILURE"]
    assert dev.installation.one("select count(*) from core.users where quarter = '2026-Q4'") == 2


@pytest.mark.faults
def test_a_command_that_was_killed_is_told_failed_and_not_started_again(dev: Dev):
    installation = dev.installation
    with standing_still(dev, "2025-Q4", by_hand=True):
        command = subprocess.Popen(
            hrdata_command("run", "--quarter", "2025-Q4", "--data-folder", "elsewhere"),
            env=installation.process_environment(),
            cwd=installation.folder,
            stderr=subprocess.DEVNULL,
        )
        (run_id, pid) = started_run(installation, "2025-Q4")
        assert pid == command.pid
        command.kill()
        command.wait(timeout=30)
        wait_until(lambda: status_of(dev, run_id) == "FAILURE", "the killed run is told failed", seconds=60)
    assert dev.ended_runs("2025-Q4") == ["FAILURE"]


@pytest.mark.faults
def test_a_connection_that_is_cut_is_tried_again_within_the_run(dev: Dev):
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'hrdata: staged/%'"
    with standing_still(dev, "2027-Q1"):
        started_run(dev.installation, "2027-Q1")
        wait_until(lambda: True in dev.installation.column(cut), "a publication's connection is cut")
    wait_until(lambda: dev.ended_runs("2027-Q1"), "the run has ended")
    assert dev.ended_runs("2027-Q1") == ["SUCCESS"]
    assert dev.installation.one("select quarter from current.quarter") == "2027-Q1"


@contextmanager
def standing_still(dev: Dev, quarter: str, *, by_hand: bool = False) -> Iterator[None]:
    """Deliver a quarter whose publication waits until the block ends: somebody holds one of its tables."""
    folder = dev.installation.quarter_folder(quarter)
    if by_hand:
        # Where the sensor does not look.
        folder = dev.installation.folder / "elsewhere" / folder.name
    with dev.installation.warehouse.connect("test holds a table") as connection:
        connection.execute("lock table staged.flowcase_users in access exclusive mode")
        write_reports(folder, a_planted_quarter(1, 2))
        yield


def started_run(installation: Installation, quarter: str) -> tuple[str, int]:
    """Run and process that work on a quarter, once there are any."""
    found: list[tuple[str, int]] = []

    def there_is_one() -> bool:
        with installation.environment(), dagster_instance(load_settings()) as instance:
            filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED], tags={"dagster/partition": quarter})
            for run in instance.get_runs(filters):
                (start,) = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_START).records
                event = start.event_log_entry.dagster_event
                found.append((run.run_id, int(event.pid or 0) if event else 0))
        return bool(found)

    wait_until(there_is_one, "a run has started")
    return found[0]


def status_of(dev: Dev, run_id: str) -> str:
    found = dev.ask(f'{{runOrError(runId:"{run_id}"){{...on Run{{status}}}}}}')
    return str(found["runOrError"]["status"])


def spoil(report: Path) -> None:
    part = report.with_suffix(".part")
    part.write_bytes(b"<html>please sign in</html>")
    part.replace(report)
