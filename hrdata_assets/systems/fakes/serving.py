"""How a fake system is served: over HTTP on this machine, in a thread for tests or in the foreground for people."""

import datetime
import re
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hrdata_assets.systems.fakes.faults import Fault, FaultMiddleware, Faults

_PATIENCE = 10.0


@dataclass(frozen=True)
class Call:
    """One call that was answered."""

    method: str
    path: str
    query: str
    status: int


class Fake(ABC):
    """A fake system. ``clock_ahead`` moves its clock; ``faults`` and what happens before an answer may be added."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.calls: list[Call] = []
        self.clock_ahead = datetime.timedelta()
        self._before: list[tuple[str, int, Callable[[], object]]] = []
        self._lock = threading.Lock()

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """What it answers."""

    def now(self) -> datetime.datetime:
        """What its clock shows."""
        return datetime.datetime.now(datetime.UTC) + self.clock_ahead

    def expire(self) -> None:  # noqa: B027 - a system without sessions has nothing to say
        """Every session and token is over from now on."""

    def too_often(self, fault: Fault) -> tuple[int, dict[str, str], bytes]:
        """How it says that it is asked too often: status, headers, body."""
        return 429, {"content-type": "application/json", **fault.headers}, b'{"message": "Too many requests"}'

    def before_answer(self, path: str, number: int, act: Callable[[], object]) -> None:
        """Do something before the so-manieth call from now on whose path matches is answered."""
        with self._lock:
            self._before.append((path, number, act))

    @cached_property
    def app(self) -> ASGIApp:
        """The server, with what goes wrong in front of it and every call written down."""
        inner = FaultMiddleware(Starlette(routes=list(self.routes())), self.faults, self.too_often, self.expire)
        return _Recording(inner, self)

    def passes(self, path: str) -> None:
        """A call comes by: what was to be done before it is done."""
        due = []
        with self._lock:
            for place, (pattern, number, act) in enumerate(self._before):
                if re.search(pattern, path):
                    self._before[place] = (pattern, number - 1, act)
                    if number == 1:
                        due.append(act)
            self._before = [waiting for waiting in self._before if waiting[1] > 0]
        for act in due:
            act()


class _Recording:
    def __init__(self, app: ASGIApp, fake: Fake) -> None:
        self._app, self._fake = app, fake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._fake.passes(scope["path"])

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                query = scope["query_string"].decode("latin-1")
                self._fake.calls.append(Call(scope["method"], scope["path"], query, message["status"]))
            await send(message)

        await self._app(scope, receive, sent)


@contextmanager
def serving(fake: Fake, port: int = 0) -> Iterator[str]:
    """Serve a fake in a thread for the length of a block, which is given its address."""
    listening = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(_config(fake))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(_PATIENCE)
        listening.close()


def serve(fake: Fake, port: int) -> None:
    """Serve a fake until somebody stops it."""
    uvicorn.Server(_config(fake, port)).run()


def _config(fake: Fake, port: int = 0) -> uvicorn.Config:
    # A fault that cuts the connection is no news for the log.
    return uvicorn.Config(
        fake.app, host="127.0.0.1", port=port, log_level="critical", access_log=False, lifespan="off", ws="none"
    )
