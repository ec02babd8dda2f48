"""A sheet as rows of a table: which of its rows are, under which headings, and what is stored otherwise than shown."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import polars as pl

from hrdata_assets.cleaning.lattice import Exact
from hrdata_assets.excel.declared import Writing, as_written
from hrdata_assets.storage.evolution import FileColumn
from hrdata_assets.systems.workbooks.cells import Kind
from hrdata_assets.systems.workbooks.grid import ROW, kind_of, text_of, with_columns
from hrdata_assets.systems.workbooks.layout import Decision, Tail
from hrdata_assets.systems.workbooks.reading import TakenApart
from hrdata_assets.verdict import Letter, Scorecard

MOST_ROWS_NAMED = 10_000
"""Rows that are named for one kind of change in one column; further ones are counted."""


@dataclass(frozen=True)
class Block:
    """Part of a sheet in which the table's rows stand: from ``first_row`` to ``last_row``, in these columns."""

    first_row: int
    last_row: int
    places: tuple[int, ...]
    without_rows: frozenset[int] = frozenset()

    def of(self, part: pl.DataFrame) -> pl.DataFrame:
        """Rows of a part that stand in it, with all its columns."""
        there = [ROW, *(name for place in self.places for name in (text_of(place), kind_of(place)))]
        rows = part if part.columns == there else with_columns(part, self.places)
        numbers = rows.get_column(ROW)
        if self.without_rows or not numbers.is_sorted():
            return self.rows_of(rows)
        first, behind = bisect_left(numbers, self.first_row), bisect_left(numbers, self.last_row + 1)
        return rows.slice(first, behind - first)

    def rows_of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What of a frame with numbers of rows, in whatever order, concerns it."""
        number = pl.col(ROW)
        inside = (number >= self.first_row) & (number <= self.last_row)
        if self.without_rows:
            inside &= ~number.is_in(list(self.without_rows))
        return frame.filter(inside)


@dataclass
class Changed:
    """Cells of one column whose stored value is not what the file shows."""

    cells: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, rows: pl.Series) -> None:
        """Count more of them."""
        self.cells += rows.len()
        self.rows += rows.head(MOST_ROWS_NAMED - len(self.rows)).to_list()

    def join(self, other: "Changed") -> None:
        """Count those of another column, which has no place of its own, with them."""
        self.cells += other.cells
        self.rows = sorted({*self.rows, *other.rows})[:MOST_ROWS_NAMED]


@dataclass
class Counted:
    """What became of the rows of a block, and how good they are, as received and as kept.

    ``changes`` are by position of the column and kind of change.
    """

    read: int = 0
    kept: int = 0
    skipped: int = 0
    set_aside: int = 0
    letters: list[Letter] = field(default_factory=list)
    changes: dict[tuple[int, str], Changed] = field(default_factory=dict)
    cards: tuple[Scorecard, Scorecard] = (Scorecard("received", 0, ()), Scorecard("published", 0, ()))

    @property
    def adds_up(self) -> bool:
        """Whether every row read is kept, set aside or blank."""
        return self.read == self.kept + self.set_aside + self.skipped


@dataclass(frozen=True)
class SheetTable:
    """What a sheet gives its table; ``columns`` stand at the block's places, among them those of the ``key``."""

    apart: TakenApart
    block: Block
    tail: Tail
    columns: tuple[FileColumn, ...]
    decisions: tuple[Decision, ...]
    counted: Counted
    writing: Writing = field(default_factory=Writing)
    wrong: frozenset[int] = frozenset()
    key: tuple[int, ...] = ()

    def rows(self) -> Iterator[pl.DataFrame]:
        """The table's rows, part by part: ``row_no``, and a text per column, named by its position.

        In a column of anything but texts, the empty text is null.
        """
        kept_here = is_kept(self.block.places, self.tail, self.wrong, self.key)
        all_kept = self.counted.kept == self.counted.read
        for part in self.apart.parts():
            rows = self.block.of(part)
            kept = rows if all_kept else rows.filter(kept_here)
            columns = [
                self._stored(kept, column, place).alias(str(position))
                for position, (column, place) in enumerate(zip(self.columns, self.block.places, strict=True))
            ]
            yield kept.select(pl.col(ROW).alias("row_no"), *columns)

    def deciding(self, more: tuple[Decision, ...]) -> "SheetTable":
        """The same with more decisions."""
        return replace(self, decisions=(*self.decisions, *more)) if more else self

    def _stored(self, kept: pl.DataFrame, column: FileColumn, place: int) -> pl.Expr:
        if column.fit is not None and column.fit.type is Exact.TEXT:
            return shown(place)
        texts = pl.lit(read_texts(kept, place, self.writing)) if self.writing.says_something else shown(place)
        return pl.when(texts != "").then(texts)


def told_apart(headings: Sequence[str]) -> list[str]:
    """Headings as keys: the second of the same has a (2) behind it, or the next number that no other ends in."""
    keys: dict[str, None] = {}
    taken = set(headings)
    for heading in headings:
        key, number = heading, 1
        while key in keys or (number > 1 and key in taken):
            number += 1
            key = f"{heading} ({number})"
        keys[key] = None
    return list(keys)


def read_texts(rows: pl.DataFrame, place: int, writing: Writing) -> pl.Series:
    """Texts of a column, those among them that write a number or a date as was said being read as one."""
    texts = rows.select(shown(place)).to_series()
    if not writing.says_something:
        return texts
    is_text = rows.get_column(kind_of(place)).fill_null(0) == Kind.TEXT
    read = as_written(texts.set(~is_text, None), writing)
    return read.zip_with(is_text, texts)


def shown(place: int) -> pl.Expr:
    """A cell's text; null where the file has a formula without its result."""
    kind = pl.col(kind_of(place))
    return pl.when(kind.is_null() | (kind != Kind.UNCALCULATED)).then(pl.col(text_of(place)))


@lru_cache(maxsize=8)
def is_blank(places: tuple[int, ...]) -> pl.Expr:
    """Whether a row holds nothing, or empty texts only."""
    return pl.all_horizontal(*(pl.col(text_of(p)).fill_null("") == "" for p in places))


def has_key(places: Sequence[int]) -> pl.Expr:
    """Whether a row says something in each of these columns."""
    return pl.all_horizontal(*(shown(p).fill_null("") != "" for p in places))


@lru_cache(maxsize=8)
def has_error(places: tuple[int, ...]) -> pl.Expr:
    """Whether a row has a cell that shows an error."""
    return pl.any_horizontal(*(pl.col(kind_of(p)).fill_null(0) == Kind.ERROR for p in places))


def is_kept(places: tuple[int, ...], tail: Tail, wrong: Collection[int] = (), key: Sequence[int] = ()) -> pl.Expr:
    """Whether a row goes into the table: it says something in each column of the key, and none is an error.

    ``wrong`` are rows with a value that its declared type does not hold.
    """
    if not places:
        return pl.lit(value=False)
    outside = pl.col(ROW).is_in([*tail.rules, *wrong])
    inside = ~(is_blank(places) | has_error(places) | outside)
    return inside & has_key(key) if key else inside
