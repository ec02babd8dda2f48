"""Folders with a business key: one row per key, the newest; the others are history, and come back when it is undone."""

from collections.abc import Callable

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.excel.reset import reset
from hrdata_assets.storage.row_history import changes_between, versions_of
from hrdata_assets.verify.answers import verify
from hrdata_assets_tests.excel.conftest import Load, Write
from hrdata_assets_tests.excel.test_load import statuses
from hrdata_assets_tests.excel.test_reset import psql
from hrdata_assets_tests.excel.test_undo import TakeBack, narrow_back, take_back
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.victim import grave

__all__ = ["narrow_back", "take_back"]

Configure = Callable[[str], None]


@pytest.fixture(autouse=True)
def keyed(configure: Configure) -> None:
    """A key for the folder."""
    configure("staff:\n  key: No\n")


def standing(installation: Installation) -> list[tuple[object, ...]]:
    """Key and value of each row of excel.staff."""
    return installation.rows("select no::text, fte::text from excel.staff order by 1")


def one_after_the_other(write: Write, load: Load, **values: int) -> None:
    """Load workbooks of these names that say something else of one key."""
    for name, value in values.items():
        write(f"staff/{name}.xlsx", [["No", "FTE"], [1, value]])
        load()


def behind(installation: Installation) -> list[tuple[object, ...]]:
    """What is kept beside it: key, value, and whether its workbook is still loaded."""
    return installation.rows(
        "select array_to_string(key, '/'), cells ->> 'fte', stands from ops.row_versions order by 1, load_id, row_no"
    )


def test_the_newest_row_of_a_key_stands_in_the_table_and_the_older_one_behind_it(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", [["No", "FTE"], [1, 50], [2, 100]])
    load()
    write("staff/b.xlsx", [["No", "FTE"], [2, 80], [3, 60]])
    (decision,) = load()["staff/b.xlsx"].outcome.decisions
    assert (decision.code, decision.says[-1:]) == ("key_replaces", ".")
    assert standing(installation) == [("1", "50"), ("2", "80"), ("3", "60")]
    assert behind(installation) == [("2", "100", True)]
    assert installation.column("select row_count from ops.etl_imports order by import_id") == [2, 2]
    assert statuses(load()) == {"staff/a.xlsx": "already", "staff/b.xlsx": "already"}
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def test_a_workbook_taken_back_lets_the_rows_it_replaced_stand_again(
    installation: Installation, write: Write, load: Load, take_back: TakeBack
) -> None:
    for name, value in (("a", 50), ("b", 60), ("c", 70)):
        write(f"staff/{name}.xlsx", [["No", "FTE"], [1, value], [name, 1]])
        load()
    take_back("staff/b.xlsx")
    assert standing(installation) == [("1", "70"), ("a", "1"), ("c", "1")]
    take_back("staff/c.xlsx")
    assert standing(installation) == [("1", "50"), ("a", "1")]
    take_back("staff/a.xlsx")
    assert standing(installation) == []
    assert {stands for *_, stands in behind(installation)} == {False}
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def test_a_key_that_stands_twice_on_a_sheet_counts_by_its_last_row_and_is_told_of(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", [["No", "FTE"], [1, 50], [2, 60], [1, 70], [1, 80]])
    outcome = load()["staff/a.xlsx"].outcome
    assert [(d.code, d.rows) for d in outcome.decisions] == [("key_repeated", (2, 4))]
    assert (outcome.counts.inserted, standing(installation)) == (4, [("1", "80"), ("2", "60")])
    (decisions,) = installation.column("select decisions from ops.etl_imports")
    assert [d["code"] for d in decisions] == ["key_repeated"]


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_row_without_its_key_is_set_aside_with_that_reason(
    installation: Installation, write: Write, load: Load, nothing: str | None
) -> None:
    write("staff/a.xlsx", [["No", "FTE"], [1, 50], [nothing, 60]])
    counts = load()["staff/a.xlsx"].outcome.counts
    assert (counts.inserted, counts.set_aside) == (1, 1)
    assert installation.rows(
        "select row_no, reasons -> 0 ->> 'rule', reasons -> 0 ->> 'column', payload ->> 'FTE' from ops.dead_letters"
    ) == [(3, "has_its_key", "No", "60")]


def test_a_sheet_without_the_keys_column_is_refused_and_the_others_go_on(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", [["Name", "FTE"], ["x", 50]])
    write("staff/b.xlsx", [["no", "FTE"], [1, 50]])
    loaded = load()
    assert loaded["staff/a.xlsx"].outcome.code == "key_missing"
    assert "No" in str(loaded["staff/a.xlsx"].outcome.reason)
    assert standing(installation) == [("1", "50")]


def test_a_new_version_of_a_workbook_leaves_what_it_changed_as_history_and_nothing_else(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", [["No", "FTE"], [1, 50], [2, 60], [3, 70]])
    load()
    write("staff/a.xlsx", [["No", "FTE"], [1, 50], [2, 65]])
    load()
    assert standing(installation) == [("1", "50"), ("2", "65")]
    assert behind(installation) == [("2", "60", False), ("3", "70", False)]
    assert installation.rows(
        "select array_to_string(key, ''), replaced_by is null from ops.row_versions order by 1"
    ) == [("2", False), ("3", True)]


def test_the_version_before_comes_back_over_those_of_other_workbooks(
    installation: Installation, write: Write, load: Load, take_back: TakeBack
) -> None:
    one_after_the_other(write, load, a=50, b=60)
    write("staff/a.xlsx", [["No", "FTE"], [1, 70]])
    load()
    take_back("staff/a.xlsx", restore=True)
    assert standing(installation) == [("1", "50")]
    take_back("staff/a.xlsx")
    assert standing(installation) == [("1", "60")]


def test_values_stay_as_they_were_shown_whatever_their_columns_type_becomes_meanwhile(
    installation: Installation, write: Write, load: Load, take_back: TakeBack
) -> None:
    write("staff/a.xlsx", [["No", "FTE", "Since", "Fit"], [1, 0.5, "2024-01-31", True], [2, 3_000_000_000, None, None]])
    load()
    write("staff/b.xlsx", [["No", "FTE", "Since", "Fit"], [1, "half", "later", "no"], ["2", "x", "y", "z"]])
    load()
    assert standing(installation) == [("1", "half"), ("2", "x")]
    take_back("staff/b.xlsx")
    after = installation.rows("select no::text, fte, since, fit from excel.staff order by no")
    assert after == [("1", "0.5", "2024-01-31", "TRUE"), ("2", "3000000000", None, None)]


def test_a_key_of_two_columns_needs_both_alike(
    installation: Installation, write: Write, load: Load, configure: Configure
) -> None:
    configure("staff:\n  key: [No, Month]\n")
    write("staff/a.xlsx", [["No", "Month", "FTE"], [1, "jan", 50], [1, "feb", 60], [2, "jan", 70]])
    load()
    write("staff/b.xlsx", [["No", "Month", "FTE"], [1, "feb", 65], ["1,feb", "", 1]])
    load()
    assert installation.rows("select no::text, month, fte from excel.staff order by 1, 2") == [
        ("1", "feb", 65), ("1", "jan", 50), ("2", "jan", 70),
    ]  # fmt: skip
    assert behind(installation) == [("1/feb", "60", True)]


def test_another_key_sorts_everything_anew_and_none_brings_all_rows_back(
    installation: Installation, write: Write, load: Load, configure: Configure
) -> None:
    write("staff/a.xlsx", [["No", "Name", "FTE"], [1, "x", 50], [2, "y", 60]])
    load()
    write("staff/b.xlsx", [["No", "Name", "FTE"], [1, "y", 70], [3, "z", 80]])
    load()
    configure("staff:\n  key: Name\n")
    assert set(statuses(load()).values()) == {"loaded"}
    assert standing(installation) == [("1", "50"), ("1", "70"), ("3", "80")]
    configure("")
    load()
    assert standing(installation) == [("1", "50"), ("1", "70"), ("2", "60"), ("3", "80")]
    assert {stands for *_, stands in behind(installation)} <= {False}
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def test_the_database_itself_holds_one_row_per_key(installation: Installation, write: Write, load: Load) -> None:
    write("staff/a.xlsx", [["No", "FTE"], [1, 50]])
    load()
    with pytest.raises(SetupError, match="UniqueViolation"), installation.warehouse.connect("test") as connection:
        connection.execute(
            "insert into excel.staff select no, fte, extra, source_file, sheet, 99, delivery, load_id, load_timestamp"
            " from excel.staff"
        )


def test_a_folders_one_transaction_sorts_workbook_after_workbook(
    installation: Installation, write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ETL_SECTIONAL_COMMIT", "1")
    write("staff/a.xlsx", [["No", "FTE"], [1, 50], [1, 55]])
    write("staff/b.xlsx", [["No", "FTE", "Unit"], [1, "half", "u"]])
    write("staff/c.xlsx", [["No", "FTE"], ["one", 1], [1, 2]])
    load()
    assert standing(installation) == [("1", "2"), ("one", "1")]
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def test_history_tells_what_each_workbook_said_of_a_key(
    installation: Installation, write: Write, load: Load, take_back: TakeBack
) -> None:
    write("staff/a.xlsx", [["No", "FTE"], [7, 50]])
    load()
    write("staff/b.xlsx", [["No", "FTE", "Unit"], [7, 80, "x"]])
    load()
    write("staff/c.xlsx", [["No", "FTE"], [7, 90]])
    load()
    take_back("staff/c.xlsx")
    with installation.warehouse.connect("test") as connection:
        versions = versions_of(connection, "staff", ["7"])
        with pytest.raises(SetupError, match="is no: give --key for each"):
            versions_of(connection, "staff", ["7", "8"])
        assert versions_of(connection, "staff", ["8"]) == []
    assert [(v.source_file, v.state) for v in versions] == [
        ("staff/a.xlsx", "behind"), ("staff/b.xlsx", "current"), ("staff/c.xlsx", "reverted"),
    ]  # fmt: skip
    assert list(changes_between(versions))[1:] == [
        {"fte": ("50", "80"), "unit": (None, "x")}, {"fte": ("80", "90"), "unit": ("x", None)},
    ]  # fmt: skip


def test_a_backup_brings_what_stands_behind_back_too(
    installation: Installation, write: Write, load: Load, take_back: TakeBack
) -> None:
    one_after_the_other(write, load, a=50, b=60)
    backup = installation.folder / "backup.sql"
    reset(installation.warehouse, backup)
    assert behind(installation) == []
    assert psql(installation, backup).returncode == 0
    assert (standing(installation), behind(installation)) == ([("1", "60")], [("1", "50", True)])
    take_back("staff/b.xlsx")
    assert standing(installation) == [("1", "50")]


def test_a_row_that_is_behind_nothing_is_found(installation: Installation, write: Write, load: Load) -> None:
    write("staff/a.xlsx", [["No", "FTE"], [1, 50], [1, 60]])
    load()
    with installation.warehouse.connect("test") as connection:
        connection.execute("update excel.staff set no = 2")
    broken = {answer.question: [b.number for b in answer.broken] for answer in grave(verify(installation.warehouse))}
    assert broken == {"keys_have_their_newest_row": [1]}


@pytest.mark.parametrize(("columns", "length"), [(1_001, 1), (500, 30)])
def test_a_key_that_finds_no_room_in_its_row_is_refused(
    installation: Installation, write: Write, load: Load, columns: int, length: int
) -> None:
    names = [*(f"c{number}" for number in range(columns)), "No"]
    write("staff/wide.xlsx", [names, ["x" * length] * (columns + 1)])
    write("staff/z.xlsx", [["No", "FTE"], [1, 50]])
    loaded = load()
    assert loaded["staff/wide.xlsx"].outcome.code == "key_without_room"
    assert standing(installation) == [("1", "50")]
    assert grave(verify(installation.warehouse, read_archive=True)) == []
