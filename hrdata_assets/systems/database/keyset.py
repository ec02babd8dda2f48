"""Reading by where the last page ended: by key for everything, by stamp and key for what changed.

No page is asked for by its number, so that nothing shifts while records come, change and go.
"""

import datetime
import json
import zoneinfo
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from typing_extensions import override

from hrdata_assets.errors import DeliveryError
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.synced import DELETED
from hrdata_assets.systems.answers import json_of
from hrdata_assets.systems.sources.declaration import DatabaseSource, MongoSource
from hrdata_assets.systems.sources.system import DeclaredSystem
from hrdata_assets.systems.system import Gone, Page, Record, Window
from hrdata_assets.table import CursorMode, Table

CLOCKS_GO_BACK = datetime.timedelta(hours=1)
"""What a zone's clocks are put back by at most: stamps without a zone repeat themselves for so long."""


class Order(StrEnum):
    """What a reading goes through: every record by key; those without a stamp by key; the others by stamp and key."""

    KEY = "key"
    UNSTAMPED = "unstamped"
    STAMP = "stamp"


@dataclass(frozen=True)
class Question:
    """Records of a window in some order, behind a place: the key of the last one, and its stamp where that counts."""

    table: Table
    window: Window
    order: Order
    after: Mapping[str, Any]

    @property
    def stamp(self) -> str:
        """The column that the window goes by."""
        return in_role(self.table, self.window.mode)

    @property
    def key(self) -> str:
        """The column of keys."""
        return in_role(self.table, CursorMode.ID)


Found = tuple[dict[str, Any], Mapping[str, Any]]
"""A record as JSON can hold it, and the place that the next page begins behind."""


class Keyset(DeclaredSystem):
    """A system whose records can be asked for in the order of their keys and stamps."""

    declared: ClassVar[DatabaseSource | MongoSource]

    @override
    def pages(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield pages by key, or those without a stamp by key and then by stamp where only what changed is asked for.

        Of a record without a stamp nothing tells whether it changed: it is read every time.
        """
        orders = [Order.KEY]
        if window.since is not None and window.mode is not CursorMode.ID:
            orders = [Order.UNSTAMPED, Order.STAMP]
        begun = window.position.get("order")
        if begun in orders:
            orders = orders[orders.index(Order(begun)) :]
        for order in orders:
            after = {n: v for n, v in window.position.items() if n != "order"} if order == begun else {}
            yield from self._behind(Question(table, window, order, after))

    def _behind(self, question: Question) -> Iterator[Page]:
        while found := self.found(question):
            after = found[-1][1]
            if after == question.after:
                raise DeliveryError(f"{question.table.name}: {self.name} gives the same page for ever: stopped there")
            delivery, records = self._archived(question.table, [record for record, _ in found])
            yield Page(records, delivery, {"order": question.order.value, **after})
            if len(found) < self.declared.page:
                return
            question = Question(question.table, question.window, question.order, after)

    def _archived(self, table: Table, records: Sequence[Mapping[str, Any]]) -> tuple[Delivery, Sequence[Record]]:
        content = b"\n".join(json.dumps(record, ensure_ascii=False, default=str).encode() for record in records)
        today = datetime.datetime.now(datetime.UTC).date()
        delivery = Delivery.of(f"{self.name}/{table.origin}/{today}", content)
        self._keep(delivery)
        return delivery, self.records(table, content)

    @abstractmethod
    def found(self, question: Question) -> list[Found]:
        """One page at most of what is asked for; fewer where there are no more."""

    @override
    def deletions(self, table: Table, since: datetime.datetime, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Nothing: a database forgets what it deletes. What is gone is found when all keys are read."""
        return iter(())

    @override
    @classmethod
    def records(cls, table: Table, content: bytes) -> Sequence[Record]:
        """Read one record per line."""
        found = [json_of(line) for line in content.split(b"\n")]
        if not all(isinstance(record, dict) for record in found):
            raise TypeError("a line that is no record")
        return found


def in_role(table: Table, mode: CursorMode) -> str:
    """Name of the column in that role. DeliveryError where there is none."""
    column = table.in_role(mode)
    if column is None:
        raise DeliveryError(f"{table.name} has no column that is {mode}")
    return column.name


def marks_deleted(table: Table) -> bool:
    """Whether its records say of themselves that they are deleted."""
    return any(column.name == DELETED for column in table.columns)


def moment_of(value: object, zone: str) -> datetime.datetime | None:
    """The moment of a stamp, in UTC; one without a zone is of that zone. None for what is no stamp."""
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if not isinstance(value, datetime.datetime):
        return None
    try:
        placed = value if value.tzinfo else value.replace(tzinfo=zoneinfo.ZoneInfo(zone))
        return placed.astimezone(datetime.UTC)
    except OverflowError:
        return None


def local_time(moment: datetime.datetime, zone: str) -> datetime.datetime:
    """What a clock of a zone shows at a moment, without saying where it hangs."""
    return moment.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
