"""What an org knows of its objects and fields, and how `describe` tells it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hrdata_assets.systems.salesforce.fake_errors import bad_request

LONG = 1_000  # a text area from here on can be neither filtered nor sorted
TEXTS = frozenset({"string", "picklist", "multipicklist", "textarea", "phone", "url", "email", "id", "reference"})
NUMBERS = frozenset({"int", "double", "currency", "percent"})
SOAP = {"boolean": "boolean", "int": "int", "date": "date", "datetime": "dateTime", "id": "ID", "reference": "ID"}
ADDRESS = ("street", "city", "state", "postalCode", "country")
SEE_DESCRIBE = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(frozen=True)
class Field:
    """A field of an object."""

    name: str
    type: str = "string"
    length: int = 0
    nillable: bool = True
    writable: bool = True
    external: bool = False
    """An external id: rows can be upserted by it."""
    unique: bool = False
    choices: tuple[str, ...] = ()
    restricted: bool = False
    """A picklist that takes nothing else."""
    targets: tuple[str, ...] = ()
    """Objects a reference points to."""
    compound: str | None = None
    """The compound field this one is a part of."""
    defaulted: bool = False
    """Required, but filled in when nothing is said."""

    @property
    def custom(self) -> bool:
        """Added by the org."""
        return self.name.endswith("__c")

    @property
    def relation(self) -> str | None:
        """What a query calls the record that a reference points to."""
        if self.type != "reference":
            return None
        return self.name[:-1] + "r" if self.custom else self.name.removesuffix("Id")

    @property
    def filterable(self) -> bool:
        """May stand in WHERE and ORDER BY."""
        return self.type != "address" and not (self.type == "textarea" and self.length >= LONG)

    @property
    def required(self) -> bool:
        """A new record needs a value for it."""
        return self.writable and not self.nillable and not self.defaulted and self.type != "boolean"

    @property
    def key(self) -> bool:
        """Rows can be looked up and upserted by it."""
        return self.external or self.type == "id"

    def described(self) -> dict[str, Any]:
        """Its entry in a describe."""
        number = self.type in ("double", "currency", "percent")
        return {
            "name": self.name,
            "label": self.name.removesuffix("__c").replace("_", " "),
            "type": self.type,
            "soapType": f"xsd:{SOAP.get(self.type, 'double' if number else 'string')}",
            "length": self.length,
            "byteLength": self.length * 3,
            "precision": 18 if number else 0,
            "scale": 2 if number else 0,
            "digits": 8 if self.type == "int" else 0,
            "nillable": self.nillable,
            "createable": self.writable,
            "updateable": self.writable,
            "defaultedOnCreate": self.defaulted or self.type == "boolean",
            "custom": self.custom,
            "calculated": False,
            "compoundFieldName": self.compound,
            "externalId": self.external,
            "idLookup": self.key or self.name == "Email",
            "unique": self.unique,
            "caseSensitive": self.type == "id",
            "nameField": self.name == "Name",
            "filterable": self.filterable,
            "sortable": self.filterable,
            "groupable": self.filterable and not number,
            "picklistValues": [
                {"active": True, "defaultValue": False, "label": choice, "validFor": None, "value": choice}
                for choice in self.choices
            ],
            "restrictedPicklist": self.restricted,
            "referenceTo": list(self.targets),
            "relationshipName": self.relation,
            "polymorphicForeignKey": len(self.targets) > 1,
        }


@dataclass(frozen=True)
class ObjectType:
    """An object of the org: what a table is elsewhere."""

    name: str
    prefix: str
    """The three characters its ids begin with."""
    plural: str
    fields: Mapping[str, Field]
    writable: bool = True

    @cached_property
    def _by_lower(self) -> dict[str, Field]:
        return {name.lower(): one for name, one in self.fields.items()}

    @cached_property
    def _relations(self) -> dict[str, Field]:
        return {one.relation.lower(): one for one in self.fields.values() if one.relation}

    def field_named(self, name: str) -> Field | None:
        """The field of this name, in whatever case."""
        return self._by_lower.get(name.lower())

    def reference(self, relation: str) -> Field | None:
        """The field that holds the id of a related record."""
        return self._relations.get(relation.lower())

    @cached_property
    def simple(self) -> tuple[Field, ...]:
        """Fields that hold a value of their own: all but addresses, which are made of others."""
        return tuple(one for one in self.fields.values() if one.type != "address")

    def parts(self, address: str) -> dict[str, str]:
        """Fields an address is made of, by what they are called in it."""
        stem = address.removesuffix("Address")
        return {part: stem + part[0].upper() + part[1:] for part in ADDRESS}

    def summary(self, version: str) -> dict[str, Any]:
        """Its entry in the list of all objects."""
        base = f"/services/data/v{version}/sobjects/{self.name}"
        flags = ("createable", "updateable", "deletable", "undeletable", "mergeable")
        return {
            "name": self.name,
            "label": self.name.removesuffix("__c"),
            "labelPlural": self.plural,
            "keyPrefix": self.prefix,
            "custom": self.name.endswith("__c"),
            "queryable": True,
            "retrieveable": True,
            "replicateable": True,
            "searchable": True,
            **dict.fromkeys(flags, self.writable),
            "urls": {
                "sobject": base,
                "describe": f"{base}/describe",
                "rowTemplate": f"{base}/{{ID}}",
            },
        }


def object_type(name: str, prefix: str, plural: str, fields: Iterable[Field], *, writable: bool = True) -> ObjectType:
    """An object from its fields, in the order in which they are described."""
    return ObjectType(name, prefix, plural, {one.name: one for one in fields}, writable)


@dataclass
class Schema:
    """All objects, and which fields the integration user has no right to see."""

    objects: dict[str, ObjectType]
    hidden: set[str] = field(default_factory=set)
    """Fields as ``Contact.Birthdate``; they may be named before they exist."""

    def sees(self, kind: ObjectType, one: Field) -> bool:
        """Field-level security lets the user read and write the field."""
        return f"{kind.name}.{one.name}" not in self.hidden

    def visible(self, kind: ObjectType) -> Iterator[Field]:
        """What the user sees of an object."""
        return (one for one in kind.fields.values() if self.sees(kind, one))

    def object_named(self, name: str) -> ObjectType | None:
        """The object of this name, in whatever case."""
        return next((kind for kind in self.objects.values() if kind.name.lower() == name.lower()), None)

    def field_named(self, kind: ObjectType, name: str) -> Field:
        """A field the user may see; ApiError if there is none, for whichever of the two reasons."""
        one = kind.field_named(name)
        if one is None or not self.sees(kind, one):
            raise bad_request("INVALID_FIELD", no_such_column(kind, name))
        return one

    def add(self, object_name: str, one: Field) -> None:
        """Give an object one field more, or another in the place of one: schemas change while systems run."""
        old = self.objects[object_name]
        fields = {**old.fields, one.name: one}
        self.objects[object_name] = ObjectType(old.name, old.prefix, old.plural, fields, old.writable)

    def describe(self, kind: ObjectType, version: str) -> dict[str, Any]:
        """The object and every field of it that the user sees."""
        return {**kind.summary(version), "fields": [one.described() for one in self.visible(kind)]}


def no_such_column(kind: ObjectType, name: str) -> str:
    """What a query is told about a field that is not there or that the user may not see."""
    return (
        f"No such column '{name}' on entity '{kind.name}'. If you are attempting to use a custom field, be sure to "
        f"append the '__c' after the custom field name. {SEE_DESCRIBE}"
    )


def no_such_object(name: str) -> str:
    """What a query is told about an object that is not there."""
    return (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the "
        f"'__c' after the entity name. {SEE_DESCRIBE}"
    )
