"""What every test of the harness starts from."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.victim import Victim, a_victim

NewVictim = Callable[[Path], AbstractContextManager[Victim]]


@pytest.fixture(scope="session")
def new_victim(new_installation: NewInstallation, server_log: Path | None) -> NewVictim:
    """Makes victims, with the reports of both versions in a folder."""
    return lambda folder: a_victim(new_installation, folder, server_log)


@pytest.fixture(scope="session")
def shared_victim(new_victim: NewVictim, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """One for the whole session: every test leaves it whole, or fails."""
    with new_victim(tmp_path_factory.mktemp("versions")) as victim:
        yield victim


@pytest.fixture
def victim(shared_victim: Victim) -> Victim:
    """The session's victim, put right if the test before could not leave it so."""
    if shared_victim.installation.one("select count(*) from core.users where quarter = '2026-Q1'") == 0:
        shared_victim.installation.load("2026-Q1")
    return shared_victim
