"""How a fake Bullhorn is signed in to, and how it refuses."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hrdata_assets_tests.systems.bullhorn.agency import Agency, an_agency


def test_discovery_names_this_very_server(reading: Agency) -> None:
    told = reading.client.get("/rest-services/loginInfo", params={"username": "api.user"}).json()
    base = str(reading.client.base_url).rstrip("/")
    assert (told["oauthUrl"], told["restUrl"]) == (f"{base}/oauth", f"{base}/rest-services")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_name_and_password_are_answered_with_a_code_in_a_redirect(reading: Agency, method: str) -> None:
    switches = reading.fake.switches
    params = {
        "client_id": switches.client_id,
        "response_type": "code",
        "action": "Login",
        "state": "s 1",
        "username": switches.username,
        "password": switches.password,
    }
    answer = reading.client.request(method, "/oauth/authorize", params=params)
    assert answer.status_code == 302
    location = answer.headers["location"]
    assert "code=44%3A" in location, "the code is encoded"
    assert httpx.URL(location).params["state"] == "s 1"
    assert httpx.URL(location).params["client_id"] == switches.client_id


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"client_id": "?"}, "Invalid Client Id"),
        ({"password": "?"}, '<p class="error">'),
        ({"username": "?"}, '<p class="error">'),
        ({"action": "login"}, "<form"),
        ({"response_type": "token"}, "Unsupported response type"),
    ],
)
def test_what_is_wrong_is_said_on_a_page_for_people(reading: Agency, wrong: dict[str, str], said: str) -> None:
    answer = reading.code(**wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert said in answer.text
    assert "location" not in answer.headers


def test_a_person_has_to_agree_once() -> None:
    with an_agency(consent_given=False) as agency:
        assert "Agree" in agency.code().text
        agency.fake.switches.consent_given = True
        agency.sign_in()


def test_a_code_gives_tokens_for_ten_minutes_and_works_once(reading: Agency) -> None:
    code = httpx.URL(reading.code().headers["location"]).params["code"]
    tokens = reading.token(grant_type="authorization_code", code=code).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    again = reading.token(grant_type="authorization_code", code=code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_the_redirect_address_must_be_the_same_both_times(reading: Agency) -> None:
    code = httpx.URL(reading.code(redirect_uri="http://here.example/x").headers["location"]).params["code"]
    assert reading.token(grant_type="authorization_code", code=code).json()["error"] == "invalid_grant"


def test_a_wrong_secret_is_an_invalid_client(reading: Agency) -> None:
    answer = reading.token(grant_type="refresh_token", refresh_token="x", client_secret="?")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_a_refresh_token_is_replaced_whenever_it_is_used(reading: Agency) -> None:
    first = reading.tokens()["refresh_token"]
    second = reading.token(grant_type="refresh_token", refresh_token=first).json()
    assert second["refresh_token"] != first
    assert reading.login(second["access_token"]).status_code == 200
    assert reading.token(grant_type="refresh_token", refresh_token=first).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_access_token_opens_a_session(reading: Agency, method: str) -> None:
    params = {"version": "2.0", "access_token": reading.tokens()["access_token"]}
    session = reading.client.request(method, "/rest-services/login", params=params).json()
    assert session["restUrl"] == f"{str(reading.client.base_url).rstrip('/')}/rest-services/e999/"
    assert session["BhRestToken"]


def test_an_access_token_is_too_old_after_ten_minutes(agency: Agency) -> None:
    token = agency.tokens()["access_token"]
    agency.fake.clock_ahead = timedelta(minutes=10, seconds=1)
    answer = agency.login(token)
    assert answer.status_code == 400
    assert answer.json() == {
        "errorMessage": "Invalid or expired OAuth access token.",
        "errorMessageKey": "errors.authentication.invalidOAuthToken",
        "errorCode": 400,
    }


def test_good_tokens_are_refused_now_and_then(agency: Agency) -> None:
    agency.fake.switches.refused_logins = 2
    token = agency.tokens()["access_token"]
    assert [agency.login(token).status_code for _ in range(3)] == [400, 400, 200]


def test_sessions_are_limited_and_logging_out_makes_room(agency: Agency) -> None:
    agency.fake.switches.most_sessions = 1
    token = agency.tokens()["access_token"]
    assert agency.login(token).json()["errorMessageKey"] == "errors.authentication.tooManySessions"
    assert agency.get("logout") == {"logout": "OK"}
    assert agency.fake.sessions.open == 0
    assert agency.login(token).status_code == 200


def test_the_session_may_be_named_in_header_query_or_cookie(reading: Agency) -> None:
    token = reading.client.headers["BhRestToken"]
    url = f"{reading.client.base_url}/rest-services/e999/ping"
    assert httpx.get(url, headers={"bhresttoken": token}, trust_env=False).status_code == 200
    assert httpx.get(url, params={"BhRestToken": token}, trust_env=False).status_code == 200
    assert httpx.get(url, headers={"cookie": f"BhRestToken={token}"}, trust_env=False).status_code == 200
    assert httpx.get(url, trust_env=False).status_code == 412


def test_a_session_that_is_over_or_was_never_is_refused(agency: Agency) -> None:
    agency.sign_in(ttl=30)
    expires = datetime.fromtimestamp(agency.get("ping")["sessionExpires"] / 1000, UTC)
    assert timedelta(minutes=29) < expires - datetime.now(UTC) <= timedelta(minutes=30)
    agency.fake.clock_ahead = timedelta(minutes=31)
    status, body = agency.refused("GET", "ping")
    assert (status, body) == (
        401,
        {
            "errorMessage": "Bad 'BhRestToken' or timed-out.",
            "errorMessageKey": "errors.authentication.invalidRestToken",
            "errorCode": 401,
        },
    )


def test_a_longer_session_than_allowed_is_cut(agency: Agency) -> None:
    agency.sign_in(ttl=100_000)
    expires = datetime.fromtimestamp(agency.get("ping")["sessionExpires"] / 1000, UTC)
    assert expires - datetime.now(UTC) <= timedelta(minutes=2880)


def test_after_expiry_of_everything_the_refresh_token_still_works(agency: Agency) -> None:
    refresh = agency.tokens()["refresh_token"]
    agency.fake.expire()
    assert agency.refused("GET", "ping")[0] == 401
    assert agency.token(grant_type="refresh_token", refresh_token=refresh).status_code == 200


def test_another_data_centre_is_redirected_to_on_every_step() -> None:
    with an_agency() as right, an_agency() as wrong:
        base = str(right.client.base_url).rstrip("/")
        wrong.fake.switches.elsewhere = base
        for path in ("/oauth/authorize?client_id=a%20b", "/rest-services/login?version=*", "/rest-services/e999/ping"):
            answer = wrong.client.get(path)
            assert (answer.status_code, answer.headers["location"]) == (307, f"{base}{path}")
        assert wrong.client.get("/rest-services/loginInfo?username=x").status_code == 200
        followed = wrong.client.post("/oauth/token", data={"grant_type": "x"}, follow_redirects=True)
        assert followed.json()["error"] == "invalid_client"


def test_so_many_calls_a_minute_and_then_429(agency: Agency) -> None:
    agency.fake.switches.calls_per_minute = 3
    assert [agency.call("GET", "ping").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert "retry-after" not in agency.call("GET", "ping").headers
    agency.fake.clock_ahead = timedelta(seconds=61)
    assert agency.call("GET", "ping").status_code == 200
