"""Faults on purpose: every named point is one that loading passes, and nothing is struck outside tests."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.faults import POINTS, Action, Fault, fault
from hrdata_assets_tests.builders import a_quarter, write_reports
from hrdata_assets_tests.installation import REPOSITORY, Installation, dump

OF_RAW = {"after_archive", "before_commit", "after_commit", "before_event"}
OF_STAGED = set(POINTS) - {"after_archive"}
OF_GROUPS = OF_STAGED - {"mid_copy"}
OF_PROFILE = {"before_commit", "after_commit", "before_event"}


def strike(point: str, asset: str, **variables: str) -> subprocess.Popen[bytes]:
    """Come by a point in a process of its own."""
    code = f"from hrdata_assets.faults import fault; fault({point!r}, {asset!r}); print('went on')"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), **variables}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)


@contextmanager
def notes() -> Iterator[list[tuple[str, str]]]:
    """Points and assets that were passed meanwhile."""
    passed: list[tuple[str, str]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if str(record.msg).startswith("passed"):
                passed.append((str(record.args[0]), str(record.args[1])))

    log, keep = logging.getLogger("hrdata"), Keep()
    level = log.level
    log.addHandler(keep)
    log.setLevel(logging.INFO)
    yield passed
    log.removeHandler(keep)
    log.setLevel(level)


def test_every_point_is_passed_by_every_kind_of_asset_that_it_belongs_to(installation: Installation):
    write_reports(installation.quarter_folder("2026-Q1"), a_quarter(1, 2, 3))
    noting = Installation(installation.url, installation.folder, tuple(asked("any:note").items()))
    with notes() as passed:
        assert noting.run("2026-Q1").success
    kinds = {"raw/flowcase_users": OF_RAW, "staged/flowcase_users": OF_STAGED, "marts/cv_search_profile_mv": OF_PROFILE}
    for asset, points in kinds.items():
        assert {point for point, of in passed if of == asset} == points, asset
    for layer in ("core/", "marts/kpis"):
        assert {point for point, of in passed if of.startswith(layer)} == OF_GROUPS, layer
    assert {point for point, _ in passed} == set(POINTS)
    order = [point for point, of in passed if of == "staged/flowcase_users"]
    assert order == [point for point in POINTS if point in OF_STAGED]


def asked(text: str) -> dict[str, str]:
    return {"HRDATA_TESTING": "1", "HRDATA_FAULT": text}


def test_nothing_happens_without_testing():
    for variables in ({"HRDATA_FAULT": "mid_copy"}, {"HRDATA_FAULT": "mid_copy", "HRDATA_TESTING": "0"}):
        process = strike("mid_copy", "staged/x", **variables)
        assert (process.communicate()[0], process.returncode) == (b"went on\n", 0)


def test_a_process_is_killed_at_the_point_asked_for_and_at_no_other():
    process = strike("mid_copy", "staged/x", **asked("mid_copy"))
    assert (process.communicate()[0], process.returncode) == (b"", -signal.SIGKILL)
    for text in ("after_copy", "mid_copy:kill:core", "mid_copy:kill:staged/xy"):
        assert strike("mid_copy", "staged/x", **asked(text)).communicate()[0] == b"went on\n"


def test_a_sleeping_process_goes_on_when_it_is_told_to():
    process = strike("mid_copy", "staged/x", **asked("mid_copy:sleep:staged"))
    os.waitpid(process.pid, os.WUNTRACED)
    assert psutil.Process(process.pid).status() == psutil.STATUS_STOPPED
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=30)[0] == b"went on\n"


def test_a_fault_can_be_an_error_that_is_worth_trying_again(monkeypatch):
    monkeypatch.setenv("HRDATA_TESTING", "1")
    monkeypatch.setenv("HRDATA_FAULT", "after_copy:raise:staged")
    fault("after_copy", "core/users")
    with pytest.raises(SystemUnavailable, match="staged/flowcase_users: a fault was asked for at after_copy"):
        fault("after_copy", "staged/flowcase_users")


@pytest.mark.parametrize("text", ["mid_cpoy", "mid_copy:burn", ":kill", "kill"])
def test_what_there_is_not_is_refused(text: str, monkeypatch):
    with pytest.raises(SetupError, match=r"there is no (point|action)"):
        Fault.parse(text)
    monkeypatch.setenv("HRDATA_FAULT", text)
    fault("mid_copy", "staged/x")
    monkeypatch.setenv("HRDATA_TESTING", "1")
    with pytest.raises(SetupError, match="there is no"):
        fault("mid_copy", "staged/x")


def test_what_is_left_out_is_a_kill_of_whatever_comes_by():
    assert Fault.parse("mid_copy") == Fault("mid_copy", Action.KILL, "")


@pytest.mark.parametrize("point", [point for point in POINTS if point in OF_STAGED - {"after_commit", "before_event"}])
def test_an_error_at_any_point_before_the_commit_leaves_what_was(installation: Installation, point: str, monkeypatch):
    write_reports(installation.quarter_folder("2026-Q1"), a_quarter(1, 2))
    installation.load("2026-Q1")
    before = everything(installation)
    write_reports(installation.quarter_folder("2026-Q1"), a_quarter(1, 2, 3))
    for name, value in asked(f"{point}:raise:staged/flowcase_users").items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemUnavailable, match=point):
        installation.load("2026-Q1")
    assert everything(installation) == before


def everything(installation: Installation) -> list[object]:
    ledger = [
        installation.rows(f"select t::text from ops.{table} t where asset_key not like 'raw/%' order by 1")
        for table in ("loads", "partitions", "quality_results", "dead_letters")
    ]
    schemas = installation.column("select nspname from pg_namespace where nspname like 'building%'")
    return [ledger, schemas, dump(installation, "staged", "core", "current", "marts", "held")]
