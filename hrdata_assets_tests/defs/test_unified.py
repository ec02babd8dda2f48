"""core's tables of records in Dagster: they follow what is staged, checked and counted, in a pull's own run."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from hrdata_assets.definitions import defs
from hrdata_assets.defs.about import key_of
from hrdata_assets.defs.resources import WarehouseResource
from hrdata_assets.defs.systems import SYSTEM_JOBS
from hrdata_assets.defs.unified import CHECKS, UNIFIED_ASSETS
from hrdata_assets.unified.records import UnifiedProfile
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import Synced, called, followed

CANDIDATES = key_of(UnifiedProfile.table)
ASSET = next(asset for asset in UNIFIED_ASSETS if CANDIDATES in asset.keys)


@pytest.fixture
def it(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Synced]:
    with followed(called("bullhorn"), new_installation, tmp_path) as found:
        yield found


def brought(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize([ASSET], instance=instance, resources={"warehouse": WarehouseResource()})


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {e.check_name: e.passed for e in result.get_asset_check_evaluations()}


def test_what_is_staged_is_brought_and_counted(it: Synced) -> None:
    it.sync()
    with dg.instance_for_test() as instance:
        result = brought(instance)
        told = {e.asset_key: e.materialization.metadata for e in result.get_asset_materialization_events()}
        assert set(told) == {CANDIDATES, dg.AssetKey(["current", "candidates"])}
        read = it.installation.one("select count(*) from staged.bullhorn_candidates")
        assert told[CANDIDATES]["bullhorn_candidates: read"].value == read
        assert checks(result) == dict.fromkeys(CHECKS, True)


def test_with_nothing_new_only_completeness_is_measured(it: Synced) -> None:
    with dg.instance_for_test() as instance:
        assert checks(brought(instance)) == {"reconciliation": True}


def test_rows_that_somebody_deleted_come_back_with_the_next_run(it: Synced) -> None:
    it.sync()
    with dg.instance_for_test() as instance:
        brought(instance)
        before = it.installation.one("select count(*) from core.candidates")
        with it.warehouse.connect("test") as connection:
            connection.execute("delete from core.candidates where title is not null")
        assert checks(brought(instance))["reconciliation"]
        assert it.installation.one("select count(*) from core.candidates") == before


def test_a_pulls_job_goes_up_to_core() -> None:
    for name in SYSTEM_JOBS:
        keys = defs.resolve_job_def(f"pull_{name}").asset_layer.executable_asset_keys
        assert CANDIDATES in keys
