"""A folder's workbooks in one transaction, if so set: all of them become visible together, or none."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hrdata_assets.excel.folders import load_all
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.workbooks.discovery import find_workbooks
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.excel.conftest import Write
from hrdata_assets_tests.installation import Installation, hrdata_command


@pytest.fixture(autouse=True)
def sectional(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment that asks for it."""
    monkeypatch.setenv("ETL_SECTIONAL_COMMIT", "1")
    return {**installation.process_environment(), "ETL_SECTIONAL_COMMIT": "1"}


def load_together(installation: Installation) -> dict[str, str]:
    """Load everything in this process, as the environment says; what became of each."""
    settings = load_settings()
    assert settings.etl_sectional_commit
    found = find_workbooks(settings.workbooks_dir)
    return {str(one.file.path): one.outcome.status for one in load_all(installation.warehouse, settings, found, "test")}


def loaded(installation: Installation) -> list[tuple[str, str]]:
    return installation.rows("select table_name, source_file from ops.etl_imports where status = 'imported' order by 2")


def test_a_crash_between_two_workbooks_leaves_nothing_of_their_folder(
    installation: Installation, write: Write, sectional: dict[str, str]
) -> None:
    write("first/a.xlsx", [["Name"], ["a"]])
    write("staff/a.xlsx", [["Name"], ["b"]])
    write("staff/b.xlsx", [["Name", "Unit"], ["c", "x"]])
    asked = {"HRDATA_TESTING": "1", "HRDATA_FAULT": "after_commit:kill:excel/staff"}
    killed = subprocess.run(hrdata_command("excel", "load"), env={**sectional, **asked}, cwd=installation.folder)
    assert killed.returncode == -signal.SIGKILL
    assert loaded(installation) == [("first", "first/a.xlsx")]
    assert installation.one("select to_regclass('excel.staff')") is None
    assert installation.one("select count(*) from ops.loads where asset_key = 'excel/staff'") == 0
    assert hrdata("excel", "load").code == 0
    assert installation.column("select name from excel.staff order by 1") == ["b", "c"]


def test_a_workbook_that_cannot_be_read_leaves_its_letter_and_the_others_are_loaded(
    installation: Installation, data: Path, write: Write, configure: Callable[[str], None]
) -> None:
    configure("staff:\n  policy: freeze\n")
    write("staff/a.xlsx", [["Name"], ["a"]])
    (data / "staff" / "b.xlsx").write_bytes(b"<html>")
    write("staff/c.xlsx", [["Name", "Unit"], ["c", "x"]])
    write("staff/d.xlsx", [["Name"], ["d"]])
    assert load_together(installation) == {
        "staff/a.xlsx": "loaded",
        "staff/b.xlsx": "failed",
        "staff/c.xlsx": "failed",
        "staff/d.xlsx": "loaded",
    }
    assert installation.column("select name from excel.staff order by 1") == ["a", "d"]
    assert installation.rows("select payload ->> 'file', reasons -> 0 ->> 'rule' from ops.dead_letters order by 1") == [
        ("staff/b.xlsx", "html"),
        ("staff/c.xlsx", "schema_frozen"),
    ]


def test_the_workbooks_of_folders_inside_are_of_their_own_transaction(installation: Installation, write: Write) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    write("staff/inner/b.xlsx", [["Name"], ["b"]])
    write("staff/z.xlsx", [["Name"], ["z"]])
    assert hrdata("excel", "load").code == 0
    rows = installation.rows("select table_name, count(*), count(distinct imported_at) from ops.etl_imports group by 1")
    assert sorted(rows) == [("staff", 2, 1), ("staff_inner", 1, 1)]
