"""A Bullhorn of our own, over HTTP on this machine: signing in, searching, events, and writing."""

import datetime
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import override

from hrdata_assets.systems.bullhorn.fake_events import Queue
from hrdata_assets.systems.bullhorn.fake_fields import FieldError, picker, read_fields
from hrdata_assets.systems.bullhorn.fake_language import LanguageError, Lucene, Where
from hrdata_assets.systems.bullhorn.fake_reading import find
from hrdata_assets.systems.bullhorn.fake_rows import Record, records_of, stamp
from hrdata_assets.systems.bullhorn.fake_session import SignIns
from hrdata_assets.systems.bullhorn.fake_store import Entity, Store
from hrdata_assets.systems.fakes.population import population
from hrdata_assets.systems.fakes.serving import Fake

MOST = 500
_INDEXED = frozenset({"Candidate", "ClientContact", "ClientCorporation", "JobOrder", "Placement"})
_REST = "/rest-services/e999"
Endpoint = Callable[[Request], Any]


class BullhornFake(Fake):
    """A customer filled from the shared population.

    ``page`` is how many records it gives at most, however many are asked for; ``hidden`` fields are confidential;
    ``may_subscribe`` says whether the user may listen for events.
    """

    def __init__(
        self, people: int = 200, seed: int = 7, *, page: int = MOST, hidden: Sequence[str] = (),
        may_subscribe: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.page, self.hidden, self.may_subscribe = page, frozenset(hidden), may_subscribe
        self.sign_ins = SignIns(self.now)
        self.store = Store(lambda: stamp(self.now()), records_of(population(seed, people)))
        self.queue = Queue()
        self.store.told.append(self.queue.hear)

    @override
    def expire(self) -> None:
        """Every session is over from now on."""
        self.sign_ins.end_all()

    @override
    def rate_limited(self, retry_after: float | None) -> Response:
        """Bullhorn names no time to wait."""
        return JSONResponse({"errorMessage": "Rate limit exceeded", "errorCode": 429}, 429)

    def variables(self, url: str) -> dict[str, str]:
        """Settings by which it is reached there."""
        known = self.sign_ins
        return {
            "BULLHORN_REST_URL": f"{url}/rest-services",
            "BULLHORN_CLIENT_ID": known.client_id,
            "BULLHORN_CLIENT_SECRET": known.client_secret,
            "BULLHORN_USERNAME": known.username,
            "BULLHORN_PASSWORD": known.password,
        }

    def add(self, name: str, **fields: Any) -> int:
        """Create a record with the fields of another and these; answers its id."""
        return self.store.insert(name, fields)

    def change(self, name: str, number: int, **fields: Any) -> None:
        """Change a record; its stamp moves on."""
        self.store.update(name, number, fields)

    def delete(self, name: str, number: int, *, ghost: bool = False) -> None:
        """Delete a record; a ghost is gone from the database and still in the index."""
        self.store.remove(name, number, ghost=ghost)

    def touch(self, name: str, numbers: Sequence[int], at: datetime.datetime | None = None) -> None:
        """Give many records one stamp."""
        self.store.stamp(name, numbers, stamp(at or self.now()))

    def records(self, name: str) -> list[Record]:
        """Live records by id: what a full sync must equal."""
        with self.store.lock:
            entity = self.store.entities[name]
            return [entity.rows[number] for number in entity.ids if not entity.rows[number].get("isDeleted")]

    def routes(self) -> list[Route]:
        """Signing in, and everything below the customer's own address."""
        signed = [
            ("/ping", self._ping, ["GET"]),
            ("/logout", self._logout, ["GET"]),
            ("/meta", self._entities, ["GET"]),
            ("/meta/{name}", self._meta, ["GET"]),
            ("/search/{name}", self._search, ["GET", "POST"]),
            ("/query/{name}", self._query, ["GET", "POST"]),
            ("/event/subscription/{name}/lastRequestId", self._last_request, ["GET"]),
            ("/event/subscription/{name}", self._subscription, ["GET", "PUT", "DELETE"]),
            ("/entity/{name}", self._create, ["PUT"]),
            ("/entity/{name}/{ids}", self._entity, ["GET", "POST", "DELETE"]),
        ]
        return [
            Route("/rest-services/loginInfo", self._login_info),
            Route("/oauth/authorize", self._authorize, methods=["GET", "POST"]),
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/rest-services/login", self._login, methods=["GET", "POST"]),
            *(Route(_REST + path, self._signed(answer), methods=methods) for path, answer, methods in signed),
        ]

    def _signed(self, answer: Endpoint) -> Endpoint:
        async def signed(request: Request) -> Response:
            if refusal := self.sign_ins.refusal(request):
                return refusal
            name = request.path_params.get("name")
            if name is not None and "event" not in request.url.path and name not in self.store.entities:
                return _refused(404, f"there is no entity {name}")
            try:
                found: Response = await answer(request)
            except (FieldError, LanguageError) as error:
                return _refused(400, str(error))
            return found

        return signed

    async def _login_info(self, request: Request) -> Response:
        base = f"{request.url.scheme}://{request.url.netloc}"
        return JSONResponse({"oauthUrl": f"{base}/oauth", "restUrl": f"{base}/rest-services", "superClusterId": 1})

    async def _authorize(self, request: Request) -> Response:
        return self.sign_ins.authorize(await _form(request))

    async def _token(self, request: Request) -> Response:
        return self.sign_ins.token(await _form(request))

    async def _login(self, request: Request) -> Response:
        form = await _form(request)
        rest_url = f"{request.url.scheme}://{request.url.netloc}{_REST}/"
        return self.sign_ins.login(form.get("access_token", ""), form.get("ttl", ""), rest_url)

    async def _ping(self, _: Request) -> Response:
        return JSONResponse({"sessionExpires": stamp(self.now()) + 600_000})

    async def _logout(self, request: Request) -> Response:
        self.sign_ins.sessions.pop(request.headers.get("BhRestToken", ""), None)
        return JSONResponse({"logout": "OK"})

    async def _entities(self, _: Request) -> Response:
        return JSONResponse([{"entity": name, "metaUrl": f"{_REST}/meta/{name}"} for name in self.store.entities])

    async def _meta(self, request: Request) -> Response:
        name = request.path_params["name"]
        fields = [
            {"name": field, "type": "ID" if field == "id" else kind, "label": field, "required": False}
            for field, kind in self.store.entities[name].kinds.items()
        ]
        return JSONResponse({"entity": name, "label": name, "fields": fields})

    async def _search(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _INDEXED:
            return _refused(400, f"{name} is not in the index: use query")
        return await self._found(request, "query", "sort")

    async def _query(self, request: Request) -> Response:
        return await self._found(request, "where", "orderBy")

    async def _found(self, request: Request, question: str, order: str) -> Response:
        form = {**(await _form(request)), **request.query_params}
        entity = self.store.entities[request.path_params["name"]]
        with self.store.lock:
            asked = _read(question, form.get(question, ""), entity).read()
            start, count = int(form.get("start", 0)), min(int(form.get("count", 20)), MOST, self.page)
            found = find(entity, asked, form.get(order, "id"), start, count)
            if form.get("totalOnly") == "true":
                return JSONResponse({"total": found.total})
            fields = form.get("fields", "id")
            pick = picker(read_fields(fields), entity.kinds, self.hidden)
            data = [entity.text(number, fields, pick) for number in found.numbers]
            if question == "query":
                data += [b'{"id":%d,"_error":"not found"}' % ghost for ghost in sorted(entity.ghosts) if start == 0]
        head = f'{{"total":{found.total},"start":{start},"count":{len(data)},"data":['.encode()
        return Response(head + b",".join(data) + b"]}", media_type="application/json")

    async def _subscription(self, request: Request) -> Response:
        name, form = request.path_params["name"], request.query_params
        if not self.may_subscribe:
            return _refused(403, "the user may not subscribe")
        if request.method == "PUT":
            return JSONResponse(self.queue.subscribe(name, form["names"], form["eventTypes"]))
        if request.method == "DELETE":
            return JSONResponse({"result": self.queue.subscriptions.pop(name, None) is not None})
        if name not in self.queue.subscriptions:
            return _refused(404, "there is no such subscription")
        again = form.get("requestId")
        told = self.queue.read(name, int(form.get("maxEvents", 100)), int(again) if again else None)
        return Response(b"") if told is None else JSONResponse(told)

    async def _last_request(self, request: Request) -> Response:
        if request.path_params["name"] not in self.queue.subscriptions:
            return _refused(404, "there is no such subscription")
        return JSONResponse({"result": self.queue.last(request.path_params["name"])})

    async def _create(self, request: Request) -> Response:
        name, fields = request.path_params["name"], await request.json()
        if refusal := self._unknown(name, fields):
            return refusal
        number = self.store.insert(name, fields)
        return _changed(name, number, "INSERT", fields)

    async def _entity(self, request: Request) -> Response:
        name, numbers = request.path_params["name"], [int(part) for part in request.path_params["ids"].split(",")]
        entity = self.store.entities[name]
        there = [number for number in numbers if number in entity.rows]
        if not there:
            return _refused(404, f"there is no {name} of this id")
        if request.method == "DELETE":
            self.store.remove(name, there[0])
            return _changed(name, there[0], "DELETE", {})
        if request.method == "POST":
            fields = await request.json()
            if refusal := self._unknown(name, fields):
                return refusal
            self.store.update(name, there[0], fields)
            return _changed(name, there[0], "UPDATE", fields)
        pick = picker(read_fields(request.query_params.get("fields", "id")), entity.kinds, self.hidden)
        found = [pick(entity.rows[number]) for number in there]
        return JSONResponse({"data": found if len(numbers) > 1 else found[0]})

    def _unknown(self, name: str, fields: Record) -> Response | None:
        unknown = [field for field in fields if field not in self.store.entities[name].kinds]
        if not unknown:
            return None
        faults = [{"propertyName": field, "severity": "ERROR", "type": "UNKNOWN_PROPERTY"} for field in unknown]
        return JSONResponse({"errorMessage": "invalid fields", "errorCode": 400, "errors": faults}, 400)


def _read(question: str, text: str, entity: Entity) -> Lucene | Where:
    if question == "where":
        return Where(text or "id > 0")
    moments = frozenset(name for name in entity.kinds if name.startswith("date"))
    return Lucene(text or "id:[0 TO *]", moments)


async def _form(request: Request) -> dict[str, str]:
    """What came in the address, as a form or as JSON."""
    form = dict(request.query_params)
    if request.method == "POST":
        kind = request.headers.get("content-type", "")
        if "json" in kind:
            told: dict[str, str] = json.loads(await request.body())
            return form | told
        form |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    return form


def _changed(name: str, number: int, kind: str, fields: Record) -> Response:
    return JSONResponse({"changedEntityType": name, "changedEntityId": number, "changeType": kind, "data": fields})


def _refused(status: int, text: str) -> Response:
    return JSONResponse({"errorMessage": text, "errorMessageKey": "errors.invalid", "errorCode": status}, status)
