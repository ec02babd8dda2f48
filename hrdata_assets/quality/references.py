"""References: lists and second sources that tables are compared with, one file each; without it a rule says nothing."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from hrdata_assets.errors import SetupError
from hrdata_assets.quality.implied import agreeing, listed
from hrdata_assets.table import Column, Table


@dataclass(frozen=True)
class Reference:
    """One file: its keys, each with a value or the empty text; ``version`` is eight hex digits of its content."""

    values: Mapping[str, str]
    version: str = ""


@dataclass(frozen=True)
class References:
    """The references that are there, by name."""

    by_name: Mapping[str, Reference] = field(default_factory=dict)

    @property
    def versions(self) -> tuple[str, ...]:
        """Name and content of each, in order: what a load depends on beside its delivery."""
        return tuple(f"{name} {reference.version}" for name, reference in sorted(self.by_name.items()))


def read_references(folder: Path, table: Table) -> References:
    """Read those of a table's references whose file ``<name>.csv`` is in the folder, as it is now.

    A file has a heading ``key`` and, if values are compared, ``value``. SetupError names a file that cannot be used.
    """
    paths = {name: folder / f"{name}.csv" for name in _names(table)}
    return References({name: _read(path) for name, path in paths.items() if path.is_file()})


def _names(table: Table) -> list[str]:
    return sorted({name for c in table.columns for name in (c.listed_in, c.agrees_with) if name})


def _read(path: Path) -> Reference:
    try:
        content = path.read_bytes()
        records = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        headings = records.fieldnames or ()
        if "key" not in headings:
            raise SetupError(f"{path} has no column key: its first line must be key, or key,value")
        return Reference(dict(_pairs(path, records)), hashlib.sha256(content).hexdigest()[:8])
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SetupError(f"{path} is no UTF-8 text: save it as CSV UTF-8") from None
    except csv.Error:
        raise SetupError(f"{path} is no CSV file: look at its quotes") from None


def _pairs(path: Path, records: "csv.DictReader[str]") -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for record in records:
        key, value = (record["key"] or "").strip(), (record.get("value") or "").strip()
        if not key:
            continue
        if seen.setdefault(key, value) != value:
            raise SetupError(f"{path}, line {records.line_num}: its key stands there already, with another value")
        yield key, value


def with_references(table: Table, rows: pl.DataFrame, references: References) -> pl.DataFrame:
    """Add what rules about references ask for: per column whether its text is listed, or agrees; null if unknown."""
    answers = [
        *(_listed(c, rows, references.by_name.get(c.listed_in)) for c in table.columns if c.listed_in),
        *(_agreeing(c, rows, references.by_name.get(c.agrees_with)) for c in table.columns if c.agrees_with),
    ]
    return rows.with_columns(answers) if answers else rows


def _listed(column: Column, rows: pl.DataFrame, reference: Reference | None) -> pl.Series:
    name = listed(column.name)
    if reference is None:
        return _unknown(name, rows)
    return rows.get_column(column.name).is_in(list(reference.values)).alias(name)


def _agreeing(column: Column, rows: pl.DataFrame, reference: Reference | None) -> pl.Series:
    name = agreeing(column.name)
    known = {key: value for key, value in reference.values.items() if value} if reference else {}
    if not known:
        return _unknown(name, rows)
    expected = rows.get_column(column.by or "").replace_strict(known, default=None, return_dtype=pl.String)
    return (rows.get_column(column.name).str.to_lowercase() == expected.str.to_lowercase()).alias(name)


def _unknown(name: str, rows: pl.DataFrame) -> pl.Series:
    return pl.repeat(None, rows.height, dtype=pl.Boolean, eager=True).alias(name)
