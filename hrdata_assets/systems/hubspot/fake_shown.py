"""How a record is told: the properties that were asked for, as text or null, and when it was made and changed."""

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hrdata_assets.systems.hubspot.fake_errors import bad_request
from hrdata_assets.systems.hubspot.fake_schema import CREATED, ID, ObjectType, Record
from hrdata_assets.systems.hubspot.fake_store import Version
from hrdata_assets.systems.hubspot.fake_table import Table

REMEMBERED = 4


def named(kind: ObjectType, asked: Any, *, refuse: bool) -> tuple[str, ...]:
    """Names of the properties that are told; Refused for one that there is not, or it is passed over."""
    if not isinstance(asked, Sequence) or isinstance(asked, str):
        raise bad_request("Invalid input JSON: properties must be a list", "properties")
    if not asked:
        return tuple(name for name in kind.shown if name in kind.properties)
    known = [str(name) for name in asked if name in kind.properties]
    if refuse and len(known) < len(asked):
        unknown = ", ".join(str(name) for name in asked if name not in kind.properties)
        raise bad_request(f"There was a problem with the request. Property {unknown} does not exist", "properties")
    return tuple(sorted({*known, *kind.always}))


def shown(
    kind: ObjectType, record: Record, names: Sequence[str], archived_at: str | None = None, **more: Any
) -> dict[str, Any]:
    """A record as every endpoint tells it; archived if a moment of that is given."""
    found: dict[str, Any] = {
        "id": record[ID],
        "properties": {name: record.get(name) for name in names},
        "createdAt": record[CREATED],
        "updatedAt": record[kind.modified],
        "archived": archived_at is not None,
    }
    if archived_at is not None:
        found["archivedAt"] = archived_at
    return {**found, **more} if more else found


def histories(
    record: Record, names: Sequence[str], changes: Mapping[str, Sequence[Version]]
) -> dict[str, list[dict[str, str]]]:
    """Values that properties had, the newest first; a property that never had one is not among them."""
    found = {}
    for name in names:
        versions = changes.get(name) or ([Version(record[name], record[CREATED])] if name in record else [])
        if versions:
            found[name] = [
                {"value": one.value, "timestamp": one.since, "sourceType": "INTEGRATION"} for one in versions
            ]
    return found


class Fragments:
    """Records as JSON, kept for the next time they are asked for with the same properties."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, tuple[str, ...]], dict[int, tuple[Record | None, bytes]]] = OrderedDict()

    def listed(self, table: Table, ids: Iterable[int], names: tuple[str, ...]) -> bytes:
        """Live records, with commas between them."""
        kept = self._kept.setdefault((table.kind.name, names), {})
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        found = []
        for record_id in ids:
            changed = table.changed(record_id)
            known = kept.get(record_id)
            if known is None or known[0] is not changed:
                known = kept[record_id] = changed, encoded(shown(table.kind, table[record_id], names))
            found.append(known[1])
        return b",".join(found)


def encoded(body: Any) -> bytes:
    """Anything as JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def page(results: bytes, following: Mapping[str, str] | None, total: int | None = None) -> bytes:
    """A page of records that are JSON already; what follows is told if something does."""
    before = b"" if total is None else b'"total":%d,' % total
    after = b"" if following is None else b',"paging":%b' % encoded({"next": following})
    return b'{%b"results":[%b]%b}' % (before, results, after)
