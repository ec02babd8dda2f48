"""What every reader of workbooks gives: the cells of a sheet, each with its kind and its text."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import polars as pl

from hrdata_assets.errors import DeliveryError


class Kind(IntEnum):
    """What a cell holds; beside it, how its text is written."""

    NUMBER = 1
    """Decimal notation without superfluous zeros, as of `canonical_number`: percent and currency by their value."""

    TEXT = 2
    """As it stands in the file, escapes resolved."""

    BOOLEAN = 3
    """TRUE or FALSE."""

    DATE = 4
    """``2024-01-31``, or ``2024-01-31 08:30:00`` with up to three decimals where it is not midnight."""

    TIME = 5
    """``08:30:00`` with up to three decimals: a time of day that belongs to no date."""

    DURATION = 6
    """``26:30:00``, hours without end, with a minus where it is negative."""

    ERROR = 7
    """``#N/A`` and its like."""

    UNCALCULATED = 8
    """A formula without a stored value; the text is the formula, where it is known."""


SCHEMA = {"row": pl.Int32(), "column": pl.Int32(), "kind": pl.UInt8(), "text": pl.String(), "note": pl.String()}
"""A frame of cells: one row per cell that holds something, by row (from 1), then column (from 1).

``note`` is the code of what the text does not tell of the file, else null.
"""

MANY_CELLS = 400_000
"""Cells of a frame to which no further rows are put."""

ROUNDED = "rounded_to_milliseconds"
"""A moment in the file lies between two milliseconds."""

PADDED = "shown_with_leading_zeros"
"""A number that its format shows as ``00123`` is the text ``00123``."""

NO_SUCH_DAY = "no_such_day"
"""A number with a date's format that no calendar has, such as day 60 of 1900: it stays a number."""

NUL_REMOVED = "nul_removed"
"""PostgreSQL holds no character of number zero in a text."""


@dataclass(frozen=True)
class SheetName:
    """A sheet as the workbook lists it."""

    name: str
    hidden: bool = False


@dataclass(frozen=True)
class Area:
    """A rectangle of cells, both corners included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class SheetFacts:
    """What is known of a sheet beside its cells, once they have been read."""

    merged: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    formulas: int = 0


class Workbook(Protocol):
    """An opened workbook."""

    @property
    def sheets(self) -> tuple[SheetName, ...]:
        """Its sheets of cells, in their order."""

    def cells(self, sheet: str, rows: int) -> Iterator[pl.DataFrame]:
        """Read a sheet as frames of SCHEMA, each of at most that many rows of the sheet."""

    def facts(self, sheet: str) -> SheetFacts:
        """What else is known of a sheet whose cells were read to the end."""


class WorkbookError(DeliveryError):
    """A workbook that cannot be read; ``code`` names the cause in one word, such as ``truncated``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Bounds:
    """How much a workbook may hold before it is refused."""

    unpacked_bytes: int = 2 * 1024**3
    ratio: int = 1000
    entries: int = 20_000
    text_bytes: int = 512 * 1024**2
    cells: int = 50_000_000


DEFAULT_BOUNDS = Bounds()
