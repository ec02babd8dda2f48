"""Faults on purpose, as a client meets them."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.fakes.faults import Fault, Faults
from hrdata_assets.systems.fakes.serving import Fake, serving


class Shop(Fake):
    """A system with one page and one token."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "t1"

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/wares", self._wares, methods=["GET", "POST"])]

    async def _wares(self, request: Request) -> Response:
        if request.headers.get("token") not in (None, self.token):
            return JSONResponse({"error": "who are you?"}, 401)
        return JSONResponse({"wares": list(range(100))})

    def rate_limited(self, retry_after: float | None) -> Response:
        return PlainTextResponse("slower, please", 429, {"wait": f"{retry_after}"})

    def error(self, status: int) -> Response:
        return JSONResponse({"broken": status}, status)

    def expire(self) -> None:
        self.token = "t2"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Shop, httpx.Client]]:
    shop = Shop()
    with serving(shop) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield shop, client


@pytest.fixture
def shop(served: tuple[Shop, httpx.Client]) -> Shop:
    served[0].faults.clear()
    return served[0]


@pytest.fixture
def client(served: tuple[Shop, httpx.Client]) -> httpx.Client:
    return served[1]


def test_the_third_and_fourth_matching_request_fail(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="status", path="/wares$", method="get", after=2, times=2, status=503))
    assert client.post("/wares").status_code == 200
    assert [client.get("/wares").status_code for _ in range(5)] == [200, 200, 503, 503, 200]
    assert shop.faults.struck == 2


def test_faults_come_in_order(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="status", status=502, times=1), Fault(kind="rate_limited", retry_after=2.5, times=None))
    answers = [client.get("/wares") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [502, 429, 429, 429]
    assert (answers[0].json(), answers[1].text, answers[1].headers["wait"]) == (
        {"broken": 502},
        "slower, please",
        "2.5",
    )


def test_an_answer_can_be_given_word_for_word(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(
        Fault(kind="status", status=400, body={"oops": [1]}, headers={"X-Odd": "1"}),
        Fault(kind="status", status=500, body="dead"),
    )
    first, second = client.get("/wares"), client.get("/wares")
    assert (first.json(), first.headers["x-odd"]) == ({"oops": [1]}, "1")
    assert (second.text, second.headers["content-type"]) == ("dead", "text/plain; charset=utf-8")


def test_an_answer_is_cut_off_in_the_middle(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="truncated"))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        client.get("/wares")
    assert client.get("/wares").status_code == 200


def test_half_an_answer_that_seems_complete_is_no_json(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="truncated", declared=False))
    answer = client.get("/wares")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|delimiter"):
        answer.json()


def test_nobody_answers(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="disconnect"))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/wares")
    assert shop.calls[-1].status == 0


def test_a_slow_answer_comes_whole_in_small_pieces(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="slow_drip", seconds=2))
    started = time.monotonic()
    # No piece takes longer than the time-out, which is one for each read.
    assert client.get("/wares", timeout=1).json() == {"wares": list(range(100))}
    assert time.monotonic() - started >= 1.9


def test_silence_before_the_answer_runs_into_the_time_out(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="stall", seconds=0.2))
    with pytest.raises(httpx.ReadTimeout):
        client.get("/wares", timeout=0.05)


def test_a_page_of_html_comes_with_200(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="html"))
    answer = client.get("/wares")
    assert (answer.status_code, answer.headers["content-type"][:9]) == (200, "text/html")


def test_tokens_are_void_from_the_request_on_that_meets_the_fault(shop: Shop, client: httpx.Client) -> None:
    shop.faults.add(Fault(kind="expire", after=1))
    assert [client.get("/wares", headers={"token": "t1"}).status_code for _ in range(3)] == [200, 401, 401]
    assert client.get("/wares", headers={"token": "t2"}).status_code == 200


def test_faults_are_read_from_yaml_and_from_json(tmp_path: Path) -> None:
    as_yaml, as_json = tmp_path / "faults.yaml", tmp_path / "faults.json"
    as_yaml.write_text("faults:\n  - {kind: slow_drip, path: ^/wares, seconds: 5}\n", encoding="utf-8")
    as_json.write_text('[{"kind": "slow_drip", "path": "^/wares", "seconds": 5}]', encoding="utf-8")
    expected = Fault(kind="slow_drip", path="^/wares", seconds=5)
    assert (
        Faults.from_file(as_yaml).next("GET", "/wares") == Faults.from_file(as_json).next("GET", "/wares") == expected
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {kind: nonsense}", "fault 1, kind: Input should be 'status'"),
        ("- {kind: html}\n- {kind: html, path: '('}", "fault 2, path: .*no regular expression"),
        ("- {kind: html, tims: 3}", "fault 1, tims: Extra inputs are not permitted"),
        ("- [1, 2", "neither YAML nor JSON"),
        ("kind: html", "the list: Input should be a valid list"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_and_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SetupError, match=said):
        Faults.from_file(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"none\.yaml cannot be read"):
        Faults.from_file(tmp_path / "none.yaml")
