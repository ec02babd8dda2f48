"""A fake system as a server: its application, its clock, what was asked of it, and HTTP on this machine."""

import asyncio
import re
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from threading import Event, RLock, Thread
from urllib.parse import parse_qsl

import uvicorn
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.fakes.faults import CONNECTION, Faults, strike

HOST = "127.0.0.1"
PATIENCE = 10.0
GRACE = 1.0
"""Seconds that an answer under way is waited for at the end."""

MOST_CALLS = 100_000
"""Calls remembered; beyond that the older half is forgotten."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was answered, or hung up on: status 0."""

    method: str
    path: str
    query: Mapping[str, str]
    status: int
    at: datetime
    """By the fake's own clock."""


class Fake(ABC):
    """A system that exists only here. Everything public may be called from any thread while it serves."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.calls: list[Call] = []
        self.clock_ahead = timedelta(0)
        self.lock = RLock()
        self._waiting: list[_Waiting] = []

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """What it answers."""

    @cached_property
    def app(self) -> Starlette:
        """The application, with faults in front of it and every call recorded."""
        return Starlette(routes=list(self.routes()), middleware=[Middleware(_Watching, fake=self)])

    def now(self) -> datetime:
        """The system's own time: ahead by `clock_ahead`, which may be negative."""
        return datetime.now(UTC) + self.clock_ahead

    def rate_limited(self, retry_after: float | None) -> Response:
        """The system's own 429."""
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        return JSONResponse({"message": "Too many requests"}, 429, headers)

    def error(self, status: int) -> Response:
        """The system's own way to say that it cannot answer: 500, 503 and their like."""
        return JSONResponse({"message": "Something went wrong"}, status)

    def expire(self) -> None:  # noqa: B027 - a system without sessions has none to end
        """Make every token and session void from now on."""

    def before_answer(self, path: str, number: int, action: Callable[[], object]) -> None:
        """Call something right before the n-th answer (counted from 1, from now on) to paths that match."""
        with self.lock:
            self._waiting.append(_Waiting(re.compile(path), number, action))

    def due(self, path: str) -> list[Callable[[], object]]:
        """Count a request, and give what is to be called before it is answered."""
        if not self._waiting:
            return []
        with self.lock:
            found = [one for one in self._waiting if one.path.search(path)]
            for one in found:
                one.left -= 1
            self._waiting = [one for one in self._waiting if one.left > 0]
            return [one.action for one in found if one.left == 0]

    def record(self, call: Call) -> None:
        """Remember a call."""
        self.calls.append(call)
        if len(self.calls) > MOST_CALLS:
            del self.calls[: MOST_CALLS // 2]


@dataclass
class _Waiting:
    path: re.Pattern[str]
    left: int
    action: Callable[[], object]


class _Watching:
    """Stands in front of the application: what is to happen before an answer, faults, and the list of calls."""

    def __init__(self, app: ASGIApp, fake: Fake) -> None:
        self.app = app
        self.fake = fake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._record(scope, message["status"])
            await send(message)

        for action in self.fake.due(scope["path"]):
            # In a thread of its own: it may ask this very server something.
            await run_sync(action)
        fault = self.fake.faults.next(scope["method"], scope["path"])
        if fault is None:
            await self.app(scope, receive, noted)
            return
        if fault.kind == "disconnect":
            self._record(scope, 0)
        await strike(fault, self.fake, self.app, scope, receive, noted)

    def _record(self, scope: Scope, status: int) -> None:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        self.fake.record(Call(scope["method"], scope["path"], query, status, self.fake.now()))


class _Protocol(HttpToolsProtocol):
    """HTTP that tells the application which connection it came by."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self.transport}  # type: ignore[dict-item]


class _Server(uvicorn.Server):
    """Ends as soon as it is told to, not at the next tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()
        self._end: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Serve until told to end."""
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self.ready.set()
        counter = 0
        while not await self.on_tick(counter):
            counter += 10
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and give answers that are under way a moment; idle connections are closed at once."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        until = time.monotonic() + GRACE
        while self.server_state.tasks and time.monotonic() < until:
            await asyncio.sleep(0.005)
        for task in self.server_state.tasks:
            task.cancel()

    def end(self) -> None:
        """End, from another thread."""
        self.should_exit = True
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)


@contextmanager
def serving(fake: Fake, port: int = 0) -> Iterator[str]:
    """Serve beside the caller and give the address; port 0 takes a free one. Gone at the end, with its thread."""
    listener = _listener(port)
    server = _Server(_config(fake))
    thread = Thread(target=server.run, args=([listener],), name="fake system", daemon=True)
    thread.start()
    try:
        server.ready.wait(PATIENCE)
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.end()
        thread.join(PATIENCE)
        listener.close()


def serve(fake: Fake, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM; SetupError if the port is taken."""
    listener = _listener(port)
    with suppress(KeyboardInterrupt), listener:
        uvicorn.Server(_config(fake)).run([listener])


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise SetupError(f"cannot serve at {HOST}:{port}: {error.strerror}; take another port") from None
    # Whoever connects before the server is up waits instead of being refused.
    listener.listen(128)
    return listener


def _config(fake: Fake) -> uvicorn.Config:
    return uvicorn.Config(
        fake.app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
