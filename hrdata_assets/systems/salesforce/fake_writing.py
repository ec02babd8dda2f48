"""Creating, changing and deleting single records, with the checks an org makes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request, not_found
from hrdata_assets.systems.salesforce.fake_ids import as_18
from hrdata_assets.systems.salesforce.fake_schema import NUMBERS, Field, ObjectType
from hrdata_assets.systems.salesforce.fake_store import Store
from hrdata_assets.systems.salesforce.fake_switches import Switches
from hrdata_assets.systems.salesforce.fake_values import Row, parsed_stamp, whole_second

MAIL = re.compile(r"[^@\s,;]+@[^@\s,;.]+(\.[^@\s,;.]+)+")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
Values = dict[str, Any]


class SeveralError(Exception):
    """An external id that several records have; upserts answer 300 with their addresses."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__(f"{len(rows)} records")
        self.rows = rows


@dataclass(frozen=True)
class Writer:
    """Writes on behalf of one request."""

    store: Store
    switches: Switches
    allow_duplicates: bool = False
    """The client insists on saving what the duplicate rule would refuse."""

    def create(self, kind: ObjectType, body: Mapping[str, Any]) -> str:
        """Create a record and answer its id."""
        if not kind.writable:
            raise bad_request("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {kind.name}")
        if body.get("Id") or body.get("id"):
            raise bad_request("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
        values = self._checked(kind, body)
        missing = [one.name for one in kind.fields.values() if one.required and values.get(one.name) is None]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise bad_request("REQUIRED_FIELD_MISSING", message, missing)
        self._org_rules(kind, values)
        return self.store.insert(kind, {name: value for name, value in values.items() if value is not None})

    def update(self, kind: ObjectType, record_id: str, body: Mapping[str, Any]) -> None:
        """Change the fields that are named; null empties one."""
        row = self.record(kind, record_id)
        self._check_lock(row)
        values = self._checked(kind, {name: value for name, value in body.items() if name not in ("Id", "id")}, row)
        emptied = [name for name, value in values.items() if value is None and not kind.fields[name].nillable]
        if emptied:
            message = f"Required fields are missing: [{', '.join(emptied)}]"
            raise bad_request("REQUIRED_FIELD_MISSING", message, emptied)
        self._org_rules(kind, {**row, **values})
        self.store.update(kind, row, values)

    def upsert(self, key: tuple[ObjectType, Field], value: str, body: Mapping[str, Any]) -> tuple[str, bool]:
        """Change the record with this external id or create one; its id, and whether it was created."""
        kind, one = key
        if (found := self.find(kind, one, value)) is not None:
            self.update(kind, found["Id"], body)
            return str(found["Id"]), False
        if one.type == "id":
            raise not_found()
        return self.create(kind, {**body, one.name: value}), True

    def delete(self, kind: ObjectType, record_id: str) -> None:
        """Put a record into the recycle bin."""
        row = self.record(kind, record_id)
        self._check_lock(row)
        self.store.remove(kind, row)

    def record(self, kind: ObjectType, record_id: str) -> Row:
        """A live record by its id."""
        whole = as_18(record_id)
        if whole is None or not whole.startswith(kind.prefix):
            raise bad_request("MALFORMED_ID", f"{kind.name} ID: id value of incorrect type: {record_id}", ["Id"])
        row = self.store.tables[kind.name].row(whole)
        if row is None:
            raise not_found()
        if row["IsDeleted"]:
            raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", [])
        return row

    def key(self, kind: ObjectType, name: str) -> Field:
        """The external id of this name."""
        one = self.store.column(kind, name)
        if one is None or not one.key:
            raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
        return one

    def find(self, kind: ObjectType, one: Field, value: str) -> Row | None:
        """The record with an external id or id; SeveralError if there is more than one."""
        if one.type == "id":
            return self.record(kind, value)
        rows = self.store.tables[kind.name].with_value(one.name, value)
        if len(rows) > 1:
            raise SeveralError(rows)
        return rows[0] if rows else None

    def _checked(self, kind: ObjectType, body: Mapping[str, Any], row: Row | None = None) -> Values:
        values: Values = {}
        readonly = []
        for name, value in body.items():
            if name == "attributes":
                continue
            reference = kind.reference(name) if isinstance(value, Mapping) else None
            if reference is not None:
                values[reference.name] = self._by_external_id(reference, value)
                continue
            if (one := self.store.column(kind, name)) is None:
                raise bad_request("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
            readonly += [] if one.writable else [one.name]
            values[one.name] = self._converted(kind, one, value, row)
        if readonly:
            message = (
                f"Unable to create/update fields: {', '.join(readonly)}. Please check the security settings of this "
                "field and verify that it is read/write for your profile or permission set."
            )
            raise bad_request("INVALID_FIELD_FOR_INSERT_UPDATE", message, readonly)
        return values

    def _by_external_id(self, reference: Field, value: Mapping[str, Any]) -> str:
        """``{"Account": {"HR_Key__c": "7"}}`` names the account by its external id."""
        kind = self.store.target(reference)
        given = [(name, held) for name, held in value.items() if name != "attributes"]
        if len(given) != 1:
            raise bad_request("INVALID_FIELD", f"{reference.relation}: one external id names the record", [])
        one = self.key(kind, given[0][0])
        try:
            found = self.find(kind, one, str(given[0][1]))
        except SeveralError as several:
            raise duplicate_external_id(one, several) from None
        if found is None:
            message = f"Foreign key external ID: {given[0][1]} not found for field {one.name} in entity {kind.name}"
            raise bad_request("INVALID_FIELD", message, [])
        return str(found["Id"])

    def _converted(self, kind: ObjectType, one: Field, value: Any, row: Row | None) -> Any:
        if not one.writable or value is None or value == "":
            return False if one.type == "boolean" else None
        value = converted(one, value)
        if one.type == "reference":
            return self._referred(one, value)
        if one.unique:
            others = [other for other in self.store.tables[kind.name].with_value(one.name, value) if other is not row]
            if others and (row is None or others[0]["Id"] != row["Id"]):
                message = (
                    f"duplicate value found: {one.name} duplicates value on record with id: {others[0]['Id'][:15]}"
                )
                raise bad_request("DUPLICATE_VALUE", message, [])
        return value

    def _referred(self, one: Field, value: str) -> str:
        whole = as_18(value)
        kinds = [self.store.schema.objects[name] for name in one.targets]
        fitting = [kind for kind in kinds if whole is not None and whole.startswith(kind.prefix)]
        if whole is None or not fitting:
            raise bad_request("MALFORMED_ID", f"{one.name}: id value of incorrect type: {value}", [one.name])
        found = self.store.tables[fitting[0].name].row(whole)
        if found is None or found["IsDeleted"]:
            raise bad_request("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        return whole

    def _check_lock(self, row: Row) -> None:
        left = self.switches.locked.get(row["Id"], 0)
        if left:
            self.switches.locked[row["Id"]] = left - 1
            raise bad_request("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", [])

    def _org_rules(self, kind: ObjectType, row: Row) -> None:
        if self.switches.validation is not None and (wrong := self.switches.validation(kind.name, row)):
            raise bad_request("FIELD_CUSTOM_VALIDATION_EXCEPTION", wrong, [])
        if self.switches.duplicate_rule and not self.allow_duplicates and row.get("Email"):
            others = self.store.tables[kind.name].with_value("Email", row["Email"])
            if any(other["Id"] != row.get("Id") for other in others):
                raise bad_request("DUPLICATES_DETECTED", "Use one of these records?", [])


def duplicate_external_id(one: Field, several: SeveralError) -> ApiError:
    """What rows of collections and Bulk jobs are told where a single upsert answers 300."""
    ids = ", ".join(row["Id"] for row in several.rows)
    return bad_request("DUPLICATE_EXTERNAL_ID", f"{one.name}: more than one record found for external id: [{ids}]", [])


def converted(one: Field, value: Any) -> Any:
    """A value of a body or a CSV as rows hold it; ApiError if it does not suit the field."""
    try:
        return _typed(one, value)
    except ValueError:
        message = f"{one.name}: value not of required type: {value}"
        raise bad_request("INVALID_TYPE_ON_FIELD_IN_RECORD", message, [one.name]) from None


def _typed(one: Field, value: Any) -> Any:
    if one.type == "boolean":
        if (found := BOOLEANS.get(str(value).lower())) is None:
            raise ValueError
        return found
    if isinstance(value, bool | dict | list):
        raise ValueError
    if one.type == "int":
        return int(value)
    if one.type in NUMBERS:
        return float(value)
    if one.type == "date":
        return date.fromisoformat(str(value)[:10]).isoformat()
    if one.type == "datetime":
        return whole_second(parsed_stamp(value))
    for error in _wrong_texts(one, str(value)):
        raise error
    return str(value)


def _wrong_texts(one: Field, value: str) -> Iterator[ApiError]:
    if one.length and len(value) > one.length:
        message = f"{one.name}: data value too large: {value} (max length={one.length})"
        yield bad_request("STRING_TOO_LONG", message, [one.name])
    if one.type == "email" and not MAIL.fullmatch(value):
        yield bad_request("INVALID_EMAIL_ADDRESS", f"{one.name}: invalid email address: {value}", [one.name])
    if one.restricted and value not in one.choices:
        message = f"{one.name}: bad value for restricted picklist field: {value}"
        yield bad_request("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [one.name])
