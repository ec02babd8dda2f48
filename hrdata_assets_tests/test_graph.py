"""What Dagster shows: every asset described, partitioned and checked, and loaded without settings or a database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from hrdata_assets.catalogue import CORE, COUNTED, COUNTERS, STAGED, SYNCED, TABLES, UNIFIED, VIEWS
from hrdata_assets.definitions import defs
from hrdata_assets.defs.checks import GATES
from hrdata_assets.defs.systems import CHECKS
from hrdata_assets.quality.implied import rules_of
from hrdata_assets.systems.registry import REPORTING, SYSTEMS

SNAPSHOT = Path(__file__).resolve().parent / "snapshots" / "graph.txt"
REGENERATE = "HRDATA_WRITE_SNAPSHOTS"
WRITE = bool(os.environ.get(REGENERATE))

GRAPH = defs.resolve_asset_graph()
SPECS = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}
RAW = {name: spec for name, spec in SPECS.items() if spec.group_name == "raw"}
PULLED = {f"{layer}/{table.name}" for table in SYNCED for layer in ("raw", "staged")}
PULLED |= {f"core/{table.name}" for table in UNIFIED}
PROFILE = "marts/cv_search_profile_mv"
QUALITY = "marts/quality"

every_asset = pytest.mark.parametrize("name", sorted(SPECS))

# Python's platform module asks these for the kind of machine.
HARMLESS = {"file", "uname"}
LOAD = """
import json, sys, time
events = []
def note(event, arguments):
    if event == "socket.connect" or event == "socket.getaddrinfo":
        events.append([event, str(arguments[-1])])
    elif event == "subprocess.Popen":
        events.append([event, str(arguments[0]).rpartition("/")[2]])
sys.addaudithook(note)
started = time.perf_counter()
from hrdata_assets.definitions import defs
assets = len(list(defs.resolve_all_asset_specs()))
print(json.dumps({"seconds": time.perf_counter() - started, "assets": assets, "events": events}))
"""


def test_definitions_load_with_nothing_set_and_without_a_database(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    told = json.loads(answer.stdout)
    assert told["assets"] == len(SPECS)
    assert [event for event in told["events"] if event[1] not in HARMLESS] == []
    assert list(tmp_path.iterdir()) == []
    # Under three when undisturbed.
    assert told["seconds"] < 20


def test_the_command_line_answers_without_dagster(tmp_path: Path) -> None:
    code = "import sys, hrdata_assets.cli; sys.exit(any(name in sys.modules for name in ('dagster', 'polars')))"
    environment = {"PATH": os.environ["PATH"]}
    answer = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=False, timeout=60)
    assert answer.returncode == 0


def the_graph() -> str:
    """Assets with group, what they read and their checks; then what starts runs."""
    lines = []
    for name, spec in sorted(SPECS.items()):
        node = GRAPH.get(spec.key)
        reads = sorted(key.to_user_string() for key in node.parent_keys)
        lines += [f"{name} [{spec.group_name}]", *(f"    reads {parent}" for parent in reads)]
        lines += [f"    check {check}" for check in sorted(key.name for key in node.check_keys)]
    repository = defs.get_repository_def()
    lines += [f"job {job.name}" for job in repository.get_all_jobs() if not job.name.startswith("__")]
    lines += [f"sensor {sensor.name}" for sensor in sorted(repository.sensor_defs, key=lambda s: s.name)]
    lines += [f"schedule {s.name}: {s.cron_schedule}" for s in sorted(repository.schedule_defs, key=lambda s: s.name)]
    return "\n".join(lines) + "\n"


def test_the_graph_is_the_one_that_was_agreed_on() -> None:
    found = the_graph()
    if WRITE:
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(found, encoding="utf-8")
    agreed = SNAPSHOT.read_text(encoding="utf-8")
    assert found.splitlines() == agreed.splitlines(), (
        f"the graph changed; if it was meant to, write it anew and commit it: {REGENERATE}=1 "
        ".venv/bin/python -m pytest hrdata_assets_tests/test_graph.py"
    )


def test_every_table_is_an_asset_whose_key_is_its_address() -> None:
    addresses = {f"{table.layer}/{table.name}" for table in TABLES}
    addresses |= (
        PULLED | {f"raw/{table.name}" for table in STAGED} | {f"current/{table.name}" for table in CORE + UNIFIED}
    )
    assert set(SPECS) == addresses | {f"{view.layer}/{view.name}" for view in VIEWS} | {"ops/dead_letters"}


@every_asset
def test_an_asset_has_a_group_kinds_an_owner_and_a_description(name: str) -> None:
    spec = SPECS[name]
    assert spec.group_name == name.partition("/")[0]
    assert spec.kinds
    assert list(spec.owners) == ["team:hr-data"]
    assert spec.description


@pytest.mark.parametrize("name", sorted(set(SPECS) - set(RAW)))
def test_a_table_says_what_one_of_its_rows_is(name: str) -> None:
    assert (SPECS[name].description or "").startswith("One row per ")
    assert SPECS[name].metadata["dagster/table_name"] == name.replace("/", ".")


@every_asset
def test_what_can_be_executed_is_partitioned_by_quarter_and_a_view_or_what_is_pulled_is_not(name: str) -> None:
    node = GRAPH.get(SPECS[name].key)
    assert node.is_executable == (SPECS[name].group_name not in ("current", "ops") and name != QUALITY)
    partitions = node.partitions_def
    if node.is_executable and name not in PULLED:
        assert isinstance(partitions, dg.DynamicPartitionsDefinition)
        assert partitions.name == "quarter"
    else:
        assert partitions is None


@pytest.mark.parametrize("name", sorted(set(SPECS) - set(RAW)))
def test_every_column_of_a_table_has_a_type_and_a_sentence(name: str) -> None:
    schema = SPECS[name].metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    assert len(schema.columns) > 1
    assert [c.name for c in schema.columns if not c.type or not (c.description or "").endswith(".")] == []


@pytest.mark.parametrize("table", STAGED, ids=lambda table: table.name)
def test_a_report_shows_the_headings_it_may_have(table) -> None:
    schema = RAW[f"raw/{table.name}"].metadata["dagster/column_schema"]
    assert [c.name for c in schema.columns] == list(dict.fromkeys(c.header for c in table.columns))


@pytest.mark.parametrize("table", TABLES + VIEWS, ids=lambda table: table.address)
def test_personal_columns_are_marked_as_such(table) -> None:
    schema = SPECS[f"{table.layer}/{table.name}"].metadata["dagster/column_schema"]
    marked = {c.name for c in schema.columns if "personal" in c.tags}
    assert marked == set(table.personal)
    assert all((c.description or "").endswith("Personal data.") for c in schema.columns if c.name in marked)


@pytest.mark.parametrize("table", STAGED, ids=lambda table: table.name)
def test_every_column_of_a_staged_table_is_traced_to_its_heading(table) -> None:
    lineage = SPECS[f"staged/{table.name}"].metadata["dagster/column_lineage"]
    assert {name: deps[0].column_name for name, deps in lineage.deps_by_column.items()} == {
        c.name: c.header for c in table.columns
    }


def checks_of(name: str) -> dict[str, dg.AssetCheckSpec]:
    node = GRAPH.get(SPECS[name].key)
    return {key.name: GRAPH.get(key) for key in node.check_keys}


@pytest.mark.parametrize("table", STAGED, ids=lambda table: table.name)
def test_a_staged_table_is_checked_for_its_dimensions_its_gates_and_that_nothing_is_lost(table) -> None:
    dimensions = {r.dimension.value for r in rules_of(table)} | {"validity"}
    expected = dimensions | set(GATES) | {"headings", "reconciliation", "drift"}
    assert set(checks_of(f"staged/{table.name}")) == expected


@pytest.mark.parametrize("table", CORE, ids=lambda table: table.name)
def test_a_core_table_is_checked_for_its_key_for_what_is_counted_and_if_made_of_rows_that_none_is_lost(table) -> None:
    names = {"uniqueness"} if table.name.startswith("dim_") else {"uniqueness", "integrity", "reconciliation"}
    names |= {COUNTED[table.name][1].value} if table.name in COUNTED else set()
    names |= {"accuracy"} if table.name in COUNTERS else set()
    assert set(checks_of(f"core/{table.name}")) == names


@every_asset
def test_every_check_is_told_apart_by_quarter_and_says_what_it_asks(name: str) -> None:
    for check in checks_of(name).values():
        assert (check.description or "").endswith(".")
        if name in PULLED:
            assert check.partitions_def is None
            continue
        assert isinstance(check.partitions_def, dg.DynamicPartitionsDefinition)
        assert check.partitions_def.name == "quarter"


@pytest.mark.parametrize("table", SYNCED, ids=lambda table: table.name)
def test_what_is_pulled_is_checked_and_must_be_fresh(table) -> None:
    assert set(checks_of(f"staged/{table.name}")) == set(CHECKS)
    assert SPECS[f"staged/{table.name}"].freshness_policy is not None


def test_staged_reads_raw_core_reads_staged_and_marts_read_core() -> None:
    below = {"raw": set(), "staged": {"raw"}, "core": {"staged", "core"}, "current": {"core"}, "marts": {"core"}}
    below["ops"] = {"staged", "core"}
    wrong = [
        f"{name} reads {parent.to_user_string()}"
        for name, spec in SPECS.items()
        for parent in GRAPH.get(spec.key).parent_keys
        # Scores are about every layer.
        if parent.path[0] not in below[str(spec.group_name)] and name != QUALITY
    ]
    assert wrong == []
    scored = {parent.to_user_string() for parent in GRAPH.get(SPECS[QUALITY].key).parent_keys}
    assert scored == {f"{table.layer}/{table.name}" for table in TABLES}
    unread = [n for n in RAW if GRAPH.get(SPECS[n].key).child_keys != {dg.AssetKey(["staged", n.partition("/")[2]])}]
    assert unread == []


def test_one_job_runs_everything_that_can_be_run_in_one_process() -> None:
    job = defs.resolve_job_def("quarter")
    executable = {spec.key for name, spec in SPECS.items() if GRAPH.get(spec.key).is_executable and name not in PULLED}
    assert job.asset_layer.executable_asset_keys == executable
    assert job.executor_def is dg.in_process_executor
    assert isinstance(job.partitions_def, dg.DynamicPartitionsDefinition)


def test_schedules_are_on_and_stand_at_their_hours() -> None:
    schedules = {s.name: s for s in defs.get_repository_def().schedule_defs}
    assert {name: s.cron_schedule for name, s in schedules.items()} == {
        "quarterly": "0 6 1 1,4,7,10 *",
        "late_files": "0 5 * * *",
        **{f"pull_{name}": "0 */6 * * *" for name in SYSTEMS},
        **{f"sweep_{name}": "0 3 * * 0" for name in SYSTEMS},
        **{f"pull_{name}": ["0 3 * * 1", "0 3 1 1,4,7,10 *"] for name in REPORTING},
    }
    for schedule in schedules.values():
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        system = schedule.name.partition("_")[2]
        job = f"pull_{system}" if system in (*SYSTEMS, *REPORTING) else "quarter"
        assert (schedule.execution_timezone, schedule.job_name) == ("UTC", job)


def test_sensors_are_on() -> None:
    sensors = {s.name: s for s in defs.get_repository_def().sensor_defs}
    assert set(sensors) == {"report_folders", "failed_runs", "open_letters", "declared_sources", "workbook_folders"}
    assert {s.default_status for s in sensors.values()} == {dg.DefaultSensorStatus.RUNNING}
    assert sensors["report_folders"].job_name == "quarter"


def test_no_resource_is_everybodys_default_for_writing() -> None:
    # One named io_manager would pickle personal data into DAGSTER_HOME for whoever forgets to name another.
    assert "io_manager" not in (defs.resources or {})
    # A pull hands nothing on: its records stand in the table already.
    ours = {name: GRAPH.get(s.key) for name, s in SPECS.items() if name not in PULLED}
    written_by = {name: node.io_manager_key for name, node in ours.items() if node.is_executable}
    # The profile hands nothing on: what Dagster's own default keeps of it is None.
    assert {name for name, key in written_by.items() if key not in ("archive_io", "warehouse_io")} == {PROFILE}
