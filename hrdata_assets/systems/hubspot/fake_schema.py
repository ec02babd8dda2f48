"""What contacts, companies and deals consist of: property definitions as `/crm/v3/properties` tells them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Record = dict[str, str]
"""A record's properties by name, all of them text; what was never set is not in it, what was emptied is ``""``."""

Kind = Literal["string", "number", "bool", "date", "datetime", "enumeration"]
FIELD_TYPES: Mapping[str, str] = {
    "string": "text", "number": "number", "bool": "booleancheckbox", "date": "date", "datetime": "date",
    "enumeration": "select",
}  # fmt: skip

FIRST_ID: Mapping[str, int] = {"contacts": 51, "companies": 9_999_999_851, "deals": 99_951}
ID = "hs_object_id"
CREATED = "createdate"


@dataclass(frozen=True)
class Property:
    """A property of an object type."""

    name: str
    kind: Kind = "string"
    options: Mapping[str, str] = field(default_factory=dict)
    """Labels by value; values are what is stored. Empty for what has no list of its own, as owners have not."""

    read_only: bool = False
    calculated: bool = False
    unique: bool = False
    multiple: bool = False
    """Whether it takes several options, which are joined by semicolons."""

    custom: bool = False
    """Whether the account made it, and not HubSpot."""

    @property
    def label(self) -> str:
        """What people see."""
        return self.name.removeprefix("hs_").replace("_", " ").capitalize()

    @property
    def definition(self) -> dict[str, Any]:
        """What the properties endpoint tells of it."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.kind,
            "fieldType": "checkbox" if self.multiple else FIELD_TYPES[self.kind],
            "description": "",
            "groupName": "recruiting" if self.custom else "information",
            "options": [
                {"label": label, "value": value, "displayOrder": order, "hidden": False}
                for order, (value, label) in enumerate(self.options.items())
            ],
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": self.kind == "enumeration" and not self.options,
            "archived": False,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": not self.custom,
            "modificationMetadata": {
                "archivable": self.custom,
                "readOnlyDefinition": not self.custom,
                "readOnlyOptions": not self.custom,
                "readOnlyValue": self.read_only,
            },
            "formField": not self.read_only,
        }


@dataclass
class ObjectType:
    """A kind of record. Properties may be added and removed while it is served."""

    name: str
    singular: str
    type_id: str
    modified: str
    """Name of the property that says when a record was last changed: contacts have another than the rest."""

    unique: str
    """Name of the property that no two records share."""

    shown: tuple[str, ...]
    """What is told if no property is asked for."""

    searched: tuple[str, ...]
    """What `query` looks into."""

    properties: dict[str, Property]
    removed: dict[str, Property] = field(default_factory=dict)

    @property
    def first_id(self) -> int:
        """Id of the first record; later ones soon have more digits."""
        return FIRST_ID[self.name]

    @property
    def always(self) -> tuple[str, ...]:
        """What is told whatever is asked for."""
        return (CREATED, ID, self.modified)

    def put(self, *properties: Property) -> None:
        """Add properties, or replace them."""
        self.properties.update((one.name, one) for one in properties)

    def remove(self, name: str) -> None:
        """Archive a property, as an administrator does; KeyError if there is none."""
        self.removed[name] = self.properties.pop(name)


class Schema:
    """The object types of an account."""

    def __init__(self, kinds: Iterable[ObjectType]) -> None:
        self.kinds = {kind.name: kind for kind in kinds}
        self._names = {name: kind for kind in self.kinds.values() for name in (kind.name, kind.singular, kind.type_id)}

    def __getitem__(self, name: str) -> ObjectType:
        """An object type by its name, in plural or singular, or by its type id."""
        return self._names[name]

    def find(self, name: str) -> ObjectType | None:
        """The same, or None."""
        return self._names.get(name.lower())
