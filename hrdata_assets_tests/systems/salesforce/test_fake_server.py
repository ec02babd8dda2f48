"""The fake org over the wire: its faults, its speed, and a public client that knows nothing of it."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceMoreThanOneRecord

from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.fakes.population import population
from hrdata_assets.systems.fakes.serving import serving
from hrdata_assets.systems.salesforce.fake import SalesforceFake
from hrdata_assets.systems.salesforce.fake_switches import Fate


class Unencrypted(HTTPAdapter):
    """Sends to this machine without TLS what the client insists on encrypting."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.url = str(request.url).replace("https://127.0.0.1", "http://127.0.0.1", 1)
        return super().send(request, *args, **more)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[SalesforceFake, str]]:
    fake = SalesforceFake(people=60, batch_size=25, fate=Fate(polls=0, part=25))
    with serving(fake) as url:
        yield fake, url


@pytest.fixture
def client(served: tuple[SalesforceFake, str]) -> Salesforce:
    fake, url = served
    session = requests.Session()
    session.trust_env = False
    session.mount("https://127.0.0.1", Unencrypted())
    app = {"client_id": fake.switches.client_id, "client_secret": fake.switches.client_secret}
    answer = session.post(f"{url}/services/oauth2/token", {"grant_type": "client_credentials", **app}, timeout=5).json()
    assert answer["instance_url"] == url
    return Salesforce(
        session_id=answer["access_token"], instance_url=answer["instance_url"], version="66.0", session=session
    )


def test_a_public_client_reads_every_page(served: tuple[SalesforceFake, str], client: Salesforce) -> None:
    soql = "SELECT Id, LastName, MailingAddress FROM Contact"
    records = client.query_all(soql)["records"]
    truth = {record["Id"]: record["LastName"] for record in served[0].records("Contact")}
    assert {record["Id"]: record["LastName"] for record in records} == truth
    assert len(client.query_all(soql, include_deleted=True)["records"]) > len(truth)
    first = client.query(soql)
    assert len(client.query_more(first["nextRecordsUrl"], identifier_is_url=True)["records"]) == 25
    assert client.api_usage["api-usage"].total == 100_000
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000


def test_a_public_client_reads_a_bulk_job_in_parts(served: tuple[SalesforceFake, str], client: Salesforce) -> None:
    parts = list(client.bulk2.Contact.query("SELECT Id, Description FROM Contact", wait=0.01))
    found = [row for part in parts for row in csv.DictReader(StringIO(part, newline=""))]
    truth = {record["Id"]: record["Description"] or "" for record in served[0].records("Contact")}
    assert len(parts) == 3
    assert {row["Id"]: row["Description"] for row in found} == truth


def test_a_public_client_writes_and_describes(served: tuple[SalesforceFake, str], client: Salesforce) -> None:
    assert client.Contact.upsert("HR_Key__c/7", {"LastName": "Berg"}) == 201
    assert client.Contact.upsert("HR_Key__c/7", {"Title": "Engineer"}) == 200
    contact = client.Contact.get_by_custom_id("HR_Key__c", "7")
    assert (contact["LastName"], contact["Title"]) == ("Berg", "Engineer")
    assert client.Contact.update(contact["Id"], {"Title": None}) == 204
    assert client.Contact.delete(contact["Id"]) == 204
    created = client.Lead.create({"LastName": "Dahl", "Company": "Acme"})
    assert created["success"]
    for _ in range(2):
        served[0].add("Contact", LastName="Ek", Legacy_Id__c="twice")
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Contact.upsert("Legacy_Id__c/twice", {"Title": "x"})
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        client.query("SELECT Shoe FROM Contact")
    assert "LastName" in {field["name"] for field in client.Contact.describe()["fields"]}
    described = client.describe()
    assert described is not None
    assert "Position__c" in {one["name"] for one in described["sobjects"]}
    (results,) = client.bulk2.Account.upsert(
        records=[{"HR_Key__c": "a", "Name": "Acme"}, {"HR_Key__c": "b", "Name": "Bolt"}],
        external_id_field="HR_Key__c",
        wait=0.01,
    )
    assert (results["numberRecordsProcessed"], results["numberRecordsFailed"]) == (2, 0)


# Faults, and what happens meanwhile


@pytest.fixture
def wire(served: tuple[SalesforceFake, str]) -> Iterator[httpx.Client]:
    """A connection that is signed in, to a server without faults."""
    fake, url = served
    app = {"client_id": fake.switches.client_id, "client_secret": fake.switches.client_secret}
    with httpx.Client(base_url=url, trust_env=False) as http:
        answer = http.post("/services/oauth2/token", data={"grant_type": "client_credentials", **app})
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield http
    fake.faults.clear()


QUERY = "/services/data/v66.0/query"
CONTACTS = {"q": "SELECT Id FROM Contact ORDER BY SystemModstamp, Id"}


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault(kind="rate_limited", path="query"), 403, "REQUEST_LIMIT_EXCEEDED"),
        (Fault(kind="status", status=503), 503, "SERVER_UNAVAILABLE"),
        (Fault(kind="status", status=500), 500, "UNKNOWN_EXCEPTION"),
        (Fault(kind="expire"), 401, "INVALID_SESSION_ID"),
    ],
)
def test_a_fault_is_told_in_salesforces_own_words(
    served: tuple[SalesforceFake, str], wire: httpx.Client, fault: Fault, status: int, code: str
) -> None:
    served[0].faults.add(fault)
    answer = wire.get(QUERY, params=CONTACTS)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)
    assert answer.headers["Sforce-Limit-Info"].startswith("api-usage=")


def test_an_answer_can_be_cut_off(served: tuple[SalesforceFake, str], wire: httpx.Client) -> None:
    served[0].faults.add(Fault(kind="truncated"), Fault(kind="truncated", declared=False))
    with pytest.raises(httpx.RemoteProtocolError):
        wire.get(QUERY, params=CONTACTS)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
        wire.get(QUERY, params=CONTACTS).json()
    assert wire.get(QUERY, params=CONTACTS).json()["records"]


def test_records_change_while_somebody_pages_through_them(
    served: tuple[SalesforceFake, str], wire: httpx.Client
) -> None:
    fake = served[0]
    oldest = fake.records("Contact")[3]["Id"]
    fake.before_answer("/query/01g", 1, lambda: fake.change("Contact", oldest, Title="Meanwhile"))
    answer = wire.get(QUERY, params=CONTACTS).json()
    ids = [record["Id"] for record in answer["records"]]
    while not answer["done"]:
        answer = wire.get(answer["nextRecordsUrl"]).json()
        ids += [record["Id"] for record in answer["records"]]
    assert sorted(ids) == [record["Id"] for record in fake.records("Contact")]
    changed = {"q": f"SELECT Title FROM Contact WHERE Id = '{oldest}'"}
    assert wire.get(QUERY, params=changed).json()["records"][0]["Title"] == "Meanwhile"
    assert [call.status for call in fake.calls[-2:]] == [200, 200]


# Who is in it


def test_the_same_seed_makes_the_same_org() -> None:
    one, two, other = SalesforceFake(people=30), SalesforceFake(people=30), SalesforceFake(people=30, seed=8)
    for name in ("Contact", "Lead", "Account", "Opportunity", "Position__c"):
        assert one.records(name) == two.records(name) != other.records(name)


def test_its_people_are_those_of_all_fake_systems() -> None:
    fake, people = SalesforceFake(people=30), population(7, 30).people
    contacts = fake.records("Contact")
    assert [(row["Email"], row["FirstName"], row["LastName"], row["Phone"]) for row in contacts] == [
        (person.email, person.first_name, person.last_name, person.phone) for person in people
    ]
    accounts = {row["Id"]: row["Name"] for row in fake.records("Account")}
    assert [accounts[row["AccountId"]] for row in contacts] == [
        population(7, 30).companies[person.employer].name for person in people
    ]
    leads = fake.records("Lead")
    mails = {row["Id"]: row["Email"] for row in contacts}
    assert {row["Email"] for row in leads} <= set(mails.values())
    converted = [row for row in leads if row["IsConverted"]]
    assert [mails[row["ConvertedContactId"]] for row in converted] == [row["Email"] for row in converted]
    hiring = {row["Hiring_Contact__c"]: row["Account__c"] for row in fake.records("Position__c")}
    employers = {row["Id"]: row["AccountId"] for row in contacts}
    assert hiring == {contact: employers[contact] for contact in hiring}


def test_many_records_can_share_a_stamp_that_users_do_not_see() -> None:
    fake = SalesforceFake(people=300)
    before = fake.records("Contact")
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    fake.touch("Contact", [row["Id"] for row in before[:200]], at)
    after = fake.records("Contact")
    assert {row["SystemModstamp"] for row in after[:200]} == {"2026-05-01T12:00:00.000+0000"}
    assert [row["LastModifiedDate"] for row in after] == [row["LastModifiedDate"] for row in before]
    assert after[200:] == before[200:]
