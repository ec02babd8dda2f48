"""Bullhorn written: PUT makes a record, POST changes one, and which of both it is tells the record's external id."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError, Unavailable
from hrdata_assets.systems.bullhorn.asking import milliseconds, quoted
from hrdata_assets.systems.http import Client, Request
from hrdata_assets.systems.system import Record, Written
from hrdata_assets.table import Column, ColumnType, Table

_AT_ONCE = 50
"""External ids that are looked up by one question."""

_TRIES = 3

Found = Mapping[str, Sequence[int]]
"""Bullhorn's own ids of the records of an external id; none where they are all deleted."""


def refusal(answer: Answer) -> RefusedError | None:
    """What Bullhorn says is wrong with a record, by its own words for it; the texts beside them may hold values."""
    if answer.status != 400:
        return None
    try:
        errors = answer.json().get("errors") or ()
        codes = sorted({f"{each['propertyName']}: {each['type']}" for each in errors})
    except (MalformedPageError, AttributeError, KeyError, TypeError):
        codes = []
    return RefusedError(f"bullhorn refused {answer.path}", 400, ", ".join(codes))


class Writing:
    """Brings records into one entity, below the address of a session."""

    def __init__(self, client: Client, rest_url: str, table: Table, external: str) -> None:
        self._client, self._table = client, table
        self._entity = f"{rest_url}entity/{table.origin}"
        self._query = f"{rest_url}query/{table.origin}"
        self._external = table.column(external)
        self._deletes_softly = any(column.header == "isDeleted" for column in table.columns)
        if self._external.type is not ColumnType.TEXT:
            raise SetupError(
                f"{table.name} has no external id in {external}: name a column of text, such as external_id"
            )

    def write(self, records: Sequence[Record]) -> Iterator[Written]:
        """Bring them in, in order."""
        places = iter(enumerate(records))
        while some := list(islice(places, _AT_ONCE)):
            named = [str(record[self._external.name]) for _, record in some if record[self._external.name]]
            found = dict(self._found(named)) if named else {}
            for place, record in some:
                name = str(record[self._external.name] or "")
                written = self._written(place, record, found.get(name))
                if written.key is not None:
                    # The same external id may come again.
                    found[name] = [int(written.key)]
                yield written

    def _found(self, names: Sequence[str]) -> Found:
        """Look records up in the database: the index does not know yet what was just made."""
        header = str(self._external.header)
        listed = ",".join(f"'{quoted(name)}'" for name in sorted(set(names)))
        fields = f"id,{header}" + ",isDeleted" * self._deletes_softly
        params = {"where": f"{header} IN ({listed})", "fields": fields, "count": "500", "orderBy": "id"}
        found: dict[str, list[int]] = {}
        for record in self._client.get(self._query, params).json()["data"]:
            ids = found.setdefault(str(record[header]), [])
            if not record.get("isDeleted"):
                ids.append(int(record["id"]))
        return found

    def _written(self, place: int, record: Record, known: Sequence[int] | None) -> Written:
        if not record[self._external.name]:
            return Written(place, refused="it has no external id")
        if known == []:
            return Written(place, refused="its record was deleted there")
        if known and len(known) > 1:
            return Written(place, refused=f"{len(known)} records have this external id")
        try:
            body = self._body(record)
            if known:
                self._client.ask(Request("POST", f"{self._entity}/{known[0]}", json=body))
                return Written(place, str(known[0]))
            return self._made(place, body, str(record[self._external.name]))
        except RefusedError as error:
            if error.status != 400:
                raise
            return Written(place, refused=error.code or "refused")

    def _made(self, place: int, body: Mapping[str, Any], name: str) -> Written:
        """Make a record, once: an answer that did not come does not mean that nothing was made."""
        for attempt in range(1, _TRIES + 1):
            try:
                answer = self._client.ask(Request("PUT", self._entity, json=body, repeat=False))
            except Unavailable:
                if known := self._found([name]).get(name):
                    return Written(place, str(known[0]), created=True)
                if attempt == _TRIES:
                    raise
            else:
                return Written(place, str(answer.json()["changedEntityId"]), created=True)
        raise AssertionError("the last attempt raises")

    def _body(self, record: Record) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for name, value in record.items():
            column = self._table.column(name)
            path = (column.header or name).split(".")
            if "data" in path:
                raise SetupError(f"{self._table.name}.{name} is a list of other records in Bullhorn: leave it out")
            _put(body, path, _value(column, value))
        return body


def _put(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        body = body.setdefault(name, {})
    body[path[-1]] = value


def _value(column: Column, value: Any) -> Any:
    """A value as Bullhorn takes it: moments and days in milliseconds, numbers as JSON has them."""
    if isinstance(value, datetime.datetime):
        return milliseconds(value)
    if isinstance(value, datetime.date):
        return milliseconds(datetime.datetime.combine(value, datetime.time(), datetime.UTC))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if column.type is ColumnType.TEXTS and value is not None:
        return ", ".join(value)
    return value
