"""The next workbook, which is taken apart while the one before is examined and published."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from hrdata_assets.errors import DeliveryError, SystemUnavailable
from hrdata_assets.excel.known import known, place_of, stands
from hrdata_assets.excel.task import Task, content_of
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.session import Session
from hrdata_assets.systems.workbooks.reading import Reader

MOST_BYTES = 1024**2
"""Size of a workbook up to which it is read ahead: for a larger one the limits shall not run beside other work."""


@dataclass(frozen=True)
class Begun:
    """A workbook that nothing was known of when it began to be taken apart."""

    task: Task
    facts: tuple[int, ...]
    delivery: Delivery
    place: Place


class Ahead:
    """Begins with the next of some tasks, one and no more, if it is small and its content is not known.

    Whether it still stands there so, and is still unknown, is looked at when its turn comes.
    """

    def __init__(self, session: Session, reader: Reader, tasks: Sequence[Task]) -> None:
        self._session, self._reader, self._tasks = session, reader, tasks
        self._taken = 0
        self._begun: Begun | None = None

    def take(self, task: Task) -> Begun | None:
        """What was begun for the next task, whose turn has come, if anything was and its file is still the same."""
        self._taken += 1
        begun, self._begun = self._begun, None
        return begun if begun and begun.task is task and begun.facts == _facts(task) else None

    def begin_next(self) -> None:
        """Begin with the task behind the one that was taken last; whatever is in the way is left to its own turn."""
        if self._taken < len(self._tasks):
            with suppress(DeliveryError, SystemUnavailable):
                self._begun = self._begin(self._tasks[self._taken])

    def _begin(self, task: Task) -> Begun | None:
        facts = _facts(task)
        if not facts:
            return None
        delivery = content_of(task, MOST_BYTES)
        with self._session.look() as connection:
            standing = stands(connection, task, delivery)
            if known(connection, task, delivery, standing) is not None:
                return None
        self._reader.read_ahead(delivery.content, task.options.sheet, rows=task.chunk_rows)
        return Begun(task, facts, delivery, place_of(task, delivery, standing))


def _facts(task: Task) -> tuple[int, ...]:
    """What changes with a file; nothing for one that is not there, or too large to begin with."""
    try:
        facts = (task.root / task.file.path).lstat()
    except OSError:
        return ()
    return (facts.st_ino, facts.st_size, facts.st_mtime_ns) if facts.st_size <= MOST_BYTES else ()
