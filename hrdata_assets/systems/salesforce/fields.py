"""Which fields of an object are asked for: the declared ones that the user sees, and every plain one beside them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.errors import DeliveryError
from hrdata_assets.table import Table

log = logging.getLogger("hrdata")

LONGEST_LIST = 8_000
"""Characters that the names may have: the whole question goes into an address, which may have 16,384."""

_NOT_PLAIN = frozenset({"address", "location", "base64", "anyType", "complexvalue", "json"})


@dataclass(frozen=True)
class Fields:
    """Names in the order in which they are asked for, and Salesforce's type of each."""

    names: tuple[str, ...]
    kinds: Mapping[str, str]


def fields_of(table: Table, told: Any) -> Fields:
    """Read them off a describe. DeliveryError names required fields that the user does not see."""
    there: dict[str, Mapping[str, Any]] = {field["name"]: field for field in told["fields"]}
    declared = {column.header or column.name: column for column in table.columns}
    if missing := [name for name, column in declared.items() if column.required and name not in there]:
        raise DeliveryError(f"salesforce has no {', '.join(missing)} of {table.origin}: the user may not see it")
    known = [name for name in declared if name in there]
    more = [name for name in sorted(_plain(there)) if name not in declared]
    chosen = _fitting(table, known, more)
    return Fields(chosen, {name: str(there[name].get("type")) for name in chosen})


def _plain(there: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Those with a value of their own: what other fields are the parts of has none."""
    compound = {field.get("compoundFieldName") for field in there.values()}
    hidden = {n for n, field in there.items() if field.get("type") in _NOT_PLAIN or field.get("deprecatedAndHidden")}
    return set(there) - hidden - compound


def _fitting(table: Table, known: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    left = LONGEST_LIST - sum(len(name) + 1 for name in known)
    chosen = []
    for name in more:
        left -= len(name) + 1
        if left < 0:
            break
        chosen.append(name)
    if len(chosen) < len(more):
        log.warning(
            "salesforce: %d fields of %s are left out: they do not fit in a question",
            len(more) - len(chosen),
            table.origin,
        )
    return (*known, *chosen)
