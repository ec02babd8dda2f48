"""What a system's records hold and nobody declared: JSON text, for PostgreSQL's jsonb."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any

import polars as pl

from hrdata_assets.systems.columns import Columns, Values

Path = tuple[str, ...]
Tree = Mapping[str, Any]
"""What is declared, by its first name, then by the next: an empty one means all that is below."""

_HALVES = re.compile("[\ud800-\udfff]")


def extras(columns: Columns, declared: Iterable[Path]) -> pl.Series:
    """What no declared path leads to, record by record; null where nothing is left."""
    known = _tree(declared)
    if columns.alike is None:
        rests: Iterable[dict[str, Any]] = (_rest(record, known) for record in columns.records)
    else:
        rests = _rests(columns, columns.alike, known)
    return pl.Series([_text(rest) if rest else None for rest in rests], dtype=pl.String)


def _tree(paths: Iterable[Path]) -> Tree:
    tree: dict[str, Any] = {}
    for path in paths:
        below = tree
        for name in path:
            below = below.setdefault(name, {})
    return tree


def _rests(columns: Columns, alike: Mapping[str, Values], known: Tree) -> Iterator[dict[str, Any]]:
    """What `_rest` says of each: names under which no record has a value are looked at once, not once a record."""
    left = {name: _left(column, known.get(name)) for name, column in alike.items() if known.get(name) != {}}
    nothing = columns.nothing
    there = {name: column for name, column in left.items() if column != nothing}
    rows = zip(*there.values(), strict=True) if there else repeat((), len(nothing))
    for row in rows:
        yield {name: value for name, value in zip(there, row, strict=True) if value is not None and value != []}


def _left(column: Values, below: Tree | None) -> Values:
    """What is left of a column of which nothing, or some of what is below, is declared."""
    if below is None:
        return column
    return tuple((_rest(value, below) or None) if isinstance(value, dict) else None for value in column)


def _rest(value: Mapping[str, Any], known: Tree) -> dict[str, Any]:
    """What no declared path leads to; values that are missing are left out."""
    rest: dict[str, Any] = {}
    for name, inner in value.items():
        below = known.get(name)
        if inner is None or below == {} or inner == []:
            continue
        if below is None:
            rest[name] = inner
        elif isinstance(inner, dict) and (left := _rest(inner, below)):
            rest[name] = left
    return rest


def _text(rest: Mapping[str, Any]) -> str:
    text = json.dumps(rest, ensure_ascii=False, default=float)
    # PostgreSQL's jsonb takes neither NUL nor halves of characters; the archive has them.
    return text if text.isascii() and "\\u0000" not in text else _HALVES.sub("", text.replace("\\u0000", ""))
