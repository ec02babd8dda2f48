"""Reading ahead: the next pages arrive while those before are stored."""

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_LOOK = 0.1


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

    with ThreadPoolExecutor(1, "read ahead") as threads:
        reading = threads.submit(run)

        def given() -> Iterator[T]:
            while (member := arrived.get()) is not None:
                yield member[0]
            reading.result()

        try:
            yield given()
        finally:
            ended.set()
