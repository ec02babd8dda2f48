"""An installation that something is done to, and what it must look like afterwards, whatever was done."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import psutil

from hrdata_assets.catalogue import STAGED
from hrdata_assets.defs.instance import dagster_instance
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets.verify.answers import Answer, verify
from hrdata_assets_tests.installation import Installation, dump, hrdata_command
from hrdata_assets_tests.planting import PLANTED, plant_folder, tellers

EARLIER, QUARTER = "2025-Q4", "2026-Q1"
VERSIONS = {"A": (60, 1), "B": (75, 2)}

Dump = dict[str, bytes]


@dataclass
class Victim:
    """An installation with one of two versions published, and what each looks like if nothing goes wrong."""

    installation: Installation
    versions: Path
    undisturbed: dict[str, Dump]
    published: str = "A"

    @property
    def other(self) -> str:
        return "B" if self.published == "A" else "A"

    def deliver(self, version: str) -> None:
        """Put a version's reports into the quarter's folder."""
        shutil.copytree(self.versions / version, self.installation.quarter_folder(QUARTER), dirs_exist_ok=True)

    def assert_whole(self) -> dict[str, Dump]:
        """Every group is of the one version or of the other, in the order in which they are made; returns them."""
        wait_until_nobody_works(self.installation)
        dumped = all_of(self.installation)
        found, old, new = (groups(d) for d in (dumped, self.undisturbed[self.published], self.undisturbed[self.other]))
        assert found.keys() == old.keys()
        assert {name for name, rows in found.items() if rows not in (old[name], new[name])} == set()
        renewed = [table.name for table in STAGED if found[table.name] == new[table.name]]
        assert found["core"] == old["core"] or len(renewed) == len(STAGED)
        assert found["kpis"] == old["kpis"] or found["core"] == new["core"]
        assert grave(verify(self.installation.warehouse, read_archive=True)) == []
        return found

    def assert_rows_are_of_deliveries(self) -> None:
        """No promise is broken, whichever mixture of deliveries was taken."""
        wait_until_nobody_works(self.installation)
        assert grave(verify(self.installation.warehouse, read_archive=True)) == []

    def renewed(self, found: dict[str, Dump]) -> int:
        """How many of the staged tables are of the other version."""
        new = groups(self.undisturbed[self.other])
        return sum(found[table.name] == new[table.name] for table in STAGED)

    def core_of(self, version: str) -> Dump:
        """What core looks like in a version."""
        return groups(self.undisturbed[version])["core"]

    def assert_became(self, version: str) -> None:
        """Row by row what it would be if nothing had ever gone wrong, and no promise broken or work left."""
        wait_until_nobody_works(self.installation)
        assert all_of(self.installation) == self.undisturbed[version]
        answers = verify(self.installation.warehouse, read_archive=True)
        assert grave(answers) == []
        assert [a.question for a in answers if not a.holds] in ([], ["archive_holds_whole_files"])
        self.published = version


@contextmanager
def a_victim(new_installation: Callable[..., Any], folder: Path, server_log: Path | None) -> Iterator[Victim]:
    """Make one, with an earlier quarter and version A published; whatever is done to it, it tells nobody of anybody."""
    write_quarter(folder / EARLIER, Quarter(2025, 4), people=50, seed=1, dialect="seed")
    for version, (people, seed) in VERSIONS.items():
        write_quarter(folder / version, Quarter(2026, 1), people=people, seed=seed, dialect="seed")
    for version in (EARLIER, *VERSIONS):
        plant_folder(folder / version)
    undisturbed = {}
    with new_installation() as calm, new_installation() as made:
        for installation in (calm, made):
            shutil.copytree(folder / EARLIER, installation.quarter_folder(EARLIER))
            installation.load(EARLIER)
        for version in ("B", "A"):
            shutil.copytree(folder / version, calm.quarter_folder(QUARTER), dirs_exist_ok=True)
            calm.load(QUARTER)
            undisturbed[version] = all_of(calm)
        victim = Victim(made, folder, undisturbed)
        victim.deliver("A")
        made.load(QUARTER)
        assert all_of(made) == undisturbed["A"] != undisturbed["B"]
        assert PLANTED.encode() in undisturbed["A"]["core.users"]
        yield victim
        assert tellers(made, server_log) == []


def all_of(installation: Installation) -> Dump:
    return dump(installation, "staged", "core", "current", "marts", "held")


def groups(dumped: Dump) -> dict[str, Dump]:
    """What is published together: each staged table, core with its views, the KPIs; the profile follows by itself."""
    found: dict[str, Dump] = {}
    for name, rows in dumped.items():
        if name == "marts.quality":
            # Scores are each load's own: they are of all these groups, and of none.
            continue
        schema, _, table = name.replace('"', "").partition(".")
        group = "core" if schema in ("core", "current") else table.split("_20")[0] if schema == "staged" else table[:4]
        found.setdefault(group, {})[name] = rows
    return found


def grave(answers: list[Answer]) -> list[Answer]:
    """Promises that are broken."""
    return [answer for answer in answers if answer.fails]


def wait_until_nobody_works(installation: Installation) -> None:
    """The server's own processes notice that their client is gone as soon as they look."""
    working = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    while installation.one(working):
        assert time.monotonic() < deadline, "somebody still works in the database"
        time.sleep(0.05)


def still_started(installation: Installation) -> list[str]:
    """Runs that Dagster believes to go on, when somebody opens it again."""
    with installation.environment(), dagster_instance(load_settings()) as instance:
        return [run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))]


def faulty_run(installation: Installation, asked: str, *arguments: str) -> subprocess.Popen[str]:
    """Start `hrdata run` on the quarter, with a fault asked for."""
    return subprocess.Popen(
        hrdata_command("run", "--quarter", QUARTER, *arguments),
        env={**installation.process_environment(), "HRDATA_TESTING": "1", "HRDATA_FAULT": asked},
        cwd=installation.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until_stopped(process: subprocess.Popen[str], seconds: float = 60) -> None:
    """Wait until a process stands still at its fault point."""
    deadline = time.monotonic() + seconds
    while psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
        assert process.poll() is None, "it ended before it came to its fault point"
        assert time.monotonic() < deadline, "it never came to its fault point"
        time.sleep(0.02)


def go_on(process: subprocess.Popen[str]) -> None:
    """Let a process that stands still continue."""
    os.kill(process.pid, signal.SIGCONT)
