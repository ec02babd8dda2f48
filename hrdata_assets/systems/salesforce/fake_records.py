"""Endpoints for objects and single records: lists, describes, reading, writing, upserts, what changed in a window."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from hrdata_assets.systems.salesforce.fake_answers import Shape
from hrdata_assets.systems.salesforce.fake_calls import Answer, Call, Route
from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request, not_found
from hrdata_assets.systems.salesforce.fake_schema import ObjectType
from hrdata_assets.systems.salesforce.fake_store import Store
from hrdata_assets.systems.salesforce.fake_switches import Switches
from hrdata_assets.systems.salesforce.fake_values import STAMP, Row, parsed_stamp, stamp
from hrdata_assets.systems.salesforce.fake_writing import SeveralError, Writer

WINDOW = timedelta(days=30)
NO_CONTENT = Answer(204)


def writer(store: Store, switches: Switches, call: Call) -> Writer:
    """Writes for a call, minding its header on duplicates."""
    rule = call.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
    return Writer(store, switches, allow_duplicates="allowsave=true" in rule)


def record_url(kind: ObjectType, version: str) -> str:
    """Where an object's records are; the id comes behind it."""
    return f"/services/data/v{version}/sobjects/{kind.name}/"


class Records:
    """The addresses below ``sobjects``."""

    def __init__(self, store: Store, switches: Switches) -> None:
        self._store = store
        self._switches = switches

    def routes(self) -> Iterator[Route]:
        """What is answered."""
        yield Route("GET", "sobjects", self.all_objects)
        yield Route("GET", "sobjects/{name}", self.basics)
        yield Route("POST", "sobjects/{name}", self.create)
        yield Route("GET", "sobjects/{name}/describe", self.describe)
        yield Route("GET", "sobjects/{name}/updated", self.updated)
        yield Route("GET", "sobjects/{name}/deleted", self.deleted)
        yield Route("POST", "sobjects/{name}/Id", self.create)
        yield Route("GET", "sobjects/{name}/{record_id}", self.read)
        yield Route("PATCH", "sobjects/{name}/{record_id}", self.update)
        yield Route("DELETE", "sobjects/{name}/{record_id}", self.delete)
        yield Route("GET", "sobjects/{name}/{key}/{value}", self.read_by_key)
        yield Route("PATCH", "sobjects/{name}/{key}/{value}", self.upsert)
        yield Route("DELETE", "sobjects/{name}/{key}/{value}", self.delete_by_key)

    def kind(self, name: str) -> ObjectType:
        """The object of an address."""
        if (kind := self._store.schema.object_named(name)) is None:
            raise not_found()
        return kind

    def _writer(self, call: Call) -> Writer:
        return writer(self._store, self._switches, call)

    def all_objects(self, call: Call) -> Answer:
        """What there is in the org."""
        kinds = [kind.summary(call.version) for kind in self._store.schema.objects.values()]
        return Answer(body={"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": kinds})

    def basics(self, call: Call, name: str) -> Answer:
        """An object without its fields."""
        return Answer(body={"objectDescribe": self.kind(name).summary(call.version), "recentItems": []})

    def describe(self, call: Call, name: str) -> Answer:
        """An object with the fields the user sees."""
        return Answer(body=self._store.schema.describe(self.kind(name), call.version))

    def create(self, call: Call, name: str) -> Answer:
        """Create a record."""
        record_id = self._writer(call).create(self.kind(name), call.fields)
        return Answer(201, {"id": record_id, "success": True, "errors": []})

    def read(self, call: Call, name: str, record_id: str) -> Answer:
        """A record by id, whole or some fields of it."""
        kind = self.kind(name)
        return self._record(call, kind, self._writer(call).record(kind, record_id))

    def read_by_key(self, call: Call, name: str, key: str, value: str) -> Answer:
        """A record by external id."""
        kind = self.kind(name)
        try:
            row = self._row(call, kind, key, value)
        except SeveralError as several:
            return several_answer(kind, several, call.version)
        return self._record(call, kind, row)

    def _row(self, call: Call, kind: ObjectType, key: str, value: str) -> Row:
        writer = self._writer(call)
        row = writer.find(kind, writer.key(kind, key), value)
        if row is None:
            raise not_found()
        return row

    def _record(self, call: Call, kind: ObjectType, row: Row) -> Answer:
        names = call.query.get("fields", "")
        return Answer(body=self.shape(kind, names.split(",") if names else None, call.version).record(self._store, row))

    def shape(self, kind: ObjectType, names: Iterable[str] | None, version: str) -> Shape:
        """Fields of a record that is read by id: those named, or all."""
        schema, found = self._store.schema, Shape(kind, record_url(kind, version))
        named = None if names is None else [schema.field_named(kind, name.strip()) for name in names]
        for one in schema.visible(kind) if named is None else named:
            found.add(one)
        return found

    def update(self, call: Call, name: str, record_id: str) -> Answer:
        """Change a record."""
        self._writer(call).update(self.kind(name), record_id, call.fields)
        return NO_CONTENT

    def delete(self, call: Call, name: str, record_id: str) -> Answer:
        """Put a record into the recycle bin."""
        self._writer(call).delete(self.kind(name), record_id)
        return NO_CONTENT

    def delete_by_key(self, call: Call, name: str, key: str, value: str) -> Answer:
        """Put a record into the recycle bin, by external id."""
        kind = self.kind(name)
        try:
            row = self._row(call, kind, key, value)
        except SeveralError as several:
            return several_answer(kind, several, call.version)
        self._writer(call).delete(kind, row["Id"])
        return NO_CONTENT

    def upsert(self, call: Call, name: str, key: str, value: str) -> Answer:
        """Change the record with this external id, or create one."""
        kind, writer, body = self.kind(name), self._writer(call), call.fields
        one = writer.key(kind, key)
        if one.name.lower() in {given.lower() for given in body}:
            message = f"The {one.name} field should not be specified in the sobject data."
            raise bad_request("INVALID_FIELD", message, [one.name])
        try:
            if call.flag("updateOnly") and writer.find(kind, one, value) is None:
                raise not_found()
            record_id, created = writer.upsert((kind, one), value, body)
        except SeveralError as several:
            return several_answer(kind, several, call.version)
        if not created and not call.above(46):
            return NO_CONTENT
        found = {"id": record_id, "success": True, "errors": [], **({"created": created} if call.above(46) else {})}
        return Answer(201 if created else 200, found)

    def updated(self, call: Call, name: str) -> Answer:
        """Ids created or changed in a window, and how far the answer reaches."""
        kind, (start, end) = self.kind(name), self._window(call)
        keys = self._store.tables[kind.name].live.by_stamp
        ids = [key[STAMP:] for key in keys if stamp(start) <= key[:STAMP] < stamp(end)]
        return Answer(body={"ids": ids, "latestDateCovered": stamp(end)})

    def deleted(self, call: Call, name: str) -> Answer:
        """Ids deleted in a window, and when."""
        kind, (start, end) = self.kind(name), self._window(call)
        self._store.empty_bin()
        table = self._store.tables[kind.name]
        keys = [key for key in table.every.by_stamp if stamp(start) <= key[:STAMP] < stamp(end)]
        rows: list[dict[str, Any]] = [row for row in table.rows(key[STAMP:] for key in keys) if row["IsDeleted"]]
        found = [{"deletedDate": row["SystemModstamp"], "id": row["Id"]} for row in rows]
        earliest = stamp(self._store.now() - WINDOW)
        return Answer(
            body={"deletedRecords": found, "earliestDateAvailable": earliest, "latestDateCovered": stamp(end)}
        )

    def _window(self, call: Call) -> tuple[datetime, datetime]:
        try:
            start, end = (parsed_stamp(call.query.get(name, "").replace(" ", "+")) for name in ("start", "end"))
        except ValueError:
            raise bad_request("MALFORMED_QUERY", "start and end are to be dates and times with a zone") from None
        if start >= end or start < self._store.now() - WINDOW:
            message = "startDate must be before endDate and not more than 30 days ago"
            raise bad_request("INVALID_REPLICATION_DATE", message)
        return start, end


def several_answer(kind: ObjectType, several: SeveralError, version: str) -> Answer:
    """300: which records have the external id."""
    return Answer(300, [record_url(kind, version) + row["Id"] for row in several.rows])


def refusal(error: ApiError) -> Answer:
    """An error as a call is answered."""
    return Answer(error.status, error.body)
