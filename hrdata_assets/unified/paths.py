"""Paths: where a mapping takes a value from, ``title``, ``skills.0`` or ``extra.address.city``."""

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hrdata_assets.table import ColumnType, Table
from hrdata_assets.unified.cells import Cells
from hrdata_assets.unified.formatter import Values
from hrdata_assets.unified.kinds import EXTRA, TEXT, UNKNOWN, WORDS, Kind, classes_of, kind_of
from hrdata_assets.unified.transform import Unfit


@dataclass(frozen=True)
class Path:
    """A field of the source, and what is below it: names of an object, or places in a list, the first being 0.

    A name that is asked of a list is asked of each of its members.
    """

    field: str
    below: tuple[str, ...]
    kind: Kind
    whole: Kind

    def cells(self, rows: Sequence[Values]) -> Cells:
        """What stands there in each row. Nothing, an empty text and an empty list are no values."""
        name = self.field
        cells = Cells([row.get(name) for row in rows])
        if self.below:
            if not self.whole.known:
                cells.change(_parsed, "holds no JSON")
            cells.values = [_at(value, self.below) for value in cells.values]
        if self.kind.type is ColumnType.NUMERIC and int in set(map(type, cells.values)):
            cells.values = [Decimal(value) if type(value) is int else value for value in cells.values]
        if self.kind.known:
            cells.keep_classes(classes_of(self.kind), f"is no {_word(self.kind)} in {self.field}")
        cells.drop_empty()
        return cells


def path_into(table: Table, text: str) -> Path:
    """Read a path. Unfit says why it leads nowhere."""
    name, *below = text.split(".")
    if not all((name, *below)):
        raise Unfit(f"{text} is no path")
    whole = _field(table, name)
    if not below:
        return Path(name, (), whole, whole)
    if whole.many and len(below) == 1 and below[0].isdecimal():
        return Path(name, tuple(below), TEXT, whole)
    if whole.known:
        raise Unfit(f"{name} of {table.name} is {whole}: there is nothing below it")
    return Path(name, tuple(below), UNKNOWN, whole)


def _field(table: Table, name: str) -> Kind:
    names = [column.name for column in table.columns]
    if name in names:
        return kind_of(table.column(name))
    if name == EXTRA and table.layer == "staged":
        return UNKNOWN
    near = difflib.get_close_matches(name, names, n=2)
    raise Unfit(f"{table.name} has no field {name}" + (f": did you mean {' or '.join(near)}?" if near else ""))


def _word(kind: Kind) -> str:
    return WORDS[ColumnType.TEXTS] if kind.many else WORDS[kind.type or ColumnType.TEXT]


def _parsed(value: Any) -> Any:
    """JSON that was brought along as text, as what it means."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except RecursionError:
        raise Unfit("holds no JSON") from None


def _at(value: Any, below: Sequence[str]) -> Any:
    for name in below:
        value = value.get(name) if type(value) is dict else _in_list(value, name)
    return value


def _in_list(value: Any, name: str) -> Any:
    if not isinstance(value, list | tuple):
        return value.get(name) if isinstance(value, dict) else None
    if name.isdecimal():
        return value[int(name)] if int(name) < len(value) else None
    found = [member.get(name) if isinstance(member, dict) else _in_list(member, name) for member in value]
    return [member for member in found if member is not None]
