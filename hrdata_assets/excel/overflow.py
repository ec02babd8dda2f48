"""What a table has no room for: columns beyond the thousandth, and cells of a row that would not fit into a page."""

import json
import re
from collections.abc import Sequence

import polars as pl

from hrdata_assets.excel.sheet_table import told_apart

ROW_BYTES = 7_900
"""What a row may take of a page of 8 kB, its header and the columns of our own aside."""

_POINTER = 18
_SHORTEST_MOVED_OUT = 24
_HEADER = 4
_PADDED = 8
"""Values of eight bytes begin at every eighth."""

_INTERVAL = 16
_CLOCK = re.compile(r"-?[0-9]+:[0-9]{2}:")
_DIGITS = re.compile(r"-?[0-9.]")


def with_extra(part: pl.DataFrame, names: Sequence[str], headings: Sequence[str], room: Sequence[bool]) -> pl.DataFrame:
    """Move what has no room into a column ``extra``, a JSON object by heading; null where nothing was moved.

    ``names`` are the part's columns, under these headings; ``room`` tells which of them the table has.
    """
    homeless = [n for n, has in zip(names, room, strict=True) if not has]
    kept = [n for n, has in zip(names, room, strict=True) if has]
    said = dict(zip(names, told_apart(headings), strict=True))
    nothing = part.with_columns(pl.lit(None, pl.String).alias("extra"))
    if not homeless and len(kept) * (_SHORTEST_MOVED_OUT + _PADDED) + len(kept) // 8 <= ROW_BYTES:
        return nothing
    too_long = part.select(_bytes(kept) > ROW_BYTES).to_series() if kept else pl.Series([False] * part.height)
    if not homeless and not too_long.any():
        return nothing
    rows = [
        _moved(row, kept, homeless, said, shorten=long)
        for row, long in zip(part.iter_rows(named=True), too_long, strict=True)
    ]
    gone = set(homeless)
    schema = {name: kind for name, kind in part.schema.items() if name not in gone}
    return pl.DataFrame(rows, schema={**schema, "extra": pl.String})


def _bytes(names: Sequence[str]) -> pl.Expr:
    """More than the cells of a row can take, whatever their types and order."""
    return pl.sum_horizontal(_cell_bytes(name) for name in names) + len(names) // 8


def _cell_bytes(name: str) -> pl.Expr:
    size = pl.col(name).str.len_bytes().cast(pl.Int64)
    most = pl.min_horizontal(pl.max_horizontal(size, _INTERVAL), _SHORTEST_MOVED_OUT) + _PADDED
    return pl.when(size.is_null()).then(0).otherwise(most)


def _end(start: int, text: str) -> int:
    """Where a cell ends at the latest that begins here: what looks like a number or a time may be one, or a text.

    What is longer than a pointer can be stored outside of the row.
    """
    size = len(text.encode())
    end = start + (_POINTER if size > _SHORTEST_MOVED_OUT else size + _HEADER)
    if size > _SHORTEST_MOVED_OUT or not _DIGITS.match(text):
        return end
    aligned = -(-start // _PADDED) * _PADDED
    return max(end, aligned + (_INTERVAL if _CLOCK.match(text) else _PADDED))


def _moved(
    row: dict[str, object], kept: Sequence[str], homeless: Sequence[str], said: dict[str, str], *, shorten: bool
) -> dict[str, object]:
    extra = {name: row.pop(name) for name in homeless}
    if shorten:
        end = len(kept) // 8
        for name in kept:
            after = end if row[name] is None else _end(end, str(row[name]))
            if after > ROW_BYTES:
                extra[name], row[name] = row[name], None
            else:
                end = after
    held = {said[name]: text for name, text in extra.items() if text is not None}
    return {**row, "extra": json.dumps(held, ensure_ascii=False) if held else None}
