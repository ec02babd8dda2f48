"""What `fields` asks for, as in `id,address(city),owner(id,name),categories[3](name){name='X'}`; records shown so."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hrdata_assets.systems.bullhorn import fake_where as where
from hrdata_assets.systems.bullhorn.fake_conditions import Condition, Paths, select
from hrdata_assets.systems.bullhorn.fake_errors import Refused, refused, unknown_fields
from hrdata_assets.systems.bullhorn.fake_schema import ADDRESS, CONFIDENTIAL, Field
from hrdata_assets.systems.bullhorn.fake_store import database
from hrdata_assets.systems.bullhorn.fake_world import Record

Part = Callable[[Record], Any]

MOST_BELOW = 10
"""Rows of a to-many inside a row, whatever is asked for."""

TOO_MANY_BELOW = 15
BELOW = 5
MOST_SEEN = 20_000

_NAME = re.compile(r"\s*([A-Za-z_]\w*|\*)\s*(?:\[(\d+)\])?\s*")


@dataclass(frozen=True)
class Wanted:
    """One field that is asked for."""

    name: str
    count: int | None = None
    inside: tuple["Wanted", ...] = ()
    where: str | None = None


def parse_fields(text: str) -> tuple[Wanted, ...]:
    """Read a list of fields; Refused where it is wrong."""
    wanted, at = _list(text, 0)
    if at != len(text):
        raise _malformed(text)
    return wanted


def _list(text: str, at: int) -> tuple[tuple[Wanted, ...], int]:
    found = []
    while True:
        one, at = _one(text, at)
        found.append(one)
        if text[at : at + 1] != ",":
            return tuple(found), at
        at += 1


def _one(text: str, at: int) -> tuple[Wanted, int]:
    match = _NAME.match(text, at)
    if match is None:
        raise _malformed(text)
    at, filtered = match.end(), None
    inside: tuple[Wanted, ...] = ()
    if text[at : at + 1] == "(":
        inside, at = _list(text, at + 1)
        if text[at : at + 1] != ")":
            raise _malformed(text)
        at = _after_blanks(text, at + 1)
    if text[at : at + 1] == "{":
        end = text.find("}", at)
        if end < 0:
            raise _malformed(text)
        filtered, at = text[at + 1 : end], _after_blanks(text, end + 1)
    return Wanted(match[1], int(match[2]) if match[2] else None, inside, filtered), at


def _after_blanks(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _malformed(text: str) -> Refused:
    return refused(400, f"Cannot parse the fields: {text[:200]}", "errors.malformedFields")


class Projection:
    """Shows records of an entity the way a list of fields asks for."""

    def __init__(
        self,
        entity: str,
        wanted: tuple[Wanted, ...],
        paths: Paths,
        hidden: frozenset[str],
        *,
        below: bool = False,
    ) -> None:
        self.entity = entity
        self.touches: set[str] = set()
        """Entities whose records are looked into for it."""
        self.insides: list[Projection] = []
        self._seen: dict[int, dict[str, Any] | None] = {}
        self.paths = paths
        self._hidden = hidden
        known = paths.schema[entity].fields
        missing = [one.name for one in wanted if one.name not in known]
        if missing:
            raise unknown_fields(entity, missing)
        self.parts = [(one.name, self._part(known[one.name], one, below=below)) for one in wanted if one.name != "id"]

    def shown(self, record: Record) -> dict[str, Any]:
        """A record; its id always comes first."""
        shown = {"id": record["id"]}
        for name, part in self.parts:
            shown[name] = record.get(name) if part is None else part(record)
        return shown

    def seen(self, record_id: int | None) -> dict[str, Any] | None:
        """A record by id, remembered: many rows lead to the same one."""
        if record_id is None:
            return None
        if record_id not in self._seen:
            if len(self._seen) > MOST_SEEN:
                self._seen.clear()
            record = self.paths.store[self.entity].record(record_id)
            self._seen[record_id] = record and self.shown(record)
        return self._seen[record_id]

    def forget(self) -> None:
        """Look at everything inside anew."""
        self._seen.clear()
        for inside in self.insides:
            inside.forget()

    def _part(self, field: Field, wanted: Wanted, *, below: bool) -> Part | None:
        if {field.name, f"{self.entity}.{field.name}"} & self._hidden:
            return lambda _: CONFIDENTIAL
        if field.type == "COMPOSITE":
            return self._composite(field, wanted)
        if field.type == "TO_ONE":
            return self._to_one(field, wanted)
        if field.type == "TO_MANY":
            if below:
                raise refused(400, f"To-many field {field.name} is allowed at the top level only")
            return self._to_many(field, wanted)
        if wanted.inside:
            raise refused(400, f"Field {field.name} of {self.entity} has no fields inside")
        return None

    def _composite(self, field: Field, wanted: Wanted) -> Part:
        names = [one.name for one in wanted.inside] or list(ADDRESS)
        if missing := [name for name in names if name not in ADDRESS]:
            raise unknown_fields(self.entity, [f"{field.name}.{name}" for name in missing])

        def part(record: Record) -> Any:
            value = record.get(field.name)
            return value and {name: value.get(name) for name in names}

        return part

    def _inside(self, field: Field, wanted: Wanted) -> "Projection":
        self.touches.add(field.entity)
        inside = Projection(field.entity, wanted.inside or (Wanted("id"),), self.paths, self._hidden, below=True)
        self.touches |= inside.touches
        self.insides.append(inside)
        return inside

    def _to_one(self, field: Field, wanted: Wanted) -> Part:
        seen = self._inside(field, wanted).seen
        return lambda record: seen(record.get(field.name))

    def _to_many(self, field: Field, wanted: Wanted) -> Part:
        inside, table, count = self._inside(field, wanted), self.paths.store[field.entity], wanted.count or BELOW
        if count > TOO_MANY_BELOW:
            raise refused(400, f"At most {MOST_BELOW} rows of {field.name} can be asked for, not {count}")
        condition = None
        if wanted.where is not None:
            condition = where.parse(wanted.where, lambda path: self.paths.field(field.entity, path))

        softly, most = self.paths.schema[field.entity].has_soft_deletion, min(count, MOST_BELOW)

        def part(record: Record) -> dict[str, Any]:
            live = [one for one in self.paths.many(record, field) if one in table.live]
            if softly:
                live = [one for one in live if not table.document(one).get("isDeleted")]
            if condition is not None:
                live = [one for one in live if self._holds(condition, field.entity, one)]
            return {"total": len(live), "data": [inside.seen(one) for one in live[:most]]}

        return part

    def _holds(self, condition: Condition, entity: str, record_id: int) -> bool:
        view = database(self.paths.store[entity])
        return bool(len(select(condition, view, self.paths, np.array([view.columns.at(record_id)]))))


class Fragments:
    """Records of one entity as JSON for one list of fields; what was encoded is kept until it changes."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self._table = projection.paths.store[projection.entity]
        self._encoded: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._encoded)

    def of(self, record_id: int) -> bytes | None:
        """A record as JSON; None if it is not in the database."""
        found = self._encoded.get(record_id)
        if found is None:
            table = self._table
            if record_id not in table.live:
                return None
            if not self.projection.parts:
                return b'{"id":%d}' % record_id
            found = _ENCODER.encode(self.projection.shown(table.document(record_id))).encode()
            self._encoded[record_id] = found
        return found

    def changed(self, entity: str, record_id: int) -> None:
        """Forget what a changed record stands in."""
        if entity in self.projection.touches:
            self._encoded.clear()
            self.projection.forget()
        elif entity == self.projection.entity:
            self._encoded.pop(record_id, None)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
