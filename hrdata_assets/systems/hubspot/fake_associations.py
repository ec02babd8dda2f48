"""Which record is linked to which, with what type: as v4 tells it, and as v3 does beside a record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from hrdata_assets.systems.hubspot.fake_errors import Refused, bad_request
from hrdata_assets.systems.hubspot.fake_schema import ID, ObjectType
from hrdata_assets.systems.hubspot.fake_store import Store

MOST_INPUTS = 1_000
MOST_ON_PAGE = 500
PRIMARY = "Primary"

Pair = tuple[str, str]

DEFAULT_TYPES: Mapping[Pair, int] = {
    ("contacts", "companies"): 279, ("companies", "contacts"): 280,
    ("contacts", "deals"): 4, ("deals", "contacts"): 3,
    ("deals", "companies"): 341, ("companies", "deals"): 342,
}  # fmt: skip
PRIMARY_TYPES: Mapping[Pair, int] = {
    ("contacts", "companies"): 1, ("companies", "contacts"): 2,
    ("deals", "companies"): 5, ("companies", "deals"): 6,
}  # fmt: skip
"""Beside the default type: a contact or deal has one company that is the primary one."""

_LABELLED = frozenset(PRIMARY_TYPES.values())


class Associations:
    """Links between records. They are read off the records when they are first looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _links(self) -> dict[Pair, dict[int, dict[int, set[int]]]]:
        found: dict[Pair, dict[int, dict[int, set[int]]]] = {pair: {} for pair in DEFAULT_TYPES}
        schema = self._store.schema
        for record in self._store[schema["contacts"]].live:
            company = record.get("associatedcompanyid")
            if company:
                _join(found, ("contacts", "companies"), int(record[ID]), int(company), primary=True)
        for deal, company_id, contact in self._store.deal_links():
            _join(found, ("deals", "companies"), deal, company_id, primary=True)
            _join(found, ("deals", "contacts"), deal, contact, primary=False)
        return found

    def link(self, pair: Pair, one: int, other: int, *, primary: bool = False) -> None:
        """Associate two records, both ways; a contact's or deal's first company becomes its primary one."""
        _join(self._links, pair, one, other, primary=primary)

    def unlink(self, pair: Pair, one: int, other: int) -> None:
        """Take an association away, both ways and whatever its types."""
        for way, first, second in ((pair, one, other), (_turned(pair), other, one)):
            self._links[way].get(first, {}).pop(second, None)

    def move(self, kind: ObjectType, old: int, new: int) -> None:
        """Give a record's associations to another one."""
        for pair in [pair for pair in DEFAULT_TYPES if pair[0] == kind.name]:
            for other in list(self._links[pair].get(old, {})):
                self.unlink(pair, old, other)
                self.link(pair, new, other)

    def primary(self, pair: Pair, one: int) -> int | None:
        """The record that is the primary one of its kind."""
        chosen = PRIMARY_TYPES.get(pair)
        return next((other for other, types in self._of(pair, one) if chosen in types), None)

    def linked(self, pair: Pair, one: int) -> list[int]:
        """Ids of all records that a record is linked to, archived ones too."""
        return sorted(other for other, _ in self._of(pair, one))

    def page(self, kinds: tuple[ObjectType, ObjectType], one: int, after: int, limit: int) -> dict[str, Any]:
        """Live records that a record is linked to, by id."""
        source, target = kinds
        live = self._store[target].live
        found = [(other, types) for other, types in self._of((source.name, target.name), one) if live.has(other)]
        rest = sorted((other, types) for other, types in found if other > after)
        answer: dict[str, Any] = {"results": [_told(other, types) for other, types in rest[:limit]]}
        if len(rest) > limit:
            answer["paging"] = {"next": {"after": str(rest[limit - 1][0])}}
        return answer

    def batch(self, kinds: tuple[ObjectType, ObjectType], inputs: Sequence[Mapping[str, Any]]) -> tuple[int, Any]:
        """The same for many records: status and body. Those without any are errors."""
        source, target = kinds
        results, errors = [], []
        for one in inputs:
            record_id = str(one.get("id"))
            after = str(one.get("after") or 0)
            if not after.isdecimal():
                raise bad_request(f"Invalid paging cursor: {after}", "after")
            page = self.page(kinds, int(record_id) if record_id.isdecimal() else 0, int(after), MOST_ON_PAGE)
            if page["results"]:
                to = {"from": {"id": record_id}, "to": page["results"]}
                results.append({**to, **({"paging": page["paging"]} if "paging" in page else {})})
            else:
                errors.append(_nothing(source, target, record_id))
        now = self._store.moment
        body = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        return (207, {**body, "numErrors": len(errors), "errors": errors}) if errors else (200, body)

    def beside(self, kind: ObjectType, one: int, targets: Iterable[ObjectType]) -> dict[str, Any]:
        """What stands under `associations` of a record; empty if there is nothing."""
        found = {}
        for target in targets:
            pair = (kind.name, target.name)
            if pair not in DEFAULT_TYPES:
                continue
            live = self._store[target].live
            name = f"{kind.singular}_to_{target.singular}"
            listed = [
                {"id": str(other), "type": name if number in _LABELLED else f"{name}_unlabeled"}
                for other, types in sorted(self._of(pair, one))
                if live.has(other)
                for number in sorted(types)
            ]
            if listed:
                found[target.name] = {"results": listed}
        return found

    def _of(self, pair: Pair, one: int) -> Iterator[tuple[int, set[int]]]:
        yield from self._links.get(pair, {}).get(one, {}).items()


def _join(
    links: dict[Pair, dict[int, dict[int, set[int]]]], pair: Pair, one: int, other: int, *, primary: bool
) -> None:
    # Whoever is to have a primary company stands first.
    if pair[0] == "companies":
        pair, one, other = _turned(pair), other, one
    mine = links[pair].setdefault(one, {})
    chosen = PRIMARY_TYPES.get(pair)
    is_first = not any(chosen in types for types in mine.values())
    for way, first, second in ((pair, one, other), (_turned(pair), other, one)):
        types = links[way].setdefault(first, {}).setdefault(second, set())
        types.add(DEFAULT_TYPES[way])
        if chosen is not None and (primary or is_first):
            types.add(PRIMARY_TYPES[way])
    if chosen is not None and primary:
        for rival in [rival for rival in mine if rival != other]:
            mine[rival].discard(chosen)
            links[_turned(pair)][rival][one].discard(PRIMARY_TYPES[_turned(pair)])


def _turned(pair: Pair) -> Pair:
    return pair[1], pair[0]


def _told(other: int, types: set[int]) -> dict[str, Any]:
    return {
        "toObjectId": other,
        "associationTypes": [
            {"category": "HUBSPOT_DEFINED", "typeId": number, "label": PRIMARY if number in _LABELLED else None}
            for number in sorted(types)
        ],
    }


def _nothing(source: ObjectType, target: ObjectType, record_id: str) -> dict[str, Any]:
    context = {"fromObjectId": [record_id], "fromObjectType": [source.singular], "toObjectType": [target.singular]}
    message = f"No {target.singular} is associated with {source.singular} {record_id}."
    return Refused(
        404, message, "OBJECT_NOT_FOUND", subCategory="crm.associations.NO_ASSOCIATIONS_FOUND", context=context
    ).of_input()
