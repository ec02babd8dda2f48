"""What every system keeps to: in the end the table holds what a full sync would, whatever happened on the way."""

import datetime

import pytest

from hrdata_assets.errors import DeliveryError, HRDataError, SystemUnavailable
from hrdata_assets.systems.answers import MalformedPageError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets_tests.sync.worlds import WORLDS, Synced


def test_no_system_is_left_out() -> None:
    assert {world.name for world in WORLDS} == set(SYSTEMS)


def test_the_first_sync_is_full_and_the_next_reads_only_what_changed(it: Synced) -> None:
    first = it.sync()
    assert (first.kind, first.counts.read) == ("full", it.given())
    assert first.counts.inserted == len(it.rows("id", "true"))
    assert first.cursor_before is None
    it.assert_complete()
    before = it.calls()
    again = it.sync()
    assert (again.kind, again.counts.inserted, again.counts.updated) == ("incremental", 0, 0)
    assert (again.cursor_before, again.cursor_after) == (first.cursor_after, first.cursor_after)
    # What changed, and so many calls for anything else however much there is.
    assert it.calls() - before <= it.world.steady
    it.assert_complete()


def test_what_was_added_changed_and_deleted_arrives_with_the_next_sync(it: Synced) -> None:
    it.sync()
    ids = it.ids()
    added = it.add(title="New here")
    it.change(ids[3], title="Astronaut")
    it.delete(ids[5])
    outcome = it.sync()
    assert (outcome.kind, outcome.counts.inserted) == ("incremental", 1)
    # A deletion comes as a change, by itself, or as both.
    assert outcome.counts.updated + outcome.counts.removed in (2, 3)
    assert it.titled("New here") == [added]
    assert it.row(it.world.title, ids[3]) == ("Astronaut",)
    assert it.row("deletion, deleted_at is not null", ids[5]) == ("told", True)
    it.assert_complete()


def test_what_is_gone_without_a_word_is_found_by_a_full_sync(it: Synced) -> None:
    it.sync()
    gone = it.ids()[7]
    it.vanish(gone)
    assert it.sync().counts.removed == 0
    outcome = it.sync(full=True)
    assert (outcome.kind, outcome.counts.removed) == ("full", 1)
    assert it.row("deletion", gone) == ("missing",)
    it.assert_complete()


def test_what_is_gone_without_a_word_is_found_by_its_id_alone(it: Synced) -> None:
    it.sync()
    ids = it.ids()
    it.vanish(ids[7])
    it.change(ids[8], title="Not read yet")
    before = it.content()
    outcome = it.sync(keys=True)
    assert (outcome.kind, outcome.counts.removed, outcome.counts.skipped) == ("keys", 1, it.given())
    assert outcome.cursor_after == outcome.cursor_before
    assert it.row("deletion", ids[7]) == ("missing",)
    assert len(it.content()) == len(before) - 1
    assert it.sync().counts.updated == 1
    assert it.titled("Not read yet") == [ids[8]]
    it.assert_complete()


def test_a_look_at_the_ids_that_was_cut_off_is_taken_up_or_given_up(it: Synced) -> None:
    it.sync()
    it.vanish(it.ids()[3])
    for taken_up in (True, False):
        it.fake.faults.add(Fault(kind="status", status=404, path=it.world.listing or it.world.page, after=2))
        with pytest.raises(HRDataError):
            it.sync(keys=True)
        outcome = it.sync(keys=taken_up)
        assert (outcome.kind, outcome.resumed) == (("keys", True) if taken_up else ("incremental", False))
        assert it.installation.one("select count(*) from ops.sync_keys") == 0
    it.assert_complete()


def test_equal_stamps_across_page_borders_lose_nothing(it: Synced) -> None:
    it.sync()
    ids = it.ids()[:75]
    for number in ids:
        it.change(number, title="Renamed at once")
    it.touch(ids, datetime.datetime.now(datetime.UTC))
    outcome = it.sync()
    assert outcome.counts.updated == 75
    assert len(it.titled("Renamed at once")) == 75
    it.assert_complete()


@pytest.mark.parametrize("full", [True, False])
def test_records_that_change_while_they_are_paged_through_lose_nothing(it: Synced, full: bool) -> None:
    it.sync()
    ids = it.ids()
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=10)
    for place, number in enumerate(ids[:90]):
        it.touch([number], began + datetime.timedelta(milliseconds=place * 40))

    def stir() -> None:
        for number in (ids[1], ids[2], ids[40], ids[80]):
            it.change(number, title="Changed meanwhile")
        it.add(title="Added meanwhile")

    it.fake.before_answer(it.world.page, it.world.before + 2, stir)
    it.sync(full=full)
    it.sync()
    assert len(it.titled("Changed meanwhile")) == 4
    assert len(it.titled("Added meanwhile")) == 1
    it.assert_complete()


def test_an_older_state_never_takes_the_place_of_a_newer_one(it: Synced) -> None:
    it.sync()
    number = it.ids()[0]
    stamp = it.told(number, "stamp")
    it.change(number, title="Newer")
    it.sync()
    it.change(number, title="Older", stamp=stamp)
    it.sync(full=True)
    assert it.row(it.world.title, number) == ("Newer",)


def test_a_stamp_of_the_future_does_not_carry_the_cursor_away(it: Synced) -> None:
    it.touch(it.wanted()[:1], datetime.datetime(2090, 1, 1, tzinfo=datetime.UTC))
    outcome = it.sync()
    assert outcome.future_stamps == 1
    assert str(outcome.cursor_after) < "2080"
    it.change(it.ids()[9], title="After that")
    assert it.sync().counts.updated == 1
    it.assert_complete()


FLEETING = [
    Fault(kind="rate_limited", after=1, times=2),
    Fault(kind="status", status=500, after=1, times=2),
    Fault(kind="status", status=503, after=2, times=1, headers={"Retry-After": "0"}),
    Fault(kind="truncated", after=1),
    Fault(kind="disconnect", after=2),
    Fault(kind="slow_drip", after=1, seconds=0.2),
    Fault(kind="expire", after=2),
]


@pytest.mark.parametrize("fault", FLEETING, ids=lambda fault: f"{fault.kind}-{fault.status}")
def test_what_passes_is_waited_out(it: Synced, fault: Fault) -> None:
    it.fake.faults.add(fault.model_copy(update={"path": it.world.page}))
    outcome = it.sync()
    assert (outcome.kind, outcome.counts.read) == ("full", it.given())
    it.assert_complete()


@pytest.mark.parametrize("fault", [Fault(kind="html"), Fault(kind="truncated", declared=False)], ids=lambda f: f.kind)
def test_a_page_that_cannot_be_read_stops_before_it_and_the_next_sync_goes_on(it: Synced, fault: Fault) -> None:
    it.fake.faults.add(fault.model_copy(update={"path": it.world.page, "after": it.world.before + 2}))
    with pytest.raises(MalformedPageError, match="no JSON"):
        it.sync()
    stopped = it.installation.rows("select status, read, reason from ops.syncs")[0]
    stored = 2 * it.world.each
    assert stopped[:2] == ("stopped", stored)
    assert "no JSON" in stopped[2]
    letters = "select stage, row_no, status from ops.dead_letters where row_no = 0"
    assert it.installation.rows(letters) == [("decode", 0, "open")]
    outcome = it.sync()
    assert (outcome.kind, outcome.resumed, outcome.counts.read) == ("full", True, it.given() - stored)
    assert it.installation.rows(letters) == [("decode", 0, "superseded")]
    assert it.installation.one("select count(*) from ops.syncs") == 1
    it.assert_complete()


def test_a_system_that_is_down_leaves_what_was_stored_and_is_taken_up_again(it: Synced) -> None:
    it.fake.faults.add(Fault(kind="status", status=502, path=it.world.page, after=4, times=5))
    with pytest.raises(SystemUnavailable, match="answered 502"):
        it.sync()
    assert it.installation.one("select read from ops.syncs") > 0
    assert it.sync().resumed
    it.assert_complete()


def test_a_bad_record_is_set_aside_with_its_reason_and_the_others_of_its_page_are_loaded(it: Synced) -> None:
    it.sync()
    number = it.ids()[2]
    it.change(number, email="nobody at home")
    it.sync()
    assert number in it.kept_out()
    it.assert_complete()
    reasons, payload = it.installation.rows(
        f"select reasons, payload from ops.dead_letters where record = '{number}' and status = 'open'"
    )[0]
    assert [reason["rule"] for reason in reasons] == ["email_valid"]
    assert [it.world.table.column("email").header, "nobody at home"] in payload["cells"]
    it.change(number, email="somebody@home.example")
    it.sync()
    assert number not in it.kept_out()
    assert it.row("email", number) == ("somebody@home.example",)
    it.assert_complete()


def test_a_bad_record_that_is_deleted_waits_for_nothing(it: Synced) -> None:
    it.sync()
    known, unknown = it.ids()[2], it.add(email="nobody either")
    it.change(known, email="nobody at home")
    it.sync()
    assert {known, unknown} <= set(it.kept_out())
    it.delete(known)
    it.delete(unknown)
    it.sync()
    assert not {known, unknown} & set(it.kept_out())
    assert it.row("deletion", known) == ("told",)
    it.assert_complete()


def test_a_bad_record_that_vanished_waits_until_a_full_sync_only(it: Synced) -> None:
    it.sync()
    number = it.add(email="nobody at home")
    it.sync()
    it.vanish(number)
    it.sync(full=True)
    assert number not in it.kept_out()
    it.assert_complete()


def test_every_page_stands_in_the_archive_as_it_was_received(it: Synced) -> None:
    it.sync()
    pages = it.installation.rows("select folder, sha256, records from ops.sync_pages order by page_no")
    assert sum(records for _, _, records in pages) == it.given()
    for folder, sha256, records in pages:
        content = it.warehouse.archive.within("systems").within(folder).content(sha256)
        assert len(it.world.kind.records(it.world.table, content)) == it.world.held(content) == records
    found = it.installation.column(f"select distinct delivery from {it.world.table.address} order by 1")
    assert found == sorted(sha256[:16] for _, sha256, _ in pages)


def test_a_full_sync_gives_up_a_smaller_one_that_was_cut_off(it: Synced) -> None:
    it.sync()
    for number in it.ids()[:50]:
        it.change(number, title="Stirred")
    it.fake.faults.add(Fault(kind="html", path=it.world.page, after=2))
    with pytest.raises(DeliveryError):
        it.sync()
    outcome = it.sync(full=True)
    assert (outcome.kind, outcome.resumed) == ("full", False)
    statuses = it.installation.column("select status from ops.syncs order by sync_id")
    assert statuses == ["complete", "abandoned", "complete"]
    it.assert_complete()


def test_two_at_once_are_one_too_many(it: Synced) -> None:
    told = []

    def meanwhile() -> None:
        with pytest.raises(SystemUnavailable, match="another run is syncing it"):
            it.sync()
        told.append("refused")

    it.fake.before_answer(it.world.page, 3, meanwhile)
    it.sync()
    assert told == ["refused"]
    it.assert_complete()


def test_the_ledger_accounts_for_every_record(it: Synced) -> None:
    it.sync()
    it.change(it.ids()[0], email="broken")
    it.sync()
    sums = it.installation.rows(
        "select sum(read), sum(inserted + updated + unchanged + duplicate + set_aside + skipped) from ops.syncs"
    )
    assert sums[0][0] == sums[0][1] > it.given()
    assert it.installation.one("select count(*) from ops.sync_keys") == 0
    assert it.installation.one("select count(*) from ops.sync_results where point = 'received'") > 20
