"""Many records at once by a Bulk job: the same rows as page by page, whatever becomes of the job."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.errors import SystemUnavailable
from hrdata_assets.systems.answers import MalformedPageError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.salesforce.csv_parts import part_records
from hrdata_assets.systems.salesforce.fake_switches import Fate
from hrdata_assets.systems.salesforce.reading import archived_records
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import BY_JOBS, Synced, followed

MADE, RESULTS = "/jobs/query$", "/results$"
Follow = Callable[..., AbstractContextManager[Synced]]


@pytest.fixture
def follow(new_installation: NewInstallation, tmp_path: Path) -> Follow:
    @contextmanager
    def with_settings(more: dict[str, str] | None = None, **switches: Any) -> Iterator[Synced]:
        world = replace(BY_JOBS, settings={**BY_JOBS.settings, **(more or {})})
        with followed(world, new_installation, tmp_path, **switches) as found:
            yield found

    return with_settings


def by_pages(it: Synced, **order: Any) -> Any:
    """A sync that makes no job."""
    slow = replace(it, world=replace(it.world, settings={**it.world.settings, "SALESFORCE_BULK_FROM": "100000"}))
    return slow.sync(**order)


def test_a_job_gives_what_pages_give_to_the_letter(follow: Follow) -> None:
    with follow() as it:
        outcome = it.sync()
        assert (outcome.kind, outcome.counts.read, it.calls(MADE), it.calls(RESULTS)) == ("full", it.given(), 1, 3)
        # The newest is asked for, and nothing else.
        assert it.calls(it.world.page) == 1
        it.assert_complete()
        assert by_pages(it, full=True).counts.unchanged == it.given()
        assert it.sync(full=True).counts.unchanged == it.given()


def test_an_incremental_sync_needs_no_job(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        it.change(it.ids()[3], title="Astronaut")
        assert it.sync().counts.updated == 1
        assert it.calls(MADE) == 1


def test_fewer_records_than_that_are_read_page_by_page(follow: Follow) -> None:
    with follow({"SALESFORCE_BULK_FROM": "121"}) as it:
        it.sync()
        assert it.calls(MADE) == 0
        it.add(title="The one too many")
        it.sync(full=True)
        assert it.calls(MADE) == 1
        it.assert_complete()


def test_a_look_at_the_ids_alone_is_a_job_too(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        gone = it.ids()[7]
        it.vanish(gone)
        outcome = it.sync(keys=True)
        assert (outcome.counts.removed, outcome.counts.skipped, it.calls(MADE)) == (1, it.given(), 2)
        assert it.row("deletion", gone) == ("missing",)


def test_a_job_that_was_made_is_taken_up_again(follow: Follow) -> None:
    with follow() as it:
        it.fake.faults.add(Fault(kind="status", status=502, path="/jobs/query/750", times=5))
        with pytest.raises(SystemUnavailable, match="answered 502"):
            it.sync()
        outcome = it.sync()
        assert (outcome.resumed, outcome.counts.read, it.calls(MADE)) == (True, it.given(), 1)
        it.assert_complete()


@pytest.mark.parametrize("fault", [Fault(kind="html"), Fault(kind="truncated", declared=False)], ids=lambda f: f.kind)
def test_what_is_no_part_stops_before_it_and_the_next_sync_goes_on_there(follow: Follow, fault: Fault) -> None:
    with follow() as it:
        it.fake.faults.add(fault.model_copy(update={"path": RESULTS, "after": 1}))
        with pytest.raises(MalformedPageError, match=r"no part of its results|announced"):
            it.sync()
        assert it.installation.rows("select status, read from ops.syncs") == [("stopped", 50)]
        letters = "select stage, status from ops.dead_letters where row_no = 0"
        assert it.installation.rows(letters) == [("decode", "open")]
        outcome = it.sync()
        assert (outcome.resumed, outcome.counts.read, it.calls(MADE)) == (True, it.given() - 50, 1)
        assert it.installation.rows(letters) == [("decode", "superseded")]
        it.assert_complete()


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_part_that_was_cut_off_is_not_taken_for_whole(follow: Follow, cut: int) -> None:
    with follow(fate=Fate(polls=0, part=50, cut_part=cut)) as it:
        with pytest.raises(MalformedPageError, match=r"no part of its results|announced \d+ records and gave"):
            it.sync()
        assert it.sync().resumed
        it.assert_complete()


def test_a_job_that_is_gone_is_made_again(follow: Follow) -> None:
    with follow() as it:
        it.fake.faults.add(Fault(kind="html", path=RESULTS, after=1))
        with pytest.raises(MalformedPageError):
            it.sync()
        it.fake.clock_ahead += it.fake.now() - it.fake.now().replace(year=it.fake.now().year - 1)
        outcome = it.sync()
        assert (outcome.resumed, outcome.counts.read, it.calls(MADE)) == (True, it.given(), 2)
        it.assert_complete()


@pytest.mark.parametrize(
    ("switches", "why"),
    [
        ({"fate": Fate(polls=0, fails="INTERNALERROR:Ann Example could not be read")}, "INTERNALERROR"),
        ({"fate": Fate(polls=0, fails="Ann Example could not be read")}, "Failed"),
        ({"fate": Fate(stuck=True)}, "it was not done in time"),
        ({"daily_query_jobs": 0}, "EXCEEDEDQUOTA"),
    ],
)
def test_where_no_job_gives_them_records_are_read_page_by_page(
    follow: Follow, caplog: pytest.LogCaptureFixture, switches: dict[str, Any], why: str
) -> None:
    with follow({"SALESFORCE_BULK_SECONDS": "0.3"}, **switches) as it:
        assert it.sync().counts.read == it.given()
        it.assert_complete()
        assert f"no job gives all of Contact ({why})" in caplog.text
        assert "Ann Example" not in caplog.text


def test_a_job_that_takes_too_long_is_ended(follow: Follow) -> None:
    with follow({"SALESFORCE_BULK_SECONDS": "0.1"}, fate=Fate(stuck=True)) as it:
        it.sync()
        assert [call.method for call in it.fake.calls if "/jobs/query/750" in call.path][-1] == "PATCH"


def test_a_field_that_is_taken_away_while_the_job_waits_is_left_out(follow: Follow) -> None:
    with follow() as it:
        it.fake.before_answer("/jobs/query/750", 1, lambda: it.fake.schema.hidden.add("Contact.Fax"))
        assert it.sync().counts.read == it.given()
        it.assert_complete()


def test_a_byte_that_no_text_may_hold_is_taken_out_and_told(follow: Follow) -> None:
    with follow(fate=Fate(polls=0, nul_byte=True)) as it:
        it.sync()
        (changes,) = it.installation.rows(
            "select changes from staged.salesforce_contacts where changes::text like '%nul_removed%'"
        )
        assert list(changes[0].values()) == [["nul_removed"]]
        it.assert_complete()


def test_every_part_stands_in_the_archive_and_a_record_of_it_can_be_replayed(follow: Follow) -> None:
    with follow() as it:
        record = it.add(email="nobody at home")
        it.sync()
        pages = it.installation.rows("select folder, sha256, records from ops.sync_pages order by page_no")
        contents = [it.warehouse.archive.within("systems").within(folder).content(sha) for folder, sha, _ in pages]
        assert (
            [len(archived_records(content)) for content in contents] == [page[2] for page in pages] == [0, 50, 50, 23]
        )
        number = it.installation.one(f"select id from ops.dead_letters where record = '{record}'")
        told = hrdata("letters", "replay", str(number), "--json")
        assert told.code == 0, told.err
        assert record in it.kept_out()


def test_a_part_is_read_as_its_fields_are_meant() -> None:
    kinds = {"Active__c": "boolean", "Size__c": "double", "Seen__c": "datetime", "Count__c": "int"}
    content = (
        '"Id","Active__c","Size__c","Seen__c","Count__c","Note__c"\n'
        '"003","true","1.50","2024-05-01T12:00:00.000Z","7","a ""b""\nc"\n"004","false","","","",""\n'
    )
    first, second = part_records(content.encode(), kinds)
    assert first == {
        "Id": "003", "Active__c": True, "Size__c": first["Size__c"], "Seen__c": "2024-05-01T12:00:00.000+0000",
        "Count__c": 7, "Note__c": 'a "b"\nc',
    }  # fmt: skip
    assert str(first["Size__c"]) == "1.50"
    assert second == {"Id": "004", "Active__c": False}


@pytest.mark.parametrize("content", [b"", b'"Id"\n', b'"Id","Name"\n'])
def test_a_part_without_records_is_one(content: bytes) -> None:
    assert part_records(content, {}) == []


@pytest.mark.parametrize(
    "content",
    [b"<html>", b'"Name"\n"x"\n', b'"Id","Name"\n"003"\n', b'"Id","Name"\n"003","cut', b'"Id"\n"\xff"\n'],
)
def test_what_is_no_part_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"a part|argument 3|codec"):
        part_records(content, {})
