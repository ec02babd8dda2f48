"""Reading ahead: the next pages arrive while those before are stored."""

import queue
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_LOOK = 0.1

_TURN = 0.0003
"""Seconds after which a thread that computes lets another go on, where Python's own are 0.005: an answer is received in
many pieces, and each of them waits that long."""


class _Turns:
    """Short turns for the threads of this process, for as long as anybody wants them."""

    def __init__(self) -> None:
        self._lock, self._wanted, self._usual = threading.Lock(), 0, sys.getswitchinterval()

    @contextmanager
    def short(self) -> Iterator[None]:
        with self._lock:
            if not self._wanted:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(_TURN, self._usual))
            self._wanted += 1
        try:
            yield
        finally:
            with self._lock:
                self._wanted -= 1
                if not self._wanted:
                    sys.setswitchinterval(self._usual)


_TURNS = _Turns()


@contextmanager
def read_ahead(members: Iterator[T], most: int) -> Iterator[Iterator[T]]:
    """Go through an iterator in a thread of its own, so many members ahead; what it raises is raised to the reader.

    Leaving the block ends the thread at its next member.
    """
    arrived: queue.Queue[tuple[T] | None] = queue.Queue(most)
    ended = threading.Event()

    def put(member: tuple[T] | None) -> bool:
        while not ended.is_set():
            try:
                arrived.put(member, timeout=_LOOK)
            except queue.Full:
                continue
            return True
        return False

    def run() -> None:
        try:
            for member in members:
                if not put((member,)):
                    return
        finally:
            put(None)

    with _TURNS.short(), ThreadPoolExecutor(1, "read ahead") as threads:
        reading = threads.submit(run)

        def given() -> Iterator[T]:
            while (member := arrived.get()) is not None:
                yield member[0]
            reading.result()

        try:
            yield given()
        finally:
            ended.set()
