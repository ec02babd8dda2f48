"""kill -9 at any moment of a run: what is published is whole, and the next run needs no help."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from psycopg import sql

from hrdata_assets.catalogue import STAGED
from hrdata_assets_tests.faults.conftest import NewVictim
from hrdata_assets_tests.installation import Installation, hrdata_command
from hrdata_assets_tests.victim import QUARTER, Victim, groups, still_started

pytestmark = pytest.mark.faults

STAGED_LINES = 15  # lines that a run writes, one per staged table, before the one for core

SLOWLY = """
create function public.take_time() returns event_trigger language plpgsql as $$
begin
    if current_query() ilike '%attach partition%' then perform pg_sleep(0.12); end if;
end $$;
create event trigger slowly on ddl_command_start when tag in ('ALTER TABLE') execute function public.take_time()
"""
"""Makes the while long in which one partition is taken away and the other is not yet in its place."""


@dataclass
class Stage:
    """A victim, and how far each kill let it come."""

    victim: Victim
    mixtures: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def stage(new_victim: NewVictim, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with new_victim(tmp_path_factory.mktemp("versions")) as victim:
        statement(victim.installation, SLOWLY)
        stage = Stage(victim)
        yield stage
    # Kills that always came too early or too late would have shown nothing.
    assert len(stage.mixtures) < 10 or sum(0 < new < len(STAGED) for new in stage.mixtures) >= 3


def statement(installation: Installation, text: str) -> None:
    """Have the server do something about SLOWLY; on a server of one's own that may be forbidden, and is left out."""
    if installation.one("select rolsuper from pg_roles where rolname = current_user"):
        with installation.warehouse.connect("test") as connection:
            connection.execute(sql.SQL(text))


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


@pytest.mark.parametrize("moment", range(10))
def test_a_run_killed_at_any_moment_leaves_whole_versions_and_the_next_one_needs_no_help(
    stage: Stage, moment: int
) -> None:
    chance = random.Random(moment)
    # Spread over the run: while reports are staged, while core is put in its place, and while marts are made.
    lines = STAGED_LINES + (moment == 9) if moment >= 6 else chance.randint(0, STAGED_LINES - 1)
    seconds = chance.uniform(0.3, 3.0) if lines == STAGED_LINES else chance.uniform(0.0, 0.4)
    victim, installation, after = stage.victim, stage.victim.installation, stage.victim.other
    victim.deliver(after)
    statement(installation, "alter event trigger slowly enable")
    too_late = run_and_kill(installation, lines, seconds)
    found = victim.assert_whole()
    stage.mixtures.append(victim.renewed(found))
    assert not too_late or found == groups(victim.undisturbed[after])
    assert still_started(installation) == []

    statement(installation, "alter event trigger slowly disable")
    assert installation.run(QUARTER).success
    victim.assert_became(after)
