"""Calls of the API, by method and path."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from hrdata_assets.systems.hubspot import fake_account as account
from hrdata_assets.systems.hubspot.fake_associations import MOST_INPUTS, MOST_ON_PAGE, Associations
from hrdata_assets.systems.hubspot.fake_batches import Batches, inputs_of
from hrdata_assets.systems.hubspot.fake_errors import Refused, answer, bad_request, not_found
from hrdata_assets.systems.hubspot.fake_limits import Limits
from hrdata_assets.systems.hubspot.fake_reading import DEFAULT_ON_PAGE, Reading, Wanted
from hrdata_assets.systems.hubspot.fake_schema import ID, ObjectType
from hrdata_assets.systems.hubspot.fake_search import Search
from hrdata_assets.systems.hubspot.fake_shown import named, shown
from hrdata_assets.systems.hubspot.fake_store import Store
from hrdata_assets.systems.hubspot.fake_tokens import Tokens
from hrdata_assets.systems.hubspot.fake_writing import Writing

DATED = "2026-03"
"""`/crm/objects/2026-03/…` is another spelling of `/crm/v3/objects/…`."""


@dataclass(frozen=True)
class Asked:
    """A request, read."""

    method: str
    parts: tuple[str, ...]
    """Of the path; a date in it is spelled as the version that it stands for."""

    params: QueryParams
    text: str
    authorization: str
    url: str
    """Without the query."""

    @property
    def body(self) -> dict[str, Any]:
        """The body's object; Refused if it is none."""
        try:
            body = json.loads(self.text or "{}")
        except ValueError as error:
            raise bad_request(f"Invalid input JSON on line 1, column 1: {error}") from None
        if not isinstance(body, dict):
            raise bad_request("Invalid input JSON on line 1, column 1: not an object")
        return body

    @property
    def archived(self) -> bool:
        """Whether archived things are asked for instead of live ones."""
        return self.params.get("archived", "").lower() == "true"

    @property
    def is_search(self) -> bool:
        """Whether it is a search: it is counted apart, and answered without headers about limits."""
        return self.method == "POST" and self.parts[-1:] == ("search",)

    def names(self, name: str) -> list[str]:
        """A parameter that is a list: written with commas, or given several times."""
        return [part.strip() for text in self.params.getlist(name) for part in text.split(",") if part.strip()]

    @property
    def wanted(self) -> Wanted:
        """What is to be told of records."""
        return Wanted(
            self.names("properties"), self.names("propertiesWithHistory"), self.names("associations"), self.archived
        )


async def read_request(request: Request) -> Asked:
    """Read a request whole."""
    parts = tuple(part for part in request.url.path.split("/") if part)
    if parts[:1] == ("crm",) and parts[2:3] == (DATED,):
        parts = ("crm", "v3", parts[1], *parts[3:])
    return Asked(
        method=request.method,
        parts=parts,
        params=request.query_params,
        text=(await request.body()).decode("utf-8", "replace"),
        authorization=request.headers.get("authorization", ""),
        url=str(request.url.replace(query="")),
    )


@dataclass(frozen=True)
class Calls:
    """Answers the calls of somebody who may call."""

    store: Store
    tokens: Tokens
    limits: Limits
    reading: Reading
    search: Search
    writing: Writing
    batches: Batches
    associations: Associations

    def answer(self, asked: Asked) -> Response:
        """Answer a call; Refused where it is not one."""
        match asked.parts:
            case ("crm", "v3", "objects", name, *rest):
                return self._objects(asked, self._kind(name), rest)
            case ("crm", "v3", "properties", name, *rest) if asked.method == "GET":
                return self._properties(asked, self._kind(name), rest)
            case ("crm", "v3", "owners", *rest) if asked.method == "GET":
                self.tokens.allow("crm.objects.owners.read")
                return answer(account.owner(rest[0], asked.params) if rest else account.owners(asked.params))
            case ("crm", "v3", "pipelines", name, *rest) if asked.method == "GET":
                return self._pipelines(self._kind(name), rest)
            case ("crm", "v4", *rest):
                return self._associations(asked, rest)
            case ("account-info", "v3", "api-usage", "daily", "private-apps") if asked.method == "GET":
                return answer(self.limits.usage())
        raise not_found()

    def _objects(self, asked: Asked, kind: ObjectType, rest: Sequence[str]) -> Response:
        reads = asked.method == "GET" or rest in (["search"], ["batch", "read"])
        self.tokens.allow(f"crm.objects.{kind.name}.{'read' if reads else 'write'}")
        match asked.method, rest:
            case "GET", []:
                limit = _whole(asked, "limit", DEFAULT_ON_PAGE)
                return answer(self.reading.page(kind, asked.wanted, limit, asked.params.get("after", ""), asked.url))
            case "POST", ["search"]:
                return answer(self.search.page(kind, asked.text))
            case "POST", ["batch", verb]:
                status, body = self.batches.answer(kind, verb, asked.body, archived=asked.archived)
                return answer(b"" if body is None else body, status)
            case "POST", []:
                return self._written(kind, asked.body, 201, self.writing.create(kind, asked.body))
            case "POST", ["merge"]:
                return self._written(kind, {}, 200, self.writing.merge(kind, asked.body))
            case "POST", ["gdpr-delete"] if kind.name == "contacts":
                self.writing.erase(kind, asked.body)
                return answer(b"", 204)
            case _, [record_id]:
                return self._record(asked, kind, record_id)
        raise not_found()

    def _record(self, asked: Asked, kind: ObjectType, record_id: str) -> Response:
        id_property = asked.params.get("idProperty")
        match asked.method:
            case "GET":
                return answer(self.reading.get(kind, record_id, id_property, asked.wanted))
            case "PATCH":
                body = asked.body
                return self._written(kind, body, 200, self.writing.update(kind, record_id, id_property, body))
            case "DELETE":
                self.writing.archive(kind, record_id)
                return answer(b"", 204)
        raise Refused(405, f"Method {asked.method} is not allowed here", "METHOD_NOT_ALLOWED")

    def _written(self, kind: ObjectType, body: Mapping[str, Any], status: int, record: dict[str, str]) -> Response:
        names = named(kind, [*(body.get("properties") or {}), *kind.shown], refuse=False)
        return answer(shown(kind, record, names), status)

    def _properties(self, asked: Asked, kind: ObjectType, rest: Sequence[str]) -> Response:
        self.tokens.allow(f"crm.schemas.{kind.name}.read", f"crm.objects.{kind.name}.read")
        if rest:
            return answer(account.one_property(kind, rest[0]))
        return answer(account.properties(kind, archived=asked.archived))

    def _pipelines(self, kind: ObjectType, rest: Sequence[str]) -> Response:
        self.tokens.allow("crm.objects.deals.read", "crm.schemas.deals.read")
        match kind.name, rest:
            case "deals", []:
                return answer(account.pipelines())
            case "deals", [pipeline_id]:
                return answer(account.pipeline(pipeline_id))
            case "deals", [pipeline_id, "stages"]:
                return answer({"results": account.pipeline(pipeline_id)["stages"]})
        raise not_found()

    def _associations(self, asked: Asked, rest: Sequence[str]) -> Response:
        match asked.method, rest:
            case "GET", ["objects", source, record_id, "associations", target]:
                kinds = self._both(source, target)
                record = self.reading.find(kinds[0], record_id, None)
                if record is None:
                    raise not_found(ids=[record_id])
                limit, after = _whole(asked, "limit", MOST_ON_PAGE), _whole(asked, "after", 0)
                return answer(self.associations.page(kinds, int(record[ID]), after, min(limit, MOST_ON_PAGE)))
            case "POST", ["associations", source, target, "batch", "read"]:
                kinds = self._both(source, target)
                status, body = self.associations.batch(kinds, inputs_of(asked.body, MOST_INPUTS))
                return answer(body, status)
        raise not_found()

    def _both(self, source: str, target: str) -> tuple[ObjectType, ObjectType]:
        kinds = self._kind(source), self._kind(target)
        for kind in kinds:
            self.tokens.allow(f"crm.objects.{kind.name}.read")
        return kinds

    def _kind(self, name: str) -> ObjectType:
        kind = self.store.schema.find(name)
        if kind is None:
            raise bad_request(f"Unable to infer object type from: {name}")
        return kind


def _whole(asked: Asked, name: str, default: int) -> int:
    text = asked.params.get(name) or str(default)
    if not text.isdecimal():
        raise bad_request(f"{name} must be a number, not {text}", name)
    return int(text)
