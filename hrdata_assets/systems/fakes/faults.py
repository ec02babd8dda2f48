"""What goes wrong with a fake system on purpose: in order, so often, on the calls it is meant for."""

import asyncio
import re
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hrdata_assets.errors import SetupError


class Kind(StrEnum):
    """How a call goes wrong."""

    STATUS = "status"
    RATE_LIMITED = "rate_limited"
    SLOW_DRIP = "slow_drip"
    TRUNCATED = "truncated"
    SHORT = "short"
    HTML = "html"
    EXPIRE = "expire"
    DISCONNECT = "disconnect"


class Fault(BaseModel):
    """One thing that goes wrong with the calls whose path matches, after so many of them, so many times."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Kind
    path: str = ""
    """A regular expression, found anywhere in the path."""
    method: str | None = None
    times: int | None = 1
    """None: every time."""
    after: int = 0
    status: int = 500
    body: str = "something went wrong"
    headers: dict[str, str] = {}
    seconds: float = 1.0

    def meets(self, method: str, path: str) -> bool:
        """Whether it is meant for such a call."""
        return self.method in (None, method) and re.search(self.path, path) is not None


_FAULTS = TypeAdapter(list[Fault])


class Faults:
    """Faults that are still to come; more may be put in while the system is asked."""

    def __init__(self, *faults: Fault) -> None:
        self._left: list[list[Any]] = [[fault, fault.after, fault.times] for fault in faults]
        self._lock = threading.Lock()

    @classmethod
    def from_file(cls, path: Path) -> "Faults":
        """Read a YAML or JSON list of faults. SetupError says where it cannot be read."""
        try:
            return cls(*_FAULTS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8"))))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            raise SetupError(f"{path} cannot be read as a YAML list of faults") from None
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
            raise SetupError(f"{path}: {told}") from None

    def add(self, *faults: Fault) -> None:
        """Put more in, behind those that are there."""
        with self._lock:
            self._left += [[fault, fault.after, fault.times] for fault in faults]

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._left.clear()

    def next(self, method: str, path: str) -> Fault | None:
        """What goes wrong with this call, if anything: the first fault that is meant for it and whose turn it is."""
        with self._lock:
            for left in self._left:
                fault, before, times = left
                if not fault.meets(method, path) or times == 0:
                    continue
                if before:
                    left[1] -= 1
                    continue
                if times is not None:
                    left[2] -= 1
                return fault  # type: ignore[no-any-return] # the list's first member
        return None


Refuse = Callable[[Fault], tuple[int, dict[str, str], bytes]]
"""How a system says that it is asked too often: status, headers, body."""


class FaultMiddleware:
    """Lets a call go wrong before, instead of or after the system answers it."""

    def __init__(self, app: ASGIApp, faults: Faults, too_often: Refuse, expire: Callable[[], None]) -> None:
        self._app, self._faults, self._too_often, self._expire = app, faults, too_often, expire

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        fault = self._faults.next(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind is Kind.EXPIRE:
            self._expire()
            await self._app(scope, receive, send)
        elif fault.kind in (Kind.SLOW_DRIP, Kind.TRUNCATED, Kind.SHORT):
            await self._app(scope, receive, _Spoiled(fault, send))
        elif fault.kind is Kind.DISCONNECT:
            raise ConnectionAbortedError("a fault of the fake's own: nothing is answered")
        else:
            status, headers, body = self._instead(fault)
            names = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
            names.append((b"content-length", str(len(body)).encode()))
            await send({"type": "http.response.start", "status": status, "headers": names})
            await send({"type": "http.response.body", "body": body})

    def _instead(self, fault: Fault) -> tuple[int, dict[str, str], bytes]:
        if fault.kind is Kind.RATE_LIMITED:
            return self._too_often(fault)
        if fault.kind is Kind.HTML:
            return 200, {"content-type": "text/html"}, b"<html><body>Down for maintenance</body></html>"
        return fault.status, {"content-type": "text/plain", **fault.headers}, fault.body.encode()


class _Spoiled:
    """Sends an answer piece by piece, or half of it."""

    def __init__(self, fault: Fault, send: Send) -> None:
        self._fault, self._send = fault, send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body") or self._start is None:
            return
        if self._fault.kind is Kind.SLOW_DRIP:
            await self._drip(self._start)
            return
        half = self._body[: len(self._body) // 2]
        headers = [(n, v) for n, v in self._start["headers"] if n != b"content-length"]
        whole = len(half) if self._fault.kind is Kind.SHORT else len(self._body)
        headers.append((b"content-length", str(whole).encode()))
        await self._send({**self._start, "headers": headers})
        # What was promised and does not come makes the server cut the connection.
        await self._send({"type": "http.response.body", "body": half, "more_body": False})

    async def _drip(self, start: Message) -> None:
        await self._send(start)
        pieces = 10
        size = max(len(self._body) // pieces, 1)
        for place in range(0, len(self._body), size):
            await asyncio.sleep(self._fault.seconds / pieces)
            await self._send(
                {"type": "http.response.body", "body": self._body[place : place + size], "more_body": True}
            )
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
