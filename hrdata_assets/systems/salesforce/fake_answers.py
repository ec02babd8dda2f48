"""How records look in answers: nested objects with attributes in REST, quoted lines in Bulk jobs."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hrdata_assets.systems.salesforce.fake_conditions import Org, Path, Scope
from hrdata_assets.systems.salesforce.fake_schema import Field, ObjectType
from hrdata_assets.systems.salesforce.fake_values import Row, in_csv

DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass
class Shape:
    """The fields of a record in an answer, and the records below it."""

    kind: ObjectType
    url: str
    """Where its records are; their ids come behind it."""
    names: list[str] = field(default_factory=list)
    addresses: dict[str, Mapping[str, str]] = field(default_factory=dict)
    below: dict[str, tuple[Field, "Shape"]] = field(default_factory=dict)

    def add(self, one: Field) -> None:
        """Take up a field."""
        self.names.append(one.name)
        if one.type == "address":
            self.addresses[one.name] = self.kind.parts(one.name)

    def record(self, org: Org, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row as REST answers it."""
        found: dict[str, Any] = {"attributes": {"type": self.kind.name, "url": self.url + row["Id"]}}
        get = row.get
        for name in self.names:
            found[name] = get(name)
        for name, parts in self.addresses.items():
            found[name] = address(row, parts)
        for relation, (reference, shape) in self.below.items():
            related = org.related(reference, row)
            found[relation] = None if related is None else shape.record(org, related)
        return found


def shape(org: Org, kind: ObjectType, paths: Iterable[Path], version: str) -> Shape:
    """The shape of a query's answer."""
    top = Shape(kind, _url(kind, version))
    for path in paths:
        place = top
        for reference in path.references:
            target = org.target(reference)
            _, place = place.below.setdefault(
                str(reference.relation), (reference, Shape(target, _url(target, version)))
            )
        place.add(path.field)
    return top


def _url(kind: ObjectType, version: str) -> str:
    return f"/services/data/v{version}/sobjects/{kind.name}/"


def address(row: Mapping[str, Any], parts: Mapping[str, str]) -> dict[str, Any] | None:
    """A compound address, None if nothing of it is known."""
    known = {part: row.get(name) for part, name in parts.items()}
    if not any(known.values()):
        return None
    return {**known, "geocodeAccuracy": None, "latitude": None, "longitude": None}


def whole(kind: ObjectType, row: Row) -> dict[str, Any]:
    """A row with all its fields but the compound ones, None where it has nothing."""
    return {one.name: row.get(one.name) for one in kind.simple}


def as_csv(lines: Iterable[Sequence[Any]], delimiter: str = "COMMA", line_ending: str = "LF") -> str:
    """Lines with every value in quotes and nothing for null."""
    text = io.StringIO()
    writer = csv.writer(
        *(text,), delimiter=DELIMITERS[delimiter], lineterminator=LINE_ENDINGS[line_ending], quoting=csv.QUOTE_ALL
    )
    writer.writerows(lines)
    return text.getvalue()


def columns(scope: Scope, paths: Sequence[Path], rows: Sequence[Row]) -> list[list[Any]]:
    """Values as Bulk jobs write them, a list per field."""
    found = []
    for path in paths:
        if path.references:
            values = list(map(scope.getter(path), rows))
        else:
            name = path.field.name
            values = [row.get(name) for row in rows]
        if path.field.type == "boolean":
            values = ["true" if value else "false" for value in values]
        elif path.field.type == "datetime":
            values = [value and in_csv(value) for value in values]
        found.append(values)
    return found
