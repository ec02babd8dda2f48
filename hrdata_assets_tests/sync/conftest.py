"""A world for every test: a system's fake, served, and an installation that has never heard of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import WORLDS, Synced, World, followed


@pytest.fixture(params=WORLDS, ids=lambda world: world.name)
def world(request: pytest.FixtureRequest) -> World:
    chosen: World = request.param
    return chosen


@pytest.fixture
def it(world: World, new_installation: NewInstallation, tmp_path: Path) -> Iterator[Synced]:
    """The world, nothing synced yet; small pages, so that there are several."""
    with followed(world, new_installation, tmp_path) as found:
        yield found
