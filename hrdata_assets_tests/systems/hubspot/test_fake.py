"""What a fake HubSpot holds, and reading it by id: lists, records, properties, owners, pipelines, associations."""

from datetime import UTC, datetime, timedelta

import pytest

from hrdata_assets.systems.fakes.population import population
from hrdata_assets.systems.hubspot.fake import HubSpotFake
from hrdata_assets.systems.hubspot.fake_schema import Property
from hrdata_assets_tests.systems.hubspot.crm import Crm, a_crm

OBJECTS = ("contacts", "companies", "deals")


def test_contacts_are_the_shared_people_at_the_shared_companies(reading: Crm) -> None:
    people, companies = population(7, 260).people, population(7, 260).companies
    for row in reading.fake.records("contacts")[:50]:
        person = people[(int(row["id"]) - 51) // 50]
        told = row["properties"]
        assert (told["firstname"], told["lastname"]) == (person.first_name, person.last_name)
        assert told["email"] in (person.email, None)
        assert told["company"] in (companies[person.employer].name, None)


def test_the_same_seed_gives_the_same_account() -> None:
    one, other, third = (HubSpotFake(people=40, seed=seed) for seed in (7, 7, 8))
    for name in OBJECTS:
        assert one.records(name) == other.records(name) != third.records(name)


def test_ids_are_numbers_of_different_lengths_written_as_text(reading: Crm) -> None:
    for name in OBJECTS:
        ids = reading.ids(name)
        assert ids == sorted(ids, key=int) != sorted(ids)


@pytest.mark.parametrize("name", OBJECTS)
def test_a_list_read_page_by_page_is_every_live_record_once(reading: Crm, name: str) -> None:
    properties = ",".join(reading.fake.schema[name].properties)
    assert reading.listed(name, limit=7, properties=properties) == reading.fake.records(name)


def test_a_list_has_ten_records_and_a_few_properties_unless_told(reading: Crm) -> None:
    page = reading.get("contacts")
    shown = {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}
    assert len(page["results"]) == 10
    assert all(set(row["properties"]) == shown for row in page["results"])
    assert set(page["results"][0]) == {"id", "properties", "createdAt", "updatedAt", "archived"}
    assert set(page["paging"]["next"]) == {"after", "link"}
    assert set(reading.get("companies")["results"][0]["properties"]) >= {"name", "domain", "hs_lastmodifieddate"}
    assert set(reading.get("deals")["results"][0]["properties"]) >= {"dealname", "dealstage", "amount"}


def test_a_page_of_a_list_has_at_most_a_hundred_and_fifty_with_history(reading: Crm) -> None:
    assert reading.refused("GET", "contacts", params={"limit": 101})[0] == 400
    assert reading.refused("GET", "contacts", params={"limit": 51, "propertiesWithHistory": "email"})[0] == 400
    assert reading.refused("GET", "contacts", params={"limit": "many"})[0] == 400
    assert reading.refused("GET", "contacts", params={"after": "x"})[0] == 400


def test_every_property_is_text_or_null(reading: Crm) -> None:
    values = {
        type(value) for name in OBJECTS for row in reading.fake.records(name) for value in row["properties"].values()
    }
    assert values == {str, type(None)}
    deal = reading.fake.records("deals")[0]["properties"]
    assert float(deal["amount"]) > 0
    assert deal["hs_is_closed"] in ("true", "false")
    assert datetime.fromisoformat(deal["closedate"]).tzinfo == UTC


def test_several_values_are_joined_by_semicolons(reading: Crm) -> None:
    skills = {row["properties"]["skills"] for row in reading.fake.records("contacts")} - {None}
    options = {one["value"] for one in reading.get("/crm/v3/properties/contacts/skills")["options"]}
    assert all(set(text.split(";")) <= options for text in skills)


def test_a_moment_at_a_whole_second_has_no_fraction(crm: Crm) -> None:
    crm.fake.touch("contacts", ["51"], datetime(2026, 5, 1, 12, tzinfo=UTC))
    crm.fake.touch("contacts", ["101"], datetime(2026, 5, 1, 12, microsecond=7000, tzinfo=UTC))
    one, other = crm.get("contacts", limit=2)["results"]
    assert (one["updatedAt"], other["updatedAt"]) == ("2026-05-01T12:00:00Z", "2026-05-01T12:00:00.007Z")


def test_properties_may_be_listed_with_commas_or_one_by_one_and_ids_and_stamps_come_with_them(reading: Crm) -> None:
    together = reading.get("contacts/51", properties="email,phone")
    assert reading.get("contacts/51", properties=["email", "phone"]) == together
    assert set(together["properties"]) == {"email", "phone", "createdate", "hs_object_id", "lastmodifieddate"}


def test_a_property_there_is_not_is_passed_over_or_refused_as_the_switch_says(crm: Crm) -> None:
    assert "shoe_size" not in crm.get("contacts/51", properties="email,shoe_size")["properties"]
    crm.fake.switches.read_refuses_unknown = True
    status, said = crm.refused("GET", "contacts", params={"properties": "email,shoe_size"})
    assert (status, said["category"]) == (400, "VALIDATION_ERROR")
    assert "shoe_size" in said["message"]


def test_a_record_is_found_by_id_and_by_what_is_unique_whatever_its_case(reading: Crm) -> None:
    record = reading.get("contacts/51")
    email = record["properties"]["email"]
    assert reading.get(f"contacts/{email.upper()}", idProperty="email") == record
    domain = reading.get("companies/9999999851")["properties"]["domain"]
    assert reading.get(f"companies/{domain}", idProperty="domain")["id"] == "9999999851"
    assert reading.refused("GET", "contacts/nobody@mail.example", params={"idProperty": "email"})[0] == 404
    assert reading.refused("GET", "contacts/Monika", params={"idProperty": "firstname"})[0] == 400


@pytest.mark.parametrize("path", ["contacts/52", "contacts/me", "contacts/51/x", "/crm/v3/leads", "/anything"])
def test_what_is_not_there_is_404(reading: Crm, path: str) -> None:
    status, said = reading.refused("GET", path)
    assert (status, said["status"], said["category"]) == (404, "error", "OBJECT_NOT_FOUND")
    assert set(said) >= {"message", "correlationId"}


def test_an_object_has_several_names_and_the_api_two_spellings(reading: Crm) -> None:
    record = reading.get("contacts/51")
    assert reading.get("contact/51") == reading.get("0-1/51") == record
    assert reading.get("/crm/objects/2026-03/contacts/51") == record
    assert reading.call("GET", "/crm/objects/2026-03/contacts/52").status_code == 404


def test_archived_records_have_a_list_of_their_own(crm: Crm) -> None:
    known = {row["id"] for row in crm.listed("contacts", archived="true")}
    crm.fake.delete("contacts", "51")
    archived = {row["id"]: row for row in crm.listed("contacts", archived="true")}
    assert known
    assert set(archived) == known | {"51"}
    assert all(row["archived"] and row["archivedAt"] for row in archived.values())
    assert not set(archived) & {row["id"] for row in crm.listed("contacts")}
    assert crm.refused("GET", "contacts/51")[0] == 404
    assert crm.get("contacts/51", archived="true")["archived"] is True
    crm.fake.restore("contacts", "51")
    assert crm.get("contacts/51")["archived"] is False
    assert {row["id"] for row in crm.fake.records("contacts", archived=True)} == known


def test_history_is_told_newest_first(crm: Crm) -> None:
    before = crm.get("contacts/51", properties="jobtitle")["properties"]["jobtitle"]
    crm.fake.change("contacts", "51", jobtitle="Head of Data")
    (new, old) = crm.get("contacts/51", propertiesWithHistory="jobtitle,hs_language")["propertiesWithHistory"][
        "jobtitle"
    ]
    assert (new["value"], old["value"]) == ("Head of Data", before)
    assert old["timestamp"] < new["timestamp"]


def test_a_batch_is_read_by_id_each_record_once_and_tells_what_it_lacks(reading: Crm) -> None:
    inputs = [{"id": one} for one in ("151", "51", "151", "52", "x")]
    answer = reading.call("POST", "contacts/batch/read", json={"inputs": inputs, "properties": ["email"]})
    said = answer.json()
    assert answer.status_code == 207
    assert [row["id"] for row in said["results"]] == ["51", "151"]
    assert (said["status"], said["numErrors"]) == ("COMPLETE", 1)
    assert said["errors"][0]["context"] == {"ids": ["52", "x"]}
    assert reading.post("contacts/batch/read", {"inputs": [{"id": "51"}]})["results"] == [reading.get("contacts/51")]


def test_a_batch_is_read_by_address_and_has_at_most_a_hundred_inputs(reading: Crm) -> None:
    email = reading.get("contacts/51")["properties"]["email"]
    body = {"idProperty": "email", "inputs": [{"id": email}], "properties": ["email"]}
    assert reading.post("contacts/batch/read", body)["results"][0]["id"] == "51"
    status, said = reading.refused("POST", "contacts/batch/read", json={"inputs": [{"id": "51"}] * 101})
    assert (status, "100" in said["message"]) == (400, True)


def test_properties_are_defined_with_type_and_options(reading: Crm) -> None:
    found = {one["name"]: one for one in reading.get("/crm/v3/properties/contacts")["results"]}
    assert set(found) == set(reading.fake.schema["contacts"].properties)
    assert (found["email"]["type"], found["email"]["hasUniqueValue"]) == ("string", True)
    assert (found["skills"]["fieldType"], found["skills"]["hubspotDefined"]) == ("checkbox", False)
    assert found["lastmodifieddate"]["modificationMetadata"]["readOnlyValue"] is True
    assert "hs_lastmodifieddate" not in found
    assert reading.get("/crm/v3/properties/deals/dealstage")["options"]
    assert reading.refused("GET", "/crm/v3/properties/contacts/shoe_size")[0] == 404


def test_a_property_may_go_and_another_come(crm: Crm) -> None:
    crm.fake.schema["contacts"].remove("phone")
    crm.fake.schema["contacts"].put(Property("shoe_size", "number", custom=True))
    crm.fake.add("contacts", email="new@mail.example", shoe_size=43)
    names = {one["name"] for one in crm.get("/crm/v3/properties/contacts")["results"]}
    assert ("phone" in names, "shoe_size" in names) == (False, True)
    assert [one["name"] for one in crm.get("/crm/v3/properties/contacts", archived="true")["results"]] == ["phone"]
    row = crm.get("contacts/new@mail.example", idProperty="email", properties="phone,shoe_size")
    assert ("phone" in row["properties"], row["properties"]["shoe_size"]) == (False, "43")


def test_owners_are_listed_active_or_archived_and_own_records(reading: Crm) -> None:
    active = reading.get("/crm/v3/owners/", limit=4)
    rest = reading.get("/crm/v3/owners", after=active["paging"]["next"]["after"])
    gone = reading.get("/crm/v3/owners", archived="true")["results"]
    owners = {one["id"]: one for one in [*active["results"], *rest["results"], *gone]}
    assert {row["properties"]["hubspot_owner_id"] for row in reading.fake.records("contacts")} <= {None, *owners}
    one = active["results"][0]
    assert set(one) >= {"id", "email", "firstName", "lastName", "userId", "archived", "teams"}
    assert reading.get(f"/crm/v3/owners/{one['id']}") == one
    assert reading.get(f"/crm/v3/owners/{one['userId']}", idProperty="userId") == one
    assert reading.get("/crm/v3/owners", email=one["email"])["results"] == [one]
    assert gone[0]["userId"] is None
    assert reading.refused("GET", "/crm/v3/owners/1")[0] == 404


def test_deals_stand_in_stages_of_pipelines(reading: Crm) -> None:
    pipelines = reading.get("/crm/v3/pipelines/deals")["results"]
    stages = {(one["id"], stage["id"]): stage for one in pipelines for stage in one["stages"]}
    for row in reading.fake.records("deals"):
        told = row["properties"]
        stage = stages[told["pipeline"], told["dealstage"]]
        assert told["hs_is_closed"] == stage["metadata"]["isClosed"]
        assert (told["hs_is_closed_won"] == "true") == (stage["metadata"]["probability"] == "1.0")
    assert reading.get("/crm/v3/pipelines/deals/default") == pipelines[0]
    assert reading.get("/crm/v3/pipelines/deals/default/stages")["results"] == pipelines[0]["stages"]


def test_associations_lead_both_ways_and_agree_with_the_records(reading: Crm) -> None:
    contact = next(row for row in reading.fake.records("contacts") if row["properties"]["associatedcompanyid"])
    company = contact["properties"]["associatedcompanyid"]
    (link,) = reading.get(f"/crm/v4/objects/contacts/{contact['id']}/associations/companies")["results"]
    assert str(link["toObjectId"]) == company
    assert {(one["typeId"], one["label"]) for one in link["associationTypes"]} == {(279, None), (1, "Primary")}
    back = reading.get(f"/crm/v4/objects/companies/{company}/associations/contacts")["results"]
    assert int(contact["id"]) in {one["toObjectId"] for one in back}
    assert {one["typeId"] for one in back[0]["associationTypes"]} == {280, 2}


def test_associations_have_pages(reading: Crm) -> None:
    company = reading.ids("companies")[0]
    path = f"/crm/v4/objects/companies/{company}/associations/contacts"
    whole = reading.get(path)["results"]
    page = reading.get(path, limit=1)
    rest = reading.get(path, after=page["paging"]["next"]["after"])["results"]
    assert [*page["results"], *rest] == whole


def test_associations_of_many_are_read_at_once_and_those_without_are_errors(crm: Crm) -> None:
    lonely = crm.fake.add("contacts", email="lonely@mail.example")
    deal = crm.fake.records("deals")[0]["id"]
    body = {"inputs": [{"id": deal}]}
    (link,) = crm.post("/crm/v4/associations/deals/companies/batch/read", body)["results"]
    assert link["from"] == {"id": deal}
    assert {one["typeId"] for one in link["to"][0]["associationTypes"]} == {341, 5}
    answer = crm.call("POST", "/crm/v4/associations/contacts/deals/batch/read", json={"inputs": [{"id": lonely}]})
    (error,) = answer.json()["errors"]
    assert answer.status_code == 207
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["context"]["fromObjectId"] == [lonely]
    body = {"inputs": [{"id": lonely, "after": "x"}]}
    assert crm.refused("POST", "/crm/v4/associations/contacts/deals/batch/read", json=body)[0] == 400


def test_associations_stand_beside_a_record_if_asked_for(reading: Crm) -> None:
    deal = reading.ids("deals")[0]
    linked = reading.get(f"deals/{deal}", associations="companies,contacts")["associations"]
    types = {one["type"] for one in linked["companies"]["results"]}
    assert types == {"deal_to_company", "deal_to_company_unlabeled"}
    assert "associations" not in reading.get(f"deals/{deal}")
    rows = reading.listed("deals", associations="companies")
    assert all(row["associations"]["companies"]["results"] for row in rows)


def test_a_new_link_changes_the_contact_if_it_is_the_first_company(crm: Crm) -> None:
    contact = crm.fake.add("contacts", email="new@mail.example")
    one, other = crm.ids("companies")[:2]
    crm.fake.associate("contacts", contact, "companies", one)
    crm.fake.associate("contacts", contact, "companies", other)
    assert crm.get(f"contacts/{contact}", properties="associatedcompanyid")["properties"]["associatedcompanyid"] == one
    crm.fake.associate("contacts", contact, "companies", other, primary=True)
    row = crm.get(f"contacts/{contact}", properties="associatedcompanyid", associations="companies")
    assert row["properties"]["associatedcompanyid"] == other
    assert [(link["id"], link["type"]) for link in row["associations"]["companies"]["results"]] == [
        (one, "contact_to_company_unlabeled"),
        (other, "contact_to_company"),
        (other, "contact_to_company_unlabeled"),
    ]
    crm.fake.dissociate("contacts", contact, "companies", one)
    assert len(crm.get(f"/crm/v4/objects/contacts/{contact}/associations/companies")["results"]) == 1


def test_an_archived_record_is_linked_to_nothing(crm: Crm) -> None:
    deal = crm.fake.records("deals")[0]["id"]
    path = f"/crm/v4/objects/deals/{deal}/associations/companies"
    (link,) = crm.get(path)["results"]
    crm.fake.delete("companies", link["toObjectId"])
    assert crm.get(path)["results"] == []


def test_some_records_have_something_wrong_with_them() -> None:
    clean, dirty = (HubSpotFake(people=200, dirt=dirt).records("contacts") for dirt in (0.0, 0.2))
    spoiled = [(one, other) for one, other in zip(clean, dirty, strict=True) if one != other]
    assert 20 < len(spoiled) < 70
    assert all(one["id"] == other["id"] and one["updatedAt"] == other["updatedAt"] for one, other in spoiled)
    assert {"on request"} & {row["properties"]["day_rate"] for row in dirty}


def test_the_world_changes_while_somebody_pages(crm: Crm) -> None:
    crm.fake.before_answer("/crm/v3/objects/contacts", 2, lambda: crm.fake.delete("contacts", "51"))
    ids = [row["id"] for row in crm.listed("contacts", limit=20)]
    assert ids[0] == "51"
    assert ids[1:] == crm.ids("contacts")


def test_a_changed_record_is_told_as_it_is_now(crm: Crm) -> None:
    assert crm.get("contacts/51") in crm.listed("contacts")
    crm.fake.clock_ahead = timedelta(days=1)
    crm.fake.change("contacts", "51", firstname="Mona")
    row = crm.listed("contacts")[0]
    assert row["properties"]["firstname"] == "Mona"
    assert row["updatedAt"] == row["properties"]["lastmodifieddate"] > row["createdAt"]


def test_an_account_can_have_no_archive() -> None:
    with a_crm(archived=False) as crm:
        assert len(crm.listed("contacts")) == 60
        assert crm.listed("contacts", archived="true") == []
