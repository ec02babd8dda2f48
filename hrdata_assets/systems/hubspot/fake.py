"""A HubSpot of our own, over HTTP on this machine: the CRM API's objects, and what goes wrong with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hrdata_assets.systems.fakes.population import population
from hrdata_assets.systems.fakes.serving import Fake
from hrdata_assets.systems.hubspot.fake_associations import Associations
from hrdata_assets.systems.hubspot.fake_batches import Batches
from hrdata_assets.systems.hubspot.fake_calls import Asked, Calls, read_request
from hrdata_assets.systems.hubspot.fake_errors import Refused, of_status
from hrdata_assets.systems.hubspot.fake_limits import Limits
from hrdata_assets.systems.hubspot.fake_objects import account
from hrdata_assets.systems.hubspot.fake_reading import Reading
from hrdata_assets.systems.hubspot.fake_records import Records
from hrdata_assets.systems.hubspot.fake_schema import ID, ObjectType
from hrdata_assets.systems.hubspot.fake_search import Search
from hrdata_assets.systems.hubspot.fake_shown import Fragments, named, shown
from hrdata_assets.systems.hubspot.fake_store import Store
from hrdata_assets.systems.hubspot.fake_switches import Switches
from hrdata_assets.systems.hubspot.fake_tokens import Tokens
from hrdata_assets.systems.hubspot.fake_values import as_text, iso, milliseconds
from hrdata_assets.systems.hubspot.fake_writing import Writing

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class HubSpotFake(Fake):
    """An account filled from the shared population: everybody is a contact, every job a deal.

    Switches are those of `Switches`, by name; ``fake.switches`` holds them while it is served. Objects are called
    contacts, companies and deals; ids are text, but numbers will do.
    """

    def __init__(self, people: int = 200, seed: int = 7, **switches: Any) -> None:
        super().__init__()
        self.switches = Switches(**switches)
        self.schema = account()
        """``schema["contacts"].put(Property(…))`` and ``.remove("phone")`` change what contacts have."""

        self.tokens = Tokens(self.switches, self.now)
        self.limits = Limits(self.switches, self.now)
        self.store = Store(self.schema, Records(population(seed, people), self.switches.dirt), self.switches, self.now)
        self._associations = Associations(self.store)
        self._fragments = Fragments()
        reading = Reading(self.store, self._associations, self._fragments)
        self._writing = Writing(self.store, self._associations, reading)
        self._calls = Calls(
            store=self.store,
            tokens=self.tokens,
            limits=self.limits,
            reading=reading,
            search=Search(self.store, self._fragments),
            writing=self._writing,
            batches=Batches(self.store, reading, self._writing),
            associations=self._associations,
        )

    def routes(self) -> list[Route]:
        """The token endpoint, and everything else behind the bearer check."""
        return [
            Route("/oauth/v1/token", self._token, methods=["POST"]),
            Route("/{path:path}", self._api, methods=METHODS),
        ]

    def rate_limited(self, retry_after: float | None) -> Response:
        """429 for the limit that the switches name."""
        return self.limits.refusal(self.switches.policy, retry_after)

    def error(self, status: int) -> Response:
        """An error of HubSpot's own: 423, 477, 503 and the like as JSON, those of proxies as a page."""
        response = of_status(status)
        if status == 477:
            response.headers["Retry-After"] = str(self.switches.migration_seconds)
        return response

    def expire(self) -> None:
        """Tokens of OAuth are over, the private app's is revoked; refresh tokens stay good."""
        with self.lock:
            self.tokens.expire()

    def variables(self, url: str) -> dict[str, str]:
        """Settings by which it is reached at that address."""
        if self.switches.private_app:
            return {"HUBSPOT_BASE_URL": url, "HUBSPOT_ACCESS_TOKEN": self.switches.access_token}
        return {
            "HUBSPOT_BASE_URL": url,
            "HUBSPOT_CLIENT_ID": self.switches.client_id,
            "HUBSPOT_CLIENT_SECRET": self.switches.client_secret,
            "HUBSPOT_REFRESH_TOKEN": self.switches.refresh_token,
        }

    def add(self, name: str, /, **fields: Any) -> str:
        """Create a record behind the API's back, with whatever properties; answers its id."""
        with self.lock:
            return self.store.create(self.schema[name], _stored(fields))[ID]

    def change(self, name: str, record_id: str | int, /, **fields: Any) -> None:
        """Change a record as a user does: its stamp moves to now, unless it is among the properties; None empties."""
        kind = self.schema[name]
        with self.lock:
            self.store.change(kind, self._live(kind, record_id), _stored(fields))

    def delete(self, name: str, record_id: str | int) -> None:
        """Put a record into the archive."""
        kind = self.schema[name]
        with self.lock:
            self.store[kind].take(int(self._live(kind, record_id)[ID]), self.store.moment)

    def vanish(self, name: str, record_id: str | int) -> None:
        """Take a record out of everything, without any trace."""
        kind = self.schema[name]
        with self.lock:
            self.store[kind].take(int(self._live(kind, record_id)[ID]))

    def restore(self, name: str, record_id: str | int) -> None:
        """Take a record out of the archive; its stamp moves to now."""
        kind = self.schema[name]
        with self.lock:
            record = self.store[kind].archived.find(int(record_id))
            if record is None:
                raise KeyError(f"there is no archived {kind.singular} {record_id}")
            self.store.change(kind, record, {})

    def merge(self, name: str, winner: str | int, loser: str | int) -> str:
        """Merge one record into another; answers the id of what is left."""
        with self.lock:
            given = {"primaryObjectId": str(winner), "objectIdToMerge": str(loser)}
            return self._writing.merge(self.schema[name], given)[ID]

    def erase(self, record_id: str | int) -> None:
        """Delete a contact for good, as the law wants it; nothing says that it was there."""
        with self.lock:
            self._writing.erase(self.schema["contacts"], {"objectId": str(record_id)})

    def associate(
        self, name: str, record_id: str | int, target: str, other: str | int, *, primary: bool = False
    ) -> None:
        """Link two records, both ways."""
        kinds = self.schema[name], self.schema[target]
        with self.lock:
            ids = [int(self._live(kind, one)[ID]) for kind, one in zip(kinds, (record_id, other), strict=True)]
            self._writing.associate(kinds[0], ids[0], kinds[1], ids[1], primary=primary)

    def dissociate(self, name: str, record_id: str | int, target: str, other: str | int) -> None:
        """Take the link of two records away, both ways."""
        pair = self.schema[name].name, self.schema[target].name
        with self.lock:
            self._associations.unlink(pair, int(record_id), int(other))

    def touch(self, name: str, ids: Sequence[str | int], at: datetime | None = None) -> None:
        """Give many records one stamp, as an import does."""
        kind = self.schema[name]
        with self.lock:
            live = self.store[kind].live
            if missing := [one for one in ids if not live.has(int(one))]:
                raise KeyError(f"there is no {kind.singular} {missing[0]}")
            self.store.stamp(kind, map(int, ids), self.store.moment if at is None else iso(milliseconds(at)))

    def records(self, name: str, *, archived: bool = False) -> list[dict[str, Any]]:
        """Live records by id as the API tells them, with every property: what a whole sync must equal.

        Or the archived ones.
        """
        kind = self.schema[name]
        with self.lock:
            shelf, names = self.store[kind], sorted(kind.properties)
            if archived:
                return [shown(kind, one, names, shelf.when_archived(one)) for one in shelf.archived]
            return [shown(kind, one, names) for one in shelf.live]

    def warm(self, name: str, properties: Sequence[str] = ()) -> None:
        """Encode every record for these properties beforehand, so that a measurement does not measure the fake."""
        kind = self.schema[name]
        with self.lock:
            table = self.store[kind].live
            self._fragments.listed(table, table.columns.id.tolist(), named(kind, properties, refuse=True))

    def _live(self, kind: ObjectType, record_id: str | int) -> dict[str, str]:
        record = self.store[kind].live.find(int(record_id))
        if record is None:
            raise KeyError(f"there is no {kind.singular} {record_id}")
        return record

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        with self.lock:
            return self.tokens.grant(form)

    async def _api(self, request: Request) -> Response:
        asked = await read_request(request)
        with self.lock:
            try:
                private = self.tokens.check(asked.authorization)
            except Refused as no:
                return no.response
            response = self.limits.spend(search=asked.is_search) or self._answered(asked)
            if not asked.is_search:
                response.headers.update(self.limits.headers(private=private))
        response.headers.setdefault("X-HubSpot-Correlation-Id", str(uuid4()))
        return response

    def _answered(self, asked: Asked) -> Response:
        try:
            return self._calls.answer(asked)
        except Refused as no:
            return no.response


def _stored(fields: Mapping[str, Any]) -> dict[str, str]:
    """Values as they are held, whether the properties take them or not."""
    return {name: as_text(value) for name, value in fields.items()}
