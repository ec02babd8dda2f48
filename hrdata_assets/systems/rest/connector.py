"""A REST interface read as its declaration says: page by page, until there are no more, and never round in circles."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from typing_extensions import override

from hrdata_assets.errors import SetupError
from hrdata_assets.query import Condition
from hrdata_assets.storage.synced import DELETED
from hrdata_assets.systems.answers import RefusedError, json_of
from hrdata_assets.systems.http import Client, Hosts, Limits, Request
from hrdata_assets.systems.rest.paging import Position, ask
from hrdata_assets.systems.rest.paths import records_at, said, stamp
from hrdata_assets.systems.rest.reading import Reading, Turned
from hrdata_assets.systems.rest.signing import sign_in
from hrdata_assets.systems.sources.declaration import ResourceOf, RestSource
from hrdata_assets.systems.sources.system import DeclaredSystem
from hrdata_assets.systems.system import Gone, Keep, Page, Record, Window
from hrdata_assets.table import CursorMode, Operator, Table

_ANY_ANSWER = (200, 204, 301, 302, 303, 307, 308, 400, 403, 404, 405, 406, 410, 501)
"""Answers whose header Date is as good as any other's."""

_FORGOTTEN = (400, 404, 410, 422)
"""How an interface says that it knows nothing of a cursor any more."""

Params = list[tuple[str, str]]


class Rest(DeclaredSystem):
    """Lists of a REST interface."""

    declared: ClassVar[RestSource]

    def __init__(self, client: Client, keep: Keep, address: str) -> None:
        super().__init__(client, keep)
        self._address = address.rstrip("/")

    @classmethod
    @override
    def opened(cls, said: Mapping[str, str], home: Path, keep: Keep) -> "Rest":
        """A client of the interface; nobody is asked yet. SetupError for an address that is none."""
        declared, address = cls.declared, said[cls.declared.url_from]
        url = urlsplit(address)
        if url.scheme not in ("https", "http") or not url.hostname or url.query or url.username:
            raise SetupError(f"{declared.url_from} is no address of an interface: write https://host/path")
        hosts = Hosts((url.hostname.lower(), *declared.hosts), private=declared.private)
        limits = Limits(per_minute=declared.per_minute, seconds=declared.seconds)
        signing = sign_in(declared.auth, said, home / "tokens" / f"{cls.name}.json")
        return cls(Client(cls.name, hosts, limits=limits, sign_in=signing), keep, address)

    @override
    def pages(self, table: Table, window: Window) -> Iterator[Page]:
        """Yield pages from where a former reading got to, or from the first one if nobody knows that place any more."""
        resource = self._resource(table)
        params = self._params(resource, window)
        reading = Reading(self.name, resource, lambda position: self._page(table, params, position))
        if window.position:
            try:
                yield from reading.pages(window.position)
                return
            except RefusedError as error:
                if reading.answered or error.status not in _FORGOTTEN:
                    raise
        yield from reading.pages({})

    def _page(self, table: Table, params: Params, position: Position) -> Turned:
        resource = self._resource(table)
        wanted = ask(resource.paging, position)
        url = wanted.url or f"{self._address}{resource.path}"
        sent = None if wanted.url else _by_name([*params, *wanted.params.items()])
        answer = self.client.ask(Request("GET", url, sent))
        delivery, records = self.received(table, answer, lambda told: records_at(told, resource.records))
        return Turned(answer, delivery, records, url)

    @override
    def newest(self, table: Table, mode: CursorMode) -> datetime.datetime | int | None:
        """What the interface's clock shows: what changes after that is for the next time.

        None where it cannot be asked for what changed: everything is read each time.
        """
        incremental = mode is CursorMode.UPDATED_AT and self._resource(table).since is not None
        return self.now() if incremental else None

    @override
    def now(self) -> datetime.datetime:
        """What the header Date of any answer says."""
        answer = self.client.ask(Request("HEAD", f"{self._address}/", good=_ANY_ANSWER, follow=False))
        return answer.date or datetime.datetime.now(datetime.UTC)

    @override
    def deletions(self, table: Table, since: datetime.datetime, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Nothing: what is gone is found when everything is read."""
        return iter(())

    @override
    def total(self, table: Table) -> int | None:
        """What an answer says at the declared path; nothing where deleted records may be among them."""
        resource = self._resource(table)
        if resource.total is None or DELETED in resource.columns:
            return None
        return self._page(table, self._params(resource, Window()), {}).total(resource)

    @override
    @classmethod
    def records(cls, table: Table, content: bytes) -> Sequence[Record]:
        """Read what stands at the declared path."""
        return records_at(json_of(content), cls.declared.objects[str(table.origin)].records)

    def _resource(self, table: Table) -> ResourceOf:
        return self.declared.objects[str(table.origin)]

    def _params(self, resource: ResourceOf, window: Window) -> Params:
        params = [(name, str(value)) for name, value in resource.params.items()]
        for condition in window.where:
            params += _asked(resource, condition)
        if resource.since and isinstance(window.since, datetime.datetime) and window.mode is CursorMode.UPDATED_AT:
            params.append((resource.since.parameter, stamp(window.since, resource.since.format)))
        return params


def _by_name(params: Params) -> Mapping[str, list[str]]:
    """Parameters as they are sent: several of one name beside each other."""
    return {name: [value for other, value in params if other == name] for name, _ in params}


def _asked(resource: ResourceOf, condition: Condition) -> Params:
    """The parameters that say a condition. SetupError where none is declared that does."""
    parameters = {str(word): name for word, name in resource.conditions.get(condition.column.name, {}).items()}
    parameter = parameters.get(condition.operator.value)
    if parameter is None:
        allowed = ", ".join(parameters) or "none"
        raise SetupError(
            f"{resource.path} cannot be asked for {condition.column.name} by {condition.operator}; declared: {allowed}"
        )
    values = [said(value) for value in condition.values]
    if condition.operator is Operator.IN and resource.lists == "commas":
        values = [",".join(values)]
    return [(parameter, value) for value in values]
