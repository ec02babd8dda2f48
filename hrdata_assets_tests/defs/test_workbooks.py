"""Folders of workbooks in Dagster: they settle, are loaded many in one run, each with partition and checks."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest

from hrdata_assets.defs.resources import WarehouseResource
from hrdata_assets.defs.workbook_sensor import TABLE_TAG, workbook_folders_sensor
from hrdata_assets.defs.workbooks import key_of_table, tables_below_root, workbook_asset, workbook_job
from hrdata_assets.excel.approval import approve_waiting
from hrdata_assets.excel.pause import Pause, remove, write
from hrdata_assets.excel.reset import reset
from hrdata_assets.excel.undo import find_standing, revert
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.decisions import Approval
from hrdata_assets_tests.excel.sheets import workbook
from hrdata_assets_tests.installation import Installation

ROWS = [["Name", "FTE"], ["a", 50], ["b", 100]]
OLD = time.time() - 3_600


@dataclass
class Folders:
    """Folders of workbooks, the sensor on them, and a Dagster that grants its wishes."""

    installation: Installation
    instance: dg.DagsterInstance
    said: str | None = None
    numbers: int = 0
    results: list[dg.ExecuteInProcessResult] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.installation.folder / "data"

    def put(self, path: str, rows: list[list[object]] | bytes) -> None:
        """Put a workbook there that is unlike every other."""
        self.numbers += 1
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(rows if isinstance(rows, bytes) else workbook(rows, self.numbers))
        os.utime(target, (OLD, OLD + self.numbers))

    def definitions(self) -> dg.Definitions:
        tables = tables_below_root()
        return dg.Definitions(
            assets=[workbook_asset(table) for table in tables],
            jobs=[workbook_job(table) for table in tables],
            sensors=[workbook_folders_sensor(tables)],
            resources={"warehouse": WarehouseResource()},
        )

    def tick(self) -> list[dg.RunRequest]:
        """Let the sensor look; what it asks of the partitions is done."""
        sensor = workbook_folders_sensor(tables_below_root())
        found = sensor(dg.build_sensor_context(instance=self.instance))
        assert isinstance(found, dg.SensorResult)
        self.said = found.skip_reason.skip_message if isinstance(found.skip_reason, dg.SkipReason) else None
        for wish in found.dynamic_partitions_requests or []:
            if isinstance(wish, dg.AddDynamicPartitionsRequest):
                self.instance.add_dynamic_partitions(wish.partitions_def_name, list(wish.partition_keys))
            else:
                for key in wish.partition_keys:
                    self.instance.delete_dynamic_partition(wish.partitions_def_name, key)
        return list(found.run_requests or [])

    def run(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        """Carry a request out, as the daemon's run would."""
        result = (
            self.definitions()
            .resolve_job_def(str(request.job_name))
            .execute_in_process(instance=self.instance, tags=dict(request.tags), raise_on_error=False)
        )
        self.results.append(result)
        return result

    def settle_and_load(self) -> list[dg.ExecuteInProcessResult]:
        """Two looks, and whatever the second asks for."""
        self.tick()
        return [self.run(request) for request in self.tick()]

    def partitions(self, table: str) -> list[str]:
        return list(self.instance.get_dynamic_partitions(f"excel/{table}"))

    def green(self, table: str) -> set[str]:
        return self.instance.get_materialized_partitions(key_of_table(table))


@pytest.fixture
def folders(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folders]:
    with dg.DagsterInstance.ephemeral() as instance, installation.environment():
        (installation.folder / "data").mkdir()
        assert installation.warehouse
        yield Folders(installation, instance)


LACKING: list[list[object]] = [["Name", "FTE"], ["a", None], ["b", None]]
"""Half of its cells are missing: (1/2 + 1 + 1) / 3."""


def configure(folders: Folders, text: str) -> None:
    path = folders.installation.folder / "config" / "etl_config.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def quality_of(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    """What the check of that name said of the one workbook of a run."""
    (one,) = (c for c in result.get_asset_check_evaluations() if c.check_name == "quality" and c.partition)
    return one


def request_for(key: str) -> dg.RunRequest:
    """A run for one partition, as a person asks for it."""
    tags = {"dagster/asset_partition_range_start": key, "dagster/asset_partition_range_end": key, TABLE_TAG: "staff"}
    return dg.RunRequest(job_name=str(workbook_job("staff").name), tags=tags)


def test_a_workbook_is_loaded_once_it_has_settled_and_then_no_more(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    assert folders.tick() == []
    (request,) = folders.tick()
    assert (request.job_name, request.tags[TABLE_TAG]) == ("excel_staff", "staff")
    assert folders.run(request).success
    assert folders.installation.one("select count(*) from excel.staff") == 2
    assert folders.green("staff") == set(folders.partitions("staff"))
    assert (folders.tick(), folders.said) == ([], "1 workbooks, nothing new")


def test_one_that_is_still_being_copied_is_left_alone(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.tick()
    folders.put("staff/a.xlsx", [*ROWS, ["c", 1]])
    assert folders.tick() == []
    assert len(folders.tick()) == 1


def test_one_that_is_too_large_is_told_of_and_not_read_at_every_look(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.put("staff/large.xlsx", b"PK" * 50_000)
    monkeypatch.setenv("HRDATA_MAX_REPORT_BYTES", "50000")
    (result,) = folders.settle_and_load()
    assert result.success
    assert folders.tick() == []
    assert folders.said == "2 workbooks, nothing new; larger than HRDATA_MAX_REPORT_BYTES: 1"


def test_nothing_is_asked_of_a_daemon_that_has_not_seen_the_definitions_yet(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    sensor = workbook_folders_sensor(["staff"], time.monotonic() + 60)
    found = sensor(dg.build_sensor_context(instance=folders.instance))
    assert isinstance(found, dg.SkipReason)
    assert folders.installation.one("select count(*) from ops.workbook_files") == 0


def test_many_workbooks_of_a_folder_are_one_run_with_a_partition_and_checks_each(folders: Folders) -> None:
    for number in range(40):
        folders.put(f"staff/{number}.xlsx", [["Name", "FTE"], [f"n{number}", number]])
    folders.put("leavers/x.xlsx", ROWS)
    results = folders.settle_and_load()
    assert [r.success for r in results] == [True, True]
    assert len(folders.green("staff")) == 40
    assert len(folders.green("leavers")) == 1
    checks = [
        e.asset_check_evaluation_data
        for r in results
        for e in r.filter_events(lambda e: e.event_type_value == "ASSET_CHECK_EVALUATION")
    ]
    by_partition = {(c.check_name, c.partition) for c in checks if c.asset_key == key_of_table("staff") and c.partition}
    assert by_partition == {
        (name, key) for name in ("readable", "conservation", "schema", "quality") for key in folders.partitions("staff")
    }
    assert all(c.passed for c in checks)


def test_a_workbook_below_the_gate_is_red_until_it_is_approved(folders: Folders) -> None:
    configure(folders, "staff: {gate: 95}\n")
    folders.put("staff/a.xlsx", LACKING)
    (result,) = folders.settle_and_load()
    said = quality_of(result)
    assert not result.success
    assert (said.passed, said.severity.value) == (False, "ERROR")
    assert said.description == (
        "83.33 %: 3 of 8 dimensions, 3 rules, 2 rows; below the gate of 95 %, held until it is approved"
    )
    assert (folders.green("staff"), folders.tick()) == (set(), [])
    with folders.installation.warehouse.connect("test") as connection:
        approve_waiting(connection, "staff", None, Approval("agreed", "test"))
    (key,) = folders.partitions("staff")
    loaded, again = (quality_of(folders.run(request_for(key))) for _ in range(2))
    assert (loaded.passed, loaded.severity.value) == (False, "WARN")
    # The second time it is loaded already: the score is that of its load.
    assert {one.metadata["score (%)"].value for one in (loaded, again)} == {83.3333}
    assert folders.green("staff") == {key}


def test_what_a_gate_holds_is_asked_for_again_once_when_the_gate_changes(folders: Folders) -> None:
    configure(folders, "staff: {gate: 95}\n")
    folders.put("staff/a.xlsx", LACKING)
    folders.put("staff/b.xlsx", ROWS)
    folders.settle_and_load()
    for gate, success in (("96", False), ("80", True)):
        configure(folders, f"staff: {{gate: {gate}}}\n")
        (request,) = folders.tick()
        assert folders.run(request).success == success
        assert folders.tick() == []
    assert folders.installation.one("select count(*) from excel.staff") == 4


def test_what_a_workbook_changes_of_its_table_is_a_warning(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.settle_and_load()
    folders.put("staff/b.xlsx", [["Name", "Unit"], ["c", "x"]])
    (result,) = folders.settle_and_load()
    assert result.success
    said = [c for c in result.get_asset_check_evaluations() if c.check_name == "schema" and c.partition]
    assert [(c.passed, c.severity.value, c.description) for c in said] == [(False, "WARN", "add_column unit (text)")]


def test_one_that_cannot_be_read_is_red_and_the_others_are_green(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.put("staff/b.xlsx", b"<html>")
    (result,) = folders.settle_and_load()
    assert not result.success
    assert folders.installation.one("select count(*) from excel.staff") == 2
    assert len(folders.partitions("staff")) == 2
    assert len(folders.green("staff")) == 1
    assert folders.tick() == []


def test_a_changed_workbook_gets_a_partition_and_its_former_one_goes(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.settle_and_load()
    (before,) = folders.partitions("staff")
    folders.put("staff/a.xlsx", [*ROWS, ["c", 1]])
    assert [r.success for r in folders.settle_and_load()] == [True]
    folders.tick()
    (after,) = folders.partitions("staff")
    assert after != before
    assert folders.installation.one("select count(*) from excel.staff") == 3


def test_a_workbook_put_back_to_what_it_was_is_loaded_again(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    first = (folders.root / "staff/a.xlsx").read_bytes()
    folders.settle_and_load()
    folders.put("staff/a.xlsx", [["Name"], ["z"]])
    folders.settle_and_load()
    folders.put("staff/a.xlsx", first)
    folders.settle_and_load()
    assert folders.installation.column("select name from excel.staff order by row_no") == ["a", "b"]


def test_other_options_have_a_folder_read_again(folders: Folders) -> None:
    folders.put("staff/a.xlsx", [["Day"], ["03.04.2024"]])
    folders.put("staff/b.xlsx", [["Day"], ["04.04.2024"]])
    folders.settle_and_load()
    config = folders.installation.folder / "config" / "etl_config.yaml"
    config.parent.mkdir()
    config.write_text("staff:\n  day_first: true\n", encoding="utf-8")
    (request,) = folders.tick()
    assert folders.run(request).success
    assert folders.installation.column("select day::text from excel.staff order by 1") == ["2024-04-03", "2024-04-04"]


def test_what_was_taken_back_by_hand_leaves_dagster_and_is_not_asked_for(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.put("staff/b.xlsx", [["Name"], ["z"]])
    folders.settle_and_load()
    warehouse = folders.installation.warehouse
    with warehouse.connect("test") as connection:
        standing = find_standing(connection, "staff", "staff/a.xlsx", None)
    revert(warehouse, load_settings(), standing)
    assert folders.tick() == []
    assert folders.partitions("staff") == sorted(folders.green("staff") - {standing.partition})


def test_after_a_reset_everything_is_asked_for_anew(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.settle_and_load()
    reset(folders.installation.warehouse, folders.installation.folder / "backup.sql")
    (request,) = folders.tick()
    assert folders.run(request).success
    assert folders.installation.one("select count(*) from excel.staff") == 2


def test_copies_of_one_content_are_one_partition(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.put("staff/b.xlsx", (folders.root / "staff/a.xlsx").read_bytes())
    (result,) = folders.settle_and_load()
    assert result.success
    assert len(folders.partitions("staff")) == 1
    assert folders.installation.one("select count(*) from excel.staff") == 2


def test_no_event_names_a_file_or_holds_a_value(folders: Folders) -> None:
    folders.put("staff/Planted Person.xlsx", [["Name", "FTE"], ["Planted Person", 1]])
    folders.put("staff/Planted Leaver.xlsx", b"<html>Planted")
    folders.settle_and_load()
    told = "".join(str(e) for r in folders.results for e in r.all_events)
    made = folders.instance.fetch_materializations(key_of_table("staff"), limit=10).records
    records = "".join(str(record.event_log_entry) for record in made)
    assert made
    assert folders.results
    assert "Planted" not in told + records


def test_nothing_is_asked_for_while_loading_is_paused(folders: Folders) -> None:
    folders.put("staff/a.xlsx", ROWS)
    folders.tick()
    settings = load_settings()
    write(settings, Pause("data", "staff", "excel.staff", "staff/a.xlsx", "SystemUnavailable", "gone", "now"))
    with pytest.raises(dg.Failure):
        folders.tick()
    remove(settings)
    assert len(folders.tick()) == 1


@pytest.mark.slow
def test_a_tick_over_five_thousand_workbooks_takes_moments(folders: Folders) -> None:
    content = workbook(ROWS, 0)
    for number in range(5_000):
        folders.put(f"f{number % 10}/{number}.xlsx", content + b"%d" % number)
    folders.tick()
    seconds = []
    while not seconds or folders.said is None or "still to be read: 0" not in folders.said:
        started = time.perf_counter()
        requests = folders.tick()
        seconds.append(time.perf_counter() - started)
        if not requests:
            break
    assert sum(len(folders.partitions(f"f{n}")) for n in range(10)) == 5_000
    # Less than one when undisturbed.
    assert min(seconds) < 10
