"""What was loaded when, and what differs between two quarters."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hrdata_assets.catalogue import CORE
from hrdata_assets.storage.changes import changed_rows, changes_between
from hrdata_assets_tests.builders import Reports, a_project, a_quarter, a_technology, a_user, users, write_reports
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation

FIRST, SECOND = "2026-Q1", "2026-Q2"


# Loads.


@pytest.fixture
def loads(installation: Installation) -> Installation:
    """Two deliveries of the user report, the second better, then one that is held; another report, another quarter."""
    installation.stage("flowcase_users", users(2), FIRST)
    installation.stage("flowcase_users", [*users(40), a_user(1, Department="Elsewhere")], FIRST)
    installation.stage("flowcase_users", [a_user(1), a_user(2, **{"Birth Year": "?!"})], FIRST)
    installation.stage("flowcase_technologies", [a_technology(1)], FIRST)
    installation.stage("flowcase_users", users(1), SECOND)
    return installation


def test_loads_are_listed_newest_first_with_what_became_of_the_rows(loads: Installation) -> None:
    told = hrdata("loads", "--json").told
    assert [load["load_id"] for load in told] == sorted((load["load_id"] for load in told), reverse=True)
    assert [(load["asset_key"], load["partition_key"], load["status"]) for load in told] == [
        ("staged/flowcase_users", SECOND, "published"),
        ("staged/flowcase_technologies", FIRST, "published"),
        ("staged/flowcase_users", FIRST, "held"),
        ("staged/flowcase_users", FIRST, "published"),
        ("staged/flowcase_users", FIRST, "published"),
    ]
    for load in told:
        parts = ("inserted", "updated", "unchanged", "duplicate", "set_aside", "skipped")
        assert load["read"] == sum(load[part] for part in parts) > 0
        assert load["file_name"].endswith("user_report.csv" if "users" in load["asset_key"] else "technologies.csv")
        assert 0 <= load["seconds"] < 60
    second = told[3]
    assert (second["read"], second["inserted"], second["unchanged"], second["duplicate"]) == (41, 38, 2, 1)
    assert told[2]["reason"].startswith("set_aside: 50.00 %")


def test_what_is_published_or_held_now_is_marked(loads: Installation) -> None:
    told = hrdata("loads", "--json").told
    assert [load["is_now"] for load in told] == [True, True, True, True, False]
    assert [load["load_id"] for load in told if load["is_now"] and load["status"] == "published"] == loads.column(
        "select load_id from ops.partitions where load_id is not null order by 1 desc"
    )


@pytest.mark.parametrize(("arguments", "found"), [
    (("staged/flowcase_users",), 4),
    (("staged.flowcase_users",), 4),
    (("flowcase_users",), 4),
    (("flowcase_users", "Q12026"), 3),
    (("flowcase_users", "2026-Q2"), 1),
    (("2026-Q1",), 4),
    (("q22026",), 1),
    (("--limit", "2"), 2),
    (("core.users",), 0),
])  # fmt: skip
def test_loads_of_an_asset_or_a_quarter(loads: Installation, arguments: tuple[str, ...], found: int) -> None:
    assert len(hrdata("loads", *arguments, "--json").told) == found


def test_loads_are_shown_to_people_with_why_one_is_held(loads: Installation) -> None:
    every = hrdata("loads").out
    assert "published now" in every
    assert "What was loaded" not in every
    one = hrdata("loads", "flowcase_users", FIRST).out
    assert "Q12026/user_report.csv" in one
    assert "(held): set_aside: 50.00 %, may be at most 5.00 %" in one
    assert "Nothing was loaded." in hrdata("loads", "core.users").out
    answer = hrdata("loads", "nonsense")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("hrdata: nonsense is no table")


# Changes.


def two_quarters() -> tuple[Reports, Reports]:
    """3 leaves, 4 joins, 2 changes department and birth year; a project of 1's ends; the order of the rows differs."""
    before, after = a_quarter(1, 2, 3), a_quarter(4, 2, 1)
    changed = {"Department": "Sales", "Birth Year": "1990"}
    after["user_report"] = [a_user(4), a_user(2, **changed), a_user(1)]
    before["project_experiences"] = [a_project(1, **{"Year to": "", "Month to": ""}), a_project(2)]
    after["project_experiences"] = [a_project(2), a_project(1, **{"Year to": "2025", "Month to": "12"})]
    return before, after


@pytest.fixture(scope="module")
def both(new_installation: NewInstallation) -> Iterator[Installation]:
    with new_installation() as made:
        for quarter, reports in zip((FIRST, SECOND), two_quarters(), strict=True):
            write_reports(made.quarter_folder(quarter), reports)
            made.load(quarter)
        yield made


@pytest.fixture
def changed(both: Installation) -> Iterator[Installation]:
    with both.environment():
        yield both


def test_joiners_leavers_and_changed_columns_are_counted_per_table(changed: Installation) -> None:
    told = {table["table"]: table for table in hrdata("changes", FIRST, "Q22026", "--json").told}
    assert set(told) == {table.address for table in CORE}
    users_told = told["core.users"]
    assert users_told.pop("columns") == {"birth_year": 1, "department": 1}
    assert users_told == {"table": "core.users", "before": 3, "after": 3, "joiners": 1, "leavers": 1, "changed": 1}
    projects = told["core.project_experience"]
    assert (projects["joiners"], projects["leavers"], projects["changed"]) == (0, 0, 1)
    assert projects["columns"] == {"month_to": 1, "year_to": 1}
    # Rows that only stand elsewhere in their file are none.
    assert (told["core.cv_role"]["changed"], told["core.cv_role"]["joiners"]) == (0, 1)
    assert (told["core.dim_technology"]["before"], told["core.dim_technology"]["changed"]) == (1, 0)


def test_the_rows_say_what_stood_there_and_what_stands_there_now(changed: Installation) -> None:
    (told,) = hrdata("changes", FIRST, SECOND, "core.users", "--rows", "--json").told
    assert [(row["key"], row["kind"], row["column"], row["old"], row["new"]) for row in told["rows"]] == [
        (["u2"], "changed", "birth_year", "1984", "1990"),
        (["u2"], "changed", "department", "Data Engineering", "Sales"),
        (["u3"], "left", None, None, None),
        (["u4"], "joined", None, None, None),
    ]
    shown = hrdata("changes", FIRST, SECOND, "users", "--rows").out
    assert "From 2026-Q1 to 2026-Q2" in shown
    assert "birth_year 1, department 1" in shown
    assert "Data Engineering" in shown


def test_values_are_shown_only_if_rows_are_asked_for(changed: Installation) -> None:
    assert "Data Engineering" not in hrdata("changes", FIRST, SECOND).out
    assert "rows" not in json.dumps(hrdata("changes", FIRST, SECOND, "--json").told)


def test_the_other_way_round_who_joined_has_left(changed: Installation) -> None:
    with changed.warehouse.connect("test") as connection:
        for table in CORE:
            there = changes_between(connection, table, FIRST, SECOND)
            back = changes_between(connection, table, SECOND, FIRST)
            turned = replace(back, before=back.after, after=back.before, joiners=back.leavers, leavers=back.joiners)
            assert turned == there
            rows = changed_rows(connection, table, FIRST, SECOND)
            kinds = [row.kind for row in rows]
            assert (kinds.count("joined"), kinds.count("left")) == (there.joiners, there.leavers)
            assert len({row.key for row in rows if row.kind == "changed"}) == there.changed
            assert kinds.count("changed") == sum(there.columns.values())


@pytest.mark.parametrize("table", CORE, ids=lambda table: table.address)
def test_nothing_differs_between_a_quarter_and_itself(both: Installation, table) -> None:
    with both.warehouse.connect("test") as connection:
        found = changes_between(connection, table, FIRST, FIRST)
        assert found.before == found.after > 0
        assert (found.joiners, found.leavers, found.changed, found.columns) == (0, 0, 0, {})
        assert changed_rows(connection, table, FIRST, FIRST) == []


@pytest.mark.parametrize(("arguments", "told"), [
    ((FIRST, "2031-Q1"), "2031-Q1 is not loaded: hrdata run --quarter 2031-Q1 (loaded: 2026-Q1, 2026-Q2)"),
    (("soon", SECOND), "'soon' is no quarter"),
    ((FIRST, SECOND, "staged.flowcase_users"), "staged.flowcase_users is no table"),
])  # fmt: skip
def test_what_cannot_be_compared_is_one_line(changed: Installation, arguments: tuple[str, ...], told: str) -> None:
    answer = hrdata("changes", *arguments)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"hrdata: {told}")
