"""`POST …/search`: filter groups, words, one sort, and pages by offset up to a wall."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hrdata_assets.systems.hubspot.fake_errors import bad_request
from hrdata_assets.systems.hubspot.fake_filters import Groups, contains, parse_groups, select
from hrdata_assets.systems.hubspot.fake_schema import CREATED, ID, ObjectType
from hrdata_assets.systems.hubspot.fake_shown import Fragments, named, page
from hrdata_assets.systems.hubspot.fake_store import Store
from hrdata_assets.systems.hubspot.fake_table import Ints, Table
from hrdata_assets.systems.hubspot.fake_values import comparable

MOST_ON_PAGE, DEFAULT_ON_PAGE = 200, 10
REMEMBERED = 8
"""Searches whose results are kept, so that their further pages cost nothing."""


@dataclass(frozen=True)
class Sort:
    """What results are ordered by; without one, the oldest come first."""

    name: str = CREATED
    descending: bool = False


class Search:
    """Answers searches from what the index has seen."""

    def __init__(self, store: Store, fragments: Fragments) -> None:
        self._store = store
        self._fragments = fragments
        self._results: OrderedDict[tuple[object, ...], Ints] = OrderedDict()

    def page(self, kind: ObjectType, text: str) -> bytes:
        """Answer a search; Refused for what is none, or reaches too far."""
        switches = self._store.switches
        if len(text) > switches.longest_search:
            raise bad_request(f"The request body may have {switches.longest_search} characters, not {len(text)}")
        body = _parsed(text)
        limit = _whole(body, "limit", DEFAULT_ON_PAGE)
        after = _whole(body, "after", 0)
        if not 0 <= limit <= MOST_ON_PAGE:
            raise bad_request(f"limit must be between 0 and {MOST_ON_PAGE}, not {limit}", "limit")
        if after + limit > switches.most_results:
            raise bad_request(
                f"There was a problem with the request: results beyond {switches.most_results} cannot be paged through",
                "after",
            )
        limit = min(limit, switches.page or limit)
        names = named(kind, body.get("properties") or [], refuse=switches.search_refuses_unknown)
        found, table = self._found(kind, body)
        on_page = found[after : after + limit].tolist()
        end = after + len(on_page)
        following = {"after": str(end)} if on_page and end < len(found) else None
        return page(self._fragments.listed(table, on_page, names), following, len(found))

    def _found(self, kind: ObjectType, body: Mapping[str, Any]) -> tuple[Ints, Table]:
        groups, sort = parse_groups(kind, body.get("filterGroups")), _sort(kind, body.get("sorts"))
        query = str(body.get("query") or "").strip()
        shelf = self._store[kind]
        shelf.settle(self._store.now())
        table, by_id = shelf.found, self._store.switches.ties_by_id
        asked = json.dumps([body.get("filterGroups"), query])
        key = (kind.name, table.version, asked, sort, by_id)
        if key not in self._results:
            self._results[key] = _ordered(table, _searched(table, groups, query), sort, by_id=by_id)
            if len(self._results) > REMEMBERED:
                self._results.popitem(last=False)
        return self._results[key], table


def _searched(table: Table, groups: Groups, query: str) -> Ints:
    places = select(table, groups)
    if not query:
        return places
    words = [f"{word}*" for word in query.split()]
    ids = table.columns.id

    def has(place: int) -> bool:
        record = table[int(ids[place])]
        texts = [record.get(name, "") for name in table.kind.searched]
        return all(any(contains(text, word) for text in texts) for word in words)

    return np.array([place for place in places.tolist() if has(place)], dtype=np.int64)


def _ordered(table: Table, places: Ints, sort: Sort, *, by_id: bool) -> Ints:
    """Ids in the order of the sort; what has no value comes last."""
    columns = table.columns
    ids = columns.id[places]
    ties = ids if by_id else (ids * 2_654_435_761) % 4_294_967_291
    column = {ID: columns.id, CREATED: columns.created, table.kind.modified: columns.modified}.get(sort.name)
    if column is not None:
        keys = column[places]
        order = np.lexsort((ties, -keys if sort.descending else keys))
        ordered: Ints = ids[order]
        return ordered
    one = table.kind.properties[sort.name]
    values = {record_id: comparable(one, table[record_id].get(sort.name)) for record_id in ids.tolist()}
    tied = dict(zip(ids.tolist(), ties.tolist(), strict=True))
    known = sorted((record_id for record_id, value in values.items() if value is not None), key=tied.__getitem__)
    known.sort(key=lambda record_id: values[record_id], reverse=sort.descending)  # type: ignore[arg-type,return-value]
    unknown = sorted((record_id for record_id, value in values.items() if value is None), key=tied.__getitem__)
    return np.array([*known, *unknown], dtype=np.int64)


def _sort(kind: ObjectType, given: Any) -> Sort:
    """The sort; a bare name sorts ascending."""
    sorts = given if isinstance(given, list) else []
    if len(sorts) > 1:
        raise bad_request("Only one sort can be given", "sorts")
    if not sorts:
        return Sort()
    (one,) = sorts
    name, direction = (one, "ASCENDING") if isinstance(one, str) else _of_object(one)
    if name not in kind.properties:
        raise bad_request(f"There was a problem with the request. Property {name} does not exist", "sorts")
    if direction not in ("ASCENDING", "DESCENDING"):
        raise bad_request(f"Invalid input JSON: {direction} is neither ASCENDING nor DESCENDING", "sorts")
    return Sort(name, direction == "DESCENDING")


def _of_object(one: Any) -> tuple[str, str]:
    if not isinstance(one, dict):
        raise bad_request("Invalid input JSON: a sort is an object", "sorts")
    return str(one.get("propertyName")), str(one.get("direction") or "ASCENDING")


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text or "{}")
    except ValueError as error:
        raise bad_request(f"Invalid input JSON on line 1, column 1: {error}") from None
    if not isinstance(body, dict):
        raise bad_request("Invalid input JSON on line 1, column 1: not an object")
    return body


def _whole(body: Mapping[str, Any], name: str, default: int) -> int:
    given = body.get(name)
    if given is None or given == "":
        return default
    try:
        return int(given)
    except (TypeError, ValueError):
        raise bad_request(f"Invalid input JSON: {name} must be a number, not {given}", name) from None
