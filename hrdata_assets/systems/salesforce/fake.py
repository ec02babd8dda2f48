"""A Salesforce org of our own, over HTTP on this machine: REST and Bulk API 2.0, and what goes wrong with them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hrdata_assets.systems.fakes.population import population
from hrdata_assets.systems.fakes.serving import Fake
from hrdata_assets.systems.salesforce.fake_answers import whole
from hrdata_assets.systems.salesforce.fake_calls import Answer
from hrdata_assets.systems.salesforce.fake_errors import concurrent_limit, unavailable
from hrdata_assets.systems.salesforce.fake_limits import Quota
from hrdata_assets.systems.salesforce.fake_org import TOKEN_PATH, Org
from hrdata_assets.systems.salesforce.fake_schema import TEXTS, ObjectType, Schema
from hrdata_assets.systems.salesforce.fake_switches import Switches
from hrdata_assets.systems.salesforce.fake_values import Row

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class SalesforceFake(Fake):
    """An org filled from the shared population: everybody is a contact, one in five a lead too.

    Switches are those of `Switches`, by name; ``fake.switches`` holds them while it runs.
    """

    def __init__(self, people: int = 200, seed: int = 7, **switches: Any) -> None:
        super().__init__()
        self.switches = Switches(**switches)
        self.org = Org(population(seed, people), self.switches, self.now)

    @property
    def schema(self) -> Schema:
        """Objects and fields; ``schema.hidden`` takes fields from the user, ``schema.add`` gives an object another."""
        return self.org.schema

    @property
    def quota(self) -> Quota:
        """Calls used of today's; ``quota.used`` may be set."""
        return self.org.quota

    def lose_cursors(self) -> None:
        """All queries that are being paged through are lost."""
        self.org.cursors.lose()

    def rate_limited(self, retry_after: float | None) -> Response:  # noqa: ARG002 - Salesforce names no time
        """403, as too many long calls at once are answered; there is no 429."""
        return _response(self.org.refused(concurrent_limit()))

    def error(self, status: int) -> Response:
        """An array with one error, as always."""
        return _response(self.org.refused(unavailable(status)))

    def expire(self) -> None:
        """Every session is over: the next call with one is answered 401."""
        self.org.tokens.end_all()

    def routes(self) -> list[Route]:
        """The token endpoint, the list of versions, and all that is below a version."""
        return [
            Route(TOKEN_PATH, self._token, methods=["POST"]),
            Route("/services/data", self._versions),
            Route("/services/data/{rest:path}", self._api, methods=METHODS),
        ]

    async def _token(self, request: Request) -> Response:
        base_url = f"{request.url.scheme}://{request.url.netloc}"
        return _response(self.org.sign_in(await request.body(), request.headers.get("authorization", ""), base_url))

    async def _versions(self, _: Request) -> Response:
        return _response(self.org.versions())

    async def _api(self, request: Request) -> Response:
        path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii")
        url = f"{path}?{request.url.query}" if request.url.query else path
        return _response(self.org.answer(request.method, url, request.headers, await request.body()))

    def variables(self, url: str) -> dict[str, str]:
        """Settings by which it is reached at that address."""
        return {
            "SALESFORCE_LOGIN_URL": url,
            "SALESFORCE_CLIENT_ID": self.switches.client_id,
            "SALESFORCE_CLIENT_SECRET": self.switches.client_secret,
        }

    def add(self, name: str, **fields: Any) -> str:
        """Create a record behind the API's back, with whatever fields; answers its id.

        Texts without which the org takes none are filled in.
        """
        kind = self._kind(name)
        needed = {one.name: "Unnamed" for one in kind.fields.values() if one.required and one.type in TEXTS}
        return self.org.store.insert(kind, {**needed, **fields})

    def change(self, name: str, record_id: str, **fields: Any) -> None:
        """Change a record as a user does: its stamps move on to now, or to what is given."""
        with self._held(name, record_id) as row:
            self.org.store.update(self._kind(name), row, fields)

    def delete(self, name: str, record_id: str) -> None:
        """Put a record into the recycle bin."""
        with self._held(name, record_id) as row:
            self.org.store.remove(self._kind(name), row)

    def merge(self, name: str, winner: str, loser: str) -> None:
        """Merge one record into another: the loser goes into the bin and says where it went, the winner is changed."""
        with self._held(name, loser) as row:
            self.org.store.remove(self._kind(name), row, winner)
            self.change(name, winner)

    def undelete(self, name: str, record_id: str) -> None:
        """Take a record out of the recycle bin."""
        with self._held(name, record_id) as row:
            self.org.store.restore(self._kind(name), row)

    def purge(self, name: str, record_id: str) -> None:
        """Remove a record from the recycle bin, as happens by itself after 15 days."""
        with self._held(name, record_id) as row:
            self.org.store.purge(self._kind(name), row)

    def vanish(self, name: str, record_id: str) -> None:
        """Take a record out of everything, without a trace."""
        self.purge(name, record_id)

    def touch(self, name: str, ids: Sequence[str], at: datetime | None = None) -> None:
        """Give many records one SystemModstamp, as a change of the system's own does."""
        self.org.store.touch(self._kind(name), list(ids), at)

    def records(self, name: str) -> list[Row]:
        """Live records by id, with every field but addresses as REST writes them: what a whole sync must equal."""
        kind = self._kind(name)
        with self.org.store.lock:
            table = self.org.store.tables[name]
            return [whole(kind, row) for row in table.rows(table.live.by_id)]

    def binned(self, name: str) -> list[Row]:
        """Records in the recycle bin, as `records` gives the live ones."""
        kind = self._kind(name)
        with self.org.store.lock:
            table = self.org.store.tables[name]
            return [whole(kind, row) for row in table.rows(table.every.by_id) if row["IsDeleted"]]

    def _kind(self, name: str) -> ObjectType:
        return self.schema.objects[name]

    @contextmanager
    def _held(self, name: str, record_id: str) -> Iterator[Row]:
        """A record that nobody else changes meanwhile."""
        with self.org.store.lock:
            row = self.org.store.tables[name].row(record_id)
            if row is None:
                raise KeyError(f"there is no {name} {record_id}")
            yield row


def _response(answer: Answer) -> Response:
    body, headers = answer.body, dict(answer.headers)
    if body is None:
        return Response(status_code=answer.status, headers=headers)
    kind = headers.pop("Content-Type", "application/json;charset=UTF-8")
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), answer.status, {**headers, "Content-Type": kind})
