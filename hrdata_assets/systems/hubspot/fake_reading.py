"""Reading records from the database: lists, single records, batches. What was written is there at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hrdata_assets.systems.hubspot.fake_associations import Associations
from hrdata_assets.systems.hubspot.fake_errors import Refused, bad_request, not_found
from hrdata_assets.systems.hubspot.fake_schema import ObjectType, Record
from hrdata_assets.systems.hubspot.fake_shown import Fragments, encoded, histories, named, page, shown
from hrdata_assets.systems.hubspot.fake_store import Shelf, Store

MOST_ON_PAGE, MOST_WITH_HISTORY, DEFAULT_ON_PAGE = 100, 50, 10


@dataclass(frozen=True)
class Wanted:
    """What is to be told of a record."""

    properties: Sequence[str] = ()
    with_history: Sequence[str] = ()
    associations: Sequence[str] = ()
    archived: bool = False


class Reading:
    """Answers what is asked by id or in order of ids."""

    def __init__(self, store: Store, associations: Associations, fragments: Fragments) -> None:
        self._store = store
        self._fragments = fragments
        self._associations = associations

    def page(self, kind: ObjectType, wanted: Wanted, limit: int, after: str, url: str) -> bytes:
        """A page of all records by id, the live or the archived ones; Refused for a page that is too large."""
        most = MOST_WITH_HISTORY if wanted.with_history else MOST_ON_PAGE
        if not 1 <= limit <= most:
            raise bad_request(f"limit must be between 1 and {most}, not {limit}", "limit")
        if after and not after.isdecimal():
            raise bad_request(f"Invalid paging cursor: {after}", "after")
        limit = min(limit, self._store.switches.page or limit)
        shelf = self._store[kind]
        table = shelf.archived if wanted.archived else shelf.live
        ids = table.after(int(after or -1), limit + 1)
        names = self._names(kind, wanted)
        targets = self._targets(wanted)
        if targets or wanted.with_history or wanted.archived:
            listed = [encoded(self._one(shelf, table[one], names, wanted, targets)) for one in ids[:limit]]
            results = b",".join(listed)
        else:
            results = self._fragments.listed(table, ids[:limit], names)
        if len(ids) <= limit:
            return page(results, None)
        cursor = str(ids[limit - 1])
        query = urlencode({"limit": limit, "after": cursor, "archived": str(wanted.archived).lower()})
        return page(results, {"after": cursor, "link": f"{url}?{query}"})

    def get(self, kind: ObjectType, given: str, id_property: str | None, wanted: Wanted) -> dict[str, Any]:
        """One record; Refused if there is none."""
        record = self.find(kind, given, id_property, archived=wanted.archived)
        if record is None:
            raise not_found()
        return self._one(self._store[kind], record, self._names(kind, wanted), wanted, self._targets(wanted))

    def batch(
        self, kind: ObjectType, inputs: Sequence[Mapping[str, Any]], more: Mapping[str, Any], wanted: Wanted
    ) -> tuple[int, Any]:
        """Status and body for many records; those that are not there are errors. They come by id, each once."""
        found: dict[str, Record] = {}
        lost: list[str] = []
        for one in inputs:
            given = str(one.get("id"))
            record = self.find(kind, given, more.get("idProperty"), archived=wanted.archived)
            if record is None:
                lost.append(given)
            else:
                found[record["hs_object_id"]] = record
        names = self._names(kind, wanted)
        shelf = self._store[kind]
        results = [self._one(shelf, found[key], names, wanted, ()) for key in sorted(found, key=int)]
        now = self._store.moment
        body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        return (207, {**body, "numErrors": 1, "errors": [_lost(kind, lost)]}) if lost else (200, body)

    def find(self, kind: ObjectType, given: str, id_property: str | None, *, archived: bool = False) -> Record | None:
        """The record that an id means, or another unique value; Refused for a property that is not unique."""
        shelf = self._store[kind]
        if id_property and id_property != "hs_object_id":
            known = kind.properties.get(id_property)
            if id_property != kind.unique and (known is None or not known.unique):
                raise bad_request(f"{id_property} is no property with unique values", "idProperty")
            owner = shelf.owner_of(given) if id_property == kind.unique else shelf.holder_of(id_property, given)
            return None if owner is None or archived else shelf.live[owner]
        if not given.isdecimal():
            return None
        record_id = int(given)
        if archived:
            return shelf.archived.find(record_id)
        return shelf.live.find(shelf.current(record_id) if self._store.switches.merged_ids_lead_on else record_id)

    def _names(self, kind: ObjectType, wanted: Wanted) -> tuple[str, ...]:
        return named(kind, wanted.properties, refuse=self._store.switches.read_refuses_unknown)

    def _targets(self, wanted: Wanted) -> list[ObjectType]:
        found = (self._store.schema.find(name) for name in wanted.associations)
        return [kind for kind in found if kind is not None]

    def _one(
        self, shelf: Shelf, record: Record, names: Sequence[str], wanted: Wanted, targets: Sequence[ObjectType]
    ) -> dict[str, Any]:
        record_id = int(record["hs_object_id"])
        more: dict[str, Any] = {}
        if wanted.with_history:
            history = [name for name in wanted.with_history if name in shelf.kind.properties]
            more["propertiesWithHistory"] = histories(record, history, shelf.history.get(record_id, {}))
        linked = self._associations.beside(shelf.kind, record_id, targets) if targets else {}
        if linked:
            more["associations"] = linked
        archived_at = shelf.when_archived(record) if wanted.archived else None
        return shown(shelf.kind, record, names, archived_at, **more)


def _lost(kind: ObjectType, ids: Sequence[str]) -> dict[str, Any]:
    name = kind.singular.upper()
    message = f"Could not get some {name} objects, they may be deleted or not exist. Check that ids are valid."
    return Refused(404, message, "OBJECT_NOT_FOUND", context={"ids": list(ids)}).of_input()
