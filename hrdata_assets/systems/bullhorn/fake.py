"""A Bullhorn of our own, over HTTP on this machine: sign-in, search, query, events, writing, and what goes wrong."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hrdata_assets.systems.bullhorn.fake_calls import Asked, Calls, read_request
from hrdata_assets.systems.bullhorn.fake_conditions import Paths
from hrdata_assets.systems.bullhorn.fake_errors import Refused, answer, of_status, refused
from hrdata_assets.systems.bullhorn.fake_events import Events
from hrdata_assets.systems.bullhorn.fake_reading import Reading
from hrdata_assets.systems.bullhorn.fake_rows import Rows
from hrdata_assets.systems.bullhorn.fake_schema import Entity, Schema
from hrdata_assets.systems.bullhorn.fake_sessions import CORPORATION, Sessions
from hrdata_assets.systems.bullhorn.fake_store import Store
from hrdata_assets.systems.bullhorn.fake_switches import Switches
from hrdata_assets.systems.bullhorn.fake_world import Record, milliseconds
from hrdata_assets.systems.bullhorn.fake_writing import Writing
from hrdata_assets.systems.fakes.population import population
from hrdata_assets.systems.fakes.serving import Fake

METHODS = ["GET", "POST", "PUT", "DELETE"]


class BullhornFake(Fake):
    """An agency filled from the shared population: everybody is a candidate.

    Switches are those of `Switches`, by name; ``fake.switches`` holds them while it is served.
    """

    def __init__(self, people: int = 200, seed: int = 7, **switches: Any) -> None:
        super().__init__()
        self.switches = Switches(**switches)
        self.schema = Schema()
        self.store = Store(Rows(population(seed, people), self.switches.dirt))
        self.paths = Paths(self.schema, self.store)
        self.sessions = Sessions(self.switches, self.now)
        self.events = Events(self.schema, self.switches, self.now)
        self.reading = Reading(self.paths, self.switches, lambda: self.now().timestamp())
        self.writing = Writing(self.paths, self.events, self.switches, self.now)
        self._answers = Calls(self.sessions, self.reading, self.writing, self.events)
        self._minute: deque[datetime] = deque()

    def routes(self) -> list[Route]:
        """Discovery, OAuth, login, and all that is below the corporation's address."""
        return [
            Route("/rest-services/loginInfo", self._login_info),
            Route("/oauth/authorize", self._oauth(self._authorize), methods=["GET", "POST"]),
            Route("/oauth/token", self._oauth(self._token), methods=["POST"]),
            Route("/rest-services/login", self._oauth(self._login), methods=["GET", "POST"]),
            Route(f"/rest-services/{CORPORATION}/{{path:path}}", self._rest, methods=METHODS),
        ]

    def rate_limited(self, retry_after: float | None) -> Response:  # noqa: ARG002 - Bullhorn never says how long
        """429; how long to wait is not said."""
        return of_status(429).response

    def error(self, status: int) -> Response:
        """An error of the server's own."""
        return of_status(status).response

    def expire(self) -> None:
        """End all sessions and access tokens; refresh tokens stay good, unless `sessions.revoke` is called."""
        with self.lock:
            self.sessions.expire()

    def variables(self, url: str) -> dict[str, str]:
        """Settings by which it is reached at that address."""
        return {
            "BULLHORN_REST_URL": f"{url}/rest-services",
            "BULLHORN_CLIENT_ID": self.switches.client_id,
            "BULLHORN_CLIENT_SECRET": self.switches.client_secret,
            "BULLHORN_USERNAME": self.switches.username,
            "BULLHORN_PASSWORD": self.switches.password,
        }

    def add(self, name: str, /, **fields: Any) -> int:
        """Create a record behind the API's back, with whatever fields; answers its id. Moments may be datetimes."""
        with self.lock:
            return self.writing.add(self.schema[name], _stored(fields))

    def change(self, name: str, record_id: int, /, **fields: Any) -> None:
        """Change a record as a user does: its stamp moves to now, unless `dateLastModified` is among the fields."""
        with self.lock:
            self.writing.alter(self.schema[name], record_id, _stored(fields))

    def delete(self, name: str, record_id: int, *, ghost: bool = False) -> None:
        """Delete a record: softly, or for good, as its entity does it. Of a ghost the index never hears."""
        with self.lock:
            if ghost:
                self.store.lose(name, record_id)
                self.events.happened(name, record_id, "DELETED")
            else:
                self.writing.take_away(self.schema[name], record_id)

    def vanish(self, name: str, record_id: int) -> None:
        """Take a record out of everything, without an event or any other trace."""
        with self.lock:
            self.store.remove(name, record_id)

    def touch(self, name: str, ids: Sequence[int], at: datetime | None = None) -> None:
        """Give many records one stamp, as a mass update does."""
        with self.lock:
            self.writing.touch(self.schema[name], ids, at)

    def records(self, name: str, *, deleted: bool = False) -> list[Record]:
        """Records by id, softly deleted ones if wanted: what a whole sync must equal.

        Every field is there. A to-one is `{"id": …}`, a to-many the list of all its ids, soft-deleted ones left out.
        """
        with self.lock:
            entity, table = self.schema[name], self.store[name]
            found = (table.document(one) for one in table.ids().tolist())
            return [self._whole(entity, one) for one in found if deleted or not one.get("isDeleted")]

    def warm(self, name: str, fields: str) -> None:
        """Encode every record for a list of fields beforehand, so that a measurement does not measure the fake."""
        with self.lock:
            fragments = self.reading.fragments(name, {"fields": fields})
            for record_id in self.store[name].ids().tolist():
                fragments.of(record_id)

    def _whole(self, entity: Entity, record: Record) -> Record:
        whole = {name: record.get(name) for name in entity.fields}
        for field in entity.fields.values():
            if field.type == "TO_ONE" and whole[field.name] is not None:
                whole[field.name] = {"id": whole[field.name]}
            elif field.type == "TO_MANY":
                whole[field.name] = self.reading.live(field.entity, self.paths.many(record, field))
        return whole

    def _oauth(self, act: Callable[[Mapping[str, str], str], Response]) -> Callable[[Request], Any]:
        """A call that nobody has to be signed in for; parameters may stand in the query or in a form."""

        async def answered(request: Request) -> Response:
            return self._answered(request, await read_request(request), lambda one: act(one.given, one.base))

        return answered

    async def _rest(self, request: Request) -> Response:
        try:
            asked = await read_request(request, request.path_params["path"])
        except Refused as no:
            return no.response
        return self._answered(request, asked, self._answers.answer)

    def _answered(self, request: Request, asked: Asked, act: Callable[[Asked], Response]) -> Response:
        with self.lock:
            if self.switches.elsewhere:
                query = f"?{request.url.query}" if request.url.query else ""
                return RedirectResponse(f"{self.switches.elsewhere}{request.url.path}{query}", 307)
            try:
                self._count()
                return act(asked)
            except Refused as no:
                return no.response

    def _count(self) -> None:
        limit, now = self.switches.calls_per_minute, self.now()
        if limit is None:
            return
        while self._minute and self._minute[0] <= now - timedelta(minutes=1):
            self._minute.popleft()
        if len(self._minute) >= limit:
            raise of_status(429)
        self._minute.append(now)

    async def _login_info(self, request: Request) -> Response:
        base = f"{request.url.scheme}://{request.url.netloc}"
        if not request.query_params.get("username"):
            return refused(400, "The parameter username is missing", "errors.missingParameter").response
        return answer({"oauthUrl": f"{base}/oauth", "restUrl": f"{base}/rest-services"})

    def _authorize(self, given: Mapping[str, str], base: str) -> Response:
        return self.sessions.authorize(given, base)

    def _token(self, given: Mapping[str, str], _: str) -> Response:
        return self.sessions.token(given)

    def _login(self, given: Mapping[str, str], base: str) -> Response:
        return self.sessions.login(given, base)


def _stored(fields: Mapping[str, Any]) -> Record:
    """Values as they are held."""
    return {name: _value(value) for name, value in fields.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, Mapping) and set(value) == {"id"}:
        return value["id"]
    return tuple(value) if isinstance(value, list) else value
