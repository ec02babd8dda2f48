"""Systems in Dagster: a pull per object, checked, scheduled, and told as not configured where nothing is said of it."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from hrdata_assets.defs.about import key_of, raw_key
from hrdata_assets.defs.resources import WarehouseResource
from hrdata_assets.defs.systems import CHECKS, SYSTEM_ASSETS, SYSTEM_SCHEDULES
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import Synced, called, followed

WORLD = called("bullhorn")
RAW, STAGED = raw_key(WORLD.table), key_of(WORLD.table)
PULL = next(asset for asset in SYSTEM_ASSETS if STAGED in asset.keys)


@pytest.fixture
def it(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Synced]:
    with followed(WORLD, new_installation, tmp_path) as found:
        yield found


@pytest.fixture
def configured(it: Synced, monkeypatch: pytest.MonkeyPatch) -> Synced:
    for name, value in it.variables.items():
        monkeypatch.setenv(name, value)
    return it


def materialized(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize([PULL], instance=instance, resources={"warehouse": WarehouseResource()}, raise_on_error=False)


def checks(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, str]]:
    return {e.check_name: (e.passed, e.description or "") for e in result.get_asset_check_evaluations()}


def test_a_pull_is_materialized_with_what_it_cost_and_brought(configured: Synced) -> None:
    with dg.instance_for_test() as instance:
        result = materialized(instance)
        assert result.success
        told = {m.asset_key: m.metadata for m in (e.materialization for e in result.get_asset_materialization_events())}
        assert set(told) == {RAW, STAGED}
        assert (told[STAGED]["kind"].value, told[STAGED]["read"].value) == ("full", 120)
        assert told[STAGED]["cursor before"].value == ""
        assert told[STAGED]["cursor after"].value.startswith("20")
        assert {name: passed for name, (passed, _) in checks(result).items()} == dict.fromkeys(CHECKS, True)
        again = materialized(instance)
        metadata = again.asset_materializations_for_node(PULL.op.name)[-1].metadata
        assert (metadata["kind"].value, metadata["inserted"].value) == ("incremental", 0)
    configured.assert_complete()


def test_a_system_of_which_nothing_is_said_neither_fails_nor_hides(it: Synced) -> None:
    with dg.instance_for_test() as instance:
        result = materialized(instance)
    assert result.success
    assert result.get_asset_materialization_events() == []
    # What was not asked is not measured.
    assert set(checks(result)) == {"configured"}
    passed, told = checks(result)["configured"]
    assert not passed
    assert told.startswith("bullhorn is not configured: set BULLHORN_CLIENT_ID")


def test_a_page_that_cannot_be_read_fails_the_step_with_a_safe_text(configured: Synced) -> None:
    configured.fake.faults.add(Fault(kind="html", path=WORLD.page, after=1))
    with dg.instance_for_test() as instance:
        result = materialized(instance)
        assert not result.success
        said = "".join(str(event) for event in instance.all_logs(result.run_id))
    assert "which is no JSON" in said
    secrets = [value for name, value in configured.variables.items() if "SECRET" in name or "PASSWORD" in name]
    assert [secret for secret in secrets if secret in said] == []


def test_a_record_changed_in_the_future_and_a_count_that_differs_are_told(configured: Synced) -> None:
    configured.fake.change(WORLD.object, int(configured.wanted()[0]), dateLastModified=4_000_000_000_000)
    with dg.instance_for_test() as instance:
        assert checks(materialized(instance))["stamps"] == (False, "1 stamps lie in the future")
        with configured.installation.warehouse.connect("test") as connection:
            connection.execute(f"delete from {WORLD.table.address} where id = {configured.ids()[3]}")
        assert not checks(materialized(instance))["reconciliation"][0]


def test_every_six_hours_what_is_configured_is_pulled(it: Synced, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = next(s for s in SYSTEM_SCHEDULES if s.name == f"pull_{WORLD.name}")
    assert schedule.cron_schedule == "0 */6 * * *"
    context = dg.build_schedule_context()
    assert "is not configured: set" in str(schedule.evaluate_tick(context).skip_message)
    for name, value in it.variables.items():
        monkeypatch.setenv(name, value)
    requests = schedule.evaluate_tick(context).run_requests
    assert [dict(request.tags)["hrdata/cause"] for request in requests or ()] == ["schedule"]


def test_every_week_the_ids_of_everything_are_looked_at(configured: Synced) -> None:
    schedule = next(s for s in SYSTEM_SCHEDULES if s.name == f"sweep_{WORLD.name}")
    assert schedule.cron_schedule == "0 3 * * 0"
    (request,) = schedule.evaluate_tick(dg.build_schedule_context()).run_requests or ()
    configured.sync()
    configured.vanish(configured.ids()[0])
    config = {"ops": {PULL.op.name: request.run_config["ops"][PULL.op.name]}}
    with dg.instance_for_test() as instance:
        result = dg.materialize(
            [PULL], run_config=config, instance=instance, resources={"warehouse": WarehouseResource()}
        )
        metadata = result.asset_materializations_for_node(PULL.op.name)[-1].metadata
        assert (metadata["kind"].value, metadata["deleted"].value) == ("keys", 1)
        # Of records of which only the ids came nothing else can be said.
        assert set(checks(result)) == {"configured", "reconciliation"}


def test_a_run_of_the_table_alone_says_nothing_of_the_pages(configured: Synced) -> None:
    with dg.instance_for_test() as instance:
        result = dg.materialize(
            [PULL], selection=[STAGED], instance=instance, resources={"warehouse": WarehouseResource()}
        )
        assert [event.asset_key for event in result.get_asset_materialization_events()] == [STAGED]
        assert set(checks(result)) == set(CHECKS)
