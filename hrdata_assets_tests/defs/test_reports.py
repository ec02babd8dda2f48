"""The job and the schedule that land Flowcase's reports; where nothing is said of it they say so, and nothing fails."""

from collections.abc import Iterator

import dagster as dg
import pytest

from hrdata_assets.defs.reports import REPORT_JOBS, REPORT_SCHEDULES
from hrdata_assets.defs.sensors import report_folders
from hrdata_assets.systems.flowcase.client import ORDERED
from hrdata_assets_tests.systems.flowcase.account import Account, an_account

JOB = REPORT_JOBS["flowcase"]
(SCHEDULE,) = REPORT_SCHEDULES
QUARTER = {"ops": {"land_flowcase": {"config": {"quarter": "2026-Q2"}}}}


@pytest.fixture
def configured(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with an_account(tmp_path) as account:
        for name, value in account.variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HRDATA_REPORTS_DIR", str(account.settings.reports_dir))
        monkeypatch.setenv("HRDATA_HOME", str(account.settings.home))
        yield account


def run(instance: dg.DagsterInstance, **config) -> dg.ExecuteInProcessResult:
    return JOB.execute_in_process(instance=instance, raise_on_error=False, **config)


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    (output,) = (e for e in result.all_events if e.event_type_value == "STEP_OUTPUT")
    return {name: value.value for name, value in output.step_output_data.metadata.items()}


def test_the_job_lands_a_folder_which_the_sensor_then_asks_to_be_loaded(configured: Account) -> None:
    with dg.instance_for_test() as instance:
        result = run(instance, run_config=QUARTER)
        assert result.success
        assert metadata(result) == {
            "quarter": "2026-Q2", "reports": 13, "changed": ", ".join(ORDERED), "calls": 40, "429s": 0
        }  # fmt: skip
        assert metadata(run(instance, run_config=QUARTER))["changed"] == "nothing"
        first = report_folders(dg.build_sensor_context(instance=instance))
        assert isinstance(first, dg.SensorResult)
        second = report_folders(dg.build_sensor_context(instance=instance, cursor=first.cursor))
        assert isinstance(second, dg.SensorResult)
        assert [request.partition_key for request in second.run_requests or ()] == ["2026-Q2"]


def test_reports_that_cannot_be_had_fail_the_run_after_the_others_are_landed(configured: Account) -> None:
    configured.fake.switches.failed = {"blogs": "failed"}
    with dg.instance_for_test() as instance:
        result = run(instance, run_config=QUARTER)
        assert not result.success
        said = "".join(str(event) for event in instance.all_logs(result.run_id))
    assert "the other reports are landed, but blogs: flowcase could not make blogs (failed): pull again" in said
    assert configured.fake.switches.token not in said
    assert len(configured.files()) == len(ORDERED) - 1


def test_a_quarter_that_has_not_begun_fails_with_its_sentence(configured: Account) -> None:
    with dg.instance_for_test() as instance:
        config = {"ops": {"land_flowcase": {"config": {"quarter": "2099-Q1", "replace": True}}}}
        failed = run(instance, run_config=config).failure_data_for_node("land_flowcase")
    assert failed is not None
    assert "2099-Q1 has not begun" in str(failed.user_failure_data)


def test_where_nothing_is_said_of_it_the_job_says_so_and_does_not_fail(
    tmp_path, caplog: pytest.LogCaptureFixture
) -> None:
    with dg.instance_for_test() as instance:
        result = run(instance)
        said = "".join(str(event) for event in instance.all_logs(result.run_id))
    assert result.success
    assert "flowcase is not configured: set FLOWCASE_DATA_SOURCE=real" in said
    assert not (tmp_path / "cv_reports").exists()


def test_it_is_pulled_every_monday_and_on_a_quarters_first_day_once_it_is_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert SCHEDULE.cron_schedule == ["0 3 * * 1", "0 3 1 1,4,7,10 *"]
    assert SCHEDULE.default_status is dg.DefaultScheduleStatus.RUNNING
    context = dg.build_schedule_context()
    skipped = "flowcase is not configured: set FLOWCASE_DATA_SOURCE=real, FLOWCASE_SUBDOMAIN, FLOWCASE_API_TOKEN"
    assert SCHEDULE.evaluate_tick(context).skip_message == skipped
    for name, value in {"DATA_SOURCE": "real", "SUBDOMAIN": "company", "API_TOKEN": "token"}.items():
        monkeypatch.setenv(f"FLOWCASE_{name}", value)
    requests = SCHEDULE.evaluate_tick(context).run_requests
    assert [dict(request.tags)["hrdata/cause"] for request in requests or ()] == ["schedule"]
