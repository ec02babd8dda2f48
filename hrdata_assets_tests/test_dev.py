"""`hrdata dev`: webserver and daemon for real; a folder is dropped, and nothing else is done by hand."""

import json
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from hrdata_assets_tests.builders import a_quarter, write_reports
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation, hrdata_command

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
        return dict(self.ask(asset)["assetNodeOrError"]["partitionStats"])


def wait_until(holds: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE
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


def test_a_dropped_folder_becomes_a_green_partition_by_itself(dev: Dev):
    write_reports(dev.installation.quarter_folder("2026-Q3"), a_quarter(1, 2, 3))
    wait_until(lambda: dev.ended_runs("2026-Q3"), "the quarter is loaded")
    assert dev.ended_runs("2026-Q3") == ["SUCCESS"]
    for layer, table in (("raw", "flowcase_users"), ("staged", "flowcase_users"), ("core", "cvs"), ("marts", "kpis")):
        assert dev.partitions(layer, table) == {"numPartitions": 1, "numMaterialized": 1, "numFailed": 0}
    assert dev.installation.one("select count(*) from current.users") == 3


def test_a_spoiled_report_turns_red_and_what_was_published_stays(dev: Dev):
    spoil(dev.installation.quarter_folder("2026-Q3") / "user_report.csv")
    wait_until(lambda: "FAILURE" in dev.ended_runs("2026-Q3"), "the spoiled report was looked at")
    assert dev.partitions("staged", "flowcase_users")["numFailed"] == 1
    assert dev.installation.one("select count(*) from current.users") == 3


def spoil(report: Path) -> None:
    part = report.with_suffix(".part")
    part.write_bytes(b"<html>please sign in</html>")
    part.replace(report)
