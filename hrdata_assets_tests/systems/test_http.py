"""One way to talk to a system: what is repeated, what is not, how long, how much, and with whom."""

import datetime
import gzip
import logging
import threading
import time
from email.utils import format_datetime

import pytest

from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.systems.answers import (
    Answer,
    MalformedPageError,
    OutOfQuotaError,
    RefusedError,
    SignInError,
    Unavailable,
    seconds_of,
)
from hrdata_assets.systems.auth import basic, bearer
from hrdata_assets.systems.http import Client, Hosts, Limits
from hrdata_assets.systems.pacing import CircuitBreaker, TokenBucket
from hrdata_assets_tests.systems.answering import Said, answering

LOCAL = Hosts(("127.0.0.1",), private=True)
QUICK = Limits(per_minute=60_000, burst=100, pause=0.01)


def a_client(**more: object) -> Client:
    return Client("crm", LOCAL, **{"limits": QUICK, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 521, 423, 408])
def test_what_may_pass_is_asked_again(status: int) -> None:
    with answering(Said(status), Said(status), Said(body={"ok": 1})) as server, a_client() as client:
        assert client.get(f"{server.url}/page").json() == {"ok": 1}
        assert len(server.asked) == client.calls.total == 3
        assert (client.calls.repeated, client.calls.throttled) == (2, 2 if status == 429 else 0)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, RefusedError), (401, SignInError), (403, RefusedError), (404, RefusedError)]
)
def test_what_no_repetition_helps_is_asked_once(status: int, kind: type[Exception]) -> None:
    with answering(Said(status, "secret words")) as server, a_client() as client:
        with pytest.raises(kind, match=f"crm answered {status} for /page") as refused:
            client.get(f"{server.url}/page", {"query": "a person's name"})
        assert len(server.asked) == 1
    assert "secret words" not in str(refused.value)
    assert "person" not in str(refused.value)


def test_after_five_attempts_it_is_given_up() -> None:
    with answering(Said(503)) as server, a_client() as client:
        with pytest.raises(Unavailable, match="crm answered 503 for /page"):
            client.get(f"{server.url}/page")
        assert len(server.asked) == 5


def test_as_long_as_it_is_asked_to_it_waits() -> None:
    with answering(Said(429, headers={"Retry-After": "0.4"}), Said()) as server, a_client() as client:
        began = time.monotonic()
        client.get(f"{server.url}/page")
        assert 0.4 <= time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3", 3.0), ("0", 0.0), ("-4", 0.0), ("10000", 60.0), ("soon", None), ("nan", None), (None, None)],
)
def test_retry_after_in_seconds_is_obeyed_within_a_minute(text: str | None, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


def test_retry_after_may_be_a_date() -> None:
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=20)
    assert 15 < (seconds_of(format_datetime(soon, usegmt=True)) or 0) <= 20
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_a_body_that_is_cut_off_is_asked_for_again() -> None:
    whole = {"data": list(range(100))}
    with answering(Said(body=whole, cut=50), Said(body=whole)) as server, a_client() as client:
        assert client.get(f"{server.url}/page").json() == whole


def test_a_body_that_drips_is_given_up_as_a_whole() -> None:
    limits = Limits(per_minute=60_000, seconds=0.5, attempts=2, pause=0.01)
    with answering(Said(body="x" * 200, drip=0.05)) as server, a_client(limits=limits) as client:
        began = time.monotonic()
        with pytest.raises(Unavailable, match=r"did not answer /page within 0\.5 s"):
            client.get(f"{server.url}/page")
        assert time.monotonic() - began < 9  # and 10 s if it were read whole


def test_nobody_there_is_unavailable() -> None:
    with answering() as server:
        gone = server.url
    with a_client() as client, pytest.raises(Unavailable, match="cannot be reached: ConnectError"):
        client.get(f"{gone}/page")


def test_an_answer_larger_than_allowed_when_unpacked_is_refused() -> None:
    packed = Said(body=gzip.compress(b"0" * 5_000_000), headers={"Content-Encoding": "gzip"})
    limits = Limits(per_minute=60_000, most_bytes=1_000_000)
    with answering(packed) as server, a_client(limits=limits) as client:
        with pytest.raises(DeliveryError, match="more than 1000000 bytes"):
            client.get(f"{server.url}/page")
        assert len(server.asked) == 1


@pytest.mark.parametrize("body", ["<html>maintenance</html>", "", '{"data": [1, 2', "\ufeff{}", '{"n": NaN}'])
def test_what_is_no_json_is_malformed(body: str) -> None:
    with answering(Said(body=body)) as server, a_client() as client, pytest.raises(MalformedPageError):
        client.get(f"{server.url}/page").json()


def test_fractions_keep_every_digit() -> None:
    with answering(Said(body='{"salary": 85000.10, "id": 12345678901234567}')) as server, a_client() as client:
        told = client.get(f"{server.url}/page").json()
    assert (str(told["salary"]), told["id"]) == ("85000.10", 12345678901234567)


def test_other_hosts_are_not_asked() -> None:
    with a_client() as client, pytest.raises(SetupError, match=r"example\.com is none of the system's hosts"):
        client.get("https://example.com/page")


def test_a_name_that_only_ends_like_the_system_is_another_host() -> None:
    hosts = Hosts((".crm.example",))
    hosts.admit("https://rest9.crm.example/x")
    for url in ("https://evilcrm.example/x", "https://crm.example.evil.example/x", "https://crm.example@evil.example/"):
        with pytest.raises(SetupError, match="none of the system's hosts"):
            hosts.admit(url)


def test_only_a_fake_is_asked_in_the_clear_or_at_a_private_address() -> None:
    with pytest.raises(SetupError, match="over https only"):
        Hosts(("crm.example",)).admit("http://crm.example/")
    public = Hosts(("127.0.0.1",))
    for address in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1%eth0", "fd00::1"):
        with pytest.raises(SetupError, match="private network"):
            public.admit_address(address)
    public.admit_address("93.184.215.14")


def test_nothing_is_said_to_a_private_address_that_a_name_leads_to() -> None:
    class Unchecked(Hosts):
        def admit(self, url: str) -> None:
            """Plain http, so that a local server can stand for one behind a public name."""

    with answering(Said()) as server, Client("crm", Unchecked(("127.0.0.1",)), limits=QUICK) as client:
        with pytest.raises(SetupError, match="private network"):
            client.get(f"{server.url}/page")
        assert server.asked == []


def test_a_redirect_within_the_system_is_followed_with_its_method_and_not_to_others() -> None:
    with answering(Said(body={"here": 1})) as other:
        with answering(Said(307, headers={"Location": f"{other.url}/moved?q=1"})) as server, a_client() as client:
            assert client.post(f"{server.url}/page", json={"a": 1}).json() == {"here": 1}
            assert (other.asked[0].method, other.asked[0].path, other.asked[0].body) == (
                "POST",
                "/moved?q=1",
                b'{"a":1}',
            )
        away = Said(302, headers={"Location": "https://elsewhere.example/x"})
        with answering(away) as server, a_client() as client, pytest.raises(SetupError, match=r"elsewhere\.example"):
            client.get(f"{server.url}/page")


def test_a_redirect_without_end_ends() -> None:
    endless = pytest.raises(RefusedError, match="without end")
    with answering(Said(307, headers={"Location": "/page"})) as server, a_client() as client, endless:
        client.get(f"{server.url}/page")


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with answering(Said(body={"direct": 1})) as server, a_client() as client:
        assert client.get(f"{server.url}/page").json() == {"direct": 1}


def test_who_asks_is_said_only_where_it_is_meant_to_be() -> None:
    with answering(Said()) as server, a_client(sign_in=bearer("t0ken")) as client:
        client.get(f"{server.url}/page")
        client.get(f"{server.url}/signed", signed=False)
        assert [a.headers.get("Authorization") for a in server.asked] == ["Bearer t0ken", None]
        assert server.asked[0].headers["User-Agent"] == "hrdata_assets"


def test_basic_is_as_the_standard_has_it() -> None:
    assert basic("Aladdin", "open sesame").said == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}


def test_no_address_query_or_header_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(Said(503), Said()) as server, a_client(sign_in=bearer("t0ken")) as client:
        client.get(f"{server.url}/page", {"password": "hunter2"})
    assert "hunter2" not in caplog.text
    assert "t0ken" not in caplog.text
    assert "asked again" in caplog.text


def test_a_quota_that_is_used_up_stops_at_once() -> None:
    def daily(answer: Answer) -> OutOfQuotaError | None:
        return OutOfQuotaError("crm: the day's calls are used up") if b"DAILY" in answer.content else None

    with answering(Said(429, {"policyName": "DAILY"})) as server, a_client(judge=daily) as client:
        with pytest.raises(OutOfQuotaError):
            client.get(f"{server.url}/page")
        assert len(server.asked) == 1


def test_so_many_calls_a_minute_and_no_more() -> None:
    limits = Limits(per_minute=600, burst=2)
    with answering(Said()) as server, a_client(limits=limits) as client:
        began = time.monotonic()
        threads = [threading.Thread(target=client.get, args=(f"{server.url}/page",)) for _ in range(7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.asked) == 7
        # Two at once, then one every tenth of a second.
        assert time.monotonic() - began >= 0.45


def test_a_bucket_fills_up_to_its_burst() -> None:
    now = [0.0]
    bucket = TokenBucket(60, burst=2, clock=lambda: now[0])
    assert [bucket.take() for _ in range(4)] == [0, 0, 1, 2]
    now[0] = 100
    assert [bucket.take() for _ in range(3)] == [0, 0, 1]


class TestCircuitBreaker:
    def fail(self, breaker: CircuitBreaker) -> None:
        with pytest.raises(SystemUnavailable, match="down"), breaker.call():
            raise SystemUnavailable("down")

    def test_opens_after_so_many_failures_and_tries_once_after_a_rest(self) -> None:
        now = [0.0]
        breaker = CircuitBreaker("crm", failures=2, rest=30, clock=lambda: now[0])
        self.fail(breaker)
        with breaker.call():
            pass
        self.fail(breaker)
        self.fail(breaker)
        with pytest.raises(SystemUnavailable, match="crm failed 2 times in a row"), breaker.call():
            pytest.fail("an open circuit lets nothing through")
        now[0] = 31
        with breaker.call(), pytest.raises(SystemUnavailable, match="left alone"), breaker.call():
            pytest.fail("one probe at a time")
        with breaker.call():
            pass

    def test_a_probe_that_fails_opens_it_again(self) -> None:
        now = [0.0]
        breaker = CircuitBreaker("crm", failures=1, rest=30, clock=lambda: now[0])
        self.fail(breaker)
        now[0] = 31
        self.fail(breaker)
        now[0] = 60
        with pytest.raises(SystemUnavailable, match="left alone"), breaker.call():
            pytest.fail("an open circuit lets nothing through")

    def test_what_is_refused_for_its_own_sake_says_nothing_of_the_system(self) -> None:
        breaker = CircuitBreaker("crm", failures=1, rest=30)
        with pytest.raises(RefusedError), breaker.call():
            raise RefusedError("no such field", 400)
        with breaker.call():
            pass


def test_a_system_that_is_down_is_left_alone() -> None:
    limits = Limits(per_minute=60_000, burst=100, pause=0.01, failures=5, rest=60)
    with answering(Said(503)) as server, a_client(limits=limits) as client:
        for _ in range(2):
            with pytest.raises(SystemUnavailable):
                client.get(f"{server.url}/page")
        assert len(server.asked) == 5
