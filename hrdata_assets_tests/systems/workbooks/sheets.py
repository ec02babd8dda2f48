"""Sheets made of Python's values, as a reader would give them."""

import datetime
from collections.abc import Mapping, Sequence

import polars as pl

from hrdata_assets.systems.workbooks.cells import SCHEMA, Kind
from hrdata_assets.systems.workbooks.grid import widen

Value = str | int | float | bool | datetime.date | None


def cell(value: Value) -> tuple[int, str]:
    """Kind and text of a value; a text that begins with # is an error, one that begins with = has no result."""
    if isinstance(value, bool):
        return Kind.BOOLEAN, str(value).upper()
    if isinstance(value, int | float):
        return Kind.NUMBER, repr(value)
    if isinstance(value, datetime.date):
        return Kind.DATE, value.isoformat()
    kinds = {"#": Kind.ERROR, "=": Kind.UNCALCULATED}
    return kinds.get(str(value)[:1], Kind.TEXT), str(value)


def cells(rows: Sequence[Sequence[Value]] | Mapping[int, Sequence[Value]]) -> pl.DataFrame:
    """A frame of cells; rows are counted from 1 unless they are given with their numbers, None is no cell."""
    numbered = rows if isinstance(rows, Mapping) else dict(enumerate(rows, start=1))
    found = [
        (number, column, *cell(value), None)
        for number, row in numbered.items()
        for column, value in enumerate(row, start=1)
        if value is not None
    ]
    return pl.DataFrame(found, schema=SCHEMA, orient="row")


def side_by_side(rows: Sequence[Sequence[Value]] | Mapping[int, Sequence[Value]]) -> pl.DataFrame:
    """The same cells, side by side."""
    return widen(cells(rows))
