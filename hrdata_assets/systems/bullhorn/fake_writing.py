"""Writing: PUT creates, POST updates, DELETE deletes, and to-many associations are made and undone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import Response

from hrdata_assets.systems.bullhorn.fake_conditions import Paths
from hrdata_assets.systems.bullhorn.fake_errors import answer, flaw, not_found, not_persisted, refused, unknown_fields
from hrdata_assets.systems.bullhorn.fake_events import Events
from hrdata_assets.systems.bullhorn.fake_schema import ADDRESS, Entity, Field
from hrdata_assets.systems.bullhorn.fake_switches import Switches
from hrdata_assets.systems.bullhorn.fake_world import API_USER, FIRST_ID, Record, milliseconds

DEFAULTS: Mapping[str, Record] = {
    "Candidate": {
        "status": "New Lead", "employeeType": "W2", "comments": "", "isDeleted": False, "owner": API_USER,
        "category": FIRST_ID["Category"],
    },
    "JobOrder": {
        "employmentType": "Permanent", "onSite": "No Preference", "willRelocateInt": 0, "owner": API_USER,
        "isDeleted": False, "isOpen": True,
    },
    "JobSubmission": {"status": "New Lead", "sendingUser": API_USER, "isDeleted": False},
    "Placement": {
        "status": "Placed", "salaryUnit": "Yearly", "fee": 0.0, "hoursPerDay": 8.0, "durationWeeks": 0.0,
        "daysGuaranteed": 0, "daysProRated": 0, "referralFee": 0, "referralFeeType": "Flat", "payRate": 0,
    },
    "ClientCorporation": {
        "status": "Prospect", "address": {}, "annualRevenue": 0, "numEmployees": 0, "numOffices": 0,
        "feeArrangement": 0.0,
    },
    "ClientContact": {
        "status": "New Lead", "type": "Unknown", "owner": API_USER, "category": FIRST_ID["Category"],
        "isDeleted": False, "massMailOptOut": False,
    },
}  # fmt: skip
"""Values of mandatory fields that nobody gave."""

STAMPED = ("dateAdded", "dateLastModified", "dateWebResponse", "startDate", "dateBegin")

_TYPES: Mapping[str, tuple[type, ...]] = {
    "String": (str,),
    "Boolean": (bool, int),
    "Integer": (int,),
    "Timestamp": (int,),
    "BigDecimal": (int, float),
    "Double": (int, float),
}


class Writing:
    """Changes records, by the rules of the API or, for a test that makes things happen, without them."""

    def __init__(self, paths: Paths, events: Events, switches: Switches, now: Callable[[], datetime]) -> None:
        self.paths = paths
        self.store = paths.store
        self.events = events
        self.switches = switches
        self.now = now

    def create(self, entity: Entity, body: Mapping[str, Any]) -> Response:
        """Create a record, if all that is mandatory is there."""
        fields = self._checked(entity, body)
        record = self._complete(entity, fields)
        missing = [one.name for one in entity.fields.values() if one.required and record.get(one.name) is None]
        missing = [name for name in missing if name != "id"]
        if missing:
            flaws = [flaw(name, "MISSING_REQUIRED_PROPERTY", f"{name} is required") for name in missing]
            raise not_persisted(entity.name, flaws)
        return self._answer(entity, self.insert(entity, record), "INSERT", body)

    def update(self, entity: Entity, record_id: int, body: Mapping[str, Any]) -> Response:
        """Change fields of a record."""
        if self.store[entity.name].record(record_id) is None:
            raise not_found(entity.name, record_id)
        given = {name: value for name, value in body.items() if (name, value) != ("id", record_id)}
        fields = self._checked(entity, given)
        emptied = [name for name, value in fields.items() if value is None and entity.fields[name].required]
        if emptied:
            flaws = [flaw(name, "MISSING_REQUIRED_PROPERTY", f"{name} is required") for name in emptied]
            raise not_persisted(entity.name, flaws)
        self.alter(entity, record_id, fields)
        return self._answer(entity, record_id, "UPDATE", body)

    def delete(self, entity: Entity, record_id: int) -> Response:
        """Delete a record, softly where the entity knows how to."""
        if entity.deletion is None:
            raise refused(400, f"{entity.name} cannot be deleted", "errors.persistence")
        if self.store[entity.name].record(record_id) is None:
            raise not_found(entity.name, record_id)
        self.take_away(entity, record_id)
        return answer({"changedEntityType": entity.name, "changedEntityId": record_id, "changeType": "DELETE"})

    def associate(self, entity: Entity, record_id: int, to_many: str, ids: Sequence[int], *, undo: bool) -> Response:
        """Add ids to a to-many, none of which may be there yet; or take some away."""
        record, field = self.store[entity.name].record(record_id), entity.fields.get(to_many)
        if record is None:
            raise not_found(entity.name, record_id)
        if field is None or field.type != "TO_MANY" or field.inverse:
            raise unknown_fields(entity.name, [to_many])
        known, table = list(record.get(to_many) or ()), self.store[field.entity]
        absent = [one for one in ids if (one not in known if undo else table.record(one) is None)]
        if absent:
            raise not_found(field.entity, absent[0])
        if not undo and set(ids) & set(known):
            detail = f"{to_many} is already associated"
            raise not_persisted(entity.name, [flaw(to_many, "DUPLICATE_VALUE", detail)])
        after = [one for one in known if one not in ids] if undo else [*known, *ids]
        self.alter(entity, record_id, {to_many: tuple(after)})
        return self._answer(entity, record_id, "DISASSOCIATE" if undo else "ASSOCIATE", {})

    def add(self, entity: Entity, fields: Mapping[str, Any]) -> int:
        """A new record with these fields; what is mandatory and not among them is as in the first record."""
        record = {**self._complete(entity, {}), **fields}
        example = self.store[entity.name].document(FIRST_ID[entity.name])
        lacking = [one.name for one in entity.fields.values() if one.required and record.get(one.name) is None]
        record |= {name: example[name] for name in lacking if name not in fields}
        if "firstName" in entity.fields and "name" not in fields:
            record["name"] = f"{record['firstName']} {record['lastName']}"
        return self.insert(entity, record)

    def insert(self, entity: Entity, fields: Mapping[str, Any]) -> int:
        """A new record with exactly these fields, and stamps if it has none."""
        record_id = self.store[entity.name].next_id()
        at = milliseconds(self.now())
        stamps: Record = {name: at for name in ("dateAdded", "dateLastModified") if name in entity.fields}
        self.store.put(entity.name, {**stamps, **fields, "id": record_id}, self._due())
        self.events.happened(entity.name, record_id, "INSERTED")
        return record_id

    def alter(self, entity: Entity, record_id: int, fields: Mapping[str, Any]) -> None:
        """Fields of a record, and its stamp if it is not among them; KeyError if there is no such record."""
        before = self.store[entity.name].record(record_id)
        if before is None:
            raise KeyError(f"there is no {entity.name} {record_id}")
        stamp = {"dateLastModified": milliseconds(self.now())} if "dateLastModified" in entity.fields else {}
        self.store.put(entity.name, {**before, **stamp, **fields}, self._due())
        self.events.happened(entity.name, record_id, "UPDATED", sorted(fields))

    def take_away(self, entity: Entity, record_id: int) -> None:
        """Delete a record; KeyError if there is none."""
        before = self.store[entity.name].record(record_id)
        if before is None:
            raise KeyError(f"there is no {entity.name} {record_id}")
        if entity.deletion == "soft":
            stamp = {"dateLastModified": milliseconds(self.now()), "isDeleted": True}
            self.store.put(entity.name, {**before, **stamp}, self._due())
        else:
            self.store.remove(entity.name, record_id, self._due())
        self.events.happened(entity.name, record_id, "DELETED")

    def touch(self, entity: Entity, ids: Sequence[int], at: datetime | None) -> None:
        """One stamp for many records."""
        self.store.stamp(entity.name, ids, milliseconds(at or self.now()), self._due())
        for record_id in ids:
            self.events.happened(entity.name, record_id, "UPDATED", ("dateLastModified",))

    def _due(self) -> float | None:
        lag = self.switches.index_lag
        return self.now().timestamp() + lag if lag else None

    def _complete(self, entity: Entity, fields: Record) -> Record:
        at = milliseconds(self.now())
        stamps = {name: at for name in STAMPED if name in entity.fields and entity.fields[name].required}
        return {**stamps, **DEFAULTS.get(entity.name, {}), **fields}

    def _answer(self, entity: Entity, record_id: int, change: str, body: Mapping[str, Any]) -> Response:
        told = {"changedEntityType": entity.name, "changedEntityId": record_id, "changeType": change}
        return answer({**told, "data": {**body, "id": record_id}})

    def _checked(self, entity: Entity, body: Mapping[str, Any]) -> Record:
        """Values as they are stored; Refused with everything that is wrong with them."""
        flaws = [found for name, value in body.items() for found in self._flaws(entity, name, value)]
        if flaws:
            raise not_persisted(entity.name, flaws)
        return {name: _stored(entity.fields[name], value) for name, value in body.items()}

    def _flaws(self, entity: Entity, name: str, value: Any) -> list[dict[str, Any]]:
        field = entity.fields.get(name)
        if field is None:
            return [flaw(name, "UNKNOWN_PROPERTY", f"{entity.name} has no field {name}")]
        if field.readonly or field.type == "TO_MANY":
            return [flaw(name, "READ_ONLY", f"{name} cannot be set")]
        if value is None:
            return []
        if field.type == "TO_ONE":
            target = value.get("id") if isinstance(value, Mapping) else None
            found = isinstance(target, int) and self.store[field.entity].record(target) is not None
            return [] if found else [flaw(name, "INVALID_ASSOCIATION", f"there is no such {field.entity}")]
        if field.type == "COMPOSITE":
            known = isinstance(value, Mapping) and set(value) <= set(ADDRESS)
            return [] if known else [flaw(name, "INVALID_VALUE", f"{name} is no address")]
        return _scalar_flaws(field, value)


def _scalar_flaws(field: Field, value: Any) -> list[dict[str, Any]]:
    allowed = _TYPES[field.data_type]
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        return [flaw(field.name, "INVALID_VALUE", f"{field.name} must be a {field.data_type}")]
    if field.max_length and isinstance(value, str) and len(value) > field.max_length:
        detail = f"{field.name} is longer than {field.max_length}"
        return [flaw(field.name, "MAX_LENGTH", detail)]
    return []


def _stored(field: Field, value: Any) -> Any:
    if field.type == "TO_ONE":
        return value and value["id"]
    if field.data_type == "Boolean":
        return None if value is None else bool(value)
    return value
