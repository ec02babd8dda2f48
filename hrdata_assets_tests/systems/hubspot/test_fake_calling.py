"""Who may call a fake HubSpot and how often, and what goes wrong with it."""

import time
from datetime import timedelta

import httpx
import pytest

from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets_tests.systems.hubspot.crm import Crm, Row, a_crm, where
from hrdata_assets_tests.timing import quickest

LIMITS = "X-HubSpot-RateLimit-"


@pytest.mark.parametrize("authorization", ["", "Bearer nonsense", "Basic pat-eu1-fake", "pat-eu1-fake"])
def test_nobody_may_call_without_the_token(reading: Crm, authorization: str) -> None:
    status, said = reading.refused("GET", "contacts", headers={"Authorization": authorization})
    assert (status, said["status"], said["category"]) == (401, "error", "INVALID_AUTHENTICATION")
    assert said["message"].startswith("Authentication credentials not found")


def test_scopes_that_are_missing_are_named(crm: Crm) -> None:
    crm.fake.switches.missing_scopes = [
        "crm.objects.deals.read",
        "crm.objects.contacts.write",
        "crm.objects.owners.read",
    ]
    status, said = crm.refused("GET", "deals")
    assert (status, said["category"]) == (403, "MISSING_SCOPES")
    assert said["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.deals.read"]
    assert crm.refused("POST", "contacts", json={"properties": {}})[0] == 403
    assert crm.refused("GET", "/crm/v3/owners")[0] == 403
    assert crm.refused("GET", "/crm/v4/objects/contacts/51/associations/deals")[0] == 403
    assert crm.call("POST", "deals/search", json={}).status_code == 403
    crm.get("contacts")
    crm.post("contacts/batch/read", {"inputs": []})
    crm.get("/crm/v3/properties/deals")


def token(crm: Crm, **form: str) -> httpx.Response:
    known = {"client_id": crm.fake.switches.client_id, "client_secret": crm.fake.switches.client_secret}
    return crm.client.post("/oauth/v1/token", data={**known, **form}, headers={"Authorization": ""})


def test_a_code_brings_tokens_once_and_the_refresh_token_does_not_change(crm: Crm) -> None:
    code = crm.fake.tokens.code()
    one = token(crm, grant_type="authorization_code", code=code, redirect_uri="https://app.example").json()
    assert (one["expires_in"], one["token_type"]) == (1800, "bearer")
    assert token(crm, grant_type="authorization_code", code=code).json()["status"] == "BAD_AUTH_CODE"
    other = token(crm, grant_type="refresh_token", refresh_token=one["refresh_token"]).json()
    assert other["refresh_token"] == one["refresh_token"]
    for access in {one["access_token"], other["access_token"]}:
        answer = crm.call("GET", "contacts", headers={"Authorization": f"Bearer {access}"})
        assert answer.status_code == 200
        assert f"{LIMITS}Max" in answer.headers
        assert f"{LIMITS}Daily" not in answer.headers


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "authorization_code", "code": "x"}, "BAD_AUTH_CODE"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
    ],
)
def test_who_gets_no_token_is_told_why(reading: Crm, form: dict[str, str], status: str) -> None:
    answer = token(reading, **form)
    assert (answer.status_code, answer.json()["status"]) == (400, status)


def test_only_the_known_redirect_uri_is_good_if_one_is_set(crm: Crm) -> None:
    crm.fake.switches.redirect_uri = "https://app.example"
    form = {"grant_type": "authorization_code", "code": crm.fake.tokens.code()}
    assert token(crm, **form, redirect_uri="https://other.example").json()["status"] == "BAD_REDIRECT_URI"
    assert token(crm, **form, redirect_uri="https://app.example").status_code == 200


def test_a_token_of_oauth_is_over_after_half_an_hour(crm: Crm) -> None:
    access = token(crm, grant_type="refresh_token", refresh_token="fake-refresh").json()["access_token"]
    crm.fake.clock_ahead = timedelta(seconds=1805)
    status, said = crm.refused("GET", "contacts", headers={"Authorization": f"Bearer {access}"})
    assert (status, said["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert "expired 5 second(s) ago" in said["message"]


def test_expiring_ends_all_tokens_and_another_one_may_take_their_place(crm: Crm) -> None:
    access = token(crm, grant_type="refresh_token", refresh_token="fake-refresh").json()["access_token"]
    crm.fake.expire()
    assert crm.refused("GET", "contacts")[1]["category"] == "INVALID_AUTHENTICATION"
    expired = crm.refused("GET", "contacts", headers={"Authorization": f"Bearer {access}"})[1]
    assert expired["category"] == "EXPIRED_AUTHENTICATION"
    assert token(crm, grant_type="refresh_token", refresh_token="fake-refresh").status_code == 200
    crm.fake.switches.access_token = "pat-eu1-new"
    assert crm.call("GET", "contacts", headers={"Authorization": "Bearer pat-eu1-new"}).status_code == 200


def test_answers_tell_how_many_calls_are_left_but_those_of_searches(crm: Crm) -> None:
    first, second = (crm.call("GET", "contacts").headers for _ in range(2))
    left = f"{LIMITS}Remaining"
    assert (first[f"{LIMITS}Max"], first[f"{LIMITS}Interval-Milliseconds"]) == ("190", "10000")
    assert int(first[left]) - int(second[left]) == 1
    assert int(second[f"{LIMITS}Daily"]) - int(second[f"{LIMITS}Daily-Remaining"]) == 2
    searched = crm.call("POST", "contacts/search", json={})
    assert not [name for name in searched.headers if name.lower().startswith(LIMITS.lower())]
    assert crm.call("GET", "contacts/52").headers[left] == str(int(second[left]) - 2)
    assert searched.headers["X-HubSpot-Correlation-Id"] != first["X-HubSpot-Correlation-Id"]


def limited(crm: Crm, method: str, path: str) -> tuple[str, str | None]:
    """What a call that is one too many says: the policy, and how long to wait."""
    answer = crm.call(method, path, **({"json": {}} if method == "POST" else {}))
    said: Row = answer.json()
    assert (answer.status_code, said["status"], said["errorType"]) == (429, "error", "RATE_LIMIT")
    assert set(said) == {"status", "message", "errorType", "correlationId", "policyName", "requestId"}
    return said["policyName"], answer.headers.get("Retry-After")


def test_five_searches_a_second_and_so_many_calls_in_ten_are_allowed() -> None:
    with a_crm(rates=True, calls_per_ten_seconds=8, retry_after="seconds") as crm:
        for _ in range(5):
            crm.search("contacts")
        assert limited(crm, "POST", "contacts/search") == ("SECONDLY", "1")
        for _ in range(3):
            crm.get("contacts")
        policy, wait = limited(crm, "GET", "contacts")
        assert (policy, wait in ("9", "10")) == ("TEN_SECONDLY_ROLLING", True)
        crm.fake.clock_ahead = timedelta(seconds=11)
        crm.search("contacts")


def test_waits_are_told_in_milliseconds_unless_the_switch_says_seconds() -> None:
    with a_crm(rates=True, calls_per_ten_seconds=1) as crm:
        crm.get("contacts")
        wait = limited(crm, "GET", "contacts")[1]
        assert 9_000 < int(wait or 0) <= 10_000


def test_a_day_has_so_many_calls_and_ends_at_midnight_of_the_account() -> None:
    with a_crm(rates=True, calls_per_day=3, zone=timedelta(hours=2)) as crm:
        crm.get("contacts")
        (usage,) = crm.get("/account-info/v3/api-usage/daily/private-apps")["results"]
        assert (usage["usageLimit"], usage["currentUsage"], usage["fetchStatus"]) == (3, 2, "SUCCESS")
        assert usage["resetsAt"].endswith("T22:00:00Z")
        crm.fake.limits.used = 3
        assert limited(crm, "GET", "contacts") == ("DAILY", None)
        crm.fake.clock_ahead = timedelta(days=1)
        crm.get("contacts")


def test_limits_are_not_kept_unless_asked_for(crm: Crm) -> None:
    for _ in range(12):
        crm.search("contacts", limit=1)


@pytest.mark.parametrize(
    ("unit", "policy", "told"),
    [("milliseconds", "SECONDLY", "2500"), ("seconds", "TEN_SECONDLY_ROLLING", "3"), ("seconds", "DAILY", None)],
)
def test_a_fault_is_rate_limited_the_way_the_switches_say(crm: Crm, unit: str, policy: str, told: str | None) -> None:
    crm.fake.switches.retry_after = unit  # type: ignore[assignment]
    crm.fake.switches.policy = policy  # type: ignore[assignment]
    crm.fake.faults.add(Fault(kind="rate_limited", path="/contacts$", retry_after=2.5))
    assert limited(crm, "GET", "contacts") == (policy, told)
    assert crm.get("contacts")["results"]


@pytest.mark.parametrize(
    ("status", "category"),
    [(423, "LOCKED"), (477, "MIGRATION_IN_PROGRESS"), (503, "SERVICE_UNAVAILABLE"), (500, "INTERNAL_ERROR")],
)
def test_errors_of_the_server_are_json(crm: Crm, status: int, category: str) -> None:
    crm.fake.faults.add(Fault(kind="status", status=status))
    answer = crm.call("GET", "contacts")
    assert (answer.status_code, answer.json()["category"]) == (status, category)
    assert answer.headers.get("Retry-After") == ("3600" if status == 477 else None)


@pytest.mark.parametrize("status", [502, 504, 521])
def test_errors_of_what_stands_before_the_server_are_pages(crm: Crm, status: int) -> None:
    crm.fake.faults.add(Fault(kind="status", status=status))
    answer = crm.call("GET", "contacts")
    assert (answer.status_code, answer.headers["content-type"][:9]) == (status, "text/html")


def test_a_page_of_many_is_found_without_looking_at_all_of_them() -> None:
    with a_crm(people=12_000) as crm:
        body = {
            "filterGroups": [{"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": "0"}]}],
            "sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
        }
        crm.fake.warm("contacts")
        crm.fake.touch("contacts", ["51"])
        looking = quickest(lambda: crm.search("contacts", where("firstname", "EQ", "Nobody")), 1, time.perf_counter)
        page = quickest(lambda: crm.search("contacts", **body, after=9_800), clock=time.perf_counter)
        assert page < looking / 5
        pages = [crm.search("contacts", **body, after=after) for after in range(0, 10_000, 200)]
        assert [page["total"] for page in pages] == [len(crm.ids("contacts"))] * 50


def test_calls_are_remembered(crm: Crm) -> None:
    crm.get("contacts", limit=3)
    call = crm.fake.calls[-1]
    assert (call.method, call.path, call.query, call.status) == ("GET", "/crm/v3/objects/contacts", {"limit": "3"}, 200)


def test_settings_say_how_it_is_reached(crm: Crm) -> None:
    assert crm.fake.variables(crm.url)["HUBSPOT_ACCESS_TOKEN"] == "pat-eu1-fake"
