"""Report folders that arrive, settle and change, and what the clock asks for; real folders, a real instance."""

import datetime
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest

from hrdata_assets.defs.schedules import late_files, quarterly
from hrdata_assets.defs.sensors import report_folders
from hrdata_assets.systems.files import fingerprint_of_folder

MORNING = datetime.datetime(2026, 7, 1, 6, 0, tzinfo=datetime.UTC)


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder into which quarter folders are put."""
    for name in [name for name in os.environ if name.startswith(("HRDATA_", "PG"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HRDATA_REPORTS_DIR", "reports")
    (tmp_path / "reports").mkdir()
    return tmp_path / "reports"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@dataclass
class Watching:
    """The sensor as Dagster's daemon calls it: again and again, with its own cursor, granting its wishes."""

    instance: dg.DagsterInstance
    cursor: str | None = None
    said: list[str | None] = field(default_factory=list)

    def tick(self) -> list[dg.RunRequest]:
        found = report_folders(dg.build_sensor_context(instance=self.instance, cursor=self.cursor))
        assert isinstance(found, dg.SensorResult)
        self.cursor = found.cursor
        self.said.append(found.skip_reason.skip_message if isinstance(found.skip_reason, dg.SkipReason) else None)
        for wish in found.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions(wish.partitions_def_name, list(wish.partition_keys))
        return list(found.run_requests or [])

    @property
    def quarters(self) -> list[str]:
        return list(self.instance.get_dynamic_partitions("quarter"))


@pytest.fixture
def sensor(instance: dg.DagsterInstance) -> Watching:
    return Watching(instance)


def put(reports: Path, folder: str = "Q22026", name: str = "user_report.csv", content: str = "a,b\n1,2\n") -> Path:
    (reports / folder).mkdir(exist_ok=True)
    path = reports / folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_folder_is_looked_at_twice_and_asked_for_once(reports: Path, sensor: Watching) -> None:
    put(reports)
    assert (sensor.tick(), sensor.quarters) == ([], [])
    assert sensor.said == ["waiting until they have settled: Q22026"]
    (request,) = sensor.tick()
    assert (request.partition_key, sensor.quarters) == ("2026-Q2", ["2026-Q2"])
    assert sensor.tick() == sensor.tick() == []
    assert sensor.said[-1] == f"1 quarter folders in {reports}, nothing new"


def test_a_request_tells_its_folder_and_its_key_is_made_of_what_is_in_it(reports: Path, sensor: Watching) -> None:
    put(reports)
    sensor.tick()
    (request,) = sensor.tick()
    assert request.run_key == f"2026-Q2:{fingerprint_of_folder(reports / 'Q22026')}:1"
    assert request.tags["hrdata/folder"] == "Q22026"
    assert request.tags["hrdata/cause"] == "folder"


def test_a_folder_put_back_to_what_it_was_is_asked_for_again(reports: Path, sensor: Watching) -> None:
    report = put(reports)
    before, times = report.read_bytes(), report.stat()
    sensor.tick()
    (first,) = sensor.tick()
    put(reports, content="a,b\n1,2\n3,4\n")
    sensor.tick()
    sensor.tick()
    report.write_bytes(before)
    os.utime(report, ns=(times.st_atime_ns, times.st_mtime_ns))
    sensor.tick()
    (again,) = sensor.tick()
    assert again.run_key != first.run_key


def test_a_folder_that_changes_is_asked_for_again_once_it_has_settled(reports: Path, sensor: Watching) -> None:
    put(reports)
    sensor.tick()
    (first,) = sensor.tick()
    put(reports, content="a,b\n1,2\n3,4\n")
    assert sensor.tick() == []
    (second,) = sensor.tick()
    assert sensor.tick() == []
    assert second.partition_key == first.partition_key == "2026-Q2"
    assert second.run_key != first.run_key
    assert sensor.quarters == ["2026-Q2"]


def test_a_folder_still_being_copied_is_left_alone(reports: Path, sensor: Watching) -> None:
    put(reports)
    for line in range(3):
        put(reports, content="x\n" * line)
        assert sensor.tick() == []
    assert len(sensor.tick()) == 1


def test_a_folder_with_a_temporary_file_waits_until_it_is_gone(reports: Path, sensor: Watching) -> None:
    put(reports)
    part = put(reports, name="usage_report.csv.part")
    assert [sensor.tick() for _ in range(3)] == [[], [], []]
    part.rename(reports / "Q22026" / "usage_report.csv")
    assert sensor.tick() == []
    assert len(sensor.tick()) == 1


def test_a_temporary_file_beside_a_loaded_folder_asks_for_nothing(reports: Path, sensor: Watching) -> None:
    put(reports)
    sensor.tick()
    assert len(sensor.tick()) == 1
    part = put(reports, name="usage_report.csv.part")
    assert sensor.tick() == []
    part.unlink()
    assert [sensor.tick() for _ in range(3)] == [[], [], []]


def test_an_empty_folder_waits(reports: Path, sensor: Watching) -> None:
    (reports / "Q22026").mkdir()
    assert [sensor.tick(), sensor.tick()] == [[], []]
    assert sensor.said[-1] == "waiting until they have settled: Q22026"


def test_without_a_folder_there_is_nothing_to_do(reports: Path, sensor: Watching) -> None:
    put(reports, folder="Q22026_old")
    assert (sensor.tick(), sensor.tick()) == ([], [])
    assert sensor.said == [f"0 quarter folders in {reports}, nothing new"] * 2


def test_a_reports_folder_that_is_not_there_yet_is_no_failure(reports: Path, sensor: Watching) -> None:
    reports.rmdir()
    assert sensor.tick() == []
    reports.mkdir()
    put(reports)
    sensor.tick()
    assert len(sensor.tick()) == 1


def test_one_folder_does_not_wait_for_another(reports: Path, sensor: Watching) -> None:
    put(reports, "Q12026")
    put(reports, "Q22026")
    put(reports, "Q22026", name="x.tmp")
    sensor.tick()
    assert [request.partition_key for request in sensor.tick()] == ["2026-Q1"]
    (reports / "Q22026" / "x.tmp").unlink()
    sensor.tick()
    assert [request.partition_key for request in sensor.tick()] == ["2026-Q2"]
    assert sensor.quarters == ["2026-Q1", "2026-Q2"]


def test_a_quarter_that_is_known_already_is_not_added_again(reports: Path, sensor: Watching) -> None:
    sensor.instance.add_dynamic_partitions("quarter", ["2026-Q2"])
    put(reports)
    sensor.tick()
    assert len(sensor.tick()) == 1
    assert sensor.quarters == ["2026-Q2"]


def test_a_folder_that_went_away_is_forgotten(reports: Path, sensor: Watching) -> None:
    report = put(reports)
    sensor.tick()
    sensor.tick()
    report.unlink()
    report.parent.rmdir()
    sensor.tick()
    assert json.loads(sensor.cursor or "") == {}


def test_a_mapping_that_cannot_be_used_fails_the_tick_with_its_sentence(
    reports: Path, sensor: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRDATA_QUARTER_FOLDERS", "QTEST=soon")
    with pytest.raises(dg.Failure) as failed:
        sensor.tick()
    assert failed.value.description == "'soon' is no quarter: write 2026-Q2 or Q22026"


def test_an_oddly_named_folder_is_loaded_as_the_quarter_it_is_given(
    reports: Path, sensor: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRDATA_QUARTER_FOLDERS", "QTEST=2026-Q1")
    put(reports, "QTEST")
    sensor.tick()
    assert [(r.partition_key, r.tags["hrdata/folder"]) for r in sensor.tick()] == [("2026-Q1", "QTEST")]


@pytest.fixture
def kept_instance() -> Iterator[dg.DagsterInstance]:
    """On disk: a schedule opens its instance by reference."""
    with dg.instance_for_test() as made:
        yield made


def ask(schedule: dg.ScheduleDefinition, instance: dg.DagsterInstance) -> tuple[list[dg.RunRequest], str | None]:
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=MORNING)
    found = schedule(context)
    if isinstance(found, dg.SkipReason):
        return [], found.skip_message
    return (found if isinstance(found, list) else [found]), None


def test_the_quarterly_schedule_asks_for_the_newest_quarter_whatever_its_folders_name(
    reports: Path, kept_instance: dg.DagsterInstance
) -> None:
    for folder in ("Q42025", "Q22026", "Q12026"):
        put(reports, folder)
    ((request,), _) = ask(quarterly, kept_instance)
    assert (request.partition_key, request.run_key) == ("2026-Q2", "quarterly:2026-Q2:2026-07-01")
    assert request.tags["hrdata/cause"] == "quarterly"
    assert kept_instance.get_dynamic_partitions("quarter") == ["2026-Q2"]


def test_the_quarterly_schedule_says_when_there_is_nothing(reports: Path, kept_instance: dg.DagsterInstance) -> None:
    assert ask(quarterly, kept_instance) == ([], f"no quarter folder in {reports}")
    assert list(kept_instance.get_dynamic_partitions("quarter")) == []


def test_the_daily_schedule_asks_for_every_settled_quarter(reports: Path, kept_instance: dg.DagsterInstance) -> None:
    put(reports, "Q12026")
    put(reports, "Q42025")
    put(reports, "Q22026")
    put(reports, "Q22026", name="x.part")
    requests, _ = ask(late_files, kept_instance)
    assert [(r.partition_key, r.run_key) for r in requests] == [
        ("2025-Q4", "late:2025-Q4:2026-07-01"),
        ("2026-Q1", "late:2026-Q1:2026-07-01"),
    ]
    assert sorted(kept_instance.get_dynamic_partitions("quarter")) == ["2025-Q4", "2026-Q1"]


def test_the_daily_schedule_says_when_nothing_has_settled(reports: Path, kept_instance: dg.DagsterInstance) -> None:
    put(reports, name="user_report.csv.part")
    assert ask(late_files, kept_instance) == ([], f"no settled quarter folder in {reports}")
