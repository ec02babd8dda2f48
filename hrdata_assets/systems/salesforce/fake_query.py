"""Answering queries: which records, in which order; by a sorted index wherever one helps."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hrdata_assets.systems.salesforce.fake_conditions import Path, Scope, Span, Test, compared, matcher, named_ids, span
from hrdata_assets.systems.salesforce.fake_errors import bad_request
from hrdata_assets.systems.salesforce.fake_schema import TEXTS, ObjectType, no_such_object
from hrdata_assets.systems.salesforce.fake_soql import Ordering, Query, located, parse
from hrdata_assets.systems.salesforce.fake_store import Store
from hrdata_assets.systems.salesforce.fake_table import Index, Table
from hrdata_assets.systems.salesforce.fake_values import STAMP, Row

MOST_SKIPPED = 2_000
ID = 18
KEYS = {"id", "systemmodstamp"}
WORTH_SORTING = 4  # so many times fewer rows to look at make up for having to sort them


@dataclass(frozen=True)
class Selection:
    """What a query found: ids at the time it ran, in order. Values are read when a page of them is fetched."""

    query: Query
    kind: ObjectType
    paths: tuple[Path, ...]
    ids: list[str]
    everything: bool
    """Deleted records too."""


def select(store: Store, text: str, *, everything: bool) -> Selection:
    """Run a query; ApiError for one that cannot be."""
    query = parse(text)
    kind = store.schema.object_named(query.object)
    if kind is None:
        raise bad_request("INVALID_TYPE", located(text, query.object_at, no_such_object(query.object)))
    if (query.offset or 0) > MOST_SKIPPED:
        raise bad_request("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MOST_SKIPPED}")
    scope = Scope(store, kind, text)
    paths = tuple(scope.path(name, at) for name, at in query.fields)
    for ordering in query.orderings:
        scope.filterable(ordering.path, ordering.at, "sorted")
    test = None if query.where is None else matcher(scope, query.where)
    store.empty_bin()
    table = store.tables[kind.name]
    candidates = _best(scope, query, table.every if everything else table.live)
    return Selection(query, kind, paths, _matches(scope, query, candidates, table, test), everything)


@dataclass(frozen=True)
class _Candidates:
    """A stretch of an index in which all matches are."""

    keys: list[str]
    low: int
    high: int
    exact: bool
    by_stamp: bool = False

    def __len__(self) -> int:
        return max(self.high - self.low, 0)

    def serves(self, orderings: tuple[Ordering, ...]) -> bool:
        """Walked along, one way or the other, it gives the wanted order."""
        names = [ordering.path.lower() for ordering in orderings]
        if not self.by_stamp:
            return names[:1] in ([], ["id"])
        return names in ([], ["systemmodstamp"]) or (
            names[:2] == ["systemmodstamp", "id"] and orderings[0].descending == orderings[1].descending
        )


def _best(scope: Scope, query: Query, index: Index) -> _Candidates:
    """The index that gives the wanted order, or the one that leaves far less to look at."""
    fields, where = scope.kind.fields, query.where
    found = [
        _stretch(index.by_id, span(where, "Id", fields["Id"])),
        _stretch(index.by_stamp, span(where, "SystemModstamp", fields["SystemModstamp"]), by_stamp=True),
    ]
    if (named := named_ids(where, fields["Id"])) is not None:
        there = [one for one in sorted(named) if _holds(index.by_id, one)]
        found.append(_Candidates(there, 0, len(there), exact=False))
    least = min(found, key=len)
    serving = [one for one in found if one.serves(query.orderings)]
    best = min(serving, key=len, default=least)
    return best if len(best) <= WORTH_SORTING * len(least) else least


def _stretch(keys: list[str], found: Span, *, by_stamp: bool = False) -> _Candidates:
    return _Candidates(keys, bisect_left(keys, found.low), bisect_left(keys, found.high), found.exact, by_stamp)


def _holds(ids: list[str], one: str) -> bool:
    at = bisect_left(ids, one)
    return at < len(ids) and ids[at] == one


def _matches(scope: Scope, query: Query, candidates: _Candidates, table: Table, test: Test | None) -> list[str]:
    served = candidates.serves(query.orderings)
    backwards = served and bool(query.orderings) and query.orderings[0].descending
    first = query.offset or 0
    last = None if query.limit is None else first + query.limit
    places = range(candidates.low, candidates.high)[:: -1 if backwards else 1]
    if test is None or candidates.exact:
        places = places[:last] if served else places
        keys = [candidates.keys[place] for place in places]
    else:
        light = candidates.by_stamp and set(compared(query.where)) <= KEYS
        matching = _tested((candidates.keys[place] for place in places), table, test, light=light)
        keys = list(islice(matching, last) if served else matching)
    ids = [key[STAMP:] for key in keys] if candidates.by_stamp else keys
    if not served:
        ids = _sorted(scope, query.orderings, ids, table)
    return ids[first:last]


def _tested(keys: Iterator[str], table: Table, test: Test, *, light: bool) -> Iterator[str]:
    """Keys of rows that match; where a condition asks for nothing but stamp and id, the key itself answers it."""
    if light:
        return (key for key in keys if test({"SystemModstamp": key[:STAMP], "Id": key[STAMP:]}))
    return (key for key in keys if test(table.row(key[-ID:]) or {}))


def _sorted(scope: Scope, orderings: tuple[Ordering, ...], ids: list[str], table: Table) -> list[str]:
    rows = list(table.rows(ids))
    rows.sort(key=lambda row: str(row["Id"]))
    for ordering in reversed(orderings):
        path = scope.path(ordering.path, ordering.at)
        get, folded = scope.getter(path), path.field.type in TEXTS - {"id", "reference"}
        nothing = (0,) if ordering.nulls_last == ordering.descending else (2,)

        def place(row: Row, get: Any = get, folded: bool = folded, nothing: Any = nothing) -> Any:
            value = get(row)
            return nothing if value is None else (1, value.casefold() if folded else value)

        rows.sort(key=place, reverse=ordering.descending)
    return [row["Id"] for row in rows]
