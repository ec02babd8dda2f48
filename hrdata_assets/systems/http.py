"""One way to talk to a system over HTTP: paced, retried, bounded, and with nobody but its own hosts."""

import copy
import ipaddress
import logging
import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import tenacity
from typing_extensions import override

from hrdata_assets.errors import DeliveryError, HRDataError, SetupError
from hrdata_assets.systems.answers import MOST_PATIENCE, Answer, RefusedError, SignInError, Unavailable
from hrdata_assets.systems.pacing import CircuitBreaker, TokenBucket

log = logging.getLogger("hrdata")

# httpx and httpcore log whole addresses, in which some systems want secrets.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

USER_AGENT = "hrdata_assets"
ATTEMPTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD = frozenset({307, 308})
_MOST_REDIRECTS = 3
_WORTH_REPEATING = frozenset({408, 423, 425, 429, 477, *range(500, 600)})

Judge = Callable[[Answer], HRDataError | None]
"""What a system says about an answer that is no success: an error of its own, or None for what is usual."""


@cache
def _trusted() -> ssl.SSLContext:
    """Certificates that are trusted: reading them takes a tenth of a second, so that it is done once."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True)
class Limits:
    """How a system is talked to. ``seconds`` bound one answer as a whole, ``most_bytes`` its body when unpacked."""

    per_minute: float = 600
    burst: int = 20
    attempts: int = ATTEMPTS
    seconds: float = 60
    most_bytes: int = 64 * 1024**2
    pause: float = 0.5
    failures: int = 10
    rest: float = 30


@dataclass(frozen=True)
class Hosts:
    """Whom a client may talk to: exact names, and suffixes that begin with a dot.

    ``private`` allows plain http and addresses of the local network, for a fake server on this machine.
    """

    names: tuple[str, ...]
    private: bool = False

    def admit(self, url: str) -> None:
        """SetupError for an address that is none of them, without telling its path or query."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if not any(host == name or (name.startswith(".") and host.endswith(name)) for name in self.names):
            raise SetupError(f"{host or 'an address without a host'} is none of the system's hosts: it is not asked")
        if parts.scheme != "https" and not (self.private and parts.scheme == "http"):
            raise SetupError(f"{host} is asked over https only")

    def admit_address(self, address: str) -> None:
        """SetupError for an address that is not on the public internet, whatever name led to it."""
        if not self.private and not ipaddress.ip_address(address.partition("%")[0]).is_global:
            raise SetupError("the system's host leads to an address of a private network: it is not asked")


@dataclass
class Calls:
    """What was asked: calls by method, and how many were told to come later or failed for a while."""

    made: Counter[str] = field(default_factory=Counter)
    throttled: int = 0
    repeated: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def total(self) -> int:
        """All calls, repetitions included."""
        return sum(self.made.values())

    def count(self, method: str, *, throttled: bool = False, repeated: bool = False) -> None:
        """Count one call, and what came of it."""
        with self.lock:
            self.made[method] += 1
            self.throttled += throttled
            self.repeated += repeated


@dataclass(frozen=True)
class Request:
    """What is asked. ``good`` statuses are no errors; a redirect is followed unless it is itself the answer.

    ``signed`` says whether it carries who asks: an address that another host signed does not. One that is not to
    ``repeat`` is asked once: whoever asks must look first whether it did what it was to do. ``shown`` is the path as
    errors and logs tell it, where the path itself names a person.
    """

    method: str
    url: str
    params: Mapping[str, Any] | None = None
    json: Any = None
    data: Mapping[str, Any] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    good: tuple[int, ...] = (200, 201, 202, 204, 207)
    follow: bool = True
    shown: str | None = None
    signed: bool = True
    repeat: bool = True


class SignIn(Protocol):
    """How a client says who asks."""

    def headers(self, client: "Client") -> Mapping[str, str]:
        """What every signed call carries; signs in first where that is needed."""

    def renew(self, client: "Client", refused: Mapping[str, str]) -> bool:
        """Sign in anew after these headers were refused; False where nothing but other settings could help."""


@dataclass(frozen=True)
class Fixed(SignIn):
    """The same headers with every call, or none; refused once, they stay so."""

    said: Mapping[str, str] = field(default_factory=dict, repr=False)

    @override
    def headers(self, client: "Client") -> Mapping[str, str]:
        """What is said."""
        return self.said

    @override
    def renew(self, client: "Client", refused: Mapping[str, str]) -> bool:
        """Nothing but another key helps."""
        return False


class Client:
    """Asks one system. For several threads at once; closed by its block."""

    def __init__(
        self, name: str, hosts: Hosts, *, limits: Limits | None = None, sign_in: SignIn | None = None,
        judge: Judge | None = None,
    ) -> None:  # fmt: skip
        self.name, self.hosts, self.calls = name, hosts, Calls()
        self.sign_in: SignIn = sign_in or Fixed()
        self._limits, self._judge = limits or Limits(), judge
        self._bucket = TokenBucket(self._limits.per_minute, self._limits.burst)
        self._breaker = CircuitBreaker(name, failures=self._limits.failures, rest=self._limits.rest)
        self._http = httpx.Client(
            timeout=httpx.Timeout(self._limits.seconds, connect=min(10.0, self._limits.seconds)),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            follow_redirects=False,
            trust_env=False,
            verify=_trusted(),
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *raised: object) -> None:
        self._http.close()

    def twin(self) -> "Client":
        """The same client, paced together with this one, that counts its own calls."""
        other = copy.copy(self)
        other.calls = Calls()
        return other

    def get(self, url: str, params: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """Send a GET; ``more`` is as in Request. See `ask`."""
        return self.ask(Request("GET", url, params, **more))

    def post(self, url: str, **more: Any) -> Answer:
        """Send a POST; ``more`` is as in Request. See `ask`."""
        return self.ask(Request("POST", url, **more))

    def ask(self, request: Request) -> Answer:
        """Ask until there is an answer, at most so many times; sign in anew once if that is what it takes.

        Unavailable after the last attempt, OutOfQuotaError at once; SignInError for 401; RefusedError for another
        status that is not among the good ones; SetupError for a host that is not the system's.
        """
        if not request.signed:
            return self._repeated(request)
        headers = self.sign_in.headers(self)
        try:
            return self._repeated(replace(request, headers={**request.headers, **headers}))
        except SignInError:
            if not self.sign_in.renew(self, headers):
                raise
        return self._repeated(replace(request, headers={**request.headers, **self.sign_in.headers(self)}))

    def _repeated(self, request: Request) -> Answer:
        if not request.repeat:
            return self._once(request)
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._limits.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(Unavailable),
            before_sleep=self._tell,
            reraise=True,
        )
        answer: Answer = retrying(self._once, request)
        return answer

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, Unavailable) else None
        grown = self._limits.pause * 2 ** (state.attempt_number - 1)
        # Those who were cut off together do not all come back together.
        return asked if asked is not None else min(grown, MOST_PATIENCE) * random.uniform(0.5, 1.0)  # noqa: S311

    def _tell(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.info("%s: asked again in %.1f s: %s", self.name, state.upcoming_sleep, error)

    def _once(self, request: Request) -> Answer:
        with self._breaker.call():
            if (wait := self._bucket.take()) > 0:
                time.sleep(wait)
            try:
                answer = self._followed(request)
            except Unavailable:
                self.calls.count(request.method, repeated=True)
                raise
            error = None if answer.status in request.good else self._error_of(answer)
            self.calls.count(request.method, throttled=answer.status == 429, repeated=isinstance(error, Unavailable))
            if error is not None:
                raise error
            return answer

    def _error_of(self, answer: Answer) -> HRDataError:
        own = self._judge(answer) if self._judge else None
        if own is not None:
            return own
        told = f"{self.name} answered {answer.status} for {answer.path}"
        if answer.status in _WORTH_REPEATING:
            return Unavailable(told, answer.wait)
        if answer.status == 401:
            return SignInError(f"{told}: check the credentials", 401)
        hint = ": the user lacks a right" if answer.status == 403 else ""
        return RefusedError(told + hint, answer.status)

    def _followed(self, request: Request) -> Answer:
        """Send it, and follow where the system's own hosts lead."""
        for _ in range(_MOST_REDIRECTS + 1):
            self.hosts.admit(request.url)
            answer = self._sent(request)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or target is None or not request.follow:
                return answer
            url = str(httpx.URL(request.url).join(target))
            # The target holds the query already.
            request = replace(request, url=url, params=None)
            if answer.status not in _KEEP_METHOD:
                request = replace(request, method="GET", json=None, data=None, content=None)
        raise RefusedError(f"{self.name} leads from one address to the next without end", answer.status)

    def _sent(self, request: Request) -> Answer:
        path, until = request.shown or urlsplit(request.url).path, time.monotonic() + self._limits.seconds
        body = {"json": request.json, "data": request.data, "content": request.content}
        try:
            with self._http.stream(
                request.method, request.url, params=request.params, headers=request.headers,
                extensions={"trace": self._watch}, **{name: value for name, value in body.items() if value is not None},
            ) as response:  # fmt: skip
                content = self._body(response, path, until)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, headers, content, path)
        except httpx.TimeoutException:
            raise Unavailable(f"{self.name} did not answer {path} within {self._limits.seconds:g} s") from None
        except httpx.DecodingError:
            raise Unavailable(f"{self.name} answered {path} with something that cannot be unpacked") from None
        except httpx.TransportError as error:
            raise Unavailable(f"{self.name} cannot be reached: {type(error).__name__} for {path}") from None

    def _body(self, response: httpx.Response, path: str, until: float) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > self._limits.most_bytes:
                raise DeliveryError(f"{self.name} answered {path} with more than {self._limits.most_bytes} bytes")
            if time.monotonic() > until:
                raise httpx.ReadTimeout("the answer as a whole took too long")
        return b"".join(parts)

    def _watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Look whom the connection goes to, before anything is said on it."""
        if event == "connection.connect_tcp.complete":
            self.hosts.admit_address(str(info["return_value"].get_extra_info("server_addr")[0]))
