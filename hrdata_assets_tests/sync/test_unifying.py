"""core follows staged: every state with its time, what is gone as a tombstone, what does not fit with its reason."""

import datetime

import pytest

from hrdata_assets.storage.ledger import Counts
from hrdata_assets.sync.unifying import Unified, unify
from hrdata_assets.systems.origins import Origin, origins
from hrdata_assets.unified.mapping import RowMapping
from hrdata_assets.unified.records import UnifiedProfile
from hrdata_assets.verify.answers import verify
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.sync.test_pulling import pull_all
from hrdata_assets_tests.sync.worlds import Synced

CORE = UnifiedProfile.table


def origin_of(it: Synced) -> Origin:
    return next(one for one in origins(it.world.name) if one.staged == it.world.table)


def brought(it: Synced) -> Unified:
    """What a sync brought, brought to core."""
    return unify(it.warehouse, origin_of(it), "test")


def states(it: Synced, record: str) -> list[tuple[object, ...]]:
    return it.installation.rows(
        "select title, deletion, valid_from, valid_to from core.candidates"
        f" where system = '{it.world.name}' and source_id = '{record}' order by valid_from"
    )


def assert_follows(it: Synced) -> None:
    """Whoever is staged is there once, living or gone, or waits with a letter."""
    staged = it.installation.rows(f"select id::text, deletion from {it.world.table.address} order by 1")
    waiting = it.installation.column(
        "select split_part(record, ':', 2) from ops.dead_letters"
        " where asset_key = 'core/candidates' and status = 'open'"
    )
    there = it.installation.rows(
        "select source_id, deletion from core.candidates"
        f" where valid_to is null and staged = '{it.world.table.address}' order by 1"
    )
    assert there == [row for row in staged if row[0] not in waiting]


def test_whoever_is_staged_stands_in_core_and_what_holds_is_a_view(it: Synced) -> None:
    it.sync()
    done = brought(it)
    assert done.counts.read == done.staged_total == done.own_total == done.counts.inserted + done.counts.set_aside
    assert_follows(it)
    living = it.installation.one("select count(*) from current.candidates")
    assert living == it.installation.one("select count(*) from core.candidates where deletion is null")


def test_again_there_is_nothing_to_do(it: Synced) -> None:
    it.sync()
    waiting = brought(it).counts.set_aside
    again = brought(it).counts
    # What waits is tried again, in case its reason is gone.
    assert again == Counts(read=waiting, set_aside=waiting)


def test_with_nothing_staged_nothing_happens(it: Synced) -> None:
    assert brought(it).counts == Counts()


def test_a_change_is_another_state_and_the_one_before_is_kept(it: Synced) -> None:
    it.sync()
    brought(it)
    record = it.ids()[3]
    it.change(record, title="Astronaut")
    it.sync()
    assert brought(it).counts.updated == 1
    before, now = states(it, record)
    assert (now[0], now[3], before[3]) == ("Astronaut", None, now[2])
    as_of = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    told = it.installation.rows(
        f"select title from core.candidates where source_id = '{record}' and deletion is null"
        f" and valid_from <= '{as_of}' and (valid_to is null or valid_to > '{as_of}')"
    )
    assert told == [(before[0],)]
    assert_follows(it)


def test_what_is_deleted_leaves_a_tombstone_and_comes_again(it: Synced) -> None:
    it.sync()
    brought(it)
    record = it.ids()[4]
    it.vanish(record)
    it.sync(full=True)
    brought(it)
    assert [(deletion, ended is None) for _, deletion, _, ended in states(it, record)] == [
        (None, False),
        ("missing", True),
    ]
    assert it.installation.one(f"select count(*) from current.candidates where source_id = '{record}'") == 0
    assert_follows(it)


def test_another_mapping_reads_everybody_again_and_nothing_happened_to_them(it: Synced) -> None:
    it.sync()
    brought(it)
    usual = origin_of(it).mapping
    fields = [field for field in usual.fields if field.to != "title"]
    other = Origin(it.world.name, RowMapping("without titles", usual.source, usual.target, fields))
    done = unify(it.warehouse, other, "test")
    assert done.counts.read == done.staged_total
    assert done.counts.inserted == 0
    assert it.installation.one("select count(*) from core.candidates where title is not null") == 0
    assert it.installation.one("select count(*) from core.candidates where valid_to is not null") == 0


def test_what_does_not_fit_the_model_waits_with_its_reason_and_comes_when_it_does(it: Synced) -> None:
    it.sync()
    record = it.ids()[0]
    table, stamp = it.world.table.address, "synced_at = now()"
    with it.warehouse.connect("test") as connection:
        connection.execute(f"update {table} set email = 'nobody at home', {stamp} where id::text = '{record}'")
    assert brought(it).counts.set_aside >= 1
    reasons = "select reasons, payload from ops.dead_letters where asset_key = 'core/candidates' and status = 'open'"
    (found,) = it.installation.rows(f"{reasons} and record = '{it.world.name}:{record}'")
    assert [(reason["rule"], reason["column"]) for reason in found[0]] == [("is_formatted", "email")]
    with it.warehouse.connect("test") as connection:
        connection.execute(f"update {table} set email = 'ann@home.example', {stamp} where id::text = '{record}'")
    brought(it)
    assert it.installation.rows(f"{reasons} and record = '{it.world.name}:{record}'") == []
    assert_follows(it)


def test_status_is_of_the_list_and_the_systems_own_word_stands_beside(it: Synced) -> None:
    it.sync()
    brought(it)
    allowed = CORE.column("status").allowed
    assert allowed is not None
    found = it.installation.rows("select distinct status, status_original from core.candidates")
    assert {status for status, _ in found} - {None} <= set(allowed)
    # Where a system's people have none, nothing is made up.
    has_one = "status" in origin_of(it).mapping.filled
    assert (len({original for _, original in found} - {None}) > 1) == has_one


def test_every_row_leads_to_the_page_it_came_from(it: Synced) -> None:
    it.sync()
    brought(it)
    assert (
        it.installation.one(
            f"select count(*) from core.candidates c join {it.world.table.address} t on t.id::text = c.source_id"
            " where (c.delivery, c.row_no, c.staged) <> (t.delivery, t.row_no, 'staged." + it.world.table.name + "')"
        )
        == 0
    )
    assert (
        it.installation.one(
            "select count(*) from core.candidates c where not exists"
            " (select from ops.sync_pages p where left(p.sha256, 16) = c.delivery)"
        )
        == 0
    )


def test_the_ledger_accounts_for_every_row(it: Synced) -> None:
    pull_all(it)
    done = [unify(it.warehouse, origin, "test") for origin in origins(it.world.name)]
    assert it.world.table in [one.origin.staged for one in done]
    for one in done:
        assert one.staged_total == one.own_total > 0, one.origin.staged.name
    read = it.installation.rows(
        "select object, scope, status, read, inserted + updated + unchanged + set_aside from ops.syncs"
        " where system = 'core'"
    )
    assert [row[2] for row in read] == ["complete"] * len(done)
    assert all(row[3] == row[4] > 0 for row in read)
    assert [answer.question for answer in verify(it.warehouse, read_archive=True) if answer.broken] == []


def test_a_pull_by_hand_brings_core_up(it: Synced, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in it.variables.items():
        monkeypatch.setenv(name, value)
    said = hrdata("pull", it.world.name)
    assert said.code == 0
    assert "candidates" in said.out
    assert_follows(it)
    again = hrdata("unify", "--json").told
    assert {row["system"] for row in again} >= {it.world.name}
    assert all(row["staged"] == row["here"] for row in again)
