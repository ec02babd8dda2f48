"""The fake org over the wire: its faults, its speed, and a public client that knows nothing of it."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceMoreThanOneRecord

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
