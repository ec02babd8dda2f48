"""The org's records: created, changed, deleted, merged, restored, and rolled back."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from hrdata_assets.systems.salesforce.fake_ids import record_id
from hrdata_assets.systems.salesforce.fake_objects import STAGES
from hrdata_assets.systems.salesforce.fake_schema import Field, ObjectType, Schema
from hrdata_assets.systems.salesforce.fake_table import Table
from hrdata_assets.systems.salesforce.fake_values import Row, whole_second

RECYCLE_BIN = timedelta(days=15)


class Store:
    """Tables by object; every method may be called from any thread."""

    def __init__(self, schema: Schema, now: Callable[[], datetime], user: str) -> None:
        self.schema = schema
        self.now = now
        self.user = user
        self.tables = {name: Table() for name in schema.objects}
        self.lock = RLock()
        self._numbers: dict[str, int] = {}
        self._bin: deque[tuple[datetime, str, str]] = deque()
        self._before: list[tuple[str, str, Row | None]] | None = None

    def column(self, kind: ObjectType, name: str) -> Field | None:
        """A field the user may see, in whatever case, or None."""
        one = kind.field_named(name)
        return one if one is not None and self.schema.sees(kind, one) else None

    def target(self, reference: Field) -> ObjectType:
        """The object a reference points to."""
        return self.schema.objects[reference.targets[0]]

    def related(self, reference: Field, row: Mapping[str, Any]) -> Row | None:
        """The live record a reference of a row points to."""
        found = self.tables[reference.targets[0]].row(row.get(reference.name, ""))
        return None if found is None or found["IsDeleted"] else found

    def insert(self, kind: ObjectType, values: Mapping[str, Any]) -> str:
        """Create a record; what is given goes before what Salesforce would fill in."""
        with self.lock:
            table, now = self.tables[kind.name], whole_second(self.now())
            number = self._numbers.get(kind.name, len(table))
            self._numbers[kind.name] = number + 1
            row: Row = {"Id": record_id(kind.prefix, number), "IsDeleted": False}
            row |= {one.name: False for one in kind.fields.values() if one.type == "boolean"}
            row |= dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now)
            row |= dict.fromkeys(("OwnerId", "CreatedById", "LastModifiedById"), self.user)
            self._put(kind, derived(kind.name, {**row, **values}))
            return str(row["Id"])

    def update(self, kind: ObjectType, row: Row, changes: Mapping[str, Any]) -> None:
        """Change a record as its users do: both its stamps move on to now."""
        now = whole_second(self.now())
        stamps = {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": self.user}
        with self.lock:
            self._put(kind, derived(kind.name, {**row, **stamps, **changes}))

    def remove(self, kind: ObjectType, row: Row, winner: str | None = None) -> None:
        """Put a record into the recycle bin; merged into a winner, it says into which."""
        self.update(kind, row, {"IsDeleted": True, **({"MasterRecordId": winner} if winner else {})})
        self._bin.append((self.now(), kind.name, row["Id"]))

    def restore(self, kind: ObjectType, row: Row) -> None:
        """Take a record out of the recycle bin."""
        self.update(kind, row, {"IsDeleted": False, "MasterRecordId": None})

    def purge(self, kind: ObjectType, row: Row) -> None:
        """Remove a record for good: no query finds it any more."""
        with self.lock:
            self._remember(kind, row["Id"])
            self.tables[kind.name].drop(row["Id"])

    def empty_bin(self) -> None:
        """Remove for good what has been deleted 15 days ago or earlier, as happens by itself."""
        with self.lock:
            while self._bin and self._bin[0][0] <= self.now() - RECYCLE_BIN:
                _, name, one = self._bin.popleft()
                row = self.tables[name].row(one)
                if row is not None and row["IsDeleted"]:
                    self.purge(self.schema.objects[name], row)

    def touch(self, kind: ObjectType, ids: list[str], at: datetime | None) -> None:
        """Give records one stamp, as a change of the system's own does: LastModifiedDate stays."""
        moment = whole_second(at or self.now())
        with self.lock:
            table = self.tables[kind.name]
            table.put(*({**row, "SystemModstamp": moment} for row in table.rows(ids)))

    @contextmanager
    def transaction(self) -> Iterator[Callable[[], None]]:
        """While it lasts nobody else reads or writes; calling what is yielded takes everything back."""
        with self.lock:
            outer, self._before = self._before, []
            try:
                yield self._roll_back
                done = self._before
            finally:
                self._before = outer
            if outer is not None:
                outer.extend(done)

    def _roll_back(self) -> None:
        for name, one, row in reversed(self._before or []):
            table = self.tables[name]
            table.drop(one) if row is None else table.put(row)
        self._before = []

    def _remember(self, kind: ObjectType, one: str) -> None:
        if self._before is not None:
            self._before.append((kind.name, one, self.tables[kind.name].row(one)))

    def _put(self, kind: ObjectType, row: Row) -> None:
        self._remember(kind, row["Id"])
        self.tables[kind.name].put({name: value for name, value in row.items() if value is not None})


def derived(name: str, row: Row) -> Row:
    """Fields that Salesforce works out from others."""
    if name in ("Contact", "Lead"):
        names = (row.get("FirstName"), row.get("LastName"))
        return {**row, "Name": " ".join(part for part in names if part)}
    if name != "Opportunity":
        return row
    stage, amount = row.get("StageName"), row.get("Amount")
    probability = row.get("Probability", STAGES.get(str(stage)))
    closed, won = stage in ("Closed Won", "Closed Lost"), stage == "Closed Won"
    expected = None if amount is None or probability is None else round(amount * probability / 100, 2)
    forecast = "Closed" if won else "Omitted" if closed else "Pipeline"
    found = {"IsClosed": closed, "IsWon": won, "ExpectedRevenue": expected, "ForecastCategory": forecast}
    return {**row, **found, "Probability": probability}
