"""Writing to a fake Bullhorn, and the events that tell of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets_tests.systems.bullhorn.agency import Agency, Row

PERSON = {"firstName": "Nina", "lastName": "Simone", "name": "Nina Simone", "email": "nina@mail.example"}


def subscribed(agency: Agency, name: str = "s", **changed: str) -> Row:
    params = {"type": "entity", "names": "Candidate,JobOrder", "eventTypes": "INSERTED,UPDATED,DELETED", **changed}
    return dict(agency.call("PUT", f"event/subscription/{name}", params=params).json())


def events(agency: Agency, **params: Any) -> Row:
    return agency.get("event/subscription/s", **params)


def test_put_creates_with_defaults_and_post_updates(agency: Agency) -> None:
    before = agency.fake.now().timestamp() * 1000 - 1
    created = agency.call("PUT", "entity/Candidate", json={**PERSON, "owner": {"id": 12}}).json()
    number = created["changedEntityId"]
    assert (created["changedEntityType"], created["changeType"]) == ("Candidate", "INSERT")
    row = agency.get(f"entity/Candidate/{number}", fields="status,owner,isDeleted,dateAdded,dateLastModified")["data"]
    assert (row["status"], row["owner"], row["isDeleted"]) == ("New Lead", {"id": 12}, False)
    assert row["dateLastModified"] == row["dateAdded"] >= before
    updated = agency.call("POST", f"entity/Candidate/{number}", json={"status": "Active", "id": number}).json()
    assert (updated["changeType"], updated["changedEntityId"]) == ("UPDATE", number)
    assert agency.found(f"id:{number} AND status:Active") == {number}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"bogus": 1}, "UNKNOWN_PROPERTY"),
        ({"dateLastModified": 1}, "READ_ONLY"),
        ({"primarySkills": {"add": [1]}}, "READ_ONLY"),
        ({"experience": "ten"}, "INVALID_VALUE"),
        ({"firstName": "N" * 51}, "MAX_LENGTH"),
        ({"owner": {"id": 9999}}, "INVALID_ASSOCIATION"),
        ({"address": {"planet": "Mars"}}, "INVALID_VALUE"),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_field(agency: Agency, change: Row, kind: str) -> None:
    for method, path, body in (("PUT", "entity/Candidate", {**PERSON, **change}),
                               ("POST", "entity/Candidate/100001", change)):  # fmt: skip
        status, told = agency.refused(method, path, json=body)
        assert (status, told["errorMessage"]) == (400, "error persisting an entity of type: Candidate")
        assert [(one["propertyName"], one["type"]) for one in told["errors"]] == [(next(iter(change)), kind)]
    assert agency.fake.records("Candidate", deleted=True)[-1]["id"] == 100_060


def test_what_is_mandatory_must_be_given_and_kept(agency: Agency) -> None:
    _, told = agency.refused("PUT", "entity/Candidate", json={"firstName": "Nina", "lastName": "Simone"})
    assert [one["propertyName"] for one in told["errors"]] == ["name"]
    assert agency.refused("POST", "entity/Candidate/100001", json={"status": None})[0] == 400


def test_a_body_that_is_no_object_is_refused(agency: Agency) -> None:
    assert (
        agency.refused("PUT", "entity/Candidate", content=b"[1", headers={"content-type": "application/json"})[0] == 400
    )
    assert agency.refused("POST", "entity/Candidate/5", json={})[0] == 404


def test_some_entities_are_deleted_softly_some_for_good_some_not_at_all(agency: Agency) -> None:
    deleted = agency.call("DELETE", "entity/Candidate/100001").json()
    assert deleted == {"changedEntityType": "Candidate", "changedEntityId": 100_001, "changeType": "DELETE"}
    assert agency.get("entity/Candidate/100001", fields="isDeleted")["data"]["isDeleted"] is True
    placement = agency.search("*:*", "Placement")[0]
    agency.call("DELETE", f"entity/Placement/{placement}")
    assert agency.refused("GET", f"entity/Placement/{placement}", params={"fields": "id"})[0] == 404
    assert agency.refused("DELETE", "entity/ClientCorporation/5001")[0] == 400
    assert agency.refused("DELETE", "entity/Candidate/5")[0] == 404


def test_associations_are_made_once_and_undone(agency: Agency) -> None:
    agency.fake.change("Candidate", 100_001, primarySkills=[501])
    made = agency.call("PUT", "entity/Candidate/100001/primarySkills/502,503").json()
    assert made["changeType"] == "ASSOCIATE"
    assert agency.refused("PUT", "entity/Candidate/100001/primarySkills/503,504")[0] == 400
    assert agency.refused("PUT", "entity/Candidate/100001/primarySkills/9999")[0] == 404
    agency.call("DELETE", "entity/Candidate/100001/primarySkills/501,503")
    (row,) = agency.query("id=100001", fields="primarySkills(id)")
    assert row["primarySkills"] == {"total": 1, "data": [{"id": 502}]}


def test_what_leads_to_a_changed_record_shows_the_change(agency: Agency) -> None:
    assert agency.search("id:100001", fields="owner(name)")
    owner = agency.fake.records("Candidate")[0]["owner"]["id"]
    agency.fake.change("CorporateUser", owner, name="Somebody Else")
    assert agency.search("id:100001", fields="owner(name)")[0]["owner"]["name"] == "Somebody Else"
    assert 100_001 in agency.found('owner.name:"Somebody Else"')


def test_many_records_can_have_one_stamp(agency: Agency) -> None:
    at = datetime(2026, 5, 1, 12, 0, 0, 5000, UTC)
    agency.fake.touch("Candidate", [100_003, 100_001, 100_002], at)
    rows = agency.search("dateLastModified:[20260501 TO *]", sort="dateLastModified,id", fields="dateLastModified")
    assert [(row["id"], row["dateLastModified"]) for row in rows] == [
        (number, int(at.timestamp() * 1000)) for number in (100_001, 100_002, 100_003)
    ]


def test_rows_can_change_while_somebody_pages(agency: Agency) -> None:
    agency.fake.before_answer("/search/", 2, lambda: agency.fake.add("Candidate", lastName="Aaa"))
    pages = [agency.get("search/Candidate", query="*:*", sort="lastName", start=start)["total"] for start in (0, 20)]
    assert pages == [60, 61]


def test_a_record_can_vanish_without_a_trace(agency: Agency) -> None:
    subscribed(agency)
    agency.fake.vanish("Candidate", 100_001)
    assert agency.found("id:100001") == agency.asked("id = 100001") == set()
    assert agency.call("GET", "event/subscription/s", params={"maxEvents": 9}).content == b""


def test_a_moved_clock_moves_the_stamps(agency: Agency) -> None:
    agency.fake.clock_ahead = timedelta(minutes=5)
    agency.fake.change("Candidate", 100_001, status="Active")
    stamp = agency.fake.records("Candidate")[0]["dateLastModified"] / 1000
    assert timedelta(minutes=4) < datetime.fromtimestamp(stamp, UTC) - datetime.now(UTC) < timedelta(minutes=6)


def test_events_are_told_once(agency: Agency) -> None:
    made = subscribed(agency)
    assert (made["subscriptionId"], made["lastRequestId"]) == ("s", 0)
    assert "BhEntityName IN ('Candidate','JobOrder')" in made["jmsSelector"]
    number = agency.call("PUT", "entity/Candidate", json=PERSON).json()["changedEntityId"]
    agency.call("POST", f"entity/Candidate/{number}", json={"status": "Active", "source": "Event"})
    agency.call("DELETE", f"entity/Candidate/{number}")
    agency.fake.change("Placement", agency.search("*:*", "Placement")[0], status="Approved")
    batch = events(agency, maxEvents=100)
    assert batch["requestId"] == 1
    assert [(one["entityName"], one["entityId"], one["entityEventType"]) for one in batch["events"]] == [
        ("Candidate", number, kind) for kind in ("INSERTED", "UPDATED", "DELETED")
    ]
    assert [one.get("updatedProperties") for one in batch["events"]] == [None, ["source", "status"], None]
    answer = agency.call("GET", "event/subscription/s", params={"maxEvents": 100})
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_earlier_batch_is_told_again_by_its_number(agency: Agency) -> None:
    subscribed(agency)
    for number in (100_001, 100_002, 100_003):
        agency.fake.change("Candidate", number, status="Active")
    first, second = events(agency, maxEvents=2), events(agency, maxEvents=2)
    assert [len(first["events"]), len(second["events"])] == [2, 1]
    assert events(agency, maxEvents=2, requestId=1) == first
    assert agency.get("event/subscription/s/lastRequestId") == {"result": 2}
    assert agency.call("GET", "event/subscription/s", params={"requestId": 9}).content == b""


def test_a_subscription_ends_when_it_is_told_to_or_never_used(agency: Agency) -> None:
    subscribed(agency)
    subscribed(agency, "other")
    assert agency.call("DELETE", "event/subscription/other").json() == {"result": True}
    assert agency.refused("GET", "event/subscription/other", params={"maxEvents": 1})[0] == 404
    agency.fake.clock_ahead = timedelta(days=31)
    agency.sign_in()
    assert agency.refused("GET", "event/subscription/s/lastRequestId")[0] == 404


def test_events_that_nobody_reads_are_forgotten(agency: Agency) -> None:
    subscribed(agency)
    agency.fake.change("Candidate", 100_001, status="Active")
    agency.fake.clock_ahead = timedelta(days=20)
    agency.sign_in()
    assert agency.get("event/subscription/s/lastRequestId") == {"result": 0}
    agency.call("GET", "event/subscription/s", params={"maxEvents": 1, "requestId": 1})
    agency.fake.clock_ahead = timedelta(days=31)
    agency.sign_in()
    assert agency.call("GET", "event/subscription/s", params={"maxEvents": 9}).content == b""


def test_subscriptions_are_limited_and_checked(agency: Agency) -> None:
    agency.fake.switches.most_subscriptions = 1
    subscribed(agency)
    assert subscribed(agency)["subscriptionId"] == "s", "the same again is no other"
    for name, changed in (("t", {}), ("s", {"names": "Placement"}), ("u", {"names": "Unicorn"}), ("u", {"type": "x"})):
        assert subscribed(agency, name, **changed)["errorCode"] == 400
    agency.fake.switches.may_subscribe = False
    assert subscribed(agency)["errorCode"] == 403


def test_faults_look_like_the_systems_own(agency: Agency) -> None:
    agency.fake.faults.add(
        Fault(kind="rate_limited", path="/ping$"),
        Fault(kind="status", status=500, path="/ping$"),
        Fault(kind="expire", path="/ping$"),
    )
    answers = [agency.call("GET", "ping") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 500, 401]
    assert "retry-after" not in answers[0].headers
    assert answers[1].json()["errorMessage"] == "An internal error has occurred"
