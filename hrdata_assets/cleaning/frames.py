"""From a file's text to a table's typed frame: every column of the declaration, and what was changed on the way."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from hrdata_assets.cleaning.delimited import UNDECODABLE, Delivered, RaggedRow
from hrdata_assets.cleaning.headers import HeaderMap, match_headers
from hrdata_assets.cleaning.values import Parsed, parse, parse_languages
from hrdata_assets.errors import DeliveryError
from hrdata_assets.rule import raw
from hrdata_assets.table import Column, ColumnType, Table

_THREADS = 2
"""Columns read at a time: polars works outside Python's lock."""

POLARS_TYPES = {
    ColumnType.TEXT: pl.String(),
    ColumnType.INTEGER: pl.Int32(),
    ColumnType.BIGINT: pl.Int64(),
    ColumnType.NUMERIC: pl.Decimal(38, 0),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.DATE: pl.Date(),
    ColumnType.TIMESTAMP: pl.Datetime("us"),
    ColumnType.MOMENT: pl.Datetime("us", "UTC"),
    ColumnType.LANGUAGES: pl.String(),
    ColumnType.TEXTS: pl.List(pl.String()),
}


@dataclass(frozen=True)
class Cleaned:
    """A delivery read by a table's declaration, nothing judged yet.

    ``rows`` holds each declared column typed; under ``raw(column)`` the text it was read from; under
    ``present(column)`` whether the delivery holds a value there; ``undecodable`` where a record holds bytes that are
    no UTF-8; ``extra`` (undeclared columns) and ``changes`` (codes per column) as JSON text; ``row_no``.
    """

    table: Table
    rows: pl.DataFrame
    delivered: Delivered
    headers: HeaderMap

    @property
    def ragged(self) -> tuple[RaggedRow, ...]:
        """Records with too few or too many fields, or left inside quotes."""
        return self.delivered.ragged

    @property
    def unknown_headers(self) -> tuple[str, ...]:
        """Headings nobody declared, as delivered."""
        return tuple(self.delivered.header[p] for p in self.headers.unknown)

    def payload(self, row_no: int) -> dict[str, object]:
        """One record as it was delivered: its cells in order, each with its heading."""
        cells = self.delivered.rows.row(by_predicate=pl.col("row_no") == row_no)
        return delivered_payload(self.delivered.header, cells)


def present(column: str) -> str:
    """Name under which a frame tells whether the delivery holds a value in a column."""
    return f"present.{column}"


def delivered_payload(header: Sequence[str], cells: Iterable[str | None]) -> dict[str, object]:
    r"""A record's cells beside their headings; bytes that were no text as ``\xE6``, NULs as ``\x00``."""
    return {"cells": [[h, _printable(c)] for h, c in zip(header, cells, strict=False)]}


def _printable(cell: str | None) -> str | None:
    if cell is None:
        return None
    return cell.replace(UNDECODABLE, "\\x").replace("\0", "\\x00")


def clean(table: Table, delivered: Delivered, name: str) -> Cleaned:
    """Read a delivery by a table's declaration. DeliveryError names required columns that are not in it."""
    headers = match_headers(table, delivered.header)
    lacking = [c.header or c.name for c in table.columns if c.required and c.name in headers.absent]
    if lacking:
        raise DeliveryError(
            f"{name} lacks the required column{'s' * (len(lacking) > 1)} {', '.join(lacking)}: "
            "export the report with all its columns"
        )
    columns: dict[str, pl.Series] = {"row_no": delivered.rows.get_column("row_no")}
    changes: list[tuple[str, str, pl.Series]] = []
    with ThreadPoolExecutor(_THREADS) as readers:
        read = list(readers.map(lambda column: _read(column, delivered, headers), table.columns))
    for column, (parsed, text) in zip(table.columns, read, strict=True):
        columns |= {column.name: parsed.values, raw(column.name): text, present(column.name): parsed.present}
        changes += [(column.name, code, where) for code, where in parsed.changes.items()]
    changes += _corrections(delivered, headers)
    columns["undecodable"] = _undecodable(delivered)
    columns["extra"] = _extra(delivered, headers)
    columns["changes"] = _changes(changes, delivered.rows.height)
    frame = pl.DataFrame([series.alias(label) for label, series in columns.items()])
    return Cleaned(table, frame, delivered, headers)


def _read(column: Column, delivered: Delivered, headers: HeaderMap) -> tuple[Parsed, pl.Series]:
    sources = headers.sources.get(column.name, ())
    if not sources:
        height = delivered.rows.height
        nothing = pl.Series([None] * 0, dtype=POLARS_TYPES[column.type]).extend_constant(None, height)
        empty = pl.repeat(None, height, dtype=pl.String, eager=True)
        return Parsed(nothing, pl.repeat(False, height, dtype=pl.Boolean, eager=True)), empty
    texts = {source.language: delivered.rows.get_column(f"f{source.position}") for source in sources}
    text = next(iter(texts.values()))
    return (parse_languages(texts) if column.type is ColumnType.LANGUAGES else parse(text, column)), text


def _corrections(delivered: Delivered, headers: HeaderMap) -> list[tuple[str, str, pl.Series]]:
    """Which rows of which column somebody put right."""
    found = []
    for name, sources in headers.sources.items():
        places = {source.position for source in sources}
        rows = [row_no for row_no, fields in delivered.corrected.items() if fields & places]
        if rows:
            found.append((name, "corrected", delivered.rows.get_column("row_no").is_in(rows)))
    return found


def _undecodable(delivered: Delivered) -> pl.Series:
    if not delivered.has_undecodable:
        return pl.repeat(False, delivered.rows.height, dtype=pl.Boolean, eager=True)
    cells = pl.all().exclude("row_no").str.contains(UNDECODABLE, literal=True).fill_null(False)
    return delivered.rows.select(pl.any_horizontal(cells)).to_series()


def _extra(delivered: Delivered, headers: HeaderMap) -> pl.Series:
    if not headers.unknown:
        return pl.repeat(None, delivered.rows.height, dtype=pl.String, eager=True)
    labels = [f"f{p}" for p in headers.unknown]
    names = _distinct([delivered.header[p] for p in headers.unknown])
    cells = delivered.rows.select(labels).with_columns(pl.all().str.replace_all("\0", "", literal=True))
    rows = [
        json.dumps({name: cell for name, cell in zip(names, row, strict=True) if cell is not None}, ensure_ascii=False)
        for row in cells.iter_rows()
    ]
    return pl.Series(rows, dtype=pl.String)


def _distinct(names: list[str]) -> list[str]:
    """Number headings that repeat, so that no cell hides another: ``Note``, ``Note (2)``."""
    labels: dict[str, None] = {}
    for name in names:
        name = label = name.replace("\0", "").replace(UNDECODABLE, "\\x")
        number = 1
        while label in labels:
            number += 1
            label = f"{name} ({number})"
        labels[label] = None
    return list(labels)


def _changes(changes: list[tuple[str, str, pl.Series]], height: int) -> pl.Series:
    """JSON per row that was changed: ``{"phone_number": ["guard_removed"]}``; null for the others."""
    if not changes:
        return pl.repeat(None, height, dtype=pl.String, eager=True)
    per_column: dict[str, list[pl.Expr]] = {}
    frame = pl.DataFrame([where.alias(f"{name}:{code}") for name, code, where in changes])
    for name, code, _ in changes:
        per_column.setdefault(name, []).append(pl.when(pl.col(f"{name}:{code}")).then(pl.lit(f'"{code}"')))
    entries = []
    for name, codes in per_column.items():
        listed = pl.concat_str(codes, separator=", ", ignore_nulls=True)
        entries.append(pl.when(listed != "").then(pl.concat_str(pl.lit(f'"{name}": ['), listed, pl.lit("]"))))
    whole = pl.concat_str(entries, separator=", ", ignore_nulls=True)
    return frame.select(pl.when(whole != "").then(pl.concat_str(pl.lit("{"), whole, pl.lit("}")))).to_series()
