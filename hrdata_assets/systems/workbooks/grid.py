"""Cells side by side: what a reader gives one under the other, as rows with a text and a kind per column."""

from collections.abc import Iterable, Sequence

import polars as pl

ROW = "row"


def text_of(column: int) -> str:
    """Name of the texts of a sheet's column, counted from 1."""
    return f"t{column}"


def kind_of(column: int) -> str:
    """Name of the kinds of a sheet's column."""
    return f"k{column}"


def columns_of(wide: pl.DataFrame) -> list[int]:
    """Columns of the sheet that have a cell in these rows, in order."""
    return columns_named(wide.columns)


def columns_named(names: Iterable[str]) -> list[int]:
    """The same, where the rows themselves are not at hand, but the names of their frame's columns."""
    return sorted(int(name[1:]) for name in names if name.startswith("t"))


def widen(cells: pl.DataFrame) -> pl.DataFrame:
    """Put cells side by side: one row per row of the sheet that has any, a text and a kind per column that has any."""
    rows = cells.select(pl.col(ROW).unique().sort())
    numbers = rows.to_series()
    parts = cells.partition_by("column", as_dict=True, maintain_order=True)
    wide = [numbers]
    for (column,), part in sorted(parts.items()):
        place = int(column)
        # A column without a gap stands beside the numbers as it is.
        if part.height != numbers.len() or not part.get_column(ROW).equals(numbers):
            part = rows.join(part.select(ROW, "text", "kind"), on=ROW, how="left", maintain_order="left")
        wide += [part.get_column("text").alias(text_of(place)), part.get_column("kind").alias(kind_of(place))]
    return pl.DataFrame(wide)


def with_columns(wide: pl.DataFrame, columns: Sequence[int]) -> pl.DataFrame:
    """The same rows with exactly these columns of the sheet; what has no cell is null."""
    absent = [c for c in columns if text_of(c) not in wide.columns]
    empty = [pl.lit(None, pl.String).alias(text_of(c)) for c in absent]
    empty += [pl.lit(None, pl.UInt8).alias(kind_of(c)) for c in absent]
    return wide.with_columns(*empty).select(ROW, *(n for c in columns for n in (text_of(c), kind_of(c))))
