"""How good a sheet's rows are: cells filled, no errors, values of the types declared, keys there, no row twice.

Totals and footers are none of its rows. What a dimension has no rule for is not measured, and counts for nothing.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import polars as pl

from hrdata_assets.excel.sheet_table import has_key
from hrdata_assets.rule import CRITICAL_WEIGHT, KEY_WEIGHT, NORMAL_WEIGHT, Dimension
from hrdata_assets.systems.workbooks.cells import Kind
from hrdata_assets.systems.workbooks.grid import kind_of, text_of
from hrdata_assets.verdict import Measure, Scorecard

FILLED = "cells_are_filled"
"""Rule that a row has a value in every column."""

NO_ERROR = "no_error_value"
"""Rule that a row's cells hold values, and no errors such as #N/A."""

OF_ITS_TYPE = "of_declared_type"
"""Rule that a row's values are of the types that the configuration gives their columns."""

NO_KEY = "has_its_key"
"""Rule that a row says something in each column of the business key."""

UNLIKE = "rows_are_unlike"
"""Rule that no two rows of a sheet say the same in every column."""

_VERSION = "1"

_SAYS = {
    FILLED: (Dimension.COMPLETENESS, NORMAL_WEIGHT, "Every cell of a row is filled."),
    NO_KEY: (Dimension.COMPLETENESS, KEY_WEIGHT, "Every row has its business key."),
    NO_ERROR: (Dimension.VALIDITY, CRITICAL_WEIGHT, "No cell shows an error."),
    OF_ITS_TYPE: (Dimension.VALIDITY, NORMAL_WEIGHT, "Every value is of its column's declared type."),
    UNLIKE: (Dimension.UNIQUENESS, NORMAL_WEIGHT, "No two rows are alike."),
}


def dimension_of(rule: str) -> Dimension:
    """Dimension that a rule measures; what no rule of these says is about validity."""
    return _SAYS[rule][0] if rule in _SAYS else Dimension.VALIDITY


@dataclass
class _Counts:
    """Of some rows: how many, their filled cells, those in columns of a declared type, and a hash of each row."""

    rows: int = 0
    filled: int = 0
    typed: int = 0
    hashes: list[pl.Series] = field(default_factory=list)


class Tally:
    """Counts a table's rows as they pass by: those that are kept, and those that are set aside."""

    def __init__(self, places: tuple[int, ...], declared: Collection[int], key: Sequence[int]) -> None:
        """``declared`` and ``key`` are places too."""
        self._places, self._declared, self._key = places, frozenset(declared), tuple(key)
        self._kept, self._out = _Counts(), _Counts()
        self._errors = self._typed_errors = self._keyless = 0

    def take_kept(self, rows: pl.DataFrame) -> None:
        """Count rows that go into the table."""
        self._count(self._kept, rows)

    def take_out(self, rows: pl.DataFrame) -> None:
        """Count rows that are set aside."""
        if rows.is_empty():
            return
        self._count(self._out, rows)
        errors = rows.select((pl.col(kind_of(place)) == Kind.ERROR).sum().alias(str(place)) for place in self._places)
        by_place = dict(zip(self._places, errors.row(0), strict=True))
        self._errors += sum(by_place.values())
        self._typed_errors += sum(found for place, found in by_place.items() if place in self._declared)
        if self._key:
            self._keyless += rows.select((~has_key(self._key)).sum()).item()

    def cards(self, wrong: int) -> tuple[Scorecard, Scorecard]:
        """Scorecards of what was received and of what is kept; ``wrong`` is the number of values of another type."""
        kept, out = self._kept, self._out
        received = _Counts(kept.rows + out.rows, kept.filled + out.filled, kept.typed + out.typed)
        received.hashes = [*kept.hashes, *out.hashes]
        measured = {
            NO_ERROR: (received.filled, self._errors),
            OF_ITS_TYPE: (received.typed - self._typed_errors, wrong),
            NO_KEY: (received.rows, self._keyless),
        }
        nothing = {NO_ERROR: (kept.filled, 0), OF_ITS_TYPE: (kept.typed, 0), NO_KEY: (kept.rows, 0)}
        return self._card("received", received, measured, out.rows), self._card("published", kept, nothing, 0)

    def _count(self, counts: _Counts, rows: pl.DataFrame) -> None:
        counts.rows += rows.height
        filled = dict(zip(self._places, rows.select(_filled(self._places)).row(0), strict=True))
        counts.filled += sum(filled.values())
        counts.typed += sum(found for place, found in filled.items() if place in self._declared)
        counts.hashes.append(rows.select(text_of(place) for place in self._places).hash_rows())

    def _card(self, point: str, counts: _Counts, broken: dict[str, tuple[int, int]], set_aside: int) -> Scorecard:
        cells = counts.rows * len(self._places)
        surplus = counts.rows - pl.concat(counts.hashes).n_unique() if counts.rows else 0
        found = {**broken, FILLED: (cells, cells - counts.filled), UNLIKE: (counts.rows, surplus)}
        return Scorecard(
            point, counts.rows, tuple(self._measures(found)), cells, cells - counts.filled, counts.rows, surplus,
            set_aside,
        )  # fmt: skip

    def _measures(self, found: dict[str, tuple[int, int]]) -> Iterator[Measure]:
        asked = {OF_ITS_TYPE: bool(self._declared), NO_KEY: bool(self._key)}
        for rule, (dimension, weight, says) in _SAYS.items():
            if asked.get(rule, True):
                units, broken = found[rule]
                yield Measure(rule, _VERSION, dimension, weight, units, units - broken, says)


@lru_cache(maxsize=8)
def _filled(places: tuple[int, ...]) -> tuple[pl.Expr, ...]:
    """Number of cells of each column that say something."""
    return tuple(
        ((pl.col(text_of(place)) != "") & (pl.col(kind_of(place)) != Kind.UNCALCULATED)).sum().alias(str(place))
        for place in places
    )
