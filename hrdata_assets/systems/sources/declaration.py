"""What a sources file may say, and what must fit together in it."""

import zoneinfo
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from hrdata_assets.storage.ddl import LINEAGE, STAGED_EXTRAS, SYNC_COLUMNS
from hrdata_assets.storage.synced import DELETED
from hrdata_assets.table import Operator

RESERVED = frozenset({*LINEAGE, *STAGED_EXTRAS, *SYNC_COLUMNS, "quarter", "undecodable"})
"""Columns that every table of a system has by itself."""


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ValueError("must be a zone such as UTC or Europe/Oslo") from None
    return name


def _typed(given: object) -> object:
    """Read ``integer`` as ``{type: integer}``."""
    return {"type": given} if isinstance(given, str) else given


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Zone = Annotated[str, AfterValidator(_zone)]
Kind = Literal["text", "integer", "numeric", "boolean", "date", "moment", "texts"]
Stamp = Literal["iso", "date", "seconds", "milliseconds"]


class Declared(BaseModel):
    """Base of everything in the file: nothing that is not known may stand there, and nothing is guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class ColumnOf(Declared):
    """A column of an object. ``source`` is what the source calls it, a path such as ``address.city`` in a document."""

    type: Kind
    source: Text | None = Field(None, alias="from")
    about: Text | None = None
    personal: bool = False
    filterable: bool = False
    required: bool = False
    sparse: bool = False
    allowed: list[Text] | None = None


Columns = dict[Name, Annotated[ColumnOf, BeforeValidator(_typed)]]


class ObjectOf(Declared):
    """Records of one kind. ``key`` and the stamps name columns."""

    key: Name
    updated_at: Name | None = None
    created_at: Name | None = None
    about: Text | None = None
    columns: Columns = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> "ObjectOf":
        if taken := sorted(RESERVED & set(self.columns)):
            raise ValueError(f"columns: {', '.join(taken)} is a column of every table: call it otherwise, with from:")
        if self.columns:
            check_roles(self, {name: column.type for name, column in self.columns.items()})
        return self


class TableOf(ObjectOf):
    """A table or view of a database. Without ``columns`` they are what the database says they are."""

    table: Annotated[str, StringConstraints(pattern=r"^[^\s.]+(\.[^\s.]+)?$")]
    personal: list[Name] = Field(default_factory=list)
    filterable: list[Name] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_it_once(self) -> "TableOf":
        if self.columns and (self.personal or self.filterable):
            raise ValueError("personal and filterable are for objects without columns: say it at the column")
        return self


class CollectionOf(ObjectOf):
    """A collection of documents."""

    collection: Text
    columns: Columns = Field(min_length=1)


class LinkHeader(Declared):
    """The header Link names the next page."""

    style: Literal["link_header"]
    size: Text | None = None
    page: int = Field(100, ge=1)


class PageNumber(Declared):
    """Pages are numbered; there are no more behind an empty one."""

    style: Literal["page_number"]
    parameter: Text = "page"
    first: int = Field(1, ge=0)
    size: Text | None = None
    page: int = Field(100, ge=1)


class Offset(Declared):
    """A page begins behind so many records."""

    style: Literal["offset"]
    parameter: Text = "offset"
    size: Text | None = "limit"
    page: int = Field(100, ge=2)


class NextCursor(Declared):
    """An answer says how the next page is asked for; ``more`` is where it says whether there is one."""

    style: Literal["cursor"]
    next: Text
    parameter: Text
    more: Text | None = None
    size: Text | None = None
    page: int = Field(100, ge=1)


Paging = Annotated[LinkHeader | PageNumber | Offset | NextCursor, Field(discriminator="style")]


class Since(Declared):
    """How a source is asked for what changed since a moment, which itself is meant too."""

    parameter: Text
    format: Stamp = "iso"


class ResourceOf(ObjectOf):
    """A list of a REST interface. ``records`` and ``total`` are paths in an answer; without the first it is a list."""

    path: Annotated[str, StringConstraints(pattern=r"^/[^?#\s]*$")]
    columns: Columns = Field(min_length=1)
    records: Text | None = None
    total: Text | None = None
    params: dict[Text, str | int] = Field(default_factory=dict)
    paging: Paging
    since: Since | None = None
    conditions: dict[Name, dict[Literal["eq", "gt", "lt", "gte", "lte", "in", "contains"], Text]] = Field(
        default_factory=dict
    )
    lists: Literal["repeated", "commas"] = "repeated"

    @model_validator(mode="after")
    def _can_be_asked(self) -> "ResourceOf":
        if unknown := sorted(set(self.conditions) - set(self.columns)):
            raise ValueError(f"conditions: {', '.join(unknown)} is no column of it")
        if any(column.filterable for column in self.columns.values()):
            raise ValueError("columns: filterable says nothing here: name the parameter, below conditions")
        if self.since and not self.updated_at:
            raise ValueError("since needs updated_at: the column that says when a record changed")
        return self

    def operators(self, column: str) -> tuple[Operator, ...]:
        """What the interface can compare a column by."""
        return tuple(Operator(word) for word in self.conditions.get(column, {}))


class NoAuth(Declared):
    """Nobody asks who it is."""

    kind: Literal["none"]


class KeyAuth(Declared):
    """A key in a header of its own."""

    kind: Literal["api_key"]
    key_from: Variable
    header: Text = "X-API-Key"


class BearerAuth(Declared):
    """A token that stands in ``Authorization: Bearer``."""

    kind: Literal["bearer"]
    token_from: Variable


class BasicAuth(Declared):
    """A name with a password."""

    kind: Literal["basic"]
    user_from: Variable
    password_from: Variable


class ClientAuth(Declared):
    """OAuth 2, in which the application itself asks."""

    kind: Literal["client_credentials"]
    token_url_from: Variable
    client_id_from: Variable
    secret_from: Variable


Auth = Annotated[NoAuth | KeyAuth | BearerAuth | BasicAuth | ClientAuth, Field(discriminator="kind")]


class SourceOf(Declared):
    """A source. ``url_from`` is the variable that holds its address."""

    url_from: Variable
    zone: Zone = "UTC"
    page: int = Field(1_000, ge=1, le=10_000)
    seconds: int = Field(60, ge=1, le=3_600)
    sessions: int = Field(2, ge=1, le=16)
    overlap_seconds: int = Field(300, ge=0, le=86_400)

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that it cannot be asked without."""
        return (self.url_from,)


class DatabaseSource(SourceOf):
    """A database that SQLAlchemy can reach."""

    kind: Literal["database"]
    objects: dict[Name, TableOf] = Field(min_length=1)


class MongoSource(SourceOf):
    """A MongoDB. ``database`` is its name, where the address names none."""

    kind: Literal["mongodb"]
    database: Text | None = None
    objects: dict[Name, CollectionOf] = Field(min_length=1)


class RestSource(SourceOf):
    """A REST interface. ``private`` lets it stand in a network of one's own, and be asked without https."""

    kind: Literal["rest"]
    auth: Auth = NoAuth(kind="none")
    hosts: list[Text] = Field(default_factory=list)
    private: bool = False
    per_minute: int = Field(600, ge=1)
    objects: dict[Name, ResourceOf] = Field(min_length=1)

    @property
    def variables(self) -> tuple[str, ...]:
        """Address and secrets."""
        secrets = [text for name, text in self.auth.model_dump().items() if name.endswith("_from")]
        return (self.url_from, *secrets)


Source = Annotated[DatabaseSource | MongoSource | RestSource, Field(discriminator="kind")]
AnySource = DatabaseSource | MongoSource | RestSource
AnyObject = TableOf | CollectionOf | ResourceOf

FILE: TypeAdapter[dict[str, AnySource]] = TypeAdapter(dict[Name, Source])
"""The file as a whole: sources by name."""


def check_roles(declared: ObjectOf, kinds: Mapping[str, str], named: Iterable[str] = ()) -> None:
    """ValueError where key, stamps or other named columns are none of these, or not of a type that can be that."""
    for role, name, allowed in _roles(declared):
        if name is not None and kinds.get(name) not in allowed:
            there = "no column of it" if name not in kinds else f"of type {kinds[name]}"
            raise ValueError(f"{role}: {name} is {there}; it must be a column of type {' or '.join(allowed)}")
    if kinds.get(DELETED, "boolean") != "boolean":
        raise ValueError(f"columns: {DELETED} says that a record is gone: it must be of type boolean")
    if unknown := sorted(set(named) - set(kinds)):
        raise ValueError(f"{', '.join(unknown)} is no column of it; there are {', '.join(kinds)}")


def _roles(declared: ObjectOf) -> tuple[tuple[str, Any, tuple[str, ...]], ...]:
    stamp = ("moment",)
    return (
        ("key", declared.key, ("integer", "text")),
        ("updated_at", declared.updated_at, stamp),
        ("created_at", declared.created_at, stamp),
    )
