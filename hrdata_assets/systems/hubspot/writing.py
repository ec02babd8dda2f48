"""HubSpot written: a hundred records at a time, each known again by a property whose values are unique."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError
from hrdata_assets.systems.http import Client, Request
from hrdata_assets.systems.hubspot.addresses import Addresses
from hrdata_assets.systems.hubspot.asking import property_of
from hrdata_assets.systems.hubspot.judging import reason
from hrdata_assets.systems.hubspot.properties import Definitions
from hrdata_assets.systems.system import Record, Written
from hrdata_assets.table import Table

MOST = 100
TRACE = "objectWriteTraceId"
EXTERNAL_ID = "external_id"
_ALWAYS_UNIQUE = {("contacts", "email")}
_OF_THE_BATCH = (400, 409)

Inputs = Mapping[int, Mapping[str, Any]]
"""What is sent, by the place of the record."""


class Writing:
    """Brings records into one object. What a second writing sends is the same, so that nothing is made twice."""

    def __init__(
        self, client: Client, addresses: Addresses, table: Table, definitions: Definitions, external: str
    ) -> None:
        self._client, self._table, self._definitions = client, table, definitions
        self._url = addresses.objects(str(table.origin), "/batch/upsert")
        self._external = external
        # Where an administrator made no property for it, the number in another system is not written.
        no_home = property_of(table.column(EXTERNAL_ID)) not in definitions
        self._homeless = {EXTERNAL_ID} if no_home and external != EXTERNAL_ID else set[str]()
        self._unique = self._named(external)
        is_unique = definitions[self._unique].unique and not definitions[self._unique].read_only
        if not is_unique and (table.origin, self._unique) not in _ALWAYS_UNIQUE:
            raise SetupError(
                f"{self._unique} of hubspot's {table.origin} has no unique values: an administrator makes a property"
                " that has, and nothing else can be an external id"
            )

    def write(self, records: Sequence[Record]) -> Iterator[Written]:
        """Bring them in, batch by batch; a record whose external id was just written comes in the next batch."""
        batch: dict[int, Mapping[str, Any]] = {}
        names: set[str] = set()
        for place, record in enumerate(records):
            name = str(record.get(self._external) or "").strip()
            if not name:
                yield Written(place, refused="it has no external id")
                continue
            if len(batch) == MOST or name.casefold() in names:
                yield from self._sent(batch)
                batch, names = {}, set()
            batch[place] = self._input(place, name, record)
            names.add(name.casefold())
        yield from self._sent(batch)

    def _input(self, place: int, name: str, record: Record) -> Mapping[str, Any]:
        left_out = {self._external, *self._homeless}
        properties = {self._named(column): _text(value) for column, value in record.items() if column not in left_out}
        return {"idProperty": self._unique, "id": name, "properties": properties, TRACE: str(place)}

    def _named(self, name: str) -> str:
        """The property behind a column. SetupError for what cannot be written."""
        header = property_of(self._table.column(name))
        known = self._definitions.get(header or "")
        if header is None or known is None:
            raise SetupError(
                f"hubspot's {self._table.origin} have no property {header or name} in this account: an administrator"
                " makes it, or leave it out"
            )
        if known.read_only:
            raise SetupError(f"{self._table.name}.{name} is filled by HubSpot itself: leave it out")
        return header

    def _sent(self, batch: Inputs) -> list[Written]:
        if not batch:
            return []
        try:
            body = {"inputs": list(batch.values())}
            answer = self._client.ask(Request("POST", self._url, json=body))
        except RefusedError as error:
            if error.status not in _OF_THE_BATCH:
                raise
            if len(batch) == 1:
                return [Written(place, refused=error.code or "refused") for place in batch]
            # One that is wrong stops the others of its batch: each is sent alone.
            return [written for place, one in batch.items() for written in self._sent({place: one})]
        return list(_outcomes(answer, batch, self._unique))


def _outcomes(answer: Answer, batch: Inputs, unique: str) -> Iterator[Written]:
    told = answer.json()
    try:
        made = {place: one for one in told["results"] if (place := _place(one, batch, unique)) is not None}
        refused, unnamed = _refusals(told.get("errors") or ())
        for place in batch:
            if (one := made.get(place)) is not None:
                yield Written(place, str(one["id"]), created=bool(one.get("new")))
            else:
                yield Written(place, refused=refused.get(place) or unnamed or "refused")
    except (KeyError, TypeError, AttributeError):
        raise MalformedPageError(f"{answer.path} answered with JSON of another shape") from None


def _place(result: Mapping[str, Any], batch: Inputs, unique: str) -> int | None:
    """Which input a result is of: by its trace, and where that does not come back by the unique value."""
    trace = result.get(TRACE)
    if trace is not None:
        return int(trace)
    value = str((result.get("properties") or {}).get(unique) or "").casefold()
    return next((place for place, one in batch.items() if one["id"].casefold() == value), None)


def _refusals(errors: Iterable[Mapping[str, Any]]) -> tuple[dict[int, str], str]:
    """What is wrong with which input, and with those that no error names."""
    found: dict[int, str] = {}
    unnamed = ""
    for error in errors:
        said = reason(error) or "refused"
        traces = (error.get("context") or {}).get(TRACE) or ()
        found.update((int(trace), said) for trace in traces)
        if not traces:
            unnamed = said
    return found, unnamed


def _text(value: Any) -> str:
    """A value as HubSpot has it: text, and empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return moment.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return format(value, "f") if isinstance(value, Decimal) else str(value)
