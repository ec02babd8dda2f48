"""kill -9 at any moment of a run: what is published is whole, and the next run needs no help."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from psycopg import sql

from hrdata_assets.catalogue import STAGED
from hrdata_assets.storage.archive import Archive
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation, dump, hrdata_command

pytestmark = pytest.mark.slow

EARLIER, QUARTER = "2025-Q4", "2026-Q1"
VERSIONS = {"A": (60, 1), "B": (75, 2)}
STAGED_LINES = 15  # lines that a run writes, one per staged table, before the one for core

SLOWLY = """
create function public.take_time() returns event_trigger language plpgsql as $$
begin
    if current_query() ilike '%attach partition%' then perform pg_sleep(0.12); end if;
end $$;
create event trigger slowly on ddl_command_start when tag in ('ALTER TABLE') execute function public.take_time()
"""
"""Makes the while long in which one partition is taken away and the other is not yet in its place."""

Dump = dict[str, bytes]


@dataclass
class Victim:
    """An installation with one of two versions published, and what each looks like if nothing goes wrong."""

    installation: Installation
    versions: Path
    undisturbed: dict[str, Dump]
    published: str = "A"
    mixtures: list[tuple[int, int]] = field(default_factory=list)

    @property
    def other(self) -> str:
        return "B" if self.published == "A" else "A"

    def deliver(self, version: str) -> None:
        shutil.copytree(self.versions / version, self.installation.quarter_folder(QUARTER), dirs_exist_ok=True)


@pytest.fixture(scope="module")
def victim(new_installation: NewInstallation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    folder = tmp_path_factory.mktemp("versions")
    write_quarter(folder / EARLIER, year=2025, quarter=4, people=50, seed=1, dialect="seed")
    for version, (people, seed) in VERSIONS.items():
        write_quarter(folder / version, year=2026, quarter=1, people=people, seed=seed, dialect="seed")
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
        statement(made, SLOWLY)
        yield victim
    # Kills that always came too early or too late would have shown nothing.
    torn = [new for new, of in victim.mixtures if 0 < new < of]
    assert len(victim.mixtures) < 10 or len(torn) >= 3


def statement(installation: Installation, text: str) -> None:
    """Have the server do something about SLOWLY; on a server of one's own that may be forbidden, and is left out."""
    if installation.one("select rolsuper from pg_roles where rolname = current_user"):
        with installation.warehouse.connect("test") as connection:
            connection.execute(sql.SQL(text))


def all_of(installation: Installation) -> Dump:
    return dump(installation, "staged", "core", "current", "marts")


def run_and_kill(installation: Installation, lines: int, seconds: float) -> bool:
    """Start a run, wait until it has told so much and a little longer, and kill it; tell whether it was too late."""
    process = subprocess.Popen(
        hrdata_command("run", "--quarter", QUARTER),
        env=installation.process_environment(),
        cwd=installation.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for _ in range(lines):
        process.stderr.readline()
    time.sleep(seconds)
    too_late = process.poll() is not None
    if not too_late:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)
    process.stderr.close()
    return too_late


def wait_until_nobody_works(installation: Installation) -> None:
    """The server's own processes notice that their client is gone as soon as they look."""
    working = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    while installation.one(working):
        assert time.monotonic() < deadline, "the killed run still works in the database"
        time.sleep(0.05)


def groups(dumped: Dump) -> dict[str, Dump]:
    """What is published together: each staged table, core with its views, the KPIs; the profile follows by itself."""
    found: dict[str, Dump] = {}
    for name, rows in dumped.items():
        schema, _, table = name.replace('"', "").partition(".")
        group = "core" if schema in ("core", "current") else table.split("_20")[0] if schema == "staged" else table[:4]
        found.setdefault(group, {})[name] = rows
    return found


@pytest.mark.parametrize("moment", range(10))
def test_a_run_killed_at_any_moment_leaves_whole_versions_and_the_next_one_needs_no_help(
    victim: Victim, moment: int
) -> None:
    chance = random.Random(moment)
    # Spread over the run: while reports are staged, while core is put in its place, and while marts are made.
    lines = STAGED_LINES + (moment == 9) if moment >= 6 else chance.randint(0, STAGED_LINES - 1)
    seconds = chance.uniform(0.3, 3.0) if lines == STAGED_LINES else chance.uniform(0.0, 0.4)
    installation, before, after = victim.installation, victim.published, victim.other
    victim.deliver(after)
    statement(installation, "alter event trigger slowly enable")
    too_late = run_and_kill(installation, lines, seconds)
    wait_until_nobody_works(installation)

    found, old, new = (groups(d) for d in (all_of(installation), victim.undisturbed[before], victim.undisturbed[after]))
    assert found.keys() == old.keys()
    torn = {name for name, rows in found.items() if rows not in (old[name], new[name])}
    assert torn == set()
    staged = [table.name for table in STAGED]
    renewed = [name for name in staged if found[name] == new[name]]
    victim.mixtures.append((len(renewed), len(staged)))
    assert found["core"] == old["core"] or len(renewed) == len(staged)
    assert found["kpis"] == old["kpis"] or found["core"] == new["core"]
    assert not too_late or found == new
    assert_ledger_agrees(installation)
    assert_nothing_half_made(installation)

    statement(installation, "alter event trigger slowly disable")
    assert installation.run(QUARTER).success
    assert all_of(installation) == victim.undisturbed[after]
    assert_ledger_agrees(installation)
    victim.published = after


def assert_ledger_agrees(installation: Installation) -> None:
    """Every load adds up, and what is said to be published is what is there."""
    unequal = (
        "select load_id from ops.loads where read <> inserted + updated + unchanged + duplicate + set_aside + skipped"
    )
    assert installation.column(unequal) == []
    published = installation.rows(
        "select asset_key, partition_key, p.delivery, inserted + updated + unchanged from ops.partitions p"
        " join ops.loads l using (load_id, asset_key, partition_key) where l.status = 'published'"
    )
    assert len(published) == 2 * 36
    for asset, quarter, delivery, rows in published:
        table = asset.replace("/", ".")
        assert installation.one(f"select count(*) from {table} where quarter = %s", quarter) == rows, asset
        if asset.startswith("staged/"):
            deliveries = installation.column(f"select distinct delivery from {table} where quarter = %s", quarter)
            assert deliveries in ([], [delivery]), asset


def assert_nothing_half_made(installation: Installation) -> None:
    """No building site, no table that is not a partition, no letter of a load that never was, no altered archive."""
    assert installation.column("select nspname from pg_namespace where nspname like 'building%'") == []
    stray = (
        "select oid::regclass::text from pg_class where relkind = 'r' and not relispartition"
        " and relnamespace::regnamespace::text in ('staged', 'core', 'marts', 'held', 'public')"
    )
    assert installation.column(stray) == []
    assert installation.one("select count(*) from ops.dead_letters") == 0
    assert installation.one("select count(*) from ops.partitions where held_load_id is not null") == 0
    archive = Archive(installation.home / "archive")
    kept = installation.column("select distinct sha256 from ops.deliveries")
    assert all(archive.content(sha256) for sha256 in kept)
