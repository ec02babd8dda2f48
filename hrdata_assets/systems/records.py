"""From a system's records to the frame of text that declarations are read from; what nobody declared goes to extra."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl

from hrdata_assets.cleaning.delimited import UNDECODABLE, Delivered
from hrdata_assets.cleaning.frames import Cleaned, clean
from hrdata_assets.systems.columns import Columns, Values
from hrdata_assets.systems.extra import extras
from hrdata_assets.systems.system import Record
from hrdata_assets.table import Table

_NOTHING = type(None)
_WHOLE: Mapping[type, pl.DataType] = {str: pl.String(), int: pl.Int64(), bool: pl.Boolean()}
"""Kinds of values that polars makes into the same text as `_cell` does."""


def cleaned_records(table: Table, records: Sequence[Record], withheld: str | None = None) -> Cleaned:
    """Read records by a table's declaration; ``row_no`` counts them from 1.

    ``withheld`` is the text that the system gives in place of what the user may not see: it is no value.
    """
    paths = [tuple((column.header or column.name).split(".")) for column in table.columns]
    columns = Columns(records)
    texts = [_series(_values(columns.under(path[0]), path[1:])) for path in paths]
    hidden = [(n, row) for n, text in enumerate(texts) if withheld for row in (text == withheld).arg_true()]
    if hidden:
        texts = [pl.select(pl.when(text != withheld).then(text)).to_series() for text in texts]
    delivered = Delivered(
        header=tuple(column.header or column.name for column in table.columns),
        rows=pl.DataFrame(
            [text.alias(f"f{n}") for n, text in enumerate(texts)]
            + [pl.Series("row_no", range(1, len(records) + 1), dtype=pl.Int32)]
        ),
        ragged=(),
        blank=0,
        has_nul=any(text.str.contains("\0", literal=True).any() for text in texts),
        has_undecodable=any(text.str.contains(UNDECODABLE, literal=True).any() for text in texts),
    )
    cleaned = clean(table, delivered, table.name)
    rows = cleaned.rows.with_columns(extras(columns, paths).alias("extra"))
    return replace(cleaned, rows=_with_hidden(rows, table, hidden))


def cleaned_rows(table: Table, rows: Sequence[Record]) -> Cleaned:
    """Read rows whose values stand under the columns' own names, as a formatter makes them."""
    columns = tuple(replace(column, header=column.name) for column in table.columns)
    return cleaned_records(replace(table, columns=columns), rows)


def values_at(records: Sequence[Record], header: str) -> list[str | None]:
    """What stands in every record at a dotted path, as text."""
    first, *more = header.split(".")
    return [_cell(value) for value in _values([record.get(first) for record in records], more)]


def _values(values: Values, names: Iterable[str]) -> Values:
    """What stands below every value, by one name after the other."""
    for name in names:
        values = [value.get(name) if type(value) is dict else _below(value, name) for value in values]
    return values


def _below(value: Any, name: str) -> Any:
    """What a list's members hold under a name; nothing of what has no names."""
    if isinstance(value, list):
        return [member.get(name) if isinstance(member, dict) else _below(member, name) for member in value]
    return None


def _cell(value: Any) -> str | None:
    """A value as text: what a spreadsheet of the records would show. Nothing, in a list or not, is no value."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        members = [member for member in map(_cell, value) if member]
        return json.dumps(members, ensure_ascii=False) if members else None
    return json.dumps(value, ensure_ascii=False, default=float) if isinstance(value, dict) else str(value)


def _with_hidden(rows: pl.DataFrame, table: Table, places: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """Say in ``changes`` where a value was withheld."""
    if not places:
        return rows
    changes = rows.get_column("changes").to_list()
    for n, row in places:
        told = json.loads(changes[row]) if changes[row] else {}
        changes[row] = json.dumps({**told, table.columns[n].name: [*told.get(table.columns[n].name, []), "withheld"]})
    return rows.with_columns(pl.Series("changes", changes, dtype=pl.String))


def _series(values: Values) -> pl.Series:
    """Values as texts. A column of one kind, which most are, is made into them as a whole."""
    kinds = set(map(type, values)) - {_NOTHING} or {str}
    kind = _WHOLE.get(kinds.pop()) if len(kinds) == 1 else None
    if kind is None:
        return _texts([_cell(value) for value in values])
    try:
        return pl.Series(values, dtype=kind).cast(pl.String)
    except (OverflowError, TypeError, UnicodeEncodeError):
        # Whole numbers that no column holds, and halves of characters.
        return _texts([_cell(value) for value in values])


def _texts(cells: Sequence[str | None]) -> pl.Series:
    try:
        return pl.Series(cells, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series([None if cell is None else _marked(cell) for cell in cells], dtype=pl.String)


def _marked(text: str) -> str:
    """Halves of characters, which JSON can spell and no text may hold, each behind the mark for what is no UTF-8."""
    return "".join(f"{UNDECODABLE}{ord(c):04X}" if "\ud800" <= c <= "\udfff" else c for c in text)
