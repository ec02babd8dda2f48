"""SKIP_DB shows what loading would do: exactly what it then does, and without a database."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.excel.conftest import Write
from hrdata_assets_tests.installation import Installation

NOWHERE = "postgresql://nobody@127.0.0.1:9/none"


@pytest.fixture
def several(installation: Installation, data: Path, write: Write, configure: Callable[[str], None]) -> None:
    """Folders with everything that can become of a workbook."""
    configure("frozen:\n  policy: freeze\n")
    content = write("staff/a.xlsx", [["Name", "Pay"], ["a", 1], ["Total", 1], ["b", None]]).read_bytes()
    write("staff/b.xlsx", [["Pay", "Hired"], [2.5, datetime.date(2024, 1, 31)], ["many", None]])
    (data / "staff" / "copy.xlsx").write_bytes(content)
    (data / "staff" / "d.xlsx").write_bytes(b"<html>")
    write("frozen/a.xlsx", [["Name"], ["a"]])
    write("frozen/b.xlsx", [["Name", "Unit"], ["b", "x"]])
    write("empty/a.xlsx", [["Name", "Unit"]])
    (data / "staff" / "~$a.xlsx").write_bytes(b"")


@pytest.mark.usefixtures("several")
def test_the_plan_is_what_loading_does(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIP_DB", "1")
    monkeypatch.setenv("HRDATA_DATABASE_URL", NOWHERE)
    planned = hrdata("excel", "load", "--json")
    assert planned.code == 1
    assert not installation.home.exists()
    monkeypatch.delenv("SKIP_DB")
    monkeypatch.setenv("HRDATA_DATABASE_URL", installation.url)
    done = hrdata("excel", "load", "--json")
    plan, loaded = json.loads(planned.out), json.loads(done.out)
    words = {"loads": "loaded", "fails": "failed", "duplicate": "duplicate"}
    same = ("file", "table", "code", "sheet", "decisions", "schema_changes", "set_aside")
    assert [{name: one[name] for name in same} for one in plan["files"]] == [
        {name: one[name] for name in same} for one in loaded["workbooks"]
    ]
    assert [(words[one["status"]], one["kept"], one["blank"]) for one in plan["files"]] == [
        (one["status"], one["inserted"], one["skipped"]) for one in loaded["workbooks"]
    ]
    assert plan["left_alone"] == loaded["left_alone"]
    for table in plan["tables"]:
        stored = installation.rows(
            "select column_name, type, heading from ops.columns where 'excel.' || table_name = %s", table["table"]
        )
        assert {(c["name"], c["type"], c["heading"]) for c in table["columns"]} == set(stored)
        assert installation.rows(f"select count(*) from {table['table']}") == [(table["rows"],)]
    assert [table["table"] for table in plan["tables"]] == ["excel.empty", "excel.frozen", "excel.staff"]


@pytest.mark.usefixtures("several")
def test_people_see_that_it_is_from_scratch_and_why_a_workbook_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIP_DB", "1")
    monkeypatch.setenv("HRDATA_DATABASE_URL", NOWHERE)
    answer = hrdata("excel", "load")
    assert answer.code == 1
    for said in (
        "nothing had been loaded yet",
        "excel.staff: ",
        "schema_frozen",
        "html",
        "alter_type pay integer to text",
    ):
        assert said in answer.out


@pytest.mark.usefixtures("several")
def test_a_pause_is_not_ended_by_a_plan(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    installation.home.mkdir()
    paused = installation.home / ".etl_pause.json"
    paused.write_text("{}", encoding="utf-8")
    monkeypatch.setenv("SKIP_DB", "1")
    refused = hrdata("excel", "resume")
    assert (refused.code, "SKIP_DB" in refused.err) == (1, True)
    assert paused.exists()
