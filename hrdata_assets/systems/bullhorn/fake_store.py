"""What a fake Bullhorn holds: records by id and by when they were changed, and what was done to them."""

import bisect
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hrdata_assets.systems.bullhorn.fake_rows import Record

SOFT = frozenset({"Candidate", "ClientContact", "JobOrder", "JobSubmission", "CorporateUser"})
"""Entities of which a deleted record stays, and says so."""


@dataclass
class Entity:
    """Records of one kind. ``ids`` and ``stamps`` are kept in order; ``ghosts`` are gone and still in the index."""

    rows: dict[int, Record] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    stamps: list[tuple[int, int]] = field(default_factory=list)
    ghosts: set[int] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    spelt: dict[tuple[int, str], bytes] = field(default_factory=dict)

    def put(self, record: Record) -> None:
        """Add a record, or another state of it."""
        number = record["id"]
        if number in self.rows:
            self.take(number)
        self.rows[number] = record
        bisect.insort(self.ids, number)
        bisect.insort(self.stamps, (record["dateLastModified"], number))

    def fill(self, records: Iterable[Record]) -> None:
        """Begin with these."""
        self.rows = {record["id"]: record for record in records}
        self.ids = sorted(self.rows)
        self.stamps = sorted((record["dateLastModified"], number) for number, record in self.rows.items())
        for record in self.rows.values():
            self.kinds |= {name: _kind(value) for name, value in record.items() if name not in self.kinds or value}

    def take(self, number: int) -> Record:
        """Take a record out; KeyError if it is not there."""
        record = self.rows.pop(number)
        self.ids.pop(bisect.bisect_left(self.ids, number))
        self.stamps.pop(bisect.bisect_left(self.stamps, (record["dateLastModified"], number)))
        self.spelt = {key: text for key, text in self.spelt.items() if key[0] != number}
        return record

    def text(self, number: int, fields: str, pick: Callable[[Record], Any]) -> bytes:
        """A record as JSON, with the fields that ``pick`` takes; kept, for the same is asked for again and again."""
        key = (number, fields)
        if key not in self.spelt:
            self.spelt[key] = json.dumps(pick(self.rows[number]), ensure_ascii=False, separators=(",", ":")).encode()
        return self.spelt[key]


def _kind(value: object) -> str:
    if isinstance(value, dict):
        if "data" in value:
            return "TO_MANY"
        return "TO_ONE" if "id" in value else "COMPOSITE"
    return "SCALAR"


@dataclass(frozen=True)
class Event:
    """Something that was done to a record."""

    entity: str
    number: int
    kind: str
    at: int
    fields: tuple[str, ...] = ()


class Store:
    """All entities; whatever is done to a record is done under the lock, and told to who subscribed."""

    def __init__(self, now: Callable[[], int], rows: Iterable[tuple[str, Record]]) -> None:
        self.now, self.lock = now, threading.RLock()
        self.entities: dict[str, Entity] = {}
        self.told: list[Callable[[Event], None]] = []
        found: dict[str, list[Record]] = {}
        for name, record in rows:
            found.setdefault(name, []).append(record)
        for name, records in found.items():
            self.entities.setdefault(name, Entity()).fill(records)

    def insert(self, name: str, fields: Record) -> int:
        """Create a record with the fields of another and these; answers its id."""
        with self.lock:
            entity = self.entities[name]
            number = (entity.ids[-1] if entity.ids else 0) + 1
            like = entity.rows[entity.ids[0]] if entity.ids else {}
            at = self.now()
            entity.put({**like, "dateAdded": at, "dateLastModified": at, **fields, "id": number})
            self._tell(Event(name, number, "INSERTED", at))
            return number

    def update(self, name: str, number: int, fields: Record) -> None:
        """Change a record; its stamp moves on unless it is among the fields. KeyError if it is not there."""
        with self.lock:
            entity = self.entities[name]
            at = self.now()
            entity.put({**entity.rows[number], "dateLastModified": at, **fields})
            self._tell(Event(name, number, "UPDATED", at, tuple(fields)))

    def remove(self, name: str, number: int, *, ghost: bool = False) -> None:
        """Delete a record, softly where the entity does so; a ghost stays in the index. KeyError if it is not there."""
        with self.lock:
            entity = self.entities[name]
            if name in SOFT and not ghost:
                entity.put({**entity.rows[number], "isDeleted": True, "dateLastModified": self.now()})
            else:
                entity.take(number)
                if ghost:
                    entity.ghosts.add(number)
            self._tell(Event(name, number, "DELETED", self.now()))

    def stamp(self, name: str, numbers: Sequence[int], at: int) -> None:
        """Give many records one stamp."""
        for number in numbers:
            self.update(name, number, {"dateLastModified": at})

    def _tell(self, event: Event) -> None:
        for hear in self.told:
            hear(event)
