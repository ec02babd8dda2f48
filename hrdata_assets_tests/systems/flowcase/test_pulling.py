"""Reports through Flowcase's API: ordered once, waited for, fetched without a token, and landed whole; real HTTP."""

import logging
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.configuration import SystemSettings, load_system_settings
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.flowcase.client import ORDERED
from hrdata_assets.systems.flowcase.pulling import account_of, lacking, quarter_meant
from hrdata_assets_tests.systems.flowcase.account import QUARTER, Account, an_account

ORDER = r"/cv-report$"
FILE = r"^/cv-reports/"


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Which files stand there, and since when."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (folder, *folder.iterdir())}


def lines(content: bytes) -> Counter[bytes]:
    return Counter(content.split(b"\n"))


@pytest.mark.parametrize("dialect", ["export", "seed"])
def test_what_is_landed_is_what_the_generator_of_folders_writes(tmp_path: Path, dialect: str) -> None:
    with an_account(tmp_path, dialect=dialect, polls=3) as account:
        pulled = account.pull()
        assert pulled.reports == pulled.changed == ORDERED
        assert account.files() == account.written()
        assert account.fake.ordered() == list(ORDERED)
        assert pulled.failed == {}


def test_a_second_pull_of_the_same_touches_nothing(account: Account) -> None:
    account.pull()
    before = stamps(account.landed)
    again = account.pull()
    assert (again.reports, again.changed) == (ORDERED, ())
    assert stamps(account.landed) == before


def test_what_is_said_now_takes_the_place_of_what_was_said_before(account: Account) -> None:
    account.pull()
    languages = (account.landed / "languages.csv").stat().st_mtime_ns
    account.fake.be(people=41)
    assert "user_report" in account.pull().changed
    assert account.files() == account.written()
    account.fake.be(people=40)
    account.pull()
    assert account.files() == account.written()
    assert (account.landed / "languages.csv").stat().st_mtime_ns != languages


def test_two_pulls_at_once_are_one_after_the_other(account: Account) -> None:
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(lambda _: account.pull(), range(2))
    assert sorted([one.changed, other.changed], key=len) == [(), ORDERED]
    assert account.files() == account.written()


def test_who_asks_is_told_to_the_account_and_never_to_whoever_has_the_files(account: Account) -> None:
    account.pull()
    assert account.downloads() == len(ORDERED)
    assert account.fake.files.told_who_asks == 0


def test_no_secret_and_no_signed_address_is_told(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    account.fake.faults.add(Fault(kind="status", status=503, path=FILE, times=1))
    account.fake.faults.add(Fault(kind="status", status=403, path=FILE, after=1, times=2))
    account.fake.switches.failed = {"blogs": "exploded"}
    pulled = account.pull()
    said = caplog.text + str(pulled) + str(pulled.failed)
    assert "503" in said
    assert "exploded" in said
    kept = "".join(path.read_text(errors="replace") for path in account.folder.rglob("*.json"))
    for word in (account.fake.switches.token, "Signature=", "Expires="):
        assert word not in said
        assert word not in kept


@pytest.fixture
def divided(tmp_path: Path) -> Iterator[Account]:
    with an_account(tmp_path, people=60, most_cvs=25) as account:
        yield account


def test_more_people_than_a_report_holds_are_ordered_office_by_office_and_joined(divided: Account) -> None:
    pulled = divided.pull(FLOWCASE_CVS_PER_REPORT="25")
    assert pulled.warnings == ()
    orders = divided.fake.orders.taken.values()
    parts = {order.offices for order in orders}
    assert len(parts) > 2
    assert Counter(order.report for order in orders) == dict.fromkeys(ORDERED, len(parts))
    every = [office for part in parts for office in part]
    assert len(every) == len(set(every)) == len(divided.fake.company.offices)
    found, written = divided.files(), divided.written()
    assert set(found) == set(written)
    for report, content in found.items():
        assert lines(content) == lines(written[report]), report
        assert content.split(b"\n")[0] == written[report].split(b"\n")[0]
        assert content.endswith(b"\n") == written[report].endswith(b"\n")


def test_who_may_not_see_the_list_of_offices_names_them_and_each_is_ordered_alone(account: Account) -> None:
    account.fake.switches.countries_hidden = True
    with pytest.raises(DeliveryError, match="answered 403 for /api/v1/countries"):
        account.pull()
    company = account.fake.company
    first, second = (company.offices[number].id for number in sorted(set(company.office_of.tolist()))[:2])
    account.pull(FLOWCASE_OFFICE_IDS=f"{first},{second}")
    assert {order.offices for order in account.fake.orders.taken.values()} == {(first,), (second,)}
    wanted = company.csv("user_report", company.members([first, second]))
    assert sorted(account.files()["user_report"].split(b"\n")) == sorted(wanted.split(b"\n"))


def test_a_share_from_which_somebody_was_left_out_is_halved(tmp_path: Path) -> None:
    with an_account(tmp_path, people=60) as account:
        # The account cuts off earlier than it counts: two thirds of the people would be missing.
        account.fake.be(people=30)
        account.fake.before_answer(ORDER, 1, lambda: account.fake.be(people=60))
        account.fake.switches.most_cvs = 35
        account.pull(FLOWCASE_CVS_PER_REPORT="35")
        offices = [len(order.offices) for order in account.fake.orders.taken.values()]
        assert offices[0] == len(account.fake.company.offices) == offices[1] + offices[2]
        assert lines(account.files()["user_report"]) == lines(account.written()["user_report"])
        assert lines(account.files()["courses"]) == lines(account.written()["courses"])


def test_an_office_with_more_people_than_a_report_holds_is_told_of(tmp_path: Path) -> None:
    with an_account(tmp_path, people=20, most_cvs=1) as account:
        office = account.fake.company.offices[int(account.fake.company.office_of[0])]
        pulled = account.pull(FLOWCASE_CVS_PER_REPORT="1", FLOWCASE_OFFICE_IDS=office.id)
    assert pulled.warnings
    assert "some may be missing" in pulled.warnings[0]


def test_only_the_offices_that_are_named_are_asked_for(account: Account) -> None:
    office = account.fake.company.offices[int(account.fake.company.office_of[0])]
    account.pull(FLOWCASE_OFFICE_IDS=f" {office.id} ,")
    wanted = account.fake.company.csv("user_report", account.fake.company.members([office.id]))
    assert account.files()["user_report"] == wanted
    with pytest.raises(SetupError, match="has no office nowhere"):
        account.pull(FLOWCASE_OFFICE_IDS="nowhere")


def test_languages_are_asked_for_and_fill_the_headings(account: Account) -> None:
    account.pull(FLOWCASE_LANG_PARAMS="int,no")
    assert {order.languages for order in account.fake.orders.taken.values()} == {("int", "no")}
    assert b"Title (int)" in account.files()["user_report"].split(b"\n")[0]


def test_a_run_that_was_killed_between_order_and_download_is_taken_up_without_a_second_order(account: Account) -> None:
    account.fake.switches.polls = 2
    command = [sys.executable, "-m", "hrdata_assets_tests.systems.flowcase.victim"]
    environment = {**os.environ, **account.variables, "HRDATA_HOME": str(account.settings.home),
                   "HRDATA_REPORTS_DIR": str(account.settings.reports_dir)}  # fmt: skip
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as victim:
        # Thirteen are ordered by then, and three have been fetched.
        account.fake.files.before_answer(FILE, 4, lambda: os.kill(victim.pid, signal.SIGKILL))
        assert victim.wait(60) == -signal.SIGKILL
    assert not account.landed.exists()
    assert account.fake.ordered() == list(ORDERED)
    fetched = account.downloads()
    account.pull()
    assert account.fake.ordered() == list(ORDERED)
    assert account.downloads() - fetched <= len(ORDERED) - 3
    assert account.files() == account.written()


def test_what_was_ordered_for_one_account_is_nothing_to_another(account: Account) -> None:
    account.fake.switches.stuck = set(ORDERED)
    with pytest.raises(SystemUnavailable):
        account.pull(FLOWCASE_PATIENCE_SECONDS="0")
    account.fake.switches.stuck = ()
    account.pull(FLOWCASE_LANG_PARAMS="int")
    assert account.fake.ordered() == ["user_report", *ORDERED]
    one, other = (SystemSettings(**{**account.variables, **more}) for more in ({}, {"FLOWCASE_LANG_PARAMS": "int"}))
    assert account_of(one) != account_of(other)


def test_what_is_still_to_be_set_is_said(account: Account) -> None:
    assert lacking(SystemSettings()) == ["FLOWCASE_DATA_SOURCE=real", "FLOWCASE_SUBDOMAIN", "FLOWCASE_API_TOKEN"]
    assert lacking(SystemSettings(**account.variables)) == []
    with pytest.raises(SetupError, match=r"flowcase is not configured: set FLOWCASE_DATA_SOURCE=real$"):
        account.pull(FLOWCASE_DATA_SOURCE="fake")


def test_the_misspelt_token_is_taken_with_a_warning(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    account.pull(FLOWCASE_API_TOKEN="", LOWCASE_API_TOKEN=account.fake.switches.token)
    assert "LOWCASE_API_TOKEN is a misspelling: call it FLOWCASE_API_TOKEN" in caplog.text
    caplog.clear()
    account.pull(LOWCASE_API_TOKEN="whatever")
    assert "misspelling" not in caplog.text


def test_settings_that_would_lead_elsewhere_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = {"FLOWCASE_SUBDOMAIN": "evil.example/", "FLOWCASE_BASE_URL": "http://a@b", "FLOWCASE_DATA_SOURCE": "any"}
    for name, value in strange.items():
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with pytest.raises(SetupError, match=name):
                load_system_settings()
    monkeypatch.setenv("FLOWCASE_DATA_SOURCE", " Real ")
    assert load_system_settings().flowcase_data_source == "real"


def test_a_quarter_that_has_not_begun_has_no_reports() -> None:
    assert quarter_meant("Q22026") == QUARTER
    with pytest.raises(SetupError, match="2099-Q1 has not begun"):
        quarter_meant("2099-Q1")
    assert quarter_meant(None) >= Quarter(2026, 1)
