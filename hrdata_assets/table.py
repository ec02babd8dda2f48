"""A table declared once: the row class a person writes, and what the machinery reads off it."""

import datetime
import hashlib
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from hrdata_assets.rule import NORMAL_WEIGHT, Action, Broken, Rule

Languages = Mapping[str, str]
"""One text in several languages: ``{"int": "Engineer", "no": "Ingeniør"}``."""


class FullText:
    """A text broken into what can be searched for."""


MISSING_TOKENS = ("n/a", "na", "none", "null", "-", "--", "?", "unknown", "tbc", "tbd")
"""Texts, case-folded, that say "no value" unless a column declares otherwise."""

READER_VERSION = "2"
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
    MOMENT = "timestamptz"
    LANGUAGES = "jsonb"
    TEXTS = "text[]"
    FULL_TEXT = "tsvector"


_TYPES: dict[object, ColumnType] = {
    str: ColumnType.TEXT,
    int: ColumnType.INTEGER,
    Decimal: ColumnType.NUMERIC,
    bool: ColumnType.BOOLEAN,
    datetime.date: ColumnType.DATE,
    datetime.datetime: ColumnType.TIMESTAMP,
    AwareDatetime: ColumnType.MOMENT,
    FullText: ColumnType.FULL_TEXT,
}


class Operator(StrEnum):
    """How a value may be compared when a system is asked for less."""

    EQ = "eq"
    GT = "gt"
    LT = "lt"
    GTE = "gte"
    LTE = "lte"
    IN = "in"
    CONTAINS = "contains"


class CursorMode(StrEnum):
    """What a system's records are asked for by: the column in that role is where a sync goes on."""

    ID = "id"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


_EQUALITY = (Operator.EQ, Operator.IN)
_ORDER = (*_EQUALITY, Operator.GT, Operator.LT, Operator.GTE, Operator.LTE)

_COMPARED_BY: dict[ColumnType, tuple[Operator, ...]] = {
    ColumnType.TEXT: (*_EQUALITY, Operator.CONTAINS),
    ColumnType.BOOLEAN: (Operator.EQ,),
    ColumnType.TEXTS: (Operator.CONTAINS,),
}
"""Operators that make sense of a type; every type not named here has an order."""


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
    ge: float | datetime.date | None = None
    le: float | datetime.date | None = None
    past: bool = False
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    form: str | None = None
    max_age_days: int | None = None
    missing: tuple[str, ...] = MISSING_TOKENS
    references: str | None = None
    listed_in: str | None = None
    unlisted: Action = Action.SET_ASIDE
    agrees_with: str | None = None
    by: str | None = None
    breaks: str | None = None
    miswritten: str | None = None
    weight: float = NORMAL_WEIGHT
    # Neither bears on how a value is read or judged, so neither is part of the meaning.
    role: CursorMode | None = field(default=None, repr=False)
    filterable: bool = field(default=False, repr=False)
    compared_by: tuple[Operator, ...] | None = field(default=None, repr=False)

    @property
    def operators(self) -> tuple[Operator, ...]:
        """What a system may be asked to compare it by."""
        if self.compared_by is not None:
            return self.compared_by
        return _COMPARED_BY.get(self.type, _ORDER) if self.filterable else ()

    @property
    def meaning(self) -> str:
        """Everything that bears on how it is read, judged and stored, as text; sentences and examples do not."""
        return repr(replace(self, description="", breaks=None, miswritten=None))


def column(
    header: str | None = None,
    *,
    key: bool = False,
    sparse: bool = False,
    personal: bool = False,
    big: bool = False,
    unit: str | None = None,
    ge: float | datetime.date | None = None,
    le: float | datetime.date | None = None,
    past: bool = False,
    allowed: tuple[str, ...] | None = None,
    pattern: str | None = None,
    form: str | None = None,
    max_age_days: int | None = None,
    missing: tuple[str, ...] = MISSING_TOKENS,
    references: str | None = None,
    listed_in: str | None = None,
    unlisted: Action = Action.SET_ASIDE,
    agrees_with: str | None = None,
    by: str | None = None,
    breaks: str | None = None,
    miswritten: str | None = None,
    weight: float = NORMAL_WEIGHT,
    role: CursorMode | None = None,
    filterable: bool = False,
    compared_by: tuple[Operator, ...] | None = None,
) -> Any:
    """Declare a column of a Row; what it means for scores and storage is read off these words.

    ``header`` is its heading in a delivered file (several languages of one text share the bare heading), or its path
    in a record of a system, such as ``address.city``;
    ``pattern`` is what a valid value matches, ``form`` how the delivered text should be written;
    ``sparse`` columns may be empty without counting as gaps; ``references`` names the table whose key it holds.
    ``listed_in`` names a reference list in which it must stand exactly (else the row is ``unlisted``),
    ``agrees_with`` a reference with whose value for the row's ``by`` column it must agree.
    ``past`` days do not lie after the partition's last one.
    ``role`` is the column's part in cursors; ``filterable`` ones may be asked for in conditions,
    by any operator that makes sense of the type, or by those of ``compared_by`` only.
    ``breaks`` is a text that does not match ``pattern``, ``miswritten`` a readable one that is not in ``form``.
    """
    options = {name: value for name, value in locals().items() if name != "big"}
    return Field(default=None, json_schema_extra={"column": options, "big": big})


@dataclass(frozen=True)
class Table:
    """What the machinery reads off a row class. Its address in PostgreSQL is ``layer.name``.

    One with ``history`` has no partitions: it keeps every state of a row, each with the time in which it held.
    """

    name: str
    layer: str
    description: str
    columns: tuple[Column, ...]
    origin: str | None = None
    rules: tuple[Rule, ...] = ()
    may_be_empty: bool = True
    partition: str = "quarter"
    due_days: int | None = None
    history: bool = False

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
    def synced(self) -> bool:
        """Whether it follows a system's records one by one, instead of taking quarters as they are delivered."""
        return self.in_role(CursorMode.ID) is not None

    def in_role(self, role: CursorMode) -> Column | None:
        """The column in that role, or None."""
        return next((c for c in self.columns if c.role is role), None)

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
        words = [READER_VERSION, self.address, self.origin or "", str(self.due_days)]
        words += [c.meaning for c in self.columns]
        words += [r.version for r in self.rules]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


def effective_contract(table: Table, *parts: str | None) -> str:
    """What a load is judged by: the declaration's contract and, if there is any, the version of what stands beside it.

    ``parts`` are versions of whatever else bears on the outcome, such as reference lists; empty ones count for nothing.
    """
    beside = [part for part in parts if part]
    if not beside:
        return table.contract
    return f"{table.contract}+{hashlib.sha256('|'.join(beside).encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class _Kind:
    type: ColumnType
    optional: bool = field(default=False)


def _kind(annotation: object, *, big: bool) -> _Kind:
    optional = False
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not type(None)]
        optional, annotation = len(rest) < len(get_args(annotation)), rest[0]
    if get_origin(annotation) is tuple:
        return _Kind(ColumnType.TEXTS, optional)
    if get_origin(annotation) is not None and annotation is not AwareDatetime:
        return _Kind(ColumnType.LANGUAGES, optional)
    found = _TYPES[annotation]
    return _Kind(ColumnType.BIGINT if big and found is ColumnType.INTEGER else found, optional)


def _column(name: str, info: FieldInfo) -> Column:
    extra = info.json_schema_extra
    if not isinstance(extra, dict) or not info.description:
        raise TypeError(f"column {name} needs column(...) and a docstring below it")
    kind = _kind(info.annotation, big=bool(extra["big"]))
    options: Any = extra["column"]
    column = Column(name=name, type=kind.type, required=not kind.optional, description=info.description, **options)
    _examine(column)
    return column


def _examine(column: Column) -> None:
    """Refuse a declaration that says how a value looks and gives no example, or a wrong one, of how it does not."""
    for word, expression, example in (
        ("breaks", column.pattern, column.breaks),
        ("miswritten", column.form, column.miswritten),
    ):
        if expression and (example is None or re.fullmatch(expression, example)):
            raise TypeError(f"column {column.name} needs {word}=…, a text that does not match {expression}")
    if column.agrees_with and not column.by:
        raise TypeError(f"column {column.name} needs by=…: the column that names its row in {column.agrees_with}")


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
        due_days: int | None = None,
        history: bool = False,
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
            due_days=due_days,
            history=history,
        )
        _examine_rules(cls.table)


def _examine_rules(table: Table) -> None:
    """Refuse a rule whose example speaks of columns that the table does not have."""
    names = {c.name for c in table.columns}
    for rule in table.rules:
        unknown = set() if isinstance(rule.breaks, Broken) else set(rule.breaks) - names
        if unknown:
            raise TypeError(f"{table.address} has no column {', '.join(sorted(unknown))}, which breaks {rule.name}")
