"""Values of one field, row by row, and why some of them are none: what a mapping works on, a column at a time."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from types import NoneType
from typing import Any

from hrdata_assets.table import Column, ColumnType
from hrdata_assets.unified.kinds import PYTHON, WORDS
from hrdata_assets.unified.transform import Bound, Unfit
from hrdata_assets.unified.typed_transforms import exact_decimal

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_GREATEST = {ColumnType.INTEGER: 2**31 - 1, ColumnType.BIGINT: 2**63 - 1}
_UNFIT = (ValueError, ArithmeticError, TypeError, LookupError, AttributeError)
"""What a function says of a value that it was not made for."""

_EMPTY = frozenset({str, list, tuple})

Check = tuple[Callable[[Any], bool], str]


@dataclass
class Cells:
    """``values`` are None where there is none; ``faults`` say by place why a value that was there is none."""

    values: list[Any]
    faults: dict[int, str] = field(default_factory=dict)

    def spoil(self, place: int, what: str) -> None:
        """Say that the value at a place is none, and why."""
        self.values[place] = None
        self.faults.setdefault(place, what)

    def keep_classes(self, classes: frozenset[type], what: str) -> None:
        """Spoil values of any other class."""
        if not set(map(type, self.values)) - classes - {NoneType}:
            return
        for place, value in enumerate(self.values):
            if value is not None and type(value) not in classes:
                self.spoil(place, what)

    def change(self, call: Callable[[Any], Any], what: str) -> None:
        """Put what a function makes of each value in its place; ``what`` is said where it tells nothing itself."""
        try:
            self.values = [None if value is None else call(value) for value in self.values]
        except _UNFIT:
            self._change_one_by_one(call, what)

    def _change_one_by_one(self, call: Callable[[Any], Any], what: str) -> None:
        for place, value in enumerate(self.values):
            try:
                self.values[place] = None if value is None else call(value)
            except Unfit as error:
                self.spoil(place, str(error))
            except _UNFIT:
                self.spoil(place, what)

    def drop_empty(self) -> None:
        """An empty text or list is no value."""
        self.values = [None if not value and type(value) in _EMPTY else value for value in self.values]

    def transform(self, bound: Bound) -> None:
        """Apply a transform."""
        what = f"cannot be changed by {bound.label}"
        self.keep_classes(bound.classes, what)
        self.change(bound.call, what)
        self.drop_empty()


def fitted(column: Column, cells: Cells) -> None:
    """Spoil what cannot stand in a column: of another type, out of its range, none of its list, or not there at all."""
    _make_typed(column, cells)
    if column.type in (ColumnType.TEXT, ColumnType.TEXTS):
        _keep_storable(cells)
    for holds, what in _checks(column):
        wrong = [place for place, value in enumerate(cells.values) if value is not None and not holds(value)]
        for place in wrong:
            cells.spoil(place, what)
    if column.required and column.role is None:
        for place, value in enumerate(cells.values):
            if value is None:
                cells.spoil(place, "is missing")


def _make_typed(column: Column, cells: Cells) -> None:
    what = f"is no {WORDS[column.type]}" if column.type is not ColumnType.BOOLEAN else "is neither true nor false"
    if column.type is ColumnType.NUMERIC:
        if set(map(type, cells.values)) - {Decimal, NoneType}:
            cells.keep_classes(frozenset({Decimal, int, float}), what)
            cells.change(exact_decimal, what)
    elif column.type is ColumnType.TEXTS:
        cells.keep_classes(frozenset({list, tuple}), what)
        cells.change(_texts, what)
    elif column.type is ColumnType.LANGUAGES:
        cells.keep_classes(frozenset({dict}), what)
    else:
        cells.keep_classes(PYTHON[column.type], what)


def _keep_storable(cells: Cells) -> None:
    """Spoil texts that PostgreSQL cannot hold. Nearly all can be, which one look at all of them together tells."""
    texts = [value if type(value) is str else "".join(value or ()) for value in cells.values]
    if _UNSTORABLE.search("".join(texts)):
        for place in (place for place, text in enumerate(texts) if _UNSTORABLE.search(text)):
            cells.spoil(place, "holds characters that no text may hold")


def _texts(members: Iterable[Any]) -> list[str]:
    found = [member for member in members if member is not None]
    if not all(isinstance(member, str) for member in found):
        raise Unfit("is no list of texts")
    return found


def _checks(column: Column) -> list[Check]:
    """What a value of the right type must be besides; each with what is said of one that is not."""
    found: list[Check] = []
    if (greatest := _GREATEST.get(column.type)) is not None:
        found.append((lambda value: -greatest <= value <= greatest, "is too large a number"))
    if column.type is ColumnType.MOMENT:
        found.append((lambda value: value.tzinfo is not None, "names no zone"))
    return found + _declared_checks(column)


def _declared_checks(column: Column) -> list[Check]:
    found: list[Check] = []
    least, most, allowed = column.ge, column.le, column.allowed
    if least is not None:
        found.append((lambda value: value >= least, f"is less than {least}"))
    if most is not None:
        found.append((lambda value: value <= most, f"is more than {most}"))
    if allowed:
        found.append((frozenset(allowed).__contains__, f"is none of {', '.join(allowed)}"))
    if column.pattern:
        fullmatch = re.compile(column.pattern).fullmatch
        found.append((lambda value: fullmatch(value) is not None, f"is not like {column.pattern}"))
    return found
