"""What can go wrong while reports are ordered, waited for and fetched, and what is made of it; real HTTP."""

from datetime import timedelta

import pytest

from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.systems.answers import SignInError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.flowcase.client import ORDERED
from hrdata_assets.systems.flowcase.fake_api_company import identifier
from hrdata_assets_tests.systems.flowcase.account import Account

POLL = r"/cv-report/"
ORDER = r"/cv-report$"
FILE = r"^/cv-reports/"


def test_a_report_that_does_not_get_ready_is_left_to_the_next_pull(account: Account) -> None:
    account.fake.switches.stuck = {"courses"}
    with pytest.raises(SystemUnavailable, match=r"has not made courses within 0\.1 s"):
        account.pull(FLOWCASE_PATIENCE_SECONDS="0.1")
    # Half a quarter is nobody's quarter.
    assert not account.landed.exists()
    account.fake.switches.stuck = ()
    account.pull()
    assert account.fake.ordered() == list(ORDERED)
    assert account.files() == account.written()


def test_the_pauses_grow(account: Account) -> None:
    account.fake.switches.stuck = set(ORDERED)
    with pytest.raises(SystemUnavailable):
        account.pull(FLOWCASE_POLL_SECONDS="0.01", FLOWCASE_PATIENCE_SECONDS="0.4")
    looks = [call.at for call in account.fake.calls if call.path.startswith("/api/v2/cv-report/")]
    assert 5 <= len(looks) <= 16
    assert looks[-1] - looks[-2] > 3 * (looks[1] - looks[0])


def test_a_report_that_comes_to_nothing_stops_no_other_and_leaves_its_earlier_version(account: Account) -> None:
    account.pull()
    before = account.files()
    account.fake.be(people=41)
    account.fake.switches.failed = {"blogs": "failed"}
    pulled = account.pull()
    assert str(pulled.failed["blogs"]) == "flowcase could not make blogs (failed): pull again"
    assert "blogs" not in pulled.reports
    assert account.files() == {**account.written(), "blogs": before["blogs"]}
    account.fake.switches.failed = {}
    assert account.pull().changed == ("blogs",)
    assert account.files() == account.written()


def test_a_state_nobody_has_heard_of_is_a_failure_and_is_not_repeated_word_for_word(account: Account) -> None:
    account.fake.switches.failed = {"blogs": "Kari Hansen's CV is broken"}
    assert str(account.pull().failed["blogs"]) == "flowcase could not make blogs (unknown): pull again"


def test_a_report_that_may_not_be_ordered_stops_no_other(account: Account) -> None:
    account.fake.switches.forbidden = {"cv_roles"}
    pulled = account.pull()
    assert list(pulled.failed) == ["cv_roles"]
    assert "answered 403" in str(pulled.failed["cv_roles"])
    assert set(account.files()) == set(ORDERED) - {"cv_roles"}


def test_without_the_people_nothing_is_landed(account: Account) -> None:
    account.fake.switches.failed = {"user_report": "failed"}
    with pytest.raises(DeliveryError, match="could not make user_report"):
        account.pull()
    assert not account.landed.exists()


def test_a_finished_report_without_its_file_is_asked_after_again_a_few_times(account: Account) -> None:
    account.fake.switches.without_url = 3
    assert account.pull().failed == {}
    account.fake.switches.without_url = 50
    with pytest.raises(DeliveryError, match="offers no file"):
        account.pull()


def test_an_address_that_has_expired_is_asked_for_anew(account: Account) -> None:
    account.fake.files.before_answer(FILE, 1, lambda: setattr(account.fake, "clock_ahead", timedelta(hours=1)))
    assert account.pull().failed == {}
    assert [call.status for call in account.fake.files.calls[:2]] == [403, 200]
    assert account.fake.ordered() == list(ORDERED)
    assert account.files() == account.written()


def test_files_that_ask_who_one_is_are_not_told_and_no_other_token_helps(account: Account) -> None:
    account.fake.faults.add(Fault(kind="status", status=401, path=FILE, after=1, times=1))
    assert account.pull().failed == {}
    assert account.fake.files.told_who_asks == 0
    account.fake.faults.add(Fault(kind="status", status=401, path=FILE, times=None))
    with pytest.raises(DeliveryError, match="flowcase's files are refused with 401"):
        account.pull()


def test_an_address_that_never_works_fails_its_report(account: Account) -> None:
    account.fake.switches.url_seconds = -60
    with pytest.raises(DeliveryError, match="answered 403"):
        account.pull()
    assert len(account.fake.files.calls) == 2


def test_calls_that_fail_for_a_while_are_made_again(account: Account) -> None:
    for kind, path in (("status", "/countries"), ("disconnect", ORDER), ("status", POLL), ("disconnect", FILE)):
        account.fake.faults.add(Fault(kind=kind, status=502, path=path))  # type: ignore[arg-type]
    assert account.pull().failed == {}
    assert account.fake.faults.struck == 4
    assert account.files() == account.written()


def test_who_asks_too_often_waits_as_long_as_is_said(account: Account) -> None:
    account.fake.faults.add(Fault(kind="rate_limited", retry_after=0.3, path=POLL))
    pulled = account.pull()
    assert pulled.throttled == 1
    limited = next(call for call in account.fake.calls if call.status == 429)
    later = next(call for call in account.fake.calls if call.path == limited.path and call.status == 200)
    assert (later.at - limited.at).total_seconds() >= 0.3


def test_a_wrong_token_stops_everything_at_once(account: Account) -> None:
    with pytest.raises(SignInError, match="check the credentials"):
        account.pull(FLOWCASE_API_TOKEN="wrong")
    assert len(account.fake.calls) == 1
    assert not account.landed.exists()


def test_a_token_that_is_revoked_meanwhile_stops_everything_and_the_next_one_goes_on(account: Account) -> None:
    account.fake.before_answer(POLL, 3, lambda: setattr(account.fake.switches, "token", "another"))
    with pytest.raises(SignInError):
        account.pull()
    account.pull()
    assert account.fake.ordered() == list(ORDERED)
    assert account.files() == account.written()


def test_half_a_download_is_no_report(account: Account) -> None:
    account.fake.faults.add(Fault(kind="truncated", path=FILE, after=1, times=1))
    account.fake.faults.add(Fault(kind="truncated", declared=False, path=FILE, after=3, times=1))
    assert account.pull().failed == {}
    assert account.files() == account.written()


def test_a_page_in_place_of_a_report_replaces_nothing(account: Account) -> None:
    account.pull()
    before = account.files()
    account.fake.be(people=41)
    account.fake.faults.add(Fault(kind="html", path=FILE, after=1, times=1))
    assert account.pull().failed == {}
    assert account.files() == account.written() != before
    account.fake.faults.add(Fault(kind="html", path=FILE, times=None))
    with pytest.raises(DeliveryError, match="is a web page or XML"):
        account.pull()
    assert account.files() == account.written()


def test_a_page_in_place_of_an_answer_is_asked_past(account: Account) -> None:
    account.fake.faults.add(Fault(kind="html", path=POLL, times=2))
    assert account.pull().failed == {}
    account.fake.faults.add(Fault(kind="html", path=ORDER))
    with pytest.raises(SystemUnavailable, match="took an order of user_report without an id"):
        account.pull()
    account.fake.faults.add(Fault(kind="html", path="/countries"))
    with pytest.raises(SystemUnavailable, match="no list of offices"):
        account.pull()


def test_an_order_that_is_gone_is_given_again(account: Account) -> None:
    account.fake.switches.stuck = set(ORDERED)
    with pytest.raises(SystemUnavailable):
        account.pull(FLOWCASE_PATIENCE_SECONDS="0")
    account.fake.orders.lose()
    account.fake.switches.stuck = ()
    account.pull()
    assert account.fake.ordered() == list(ORDERED)
    assert account.files() == account.written()


def test_a_report_that_ends_in_the_middle_of_a_record_twice_over_is_taken_as_it_is(account: Account) -> None:
    path = FILE + identifier("order", 1)
    account.fake.faults.add(Fault(kind="status", status=200, body="Name,Email\nKari", path=path, times=2))
    assert account.pull().failed == {}
    assert b"Name,Email\nKari" in account.files().values()


def test_files_of_a_host_nobody_named_are_not_fetched(account: Account) -> None:
    account.fake.files.url = "http://elsewhere.example"
    with pytest.raises(SetupError, match=r"elsewhere\.example is none of .* FLOWCASE_DOWNLOAD_HOSTS"):
        account.pull()
