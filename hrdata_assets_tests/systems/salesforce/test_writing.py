"""Records written into Salesforce: made once, changed afterwards, refused by its own codes."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import MalformedPageError, RefusedError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.salesforce.tables import Contact, Opportunity
from hrdata_assets.systems.system import Written
from hrdata_assets.table import Table
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import Synced, called, followed

WRITTEN = "/composite/sobjects/Contact/HR_Key__c$"


@pytest.fixture
def it(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Synced]:
    with followed(called("salesforce"), new_installation, tmp_path) as found:
        yield found


def a_contact(external_id: str | None = "ats:1", **more: Any) -> dict[str, Any]:
    """What a mapping gives: columns of the table."""
    return {
        "external_id": external_id,
        "first_name": "Ann",
        "last_name": "Example",
        "email": "ann@home.example",
        **more,
    }


def write(
    it: Synced, *records: dict[str, Any], external: str = "external_id", table: Table = Contact.table
) -> list[Written]:
    with it.opened() as system:
        return list(system.write(table, records, external))


def there(it: Synced, external_id: str) -> list[dict[str, Any]]:
    return [record for record in it.fake.records("Contact") if record["HR_Key__c"] == external_id]


def test_a_record_is_made_once_and_changed_afterwards(it: Synced) -> None:
    (made,) = write(it, a_contact())
    assert (made.created, made.refused) == (True, None)
    (changed,) = write(it, a_contact(title="Welder"))
    assert (changed.key, changed.created) == (made.key, False)
    (found,) = there(it, "ats:1")
    assert (found["Id"], found["Title"], found["Email"]) == (made.key, "Welder", "ann@home.example")


def test_what_a_record_does_not_name_is_left_and_what_is_none_is_emptied(it: Synced) -> None:
    write(it, a_contact(title="Welder", department="Yard"))
    write(it, {"external_id": "ats:1", "department": None})
    (found,) = there(it, "ats:1")
    assert (found["Title"], found["Department"]) == ("Welder", None)


def test_values_are_written_as_salesforce_has_them(it: Synced) -> None:
    account = it.fake.records("Account")[0]["Id"]
    born = datetime.date(1990, 5, 1)
    bounced = datetime.datetime(2026, 5, 1, 14, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    write(it, a_contact(birth_date=born, account_id=account, has_opted_out_of_email=True))
    (found,) = there(it, "ats:1")
    assert (found["Birthdate"], found["AccountId"], found["HasOptedOutOfEmail"]) == ("1990-05-01", account, True)
    (refused,) = write(it, a_contact(email_bounced_date=bounced))
    assert refused.refused == "INVALID_FIELD_FOR_INSERT_UPDATE: EmailBouncedDate"
    deal = {"external_id": "ats:1", "name": "Deal", "stage_name": "Qualification", "amount": Decimal("5000.50")}
    (made,) = write(it, {**deal, "close_date": born}, table=Opportunity.table)
    (sold,) = (record for record in it.fake.records("Opportunity") if record["Id"] == made.key)
    assert (sold["Amount"], sold["CloseDate"]) == (5000.5, "1990-05-01")


def test_many_records_take_a_call_for_two_hundred(it: Synced) -> None:
    written = write(it, *(a_contact(f"ats:{n}", email=None) for n in range(450)))
    assert [one.place for one in written] == list(range(450))
    assert all(one.created for one in written)
    assert it.calls(WRITTEN) == 3


def test_the_same_external_id_twice_is_one_record_whatever_its_case(it: Synced) -> None:
    first, second = write(it, a_contact("ats:a"), a_contact("ATS:A", title="Painter"))
    assert (first.key, first.created, second.created) == (second.key, True, False)
    assert len(there(it, "ats:a")) + len(there(it, "ATS:A")) == 1


def test_a_record_that_is_refused_says_why_and_stops_no_other(it: Synced) -> None:
    refused, made = write(it, a_contact(title="x" * 129), a_contact("ats:2"))
    assert (refused.key, refused.refused) == (None, "STRING_TOO_LONG: Title")
    assert made.created


def test_a_record_that_somebody_else_holds_is_tried_again(it: Synced) -> None:
    (made,) = write(it, a_contact())
    it.fake.switches.locked[made.key] = 2
    changed, other = write(it, a_contact(title="Welder"), a_contact("ats:2"))
    assert (changed.key, changed.refused, other.created) == (made.key, None, True)
    it.fake.switches.locked[made.key] = 9
    (refused,) = write(it, a_contact(title="Painter"))
    assert refused.refused == "UNABLE_TO_LOCK_ROW"


def test_an_external_id_that_two_records_have_is_written_to_neither(it: Synced) -> None:
    for _ in range(2):
        it.fake.add("Contact", HR_Key__c="ats:1", Title="Before")
    (refused,) = write(it, a_contact(title="After"))
    assert refused.refused == "DUPLICATE_EXTERNAL_ID"
    assert {record["Title"] for record in there(it, "ats:1")} == {"Before"}


def test_a_record_that_somebody_deleted_there_is_not_made_again(it: Synced) -> None:
    names = [f"ats:{n}" for n in range(60)]
    made = write(it, *(a_contact(name, email=None) for name in names))
    for one in made[:45]:
        it.delete(str(one.key))
    told = write(it, *(a_contact(name, email=None, title="Welder") for name in names))
    assert [one.refused for one in told] == ["its record was deleted there"] * 45 + [None] * 15
    it.fake.undelete("Contact", str(made[0].key))
    assert write(it, a_contact(names[0], title="Welder"))[0].refused is None


def test_a_record_without_an_external_id_is_refused(it: Synced) -> None:
    refused, made = write(it, a_contact(None), a_contact())
    assert (refused.refused, made.created) == ("it has no external id", True)


def test_no_records_ask_nothing(it: Synced) -> None:
    assert write(it) == []
    assert it.calls("/services/data/") == 0


def test_an_answer_that_did_not_come_makes_no_second_record(it: Synced) -> None:
    it.fake.faults.add(Fault(kind="truncated", path=WRITTEN))
    assert write(it, a_contact())[0].refused is None
    assert len(there(it, "ats:1")) == 1


def test_quotes_in_an_external_id_mean_nothing(it: Synced) -> None:
    name = "ats:o'neill' OR Id != '"
    write(it, a_contact(name))
    (again,) = write(it, a_contact(name))
    assert not again.created
    assert len(there(it, name)) == 1


def test_records_may_be_changed_by_their_own_ids(it: Synced) -> None:
    (made,) = write(it, a_contact())
    (changed,) = write(it, {"id": made.key, "title": "Welder"}, external="id")
    assert (changed.key, changed.created) == (made.key, False)
    assert [record["Title"] for record in there(it, "ats:1")] == ["Welder"]


def test_an_org_without_that_field_is_told_what_to_make(it: Synced) -> None:
    it.fake.schema.hidden.add("Contact.HR_Key__c")
    with pytest.raises(SetupError, match="salesforce knows no Contact by HR_Key__c: make it a text field"):
        write(it, a_contact())
    with pytest.raises(SetupError, match="salesforce knows no Contact by LastName"):
        write(it, a_contact(), external="last_name")
    with pytest.raises(SetupError, match="has no external id in birth_date: name a column of text"):
        write(it, a_contact(), external="birth_date")


def test_what_is_refused_as_a_whole_is_told_by_its_code(it: Synced) -> None:
    body = [{"errorCode": "JSON_PARSER_ERROR", "message": "Ann Example at [line:1]"}]
    it.fake.faults.add(Fault(kind="status", status=400, body=body, path=WRITTEN))
    with pytest.raises(RefusedError, match=r"answered 400 .* \(JSON_PARSER_ERROR\)$") as told:
        write(it, a_contact())
    assert "Ann" not in str(told.value)


@pytest.mark.parametrize("body", [[], {}, [{"success": True}, {"success": True}]], ids=str)
def test_an_answer_that_does_not_tell_of_every_record_is_none(it: Synced, body: Any) -> None:
    it.fake.faults.add(Fault(kind="status", status=200, body=body, path=WRITTEN))
    with pytest.raises(MalformedPageError, match="another shape"):
        write(it, a_contact())
