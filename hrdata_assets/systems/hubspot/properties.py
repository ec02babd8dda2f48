"""Which properties the account's objects have: what is asked for, and what each takes."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.errors import DeliveryError
from hrdata_assets.systems.answers import Answer, MalformedPageError
from hrdata_assets.systems.http import Client
from hrdata_assets.systems.hubspot.addresses import Addresses
from hrdata_assets.systems.hubspot.asking import property_of
from hrdata_assets.table import Table

log = logging.getLogger("hrdata")


@dataclass(frozen=True)
class Property:
    """A property as HubSpot defines it."""

    kind: str
    custom: bool
    unique: bool
    read_only: bool


Definitions = Mapping[str, Property]


class Properties:
    """Definitions by table, read once; one instance may be shared by threads."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._known: dict[str, Definitions] = {}

    def of(self, client: Client, table: Table) -> Definitions:
        """What there is. DeliveryError if a property that no record can be without is not among them."""
        if table.name not in self._known:
            self._known[table.name] = self._read(client, table)
        return self._known[table.name]

    def asked(self, client: Client, table: Table) -> list[str]:
        """Names of what every record is asked for: all that is declared and there, and what the account added."""
        there = self.of(client, table)
        declared = [name for name in map(property_of, table.columns) if name is not None]
        custom = sorted(name for name, one in there.items() if one.custom and name not in declared)
        return [*(name for name in declared if name in there), *custom]

    def kinds(self, client: Client, table: Table) -> dict[str, str]:
        """Types by name."""
        return {name: one.kind for name, one in self.of(client, table).items()}

    def changed(self, client: Client, table: Table) -> bool:
        """Read them anew, and say whether there are others than before."""
        before, now = self._known.get(table.name), self._read(client, table)
        self._known[table.name] = now
        if before is not None and (gone := sorted(set(before) - set(now))):
            log.warning("hubspot: %s have no %s any more: it is not asked for", table.origin, ", ".join(gone))
        return before != now

    def _read(self, client: Client, table: Table) -> Definitions:
        answer = client.get(self._addresses.properties(str(table.origin)))
        there = {str(one["name"]): _property(one) for one in results_of(answer) if "name" in one}
        needed = {column.name: property_of(column) for column in table.columns if column.required}
        if missing := [name for name, header in needed.items() if header is not None and header not in there]:
            raise DeliveryError(f"hubspot has no {', '.join(missing)} of {table.origin}: see whether the app may read")
        return there


def _property(one: Mapping[str, Any]) -> Property:
    limits = one.get("modificationMetadata")
    return Property(
        kind=str(one.get("type") or "string"),
        custom=not one.get("hubspotDefined", False),
        unique=bool(one.get("hasUniqueValue")),
        read_only=isinstance(limits, Mapping) and bool(limits.get("readOnlyValue")),
    )


def results_of(answer: Answer) -> Sequence[Mapping[str, Any]]:
    """What an answer lists. MalformedPageError if it lists nothing."""
    told = answer.json()
    results = told.get("results") if isinstance(told, dict) else None
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise MalformedPageError(f"{answer.path} answered with JSON of another shape")
    return results
