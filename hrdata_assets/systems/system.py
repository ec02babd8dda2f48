"""What every system is to the platform: the row classes it has, and pages of their records, each archived unread."""

import copy
import datetime
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from hrdata_assets.errors import SetupError
from hrdata_assets.query import Condition
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.systems.answers import Answer, MalformedPageError
from hrdata_assets.systems.http import Client
from hrdata_assets.table import CursorMode, Row, Table
from hrdata_assets.unified.mapping import RowMapping

Record = Mapping[str, Any]
"""One record as the system spells it."""

Keep = Callable[[Delivery], None]
"""Puts what arrived into the archive, before anything is read out of it; its name is the folder: system/object/day."""


@dataclass(frozen=True)
class Page:
    """Records of one answer, in its order, and where to go on once they are stored.

    ``position`` is the system's own, and goes through JSON unchanged. A page without records is stored at once: it
    says where to go on, and nothing else.
    """

    records: Sequence[Record]
    delivery: Delivery
    position: Mapping[str, Any]


@dataclass(frozen=True)
class Window:
    """Which records of an object are asked for.

    ``since`` is None for all of them; else those are meant whose column in the role of ``mode`` is that, or more.
    ``position`` is where a former reading of the same window got to. With ``keys_only`` nothing but the ids is wanted.
    """

    mode: CursorMode = CursorMode.UPDATED_AT
    since: datetime.datetime | int | None = None
    where: tuple[Condition, ...] = ()
    position: Mapping[str, Any] = field(default_factory=dict)
    keys_only: bool = False


@dataclass(frozen=True)
class Gone:
    """Keys of records that were deleted, and what the system must be told to go on after them.

    ``moments`` are when they were deleted, as far as that is known: one that changed later is there again. ``back`` are
    keys of records that are there, also if they were told to be gone before: for a system in which a record may come
    back and nothing else of it changes.
    """

    keys: Sequence[str]
    state: Mapping[str, Any] = field(default_factory=dict)
    moments: Mapping[str, datetime.datetime | None] = field(default_factory=dict)
    back: Sequence[str] = ()


@dataclass(frozen=True)
class Written:
    """What became of one record that was given to a system: its place among those given, and its id there.

    ``refused`` says why it was not taken, in the system's own code: never a value.
    """

    place: int
    key: str | None = None
    created: bool = False
    refused: str | None = None


class System(ABC):
    """A system that is asked for records. One instance serves one sync of one or several objects.

    ``known_by`` names, by table, the column by which a record that is written is known again.
    ``unifies`` are its mappings into the unified model and out of it, one of a kind for each of its row classes.
    ``overlap`` is how long after its stamp a change may become visible: so much before the cursor is read again.
    ``sessions`` is how many syncs of it may go on at a time. ``withheld`` is the text that stands in place of a value
    that the user may not see.
    """

    name: ClassVar[str]
    rows: ClassVar[tuple[type[Row], ...]]
    known_by: ClassVar[Mapping[str, str]] = {}
    unifies: ClassVar[tuple[RowMapping, ...]] = ()
    overlap: ClassVar[datetime.timedelta] = datetime.timedelta(minutes=5)
    sessions: ClassVar[int] = 4
    withheld: ClassVar[str | None] = None

    def __init__(self, client: Client, keep: Keep) -> None:
        self.client, self._keep = client, keep

    def twin(self) -> Self:
        """The same, for another thread: it asks through the same client, and counts its own calls."""
        other = copy.copy(self)
        other.client = self.client.twin()
        return other

    @classmethod
    def table(cls, name: str) -> Table:
        """The table of that name, or of the object that the system calls so. SetupError names those there are."""
        for row in cls.rows:
            if name.casefold() in (row.table.name, (row.table.origin or "").casefold(), short_name(cls, row.table)):
                return row.table
        there = ", ".join(short_name(cls, row.table) for row in cls.rows)
        raise SetupError(f"{cls.name} has no {name}; it has {there}")

    @abstractmethod
    def pages(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield pages until every record of the window that is there was met at least once.

        A record that changes meanwhile may come twice or in its new state. MalformedPageError for an answer that is
        no page.
        """

    @abstractmethod
    def newest(self, table: Table, mode: CursorMode) -> datetime.datetime | int | None:
        """Greatest value of the column in that role; None where there is no record."""

    @abstractmethod
    def now(self) -> datetime.datetime:
        """What the system's own clock shows."""

    @abstractmethod
    def deletions(self, table: Table, since: datetime.datetime, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Yield records that were deleted since then, by the system's own means; nothing where it has none.

        ``state`` is that of the last ones stored, if any ever were.
        """

    @abstractmethod
    def total(self, table: Table) -> int | None:
        """How many records are there by the system's own count; None where it does not count."""

    @classmethod
    @abstractmethod
    def records(cls, table: Table, content: bytes) -> Sequence[Record]:
        """Read the records of a page as it stands in the archive, in the order in which their places count.

        KeyError, TypeError or ValueError for what is no page.
        """

    def write(self, table: Table, records: Sequence[Record], external: str) -> Iterator[Written]:
        """Bring records into the system: the one that has the same value in the column ``external``, or a new one.

        Records are named as the table's columns are; what they do not name is left as it is. Yields once for each,
        as soon as the system has answered. SetupError where the system, or the object, takes none.
        """
        raise SetupError(f"{self.name} takes no records of {table.origin} by {external}: {len(records)} were given")

    def archived(self, table: Table, answer: Answer) -> Delivery:
        """Put an answer about an object into the archive as it came."""
        today = datetime.datetime.now(datetime.UTC).date()
        delivery = Delivery.of(f"{self.name}/{table.origin}/{today}", answer.content)
        self._keep(delivery)
        return delivery

    def received(
        self, table: Table, answer: Answer, read: Callable[[Any], Sequence[Record]]
    ) -> tuple[Delivery, Sequence[Record]]:
        """Archive an answer, then read its records. MalformedPageError, which names it, if it has none."""
        delivery = self.archived(table, answer)
        try:
            return delivery, read(answer.json())
        except MalformedPageError as error:
            raise MalformedPageError(str(error), delivery.short) from None
        except (KeyError, TypeError, AttributeError, ValueError):
            raise MalformedPageError(f"{answer.path} answered with JSON of another shape", delivery.short) from None


def short_name(system: type[System], table: Table) -> str:
    """A table's name without the system's: ``candidates`` of ``bullhorn_candidates``."""
    return table.name.removeprefix(f"{system.name}_")
