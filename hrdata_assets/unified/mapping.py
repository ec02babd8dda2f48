"""RowMapping: a formatter that is declared, ``[{"from": "job_title", "to": "title"}, …]``, by us or by a user.

It is held to both tables when it is built: an unknown field or transform, a type that cannot fit, or a required field
that nothing fills is told at once, all of it together.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typing_extensions import override

from hrdata_assets.errors import SetupError
from hrdata_assets.table import Row, Table
from hrdata_assets.unified.filling import Entry, Filling, entry_of
from hrdata_assets.unified.formatter import Failure, Formatted, Formatter, Reason, Values
from hrdata_assets.unified.spec import FieldSpec, field_specs
from hrdata_assets.unified.transform import Transform, Unfit
from hrdata_assets.unified.transforms import TRANSFORMS

BLOCK = 500
"""Rows that are worked on at a time: so few stay where the processor reaches them fastest."""

Field = Mapping[str, Any]
"""How one field is filled, as JSON writes it."""


class RowMapping(Formatter):
    """Fills the fields of the target one by one. SetupError when built says everything that is wrong with it."""

    def __init__(
        self,
        name: str,
        source: type[Row] | Table,
        target: type[Row] | Table,
        fields: Sequence[FieldSpec],
        transforms: Mapping[str, Transform] = TRANSFORMS,
    ) -> None:
        super().__init__(name, source, target)
        self.fields = tuple(fields)
        self._transforms = transforms
        self._fillings = self._built()
        self._names = [filling.column.name for filling in self._fillings]

    @property
    def filled(self) -> tuple[str, ...]:
        """Fields of the target that it fills, in the target's order."""
        return tuple(self._names)

    @property
    def pinned(self) -> list[dict[str, Any]]:
        """The fields as they are stored: every transform with its version, so that none can change behind them."""
        return [self._pinned(field) for field in self.fields]

    @property
    def checksum(self) -> str:
        """Hex digits that change whenever it would make other rows."""
        content = [self.source.address, self.target.address, self.pinned]
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @override
    def apply_all(self, rows: Sequence[Values]) -> Formatted:
        """Make every row that can be made, a field at a time over a block of them."""
        blocks = [self._block(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK)]
        made = [row for block in blocks for row in block.rows]
        if len(made) == len(rows):
            return Formatted(made, range(len(made)))
        starts = range(0, len(rows), BLOCK)
        places = [start + place for start, block in zip(starts, blocks, strict=True) for place in block.places]
        failures = [
            Failure(start + failure.place, failure.reasons)
            for start, block in zip(starts, blocks, strict=True)
            for failure in block.failures
        ]
        return Formatted(made, places, tuple(failures))

    def _block(self, rows: Sequence[Values]) -> Formatted:
        columns: list[list[Any]] = []
        reasons: dict[int, list[Reason]] = {}
        for filling in self._fillings:
            cells = filling.cells(rows)
            columns.append(cells.values)
            for place, what in cells.faults.items():
                reasons.setdefault(place, []).append(Reason(filling.column.name, what))
        return formatted(self._names, columns, reasons)

    def _built(self) -> tuple[Filling, ...]:
        columns = {column.name: column for column in self.target.columns}
        entries: dict[str, list[Entry]] = {}
        wrong: list[str] = []
        for number, field in enumerate(self.fields, start=1):
            place = f"field {number} (to {field.to})"
            if field.to not in columns:
                wrong.append(f"{place}: {self.target.name} has no such field")
                continue
            entries.setdefault(field.to, [])
            try:
                entries[field.to].append(entry_of(field, self.source, columns[field.to], self._transforms))
            except Unfit as error:
                wrong.append(f"{place}: {error}")
        wrong += [
            f"nothing fills {name}, which {self.target.name} requires"
            for name, column in columns.items()
            # What a system keeps for itself, such as ids and stamps, it makes itself.
            if column.required and column.role is None and name not in entries
        ]
        if wrong:
            raise SetupError(f"{self.name} cannot map {self.source.name} to {self.target.name}: {'; '.join(wrong)}")
        return tuple(Filling(columns[name], tuple(entries[name])) for name in columns if name in entries)

    def _pinned(self, field: FieldSpec) -> dict[str, Any]:
        steps = [
            self._transforms[name].label if argument is None else {self._transforms[name].label: argument}
            for name, argument in field.steps
        ]
        written = {name: value for name, value in field.written().items() if name != "transform"}
        return written | ({"transform": steps} if steps else {})


def formatted(names: Sequence[str], columns: Sequence[list[Any]], reasons: Mapping[int, list[Reason]]) -> Formatted:
    """Rows made of columns; those that something is wrong with are left out and told."""
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    if not reasons:
        return Formatted(rows, range(len(rows)))
    places = [place for place in range(len(rows)) if place not in reasons]
    failures = tuple(Failure(place, tuple(reasons[place])) for place in sorted(reasons))
    return Formatted([rows[place] for place in places], places, failures)


def mapping(
    source: type[Row] | Table, target: type[Row] | Table, *parts: Field | Iterable[Field], name: str | None = None
) -> RowMapping:
    """Declare a mapping in code: fields as JSON writes them, and groups of them that `same` and `renamed` make."""
    fields: list[Field] = []
    for part in parts:
        fields += [part] if isinstance(part, Mapping) else list(part)
    given = {"source": source, "target": target}
    called = {word: (row if isinstance(row, Table) else row.table).name for word, row in given.items()}
    return RowMapping(name or f"{called['source']} to {called['target']}", source, target, field_specs(fields))


def same(*names: str) -> list[dict[str, Any]]:
    """Fields that are called the same on both sides."""
    return [{"from": name, "to": name} for name in names]


def renamed(**froms: str) -> list[dict[str, Any]]:
    """Fields that are taken as they are under another name: ``renamed(title="occupation")``."""
    return [{"from": from_, "to": to} for to, from_ in froms.items()]


def transformed(*transforms: str | dict[str, Any], **froms: str) -> list[dict[str, Any]]:
    """Fields that all go through the same transforms: ``transformed("text", owner="owner_id")``."""
    return [{"from": from_, "to": to, "transform": list(transforms)} for to, from_ in froms.items()]


def constants(**values: Any) -> list[dict[str, Any]]:
    """Fields that are the same in every row: ``constants(system="bullhorn")``."""
    return [{"constant": value, "to": to} for to, value in values.items()]
