"""What a value is on its way through a mapping: of a column's type, several of it, or whatever JSON holds."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from hrdata_assets.table import Column, ColumnType

EXTRA = "extra"
"""What nobody declared of a staged record: a mapping reaches it as ``extra.…``."""


@dataclass(frozen=True)
class Kind:
    """``type`` is None for whatever JSON holds; ``many`` says that it is a list of such."""

    type: ColumnType | None
    many: bool = False

    @property
    def known(self) -> bool:
        """Whether it is known before a value is seen."""
        return self.type is not None

    def __str__(self) -> str:
        """As a person calls it."""
        return ("several of " if self.many else "") + (self.type.value if self.type else "whatever JSON holds")


UNKNOWN = Kind(None)
TEXT = Kind(ColumnType.TEXT)
TEXTS = Kind(ColumnType.TEXT, many=True)
INTEGER = Kind(ColumnType.BIGINT)
NUMERIC = Kind(ColumnType.NUMERIC)
BOOLEAN = Kind(ColumnType.BOOLEAN)
DATE = Kind(ColumnType.DATE)
MOMENT = Kind(ColumnType.MOMENT)

PYTHON: dict[ColumnType, frozenset[type]] = {
    ColumnType.TEXT: frozenset({str}),
    ColumnType.INTEGER: frozenset({int}),
    ColumnType.BIGINT: frozenset({int}),
    ColumnType.NUMERIC: frozenset({Decimal}),
    ColumnType.BOOLEAN: frozenset({bool}),
    ColumnType.DATE: frozenset({datetime.date}),
    ColumnType.TIMESTAMP: frozenset({datetime.datetime}),
    ColumnType.MOMENT: frozenset({datetime.datetime}),
}
"""Classes of the values that a type takes as they are; a truth is no number here, and a moment no day."""

_JSON = frozenset({str, int, float, bool, Decimal, list, tuple, dict})

WORDS: dict[ColumnType, str] = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "whole number",
    ColumnType.BIGINT: "whole number",
    ColumnType.NUMERIC: "number",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "date",
    ColumnType.TIMESTAMP: "date with a time",
    ColumnType.MOMENT: "moment with a zone",
    ColumnType.TEXTS: "list of texts",
    ColumnType.LANGUAGES: "object",
}
"""What people call a value of a type."""

_WHOLE = (ColumnType.INTEGER, ColumnType.BIGINT)


def kind_of(column: Column) -> Kind:
    """What a column holds."""
    if column.type is ColumnType.TEXTS:
        return TEXTS
    return Kind(column.type) if column.type in PYTHON else UNKNOWN


def classes_of(kind: Kind) -> frozenset[type]:
    """Classes of values of a kind; lists are lists or tuples."""
    if kind.many:
        return frozenset({list, tuple})
    return _JSON if kind.type is None else PYTHON[kind.type]


def fits(kind: Kind, column: Column) -> bool:
    """Whether values of a kind can stand in a column at all. JSON has no days and moments: those must be made."""
    wanted = kind_of(column)
    if column.type is ColumnType.FULL_TEXT:
        return False
    if not kind.known:
        made = (ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.MOMENT)
        return wanted.many if kind.many else column.type not in made
    if not wanted.known or kind.many != wanted.many:
        return False
    if wanted.type is ColumnType.NUMERIC:
        return kind.type in (ColumnType.NUMERIC, *_WHOLE)
    return kind.type == wanted.type or (kind.type in _WHOLE and wanted.type in _WHOLE)
