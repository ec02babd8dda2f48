"""A real HTTP server on localhost that answers what a test tells it to, in order, and keeps what it was asked."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Said:
    """One answer. ``cut`` bytes of the body are promised and not sent; ``drip`` seconds pass before each byte."""

    status: int = 200
    body: bytes | str | dict[str, Any] | list[Any] = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    drip: float = 0

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Server:
    """What is to be answered next, the last one for ever; and everything that was asked."""

    url: str
    answers: list[Said]
    by: Callable[[Asked], Said] | None = None
    asked: list[Asked] = field(default_factory=list)

    def to(self, asked: Asked) -> Said:
        self.asked.append(asked)
        if self.by is not None:
            return self.by(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def answering(*answers: Said, by: Callable[[Asked], Said] | None = None) -> Iterator[Server]:
    """A server for the length of a block; ``by`` answers in place of the list."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            said = server.to(Asked(self.command, self.path, dict(self.headers), self.rfile.read(size)))
            content = said.content
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            sent = content[: len(content) - said.cut]
            try:
                for place in range(len(sent)) if said.drip else [0]:
                    time.sleep(said.drip)
                    self.wfile.write(sent[place : place + 1] if said.drip else sent)
                    self.wfile.flush()
            except OSError:
                return
            if said.cut:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the names that http.server calls

        def log_message(self, *about: object) -> None:
            """Nothing: the tests say what they saw."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server = Server(f"http://127.0.0.1:{http.server_port}", list(answers) or [Said()], by)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        http.shutdown()
        thread.join()
