"""Workbooks into tables: a table per folder, once per content, in place of what stood there before."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.excel.folders import load_all
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.postgres import database_name
from hrdata_assets.systems.workbooks.discovery import find_workbooks
from hrdata_assets_tests.excel.conftest import Load, Write
from hrdata_assets_tests.installation import Installation

STAFF = [["Name", "Hired", "FTE"], ["a", datetime.date(2024, 1, 31), 50], ["b", datetime.date(2023, 5, 1), 100]]


def statuses(loaded: dict[str, object]) -> dict[str, str]:
    return {path: one.outcome.status for path, one in loaded.items()}  # type: ignore[attr-defined]


def test_a_folder_becomes_a_table(installation: Installation, write: Write, load: Load) -> None:
    write("Head count/2024/march.xlsx", STAFF)
    loaded = load()
    assert statuses(loaded) == {"Head count/2024/march.xlsx": "loaded"}
    assert installation.rows("select name, hired, fte, source_file, sheet, row_no from excel.head_count_2024") == [
        ("a", datetime.date(2024, 1, 31), 50, "Head count/2024/march.xlsx", "Sheet1", 2),
        ("b", datetime.date(2023, 5, 1), 100, "Head count/2024/march.xlsx", "Sheet1", 3),
    ]
    (row,) = installation.rows(
        "select l.asset_key, l.read, l.inserted, i.row_count, i.status"
        " from ops.etl_imports i join ops.loads l using (load_id)"
    )
    assert row == ("excel/head_count_2024", 2, 2, 2, "imported")


def test_workbooks_of_one_folder_share_its_table(installation: Installation, write: Write, load: Load) -> None:
    write("staff/a.xlsx", [["Name", "Pay"], ["a", 1]])
    write("staff/b.xlsx", [["Pay", "Unit", "Name"], [2.5, "x", "b"]])
    load()
    assert installation.rows("select name, pay::text, unit from excel.staff order by name") == [
        ("a", "1", None),
        ("b", "2.5", "x"),
    ]


def test_the_same_again_changes_nothing(installation: Installation, write: Write, load: Load) -> None:
    write("staff/a.xlsx", STAFF)
    load()
    before = installation.rows("select xmin::text, ctid::text from excel.staff")
    assert statuses(load()) == {"staff/a.xlsx": "already"}
    assert installation.rows("select xmin::text, ctid::text from excel.staff") == before
    assert installation.one("select count(*) from ops.loads") == 1


def test_the_same_content_under_another_name_is_loaded_once(
    installation: Installation, write: Write, load: Load
) -> None:
    content = write("staff/a.xlsx", STAFF).read_bytes()
    load()
    for copy in ("staff/copy of a.xlsx", "backup/staff/a.xlsx"):
        target = installation.folder / "data" / copy
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    assert statuses(load()) == {
        "backup/staff/a.xlsx": "duplicate",
        "staff/a.xlsx": "already",
        "staff/copy of a.xlsx": "duplicate",
    }
    assert installation.one("select count(*) from excel.staff") == 2
    assert installation.one("select to_regclass('excel.backup_staff')") is None


def test_a_changed_workbook_takes_the_place_of_its_former_version(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", STAFF)
    write("staff/b.xlsx", [["Name"], ["z"]])
    load()
    write("staff/a.xlsx", [*STAFF[:2], ["c", None, 75]])
    loaded = load()
    assert statuses(loaded) == {"staff/a.xlsx": "loaded", "staff/b.xlsx": "already"}
    assert loaded["staff/a.xlsx"].outcome.counts.removed == 2
    assert installation.column("select name from excel.staff order by 1") == ["a", "c", "z"]
    assert installation.column("select status from ops.etl_imports order by import_id") == [
        "replaced",
        "imported",
        "imported",
    ]
    states = installation.rows(
        "select load_id is null, count(*) from ops.partitions where asset_key = 'excel/staff' group by 1 order by 1"
    )
    assert states == [(False, 2), (True, 1)]


def test_what_a_former_version_had_kept_out_is_closed_with_it(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", [["Name", "FTE", "Unit"], ["a", 1, "x"], ["Total", 1, None]])
    load()
    assert installation.column("select status from ops.dead_letters") == ["open"]
    write("staff/a.xlsx", [["Name", "FTE", "Unit"], ["a", 1, "x"]])
    load()
    assert installation.column("select status from ops.dead_letters") == ["superseded"]


def test_one_that_cannot_be_read_stops_no_other_and_says_why(
    installation: Installation, data: Path, write: Write, load: Load
) -> None:
    (data / "staff").mkdir()
    (data / "staff" / "a.xlsx").write_bytes(b"<html><body>Sign in</body></html>")
    write("staff/b.xlsx", STAFF)
    loaded = load()
    assert statuses(loaded) == {"staff/a.xlsx": "failed", "staff/b.xlsx": "loaded"}
    assert loaded["staff/a.xlsx"].outcome.code == "html"
    letters = "select status, reasons -> 0 ->> 'rule', payload ->> 'file' from ops.dead_letters"
    assert installation.rows(letters) == [("open", "html", "staff/a.xlsx")]
    write("staff/a.xlsx", [["Name"], ["c"]])
    assert statuses(load())["staff/a.xlsx"] == "loaded"
    assert installation.rows(letters) == [("superseded", "html", "staff/a.xlsx")]


def test_a_type_that_a_view_depends_on_is_not_changed_and_the_view_is_named(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", STAFF)
    load()
    with installation.warehouse.connect("test") as connection:
        connection.execute("create view marts.of_a_user as select fte from excel.staff")
    write("staff/b.xlsx", [["Name", "FTE"], ["z", "half"]])
    write("staff/c.xlsx", [["Name", "Unit"], ["c", "x"]])
    loaded = load()
    assert statuses(loaded) == {"staff/a.xlsx": "already", "staff/b.xlsx": "failed", "staff/c.xlsx": "loaded"}
    outcome = loaded["staff/b.xlsx"].outcome
    assert outcome.code == "table_in_use"
    assert "view marts.of_a_user depends on it; drop that" in str(outcome.reason)
    letters = "select status, reasons -> 0 ->> 'rule', payload ->> 'file' from ops.dead_letters"
    assert installation.rows(letters) == [("open", "table_in_use", "staff/b.xlsx")]
    with installation.warehouse.connect("test") as connection:
        connection.execute("drop view marts.of_a_user")
    assert statuses(load())["staff/b.xlsx"] == "loaded"
    assert installation.column("select distinct status from ops.dead_letters") == ["replayed"]


def test_the_configuration_names_the_sheet(
    installation: Installation, write: Write, load: Load, configure: Callable[[str], None]
) -> None:
    configure("staff:\n  sheet: people\n")
    write("staff/a.xlsx", {"Cover": [["x"]], "People": STAFF})
    write("staff/b.xlsx", {"Cover": [["y"]], "Staff": STAFF})
    loaded = load()
    assert statuses(loaded) == {"staff/a.xlsx": "loaded", "staff/b.xlsx": "failed"}
    assert loaded["staff/b.xlsx"].outcome.code == "sheet_missing"
    assert "Cover, Staff" in str(loaded["staff/b.xlsx"].outcome.reason)
    assert installation.one("select count(*) from excel.staff where sheet = 'People'") == 2


def test_other_options_read_the_same_workbook_anew(
    installation: Installation, write: Write, load: Load, configure: Callable[[str], None]
) -> None:
    write("staff/a.xlsx", [["Day"], ["03.04.2024"]])
    load()
    assert installation.one("select pg_typeof(day)::text from excel.staff") == "text"
    configure("staff:\n  day_first: true\n")
    assert statuses(load()) == {"staff/a.xlsx": "loaded"}
    assert installation.one("select day::text from excel.staff") == "2024-04-03"
    assert installation.rows("select column_name, change, cells, rows from ops.value_changes") == [
        ("day", "read_as_declared", 1, [2])
    ]


def test_a_frozen_table_refuses_what_would_change_it(
    installation: Installation, write: Write, load: Load, configure: Callable[[str], None]
) -> None:
    configure("staff:\n  policy: freeze\n")
    write("staff/a.xlsx", STAFF)
    load()
    write("staff/b.xlsx", [["Name", "Nickname"], ["c", "d"]])
    outcome = load()["staff/b.xlsx"].outcome
    assert (outcome.status, outcome.code) == ("failed", "schema_frozen")
    assert "nickname" in str(outcome.reason)
    assert installation.one("select count(*) from excel.staff") == 2


def test_a_configuration_of_folders_that_are_not_there_is_refused(
    write: Write, load: Load, configure: Callable[[str], None]
) -> None:
    configure("stuff:\n  day_first: true\n")
    write("staff/a.xlsx", STAFF)
    with pytest.raises(SetupError, match="stuff"):
        load()


def test_what_a_table_has_no_room_for_goes_into_extra(installation: Installation, write: Write, load: Load) -> None:
    write("wide/a.xlsx", [[f"h{n}" for n in range(1_200)], [f"text number {n:04d}" for n in range(1_200)]])
    load()
    stored = "select h0, h999 is null, extra ->> 'h999', extra ->> 'h1199' from excel.wide"
    assert installation.rows(stored) == [("text number 0000", True, "text number 0999", "text number 1199")]
    assert (
        installation.one(
            "select count(*) from information_schema.columns where table_schema = 'excel' and column_name ~ '^h'"
        )
        == 1_000
    )


def test_changes_in_columns_without_room_are_told_of_together(
    installation: Installation, write: Write, load: Load, configure: Callable[[str], None]
) -> None:
    configure('wide:\n  decimal: ","\n')
    write("wide/a.xlsx", [[f"h{n}" for n in range(1_003)], ["1,5"] * 1_003, [None] * 1_002 + ["2,5"]])
    load()
    told = "select cells, rows from ops.value_changes where column_name = 'extra'"
    assert installation.rows(told) == [(4, [2, 3])]


def test_rows_that_the_database_refuses_keep_out_their_workbook_alone(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", STAFF)
    load()
    with installation.warehouse.connect("test") as connection:
        connection.execute("alter table excel.staff add constraint at_most_all check (fte <= 100)")
    write("staff/b.xlsx", [["Name", "FTE"], ["c", 150]])
    write("staff/c.xlsx", [["Name", "FTE"], ["d", 75]])
    loaded = load()
    assert statuses(loaded) == {"staff/a.xlsx": "already", "staff/b.xlsx": "failed", "staff/c.xlsx": "loaded"}
    assert loaded["staff/b.xlsx"].outcome.code == "refused_by_database"
    assert "at_most_all" in str(loaded["staff/b.xlsx"].outcome.reason)
    assert installation.column("select name from excel.staff order by 1") == ["a", "b", "d"]


def test_sql_in_names_does_nothing(installation: Installation, write: Write, load: Load) -> None:
    evil = "x\"); drop schema ops cascade; --'"
    write(f"{evil}/{evil}.xlsx", {"a'; drop": [[evil, "%s {}", "$$"], [evil, "b", "\\."]]})
    assert [one.outcome.status for one in load().values()] == ["loaded"]
    (table,) = installation.column("select table_name from ops.etl_imports")
    rows = installation.rows(f'select row_no, source_file, sheet from excel."{table}"')
    assert rows == [(2, f"{evil}/{evil}.xlsx", "a'; drop")]


def test_a_workbook_of_headings_alone_makes_a_table_without_rows(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", [["Name", "Unit"]])
    load()
    assert installation.one("select count(*) from excel.staff") == 0
    write("staff/b.xlsx", [["Name", "Unit"], ["a", 7]])
    load()
    assert installation.rows("select name, unit from excel.staff") == [("a", 7)]


def test_parts_are_as_large_as_was_said_and_make_one_table(
    installation: Installation, write: Write, load: Load
) -> None:
    rows = [["Number", "Text"], *([n, f"t{n}"] for n in range(25_000)), ["x", "last"]]
    write("staff/a.xlsx", rows)
    load()
    assert installation.rows("select count(*), count(distinct number), max(row_no) from excel.staff") == [
        (25_001, 25_001, 25_002)
    ]
    assert installation.one("select pg_typeof(number)::text from excel.staff limit 1") == "text"


def test_one_connection_is_enough_for_all_workbooks(installation: Installation, write: Write) -> None:
    for number in range(4):
        write(f"staff/{number}.xlsx", [["Number"], [number]])
    ours = "select pid from pg_stat_activity where application_name like 'hrdata: excel%%' and datname = %s"
    seen: list[list[int]] = []
    with installation.environment():
        settings = load_settings()
    found = find_workbooks(settings.workbooks_dir)
    for _ in load_all(installation.warehouse, settings, found, "test"):
        seen.append(installation.column(ours, database_name(installation.url)))
    assert [len(pids) for pids in seen] == [1] * 4
    assert len({pid for pids in seen for pid in pids}) == 1
