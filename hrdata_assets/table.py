"""A table declared once: the row class a person writes, and what the machinery reads off it."""

import datetime
import hashlib
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from hrdata_assets.rule import NORMAL_WEIGHT, Rule

Languages = Mapping[str, str]
"""One text in several languages: ``{"int": "Engineer", "no": "Ingeniør"}``."""

MISSING_TOKENS = ("n/a", "na", "none", "null", "-", "--", "?", "unknown", "tbc", "tbd")
"""Texts, case-folded, that say "no value" unless a column declares otherwise."""

READER_VERSION = "1"
"""Raised when the same declaration would read the same bytes differently."""


class ColumnType(StrEnum):
    """PostgreSQL type of a column."""

    TEXT = "text"
    INTEGER = "integer"
    BIGINT = "bigint"
    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    LANGUAGES = "jsonb"


_TYPES: dict[object, ColumnType] = {
    str: ColumnType.TEXT,
    int: ColumnType.INTEGER,
    Decimal: ColumnType.NUMERIC,
    bool: ColumnType.BOOLEAN,
    datetime.date: ColumnType.DATE,
    datetime.datetime: ColumnType.TIMESTAMP,
}


@dataclass(frozen=True)
class Column:
    """Everything the platform knows of one column."""

    name: str
    type: ColumnType
    description: str
    header: str | None = None
    key: bool = False
    required: bool = False
    sparse: bool = False
    personal: bool = False
    unit: str | None = None
    ge: float | None = None
    le: float | None = None
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    form: str | None = None
    max_age_days: int | None = None
    missing: tuple[str, ...] = MISSING_TOKENS
    references: str | None = None
    weight: float = NORMAL_WEIGHT


def column(
    header: str | None = None,
    *,
    key: bool = False,
    sparse: bool = False,
    personal: bool = False,
    big: bool = False,
    unit: str | None = None,
    ge: float | None = None,
    le: float | None = None,
    allowed: tuple[str, ...] | None = None,
    pattern: str | None = None,
    form: str | None = None,
    max_age_days: int | None = None,
    missing: tuple[str, ...] = MISSING_TOKENS,
    references: str | None = None,
    weight: float = NORMAL_WEIGHT,
) -> Any:
    """Declare a column of a Row; what it means for scores and storage is read off these words.

    ``header`` is its heading in a delivered file (several languages of one text share the bare heading);
    ``pattern`` is what a valid value matches, ``form`` how the delivered text should be written;
    ``sparse`` columns may be empty without counting as gaps; ``references`` names the table whose key it holds.
    """
    options = {name: value for name, value in locals().items() if name != "big"}
    return Field(default=None, json_schema_extra={"column": options, "big": big})


@dataclass(frozen=True)
class Table:
    """What the machinery reads off a row class. Its address in PostgreSQL is ``layer.name``."""

    name: str
    layer: str
    description: str
    columns: tuple[Column, ...]
    origin: str | None = None
    rules: tuple[Rule, ...] = ()
    may_be_empty: bool = True
    partition: str = "quarter"

    @property
    def address(self) -> str:
        """Schema and name, which is also the asset key."""
        return f"{self.layer}.{self.name}"

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that identify a row within a partition."""
        return tuple(c.name for c in self.columns if c.key)

    @property
    def personal(self) -> tuple[str, ...]:
        """Names of the columns that hold personal data."""
        return tuple(c.name for c in self.columns if c.personal)

    @property
    def references(self) -> Mapping[str, str]:
        """Column name to the table of the same layer whose key it holds."""
        return {c.name: c.references for c in self.columns if c.references}

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError if there is none."""
        for candidate in self.columns:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.address} has no column {name}")

    @property
    def contract(self) -> str:
        """Twelve hex digits that change whenever the declaration, or the way it is read, changes."""
        words = [READER_VERSION, self.address, self.origin or ""]
        words += [repr(replace(c, description="")) for c in self.columns]
        words += [r.version for r in self.rules]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class _Kind:
    type: ColumnType
    optional: bool = field(default=False)


def _kind(annotation: object, *, big: bool) -> _Kind:
    optional = False
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not type(None)]
        optional, annotation = len(rest) < len(get_args(annotation)), rest[0]
    if get_origin(annotation) is not None:
        return _Kind(ColumnType.LANGUAGES, optional)
    found = _TYPES[annotation]
    return _Kind(ColumnType.BIGINT if big and found is ColumnType.INTEGER else found, optional)


def _column(name: str, info: FieldInfo) -> Column:
    extra = info.json_schema_extra
    if not isinstance(extra, dict) or not info.description:
        raise TypeError(f"column {name} needs column(...) and a docstring below it")
    kind = _kind(info.annotation, big=bool(extra["big"]))
    options: Any = extra["column"]
    return Column(name=name, type=kind.type, required=not kind.optional, description=info.description, **options)


class Row(BaseModel):
    """Base of every row class; the subclass's arguments and columns become ``cls.table``."""

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True, arbitrary_types_allowed=True)

    table: ClassVar[Table]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let the class arguments through to where pydantic has read the fields."""

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        table: str | None = None,
        layer: str = "staged",
        origin: str | None = None,
        rules: tuple[Rule, ...] = (),
        may_be_empty: bool = True,
        **kwargs: Any,
    ) -> None:
        """Read the table off the class; a class without a table name only passes columns on."""
        super().__pydantic_init_subclass__(**kwargs)
        if table is None:
            return
        cls.table = Table(
            name=table,
            layer=layer,
            origin=origin,
            description=(cls.__doc__ or "").strip(),
            columns=tuple(_column(name, info) for name, info in cls.model_fields.items()),
            rules=rules,
            may_be_empty=may_be_empty,
        )
