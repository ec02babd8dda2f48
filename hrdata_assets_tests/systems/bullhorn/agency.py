"""A fake Bullhorn that is served, and somebody who is signed in to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from hrdata_assets.systems.bullhorn.fake import BullhornFake
from hrdata_assets.systems.fakes.serving import serving

Row = dict[str, Any]


@dataclass
class Agency:
    """The fake, and calls as a client makes them."""

    fake: BullhornFake
    client: httpx.Client

    def code(self, **changed: Any) -> httpx.Response:
        """The answer to a name and a password."""
        switches = self.fake.switches
        asked = {
            "client_id": switches.client_id,
            "response_type": "code",
            "action": "Login",
            "username": switches.username,
            "password": switches.password,
        }
        return self.client.get("/oauth/authorize", params={**asked, **changed})

    def token(self, **form: str) -> httpx.Response:
        """The answer to a code or a refresh token."""
        known = {"client_id": self.fake.switches.client_id, "client_secret": self.fake.switches.client_secret}
        return self.client.post("/oauth/token", data={**known, **form})

    def tokens(self) -> Row:
        """Tokens for a fresh code."""
        code = httpx.URL(self.code().headers["location"]).params["code"]
        return dict(self.token(grant_type="authorization_code", code=code).json())

    def login(self, access_token: str, **more: Any) -> httpx.Response:
        """The answer to an access token."""
        return self.client.post("/rest-services/login", params={"version": "*", "access_token": access_token, **more})

    def sign_in(self, **more: Any) -> None:
        """From now on calls are made in a session."""
        session = self.login(self.tokens()["access_token"], **more).json()
        self.client.headers["BhRestToken"] = session["BhRestToken"]

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A call below the corporation's address."""
        return self.client.request(method, f"/rest-services/e999/{path}", **more)

    def get(self, path: str, **params: Any) -> Row:
        """What a call that must succeed answers."""
        answer = self.call("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def search(self, query: str, entity: str = "Candidate", **params: Any) -> list[Any]:
        """Rows that a search finds."""
        return list(self.get(f"search/{entity}", query=query, **{"count": 500, **params})["data"])

    def found(self, query: str, entity: str = "Candidate") -> set[int]:
        """Ids that a search finds."""
        return set(self.search(query, entity))

    def query(self, where: str, entity: str = "Candidate", **params: Any) -> list[Row]:
        """Rows that a query finds."""
        answered = self.get(f"query/{entity}", where=where, **{"count": 500, "fields": "id", **params})
        return list(answered["data"])

    def asked(self, where: str, entity: str = "Candidate") -> set[int]:
        """Ids that a query finds."""
        return {row["id"] for row in self.query(where, entity)}

    def refused(self, method: str, path: str, **more: Any) -> tuple[int, Row]:
        """Status and body of a call that must fail."""
        answer = self.call(method, path, **more)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, dict(answer.json())


@contextmanager
def an_agency(people: int = 60, **switches: Any) -> Iterator[Agency]:
    """An agency for the length of a block, with somebody signed in."""
    fake = BullhornFake(people=people, **{"dirt": 0.0, **switches})
    with serving(fake) as url, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        agency = Agency(fake, client)
        if switches.get("consent_given", True):
            agency.sign_in()
        yield agency
