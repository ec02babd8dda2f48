"""Salesforce written: up to 200 records by a call, made or changed by their external id, each for itself."""

import datetime
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError
from hrdata_assets.systems.http import Request
from hrdata_assets.systems.salesforce.asking import literal, moment, question
from hrdata_assets.systems.salesforce.ids import whole_id
from hrdata_assets.systems.salesforce.refusals import codes, row_refusal
from hrdata_assets.systems.system import Record, Written
from hrdata_assets.table import ColumnType, Table

AT_ONCE = 200
"""Records of a call."""

_LISTED = 3_500
"""Characters of external ids in one question."""

_API = re.compile(r"^/services/data/v[\d.]+/")

_LOCKED = "UNABLE_TO_LOCK_ROW"
_PAUSES = (0.2, 0.5, 1.0)
"""Seconds after which a record is tried again that somebody else holds."""

Placed = tuple[int, Record]
"""A record with its place among those given."""


class Writing:
    """Brings records into one object. ``ask`` sends a call to an address below the API's own."""

    def __init__(self, ask: Callable[[Request], Answer], table: Table, external: str) -> None:
        self._ask, self._table, self._external = ask, table, external
        column = table.column(external)
        if column.type is not ColumnType.TEXT or column.header is None:
            raise SetupError(f"{table.name} has no external id in {external}: name a column of text")
        self._key = column.header

    def write(self, records: Sequence[Record]) -> Iterator[Written]:
        """Bring them in, in order."""
        for chunk in self._chunks(records):
            named = [(place, record) for place, record in chunk if record[self._external]]
            gone = self._deleted([str(record[self._external]) for _, record in named])
            there = [(place, record) for place, record in named if _name(record[self._external]) not in gone]
            done = dict(self._sent(there))
            for place, record in chunk:
                why = "its record was deleted there" if record[self._external] else "it has no external id"
                yield done.get(place) or Written(place, refused=why)

    def _chunks(self, records: Sequence[Record]) -> Iterator[list[Placed]]:
        """So many at a time; the same external id stands in no call twice, which Salesforce would refuse."""
        chunk: list[Placed] = []
        names: set[str] = set()
        for place, record in enumerate(records):
            name = _name(record[self._external])
            if len(chunk) == AT_ONCE or name in names:
                yield chunk
                chunk, names = [], set()
            chunk.append((place, record))
            names |= {name} if name else set()
        if chunk:
            yield chunk

    def _deleted(self, names: Sequence[str]) -> set[str]:
        """Those whose records are all in the recycle bin: somebody meant them to be gone."""
        if self._key == "Id":
            return set()
        live: set[str] = set()
        dead: set[str] = set()
        for listed in _lists([literal(name) for name in names]):
            text = question([self._key, "IsDeleted"], str(self._table.origin), [f"{self._key} IN ({listed})"])
            for record in self._found(text):
                (dead if record.get("IsDeleted") else live).add(_name(record.get(self._key)))
        return dead - live

    def _found(self, text: str) -> Iterator[Mapping[str, Any]]:
        request: Request | None = Request("GET", "queryAll", {"q": text})
        while request is not None:
            try:
                answer = self._ask(request)
            except RefusedError as error:
                if error.code != "INVALID_FIELD":
                    raise
                raise self._no_key() from None
            told = answer.json()
            if not isinstance(told, dict) or not isinstance(told.get("records"), list):
                raise MalformedPageError(f"{answer.path} answered with JSON of another shape")
            yield from told["records"]
            further = told.get("nextRecordsUrl")
            request = Request("GET", _API.sub("", further)) if isinstance(further, str) else None

    def _no_key(self) -> SetupError:
        return SetupError(
            f"salesforce knows no {self._table.origin} by {self._key}: make it a text field of the object, "
            "unique and an external id, that the user may see and edit"
        )

    def _sent(self, placed: Sequence[Placed]) -> Iterator[tuple[int, Written]]:
        """Send records; those that somebody else holds are sent again a little later."""
        for pause in (*_PAUSES, None):
            if not placed:
                return
            results = list(zip(placed, self._results([record for _, record in placed]), strict=True))
            again = [] if pause is None else [one for one, told in results if _LOCKED in codes(told.get("errors"))]
            waiting = {place for place, _ in again}
            for (place, _), told in results:
                if place not in waiting:
                    yield place, _written(place, told)
            placed = again
            if again and pause is not None:
                time.sleep(pause)

    def _results(self, records: Sequence[Record]) -> Sequence[Mapping[str, Any]]:
        kind = {"attributes": {"type": self._table.origin}}
        body = {"allOrNone": False, "records": [{**kind, **self._body(record)} for record in records]}
        path = f"composite/sobjects/{self._table.origin}/{self._key}"
        try:
            answer = self._ask(Request("PATCH", path, json=body))
        except RefusedError as error:
            if error.status != 404:
                raise
            raise self._no_key() from None
        told = answer.json()
        if not isinstance(told, list) or len(told) != len(records) or not all(isinstance(t, dict) for t in told):
            raise MalformedPageError(f"{answer.path} answered with JSON of another shape")
        return told

    def _body(self, record: Record) -> dict[str, Any]:
        return {str(self._table.column(name).header): _value(value) for name, value in record.items()}


def _lists(literals: Sequence[str]) -> Iterator[str]:
    """Literals with commas between them, no more of them at a time than a question takes."""
    listed, length = list[str](), 0
    for each in literals:
        if listed and length + len(each) > _LISTED:
            yield ",".join(listed)
            listed, length = [], 0
        listed.append(each)
        length += len(each) + 1
    if listed:
        yield ",".join(listed)


def _name(value: object) -> str:
    """An external id as Salesforce tells them apart: whatever their case."""
    return str(value or "").casefold()


def _written(place: int, told: Mapping[str, Any]) -> Written:
    if told.get("success") and isinstance(told.get("id"), str):
        return Written(place, whole_id(told["id"]), created=bool(told.get("created")))
    return Written(place, refused=row_refusal(told.get("errors")))


def _value(value: Any) -> Any:
    """A value as Salesforce takes it: moments in UTC, numbers as JSON has them."""
    if isinstance(value, datetime.datetime):
        return moment(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
