"""What only Bullhorn does: sessions, an index that lags, events that are read once, and values that are withheld."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import SignInError
from hrdata_assets.systems.bullhorn.fake_world import FIRST_ID
from hrdata_assets.systems.bullhorn.tables import JobSubmission
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.test_pulling import pull_all
from hrdata_assets_tests.sync.worlds import Synced, called, followed

WORLD = called("bullhorn")
Follow = Callable[..., AbstractContextManager[Synced]]


@pytest.fixture
def follow(new_installation: NewInstallation, tmp_path: Path) -> Follow:
    @contextmanager
    def with_switches(**switches: Any) -> Iterator[Synced]:
        with followed(WORLD, new_installation, tmp_path, **switches) as found:
            yield found

    return with_switches


def test_what_only_the_index_still_names_is_no_record_and_hides_none(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        gone = int(it.ids()[-1])
        it.fake.delete("Candidate", gone, ghost=True)
        it.sync(full=True)
        assert it.rows("deletion", f"id = {gone}") == [("told",)]
        for number in it.ids()[:30]:
            it.fake.change("Candidate", int(number), occupation="Stirred")
        assert it.sync().counts.updated == 30
        # The totals differ by one: the index counts what only it still names.
        assert sorted([*it.ids(), *it.kept_out()]) == it.wanted()


def test_a_record_that_is_deleted_hard_is_told_by_its_event(follow: Follow) -> None:
    with follow() as it:
        assert pull_all(it) == []
        gone = it.fake.records("Placement")[2]["id"]
        it.fake.delete("Placement", gone)
        assert pull_all(it) == []
        told = it.installation.rows("select id, deletion from staged.bullhorn_placements where deletion is not null")
        assert told == [(gone, "told")]


@pytest.mark.parametrize("again", [False, True])
def test_a_deletion_that_is_told_after_the_record_was_restored_is_past(follow: Follow, again: bool) -> None:
    with follow() as it:
        it.sync()
        record = it.ids()[0]

        def deleted_and_restored() -> None:
            it.delete(record)
            it.fake.clock_ahead += datetime.timedelta(seconds=1)
            it.restore(record)

        # After events were asked for, and before the record is.
        it.fake.before_answer(WORLD.page, WORLD.before + 1, deleted_and_restored)
        it.sync()
        if again:
            it.delete(record)
        it.sync()
        assert it.row("deletion", record) == ("told" if again else None,)
        it.assert_complete()


def test_events_that_were_read_and_not_stored_are_read_again(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        gone = int(it.ids()[4])
        it.fake.vanish("Candidate", gone)
        it.fake.events.happened("Candidate", gone, "DELETED")
        # Handed out to whoever was cut off.
        it.fake.events.read("hrdataCandidate", {"maxEvents": 100})
        it.sync()
        assert it.rows("deletion", f"id = {gone}") == [("told",)]


def test_a_user_who_may_not_listen_still_syncs(follow: Follow) -> None:
    with follow(may_subscribe=False) as it:
        it.sync()
        it.sync()
        it.assert_complete()


def test_what_is_confidential_is_no_value_and_said_to_be_withheld(follow: Follow) -> None:
    with follow(hidden=("dateOfBirth", "salary")) as it:
        it.sync()
        rows = it.rows("date_of_birth, salary, changes", f"id = {FIRST_ID['Candidate']}")
        assert rows == [(None, None, {"date_of_birth": ["withheld"], "salary": ["withheld"]})]


def test_fewer_records_than_were_asked_for_end_nothing(follow: Follow) -> None:
    with follow() as it:
        it.fake.switches.page = 7
        assert it.sync().counts.read == 120
        it.assert_complete()


def test_a_login_that_is_refused_now_and_then_is_tried_again(follow: Follow) -> None:
    with follow() as it:
        it.fake.switches.refused_logins = 2
        it.sync()
        it.assert_complete()


def test_a_refresh_token_is_used_once_and_the_password_only_without_one(follow: Follow) -> None:
    with follow() as it:
        it.sync()
        it.fake.expire()
        it.sync()
        assert (it.calls("/authorize"), it.calls("/token")) == (1, 2)
        it.fake.sessions.revoke()
        it.sync()
        assert (it.calls("/authorize"), it.calls("/token")) == (2, 4)


@pytest.mark.parametrize(
    ("change", "kind", "told"),
    [
        ({"client_id": "other"}, SetupError, "does not know BULLHORN_CLIENT_ID"),
        ({"password": "other"}, SetupError, "refuses BULLHORN_USERNAME with BULLHORN_PASSWORD"),
        ({"consent_given": False}, SetupError, "wants a person to agree first"),
        ({"client_secret": "other"}, SignInError, "gives no token"),
    ],
)
def test_what_is_wrong_with_signing_in_is_told(follow: Follow, change: dict[str, Any], kind: type, told: str) -> None:
    with follow() as it:
        variables = dict(it.variables)
        for name, value in change.items():
            setattr(it.fake.switches, name, value)
        it.fake.variables = lambda url: variables
        with pytest.raises(kind, match=told):
            it.sync()


def test_what_is_not_in_the_index_is_asked_of_the_database(follow: Follow) -> None:
    with follow() as it:
        pull_all(it)
        number = it.fake.records("JobSubmission")[3]["id"]
        it.fake.change("JobSubmission", number, status="Placed at last")
        pull_all(it)
        found = it.installation.rows(f"select status from {JobSubmission.table.address} where id = {number}")
        assert found == [("Placed at last",)]
        assert it.calls("/query/JobSubmission") > 0
