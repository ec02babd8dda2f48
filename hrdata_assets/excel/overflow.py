"""What a table has no room for: columns beyond the thousandth, and cells of a row that would not fit into a page."""

import json
from collections.abc import Sequence

import polars as pl

ROW_BYTES = 7_900
"""What a row may take of a page of 8 kB, its header and the columns of our own aside."""

_POINTER = 18
_SHORTEST_MOVED_OUT = 24
_OTHER = 16
_MOST = _SHORTEST_MOVED_OUT + _OTHER // 4
"""Bytes of a cell that is just not moved out of its row: no cell takes more."""


def with_extra(part: pl.DataFrame, names: Sequence[str], headings: Sequence[str], room: Sequence[bool]) -> pl.DataFrame:
    """Move what has no room into a column ``extra``, a JSON object by heading; null where nothing was moved.

    ``names`` are the part's columns, under these headings; ``room`` tells which of them the table has.
    """
    homeless = [n for n, has in zip(names, room, strict=True) if not has]
    kept = [n for n, has in zip(names, room, strict=True) if has]
    said = dict(zip(names, headings, strict=True))
    nothing = part.with_columns(pl.lit(None, pl.String).alias("extra"))
    if not homeless and len(kept) * _MOST + len(kept) // 8 <= ROW_BYTES:
        return nothing
    too_long = part.select(_bytes(kept) > ROW_BYTES).to_series() if kept else pl.Series([False] * part.height)
    if not homeless and not too_long.any():
        return nothing
    rows = [
        _moved(row, kept, homeless, said, shorten=long)
        for row, long in zip(part.iter_rows(named=True), too_long, strict=True)
    ]
    return pl.DataFrame(
        rows, schema={**{n: part.schema[n] for n in part.columns if n not in homeless}, "extra": pl.String}
    )


def _bytes(names: Sequence[str]) -> pl.Expr:
    return pl.sum_horizontal(_cell_bytes(name) for name in names) + len(names) // 8


def _cell_bytes(name: str) -> pl.Expr:
    """Bytes of a cell in its row: what is longer than a pointer can be stored outside of it."""
    size = pl.col(name).str.len_bytes().cast(pl.Int64)
    return pl.when(size.is_null()).then(0).when(size > _SHORTEST_MOVED_OUT).then(_POINTER).otherwise(size + _OTHER // 4)


def _moved(
    row: dict[str, object], kept: Sequence[str], homeless: Sequence[str], said: dict[str, str], *, shorten: bool
) -> dict[str, object]:
    extra = {name: row.pop(name) for name in homeless}
    if shorten:
        for name in reversed(kept):
            if _length(row, kept) <= ROW_BYTES:
                break
            extra[name], row[name] = row[name], None
    held = {said[name]: text for name, text in extra.items() if text is not None}
    return {**row, "extra": json.dumps(held, ensure_ascii=False) if held else None}


def _length(row: dict[str, object], names: Sequence[str]) -> int:
    sizes = (len(str(row[name]).encode()) for name in names if row[name] is not None)
    return sum(_POINTER if size > _SHORTEST_MOVED_OUT else size + _OTHER // 4 for size in sizes) + len(names) // 8
