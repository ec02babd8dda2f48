"""A hundred loads, each killed at a moment nobody chose."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from hrdata_assets.catalogue import STAGED
from hrdata_assets_tests.victim import QUARTER, Victim

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KILLS = 100


class Loader:
    """Loads the quarter in processes of their own."""

    def __init__(self, victim: Victim) -> None:
        made = victim.installation
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hrdata_assets_tests.faults.loader", made.url, str(made.folder), QUARTER],
            env=made.process_environment(),
            cwd=made.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self) -> int:
        """Start a load; its process."""
        assert self.process.stdin is not None
        self.process.stdin.write("load\n")
        self.process.stdin.flush()
        return self._number()

    def end(self) -> int:
        """Wait until it ended; how."""
        return self._number()

    def _number(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def loader(shared_victim: Victim) -> Iterator[Loader]:
    loader = Loader(shared_victim)
    yield loader
    loader.process.kill()
    loader.process.wait(timeout=30)


def load_undisturbed(victim: Victim, loader: Loader) -> float:
    """Load what was delivered; how long it took."""
    started = time.monotonic()
    loader.start()
    assert loader.end() == 0
    return time.monotonic() - started


def test_a_hundred_loads_killed_at_random(victim: Victim, loader: Loader) -> None:
    chance, half_way = random.Random(7), 0
    victim.deliver(victim.other)
    seconds = load_undisturbed(victim, loader)
    victim.assert_became(victim.other)
    for _ in range(KILLS):
        victim.deliver(victim.other)
        process = loader.start()
        time.sleep(chance.uniform(0.0, seconds))
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        loader.end()
        half_way += 0 < victim.renewed(victim.assert_whole()) < len(STAGED)
        load_undisturbed(victim, loader)
        victim.assert_became(victim.other)
    # Kills that always came too early or too late would have shown nothing.
    assert half_way >= KILLS // 10
