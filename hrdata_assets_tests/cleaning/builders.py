"""Small files and columns of text, as they would be delivered."""

import csv
import io
from collections.abc import Mapping, Sequence

import polars as pl

from hrdata_assets.cleaning.values import Parsed


def csv_of(*records: Sequence[str], separator: str = ",", newline: str = "\n") -> bytes:
    """A delimited file of these records, the first being the header."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=newline).writerows(records)
    return text.getvalue().encode()


def csv_of_rows(*rows: Mapping[str, str]) -> bytes:
    """A file of these rows, with the headings of the first."""
    return csv_of(list(rows[0]), *([row.get(heading, "") for heading in rows[0]] for row in rows))


def texts(*cells: str | None) -> pl.Series:
    """A column as read_delimited gives it."""
    return pl.Series(cells, dtype=pl.String)


def changed(parsed: Parsed) -> list[set[str]]:
    """The codes of what was changed, per row."""
    return [
        {code for code, where in parsed.changes.items() if where[position]} for position in range(len(parsed.values))
    ]
