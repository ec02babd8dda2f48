"""An org in the process itself, and a client that has signed in to it."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from hrdata_assets.systems.salesforce.fake import SalesforceFake

BASE = "/services/data/v66.0/"
TOKEN = "/services/oauth2/token"


class Client:
    """Calls below ``/services/data/v66.0/`` by relative addresses, any others by those that begin with a slash."""

    def __init__(self, fake: SalesforceFake) -> None:
        self.fake = fake
        self.headers: dict[str, str] = {}
        self._loop = asyncio.Runner()
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(fake.app), base_url="http://org.example")
        self.sign_in()

    def close(self) -> None:
        self._loop.close()

    def sign_in(self) -> None:
        answer = self.token(grant_type="client_credentials")
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def token(self, **form: str) -> httpx.Response:
        """Ask for a token with the app's id and secret, unless the form has others."""
        app = {"client_id": self.fake.switches.client_id, "client_secret": self.fake.switches.client_secret}
        return self.ask("POST", TOKEN, data={**app, **form})

    def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        more["headers"] = {**self.headers, **more.get("headers", {})}
        return self._loop.run(self._http.request(method, url if url.startswith("/") else BASE + url, **more))

    def get(self, url: str, **params: Any) -> httpx.Response:
        return self.ask("GET", url, **({"params": params} if params else {}))

    def post(self, url: str, body: Any, **more: Any) -> httpx.Response:
        return self.ask("POST", url, json=body, **more)

    def patch(self, url: str, body: Any, **more: Any) -> httpx.Response:
        return self.ask("PATCH", url, json=body, **more)

    def delete(self, url: str, **params: Any) -> httpx.Response:
        return self.ask("DELETE", url, params=params)

    def query(self, soql: str, resource: str = "query", **headers: str) -> list[dict[str, Any]]:
        """All records, page after page."""
        answer = self.ask("GET", resource, params={"q": soql}, headers=headers).json()
        records = answer["records"]
        while not answer["done"]:
            answer = self.ask("GET", answer["nextRecordsUrl"], headers=headers).json()
            records += answer["records"]
        return records

    def ids(self, soql: str, resource: str = "query") -> list[str]:
        return [record["Id"] for record in self.query(soql, resource)]


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    (error,) = answer.json()
    return answer.status_code, error["errorCode"]


Connect = Callable[..., Client]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Clients of further orgs, by their switches."""
    clients: list[Client] = []

    def connect(**switches: Any) -> Client:
        clients.append(Client(SalesforceFake(**switches)))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def org(connect: Connect) -> Client:
    """A client of an org with forty contacts."""
    return connect(people=40)
