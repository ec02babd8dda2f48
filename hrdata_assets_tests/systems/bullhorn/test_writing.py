"""Records written into Bullhorn: made once, changed afterwards, refused by its own words for it."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.bullhorn.tables import Candidate
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.system import Written
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import Synced, called, followed


@pytest.fixture
def it(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Synced]:
    with followed(called("bullhorn"), new_installation, tmp_path) as found:
        yield found


def a_candidate(external_id: str = "crm:1", **more: Any) -> dict[str, Any]:
    """What a mapping gives: columns of the table."""
    return {"external_id": external_id, "name": "Ann Example", "first_name": "Ann", "last_name": "Example",
            "email": "ann@home.example", "status": "Active", **more}  # fmt: skip


def write(it: Synced, *records: dict[str, Any], external: str = "external_id") -> list[Written]:
    with it.opened() as system:
        return list(system.write(Candidate.table, records, external))


def there(it: Synced, external_id: str) -> list[dict[str, Any]]:
    return [record for record in it.fake.records("Candidate") if record["externalID"] == external_id]


def test_a_record_is_made_once_and_changed_afterwards(it: Synced) -> None:
    (made,) = write(it, a_candidate())
    assert (made.created, made.refused) == (True, None)
    (changed,) = write(it, a_candidate(occupation="Welder"))
    assert (changed.key, changed.created) == (made.key, False)
    (found,) = there(it, "crm:1")
    assert (str(found["id"]), found["occupation"], found["email"]) == (made.key, "Welder", "ann@home.example")


def test_what_a_record_does_not_name_is_left_as_it_is(it: Synced) -> None:
    write(it, a_candidate(occupation="Welder", salary=Decimal("50000.5")))
    write(it, {"external_id": "crm:1", "salary": None})
    (found,) = there(it, "crm:1")
    assert (found["occupation"], found["salary"]) == ("Welder", None)


def test_values_are_written_as_bullhorn_has_them(it: Synced) -> None:
    day = datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC)
    owner = it.fake.records("Candidate")[0]["owner"]
    more = {"salary": Decimal("50000.00"), "owner_id": owner["id"]}
    write(it, a_candidate(city="Oslo", date_available=day, will_relocate=True, **more))
    (found,) = there(it, "crm:1")
    assert (found["address"]["city"], found["dateAvailable"]) == ("Oslo", int(day.timestamp()) * 1000)
    assert (found["willRelocate"], found["salary"], found["owner"]) == (True, 50000, owner)


def test_the_same_external_id_twice_is_one_record(it: Synced) -> None:
    first, second = write(it, a_candidate(), a_candidate(occupation="Painter"))
    assert (first.key, first.created, second.created) == (second.key, True, False)
    assert [record["occupation"] for record in there(it, "crm:1")] == ["Painter"]


def test_a_record_that_is_refused_says_why_and_stops_no_other(it: Synced) -> None:
    refused, made = write(it, a_candidate(email="x" * 101), a_candidate("crm:2"))
    assert refused.key is None
    assert refused.refused is not None
    assert refused.refused.startswith("email: ")
    assert "xxx" not in refused.refused
    assert made.created


def test_an_external_id_that_two_records_have_is_written_to_neither(it: Synced) -> None:
    for _ in range(2):
        it.fake.add("Candidate", externalID="crm:1", occupation="Before")
    (refused,) = write(it, a_candidate(occupation="After"))
    assert refused.refused == "2 records have this external id"
    assert {record["occupation"] for record in there(it, "crm:1")} == {"Before"}


def test_a_record_that_somebody_deleted_there_is_not_made_again(it: Synced) -> None:
    (made,) = write(it, a_candidate())
    it.delete(str(made.key))
    (refused,) = write(it, a_candidate(occupation="Welder"))
    assert (refused.key, refused.refused) == (None, "its record was deleted there")


def test_an_answer_that_did_not_come_makes_no_second_record(it: Synced) -> None:
    it.fake.faults.add(Fault(kind="truncated", path="/entity/Candidate", method="PUT"))
    (made,) = write(it, a_candidate())
    assert made.created
    assert len(there(it, "crm:1")) == 1


def test_quotes_in_an_external_id_mean_nothing(it: Synced) -> None:
    name = "crm:o'neill' OR id > 0"
    write(it, a_candidate(name))
    (again,) = write(it, a_candidate(name))
    assert not again.created
    assert len(there(it, name)) == 1


def test_a_record_without_an_external_id_is_refused(it: Synced) -> None:
    (refused,) = write(it, {"external_id": None, "name": "Ann Example"})
    assert refused.refused == "it has no external id"


def test_no_records_ask_nothing(it: Synced) -> None:
    assert write(it) == []


def test_what_cannot_be_an_external_id_and_what_cannot_be_written_is_told(it: Synced) -> None:
    with pytest.raises(SetupError, match="has no external id in salary"):
        write(it, a_candidate(), external="salary")
    with pytest.raises(SetupError, match="primary_skills is a list of other records"):
        write(it, a_candidate(primary_skills=("welding",)))
