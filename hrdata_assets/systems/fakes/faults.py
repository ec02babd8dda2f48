"""Faults on purpose: what a fake system does wrong, when, and how often. A list of them, or a file, says so.

Nothing here knows a particular system: how a 429 looks is asked from the system.
"""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Protocol

import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hrdata_assets.errors import SetupError

CONNECTION = "hrdata.connection"
"""Under this name the server tells in the scope's extensions which transport a request came by."""

PIECES = 20
"""So many pieces a slow answer comes in, fewer if it has fewer bytes."""

PAGE = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be right back</h1></body></html>"


class Fault(BaseModel):
    """One thing that goes wrong with requests that match."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["status", "rate_limited", "slow_drip", "stall", "truncated", "html", "expire", "disconnect"]
    """What happens instead of the answer, or to it."""

    path: str = ""
    """Regular expression searched in the request's path; empty means every path."""

    method: str | None = None
    """GET, POST, …; None means all."""

    times: int | None = Field(default=1, ge=0)
    """How often it strikes; None means always."""

    after: int = Field(default=0, ge=0)
    """How many matching requests pass first."""

    status: int = Field(default=500, ge=200, le=599)
    """Of a `status` fault."""

    body: Any = None
    """Of a `status` fault: text as it is, anything else as JSON; None is the system's own way to say it."""

    headers: dict[str, str] = {}
    """Of a `status` or `rate_limited` fault, beside those that the answer has anyway."""

    seconds: float = Field(default=1.0, ge=0, le=3600)
    """Over how long a `slow_drip` sends its answer, or how long a `stall` says nothing before it."""

    retry_after: float | None = Field(default=None, ge=0)
    """Seconds a `rate_limited` answer asks to wait, where the system says such a thing."""

    declared: bool = True
    """Whether a `truncated` answer declares its whole length all the same, or seems complete and is shorter."""

    @field_validator("path")
    @classmethod
    def _is_an_expression(cls, path: str) -> str:
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        return path

    @field_validator("method")
    @classmethod
    def _in_capitals(cls, method: str | None) -> str | None:
        return method.upper() if method else None

    def concerns(self, method: str, path: str) -> bool:
        """Whether a request matches."""
        return (self.method is None or self.method == method) and re.search(self.path, path) is not None


class Faults:
    """An ordered list of faults; the first that matches and is due strikes, and later ones do not see that request."""

    def __init__(self, *faults: Fault) -> None:
        self._lock = Lock()
        self._entries = [_Entry(fault) for fault in faults]

    @classmethod
    def from_file(cls, path: Path) -> "Faults":
        """Read a YAML or JSON list of faults, alone or under `faults`; SetupError says which one is wrong, and how."""
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SetupError(f"the faults {path} cannot be read: {error.strerror}") from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SetupError(f"the faults {path} are neither YAML nor JSON: {error}") from None
        listed = content.get("faults", content) if isinstance(content, dict) else content
        try:
            return cls(*TypeAdapter(list[Fault]).validate_python([] if listed is None else listed))
        except ValidationError as error:
            raise SetupError(f"the faults {path} cannot be used: {_said(error)}") from None

    def add(self, *faults: Fault) -> None:
        """Put faults behind those that are there."""
        with self._lock:
            self._entries += [_Entry(fault) for fault in faults]

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        with self._lock:
            self._entries = []

    @property
    def struck(self) -> int:
        """How many requests have met a fault so far."""
        with self._lock:
            return sum(entry.struck for entry in self._entries)

    def next(self, method: str, path: str) -> Fault | None:
        """The fault that meets this request, counted; None if all is well."""
        if not self._entries:
            return None
        with self._lock:
            return next((entry.fault for entry in self._entries if entry.strikes(method, path)), None)


class _Entry:
    """A fault with its counts."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.struck = 0

    def strikes(self, method: str, path: str) -> bool:
        fault = self.fault
        if not fault.concerns(method, path) or (fault.times is not None and self.struck >= fault.times):
            return False
        self.seen += 1
        due = self.seen > fault.after
        self.struck += due
        return due


def _said(error: ValidationError) -> str:
    told = []
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        number, *field = one["loc"] or ("",)
        place = f"fault {number + 1}" if isinstance(number, int) else "the list"
        told.append(f"{place}{''.join(f', {part}' for part in field)}: {one['msg']}")
    return "; ".join(told)


class Manners(Protocol):
    """How a system says that something is wrong."""

    def rate_limited(self, retry_after: float | None) -> Response:
        """Answer 429."""

    def error(self, status: int) -> Response:
        """Answer any other error that the request is not to blame for."""

    def expire(self) -> None:
        """Make every token and session void."""


async def strike(fault: Fault, manners: Manners, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request the way the fault has it."""
    if fault.kind == "disconnect":
        await _hang_up(scope)
    elif fault.kind in ("status", "rate_limited", "html"):
        await _instead(fault, manners)(scope, receive, send)
    elif fault.kind in ("slow_drip", "truncated"):
        start, body = await _whole(app, scope, receive)
        await (_drip if fault.kind == "slow_drip" else _cut)(fault, start, body, send)
    else:
        if fault.kind == "expire":
            manners.expire()
        else:
            await asyncio.sleep(fault.seconds)
        await app(scope, receive, send)


def _instead(fault: Fault, manners: Manners) -> Response:
    if fault.kind == "html":
        return HTMLResponse(PAGE)
    if fault.kind == "rate_limited":
        response = manners.rate_limited(fault.retry_after)
    elif fault.body is None:
        response = manners.error(fault.status)
    elif isinstance(fault.body, str):
        response = Response(fault.body, fault.status, media_type="text/plain")
    else:
        response = JSONResponse(fault.body, fault.status)
    response.headers.update(fault.headers)
    return response


async def _hang_up(scope: Scope) -> None:
    transport = scope.get("extensions", {}).get(CONNECTION)
    if transport is None:
        raise ConnectionAbortedError("hung up on purpose")
    transport.close()
    # The server takes a request without an answer for a mistake unless it has seen the connection go.
    await asyncio.sleep(0.01)


async def _whole(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """What the system would have answered."""
    start: Message = {}
    body = bytearray()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    return start, bytes(body)


async def _drip(fault: Fault, start: Message, body: bytes, send: Send) -> None:
    step = max(1, -(-len(body) // PIECES))
    pieces = [body[at : at + step] for at in range(0, len(body), step)] or [b""]
    await send(start)
    for number, piece in enumerate(pieces, 1):
        await asyncio.sleep(fault.seconds / len(pieces))
        await send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})


async def _cut(fault: Fault, start: Message, body: bytes, send: Send) -> None:
    if not fault.declared:
        start["headers"] = _without_length(start["headers"])
    await send(start)
    # Declared but never sent: the server closes the connection in the middle of the answer.
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": fault.declared})


def _without_length(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() != b"content-length"]
