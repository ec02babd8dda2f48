"""All records of the account: live ones, archived ones, and what search has seen of them so far."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from hrdata_assets.systems.hubspot.fake_records import STEP, Records, closed_or_not
from hrdata_assets.systems.hubspot.fake_schema import CREATED, ID, ObjectType, Record, Schema
from hrdata_assets.systems.hubspot.fake_switches import Switches
from hrdata_assets.systems.hubspot.fake_table import Columns, Table
from hrdata_assets.systems.hubspot.fake_values import SEPARATOR, iso, milliseconds

ADDITIONAL = "hs_additional_emails"
EVERY = 40
"""One of so many records is archived at the start, but never one of the first."""


@dataclass(frozen=True)
class Version:
    """A value that a property had, and since when."""

    value: str
    since: str


class Shelf:
    """Everything about the records of one object type."""

    def __init__(self, kind: ObjectType, records: Records, *, archived: bool) -> None:
        self.kind = kind
        ids = kind.first_id + STEP * np.arange(records.count(kind), dtype=np.int64)
        columns = Columns(ids, *records.stamps(kind))
        gone = np.arange(len(ids)) % EVERY == EVERY - 1 if archived else np.zeros(len(ids), dtype=np.bool_)

        def make(record_id: int) -> Record:
            return records.make(kind, (record_id - kind.first_id) // STEP)

        kept = Columns(*(column[~gone] for column in columns))
        self.live = Table(kind, kept, make)
        self.found = Table(kind, kept, make)
        """What search finds."""

        self.archived = Table(kind, Columns(*(column[gone] for column in columns)), make)
        self.archived_at: dict[int, str] = {}
        self.aliases: dict[int, int] = {}
        """Records that were merged away, and what was made of them."""

        self.history: dict[int, dict[str, list[Version]]] = {}
        """Of records that were changed: values of properties, the newest first."""

        self._waiting: list[tuple[datetime, dict[int, Record]]] = []
        self._last_id = int(ids[-1]) if len(ids) else kind.first_id
        self._by_value: dict[str, int] | None = None

    def next_id(self) -> int:
        """An id that nobody has, or ever had."""
        self._last_id += STEP
        return self._last_id

    def current(self, record_id: int) -> int:
        """What became of an id."""
        while record_id in self.aliases:
            record_id = self.aliases[record_id]
        return record_id

    def owner_of(self, value: str) -> int | None:
        """Id of the live record that a unique value belongs to; e-mail addresses may be further ones of a contact."""
        if self._by_value is None:
            self._by_value = {}
            for record in self.live:
                self._by_value.update(dict.fromkeys(self._values(record), int(record[ID])))
        return self._by_value.get(value.strip().lower())

    def holder_of(self, name: str, value: str) -> int | None:
        """Id of the live record that another unique property has this value for; records are looked through."""
        wanted = value.strip().lower()
        held = (int(one[ID]) for one in self.live if one.get(name, "").lower() == wanted)
        return next(held, None) if wanted else None

    def write(self, changes: Sequence[tuple[Record | None, Record]], seen: datetime | None) -> None:
        """Put records in the place of what they were before; search sees it at that moment, or at once."""
        for before, record in changes:
            self._keep_history(before or {}, record)
            self._reindex(before, record)
        records = {int(record[ID]): record for _, record in changes}
        self.live.put(*records.values())
        self.archived.drop(*records)
        for due, earlier in self._waiting:
            # What search would see later than this is older than this.
            if seen is None or due > seen:
                for record_id in records.keys() & earlier.keys():
                    del earlier[record_id]
        if seen is None:
            self.found.put(*records.values())
        else:
            self._waiting.append((seen, records))

    def take(self, record_id: int, archived_at: str | None = None) -> None:
        """Take a live record away: into the archive, or for good if no moment is told."""
        record = self.live.find(record_id)
        if record is None:
            return
        self._reindex(record, None)
        self.live.drop(record_id)
        self.found.drop(record_id)
        if archived_at is None:
            self.history.pop(record_id, None)
        else:
            self.archived.put(record)
            self.archived_at[record_id] = archived_at

    def when_archived(self, record: Record) -> str:
        """When a record was archived: the day it was last changed, if that was before everything began."""
        return self.archived_at.get(int(record[ID]), record[self.kind.modified])

    def settle(self, now: datetime) -> None:
        """Let search see what it is to see by now."""
        due = sorted((one for one in self._waiting if one[0] <= now), key=lambda one: one[0])
        if due:
            self._waiting = [one for one in self._waiting if one[0] > now]
        for _, records in due:
            here = [record for record_id, record in records.items() if self.live.has(record_id)]
            if here:
                self.found.put(*here)

    def _values(self, record: Record) -> Iterable[str]:
        own = record.get(self.kind.unique, "")
        further = record.get(ADDITIONAL, "") if self.kind.unique == "email" else ""
        return [value.lower() for value in (own, *further.split(SEPARATOR)) if value]

    def _reindex(self, before: Record | None, after: Record | None) -> None:
        if self._by_value is None:
            return
        for value in self._values(before or {}):
            if self._by_value.get(value) == int((before or {})[ID]):
                del self._by_value[value]
        for value in self._values(after or {}):
            self._by_value[value] = int((after or {})[ID])

    def _keep_history(self, before: Record, after: Record) -> None:
        known = self.history.setdefault(int(after[ID]), {})
        for name, value in after.items():
            if value == before.get(name):
                continue
            since = after[self.kind.modified]
            if name not in known:
                known[name] = [Version(before[name], before[CREATED])] if name in before else []
            known[name].insert(0, Version(value, since))


class Store:
    """The account's shelves, its clock, and how changes come to be."""

    def __init__(self, schema: Schema, records: Records, switches: Switches, now: Callable[[], datetime]) -> None:
        self.schema = schema
        self.switches = switches
        self.now = now
        self._records = records
        self._shelves = {name: Shelf(kind, records, archived=switches.archived) for name, kind in schema.kinds.items()}

    def __getitem__(self, kind: ObjectType) -> Shelf:
        return self._shelves[kind.name]

    def deal_links(self) -> Iterator[tuple[int, int, int]]:
        """Ids of every deal that was there at the start, its company and its contact."""
        ids = {name: kind.first_id for name, kind in self.schema.kinds.items()}
        for job in self._records.population.jobs:
            places = (job.number, job.company, job.contact)
            deal, company, contact = (
                ids[name] + STEP * number
                for name, number in zip(("deals", "companies", "contacts"), places, strict=True)
            )
            yield deal, company, contact

    @property
    def moment(self) -> str:
        """Now, as HubSpot writes it."""
        return iso(milliseconds(self.now()))

    def create(self, kind: ObjectType, values: Mapping[str, str]) -> Record:
        """A new record; what is given goes before what the system would fill in."""
        shelf, now = self[kind], self.moment
        record: Record = {CREATED: now, kind.modified: now, **values}
        record.setdefault(ID, str(shelf.next_id()))
        return self._write(kind, None, record)

    def change(self, kind: ObjectType, record: Record, values: Mapping[str, str]) -> Record:
        """Change a record as its users do: its stamp moves to now, or to what is given."""
        return self._write(kind, record, {**record, kind.modified: self.moment, **values})

    def stamp(self, kind: ObjectType, ids: Iterable[int], at: str) -> None:
        """Give many records one stamp."""
        records = map(self[kind].live.__getitem__, ids)
        self[kind].write([(record, {**record, kind.modified: at}) for record in records], self._seen())

    def _write(self, kind: ObjectType, before: Record | None, record: Record) -> Record:
        whole = {**record, **_calculated(kind, record)}
        self[kind].write([(before, whole)], self._seen())
        return whole

    def _seen(self) -> datetime | None:
        delay = self.switches.index_delay
        return self.now() + timedelta(seconds=delay) if delay else None


def _calculated(kind: ObjectType, record: Record) -> Record:
    """Properties that follow from others."""
    if kind.name == "contacts":
        name = " ".join(record[part] for part in ("firstname", "lastname") if record.get(part))
        called = name or record.get("email", "")
        return {"hs_full_name_or_email": called} if called else {}
    return closed_or_not(record.get("dealstage", "")) if kind.name == "deals" else {}
