"""Calls of the REST API, by method and path below the corporation's address."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from hrdata_assets.systems.bullhorn.fake_errors import refused
from hrdata_assets.systems.bullhorn.fake_events import Events
from hrdata_assets.systems.bullhorn.fake_reading import Reading
from hrdata_assets.systems.bullhorn.fake_schema import Entity
from hrdata_assets.systems.bullhorn.fake_sessions import CORPORATION, Sessions
from hrdata_assets.systems.bullhorn.fake_writing import Writing

TOKEN = "BhRestToken"  # noqa: S105 - what the token is called


@dataclass(frozen=True)
class Asked:
    """A request, read."""

    method: str
    parts: tuple[str, ...]
    """Of the path below the corporation's address."""
    params: Mapping[str, Any]
    body: Mapping[str, Any]
    token: str | None
    base: str
    """Scheme, host and port that were asked."""

    @property
    def given(self) -> dict[str, Any]:
        """Parameters, wherever they stand."""
        return {**self.params, **self.body}

    @property
    def rest_url(self) -> str:
        """Address of the corporation, with a slash at the end."""
        return f"{self.base}/rest-services/{CORPORATION}/"


async def read_request(request: Request, path: str = "") -> Asked:
    """Read a request whole; Refused if its body is no JSON object where it says it is JSON."""
    params = dict(request.query_params)
    token = request.headers.get(TOKEN) or params.pop(TOKEN, None) or request.cookies.get(TOKEN)
    return Asked(
        method=request.method,
        parts=tuple(part for part in path.split("/") if part),
        params=params,
        body=_body(await request.body(), request.headers.get("content-type", "")),
        token=token,
        base=f"{request.url.scheme}://{request.url.netloc}",
    )


def _body(content: bytes, kind: str) -> dict[str, Any]:
    if not content:
        return {}
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refused(400, "The request body is no JSON object", "errors.malformedBody")
    return body


@dataclass(frozen=True)
class Calls:
    """Answers the calls of somebody who is signed in."""

    sessions: Sessions
    reading: Reading
    writing: Writing
    events: Events

    def answer(self, asked: Asked) -> Response:
        """Answer a call; Refused where it is not one."""
        self.sessions.session(asked.token)
        answers = {
            "entity": self._entity,
            "event": self._event,
            "search": self._found,
            "query": self._found,
            "association": self._association,
            "meta": self._about,
            "options": self._about,
            "entitlements": self._about,
            "settings": self._about,
            "ping": self._session,
            "logout": self._session,
        }
        first = asked.parts[0] if asked.parts else ""
        if first not in answers:
            raise _unknown(asked)
        return answers[first](asked)

    def _found(self, asked: Asked) -> Response:
        match asked.method, asked.parts:
            case "GET" | "POST", ("search", name):
                return self.reading.search(name, asked.given)
            case "GET" | "POST", ("query", name):
                return self.reading.query(name, asked.given)
        raise _unknown(asked)

    def _association(self, asked: Asked) -> Response:
        match asked.method, asked.parts:
            case "POST", (_, name, to_many):
                return self.reading.association(name, to_many, asked.given)
        raise _unknown(asked)

    def _entity(self, asked: Asked) -> Response:
        match asked.method, asked.parts:
            case "GET", (_, name, ids):
                return self.reading.by_id(name, ids, asked.params)
            case "GET", (_, name, ids, to_many):
                return self.reading.below(name, ids, to_many, asked.params)
            case "PUT", (_, name):
                return self.writing.create(self._writable(name), asked.body)
            case "POST", (_, name, record_id):
                return self.writing.update(self._writable(name), _id(record_id), asked.body)
            case "DELETE", (_, name, record_id):
                return self.writing.delete(self._writable(name), _id(record_id))
            case "PUT" | "DELETE" as method, (_, name, record_id, to_many, ids):
                targets = [_id(one) for one in ids.split(",")]
                entity = self._writable(name)
                return self.writing.associate(entity, _id(record_id), to_many, targets, undo=method == "DELETE")
        raise _unknown(asked)

    def _event(self, asked: Asked) -> Response:
        match asked.method, asked.parts:
            case "PUT", (_, "subscription", name):
                return self.events.subscribe(name, asked.given)
            case "GET", (_, "subscription", name):
                return self.events.read(name, asked.params)
            case "GET", (_, "subscription", name, "lastRequestId"):
                return self.events.last_request(name)
            case "DELETE", (_, "subscription", name):
                return self.events.unsubscribe(name)
        raise _unknown(asked)

    def _about(self, asked: Asked) -> Response:
        match asked.method, asked.parts:
            case "GET", ("meta",):
                return self.reading.entities(asked.rest_url)
            case "GET", ("meta", name):
                return self.reading.meta(name, asked.params, asked.rest_url)
            case "GET", ("options", name):
                return self.reading.options(name, asked.params)
            case "GET", ("entitlements", name):
                return self.reading.entitlements(name)
            case "GET", ("settings", names):
                return self.reading.settings(names)
        raise _unknown(asked)

    def _session(self, asked: Asked) -> Response:
        match asked.method, asked.parts:
            case "GET", ("ping",):
                return self.sessions.ping(asked.token or "")
            case "GET" | "POST", ("logout",):
                return self.sessions.logout(asked.token or "")
        raise _unknown(asked)

    def _writable(self, name: str) -> Entity:
        return self.reading.entity(name)


def _unknown(asked: Asked) -> Exception:
    return refused(404, f"No such call: {asked.method} {'/'.join(asked.parts)}", "errors.notFound")


def _id(text: str) -> int:
    if not text.isdecimal():
        raise refused(400, f"Invalid id: {text[:50]}", "errors.invalidParameter")
    return int(text)
