"""Queries, entities, fields and meta of a fake Bullhorn."""

from collections.abc import Callable

import pytest

from hrdata_assets.systems.bullhorn.fake import BullhornFake
from hrdata_assets.systems.fakes.population import population
from hrdata_assets_tests.systems.bullhorn.agency import Agency, Row, an_agency

Holds = Callable[[Row], object]

CLAUSES: tuple[tuple[str, str, Holds], ...] = (
    ("Candidate", "isDeleted = false", lambda r: not r["isDeleted"]),
    ("Candidate", "id > 100150 AND id <= 100160", lambda r: 100_150 < r["id"] <= 100_160),
    ("Candidate", "id IN (100001, 100002)", lambda r: r["id"] in (100_001, 100_002)),
    ("Candidate", "NOT id IN (100001,100002)", lambda r: r["id"] not in (100_001, 100_002)),
    ("Candidate", "status = 'Active' OR (status='Placed' AND isDeleted=0)",
     lambda r: r["status"] == "Active" or (r["status"] == "Placed" and not r["isDeleted"])),
    ("Candidate", "status <> 'Active'", lambda r: r["status"] != "Active"),
    ("Candidate", "email2 IS NULL", lambda r: r["email2"] is None),
    ("Candidate", "email2 IS NOT NULL", lambda r: r["email2"] is not None),
    ("Candidate", "email2 <> 'x'", lambda r: r["email2"] is not None),
    ("Candidate", "NOT (email2 = 'x' OR status = 'Active')",
     lambda r: r["email2"] is not None and r["status"] != "Active"),
    ("Candidate", "owner.id = 12", lambda r: r["owner"]["id"] == 12),
    ("Candidate", "address.countryCode = 'NO'", lambda r: r["address"]["countryCode"] == "NO"),
    ("Candidate", "dateLastModified >= 1735689600000", lambda r: r["dateLastModified"] >= 1_735_689_600_000),
    ("Candidate", "dateAdded BETWEEN 1500000000000 AND 1600000000000",
     lambda r: 1_500_000_000_000 <= r["dateAdded"] <= 1_600_000_000_000),
    ("Candidate", "lastName LIKE '%sen'", lambda r: r["lastName"].endswith("sen")),
    ("Candidate", "501 MEMBER OF primarySkills", lambda r: 501 in r["primarySkills"]),
    ("Candidate", "secondaryOwners IS NOT EMPTY", lambda r: r["secondaryOwners"]),
    ("Candidate", "submissions IS EMPTY", lambda r: not r["submissions"]),
    ("JobSubmission", "status='Placed' AND jobOrder.isOpen = false", lambda r: r["status"] == "Placed"),
    ("JobSubmission", "candidate.isDeleted = true", lambda r: r["candidate"]["id"] % 50 == 48),
    ("CorporateUser", "enabled=true", lambda r: True),
)  # fmt: skip


@pytest.mark.parametrize(("entity", "where", "holds"), CLAUSES, ids=[where for _, where, _ in CLAUSES])
def test_a_clause_finds_what_it_says(reading: Agency, entity: str, where: str, holds: Holds) -> None:
    everything = reading.fake.records(entity, deleted=True)
    assert reading.asked(where, entity) == {row["id"] for row in everything if holds(row)}


@pytest.mark.parametrize("where", ["", "id", "id =", "id = 1 AND", "(id = 1", "id = 1)", "nosuch = 1", "id = 'x'",
                                   "owner.nosuch = 1", "id ~ 1"])  # fmt: skip
def test_a_clause_that_cannot_be_read_is_refused(reading: Agency, where: str) -> None:
    params = {"where": where, "fields": "id"}
    assert reading.refused("GET", "query/Candidate", params=params)[0] == 400


def test_quotes_are_doubled_and_case_does_not_matter(agency: Agency) -> None:
    agency.fake.change("Candidate", 100_001, lastName="O'Neill")
    assert agency.asked("lastName='o''NEILL' AND id = 100001") == {100_001}


def test_a_query_is_ordered_to_the_millisecond_and_says_how_many_there_are(reading: Agency) -> None:
    rows = reading.query("id > 0", "JobSubmission", orderBy="-dateLastModified", fields="dateLastModified")
    assert rows == sorted(rows, key=lambda row: (-row["dateLastModified"], row["id"]))
    assert "total" not in reading.get("query/JobSubmission", where="id > 0", fields="id")
    page = reading.get("query/JobSubmission", where="id > 0", fields="id", showTotalMatched="true", count=2)
    assert (page["total"], page["count"]) == (len(rows), 2)
    assert reading.get("query/JobSubmission", where="id > 0", totalOnly="true") == {"total": len(rows)}


def test_a_query_may_be_posted(reading: Agency) -> None:
    answer = reading.call("POST", "query/Candidate", json={"where": "id = 100001"}, params={"fields": "id"})
    assert answer.json()["data"] == [{"id": 100_001}]


def test_fields_reach_into_addresses_and_associations(reading: Agency) -> None:
    fields = "id, name,address(city,zip),owner(id,name),primarySkills[2](id,name),category,dateAdded"
    (row,) = reading.search("id:100001", fields=fields)
    record = reading.fake.records("Candidate")[0]
    first = [{"id": one, "name": reading.query(f"id={one}", "Skill", fields="name")[0]["name"]}
             for one in record["primarySkills"][:2]]  # fmt: skip
    assert list(row) == ["_score", "id", "name", "address", "owner", "primarySkills", "category", "dateAdded"]
    assert row["address"] == {name: record["address"][name] for name in ("city", "zip")}
    assert row["owner"]["id"] == record["owner"]["id"]
    assert row["primarySkills"] == {"total": len(record["primarySkills"]), "data": first}
    assert row["category"] == record["category"]
    assert isinstance(row["dateAdded"], int)


def test_a_to_many_gives_five_rows_unless_told_and_never_more_than_ten(agency: Agency) -> None:
    agency.fake.change("Candidate", 100_001, primarySkills=list(range(501, 520)))
    counts = {
        fields: len(agency.search("id:100001", fields=fields)[0]["primarySkills"]["data"])
        for fields in ("primarySkills", "primarySkills[3]", "primarySkills[14](name)")
    }
    assert list(counts.values()) == [5, 3, 10]
    assert agency.refused("GET", "search/Candidate", params={"query": "id:1", "fields": "primarySkills[16]"})[0] == 400


def test_rows_of_a_to_many_can_be_chosen_and_deleted_ones_are_left_out(agency: Agency) -> None:
    agency.fake.change("Candidate", 100_001, primarySkills=[501, 502, 503])
    (row,) = agency.search("id:100001", fields="primarySkills(name){id > 502}")
    assert [one["id"] for one in row["primarySkills"]["data"]] == [503]
    job = agency.fake.records("JobOrder")[0]
    agency.fake.delete("JobSubmission", job["submissions"][0])
    (row,) = agency.search(f"id:{job['id']}", "JobOrder", fields="submissions(id)")
    assert row["submissions"] == {"total": 2, "data": [{"id": one} for one in job["submissions"][1:]]}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ("id,bogus,name", "bogus"),
        ("address(planet)", "address.planet"),
        ("owner(id,shoeSize)", "shoeSize"),
        ("*", "fields=*"),
        ("name(", "name("),
        ("name(x)", "name"),
        ("owner(id", "owner(id"),
        ("jobOrder", "jobOrder"),
    ],
)
def test_fields_that_are_not_there_are_named(reading: Agency, fields: str, named: str) -> None:
    for path, params in (("search/Candidate", {"query": "id:1"}), ("query/Candidate", {"where": "id=1"})):
        status, body = reading.refused("GET", path, params={**params, "fields": fields})
        assert (status, named in body["errorMessage"]) == (400, True)


def test_a_to_many_inside_an_association_is_refused(reading: Agency) -> None:
    status, body = reading.refused(
        "GET", "query/JobSubmission", params={"where": "id>0", "fields": "candidate(primarySkills)"}
    )
    assert (status, "top level" in body["errorMessage"]) == (400, True)


def test_a_field_that_an_administrator_removed_is_refused_from_then_on(agency: Agency) -> None:
    assert agency.search("id:100001", fields="customText1")
    agency.fake.schema.remove("Candidate", "customText1")
    status, body = agency.refused("GET", "search/Candidate", params={"query": "id:1", "fields": "customText1"})
    assert (status, body["errors"][0]["propertyName"]) == (400, "customText1")
    agency.fake.schema.add("Candidate", "customObject1: String(10)")
    agency.fake.change("Candidate", 100_001, customObject1="x")
    assert agency.search("id:100001", fields="customObject1")[0]["customObject1"] == "x"


def test_hidden_values_come_as_a_text_whatever_the_field() -> None:
    with an_agency(hidden=("Candidate.dateOfBirth", "salary")) as agency:
        (row,) = agency.search("id:100001", fields="dateOfBirth,salary,name")
        assert (row["dateOfBirth"], row["salary"]) == ("**CONFIDENTIAL**", "**CONFIDENTIAL**")
        assert agency.search("*:*", "JobOrder", fields="salary")[0]["salary"] == "**CONFIDENTIAL**"


def test_a_forbidden_entity_is_refused() -> None:
    with an_agency(forbidden=("Placement",)) as agency:
        assert agency.refused("GET", "search/Placement", params={"query": "id:1"})[0] == 403
        assert "Placement" not in {one["entity"] for one in agency.call("GET", "meta").json()}


def test_one_record_is_an_object_and_several_are_a_list(reading: Agency) -> None:
    assert reading.get("entity/Candidate/100001", fields="id")["data"] == {"id": 100_001}
    several = reading.get("entity/Candidate/100002,7,100001", fields="id")["data"]
    assert several == [{"id": 100_002}, {"id": 100_001}]
    assert reading.refused("GET", "entity/Candidate/7,8", params={"fields": "id"})[0] == 404
    assert reading.refused("GET", "entity/Candidate/100001")[0] == 400


def test_a_to_many_is_read_by_itself(reading: Agency) -> None:
    company = next(one for one in reading.fake.records("ClientCorporation") if len(one["clientContacts"]) > 1)
    page = reading.get(
        f"entity/ClientCorporation/{company['id']}/clientContacts", fields="id", count=1, showTotalMatched="true"
    )
    assert (page["total"], page["data"]) == (len(company["clientContacts"]), [{"id": company["clientContacts"][0]}])


def test_associations_are_read_in_pairs(reading: Agency) -> None:
    known = {row["id"]: row["primarySkills"] for row in reading.fake.records("Candidate")[:2]}
    pairs = [[one, skill] for one, skills in known.items() for skill in skills]
    answer = reading.call(
        "POST", "association/Candidate/primarySkills",
        json={"ids": list(known), "showTotalMatched": True, "start": 1, "count": 3},
    ).json()  # fmt: skip
    assert answer == {"total": len(pairs), "data": pairs[1:4]}


def test_meta_tells_types_labels_and_options(reading: Agency) -> None:
    told = reading.get("meta/Candidate", fields="*", meta="full")
    fields = {field["name"]: field for field in told["fields"]}
    assert told["entity"] == "Candidate"
    assert fields["id"]["type"] == "ID"
    assert (fields["email"]["dataType"], fields["email"]["maxLength"]) == ("String", 100)
    assert fields["customText1"]["label"] == "Notice period"
    assert {"value": "Active", "label": "Active"} in fields["status"]["options"]
    assert fields["dateAdded"]["dataType"] == "Timestamp"
    assert (fields["dateAdded"]["readonly"], fields["dateAdded"]["required"]) == (True, True)
    assert fields["owner"]["associatedEntity"]["entity"] == "CorporateUser"
    assert (fields["primarySkills"]["type"], fields["address"]["type"]) == ("TO_MANY", "COMPOSITE")
    assert "city" in {field["name"] for field in fields["address"]["fields"]}
    few = reading.get("meta/Candidate", fields="id,name")["fields"]
    assert [field["name"] for field in few] == ["id", "name"]
    assert reading.refused("GET", "meta/Unicorn")[0] == 404


def test_meta_may_come_with_the_rows(reading: Agency) -> None:
    page = reading.get("search/Candidate", query="id:100001", fields="id,name", meta="basic")
    assert [field["name"] for field in page["meta"]["fields"]] == ["id", "name"]


def test_the_small_lists(reading: Agency) -> None:
    assert {"value": 301, "label": "Data"} in reading.get("options/Category")["data"]
    assert reading.call("GET", "entitlements/Candidate").json() == ["CREATE", "READ", "UPDATE", "DELETE"]
    assert "Active" in reading.get("settings/candidateStatusList,nosuch")["candidateStatusList"]
    assert reading.refused("GET", "nosuch/call")[0] == 404


def test_every_record_has_what_must_be_there_and_leads_somewhere(reading: Agency) -> None:
    for name, entity in reading.fake.schema.entities.items():
        for row in reading.fake.records(name, deleted=True):
            for field in entity.fields.values():
                value = row[field.name]
                assert value is not None or not field.required, (name, field.name)
                targets = [value["id"]] if field.type == "TO_ONE" and value else value or []
                if field.entity:
                    assert all(reading.fake.store[field.entity].record(one) for one in targets), (name, field.name)
                if field.max_length and value:
                    assert len(value) <= field.max_length, (name, field.name)


def test_candidates_are_the_shared_people() -> None:
    fake, shared = BullhornFake(people=90, seed=3, dirt=0.0), population(3, 90).people
    rows = fake.records("Candidate", deleted=True)
    assert [row["email"] for row in rows] == [person.email for person in shared]
    assert [row["type"] == "Consultant" for row in rows] == [person.in_flowcase for person in shared]


def test_dirt_is_in_its_share_of_the_records_and_always_in_the_same() -> None:
    def some(dirt: float) -> list[Row]:
        return BullhornFake(people=600, dirt=dirt).records("Candidate")

    clean, dirty = some(0.0), some(0.1)
    different = [row["id"] for row, other in zip(clean, dirty, strict=True) if row != other]
    assert 30 <= len(different) <= 90
    assert dirty == some(0.1)
    assert all(row["dateLastModified"] and row["dateAdded"] for row in dirty)
    assert any("@" not in (row["email"] or "") for row in dirty)
    assert any(row["salaryLow"] > row["salary"] for row in dirty)
