"""Endpoints that take many at once: collections of records, and composites of requests that refer to one another."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from hrdata_assets.systems.salesforce.fake_calls import Answer, Call, Route, Router, call_at, list_of
from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request, halted, rolled_back
from hrdata_assets.systems.salesforce.fake_records import Records, refusal, writer
from hrdata_assets.systems.salesforce.fake_schema import Field, ObjectType
from hrdata_assets.systems.salesforce.fake_store import Store
from hrdata_assets.systems.salesforce.fake_switches import Switches
from hrdata_assets.systems.salesforce.fake_writing import SeveralError, Writer, duplicate_external_id

MOST_RECORDS = 200
MOST_REQUESTS = 25
MOST_QUERIES = 5  # queries and collections among the requests of a composite
REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")

Result = dict[str, Any]
Results = Sequence[Result]


class Collections:
    """``composite/sobjects``: up to 200 records in one call."""

    def __init__(self, store: Store, switches: Switches, records: Records) -> None:
        self._store = store
        self._switches = switches
        self._records = records

    def routes(self) -> Iterator[Route]:
        """What is answered."""
        yield Route("POST", "composite/sobjects", self.create)
        yield Route("PATCH", "composite/sobjects", self.update)
        yield Route("DELETE", "composite/sobjects", self.delete)
        yield Route("GET", "composite/sobjects/{name}", self.read)
        yield Route("POST", "composite/sobjects/{name}", self.read)
        yield Route("PATCH", "composite/sobjects/{name}/{key}", self.upsert)

    def create(self, call: Call) -> Answer:
        """Create records, of any objects."""
        writing = self._writer(call)
        return self._each(call, lambda row: {"id": writing.create(self._kind(row), row), **_done()})

    def update(self, call: Call) -> Answer:
        """Change records by id."""
        writing = self._writer(call)

        def update(row: Mapping[str, Any]) -> Result:
            record_id = row.get("Id") or row.get("id")
            if not record_id:
                raise bad_request("MISSING_ARGUMENT", "Id not specified in an update call", [])
            writing.update(self._kind(row), str(record_id), row)
            return {"id": record_id, **_done()}

        return self._each(call, update)

    def upsert(self, call: Call, name: str, key: str) -> Answer:
        """Change records by external id or create them."""
        writing, kind = self._writer(call), self._records.kind(name)
        one = writing.key(kind, key)
        return self._each(call, lambda row: upserted(writing, kind, one, row))

    def delete(self, call: Call) -> Answer:
        """Put records into the recycle bin."""
        writing, ids = self._writer(call), [one for one in call.query.get("ids", "").split(",") if one]
        kinds = {kind.prefix: kind for kind in self._store.schema.objects.values()}

        def delete(record_id: str) -> Result:
            if record_id[:3] not in kinds:
                raise bad_request("MALFORMED_ID", f"malformed id {record_id}", [])
            writing.delete(kinds[record_id[:3]], record_id)
            return {"id": record_id, **_done()}

        rows = list_of(ids, "ids", MOST_RECORDS)
        return Answer(body=self._results(rows, delete, all_or_none=call.flag("allOrNone")))

    def read(self, call: Call, name: str) -> Answer:
        """Records by id, null for one that is not there."""
        kind = self._records.kind(name)
        if call.method == "GET":
            ids: Any = call.query.get("ids", "").split(",")
            names: Any = call.query.get("fields", "Id").split(",")
        else:
            ids, names = call.fields.get("ids"), call.fields.get("fields")
        form = self._records.shape(kind, list_of(names, "fields", 800), call.version)
        writing = self._writer(call)

        def read(record_id: str) -> dict[str, Any] | None:
            try:
                return form.record(self._store, writing.record(kind, record_id))
            except ApiError:
                return None

        return Answer(body=[read(str(one)) for one in list_of(ids, "ids", 2_000)])

    def _writer(self, call: Call) -> Writer:
        return writer(self._store, self._switches, call)

    def _kind(self, row: Mapping[str, Any]) -> ObjectType:
        name = str((row.get("attributes") or {}).get("type", ""))
        if (kind := self._store.schema.object_named(name)) is None:
            raise bad_request("INVALID_TYPE", f"sObject type '{name}' is not supported.", [])
        return kind

    def _each(self, call: Call, write: Callable[[Mapping[str, Any]], Result]) -> Answer:
        rows = list_of(call.fields.get("records"), "records", MOST_RECORDS)
        return Answer(body=self._results(rows, write, all_or_none=bool(call.fields.get("allOrNone"))))

    def _results(self, rows: Sequence[Any], write: Callable[[Any], Result], *, all_or_none: bool) -> Results:
        with self._store.transaction() as roll_back:
            results = [_result(row, write) for row in rows]
            if not all_or_none or all(one["success"] for one in results):
                return results
            roll_back()
        return [_failed(rolled_back()) if one["success"] else one for one in results]


def _done() -> Result:
    return {"success": True, "errors": []}


def _failed(error: ApiError) -> Result:
    return {"success": False, "errors": [error.of_row]}


def _result(row: Any, write: Callable[[Any], Result]) -> Result:
    try:
        return write(row)
    except ApiError as error:
        return _failed(error)


def upserted(writing: Writer, kind: ObjectType, one: Field, row: Mapping[str, Any]) -> Result:
    """Upsert one row of many, its external id being among its values; ApiError if it is refused."""
    value = next((held for name, held in row.items() if name.lower() == one.name.lower()), None)
    rest = {name: held for name, held in row.items() if name.lower() != one.name.lower()}
    try:
        if value in (None, "") and one.type != "id":
            raise bad_request("MISSING_ARGUMENT", f"{one.name} not specified", [])
        if value in (None, ""):
            return {"id": writing.create(kind, rest), "created": True, **_done()}
        record_id, created = writing.upsert((kind, one), str(value), rest)
    except SeveralError as several:
        raise duplicate_external_id(one, several) from None
    return {"id": record_id, "created": created, **_done()}


class Composite:
    """``composite``: requests in a row, later ones made with what earlier ones answered."""

    def __init__(self, store: Store, router: Router) -> None:
        self._store = store
        self._router = router

    def routes(self) -> Iterator[Route]:
        """What is answered."""
        yield Route("POST", "composite", self.run)

    def run(self, call: Call) -> Answer:
        """Run the requests; with allOrNone none of them has happened if one is refused."""
        requests = call.fields.get("compositeRequest")
        if not isinstance(requests, list) or not 1 <= len(requests) <= MOST_REQUESTS:
            raise bad_request("LIMIT_EXCEEDED", f"1 to {MOST_REQUESTS} requests are allowed in a composite")
        names = [str(one.get("referenceId", "")) for one in requests]
        if len(set(names)) < len(names) or not all(re.fullmatch(r"[A-Za-z0-9]\w*", name) for name in names):
            raise bad_request("INVALID_REFERENCE_ID", "every request needs a referenceId of its own")
        heavy = [one for one in requests if re.search(r"/(query|queryAll|composite)\b", str(one.get("url", "")))]
        if len(heavy) > MOST_QUERIES:
            raise bad_request("LIMIT_EXCEEDED", f"at most {MOST_QUERIES} requests may be queries or collections")
        answers: dict[str, Answer] = {}
        with self._store.transaction() as roll_back:
            for name, one in zip(names, requests, strict=True):
                answers[name] = self._answer(one, answers, call)
            if call.fields.get("allOrNone") and any(one.status >= 300 for one in answers.values()):
                roll_back()
                answers = {name: refusal(halted()) if a.status < 300 else a for name, a in answers.items()}
        body = [
            {"body": a.body, "httpHeaders": dict(a.headers), "httpStatusCode": a.status, "referenceId": name}
            for name, a in answers.items()
        ]
        return Answer(body={"compositeResponse": body})

    def _answer(self, one: Mapping[str, Any], answers: Mapping[str, Answer], outer: Call) -> Answer:
        headers = {**outer.headers, **{name.lower(): str(text) for name, text in one.get("httpHeaders", {}).items()}}
        headers["content-type"] = "application/json"
        try:
            url = REFERENCE.sub(lambda found: quote(str(_referred(found, answers)), safe=""), str(one.get("url", "")))
            body = _resolved(one.get("body"), answers)
            inner = call_at(str(one.get("method", "")).upper(), url, headers, json.dumps(body).encode())
            if inner.path.lower() == "composite":
                raise bad_request("INVALID_REQUEST", "a composite holds no other")
            return self._router.answer(inner)
        except ApiError as error:
            return refusal(error)


def _resolved(body: Any, answers: Mapping[str, Answer]) -> Any:
    """A body with references replaced; one that is a whole text keeps the type of what it stands for."""
    if isinstance(body, dict):
        return {name: _resolved(value, answers) for name, value in body.items()}
    if isinstance(body, list):
        return [_resolved(value, answers) for value in body]
    if not isinstance(body, str):
        return body
    if (whole := REFERENCE.fullmatch(body)) is not None:
        return _referred(whole, answers)
    return REFERENCE.sub(lambda found: str(_referred(found, answers)), body)


def _referred(found: re.Match[str], answers: Mapping[str, Answer]) -> Any:
    value = answers[found[1]].body if found[1] in answers and answers[found[1]].status < 300 else None
    for name, place in re.findall(r"\.(\w+)|\[(\d+)\]", found[2]):
        if name and isinstance(value, dict):
            value = value.get(name)
        elif place and isinstance(value, list) and int(place) < len(value):
            value = value[int(place)]
        else:
            value = None
    if value is None:
        path = found[2].lstrip(".")
        message = f"Invalid reference specified. No value for {path} found in {found[1]}"
        raise bad_request("PROCESSING_HALTED", message)
    return value
