"""Entities of the fake Bullhorn and their fields, as `meta` tells them.

A field is declared in words: `*` may not be null, `!` is read-only, `CorporateUser` is a to-one and `[Skill]` a to-many
association; `[JobSubmission.candidate]` is the other side of a to-one. `customText1-40` are forty fields.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from hrdata_assets.systems.bullhorn.fake_words import ENTITY_WORDS, LABELS, OPTIONS

ADDRESS = ("address1", "address2", "city", "state", "zip", "countryID", "countryName", "countryCode")
UNLIMITED = 2147483647
CONFIDENTIAL = "**CONFIDENTIAL**"

_DECLARED = re.compile(r"(\w+?)(?:(\d+)-(\d+))?([*!]*): *(\[?)([A-Za-z.]+)(?:\((\d+)\))?\]?")
_SCALARS = ("Integer", "BigDecimal", "Double", "String", "Boolean", "Timestamp")


@dataclass(frozen=True)
class Field:
    """One field of an entity."""

    name: str
    type: str
    """ID, SCALAR, COMPOSITE, TO_ONE or TO_MANY."""

    data_type: str = "String"
    max_length: int | None = None
    required: bool = False
    readonly: bool = False
    entity: str = ""
    """Whose ids an association holds."""

    inverse: str = ""
    """The to-one field of that entity whose other side this is; empty where the association has ids of its own."""

    @property
    def is_date(self) -> bool:
        """Whether values are epoch milliseconds."""
        return self.data_type == "Timestamp"

    @property
    def is_number(self) -> bool:
        """Whether values are numbers."""
        return self.type == "ID" or self.data_type in ("Integer", "BigDecimal", "Double")


@dataclass
class Entity:
    """A kind of record. Fields may be taken away and added while it is served, as an administrator does."""

    name: str
    fields: dict[str, Field]
    searchable: bool = True
    deletion: str | None = "soft"
    """What DELETE does: soft, hard, or None if it is refused."""

    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def has_soft_deletion(self) -> bool:
        """Whether records say that they are deleted."""
        return "isDeleted" in self.fields

    def to_many(self) -> Iterator[Field]:
        """Fields that hold ids of many."""
        return (one for one in self.fields.values() if one.type == "TO_MANY")

    def told(self, one: Field, *, full: bool) -> dict[str, Any]:
        """A field as `meta` describes it; in full with its options and the entity it leads to."""
        told: dict[str, Any] = {"name": one.name, "type": one.type}
        if one.type in ("ID", "SCALAR", "COMPOSITE"):
            told["dataType"] = one.data_type
        if one.max_length:
            told["maxLength"] = one.max_length
        told |= _SPECIAL.get(one.data_type, {}) | {
            "label": self.labels.get(one.name, _in_words(one.name)),
            "required": one.required,
            "optional": not one.required,
            "readonly": one.readonly,
            "multiValue": False,
        }
        if choices := self.options.get(one.name):
            told |= {"inputType": "SELECT", "options": [{"value": choice, "label": choice} for choice in choices]}
        if one.type == "COMPOSITE":
            told["fields"] = [_ADDRESS_FIELDS[name] for name in ADDRESS]
        if one.entity:
            told["associatedEntity"] = {"entity": one.entity, "label": one.entity}
            told |= {"optionsType": one.entity, "optionsUrl": f"options/{one.entity}"} if full else {}
        return told


_SPECIAL: Mapping[str, dict[str, str]] = {
    "Timestamp": {"dataSpecialization": "DATETIME"},
    "BigDecimal": {"dataSpecialization": "MONEY"},
    "Integer": {"dataSpecialization": "INTEGER"},
}
_ADDRESS_FIELDS = {
    name: {"name": name, "type": "SCALAR", "dataType": "Integer" if name == "countryID" else "String"}
    for name in ADDRESS
}


@cache
def _in_words(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=\d)", " ", name)
    return words[:1].upper() + words[1:]


def fields_of(declared: str) -> dict[str, Field]:
    """Read fields declared in words."""
    found = {}
    for name, first, last, marks, many, kind, length in _DECLARED.findall(declared):
        plain = _field(name, marks, bool(many), kind, int(length or 0) or None)
        numbers = range(int(first), int(last) + 1) if first else ()
        for one in [replace(plain, name=f"{name}{n}") for n in numbers] or [plain]:
            found[one.name] = one
    return found


def _field(name: str, marks: str, many: bool, kind: str, length: int | None) -> Field:
    required, readonly = "*" in marks, "!" in marks
    if kind == "ID":
        return Field(name, "ID", "Integer", required=True, readonly=True)
    if kind == "Address" or kind in _SCALARS:
        shape = "COMPOSITE" if kind == "Address" else "SCALAR"
        return Field(name, shape, kind, length, required=required, readonly=readonly)
    entity, _, inverse = kind.partition(".")
    shape = "TO_MANY" if many else "TO_ONE"
    return Field(name, shape, required=required, readonly=readonly, entity=entity, inverse=inverse)


class Schema:
    """All entities by name."""

    def __init__(self) -> None:
        self.version = 0
        self.entities: dict[str, Entity] = {
            name: Entity(
                name,
                fields_of(declared),
                searchable=searchable,
                deletion=deletion,
                labels=LABELS.get(name, {}),
                options=OPTIONS.get(name, {}),
            )
            for name, (searchable, deletion, declared) in ENTITY_WORDS.items()
        }

    def __getitem__(self, name: str) -> Entity:
        return self.entities[name]

    def remove(self, entity: str, name: str) -> None:
        """Take a field away, as an administrator does; its values stay where they are."""
        del self.entities[entity].fields[name]
        self.version += 1

    def add(self, entity: str, declared: str) -> None:
        """Give an entity more fields."""
        self.entities[entity].fields.update(fields_of(declared))
        self.version += 1
