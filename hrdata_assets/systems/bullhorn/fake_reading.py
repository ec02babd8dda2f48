"""Reading: search, query, entity, association, meta, and the small lists around them."""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response

from hrdata_assets.systems.bullhorn import fake_lucene as lucene
from hrdata_assets.systems.bullhorn import fake_where as where
from hrdata_assets.systems.bullhorn.fake_conditions import Condition, Ordering, Path, Paths, in_order, select
from hrdata_assets.systems.bullhorn.fake_errors import answer, not_found, refused, unknown_fields
from hrdata_assets.systems.bullhorn.fake_fields import Fragments, Projection, Wanted, parse_fields
from hrdata_assets.systems.bullhorn.fake_schema import Entity, Field
from hrdata_assets.systems.bullhorn.fake_store import Ints, View, database, index
from hrdata_assets.systems.bullhorn.fake_switches import Switches

Params = Mapping[str, Any]

MOST_ASSOCIATIONS = 10_000
KEPT_RESULTS = 32
KEPT_ROWS = 150_000


@dataclass(frozen=True)
class Page:
    """Ids of a page, and how many there are in all."""

    ids: list[int]
    total: int
    start: int


class Reading:
    """Answers what is asked of the records."""

    def __init__(self, paths: Paths, switches: Switches, now: Callable[[], float]) -> None:
        self.paths = paths
        self.switches = switches
        self.now = now
        self._results: OrderedDict[tuple[Any, ...], Ints] = OrderedDict()
        self._fragments: OrderedDict[tuple[Any, ...], Fragments] = OrderedDict()
        paths.store.listeners.append(self._forget)

    def entity(self, name: str) -> Entity:
        """An entity that the user may see; Refused otherwise."""
        if name not in self.paths.schema.entities:
            raise refused(404, f"Entity not found: {name}")
        if name in self.switches.forbidden:
            raise refused(403, f"You do not have permission to read {name}")
        return self.paths.schema[name]

    def search(self, name: str, params: Params) -> Response:
        """Rows that a Lucene query finds, as the index has them; fields come from the database."""
        entity = self.entity(name)
        if not entity.searchable:
            raise refused(400, f"Search is not supported for entity {name}", "errors.search.unsupportedEntity")
        if not params:
            return answer({"data": sorted(entity.fields)})
        query = _text(params, "query")
        view = index(self.paths.store[name], self.now())
        found = self._found(
            view,
            ("search", query, self.switches.zone),
            partial(lucene.parse, query, self._field_at(name), self.switches.zone),
            _orderings(params.get("sort")),
        )
        page = self._page(found, params)
        if not (params.get("fields") or params.get("layout")):
            return answer(_enveloped(page, [str(one).encode() for one in page.ids], len(page.ids)))
        fragments = self.fragments(name, params)
        rows = [_scored(one, fragments.of(one)) for one in page.ids]
        return answer(_enveloped(page, rows, len(rows), meta=self._meta(name, params)))

    def query(self, name: str, params: Params) -> Response:
        """Rows that a where clause finds, as the database has them."""
        self.entity(name)
        clause = _text(params, "where")
        found = self._found(
            database(self.paths.store[name]),
            ("query", clause),
            partial(where.parse, clause, self._field_at(name)),
            _orderings(params.get("orderBy")),
        )
        if _is_true(params, "totalOnly"):
            return answer({"total": len(found)})
        page, fragments = self._page(found, params), self.fragments(name, params)
        rows = [one for one in map(fragments.of, page.ids) if one]
        total = _is_true(params, "showTotalMatched")
        return answer(_enveloped(page, rows, len(rows), meta=self._meta(name, params), total=total))

    def by_id(self, name: str, ids: str, params: Params) -> Response:
        """One record, or several of which some may be missing."""
        self.entity(name)
        fragments, wanted = self.fragments(name, params), _ids(ids)
        rows = [row for row in map(fragments.of, wanted[: self.switches.page]) if row]
        if not rows:
            raise not_found(name, ids)
        if len(wanted) == 1:
            return answer(b'{"data":' + rows[0] + b"}")
        return answer(b'{"data":[' + b",".join(rows) + b"]}")

    def below(self, name: str, ids: str, to_many: str, params: Params) -> Response:
        """Records that a to-many of some records leads to."""
        field = self._to_many(name, to_many)
        table = self.paths.store[name]
        records = [record for record in map(table.record, _ids(ids)) if record]
        if not records:
            raise not_found(name, ids)
        found = sorted({one for record in records for one in self.paths.many(record, field)})
        page, fragments = self._page(self.live(field.entity, found), params), self.fragments(field.entity, params)
        rows = [row for row in map(fragments.of, page.ids) if row]
        return answer(_enveloped(page, rows, len(rows), total=_is_true(params, "showTotalMatched")))

    def association(self, name: str, to_many: str, params: Params) -> Response:
        """Pairs of ids: of a record, and of what its to-many leads to."""
        field, table = self._to_many(name, to_many), self.paths.store[name]
        records = (table.record(int(one)) for one in params.get("ids") or ())
        pairs = [
            [record["id"], one]
            for record in records
            if record
            for one in self.live(field.entity, list(self.paths.many(record, field)))
        ]
        start = _number(params, "start", 0)
        count = min(_number(params, "count", self.switches.default_count), MOST_ASSOCIATIONS)
        total = {"total": len(pairs)} if _is_true(params, "showTotalMatched") else {}
        return answer({**total, "data": pairs[start : start + count]})

    def meta(self, name: str, params: Params, base: str) -> Response:
        """An entity's fields."""
        told = self._told(self.entity(name), params.get("fields") or "*", full=params.get("meta") == "full")
        url = f"{base}meta/{name}?fields=*"
        return answer({"entity": name, "entityMetaUrl": url, "label": name, "dateLastModified": "0", "fields": told})

    def entities(self, base: str) -> Response:
        """All entities."""
        names = sorted(set(self.paths.schema.entities) - set(self.switches.forbidden))
        return answer([{"entity": name, "metaUrl": f"{base}meta/{name}?fields=*"} for name in names])

    def options(self, name: str, params: Params) -> Response:
        """Values a to-one may take, with their names."""
        entity = self.entity(name)
        table, label = self.paths.store[name], "name" if "name" in entity.fields else "title"
        ids = table.ids()[: min(_number(params, "count", self.switches.default_count), 300)]
        rows = [{"value": one, "label": table.document(one).get(label)} for one in ids.tolist()]
        return answer({"data": rows})

    def entitlements(self, name: str) -> Response:
        """What the user may do with an entity."""
        if name in self.switches.forbidden:
            return answer([])
        deletion = ["DELETE"] if self.entity(name).deletion else []
        return answer(["CREATE", "READ", "UPDATE", *deletion])

    def settings(self, names: str) -> Response:
        """Settings by name: those unknown here are left out."""
        options = {
            f"{entity.name[:1].lower()}{entity.name[1:]}{name.capitalize()}List": list(choices)
            for entity in self.paths.schema.entities.values()
            for name, choices in entity.options.items()
        }
        known = {"corporationName": "Agency", "corporationId": 44, "dateFormat": "dd.MM.yyyy", **options}
        return answer({name: known[name] for name in names.split(",") if name in known})

    def fragments(self, name: str, params: Params) -> Fragments:
        """Records of an entity as JSON with the fields that are asked for."""
        text = str(params.get("fields") or "")
        if not text and not params.get("layout"):
            raise refused(400, "Either fields or layout must be given", "errors.missingParameter")
        hidden = frozenset(self.switches.hidden)
        key = (name, text, hidden, self.paths.schema.version)
        if key not in self._fragments:
            wanted = parse_fields(text) if text else tuple(map(Wanted, list(self.paths.schema[name].fields)[:8]))
            if any(one.name == "*" for one in wanted):
                raise refused(400, "fields=* is no longer supported: name the fields", "errors.invalidFields")
            self._fragments[key] = Fragments(Projection(name, wanted, self.paths, hidden))
        self._fragments.move_to_end(key)
        while len(self._fragments) > 1 and sum(map(len, self._fragments.values())) > KEPT_ROWS:
            self._fragments.popitem(last=False)
        return self._fragments[key]

    def live(self, name: str, ids: Sequence[int]) -> list[int]:
        """Those of the ids whose records are there and not softly deleted."""
        table = self.paths.store[name]
        return [one for one in ids if (record := table.record(one)) and not record.get("isDeleted")]

    def _forget(self, entity: str, record_id: int) -> None:
        for fragments in self._fragments.values():
            fragments.changed(entity, record_id)

    def _field_at(self, name: str) -> Callable[[Path], Field]:
        return partial(self.paths.field, name)

    def _to_many(self, name: str, to_many: str) -> Field:
        field = self.entity(name).fields.get(to_many)
        if field is None or field.type != "TO_MANY":
            raise unknown_fields(name, [to_many])
        self.entity(field.entity)
        return field

    def _found(
        self, view: View, asked: tuple[Any, ...], parse: Callable[[], Condition], orderings: tuple[Ordering, ...]
    ) -> Ints:
        """Ids in order; the same question about the same state of things is answered from memory."""
        # What stands behind other entities is not in this one's version.
        versions = tuple(table.version for table in self.paths.store.tables.values())
        key = (view.table.name, view.version, versions, asked, orderings)
        found = self._results.get(key)
        if found is None:
            for ordering in orderings:
                self.paths.field(view.table.name, ordering.path)
            positions = select(parse(), view, self.paths)
            unit = lucene.SECOND if asked[0] == "search" else 1
            positions = in_order(positions, orderings, view, self.paths, unit=unit) if orderings else positions
            found = self._results[key] = view.columns.id[positions]
            while len(self._results) > KEPT_RESULTS:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return found

    def _page(self, found: Sequence[int] | Ints, params: Params) -> Page:
        start, count = _number(params, "start", 0), _number(params, "count", self.switches.default_count)
        count, deepest = min(count, self.switches.page), self.switches.deepest_row
        if deepest is not None and start + count > deepest and start < len(found):
            raise refused(400, f"Cannot page beyond row {deepest}", "errors.search.tooDeep")
        return Page([int(one) for one in found[start : start + count]], len(found), start)

    def _told(self, entity: Entity, fields: str, *, full: bool) -> list[dict[str, Any]]:
        names = list(entity.fields) if fields.strip() == "*" else [one.name for one in parse_fields(fields)]
        if missing := [name for name in names if name not in entity.fields]:
            raise unknown_fields(entity.name, missing)
        return [entity.told(entity.fields[name], full=full) for name in names]

    def _meta(self, name: str, params: Params) -> bytes:
        wish = params.get("meta") or "off"
        if wish not in ("basic", "full") or not params.get("fields"):
            return b""
        told = self._told(self.paths.schema[name], str(params["fields"]), full=wish == "full")
        return json.dumps({"entity": name, "label": name, "fields": told}).encode()


def _enveloped(page: Page, rows: Sequence[bytes], count: int, *, meta: bytes = b"", total: bool = True) -> bytes:
    head = b'"total":%d,' % page.total if total else b""
    told = b'"meta":' + meta + b"," if meta else b""
    return b'{%s"start":%d,"count":%d,%s"data":[%s]}' % (head, page.start, count, told, b",".join(rows))


def _scored(record_id: int, row: bytes | None) -> bytes:
    if row is None:
        return b'{"id":%d,"_score":1.0,"_error":"Entity not found in the database"}' % record_id
    return b'{"_score":1.0,' + row[1:]


def _orderings(sort: object) -> tuple[Ordering, ...]:
    names = [name.strip() for name in str(sort or "").split(",") if name.strip()]
    return tuple(Ordering(tuple(name.lstrip("+-").split(".")), descending=name[0] == "-") for name in names)


def _text(params: Params, name: str) -> str:
    text = params.get(name)
    if not text:
        raise refused(400, f"The parameter {name} is missing", "errors.missingParameter")
    return str(text)


def _number(params: Params, name: str, default: int) -> int:
    given = params.get(name)
    if given is None or given == "":
        return default
    if not str(given).isdecimal():
        raise refused(400, f"The parameter {name} must be a number", "errors.invalidParameter")
    return int(given)


def _is_true(params: Params, name: str) -> bool:
    return str(params.get(name)).lower() in ("true", "1")


def _ids(text: str) -> list[int]:
    if not all(part.strip().isdecimal() for part in text.split(",")):
        raise refused(400, f"Invalid id: {text[:50]}", "errors.invalidParameter")
    return [int(part) for part in text.split(",")]
