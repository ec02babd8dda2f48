"""Writing to the fake org: single records, upserts, collections, composites."""

from typing import Any

import pytest

from hrdata_assets_tests.systems.salesforce.conftest import BASE, Client, error_of

KEY = "sobjects/Contact/HR_Key__c/"


def contact(org: Client, record_id: str) -> dict[str, Any]:
    return dict(org.get(f"sobjects/Contact/{record_id}").json())


def row(name: str = "Contact", **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": name}, **fields}


def test_a_record_is_created_changed_and_deleted(org: Client) -> None:
    created = org.post("sobjects/Contact/", {"LastName": "Berg", "FirstName": "Kari", "Birthdate": "1990-02-03"})
    record_id = created.json()["id"]
    assert (created.status_code, created.json()) == (201, {"id": record_id, "success": True, "errors": []})
    before = contact(org, record_id)
    assert before["Name"] == "Kari Berg"
    assert before["CreatedDate"] == before["SystemModstamp"]

    changed = org.patch(f"sobjects/Contact/{record_id[:15]}", {"FirstName": None, "Title": "Engineer"})
    assert (changed.status_code, changed.content) == (204, b"")
    after = contact(org, record_id)
    assert (after["Name"], after["Title"], after["FirstName"]) == ("Berg", "Engineer", None)
    assert after["SystemModstamp"] >= before["SystemModstamp"]

    assert org.delete(f"sobjects/Contact/{record_id}").status_code == 204
    assert error_of(org.get(f"sobjects/Contact/{record_id}")) == (404, "ENTITY_IS_DELETED")
    assert error_of(org.patch(f"sobjects/Contact/{record_id}", {"Title": "x"})) == (404, "ENTITY_IS_DELETED")


def test_an_opportunity_works_out_what_follows_from_its_stage(org: Client) -> None:
    body = {"Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-05-01", "Amount": 1000}
    record_id = org.post("sobjects/Opportunity", body).json()["id"]
    found = org.get(f"sobjects/Opportunity/{record_id}").json()
    assert (found["IsClosed"], found["IsWon"], found["Probability"], found["ExpectedRevenue"]) == (
        True,
        True,
        100,
        1000,
    )


@pytest.mark.parametrize(
    ("body", "code", "fields"),
    [
        ({"FirstName": "Kari"}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ({"LastName": "x" * 81}, "STRING_TOO_LONG", ["LastName"]),
        ({"LastName": "Berg", "Email": "no address"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ({"LastName": "Berg", "Shoe": 1}, "INVALID_FIELD", None),
        ({"LastName": "Berg", "SystemModstamp": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["SystemModstamp"]),
        ({"LastName": "Berg", "Birthdate": "soon"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", ["Birthdate"]),
        ({"LastName": "Berg", "AccountId": "x"}, "MALFORMED_ID", ["AccountId"]),
        ({"LastName": "Berg", "AccountId": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY", []),
        ({"LastName": "Berg", "Account": {"HR_Key__c": "none"}}, "INVALID_FIELD", []),
        ({"LastName": "Berg", "Id": "003000000000001AAA"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Id"]),
    ],
)
def test_a_record_that_is_not_right_is_refused(org: Client, body: Any, code: str, fields: list[str] | None) -> None:
    answer = org.post("sobjects/Contact", body)
    assert error_of(answer) == (400, code)
    assert answer.json()[0].get("fields") == fields


def test_a_restricted_picklist_takes_its_own_values_only(org: Client) -> None:
    position = org.ids("SELECT Id FROM Position__c LIMIT 1")[0]
    answer = org.patch(f"sobjects/Position__c/{position}", {"Status__c": "Ajar"})
    assert error_of(answer) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")


def test_bodies_have_to_be_json(org: Client) -> None:
    assert error_of(org.ask("POST", "sobjects/Contact", data={"LastName": "x"})) == (415, "UNSUPPORTED_MEDIA_TYPE")
    broken = org.ask("POST", "sobjects/Contact", content=b"{", headers={"Content-Type": "application/json"})
    assert error_of(broken) == (400, "JSON_PARSER_ERROR")


def test_an_upsert_creates_then_changes(org: Client) -> None:
    created = org.patch(KEY + "7", {"LastName": "Berg"})
    assert created.status_code == 201
    changed = org.patch(KEY + "7", {"Title": "Engineer"})
    record_id = created.json()["id"]
    assert (changed.status_code, changed.json()) == (
        200,
        {"id": record_id, "success": True, "errors": [], "created": False},
    )
    assert contact(org, record_id)["HR_Key__c"] == "7"
    older = org.patch(f"/services/data/v45.0/{KEY}7", {"Title": "x"})
    assert older.status_code == 204


def test_an_upsert_that_only_updates_creates_nothing(org: Client) -> None:
    answer = org.patch(KEY + "7?updateOnly=true", {"LastName": "Berg"})
    assert error_of(answer) == (404, "NOT_FOUND")
    assert len(org.fake.records("Contact")) == 40


def test_an_upsert_that_meets_several_names_them(org: Client) -> None:
    ids = [org.fake.add("Contact", LastName="Berg", Legacy_Id__c="twice") for _ in range(2)]
    answer = org.patch("sobjects/Contact/Legacy_Id__c/TWICE", {"Title": "x"})
    assert answer.status_code == 300
    assert answer.json() == [f"{BASE}sobjects/Contact/{one}" for one in ids]


def test_an_upsert_needs_an_external_id_and_says_it_once(org: Client) -> None:
    assert error_of(org.patch("sobjects/Contact/Title/x", {"LastName": "Berg"})) == (404, "NOT_FOUND")
    assert error_of(org.patch(KEY + "7", {"LastName": "Berg", "HR_Key__c": "7"})) == (400, "INVALID_FIELD")


def test_a_unique_key_is_given_once(org: Client) -> None:
    org.fake.add("Contact", LastName="Berg", HR_Key__c="7")
    assert error_of(org.post("sobjects/Contact", {"LastName": "Dahl", "HR_Key__c": "7"})) == (400, "DUPLICATE_VALUE")


def test_a_related_record_is_named_by_its_external_id(org: Client) -> None:
    account = org.fake.add("Account", Name="Acme", HR_Key__c="acme")
    created = org.post("sobjects/Contact", {"LastName": "Berg", "Account": {"HR_Key__c": "acme"}})
    assert contact(org, created.json()["id"])["AccountId"] == account


def test_the_orgs_own_rules_and_locks_refuse_a_row(org: Client) -> None:
    switches = org.fake.switches
    known = org.fake.records("Contact")[0]
    switches.duplicate_rule = True
    twin = {"LastName": "Berg", "Email": known["Email"].upper()}
    assert error_of(org.post("sobjects/Contact", twin)) == (400, "DUPLICATES_DETECTED")
    insisting = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert org.post("sobjects/Contact", twin, headers=insisting).status_code == 201

    switches.duplicate_rule = False
    switches.validation = lambda name, row: "No interns" if row.get("Title") == "Intern" else None
    assert error_of(org.patch(f"sobjects/Contact/{known['Id']}", {"Title": "Intern"})) == (
        400,
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    )
    switches.locked[known["Id"]] = 1
    locked = org.patch(f"sobjects/Contact/{known['Id']}", {"Title": "Lead"})
    assert error_of(locked) == (400, "UNABLE_TO_LOCK_ROW")
    assert org.patch(f"sobjects/Contact/{known['Id']}", {"Title": "Lead"}).status_code == 204


# Collections


def test_a_collection_answers_row_by_row(org: Client) -> None:
    rows = [row(LastName="Berg"), row(FirstName="Kari"), row("Account", Name="Acme"), row("Shoe")]
    one, two, three, four = org.post("composite/sobjects", {"records": rows}).json()
    assert (one["success"], three["success"]) == (True, True)
    (error,) = two["errors"]
    assert (error["statusCode"], error["fields"]) == ("REQUIRED_FIELD_MISSING", ["LastName"])
    assert four["errors"][0]["statusCode"] == "INVALID_TYPE"
    changes = [row(id=one["id"], Title="Engineer"), row(Title="x")]
    changed, nameless = org.patch("composite/sobjects", {"records": changes}).json()
    assert changed == {"id": one["id"], "success": True, "errors": []}
    assert nameless["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    read = org.get("composite/sobjects/Contact", ids=f"{one['id']},003000000000001AAA", fields="Id,Title").json()
    assert [read[0]["Title"], read[1]] == ["Engineer", None]
    gone = org.delete("composite/sobjects", ids=f"{one['id']},{three['id']},x").json()
    assert [result["success"] for result in gone] == [True, True, False]


def test_a_collection_upserts_with_mixed_results(org: Client) -> None:
    for _ in range(2):
        org.fake.add("Contact", LastName="Berg", Legacy_Id__c="twice")
    there = org.fake.add("Contact", LastName="Dahl", Legacy_Id__c="there")
    rows = [
        row(Legacy_Id__c="new", LastName="Ek"),
        row(Legacy_Id__c="there", LastName="Ek"),
        row(Legacy_Id__c="twice", LastName="Ek"),
        row(Legacy_Id__c="bad"),
        row(LastName="Ek"),
    ]
    url = "composite/sobjects/Contact/Legacy_Id__c"
    created, changed, *refused = org.patch(url, {"allOrNone": False, "records": rows}).json()
    assert (created["created"], changed["created"], changed["id"]) == (True, False, there)
    codes = [result["errors"][0]["statusCode"] for result in refused]
    assert codes == ["DUPLICATE_EXTERNAL_ID", "REQUIRED_FIELD_MISSING", "MISSING_ARGUMENT"]


def test_all_or_none_takes_everything_back(org: Client) -> None:
    rows = [row(LastName="Berg"), row(FirstName="Kari")]
    good, bad = org.post("composite/sobjects", {"allOrNone": True, "records": rows}).json()
    assert good["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert len(org.fake.records("Contact")) == 40


def test_a_collection_has_at_most_200_records(org: Client) -> None:
    rows = [row(LastName="Berg")] * 201
    assert error_of(org.post("composite/sobjects", {"records": rows})) == (400, "EXCEEDED_ID_LIMIT")
    assert len(org.post("composite/sobjects", {"records": rows[1:]}).json()) == 200


# Composites


def sub(method: str, name: str, url: str, body: Any = None) -> dict[str, Any]:
    return {"method": method, "referenceId": name, "url": BASE + url, **({"body": body} if body else {})}


def test_a_composite_uses_what_it_was_answered(org: Client) -> None:
    requests = [
        sub("POST", "account", "sobjects/Account", {"Name": "Acme"}),
        sub("POST", "contact", "sobjects/Contact", {"LastName": "Berg", "AccountId": "@{account.id}"}),
        sub("GET", "read", "sobjects/Contact/@{contact.id}?fields=AccountId"),
        sub("GET", "asked", "query?q=SELECT+Id+FROM+Contact+WHERE+AccountId='@{account.id}'"),
        sub("PATCH", "again", "sobjects/Contact/@{asked.records[0].Id}", {"Title": "For @{account.id}"}),
    ]
    found = org.post("composite", {"compositeRequest": requests}).json()["compositeResponse"]
    assert [(one["referenceId"], one["httpStatusCode"]) for one in found] == [
        *(("account", 201), ("contact", 201), ("read", 200), ("asked", 200), ("again", 204)),
    ]
    account = found[0]["body"]["id"]
    assert found[2]["body"]["AccountId"] == account
    assert contact(org, found[1]["body"]["id"])["Title"] == f"For {account}"


@pytest.mark.parametrize("all_or_none", [False, True])
def test_a_composite_that_fails_in_part(org: Client, all_or_none: bool) -> None:
    requests = [
        sub("POST", "account", "sobjects/Account", {"Name": "Acme"}),
        sub("POST", "contact", "sobjects/Contact", {"FirstName": "Kari"}),
        sub("PATCH", "change", "sobjects/Contact/@{contact.id}", {"Title": "x"}),
    ]
    before = len(org.fake.records("Account"))
    answer = org.post("composite", {"allOrNone": all_or_none, "compositeRequest": requests})
    account, refused, dependent = answer.json()["compositeResponse"]
    assert refused["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert dependent["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert account["httpStatusCode"] == (400 if all_or_none else 201)
    assert len(org.fake.records("Account")) == before + (not all_or_none)


def test_a_composite_has_limits(org: Client) -> None:
    many = [sub("GET", f"r{n}", "limits") for n in range(26)]
    assert error_of(org.post("composite", {"compositeRequest": many})) == (400, "LIMIT_EXCEEDED")
    queries = [sub("GET", f"r{n}", "query?q=SELECT+Id+FROM+Lead") for n in range(6)]
    assert error_of(org.post("composite", {"compositeRequest": queries})) == (400, "LIMIT_EXCEEDED")
    assert error_of(org.post("composite", {"compositeRequest": many[:1] * 2})) == (400, "INVALID_REFERENCE_ID")
