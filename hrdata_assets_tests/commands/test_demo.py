"""The demo's systems: pulled from fakes, twice the same, and never in place of real ones."""

import pytest

from hrdata_assets.commands.demo_systems import pull_from_fakes
from hrdata_assets.systems.fakes.known import FAKES
from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets_tests.installation import Installation


def test_every_fake_is_pulled_from_and_the_second_time_there_is_nothing_to_do(installation: Installation) -> None:
    assert set(FAKES) == set(SYSTEMS)
    with installation.environment():
        first, left_alone = pull_from_fakes(installation.warehouse.settings)
        again, _ = pull_from_fakes(installation.warehouse.settings)
    assert left_alone == []
    assert {line["system"] for line in first} == set(SYSTEMS)
    assert all(line["changed"] for line in first)
    assert [line for line in again if line["changed"] or line["kind"] == "full"] == []
    counted = dict(installation.rows("select system, count(*) from current.candidates group by 1"))
    assert set(counted) == set(SYSTEMS)
    assert min(counted.values()) > 50


def test_a_system_that_is_configured_is_left_alone(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    with installation.environment():
        for name in ("CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD"):
            monkeypatch.setenv(f"BULLHORN_{name}", "real")
        pulled, left_alone = pull_from_fakes(installation.warehouse.settings)
    assert left_alone == ["bullhorn"]
    assert [line for line in pulled if line["system"] == "bullhorn"] == []
