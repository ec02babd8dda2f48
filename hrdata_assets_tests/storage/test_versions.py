"""Tables with history: what held when, what holds now, and that the same again changes nothing."""

import datetime
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime

from hrdata_assets.catalogue import STORED
from hrdata_assets.settings import shipped
from hrdata_assets.storage.ddl import apply_schema
from hrdata_assets.storage.postgres import connect
from hrdata_assets.storage.synced import Stored
from hrdata_assets.storage.versions import sent_columns, store_states
from hrdata_assets.table import CursorMode, Row, column
from hrdata_assets_tests.installation import Installation


class Kept(Row, table="kept_for_tests", layer="core", history=True):
    """One row per thing of a system."""

    system: str = column(key=True)
    """The system."""

    source_id: str = column(key=True)
    """Its id there."""

    title: str | None = column()
    """What it is called."""

    skills: tuple[str, ...] | None = column()
    """What it can do."""

    updated_at: AwareDatetime | None = column(role=CursorMode.UPDATED_AT)
    """When the source changed it."""


TABLE = Kept.table
DAY = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def day(number: int) -> datetime.datetime:
    return DAY + datetime.timedelta(days=number)


def a_state(source_id: str = "1", changed: int | None = 1, read: int = 10, **more: Any) -> dict[str, Any]:
    """A state of a record that its source changed on one day and we read on another."""
    return {
        "system": "here", "source_id": source_id, "title": "Welder", "skills": ["tig"],
        "updated_at": None if changed is None else day(changed), "delivery": "d" * 16, "row_no": 1,
        "staged": "staged.here", "formatter": "f1", "synced_at": day(read), "deletion": None, "deleted_at": None,
        **more,
    }  # fmt: skip


TYPES = {
    "skills": pl.List(pl.String), "row_no": pl.Int32,
    **dict.fromkeys(("updated_at", "synced_at", "deleted_at"), pl.Datetime("us", "UTC")),
}  # fmt: skip


def stored(installation: Installation, *states: dict[str, Any]) -> tuple[int, int, int]:
    rows = pl.DataFrame(states, schema={name: TYPES.get(name, pl.String) for name in sent_columns(TABLE)})
    with installation.warehouse.connect("store") as connection:
        found: Stored = store_states(connection, TABLE, rows, "core/kept_for_tests")
    return found.inserted, found.updated, found.unchanged


def history(installation: Installation, what: str = "title") -> Sequence[tuple[Any, ...]]:
    return installation.rows(f"select {what}, valid_from, valid_to from core.kept_for_tests order by 2")


@pytest.fixture
def kept(installation: Installation) -> Installation:
    with installation.warehouse.connect("schema") as connection:
        apply_schema(connection, [*STORED, TABLE], shipped("sql"))
    return installation


def test_a_state_holds_from_its_stamp_until_the_next_one(kept: Installation) -> None:
    assert stored(kept, a_state()) == (1, 0, 0)
    assert stored(kept, a_state(changed=5, title="Painter")) == (0, 1, 0)
    assert history(kept) == [("Welder", day(1), day(5)), ("Painter", day(5), None)]
    assert kept.rows("select title from current.kept_for_tests") == [("Painter",)]


def test_the_same_again_changes_nothing_but_where_it_was_read(kept: Installation) -> None:
    stored(kept, a_state())
    assert stored(kept, a_state(read=11, delivery="e" * 16)) == (0, 0, 1)
    assert history(kept, "delivery") == [("e" * 16, day(1), None)]


def test_no_rows_change_nothing(kept: Installation) -> None:
    assert stored(kept) == (0, 0, 0)
    assert history(kept) == []


def test_what_another_formatter_makes_of_the_same_record_takes_its_place(kept: Installation) -> None:
    stored(kept, a_state())
    assert stored(kept, a_state(read=12, title="welder", formatter="f2")) == (0, 1, 0)
    assert history(kept) == [("welder", day(1), None)]


def test_a_change_that_moved_no_stamp_holds_from_when_it_was_read(kept: Installation) -> None:
    stored(kept, a_state(changed=None, read=3))
    assert stored(kept, a_state(changed=None, read=7, title="Painter")) == (0, 1, 0)
    assert history(kept) == [("Welder", day(3), day(7)), ("Painter", day(7), None)]


def test_a_stamp_of_the_future_holds_from_when_it_was_read(kept: Installation) -> None:
    stored(kept, a_state(changed=4000, read=2))
    assert history(kept) == [("Welder", day(2), None)]


def test_a_stamp_before_the_state_it_follows_begins_right_after_it(kept: Installation) -> None:
    stored(kept, a_state(changed=5))
    stored(kept, a_state(changed=4, read=11, title="Painter"))
    begins = day(5) + datetime.timedelta(microseconds=1)
    assert history(kept) == [("Welder", day(5), begins), ("Painter", begins, None)]


def test_what_is_gone_leaves_a_tombstone_and_may_come_again(kept: Installation) -> None:
    stored(kept, a_state())
    assert stored(kept, a_state(read=20, deletion="told", deleted_at=day(20))) == (0, 1, 0)
    assert kept.rows("select title from current.kept_for_tests") == []
    stored(kept, a_state(changed=22, read=23))
    assert history(kept, "deletion") == [(None, day(1), day(20)), ("told", day(20), day(22)), (None, day(22), None)]


def test_no_two_states_of_one_record_hold_at_once(kept: Installation) -> None:
    stored(kept, a_state(), a_state("2"), a_state("3", changed=None))
    stored(kept, a_state(title="B"), a_state("2", changed=3, title="B"))
    now = kept.rows("select source_id, count(*) filter (where valid_to is null) from core.kept_for_tests group by 1")
    assert sorted(now) == [("1", 1), ("2", 1), ("3", 1)]


GONE = st.sampled_from([None, "told"])
STEPS = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(0, 6) | st.none(), GONE, st.sampled_from(["f1", "f2"])), max_size=8
)


@given(steps=STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_states_of_a_record_follow_one_another_without_gap_or_overlap(kept: Installation, steps: list[Any]) -> None:
    rows = [
        a_state(changed=changed, read=10 + n, title=title, deletion=gone, deleted_at=gone and day(10 + n), formatter=by)
        for n, (title, changed, gone, by) in enumerate(steps)
    ]
    with connect(kept.url, "property", autocommit=True) as connection, connection.transaction(force_rollback=True):
        for row in rows:
            frame = pl.DataFrame([row], schema={name: TYPES.get(name, pl.String) for name in sent_columns(TABLE)})
            store_states(connection, TABLE, frame, "core/kept_for_tests")
        found = connection.execute(
            "select title, deletion, valid_from, valid_to from core.kept_for_tests order by valid_from"
        ).fetchall()
    assert [state[3] for state in found[:-1]] == [state[2] for state in found[1:]]
    assert all(state[3] is None or state[2] < state[3] for state in found)
    if rows:
        assert found[-1] == (rows[-1]["title"], rows[-1]["deletion"], found[-1][2], None)
