"""Records written into HubSpot: made once, changed afterwards, each refused on its own."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.hubspot.tables import Company, Contact, Deal, Owner
from hrdata_assets.systems.system import Written
from hrdata_assets.table import Table
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import Synced, called, followed


@pytest.fixture
def it(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Synced]:
    with followed(called("hubspot"), new_installation, tmp_path, dirt=0.0) as found:
        yield found


def a_contact(number: int = 1, **more: Any) -> dict[str, Any]:
    """What a mapping gives: columns of the table."""
    return {"email": f"new{number}@home.example", "first_name": "Ann", "last_name": "Example", **more}


def write(it: Synced, *records: dict[str, Any], table: Table = Contact.table, external: str = "email") -> list[Written]:
    with it.opened() as system:
        return list(system.write(table, records, external))


def there(it: Synced, name: str, value: str, objects: str = "contacts") -> list[dict[str, Any]]:
    found = (record["properties"] for record in it.fake.records(objects))
    return [properties for properties in found if properties[name] == value]


def test_a_record_is_made_once_and_changed_afterwards(it: Synced) -> None:
    (made,) = write(it, a_contact())
    assert (made.created, made.refused) == (True, None)
    (changed,) = write(it, a_contact(job_title="Welder"))
    assert (changed.key, changed.created) == (made.key, False)
    (found,) = there(it, "email", "new1@home.example")
    assert (found["hs_object_id"], found["jobtitle"], found["firstname"]) == (made.key, "Welder", "Ann")


def test_what_is_written_comes_back_as_it_was(it: Synced) -> None:
    write(it, a_contact(job_title="Welder", city="Oslo"))
    it.sync()
    assert it.rows("first_name, job_title, city", "email = 'new1@home.example'") == [("Ann", "Welder", "Oslo")]


def test_a_hundred_go_in_one_call_and_each_is_told_in_its_place(it: Synced) -> None:
    known = there(it, "city", "Oslo")[0]
    records = [a_contact(n) for n in range(205)]
    records[150] = a_contact(email=known["email"].upper(), job_title="Known")
    written = write(it, *records)
    assert [one.place for one in written] == list(range(205))
    assert it.calls("/batch/upsert$") == 3
    assert (written[150].key, written[150].created) == (known["hs_object_id"], False)
    assert sum(one.created for one in written) == 204


def test_what_a_record_does_not_name_is_left_as_it_is_and_nothing_takes_a_value_away(it: Synced) -> None:
    write(it, a_contact(job_title="Welder", city="Oslo"))
    write(it, {"email": "new1@home.example", "city": None})
    (found,) = there(it, "email", "new1@home.example")
    assert (found["jobtitle"], found["city"]) == ("Welder", "")


def test_one_that_is_refused_says_why_and_stops_no_other(it: Synced) -> None:
    refused, made = write(it, a_contact(lead_status="nothing that there is"), a_contact(2))
    assert refused.key is None
    assert refused.refused == "hs_lead_status: INVALID_OPTION"
    assert made.created


def test_a_batch_that_is_refused_as_a_whole_is_sent_one_by_one(it: Synced) -> None:
    it.fake.faults.add(Fault(kind="status", status=400, body={"category": "VALIDATION_ERROR"}, path="/batch/upsert$"))
    written = write(it, a_contact(1), a_contact(2), a_contact(3))
    assert [one.created for one in written] == [True] * 3
    it.fake.faults.add(Fault(kind="status", status=409, body={"category": "CONFLICT"}, path="/batch/upsert$", times=2))
    first, second = write(it, a_contact(4), a_contact(5))
    assert (first.refused, second.created) == ("CONFLICT", True)


def test_the_same_external_id_twice_is_one_record(it: Synced) -> None:
    first, second = write(it, a_contact(), a_contact(job_title="Painter", email="NEW1@home.example"))
    assert (first.key, first.created, second.created) == (second.key, True, False)
    assert [record["jobtitle"] for record in there(it, "email", "new1@home.example")] == ["Painter"]


def test_a_further_address_finds_its_contact_and_leaves_the_first_one(it: Synced) -> None:
    further = next(r["properties"] for r in it.fake.records("contacts") if r["properties"]["hs_additional_emails"])
    (written,) = write(it, a_contact(email=further["hs_additional_emails"].split(";")[0], job_title="Welder"))
    assert (written.key, written.created) == (further["hs_object_id"], False)
    (found,) = there(it, "hs_object_id", further["hs_object_id"])
    assert (found["email"], found["jobtitle"]) == (further["email"], "Welder")


def test_an_answer_that_did_not_come_makes_no_second_record(it: Synced) -> None:
    it.fake.faults.add(Fault(kind="truncated", path="/batch/upsert$"))
    (written,) = write(it, a_contact())
    assert written.refused is None
    assert len(there(it, "email", "new1@home.example")) == 1


def test_a_property_with_unique_values_knows_a_record_again(it: Synced) -> None:
    closes = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
    deal = {"external_id": "ats:7", "name": "A deal", "amount": Decimal("1000.50"), "close_date": closes}
    (made,) = write(it, deal, table=Deal.table, external="external_id")
    (again,) = write(it, {**deal, "name": "The deal"}, table=Deal.table, external="external_id")
    assert (made.created, again.created, made.key) == (True, False, again.key)
    (found,) = there(it, "hrdata_external_id", "ats:7", "deals")
    assert (found["dealname"], found["amount"], found["closedate"]) == ("The deal", "1000.50", "2026-05-01T12:00:00Z")


def test_without_a_property_for_it_the_number_in_another_system_is_not_written(it: Synced) -> None:
    it.fake.schema["contacts"].remove("hrdata_external_id")
    (made,) = write(it, a_contact(external_id="ats:7"))
    assert made.created


def test_a_record_without_an_external_id_is_refused(it: Synced) -> None:
    (refused,) = write(it, a_contact(email=None))
    assert refused.refused == "it has no external id"


def test_no_records_ask_nothing_but_the_properties(it: Synced) -> None:
    assert write(it) == []
    assert it.calls("/batch/") == 0


@pytest.mark.parametrize(
    ("table", "record", "external", "told"),
    [
        (Contact.table, a_contact(job_title="Welder"), "job_title", "jobtitle of hubspot's contacts has no unique"),
        (Contact.table, {"id": 17}, "id", "id is filled by HubSpot itself"),
        (Contact.table, a_contact(company_id=17), "email", "company_id is filled by HubSpot itself"),
        (Deal.table, {"external_id": "a", "company_ids": ("1",)}, "external_id", "deals have no property"),
        (Owner.table, {"id": 17}, "id", "takes no records of owners"),
    ],
)
def test_what_cannot_be_written_is_told(
    it: Synced, table: Table, record: dict[str, Any], external: str, told: str
) -> None:
    with pytest.raises(SetupError, match=told):
        write(it, record, table=table, external=external)


def test_companies_are_known_by_the_property_that_an_administrator_made(it: Synced) -> None:
    it.fake.schema["companies"].remove("hrdata_external_id")
    with pytest.raises(SetupError, match="no property hrdata_external_id in this account: an administrator makes it"):
        write(it, {"external_id": "a", "name": "A company"}, table=Company.table, external="external_id")
