"""What is done to workbooks by hand, done in Dagster: no name of a file goes into its records."""

import json
from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest

from hrdata_assets.defs.resources import WarehouseResource
from hrdata_assets.defs.workbook_jobs import WORKBOOK_JOBS
from hrdata_assets.excel.pause import Pause, pause_of, write
from hrdata_assets.settings import load_settings
from hrdata_assets_tests.defs.test_workbooks import ROWS, Folders, folders

__all__ = ["folders"]

NAME = "Quentin Quagga"
FILE = f"staff/{NAME}.xlsx"


def do(folders: Folders, job: str, **config: object) -> dg.ExecuteInProcessResult:
    """Run a job of one op with its configuration."""
    chosen = next(one for one in WORKBOOK_JOBS if one.name == job)
    (op,) = (node.name for node in chosen.nodes)
    given: Mapping[str, Any] = {"ops": {op: {"config": dict(config)}}} if config else {}
    return chosen.execute_in_process(
        run_config=given,
        instance=folders.instance,
        resources={"warehouse": WarehouseResource()},
        raise_on_error=False,
    )


def told(result: dg.ExecuteInProcessResult) -> str:
    """Why a run failed."""
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    return str(failure.step_failure_data.user_failure_data.description)  # type: ignore[union-attr]  # what failed says why


def records(folders: Folders, result: dg.ExecuteInProcessResult) -> str:
    """All that Dagster kept of a run."""
    run = folders.instance.get_run_by_id(result.run_id)
    kept = [record.event_log_entry.to_json() for record in folders.instance.get_records_for_run(result.run_id).records]
    return json.dumps([str(run and run.run_config), *kept])


def test_a_version_is_taken_back_by_its_partition_and_the_one_before_comes_back(folders: Folders) -> None:
    folders.put(FILE, ROWS)
    folders.settle_and_load()
    folders.put(FILE, [*ROWS, ["c", 1]])
    folders.settle_and_load()
    partition = folders.installation.one(
        "select partition_key from ops.etl_imports join ops.loads using (load_id)"
        " where ops.etl_imports.status = 'imported'"
    )
    asked = {"table": "staff", "partition": partition, "restore": True}
    assert do(folders, "workbooks_revert", **asked, dry_run=True).success
    assert folders.installation.one("select count(*) from excel.staff") == 3
    done = do(folders, "workbooks_revert", **asked)
    assert done.success
    assert folders.installation.one("select count(*) from excel.staff") == 2
    again = do(folders, "workbooks_revert", **asked)
    assert told(again) == f"0 workbooks of excel.staff stand in partition {partition}: nothing is done"
    assert NAME not in records(folders, done) + records(folders, again)


def test_a_schema_is_taken_back_by_a_partition_and_who_needs_it_is_named_by_theirs(folders: Folders) -> None:
    folders.put(FILE, [["Name", "Unit"], ["a", 1]])
    folders.put(f"staff/{NAME}_too.xlsx", [["Name", "Unit"], ["b", 2]])
    folders.settle_and_load()
    of_file = dict(
        folders.installation.rows(
            "select source_file, partition_key from ops.etl_imports join ops.loads using (load_id)"
        )
    )
    asked = {"table": "staff", "partition": of_file[FILE]}
    refused = do(folders, "workbooks_revert_schema", **asked)
    assert of_file[f"staff/{NAME}_too.xlsx"] in told(refused)
    for partition in of_file.values():
        assert do(folders, "workbooks_revert", table="staff", partition=partition).success
    done = do(folders, "workbooks_revert_schema", **asked)
    assert done.success
    assert folders.installation.one("select to_regclass('excel.staff')") is None
    assert NAME not in records(folders, refused) + records(folders, done)


def test_what_is_held_goes_in_once_it_is_approved_and_turns_green(folders: Folders) -> None:
    configuration = folders.installation.folder / "config" / "etl_config.yaml"
    configuration.parent.mkdir()
    configuration.write_text("staff:\n  policy: propose\n", encoding="utf-8")
    folders.put("staff/a.xlsx", ROWS)
    folders.settle_and_load()
    folders.put(FILE, [["Name", "FTE", "Unit"], ["c", 1, "x"]])
    folders.settle_and_load()
    (held,) = set(folders.partitions("staff")) - folders.green("staff")
    refused = do(folders, "workbooks_approve", table="staff", partition=held, reason=" ")
    assert told(refused) == "reason is empty: say why the workbooks may go in"
    done = do(folders, "workbooks_approve", table="staff", partition=held, reason="agreed")
    assert done.success
    assert folders.installation.column("select unit from excel.staff where unit is not null") == ["x"]
    assert folders.green("staff") == set(folders.partitions("staff"))
    assert told(do(folders, "workbooks_approve", table="staff", reason="agreed")).endswith("no such workbook is held")
    assert NAME not in records(folders, done)


def test_loading_that_stopped_goes_on(folders: Folders) -> None:
    folders.put(FILE, ROWS)
    settings = load_settings()
    write(settings, Pause(str(folders.root), "staff", "excel.staff", FILE, "SystemUnavailable", "gone", "2026-01-01"))
    done = do(folders, "workbooks_resume")
    assert done.success
    assert pause_of(settings) is None
    assert len(folders.green("staff")) == 1
    assert (len(folders.settle_and_load()), folders.installation.one("select count(*) from excel.staff")) == (1, 2)
    assert NAME not in records(folders, done)


def test_all_tables_are_dropped_once_their_backup_is_proved(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.settle_and_load()
    assert "absolute" in told(do(folders, "workbooks_reset", backup="backup.sql"))
    backup = folders.installation.folder / "backup.sql"
    assert do(folders, "workbooks_reset", backup=str(backup)).success
    assert folders.installation.one("select to_regclass('excel.staff')") is None
    assert "create table" in backup.read_text(encoding="utf-8")


@pytest.mark.parametrize("job", WORKBOOK_JOBS, ids=lambda job: job.name)
def test_every_job_says_what_it_does(job: dg.JobDefinition) -> None:
    assert job.description
