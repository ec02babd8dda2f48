"""The official client against a fake HubSpot: what it makes of the answers shows whether they are HubSpot's."""

from datetime import datetime, timedelta

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchReadInputSimplePublicObjectId,
    Filter,
    FilterGroup,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException, ForbiddenException, NotFoundException, UnauthorizedException
from urllib3.util.retry import Retry

from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets_tests.systems.hubspot.crm import Crm


def client(crm: Crm, **more: object) -> HubSpot:
    return HubSpot(**{"access_token": "pat-eu1-fake", "host": crm.url, "base_url": crm.url, **more})


def test_it_lists_everything_with_dates_and_history(reading: Crm) -> None:
    contacts = client(reading).crm.contacts
    rows = contacts.get_all(properties=["email", "phone"], associations=["companies"])
    assert [row.id for row in rows] == reading.ids("contacts")
    assert isinstance(rows[0].created_at, datetime)
    assert any(row.associations["companies"].results[0].type for row in rows if row.associations)
    page = contacts.basic_api.get_page(limit=2, properties_with_history=["email"], archived=False)
    assert page.results[0].properties_with_history["email"][0].value == page.results[0].properties["email"]
    assert page.paging.next.after == page.results[-1].id
    archived = contacts.basic_api.get_page(archived=True).results
    assert {row.archived for row in archived} == {True}


def test_it_searches(reading: Crm) -> None:
    groups = [FilterGroup(filters=[Filter(property_name="lastmodifieddate", operator="GTE", value="1767225600000")])]
    request = PublicObjectSearchRequest(
        filter_groups=groups, sorts=["lastmodifieddate"], properties=["email"], limit=5, after="0"
    )
    found = client(reading).crm.contacts.search_api.do_search(public_object_search_request=request)
    stamps = [row.updated_at for row in found.results]
    assert (len(stamps), stamps) == (5, sorted(stamps))
    assert (found.total > 5, found.paging.next.after) == (True, "5")


def test_it_upserts_a_batch_and_reads_it_back(crm: Crm) -> None:
    api = client(crm).crm.contacts.batch_api
    inputs = [
        SimplePublicObjectBatchInputUpsert(id=email, id_property="email", object_write_trace_id=email, properties=given)
        for email, given in (("a@mail.example", {"city": "Oslo"}), ("b@mail.example", {"day_rate": "1"}))
    ]
    said = api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
    assert [(row.new, row.object_write_trace_id) for row in said.results] == [
        (True, "a@mail.example"),
        (True, "b@mail.example"),
    ]
    body = BatchReadInputSimplePublicObjectId(
        id_property="email", inputs=[{"id": "a@mail.example"}], properties=["city"], properties_with_history=[]
    )
    assert api.read(body).results[0].properties["city"] == "Oslo"


def test_it_creates_changes_merges_and_archives(crm: Crm) -> None:
    api = client(crm).crm.contacts.basic_api
    row = api.create(SimplePublicObjectInputForCreate(properties={"email": "new@mail.example"}))
    changed = api.update(row.id, SimplePublicObjectInput(properties={"city": "Oslo"}))
    assert changed.properties["city"] == "Oslo"
    with pytest.raises(ApiException) as conflict:
        api.create(SimplePublicObjectInputForCreate(properties={"email": "new@mail.example"}))
    assert conflict.value.status == 409
    assert api.merge(PublicMergeInput(primary_object_id="51", object_id_to_merge=row.id)).id == "51"
    assert api.get_by_id(row.id).id == "51"
    api.archive("51")
    with pytest.raises(NotFoundException):
        api.get_by_id("51")


def test_it_reads_owners_pipelines_properties_and_associations(reading: Crm) -> None:
    crm = client(reading).crm
    assert crm.owners.owners_api.get_page(limit=2).results[0].teams[0].primary is True
    assert crm.pipelines.pipelines_api.get_all("deals").results[0].stages[0].metadata["probability"] == "0.2"
    names = {one.name for one in crm.properties.core_api.get_all("contacts").results}
    assert names == set(reading.fake.schema["contacts"].properties)
    deal = reading.ids("deals")[0]
    linked = crm.associations.v4.basic_api.get_page("deals", deal, "companies").results[0]
    assert linked.association_types[0].type_id in (5, 341)
    body = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": deal}])
    assert crm.associations.v4.batch_api.get_page("deals", "companies", body).results[0].to[0].to_object_id


def test_it_repeats_a_get_after_429_by_itself_and_a_search_only_if_told(crm: Crm) -> None:
    crm.fake.switches.retry_after = "seconds"
    limited = Fault(kind="rate_limited", retry_after=0)
    crm.fake.faults.add(limited)
    assert client(crm).crm.contacts.basic_api.get_page().results
    crm.fake.faults.add(limited)
    with pytest.raises(ApiException) as refused:
        client(crm).crm.contacts.search_api.do_search(PublicObjectSearchRequest())
    assert (refused.value.status, "policyName" in refused.value.body) == (429, True)
    crm.fake.faults.add(limited)
    patient = client(crm, retry=Retry(total=3, status_forcelist=[429], allowed_methods=None))
    assert patient.crm.contacts.search_api.do_search(PublicObjectSearchRequest()).total == len(crm.ids("contacts"))
    assert [call.status for call in crm.fake.calls] == [429, 200, 429, 429, 200]


def test_it_takes_milliseconds_for_seconds(crm: Crm) -> None:
    crm.fake.faults.add(Fault(kind="rate_limited", retry_after=10))
    with pytest.raises(ApiException) as refused:
        client(crm, retry=False).crm.contacts.basic_api.get_page()
    assert Retry().parse_retry_after(refused.value.headers["Retry-After"]) == timedelta(seconds=10_000).total_seconds()


def test_it_knows_who_may_not_call(crm: Crm) -> None:
    with pytest.raises(UnauthorizedException):
        client(crm, access_token="x").crm.contacts.basic_api.get_page()
    crm.fake.switches.missing_scopes = ["crm.objects.contacts.read"]
    with pytest.raises(ForbiddenException):
        client(crm).crm.contacts.basic_api.get_page()


def test_it_gets_tokens(crm: Crm) -> None:
    tokens = client(crm).oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id="fake-client",
        client_secret="fake-secret",
        refresh_token="fake-refresh",
    )
    assert tokens.expires_in == 1800
    assert client(crm, access_token=tokens.access_token).crm.contacts.basic_api.get_page().results


def test_it_asks_whatever_it_has_no_method_for(reading: Crm) -> None:
    said = client(reading).api_request({"path": "/account-info/v3/api-usage/daily/private-apps"})
    assert said.json()["results"][0]["fetchStatus"] == "SUCCESS"
