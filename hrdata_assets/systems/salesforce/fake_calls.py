"""Calls of the REST API and their answers, whether they came alone or inside a composite."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request, not_found

VERSION = re.compile(r"/services/data/v(\d\d\.0)(/.*)?")
VERSIONS = range(20, 68)


@dataclass(frozen=True)
class Call:
    """A call below ``/services/data/vXX.0/``."""

    method: str
    version: str
    path: str
    """What comes behind the version, without slashes at its ends, still encoded."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body; ApiError if it is none that can be read."""
        kind = self.headers.get("content-type", "")
        if "json" not in kind:
            raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content type '{kind}' not supported for this request")
        try:
            return json.loads(self.body)
        except ValueError:
            raise bad_request("JSON_PARSER_ERROR", "Unexpected character at [line:1, column:1]") from None

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which has to be an object."""
        found = self.json
        if not isinstance(found, dict):
            raise bad_request("JSON_PARSER_ERROR", "An object is expected at [line:1, column:1]")
        return found

    def flag(self, name: str) -> bool:
        """Whether a parameter says true."""
        return self.query.get(name, "").lower() == "true"

    def above(self, version: int) -> bool:
        """The API version is this one or a later one."""
        return float(self.version) >= version


@dataclass(frozen=True)
class Answer:
    """What is answered; the body is sent as JSON unless it is text."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def call_at(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Call:
    """A call by its address; ApiError for one outside of all versions."""
    parts = urlsplit(url)
    found = VERSION.fullmatch(parts.path)
    if found is None or int(found[1][:2]) not in VERSIONS:
        raise not_found()
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Call(method, found[1], (found[2] or "").strip("/"), query, headers, body)


Endpoint = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    """Calls with a method and a path are answered by an endpoint; names in braces are given to it."""

    method: str
    path: str
    endpoint: Endpoint

    @property
    def pattern(self) -> str:
        """The path as a regular expression."""
        return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)


class Router:
    """Finds the endpoint of a call."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self._routes: list[tuple[Route, re.Pattern[str]]] = []
        self.add(routes)

    def add(self, routes: Iterable[Route]) -> None:
        """Take up routes; those that come first go first."""
        self._routes += [(route, re.compile(route.pattern, re.IGNORECASE)) for route in routes]

    def answer(self, call: Call) -> Answer:
        """Answer a call; ApiError if it is refused."""
        found = [(route, match) for route, pattern in self._routes if (match := pattern.fullmatch(call.path))]
        for route, match in found:
            if route.method == call.method:
                return route.endpoint(call, **{name: unquote(text) for name, text in match.groupdict().items()})
        if not found:
            raise not_found()
        methods = ",".join(sorted({route.method for route, _ in found}))
        message = f"HTTP Method '{call.method}' not allowed. Allowed are {methods}"
        raise ApiError(405, "METHOD_NOT_ALLOWED", message)


def list_of(value: Any, name: str, most: int) -> Sequence[Any]:
    """A list in a body that may hold only so many."""
    if not isinstance(value, list):
        raise bad_request("JSON_PARSER_ERROR", f"{name}: a list is expected")
    if len(value) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise bad_request("EXCEEDED_ID_LIMIT", message, [])
    return value
