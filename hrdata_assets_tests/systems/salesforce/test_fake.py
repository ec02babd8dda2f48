"""The fake org as a client meets it: signing in, reading, and what it refuses."""

import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hrdata_assets.systems.salesforce.fake_schema import Field
from hrdata_assets_tests.systems.salesforce.conftest import BASE, TOKEN, Client, Connect, error_of

EVERY_CONTACT = "SELECT Id FROM Contact ORDER BY Id"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


# Signing in


def test_client_credentials_are_taken_as_basic_and_in_the_form(org: Client) -> None:
    app = f"{org.fake.switches.client_id}:{org.fake.switches.client_secret}"
    headers = {"Authorization": f"Basic {base64.b64encode(app.encode()).decode()}"}
    basic = org.ask("POST", TOKEN, data={"grant_type": "client_credentials"}, headers=headers)
    org.headers.clear()
    in_form = org.token(grant_type="client_credentials")
    for answer in (basic, in_form):
        found = answer.json()
        assert found["token_type"] == "Bearer"
        assert found["instance_url"] == "http://org.example"
        assert found["id"].startswith("http://org.example/id/00D")
        assert {"access_token", "issued_at", "signature"} <= set(found)
        assert "expires_in" not in found
    assert basic.json()["access_token"] != in_form.json()["access_token"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": "other"}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_secret": "other"}, "invalid_client"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "old"}, "invalid_grant"),
        ({"grant_type": JWT_BEARER, "assertion": "a.b.c"}, "invalid_grant"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_sign_in_is_answered_with_an_object(org: Client, form: dict[str, str], error: str) -> None:
    answer = org.token(**form)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_the_login_host_refuses_client_credentials(org: Client) -> None:
    org.fake.switches.client_credentials_flow = False
    answer = org.token(grant_type="client_credentials")
    assert answer.json()["error_description"] == "request not supported on this domain"


def test_a_password_needs_the_security_token_behind_it_and_may_be_blocked(org: Client) -> None:
    switches = org.fake.switches
    switches.security_token = "SEC"
    form = {"grant_type": "password", "username": switches.username}
    assert org.token(**form, password=switches.password).json()["error"] == "invalid_grant"
    assert org.token(**form, password=switches.password + "SEC").status_code == 200
    switches.password_flow = False
    assert org.token(**form, password=switches.password + "SEC").json()["error"] == "invalid_grant"


def test_a_refresh_token_that_rotates_is_good_once(org: Client) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": org.fake.switches.refresh_token}
    assert "refresh_token" not in org.token(**form).json()
    org.fake.switches.rotate_refresh_tokens = True
    newer = org.token(**form).json()["refresh_token"]
    assert org.token(**form).json()["error_description"] == "expired access/refresh token"
    assert org.token(grant_type="refresh_token", refresh_token=newer).status_code == 200


@pytest.fixture(scope="module")
def keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    return tuple(rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))  # type: ignore[return-value]


def public(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({}, None),
        ({"aud": "https://test.salesforce.com"}, None),
        ({"exp": "60"}, None),
        ({"iss": "another app"}, "client identifier invalid"),
        ({"sub": "nobody@hr.example"}, "user hasn't approved this consumer"),
        ({"aud": "https://elsewhere.example"}, "audience is invalid"),
        ({"exp": -3_600}, "expired authorization code"),
        ({"exp": 3_600}, "invalid assertion"),
    ],
)
def test_a_jwt_is_verified(connect: Connect, keys: Any, claims: dict[str, Any], description: str | None) -> None:
    org = connect(people=10, public_key=public(keys[0]))
    good = {"iss": org.fake.switches.client_id, "sub": org.fake.switches.username}
    good |= {"aud": "https://login.salesforce.com", "exp": int(time.time()) + 120}
    if "exp" in claims:
        # Seconds from now, spelt as they are: a number or a text.
        claims = {"exp": type(claims["exp"])(int(time.time()) + int(claims["exp"]))}
    assertion = jwt.encode({**good, **claims}, keys[0], algorithm="RS256")
    answer = org.token(grant_type=JWT_BEARER, assertion=assertion)
    assert answer.json().get("error_description") == description
    forged = jwt.encode({**good, **claims}, keys[1], algorithm="RS256")
    answer = org.token(grant_type=JWT_BEARER, assertion=forged)
    assert answer.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_a_user_who_has_not_approved_the_app_gets_no_token(connect: Connect, keys: Any) -> None:
    org = connect(people=10, public_key=public(keys[0]), approved=False)
    claims = {"iss": org.fake.switches.client_id, "sub": org.fake.switches.username}
    claims |= {"aud": "https://login.salesforce.com", "exp": int(time.time()) + 120}
    answer = org.token(grant_type=JWT_BEARER, assertion=jwt.encode(claims, keys[0], algorithm="RS256"))
    assert answer.json() == {"error": "invalid_grant", "error_description": "user hasn't approved this consumer"}


def test_a_session_ends_after_its_calls_and_when_it_is_not_used(org: Client) -> None:
    org.fake.switches.session_calls = 2
    org.sign_in()
    assert [org.get("limits").status_code for _ in range(3)] == [200, 200, 401]
    org.fake.switches.session_calls = None
    org.sign_in()
    org.fake.clock_ahead = timedelta(hours=1)
    assert org.get("limits").status_code == 200
    org.fake.clock_ahead = timedelta(hours=3, minutes=1)
    assert error_of(org.get("limits")) == (401, "INVALID_SESSION_ID")


def test_without_a_session_there_is_no_answer(org: Client) -> None:
    org.headers["Authorization"] = "Basic eDp5"
    assert error_of(org.get("limits")) == (401, "INVALID_AUTH_HEADER")
    del org.headers["Authorization"]
    assert error_of(org.get("limits")) == (401, "INVALID_SESSION_ID")
    assert org.get("/services/data").json()[-1]["version"] == "67.0"


def test_the_instance_can_be_another_host(org: Client) -> None:
    org.fake.switches.instance_url = "http://localhost:8123"
    assert org.token(grant_type="client_credentials").json()["instance_url"] == "http://localhost:8123"


# Queries


def test_a_record_in_an_answer_has_its_type_and_address(org: Client) -> None:
    soql = "select id, name, accountid, Account.Name, Account.Owner.Name, MailingAddress, Birthdate, CreatedDate, "
    record = org.query(soql + "HasOptedOutOfEmail, Fax from contact order by Id limit 1")[0]
    url = f"{BASE}sobjects/Contact/{record['Id']}"
    assert record["attributes"] == {"type": "Contact", "url": url}
    account = org.query(f"SELECT Name, Owner.Name FROM Account WHERE Id = '{record['AccountId']}'")[0]
    assert record["Account"]["Name"] == account["Name"]
    assert record["Account"]["Owner"]["Name"] == account["Owner"]["Name"]
    assert {"city", "country", "street", "postalCode"} <= set(record["MailingAddress"])
    assert record["CreatedDate"].endswith(".000+0000")
    assert record["Fax"] is None
    assert len(record["Id"]) == 18
    assert org.get(url).json()["Name"] == record["Name"]


def test_a_long_answer_comes_in_pages(org: Client) -> None:
    org.fake.switches.batch_size = 15
    first = org.get("query", q=EVERY_CONTACT).json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (40, False, 15)
    assert first["nextRecordsUrl"].startswith(f"{BASE}query/01g")
    assert first["nextRecordsUrl"].endswith("-15")
    second = org.get(first["nextRecordsUrl"]).json()
    last = org.get(second["nextRecordsUrl"]).json()
    assert (len(second["records"]), len(last["records"]), last["done"]) == (15, 10, True)
    assert "nextRecordsUrl" not in last
    ids = [record["Id"] for page in (first, second, last) for record in page["records"]]
    assert ids == sorted(record["Id"] for record in org.fake.records("Contact"))
    assert org.get(first["nextRecordsUrl"]).json() == second


def test_a_client_may_ask_for_smaller_pages(connect: Connect) -> None:
    org = connect(people=500)
    few = org.ask("GET", "query", params={"q": EVERY_CONTACT}, headers={"Sforce-Query-Options": "batchSize=200"})
    fewer = org.ask("GET", "query", params={"q": EVERY_CONTACT}, headers={"Sforce-Query-Options": "batchSize=5"})
    assert (len(few.json()["records"]), len(fewer.json()["records"])) == (200, 200)
    assert len(org.query(EVERY_CONTACT)) == 500


def test_cursors_are_lost_in_four_ways(org: Client) -> None:
    switches = org.fake.switches
    switches.batch_size = 15

    def cursor() -> str:
        return str(org.get("query", q=EVERY_CONTACT).json()["nextRecordsUrl"])

    lost = (400, "INVALID_QUERY_LOCATOR")
    assert error_of(org.get("query/01g000000000000AAA-15")) == lost

    old = cursor()
    org.fake.clock_ahead = timedelta(days=2, seconds=1)
    org.sign_in()
    assert error_of(org.get(old)) == lost

    oldest = cursor()
    newer = [cursor() for _ in range(10)]
    assert error_of(org.get(oldest)) == lost
    assert org.get(newer[0]).status_code == 200

    switches.cursor_pages = 1
    short_lived = cursor()
    assert [org.get(short_lived).status_code for _ in range(2)] == [200, 400]

    switches.cursor_pages = None
    ended = cursor()
    org.fake.lose_cursors()
    assert error_of(org.get(ended)) == lost


def test_a_record_deleted_while_pages_are_fetched_is_left_out_of_them(org: Client) -> None:
    org.fake.switches.batch_size = 15
    ids = org.ids(EVERY_CONTACT)
    answer = org.get("query", q=EVERY_CONTACT).json()
    org.fake.delete("Contact", ids[20])
    second = org.get(answer["nextRecordsUrl"]).json()
    assert [record["Id"] for record in second["records"]] == ids[15:20] + ids[21:30]


def test_count_answers_a_number_and_no_records(org: Client) -> None:
    answer = org.get("query", q="SELECT COUNT() FROM Contact WHERE Email LIKE '%.example'").json()
    assert answer == {"totalSize": 40, "done": True, "records": []}


def test_a_query_in_error_is_refused_with_the_place(org: Client) -> None:
    answer = org.get("query", q="SELECT Id FROM Contact WHERE Shoe = 'x'")
    assert error_of(answer) == (400, "INVALID_FIELD")
    assert "ERROR at Row:1:Column:30" in answer.json()[0]["message"]
    assert error_of(org.get("query")) == (400, "MALFORMED_QUERY")


def test_a_query_that_finds_too_much_takes_too_long(org: Client) -> None:
    org.fake.switches.timeout_rows = 30
    assert error_of(org.get("query", q=EVERY_CONTACT)) == (400, "QUERY_TIMEOUT")
    assert org.get("query", q=EVERY_CONTACT + " LIMIT 30").status_code == 200


def test_an_address_may_not_be_too_long(org: Client) -> None:
    ids = ", ".join(f"'{one}'" for one in org.ids(EVERY_CONTACT) * 20)
    answer = org.get("query", q=f"SELECT Id FROM Contact WHERE Id IN ({ids})")
    assert error_of(answer) == (414, "URI_TOO_LONG")


# Deleted, merged, restored


def test_deleted_and_merged_contacts_are_seen_by_query_all(org: Client) -> None:
    one, two, winner, *_ = org.ids(EVERY_CONTACT)
    org.fake.delete("Contact", one)
    org.fake.merge("Contact", winner, two)
    assert len(org.ids(EVERY_CONTACT)) == 38
    soql = "SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = TRUE AND SystemModstamp >= "
    today = datetime.now(UTC).strftime("%Y-%m-%dT00:00:00Z")
    found = {record["Id"]: record["MasterRecordId"] for record in org.query(soql + today, "queryAll")}
    assert found == {one: None, two: winner}
    org.fake.undelete("Contact", one)
    assert len(org.ids(EVERY_CONTACT)) == 39
    org.fake.purge("Contact", two)
    assert two not in org.ids(EVERY_CONTACT, "queryAll")


def test_there_are_deleted_and_merged_contacts_from_the_beginning(org: Client) -> None:
    soql = "SELECT Id, MasterRecordId, Email FROM Contact WHERE IsDeleted = TRUE"
    dead = org.query(soql, "queryAll")
    merged = next(record for record in dead if record["MasterRecordId"])
    assert any(not record["MasterRecordId"] for record in dead)
    winner = org.get(f"sobjects/Contact/{merged['MasterRecordId']}").json()
    assert winner["Email"] == merged["Email"]


def test_windows_tell_what_changed_and_what_was_deleted(org: Client) -> None:
    changed, deleted, *_ = org.ids(EVERY_CONTACT)
    org.fake.change("Contact", changed, Title="Engineer")
    org.fake.delete("Contact", deleted)
    now = org.fake.now()
    window = {
        "start": (now - timedelta(hours=1)).isoformat(timespec="seconds"),
        "end": (now + timedelta(minutes=1)).isoformat(timespec="seconds"),
    }
    assert org.get("sobjects/Contact/updated/", **window).json()["ids"] == [changed]
    (gone,) = org.get("sobjects/Contact/deleted/", **window).json()["deletedRecords"]
    assert gone["id"] == deleted
    assert gone["deletedDate"].endswith("+0000")
    window["start"] = (now - timedelta(days=31)).isoformat(timespec="seconds")
    assert error_of(org.get("sobjects/Contact/updated", **window)) == (400, "INVALID_REPLICATION_DATE")


# What the org tells of itself


@pytest.mark.parametrize("name", ["Contact", "Lead", "Account", "Opportunity", "Position__c"])
def test_every_object_is_described_and_has_all_fields_it_describes(org: Client, name: str) -> None:
    described = org.get(f"sobjects/{name}/describe").json()
    names = [one["name"] for one in described["fields"]]
    assert {"Id", "SystemModstamp", "IsDeleted", "OwnerId"} <= set(names)
    record = org.query(f"SELECT {', '.join(names)} FROM {name} ORDER BY Id LIMIT 1")[0]
    assert list(record.keys() - {"attributes"} - set(names)) == []
    assert org.get(f"sobjects/{name}/{record['Id']}").json().keys() == {"attributes", *names}


def test_a_describe_tells_types_keys_and_relations(org: Client) -> None:
    fields = {one["name"]: one for one in org.get("sobjects/Position__c/describe").json()["fields"]}
    account = fields["Account__c"]
    assert (account["type"], account["referenceTo"], account["relationshipName"]) == (
        "reference",
        ["Account"],
        "Account__r",
    )
    assert fields["HR_Key__c"]["externalId"]
    assert [one["value"] for one in fields["Status__c"]["picklistValues"]] == ["Open", "On hold", "Filled", "Cancelled"]
    assert org.query("SELECT Account__r.Name FROM Position__c LIMIT 1")[0]["Account__r"]["Name"]
    listed = org.get("sobjects").json()["sobjects"]
    assert {"name": "Position__c", "custom": True, "keyPrefix": "a0B"}.items() <= listed[4].items()


def test_a_hidden_field_is_as_if_it_were_not_there(org: Client) -> None:
    org.fake.schema.hidden.add("Contact.Birthdate")
    names = [one["name"] for one in org.get("sobjects/Contact/describe").json()["fields"]]
    assert "Birthdate" not in names
    assert error_of(org.get("query", q="SELECT Id, Birthdate FROM Contact")) == (400, "INVALID_FIELD")
    contact = org.ids(EVERY_CONTACT)[0]
    assert "Birthdate" not in org.get(f"sobjects/Contact/{contact}").json()
    assert error_of(org.patch(f"sobjects/Contact/{contact}", {"Birthdate": None})) == (400, "INVALID_FIELD")


def test_a_field_can_come_while_the_org_runs(org: Client) -> None:
    org.fake.schema.add("Contact", Field("Shoe_Size__c", "double"))
    contact = org.ids(EVERY_CONTACT)[0]
    assert org.patch(f"sobjects/Contact/{contact}", {"Shoe_Size__c": 41.5}).status_code == 204
    assert org.ids("SELECT Id FROM Contact WHERE Shoe_Size__c > 40") == [contact]
    assert "Shoe_Size__c" in {one["name"] for one in org.get("sobjects/Contact/describe").json()["fields"]}


def test_an_org_may_have_several_currencies(connect: Connect) -> None:
    org = connect(people=40, multi_currency=True)
    assert len({record["CurrencyIsoCode"] for record in org.query("SELECT CurrencyIsoCode FROM Opportunity")}) >= 1


def test_too_many_long_calls_at_once_are_refused(org: Client) -> None:
    org.fake.switches.busy = 2
    assert [error_of(org.get("limits")) for _ in range(2)] == [(403, "REQUEST_LIMIT_EXCEEDED")] * 2
    assert org.get("limits").status_code == 200


def test_every_answer_tells_the_calls_used_and_the_day_ends_them(org: Client) -> None:
    org.fake.quota.used = 17
    org.fake.switches.daily_calls = 20
    answer = org.get("limits")
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=18/20"
    assert answer.json()["DailyApiRequests"] == {"Max": 20, "Remaining": 2}
    assert org.get("sobjects/Shoe/describe").headers["Sforce-Limit-Info"] == "api-usage=19/20"
    assert org.get("limits").status_code == 200
    refused = org.get("limits")
    assert error_of(refused) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert refused.headers["Sforce-Limit-Info"] == "api-usage=20/20"
    org.fake.clock_ahead = timedelta(days=1)
    org.sign_in()
    assert org.get("limits").status_code == 200


def test_addresses_and_methods_that_are_not_there(org: Client) -> None:
    assert error_of(org.get("sobjects/Shoe/describe")) == (404, "NOT_FOUND")
    assert error_of(org.get("nothing")) == (404, "NOT_FOUND")
    assert error_of(org.get("/services/data/v99.0/limits")) == (404, "NOT_FOUND")
    assert error_of(org.delete("limits")) == (405, "METHOD_NOT_ALLOWED")
    missing = org.ids(EVERY_CONTACT)[0].replace("003", "00Q")
    assert error_of(org.get(f"sobjects/Contact/{missing}")) == (400, "MALFORMED_ID")


def test_an_external_id_may_have_any_characters(org: Client) -> None:
    key = "a/b?c d+é"
    contact = org.fake.add("Contact", LastName="Berg", HR_Key__c=key)
    assert org.get(f"sobjects/Contact/HR_Key__c/{quote(key, safe='')}").json()["Id"] == contact
