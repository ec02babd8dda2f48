"""From a system's records to the frame of text that declarations are read from; what nobody declared goes to extra."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl

from hrdata_assets.cleaning.delimited import UNDECODABLE, Delivered
from hrdata_assets.cleaning.frames import Cleaned, clean
from hrdata_assets.systems.system import Record
from hrdata_assets.table import Table

Path = tuple[str, ...]


def cleaned_records(table: Table, records: Sequence[Record], withheld: str | None = None) -> Cleaned:
    """Read records by a table's declaration; ``row_no`` counts them from 1.

    ``withheld`` is the text that the system gives in place of what the user may not see: it is no value.
    """
    paths = {column.name: tuple((column.header or column.name).split(".")) for column in table.columns}
    columns = [[_cell(_at(record, path)) for record in records] for path in paths.values()]
    header = tuple(column.header or column.name for column in table.columns)
    hidden = _hide(columns, withheld)
    frame = {f"f{n}": _series(cells) for n, cells in enumerate(columns)}
    rows = pl.DataFrame({**frame, "row_no": pl.Series(range(1, len(records) + 1), dtype=pl.Int32)})
    undecodable = any(UNDECODABLE in (cell or "") for cells in columns for cell in cells)
    has_nul = any("\0" in (cell or "") for cells in columns for cell in cells)
    delivered = Delivered(header, rows, (), 0, has_nul, undecodable)
    cleaned = clean(table, delivered, table.name)
    known = _tree(paths.values())
    extra = pl.Series([_extra(record, known) for record in records], dtype=pl.String)
    rows = cleaned.rows.with_columns(extra.alias("extra"))
    return replace(cleaned, rows=_with_hidden(rows, table, hidden))


def _at(value: Any, path: Path) -> Any:
    """What stands at a path; of a list, what stands there in each of its members."""
    for place, name in enumerate(path):
        if isinstance(value, list):
            return [_at(member, path[place:]) for member in value]
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _cell(value: Any) -> str | None:
    """A value as text: what a spreadsheet of the records would show. Nothing, in a list or not, is no value."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        members = [member for member in map(_cell, value) if member]
        return json.dumps(members, ensure_ascii=False) if members else None
    return json.dumps(value, ensure_ascii=False, default=float) if isinstance(value, Mapping) else str(value)


def _hide(columns: Sequence[list[str | None]], withheld: str | None) -> list[tuple[int, int]]:
    """Take out what is no value but says that there is one; returns the places, by column and record."""
    if withheld is None:
        return []
    places = [(n, row) for n, cells in enumerate(columns) for row, cell in enumerate(cells) if cell == withheld]
    for n, row in places:
        columns[n][row] = None
    return places


def _with_hidden(rows: pl.DataFrame, table: Table, places: Iterable[tuple[int, int]]) -> pl.DataFrame:
    """Say in ``changes`` where a value was withheld."""
    changes = rows.get_column("changes").to_list()
    for n, row in places:
        told = json.loads(changes[row]) if changes[row] else {}
        changes[row] = json.dumps({**told, table.columns[n].name: [*told.get(table.columns[n].name, []), "withheld"]})
    return rows.with_columns(pl.Series("changes", changes, dtype=pl.String))


def _series(cells: list[str | None]) -> pl.Series:
    try:
        return pl.Series(cells, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series([None if cell is None else _marked(cell) for cell in cells], dtype=pl.String)


def _marked(text: str) -> str:
    """Halves of characters, which JSON can spell and no text may hold, each behind the mark for what is no UTF-8."""
    return "".join(f"{UNDECODABLE}{ord(c):04X}" if "\ud800" <= c <= "\udfff" else c for c in text)


def _tree(paths: Iterable[Path]) -> dict[str, Any]:
    """What is declared, by its first name, then by the next: an empty one means all that is below."""
    tree: dict[str, Any] = {}
    for path in paths:
        below = tree
        for name in path:
            below = below.setdefault(name, {})
    return tree


def _extra(record: Record, known: Mapping[str, Any]) -> str | None:
    rest = _rest(record, known)
    if not rest:
        return None
    text = json.dumps(rest, ensure_ascii=False, default=float)
    # PostgreSQL's jsonb takes neither NUL nor halves of characters; the archive has them.
    return text if text.isascii() and "\\u0000" not in text else _storable(text)


def _rest(value: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What no declared path leads to; values that are missing are left out."""
    rest: dict[str, Any] = {}
    for name, inner in value.items():
        below = known.get(name)
        if inner is None or inner == [] or below == {}:
            continue
        if below is None:
            rest[name] = inner
        elif isinstance(inner, Mapping) and (left := _rest(inner, below)):
            rest[name] = left
    return rest


def _storable(text: str) -> str:
    return "".join(c for c in text.replace("\\u0000", "") if not "\ud800" <= c <= "\udfff")
