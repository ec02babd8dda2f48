"""A fake HubSpot that is served, and calls as a client makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from hrdata_assets.systems.fakes.serving import serving
from hrdata_assets.systems.hubspot.fake import HubSpotFake

Row = dict[str, Any]


@dataclass
class Crm:
    """The fake, and somebody who may call it."""

    fake: HubSpotFake
    client: httpx.Client

    @property
    def url(self) -> str:
        return str(self.client.base_url)

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A call below ``/crm/v3/objects/``, or anywhere if the path begins with a slash."""
        return self.client.request(method, path if path.startswith("/") else f"/crm/v3/objects/{path}", **more)

    def get(self, path: str, **params: Any) -> Row:
        """What a call that must succeed answers."""
        answer = self.call("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(self, path: str, body: Any, status: int = 200) -> Row:
        """The same for one with a body."""
        answer = self.call("POST", path, json=body)
        assert answer.status_code == status, answer.text
        return dict(answer.json()) if answer.content else {}

    def refused(self, method: str, path: str, **more: Any) -> tuple[int, Row]:
        """Status and body of a call that must fail."""
        answer = self.call(method, path, **more)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, dict(answer.json())

    def listed(self, name: str, **params: Any) -> list[Row]:
        """All records, page after page."""
        page = self.get(name, **{"limit": 100, **params})
        rows = list(page["results"])
        while "paging" in page:
            page = self.get(name, **{"limit": 100, **params, "after": page["paging"]["next"]["after"]})
            rows += page["results"]
        return rows

    def search(self, name: str, *filters: Row, **body: Any) -> Row:
        """A page of a search with one group of filters."""
        groups = [{"filters": list(filters)}] if filters else []
        return self.post(f"{name}/search", {"filterGroups": groups, "limit": 200, **body})

    def found(self, name: str, *filters: Row, **body: Any) -> list[str]:
        """Ids that a search finds on its first page."""
        return [row["id"] for row in self.search(name, *filters, **body)["results"]]

    def not_searched(self, name: str, body: Any) -> str:
        """What a search that is refused says."""
        status, said = self.refused("POST", f"{name}/search", json=body)
        assert (status, said["status"], said["category"]) == (400, "error", "VALIDATION_ERROR")
        return str(said["message"])

    def ids(self, name: str) -> list[str]:
        """Ids of all live records."""
        return [row["id"] for row in self.fake.records(name)]


def where(name: str, operator: str, value: Any = None, high: Any = None) -> Row:
    """A filter as it is written in JSON."""
    found = {"propertyName": name, "operator": operator}
    if isinstance(value, list):
        return {**found, "values": value}
    more = {"value": value, "highValue": high}
    return {**found, **{key: one for key, one in more.items() if one is not None}}


@contextmanager
def a_crm(people: int = 60, **switches: Any) -> Iterator[Crm]:
    """An account for the length of a block, and a client with the private app's token."""
    fake = HubSpotFake(people=people, **{"dirt": 0.0, **switches})
    headers = {"Authorization": f"Bearer {fake.switches.access_token}"}
    with serving(fake) as url, httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
        yield Crm(fake, client)
