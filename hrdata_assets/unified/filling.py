"""How one field of a target is filled: entries of a mapping, ready to be applied; the first with a value counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.table import Column, ColumnType, Table
from hrdata_assets.unified.cells import Cells, fitted
from hrdata_assets.unified.formatter import Values
from hrdata_assets.unified.kinds import WORDS, Kind, fits
from hrdata_assets.unified.paths import Path, path_into
from hrdata_assets.unified.spec import FieldSpec
from hrdata_assets.unified.transform import Bound, Transform, Unfit
from hrdata_assets.unified.transforms import transform_named
from hrdata_assets.unified.typed_transforms import date, exact_decimal, moment

_MAKERS = {
    ColumnType.TEXT: "text, or join for several",
    ColumnType.INTEGER: "integer",
    ColumnType.BIGINT: "integer",
    ColumnType.NUMERIC: "decimal",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.MOMENT: "moment",
    ColumnType.TEXTS: "split",
}
"""Transform that makes values of a type."""


@dataclass(frozen=True)
class Condition:
    """What must be so for an entry to count: a place has a value, or one of these values."""

    path: Path
    among: tuple[Any, ...] | None

    def asked(self, rows: Sequence[Values]) -> Cells:
        """What stands there where it is so, and nothing elsewhere."""
        cells = self.path.cells(rows)
        if (among := self.among) is not None:
            cells.values = [value if value in among else None for value in cells.values]
        return cells


@dataclass(frozen=True)
class Entry:
    """An entry that was found good: where it takes values from, how it changes them, and what it says otherwise."""

    paths: tuple[Path, ...]
    gathers: bool
    when: tuple[Condition, ...]
    steps: tuple[Bound, ...]
    constant: Any
    default: Any

    def cells(self, rows: Sequence[Values]) -> Cells:
        """What it gives for each row."""
        cells = self._taken(rows)
        for step in self.steps:
            cells.transform(step)
        if self.default is not None:
            bad, default = cells.faults, self.default
            cells.values = [default if v is None and p not in bad else v for p, v in enumerate(cells.values)]
        for condition in self.when:
            cells = _only(cells, condition.asked(rows))
        return cells

    def _taken(self, rows: Sequence[Values]) -> Cells:
        if not self.paths:
            return Cells([self.constant] * len(rows))
        found = [path.cells(rows) for path in self.paths]
        return _gathered(found) if self.gathers else found[0]


def _only(cells: Cells, asked: Cells) -> Cells:
    there = [value is not None for value in asked.values]
    values = [value if asks else None for value, asks in zip(cells.values, there, strict=True)]
    return Cells(values, {place: what for place, what in cells.faults.items() if there[place]} | asked.faults)


def _gathered(found: Sequence[Cells]) -> Cells:
    faults = {place: what for cells in found for place, what in cells.faults.items()}
    values = [_flat(several) for several in zip(*(cells.values for cells in found), strict=True)]
    return Cells(values, faults)


def _flat(several: Sequence[Any]) -> list[Any] | None:
    flat: list[Any] = []
    for value in several:
        if isinstance(value, list | tuple):
            flat += value
        elif value is not None:
            flat.append(value)
    return flat or None


@dataclass(frozen=True)
class Filling:
    """A field of the target with its entries, in their order."""

    column: Column
    entries: tuple[Entry, ...]

    def cells(self, rows: Sequence[Values]) -> Cells:
        """What stands in the field of each row that is made, and what is wrong with those that cannot be."""
        cells = self.entries[0].cells(rows)
        for entry in self.entries[1:]:
            cells = _first_of(cells, entry.cells(rows))
        fitted(self.column, cells)
        return cells


def _first_of(cells: Cells, others: Cells) -> Cells:
    values = [mine if mine is not None else other for mine, other in zip(cells.values, others.values, strict=True)]
    later = {place: what for place, what in others.faults.items() if cells.values[place] is None}
    faults = {**later, **cells.faults}
    for place in cells.faults:
        values[place] = None
    return Cells(values, faults)


def entry_of(spec: FieldSpec, source: Table, column: Column, transforms: Mapping[str, Transform]) -> Entry:
    """Make an entry of what is written. Unfit says what is wrong with it."""
    if (spec.from_ is None) == (spec.constant is None):
        raise Unfit("needs either from or constant")
    if spec.constant is not None and (spec.steps or spec.default is not None):
        raise Unfit("a constant is taken as it is: neither transform nor default goes with it")
    paths = tuple(path_into(source, text) for text in spec.paths)
    when = tuple(Condition(path_into(source, text), among) for text, among in spec.conditions)
    kind = _together([path.kind for path in paths]) if spec.gathers else (paths[0].kind if paths else None)
    steps: list[Bound] = []
    for name, argument in spec.steps:
        kind = _step(steps, kind, name, argument, transforms)
    if kind is not None and not fits(kind, column):
        maker = f": use the transform {_MAKERS[column.type]}" if column.type in _MAKERS else ""
        raise Unfit(f"gives {kind}, and {column.name} is {column.type}{maker}")
    constant, default = (_literal(column, given) for given in (spec.constant, spec.default))
    return Entry(paths, spec.gathers, when, tuple(steps), constant, default)


def _step(steps: list[Bound], kind: Kind | None, name: str, argument: Any, transforms: Mapping[str, Transform]) -> Kind:
    found = transform_named(name, transforms)
    try:
        steps.append(found.applied(kind or Kind(None), argument))
    except Unfit as error:
        raise Unfit(f"transform {name} {error}") from None
    return steps[-1].gives


def _together(kinds: Sequence[Kind]) -> Kind:
    """What several places hold, as a list."""
    types = {ColumnType.BIGINT if kind.type is ColumnType.INTEGER else kind.type for kind in kinds}
    if None in types:
        return Kind(None, many=True)
    if len(types) > 1:
        raise Unfit(f"its places hold {' and '.join(sorted(str(kind) for kind in kinds))}: they must be of one type")
    return Kind(types.pop(), many=True)


def _literal(column: Column, given: Any) -> Any:
    """A constant or default as a value of the column. Unfit if it is none."""
    if given is None:
        return None
    value = given
    if column.type in (ColumnType.DATE, ColumnType.MOMENT) and isinstance(given, str):
        value = (date if column.type is ColumnType.DATE else moment).bind(None)(given)
    elif column.type is ColumnType.NUMERIC and not isinstance(given, bool | list):
        value = exact_decimal(given)
    cells = Cells([value])
    fitted(column, cells)
    if cells.faults:
        raise Unfit(f"its constant or default {cells.faults[0]}: {column.name} is {WORDS[column.type]}")
    return cells.values[0]
