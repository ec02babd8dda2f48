"""Serving a fake system: what is recorded, its clock, and that nothing of it is left."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.fakes.serving import Fake, serve, serving


class Counter(Fake):
    """A system that counts, and tells the time."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/count", self._count), Route("/time", self._time)]

    async def _count(self, _: Request) -> Response:
        return JSONResponse(self.count)

    async def _time(self, _: Request) -> Response:
        return JSONResponse(self.now().isoformat())

    def add(self) -> None:
        self.count += 1


def ask(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def test_it_is_up_when_it_says_so_and_gone_at_the_end() -> None:
    before = threading.active_count()
    with serving(Counter()) as url:
        assert ask(f"{url}/count").json() == 0
    assert threading.active_count() <= before + 1
    with pytest.raises(httpx.ConnectError):
        ask(f"{url}/count")


def test_calls_are_recorded_with_what_was_asked_and_answered() -> None:
    counter = Counter()
    with serving(counter) as url:
        ask(f"{url}/count?from=1&to=")
        ask(f"{url}/nothing%20here")
    assert [(call.method, call.path, call.query, call.status) for call in counter.calls] == [
        ("GET", "/count", {"from": "1", "to": ""}, 200),
        ("GET", "/nothing here", {}, 404),
    ]


def test_something_happens_right_before_the_second_answer() -> None:
    counter = Counter()
    counter.before_answer("/count", 2, counter.add)
    with serving(counter) as url:
        assert [ask(f"{url}/count").json() for _ in range(3)] == [0, 1, 1]


def test_what_happens_before_an_answer_may_ask_the_server_itself() -> None:
    counter = Counter()
    with serving(counter) as url:
        counter.before_answer("/count", 1, lambda: ask(f"{url}/time"))
        ask(f"{url}/count")
    assert [call.path for call in counter.calls] == ["/time", "/count"]


def test_its_clock_can_be_moved() -> None:
    counter = Counter()
    counter.clock_ahead = timedelta(hours=2)
    with serving(counter) as url:
        told = datetime.fromisoformat(ask(f"{url}/time").json())
    assert timedelta(minutes=119) < told - datetime.now(UTC) < timedelta(minutes=121)


def test_a_port_that_is_taken_is_said_so() -> None:
    with serving(Counter()) as url, pytest.raises(SetupError, match="take another port"):
        serve(Counter(), int(url.rpartition(":")[2]))


def test_in_the_foreground_it_serves_until_it_is_told_to_end() -> None:
    with serving(Counter()) as url:
        port = url.rpartition(":")[2]
    program = (
        "from hrdata_assets.systems.fakes.serving import serve\n"
        "from hrdata_assets_tests.systems.fakes.test_serving import Counter\n"
        f"serve(Counter(), {port})"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE)
    try:
        assert _eventually(f"{url}/count") == 0
    finally:
        process.terminate()
        _, noise = process.communicate(timeout=60)
    assert (process.returncode, noise) == (-15, b"")


def _eventually(url: str) -> object:
    for _ in range(200):
        try:
            return ask(url).json()
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("nobody answers")
