"""Writing to a fake HubSpot: single records, batches of which some fail, merges, and what is gone for good."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hrdata_assets_tests.systems.hubspot.crm import Crm, Row, where


def a_contact(**properties: Any) -> Row:
    return {"properties": {"email": "new@mail.example", "firstname": "Nia", **properties}}


def test_a_contact_is_created_with_what_is_written_and_stamps_of_now(crm: Crm) -> None:
    row = crm.post("contacts", a_contact(day_rate=650.5, open_to_relocation=True, available_from="2026-09-01"), 201)
    assert row["id"] not in {one["id"] for one in crm.listed("contacts", archived="true")}
    told = crm.get(f"contacts/{row['id']}", properties="day_rate,open_to_relocation,available_from,phone")
    assert told["createdAt"] == told["updatedAt"] == row["properties"]["createdate"]
    written = {name: told["properties"][name] for name in ("day_rate", "open_to_relocation", "available_from", "phone")}
    assert written == {"day_rate": "650.5", "open_to_relocation": "true", "available_from": "2026-09-01", "phone": None}
    assert int(row["id"]) > max(map(int, crm.ids("contacts")[:-1]))


def test_a_contact_may_be_created_with_its_company(crm: Crm) -> None:
    company = crm.ids("companies")[0]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    body = {**a_contact(), "associations": [{"to": {"id": company}, "types": types}]}
    row = crm.post("contacts", body, 201)
    assert row["id"] in {
        str(one["toObjectId"])
        for one in crm.get(f"/crm/v4/objects/companies/{company}/associations/contacts")["results"]
    }
    body["associations"][0]["to"]["id"] = "1"
    body["properties"]["email"] = "other@mail.example"
    assert crm.refused("POST", "contacts", json=body)[0] == 400


def test_an_address_that_somebody_has_is_a_conflict(crm: Crm) -> None:
    email = crm.get("contacts/51")["properties"]["email"]
    status, said = crm.refused("POST", "contacts", json=a_contact(email=email.upper()))
    assert (status, said["category"]) == (409, "CONFLICT")
    assert said["message"] == "Contact already exists. Existing ID: 51"
    assert crm.refused("PATCH", "contacts/101", json={"properties": {"email": email}})[0] == 409
    crm.fake.delete("contacts", "51")
    assert crm.post("contacts", a_contact(email=email), 201)["id"] != "51"


def test_a_domain_is_a_conflict_unless_the_switch_says_otherwise(crm: Crm) -> None:
    domain = crm.fake.records("companies")[0]["properties"]["domain"]
    body = {"properties": {"name": "Twin", "domain": domain}}
    assert crm.refused("POST", "companies", json=body)[0] == 409
    crm.fake.switches.unique_domains = False
    crm.post("companies", body, 201)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("shoe_size", "43", "PROPERTY_DOESNT_EXIST"),
        ("email", "nobody", "INVALID_EMAIL"),
        ("day_rate", "12,5", "INVALID_DOUBLE"),
        ("day_rate", " 12", "INVALID_DOUBLE"),
        ("available_from", "tomorrow", "INVALID_DATE"),
        ("available_from", "1767225600001", "INVALID_DATE"),
        ("hs_lead_status", "new", "INVALID_OPTION"),
        ("skills", "python;juggling", "INVALID_OPTION"),
        ("open_to_relocation", "maybe", "INVALID_OPTION"),
        ("lastmodifieddate", "2026-01-01", "READ_ONLY_VALUE"),
    ],
)
def test_a_value_that_a_property_does_not_take_is_named(crm: Crm, name: str, value: str, code: str) -> None:
    status, said = crm.refused("POST", "contacts", json=a_contact(**{name: value}))
    (error,) = said["errors"]
    assert (status, said["category"]) == (400, "VALIDATION_ERROR")
    assert said["message"].startswith('Property values were not valid: [{"isValid": false')
    assert (error["code"], error["context"]) == (code, {"propertyName": [name]})
    assert crm.found("contacts", where("firstname", "EQ", "nia")) == []


def test_moments_may_be_written_in_milliseconds_or_as_text(crm: Crm) -> None:
    deal = crm.ids("deals")[0]
    for written in ("1767225600500", "2026-01-01T01:00:00.500+01:00"):
        row = crm.call("PATCH", f"deals/{deal}", json={"properties": {"closedate": written}}).json()
        assert row["properties"]["closedate"] == "2026-01-01T00:00:00.500Z"


def test_an_update_changes_what_it_names_and_moves_the_stamp(crm: Crm) -> None:
    before = crm.fake.records("contacts")[0]
    crm.fake.clock_ahead = timedelta(hours=1)
    answer = crm.call("PATCH", "contacts/51", json={"properties": {"city": "Tromsø"}})
    after = crm.fake.records("contacts")[0]
    assert answer.status_code == 200
    assert answer.json()["properties"]["city"] == "Tromsø"
    changed = {name for name in after["properties"] if after["properties"][name] != before["properties"][name]}
    assert changed == {"city", "lastmodifieddate"}
    assert after["createdAt"] == before["createdAt"] < before["updatedAt"] < after["updatedAt"]


def test_a_contact_may_be_updated_by_its_address(crm: Crm) -> None:
    email = crm.get("contacts/51")["properties"]["email"]
    body = {"properties": {"email": "moved@mail.example"}}
    assert crm.call("PATCH", f"contacts/{email}", params={"idProperty": "email"}, json=body).json()["id"] == "51"
    assert crm.get("contacts/moved@mail.example", idProperty="email")["id"] == "51"
    assert crm.refused("GET", f"contacts/{email}", params={"idProperty": "email"})[0] == 404
    assert crm.refused("PATCH", "contacts/52", json=body)[0] == 404


@pytest.mark.parametrize("empty", ["", None])
def test_a_property_that_is_emptied_is_empty_text_and_no_longer_there(crm: Crm, empty: str | None) -> None:
    crm.call("PATCH", "contacts/51", json={"properties": {"jobtitle": empty}})
    assert crm.get("contacts/51", properties="jobtitle")["properties"]["jobtitle"] == ""
    assert "51" in crm.found("contacts", where("jobtitle", "NOT_HAS_PROPERTY"))


def test_what_follows_from_other_properties_is_worked_out(crm: Crm) -> None:
    deal = crm.ids("deals")[0]
    crm.call("PATCH", f"deals/{deal}", json={"properties": {"dealstage": "closedwon"}})
    told = crm.get(f"deals/{deal}", properties="hs_is_closed,hs_is_closed_won")["properties"]
    assert (told["hs_is_closed"], told["hs_is_closed_won"]) == ("true", "true")
    row = crm.post("contacts", {"properties": {"email": "only@mail.example"}}, 201)
    name = crm.get(f"contacts/{row['id']}", properties="hs_full_name_or_email")["properties"]["hs_full_name_or_email"]
    assert name == "only@mail.example"


def test_deleting_archives_and_what_is_not_there_is_deleted_too(crm: Crm) -> None:
    for _ in range(2):
        answer = crm.call("DELETE", "contacts/51")
        assert (answer.status_code, answer.content) == (204, b"")
    assert "51" in {row["id"] for row in crm.listed("contacts", archived="true")}
    assert crm.call("DELETE", "contacts/52").status_code == 204
    assert crm.call("PUT", "contacts/51").status_code == 405


def upserts(*inputs: tuple[str, Row], **more: Any) -> Row:
    return {
        "inputs": [
            {"idProperty": "email", "id": email, "properties": properties, "objectWriteTraceId": f"t{number}", **more}
            for number, (email, properties) in enumerate(inputs)
        ]
    }


def test_an_upsert_creates_or_changes_and_says_which(crm: Crm) -> None:
    email = crm.get("contacts/101")["properties"]["email"]
    said = crm.post("contacts/batch/upsert", upserts(("new@mail.example", {"city": "Oslo"}), (email, {"city": "Bodø"})))
    told = {row["objectWriteTraceId"]: (row["new"], row["properties"]["city"]) for row in said["results"]}
    assert told == {"t0": (True, "Oslo"), "t1": (False, "Bodø")}
    assert [row["id"] for row in said["results"]] == ["101", crm.ids("contacts")[-1]]
    again = crm.post("contacts/batch/upsert", upserts(("NEW@mail.example", {"city": "Oslo"})))
    assert again["results"][0]["new"] is False


def test_inputs_of_an_upsert_that_fail_are_told_by_their_trace_and_the_rest_is_written(crm: Crm) -> None:
    body = upserts(
        ("one@mail.example", {"city": "Oslo"}), ("bad", {"city": "X"}), ("two@mail.example", {"day_rate": "?"})
    )
    answer = crm.call("POST", "contacts/batch/upsert", json=body)
    said = answer.json()
    assert (answer.status_code, said["numErrors"]) == (207, 2)
    assert [one["context"]["objectWriteTraceId"] for one in said["errors"]] == [["t1"], ["t2"]]
    assert [row["objectWriteTraceId"] for row in said["results"]] == ["t0"]
    assert crm.get("contacts/one@mail.example", idProperty="email")["properties"]


def test_an_upsert_by_id_creates_nothing(crm: Crm) -> None:
    body = {"inputs": [{"id": "51", "properties": {"city": "Oslo"}}, {"id": "52", "properties": {"city": "Oslo"}}]}
    answer = crm.call("POST", "contacts/batch/upsert", json=body)
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"] == {"ids": ["52"]}
    assert "objectWriteTraceId" not in answer.json()["results"][0]


def test_batches_have_at_most_a_hundred_inputs_and_none_twice(crm: Crm) -> None:
    many = [(f"a{number}@mail.example", {"city": "Oslo"}) for number in range(101)]
    assert len(crm.post("contacts/batch/upsert", upserts(*many[:100]))["results"]) == 100
    assert crm.refused("POST", "contacts/batch/upsert", json=upserts(*many))[0] == 400
    status, said = crm.refused("POST", "contacts/batch/upsert", json=upserts(many[0], ("A0@mail.example", {})))
    assert (status, "a0@mail.example" in said["message"]) == (400, True)
    assert crm.refused("POST", "contacts/batch/update", json={"inputs": "51"})[0] == 400
    assert crm.refused("POST", "contacts/batch/fold", json={"inputs": []})[0] == 404


def test_a_batch_is_created_whole_or_not_unless_every_input_has_a_trace(crm: Crm) -> None:
    email = crm.get("contacts/51")["properties"]["email"]
    inputs = [a_contact(), a_contact(email=email)]
    assert crm.refused("POST", "contacts/batch/create", json={"inputs": inputs})[0] == 409
    assert crm.refused("POST", "contacts/batch/create", json={"inputs": [a_contact(), a_contact()]})[0] == 409
    assert crm.found("contacts", where("firstname", "EQ", "nia")) == []
    traced = [{**one, "objectWriteTraceId": str(number)} for number, one in enumerate(inputs)]
    answer = crm.call("POST", "contacts/batch/create", json={"inputs": traced})
    (error,) = answer.json()["errors"]
    assert answer.status_code == 207
    assert (error["category"], error["context"]) == ("CONFLICT", {"objectWriteTraceId": ["1"]})
    assert len(crm.found("contacts", where("firstname", "EQ", "nia"))) == 1
    one_more = {"inputs": [a_contact(email="more@mail.example")]}
    assert crm.post("contacts/batch/create", one_more, 201)["status"] == "COMPLETE"


def test_a_batch_is_updated_by_id_and_archived(crm: Crm) -> None:
    inputs = [{"id": "101", "properties": {"city": "B"}}, {"id": "51", "properties": {"city": "A"}}]
    said = crm.post("contacts/batch/update", {"inputs": inputs})
    assert [(row["id"], row["properties"]["city"]) for row in said["results"]] == [("51", "A"), ("101", "B")]
    answer = crm.call("POST", "contacts/batch/update", json={"inputs": [*inputs, {"id": "52", "properties": {}}]})
    assert (answer.status_code, answer.json()["numErrors"]) == (207, 1)
    assert crm.post("contacts/batch/archive", {"inputs": [{"id": "51"}, {"id": "52"}]}, 204) == {}
    assert "51" not in crm.ids("contacts")


def merge(crm: Crm, winner: str, loser: str) -> Row:
    return crm.post("contacts/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})


def test_who_is_merged_away_leaves_the_lists_and_leads_to_the_other(crm: Crm) -> None:
    one, other = (crm.get(f"contacts/{number}")["properties"]["email"] for number in ("51", "101"))
    crm.fake.change("contacts", "51", website=None)
    crm.fake.change("contacts", "101", website="https://kept.example")
    row = merge(crm, "51", "101")
    assert row["id"] == crm.get("contacts/101")["id"] == crm.get(f"contacts/{other}", idProperty="email")["id"] == "51"
    told = crm.get("contacts/51", properties="email,website,hs_merged_object_ids,hs_additional_emails")["properties"]
    assert (told["email"], told["website"]) == (one, "https://kept.example")
    assert told["hs_merged_object_ids"] == "101"
    assert other in told["hs_additional_emails"].split(";")
    everywhere = [*crm.listed("contacts"), *crm.listed("contacts", archived="true")]
    assert "101" not in {row["id"] for row in everywhere}
    assert crm.found("contacts", where("hs_object_id", "EQ", "101")) == []
    assert crm.refused("POST", "contacts", json=a_contact(email=other))[0] == 409


def test_links_of_who_is_merged_away_pass_on(crm: Crm) -> None:
    one, other = crm.ids("companies")[:2]
    linked = {
        link["toObjectId"]
        for company in (one, other)
        for link in crm.get(f"/crm/v4/objects/companies/{company}/associations/contacts")["results"]
    }
    crm.fake.merge("companies", one, other)
    after = crm.get(f"/crm/v4/objects/companies/{one}/associations/contacts")["results"]
    assert {link["toObjectId"] for link in after} == linked
    assert other not in {row["properties"]["associatedcompanyid"] for row in crm.fake.records("contacts")}


def test_a_merge_may_make_a_new_id_and_old_ones_may_lead_nowhere(crm: Crm) -> None:
    crm.fake.switches.merge_makes_new_id = True
    crm.fake.switches.merged_ids_lead_on = False
    row = merge(crm, "51", "101")
    assert row["id"] == crm.ids("contacts")[-1]
    assert crm.get(f"contacts/{row['id']}", properties="hs_merged_object_ids")["properties"][
        "hs_merged_object_ids"
    ].split(";") == ["101", "51"]
    for old in ("51", "101"):
        assert crm.refused("GET", f"contacts/{old}")[0] == 404
    assert crm.refused("POST", "contacts/merge", json={"primaryObjectId": row["id"], "objectIdToMerge": "1"})[0] == 404
    same = {"primaryObjectId": row["id"], "objectIdToMerge": row["id"]}
    assert crm.refused("POST", "contacts/merge", json=same)[0] == 400


def test_who_is_deleted_for_good_is_nowhere(crm: Crm) -> None:
    email = crm.get("contacts/101")["properties"]["email"]
    crm.fake.delete("contacts", "51")
    crm.post("contacts/gdpr-delete", {"objectId": "51"}, 204)
    crm.post("contacts/gdpr-delete", {"objectId": email, "idProperty": "email"}, 204)
    everywhere = [*crm.listed("contacts"), *crm.listed("contacts", archived="true")]
    assert not {"51", "101"} & {row["id"] for row in everywhere}
    crm.post("contacts/gdpr-delete", {"objectId": "barred@mail.example", "idProperty": "email"}, 204)
    assert crm.refused("POST", "contacts", json=a_contact(email="barred@mail.example"))[0] == 400


def test_the_world_can_be_changed_from_outside(crm: Crm) -> None:
    fake, at = crm.fake, datetime(2026, 6, 1, 12, tzinfo=UTC)
    new = fake.add("deals", dealname="A thing", amount="oops", closedate=at, dealstage="nosuchstage")
    told = crm.get(f"deals/{new}", properties="amount,closedate,dealstage,pipeline,hs_is_closed")["properties"]
    assert (told["amount"], told["closedate"], told["pipeline"]) == ("oops", "2026-06-01T12:00:00Z", None)
    fake.change("deals", new, hs_lastmodifieddate=at)
    assert crm.get(f"deals/{new}")["updatedAt"] == "2026-06-01T12:00:00Z"
    fake.erase(crm.ids("contacts")[0])
    assert "51" not in crm.ids("contacts")
    fake.vanish("contacts", "151")
    assert not {"51", "151"} & {
        row["id"] for row in [*crm.listed("contacts"), *crm.listed("contacts", archived="true")]
    }
    for act in (fake.delete, fake.change):
        with pytest.raises(KeyError, match="no contact 52"):
            act("contacts", "52")
    with pytest.raises(KeyError, match="no archived contact 101"):
        fake.restore("contacts", "101")


def test_what_is_no_json_is_refused(crm: Crm) -> None:
    for content in (b"{", b"[1]"):
        assert crm.refused("POST", "contacts", content=content)[0] == 400
    assert crm.refused("POST", "contacts", json={})[0] == 400
