"""Undo: what was loaded last is taken back, with all that was built from it, and the way back is known beforehand."""

import re
from collections.abc import Iterator

import pytest

from hrdata_assets.defs.undo import Effect, carry_out, plan
from hrdata_assets.errors import SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.decisions import Approval, approve
from hrdata_assets.storage.ledger import Place
from hrdata_assets_tests.builders import Reports, a_quarter, a_user, users, write_report, write_reports
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import CopyOf, NewInstallation
from hrdata_assets_tests.installation import Installation, dump, table_of

QUARTER, NEXT = "2026-Q1", "2026-Q2"
USERS = table_of("flowcase_users")
SHOWN = ("staged", "core", "current", "marts")


@pytest.fixture(scope="module")
def two_quarters(new_installation: NewInstallation) -> Iterator[Installation]:
    """Two quarters of three people."""
    with new_installation() as made:
        for quarter in (QUARTER, NEXT):
            deliver(made, a_quarter(1, 2, 3), quarter)
        yield made


@pytest.fixture
def loaded(two_quarters: Installation, copy_of: CopyOf) -> Iterator[Installation]:
    """A copy of them for every test."""
    with copy_of(two_quarters) as copy:
        yield copy


def deliver(installation: Installation, reports: Reports, quarter: str = QUARTER) -> None:
    write_reports(installation.quarter_folder(quarter), reports)
    installation.load(quarter)


def revert(
    installation: Installation,
    quarter: str = QUARTER,
    *,
    table: str | None = None,
    to: str | None = None,
    dry: bool = False,
) -> list[Effect]:
    chosen = Quarter.parse(quarter)
    with installation.warehouse.connect("revert") as connection:
        steps = plan(connection, chosen, table_of(table) if table else None, to)
        effects = carry_out(connection, installation.warehouse, chosen, steps)
        if dry:
            connection.rollback()
    return effects


def told(effects: list[Effect]) -> dict[str, tuple[int, int, int]]:
    """Inserted, removed and altered rows of the tables that change."""
    found = {f"{e.table} {e.quarter}": (e.counts.inserted, e.counts.removed, e.counts.updated) for e in effects}
    return {name: counts for name, counts in found.items() if any(counts)}


def delivery(installation: Installation, asset: str = "staged/flowcase_users") -> str:
    found = "select delivery from ops.partitions where asset_key = %s and partition_key = %s"
    return str(installation.one(found, asset, QUARTER))


def test_a_quarter_taken_back_is_byte_for_byte_what_it_was_before(loaded: Installation) -> None:
    before = dump(loaded, *SHOWN)
    deliver(loaded, a_quarter(1, 2, 4))
    assert dump(loaded, *SHOWN) != before
    revert(loaded)
    assert dump(loaded, *SHOWN) == before


def test_a_dry_run_says_what_will_change_and_changes_nothing(loaded: Installation) -> None:
    deliver(loaded, a_quarter(1, 2, 4, 5))
    before = dump(loaded, *SHOWN, "ops")
    expected = told(revert(loaded, dry=True))
    assert dump(loaded, *SHOWN, "ops") == before
    assert expected["core.users 2026-Q1"] == (1, 2, 0)
    assert "core.dim_language 2026-Q1" not in expected
    # Joiners and leavers of the quarter after it compare with it.
    assert expected["marts.kpis 2026-Q2"] == (0, 0, 2)
    assert told(revert(loaded)) == expected


def test_a_changed_row_counts_as_altered(loaded: Installation) -> None:
    deliver(loaded, {**a_quarter(1, 2, 3), "user_report": [*users(2), a_user(3, Department="Elsewhere")]})
    changes = told(revert(loaded, table="flowcase_users"))
    assert changes == {"staged.flowcase_users 2026-Q1": (0, 0, 1), "core.users 2026-Q1": (0, 0, 1)}


def test_taken_back_step_by_step_until_nothing_is_left(loaded: Installation, new_installation: NewInstallation) -> None:
    first = dump(loaded, *SHOWN)
    deliver(loaded, a_quarter(1, 2))
    deliver(loaded, a_quarter(7))
    revert(loaded)
    revert(loaded)
    assert dump(loaded, *SHOWN) == first
    revert(loaded)
    with new_installation() as other:
        deliver(other, a_quarter(1, 2, 3), NEXT)
        assert dump(loaded, *SHOWN) == dump(other, *SHOWN)
    with pytest.raises(SetupError, match="nothing is loaded or held in 2026-Q1"):
        revert(loaded)


def test_the_newest_quarter_taken_out_leaves_the_one_before_it_current(
    loaded: Installation, new_installation: NewInstallation
) -> None:
    revert(loaded, NEXT)
    with new_installation() as other:
        deliver(other, a_quarter(1, 2, 3))
        assert dump(loaded, *SHOWN) == dump(other, *SHOWN)
    assert loaded.column("select distinct quarter from marts.cv_search_profile_mv") == [QUARTER]


def test_what_was_taken_back_is_not_loaded_again_by_itself_but_something_new_is(loaded: Installation) -> None:
    before = dump(loaded, *SHOWN)
    deliver(loaded, a_quarter(1, 2, 4))
    revert(loaded)
    loaded.load(QUARTER)
    assert dump(loaded, *SHOWN) == before
    deliver(loaded, a_quarter(1, 2, 5))
    assert loaded.column("select cv_partner_user_id from core.users where quarter = %s order by 1", QUARTER) == [
        *("u1", "u2", "u5"),
    ]


def test_a_delivery_taken_back_can_be_put_back_by_its_hash(loaded: Installation) -> None:
    deliver(loaded, a_quarter(1, 2, 4))
    after, there = dump(loaded, *SHOWN), delivery(loaded)
    revert(loaded)
    assert delivery(loaded) != there
    revert(loaded, to=there[:10])
    assert dump(loaded, *SHOWN) == after
    loaded.load(QUARTER)
    assert dump(loaded, *SHOWN) == after


def test_one_report_is_taken_back_alone(loaded: Installation) -> None:
    first = delivery(loaded)
    deliver(loaded, a_quarter(1, 2, 3, 4))
    for report in ([a_user(1), a_user(2)], users(5)):
        write_report(loaded.quarter_folder(QUARTER), "user_report", report)
        loaded.load(QUARTER)
    revert(loaded, table="flowcase_users", to=first)
    assert loaded.one("select count(*) from staged.flowcase_users where quarter = %s", QUARTER) == 3
    assert loaded.one("select count(*) from staged.flowcase_courses where quarter = %s", QUARTER) == 4
    assert loaded.one("select count(*) from core.users where quarter = %s", QUARTER) == 3
    # The course of somebody unknown is set aside, not dropped.
    assert loaded.one("select count(*) from ops.dead_letters where asset_key = 'core/course' and status = 'open'") == 1


def test_a_report_that_was_absent_before_becomes_an_empty_table_again(installation: Installation) -> None:
    reports = a_quarter(1, 2)
    deliver(installation, {name: rows for name, rows in reports.items() if name != "blogs"})
    before = dump(installation, *SHOWN)
    deliver(installation, reports)
    assert installation.one("select count(*) from core.blog_publication") == 2
    revert(installation)
    assert dump(installation, *SHOWN) == before


def test_letters_of_what_was_taken_back_are_closed_and_the_earlier_ones_are_open_again(loaded: Installation) -> None:
    letters = "select row_no, status from ops.dead_letters where partition_key = %s order by id"
    some = {**a_quarter(*range(1, 40)), "user_report": [*users(38), a_user(39, **{"Birth Year": "long ago"})]}
    other = {**a_quarter(*range(1, 40)), "user_report": [a_user(1, **{"Birth Year": "?!"}), *users(39)[1:]]}
    for reports in (some, other):
        loaded.stage("flowcase_users", reports["user_report"], QUARTER)
    assert loaded.rows(letters, QUARTER) == [(40, "superseded"), (2, "open")]
    with loaded.warehouse.connect("revert") as connection:
        chosen = Quarter.parse(QUARTER)
        carry_out(connection, loaded.warehouse, chosen, plan(connection, chosen, USERS, None))
    assert loaded.rows(f"{letters} limit 2", QUARTER) == [(40, "open"), (2, "superseded")]


def test_a_corrected_delivery_of_an_old_quarter_changes_that_quarter_only(loaded: Installation) -> None:
    before = dump(loaded, "staged", "core", "current")
    deliver(loaded, a_quarter(1, 2, 4))
    after = dump(loaded, "staged", "core", "current")
    changed = {name for name in before if before[name] != after[name]}
    assert [name for name in changed if name.endswith("_2026_q2") or name.startswith("current.")] == []
    assert before["core.users_2026_q1"] != after["core.users_2026_q1"]
    assert loaded.one("select quarter from current.quarter") == NEXT


# A held delivery, released, taken back.

BAD = [*users(10), *(a_user(n, **{"Birth Year": "long ago"}) for n in range(11, 16))]


def test_a_bad_delivery_is_held_and_everything_shows_the_last_good_one(loaded: Installation) -> None:
    before = dump(loaded, *SHOWN)
    assert loaded.stage("flowcase_users", BAD, NEXT).status == "held"
    loaded.build(NEXT)
    assert dump(loaded, *SHOWN) == before


def test_a_held_delivery_is_published_once_it_is_released_and_the_ledger_says_why(loaded: Installation) -> None:
    held = loaded.stage("flowcase_users", BAD, NEXT)
    release(loaded, NEXT)
    receipt = loaded.stage("flowcase_users", BAD, NEXT)
    assert (held.status, receipt.status) == ("held", "published")
    assert loaded.one("select count(*) from staged.flowcase_users where quarter = %s", NEXT) == 10
    reason = loaded.one("select reason from ops.loads where load_id = %s", receipt.load_id)
    assert reason.startswith("released: the office checked it (set_aside: 33.33 %")
    assert loaded.one("select count(*) from ops.partitions where held_load_id is not null") == 0
    assert loaded.column("select relname from pg_class where relnamespace = 'held'::regnamespace") == []
    # What stands in the letters can still be put right.
    assert loaded.one("select count(*) from ops.dead_letters where status = 'open'") == 5


def test_what_was_released_is_taken_back_like_anything_else(loaded: Installation) -> None:
    before = dump(loaded, *SHOWN)
    loaded.stage("flowcase_users", BAD, NEXT)
    release(loaded, NEXT)
    loaded.stage("flowcase_users", BAD, NEXT)
    loaded.build(NEXT)
    assert dump(loaded, *SHOWN) != before
    revert(loaded, NEXT)
    assert dump(loaded, *SHOWN) == before


def test_what_is_only_held_is_taken_back_and_what_is_published_stays(loaded: Installation) -> None:
    before = dump(loaded, *SHOWN)
    loaded.stage("flowcase_users", BAD, NEXT)
    assert told(revert(loaded, NEXT)) == {}
    assert dump(loaded, *SHOWN) == before
    assert loaded.one("select count(*) from ops.partitions where held_load_id is not null") == 0
    assert loaded.column("select distinct status from ops.dead_letters") == ["superseded"]
    loaded.load(NEXT)
    assert dump(loaded, *SHOWN) == before


def release(installation: Installation, quarter: str) -> None:
    place = Place("staged/flowcase_users", quarter, "test")
    with installation.warehouse.connect("release") as connection:
        held = "select held_delivery from ops.partitions where asset_key = %s and partition_key = %s"
        (row,) = connection.execute(held, (place.asset_key, quarter)).fetchall()
        approve(connection, place, row[0], Approval("the office checked it", "somebody"))


@pytest.mark.slow
def test_release_and_revert_on_the_command_line(installation: Installation) -> None:
    write_reports(installation.quarter_folder(NEXT), {**a_quarter(*range(1, 16)), "user_report": BAD})
    held = hrdata("run", "--quarter", NEXT)
    assert held.code == 1
    assert "held, nothing published: set_aside: 33.33 %, may be at most 5.00 %" in held.err
    refused = hrdata("release", "flowcase_users", NEXT, "--reason", " ")
    assert (refused.code, "--reason is empty" in refused.err) == (1, True)
    said = hrdata("release", "staged/flowcase_users", "Q22026", "--reason", "ten are enough")
    assert "released and published" in said.out
    assert installation.one("select count(*) from current.users") == 10
    done = hrdata("revert", "flowcase_users", NEXT).out
    assert "nothing: there was none before" in done
    assert re.search(r"core\.users *│ 2026-Q2 │ +0 │ +10 │ +0", done)
    assert installation.one("select count(*) from core.users") == 0
    again = hrdata("run", "--quarter", NEXT)
    assert "was taken back by `hrdata revert`" in again.err
