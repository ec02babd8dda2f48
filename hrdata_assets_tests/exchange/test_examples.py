"""The examples of docs/systems.md run: people and jobs go from one system to another, each once, and stay apart."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets.exchange.calls import push_jobs, push_profiles
from hrdata_assets.exchange.config import run_push_profiles_from_config
from hrdata_assets.systems.answers import MalformedPageError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import Synced, called, followed, synced
from hrdata_assets_tests.test_documents import MOVING, TRANSFER

Three = tuple[Synced, Synced, Synced]


@pytest.fixture
def three(new_installation: NewInstallation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Three]:
    """A Bullhorn with people, and a HubSpot and a Salesforce with others, all configured."""
    with (
        followed(called("bullhorn"), new_installation, tmp_path) as bullhorn,
        synced(called("hubspot"), bullhorn.installation, people=30, seed=99) as hubspot,
        synced(called("salesforce"), bullhorn.installation, people=30, seed=98) as salesforce,
    ):
        for world in (bullhorn, hubspot, salesforce):
            for name, value in world.variables.items():
                monkeypatch.setenv(name, value)
        yield bullhorn, hubspot, salesforce


def test_the_python_of_the_documents_counts_what_would_be_written(
    three: Three, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(MOVING, "docs/systems.md", "exec"), {})
    read, filtered, formatted, written, failed, cursor = capsys.readouterr().out.split(" ", 5)
    bullhorn = three[0]
    assert int(read) == bullhorn.those("city", "Oslo", "Leeds")
    assert int(read) == int(filtered) + int(formatted) + int(failed)
    assert int(written) == int(formatted)
    assert cursor.startswith("20")


def test_the_json_of_the_documents_moves_them_once(three: Three) -> None:
    bullhorn, hubspot, _ = three
    for record in bullhorn.wanted()[:3]:
        bullhorn.change(record, title="Welder")
    config = {**json.loads(TRANSFER), "where": []}
    before = len(hubspot.wanted())
    done = run_push_profiles_from_config(config)
    assert done.written == done.created + (done.written - done.created) >= 3
    assert len(hubspot.wanted()) == before + done.created
    again = run_push_profiles_from_config({**config, "full": True})
    assert (again.written, again.unchanged) == (0, done.written)


def test_people_and_jobs_go_from_bullhorn_to_salesforce_and_are_found_again(three: Three) -> None:
    _, _, salesforce = three
    people, jobs = push_profiles("salesforce", "bullhorn"), push_jobs("salesforce", "bullhorn")
    for done in (people, jobs):
        assert done.created == done.written > 10
        assert done.read == done.filtered + done.written + done.unchanged + done.failed
    keys = [record["HR_Key__c"] for record in salesforce.fake.records("Contact") if record["HR_Key__c"]]
    assert len(keys) == len(set(keys)) == people.created
    assert all(key.startswith("bullhorn:") for key in keys)
    assert push_profiles("salesforce", "bullhorn", full=True).written == 0


def test_cut_off_while_reading_it_goes_on_at_the_page(three: Three) -> None:
    bullhorn, _, salesforce = three
    bullhorn.fake.faults.add(Fault(kind="html", path=bullhorn.world.page, after=4))
    with pytest.raises(MalformedPageError):
        push_profiles("salesforce", "bullhorn")
    stopped = bullhorn.installation.rows("select status, read from ops.syncs")
    assert stopped[0][0] == "stopped"
    assert 0 < stopped[0][1] < bullhorn.given()
    done = push_profiles("salesforce", "bullhorn")
    assert done.read == bullhorn.given() - stopped[0][1]
    keys = [record["HR_Key__c"] for record in salesforce.fake.records("Contact") if record["HR_Key__c"]]
    assert len(keys) == len(set(keys)) == bullhorn.installation.one("select count(*) from ops.pushed")


def test_no_secret_and_no_value_of_a_person_is_told(three: Three, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bullhorn, _, salesforce = three
    planted = "plantedname" * 9 + "@home.example"
    record = bullhorn.add(first_name="Plantedname", email=planted, title="Plantedtitle")
    told = f"{planted} Plantedtitle"
    salesforce.fake.faults.add(Fault(kind="status", status=500, body=told, path="/composite", times=2))
    done = push_profiles("salesforce", "bullhorn")
    installation = bullhorn.installation
    waiting = installation.rows(f"select reasons::text from ops.dead_letters where record = 'bullhorn:{record}'")
    assert len(waiting) == 1
    ledger = installation.rows("select row_to_json(s)::text, '' from ops.syncs s")
    pushed = installation.rows("select row_to_json(p)::text, '' from ops.pushed p")
    said = caplog.text + str(waiting) + str(ledger) + str(pushed) + str(done.reasons)
    for word in (*bullhorn.secrets, *salesforce.secrets, "plantedname", "Plantedname", "Plantedtitle"):
        assert word not in said
