"""A sheet's parts in a folder, between the process that takes a workbook apart and the one that asked for it."""

from pathlib import Path

import polars as pl

from hrdata_assets.systems.workbooks.grid import ROW, columns_named, widen

_NOTES = {ROW: pl.Int32(), "column": pl.Int32(), "note": pl.String()}


def write_part(folder: Path, number: int, cells: pl.DataFrame) -> None:
    """Write cells, side by side, as the part of that number, counted from 0."""
    widen(cells).write_ipc(_part(folder, number), compression="lz4")
    noted = cells.filter(cells.get_column("note").is_not_null()).select(list(_NOTES))
    if not noted.is_empty():
        noted.write_ipc(folder / f"notes-{number:06d}.arrow")


def read_part(folder: Path, number: int) -> pl.DataFrame:
    """Rows of a part: their number, and a text and a kind per column (see `grid`)."""
    return pl.read_ipc(_part(folder, number))


def columns_of_part(folder: Path, number: int) -> list[int]:
    """Columns of the sheet that have a cell in a part; its rows are not read."""
    return columns_named(pl.read_ipc_schema(_part(folder, number)))


def read_notes(folder: Path) -> pl.DataFrame:
    """Row, column and code of every cell whose text does not tell all of it."""
    files = sorted(folder.glob("notes-*.arrow"))
    return pl.concat([pl.DataFrame(schema=_NOTES), *(pl.read_ipc(file) for file in files)])


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.arrow"
