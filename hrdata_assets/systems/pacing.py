"""How often a system is asked: a token bucket that waits, and a circuit breaker that stops asking for a while.

Both are for several threads at a time. The libraries at hand are not: pybreaker holds its lock while the call goes on,
so that no two objects of a system could be read at once, and pyrate-limiter keeps a thread of its own.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hrdata_assets.errors import SystemUnavailable

Clock = Callable[[], float]


class TokenBucket:
    """So many calls a minute; ``burst`` of them may come at once after a rest."""

    def __init__(self, per_minute: float, burst: int = 1, *, clock: Clock = time.monotonic) -> None:
        self._rate, self._burst, self._clock = per_minute / 60, float(max(burst, 1)), clock
        self._tokens, self._seen = self._burst, clock()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a token that is there or will be; returns the seconds to wait until it is."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._seen) * self._rate) - 1
            self._seen = now
            return max(0.0, -self._tokens / self._rate)


class CircuitBreaker:
    """Opens after so many failures in a row.

    After ``rest`` seconds one call may try, and closes it or opens it again.
    """

    def __init__(self, name: str, *, failures: int = 10, rest: float = 30.0, clock: Clock = time.monotonic) -> None:
        self._name, self._most, self._rest, self._clock = name, failures, rest, clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._lock = threading.Lock()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Let a call through and count whether it failed as one worth trying again. SystemUnavailable while open."""
        self._enter()
        # What was refused for a reason of its own says nothing about the system's health.
        failed = None
        try:
            yield
            failed = False
        except SystemUnavailable:
            failed = True
            raise
        finally:
            self._left(failed=failed)

    def _enter(self) -> None:
        with self._lock:
            if self._opened_at is None:
                return
            wait = self._opened_at + self._rest - self._clock()
            if wait > 0 or self._probing:
                raise SystemUnavailable(
                    f"{self._name} failed {self._failures} times in a row and is left alone for {max(wait, 1):.0f} s: "
                    "see whether it is up, then start again"
                )
            self._probing = True

    def _left(self, *, failed: bool | None) -> None:
        with self._lock:
            self._probing = False
            if failed is None:
                return
            self._failures = self._failures + 1 if failed else 0
            self._opened_at = self._clock() if self._failures >= self._most else None
