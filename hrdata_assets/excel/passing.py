"""A sheet's rows passing by, part by part: what type they need, which are kept out, what is stored otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import polars as pl

from hrdata_assets.cleaning.lattice import TEXT, Exact, Fit, fit, join_all
from hrdata_assets.excel.declared import READ_AS_DECLARED, REWRITTEN, Writing, holds, is_ambiguous
from hrdata_assets.excel.scoring import NO_ERROR, NO_KEY, OF_ITS_TYPE, Tally, dimension_of
from hrdata_assets.excel.sheet_table import (
    Block,
    Changed,
    Counted,
    is_blank,
    is_kept,
    read_texts,
    shown,
    told_apart,
)
from hrdata_assets.systems.workbooks.cells import Kind
from hrdata_assets.systems.workbooks.grid import ROW, kind_of, text_of
from hrdata_assets.systems.workbooks.layout import Tail
from hrdata_assets.verdict import MOST_LETTERS, Letter

NOT_CALCULATED = "formula_not_calculated"
"""Change: the file has a formula but no result for it; the value is null."""

EMPTY_TEXT = "empty_text_is_null"
"""Change: a formula gave the empty text in a column of numbers, dates or the like; the value is null."""


@dataclass(frozen=True)
class Said:
    """What the configuration says of a sheet's columns: how texts write, types and business key by position."""

    writing: Writing = field(default_factory=Writing)
    types: Mapping[int, Exact] = field(default_factory=dict)
    key: tuple[int, ...] = ()


class Passing:
    """Takes a block's rows and remembers what is to be known of them, but not the rows."""

    def __init__(self, block: Block, tail: Tail, headings: Sequence[str], said: Said) -> None:
        self.writing = said.writing
        self.wrong: dict[int, list[int]] = {}
        self._block, self._tail, self._headings, self._declared = block, tail, headings, said.types
        self._key = tuple(block.places[position] for position in said.key)
        self._keys = told_apart(headings)
        self._fits: list[Fit | None] = [None for _ in block.places]
        self.out: list[pl.Series] = []
        self._counted = Counted()
        self._tally = Tally(block.places, [block.places[position] for position in said.types], self._key)
        self._if_not_text: dict[tuple[int, str], Changed] = {}

    def take(self, rows: pl.DataFrame) -> None:
        """Look at the block's next rows."""
        if rows.is_empty() or not self._block.places:
            return
        for position, kind in self._declared.items():
            self._find_wrong(rows, position, kind)
        goes_in = is_kept(self._block.places, self._tail, self.wrong, self._key)
        is_in = rows.select(goes_in.alias("kept")).to_series()
        kept = rows if is_in.all() else rows.filter(is_in)
        self._count(rows, kept)
        marks = _marks(kept, self._block.places)
        for position, place in enumerate(self._block.places):
            read = self._texts(kept, place, marks[place])
            if self._fits[position] != TEXT:
                self._fits[position] = join_all(self._fits[position], self._fit(kept, read, place, marks[place]))
            self._count_changes(kept, read, position, marks[place])

    def fits(self) -> list[Fit | None]:
        """What holds each column's values: what was declared, or else the least that does."""
        return [self._as_declared(position, found) for position, found in enumerate(self._fits)]

    def counted(self) -> Counted:
        """What became of the rows; changes that only concern columns of other types than text, where they are so."""
        for (position, kind), changed in self._if_not_text.items():
            found = self.fits()[position]
            if found is None or found.type is not Exact.TEXT:
                self._counted.changes[position, kind] = changed
        self._counted.cards = self._tally.cards(sum(len(positions) for positions in self.wrong.values()))
        return self._counted

    def _as_declared(self, position: int, found: Fit | None) -> Fit | None:
        kind = self._declared.get(position)
        return found if kind is None else Fit(kind, binary=found is None or found.binary)

    def _texts(self, kept: pl.DataFrame, place: int, marks: "_Marks") -> pl.Series:
        """Texts of a column, as `read_texts` gives them."""
        if self.writing.says_something or marks.uncalculated:
            return read_texts(kept, place, self.writing)
        return kept.get_column(text_of(place))

    def _fit(self, kept: pl.DataFrame, read: pl.Series, place: int, marks: "_Marks") -> Fit | None:
        if self.writing.says_something:
            is_text = kept.get_column(kind_of(place)).fill_null(0) == Kind.TEXT
            raw = kept.select(shown(place)).to_series()
            if is_ambiguous(raw.filter(is_text), read.filter(is_text), self.writing):
                return TEXT
        return fit(read.filter(read != "") if marks.empty else read, lengths=marks.lengths)

    def _find_wrong(self, rows: pl.DataFrame, position: int, kind: Exact) -> None:
        place = self._block.places[position]
        errors = rows.get_column(kind_of(place)).fill_null(0) == Kind.ERROR
        fitting = holds(read_texts(rows, place, self.writing), kind)
        for row in rows.get_column(ROW).filter(~(fitting | errors)):
            if row not in self._tail.rules:
                self.wrong.setdefault(row, []).append(position)

    def _count(self, rows: pl.DataFrame, kept: pl.DataFrame) -> None:
        self._counted.read += rows.height
        self._counted.kept += kept.height
        self._tally.take_kept(kept)
        if kept.height == rows.height:
            return
        blank = is_blank(self._block.places)
        skipped = rows.filter(blank).height
        self._counted.skipped += skipped
        self._counted.set_aside += rows.height - kept.height - skipped
        out = rows.filter(~blank).join(kept.select(ROW), on=ROW, how="anti", maintain_order="left")
        self.out.append(out.get_column(ROW))
        self._tally.take_out(out.filter(~pl.col(ROW).is_in(list(self._tail.rules))))
        room = max(0, MOST_LETTERS - len(self._counted.letters))
        self._counted.letters += [self._letter(row) for row in out.head(room).to_dicts()]

    def _letter(self, row: Mapping[str, object]) -> Letter:
        """A row kept out as it was delivered, with the reasons."""
        places = list(zip(self._keys, self._block.places, strict=True))
        cells = {heading: row[text_of(p)] for heading, p in places if row[text_of(p)] is not None}
        reasons = tuple(
            {"rule": rule, "dimension": dimension_of(rule).value, "column": column}
            for rule, column in self._reasons(row)
        )
        return Letter(int(str(row[ROW])), "validate", reasons, cells)

    def _reasons(self, row: Mapping[str, object]) -> Iterator[tuple[str, str | None]]:
        number = int(str(row[ROW]))
        if number in self._tail.rules:
            yield self._tail.rules[number], None
            return
        for heading, place in zip(self._headings, self._block.places, strict=True):
            if row[kind_of(place)] == Kind.ERROR:
                yield NO_ERROR, heading
            elif place in self._key and (row[text_of(place)] in (None, "") or row[kind_of(place)] == Kind.UNCALCULATED):
                yield NO_KEY, heading
        for position in self.wrong.get(number, []):
            yield OF_ITS_TYPE, self._headings[position]

    def _count_changes(self, kept: pl.DataFrame, read: pl.Series, position: int, marks: "_Marks") -> None:
        place = self._block.places[position]
        numbers, raw = kept.get_column(ROW), kept.get_column(text_of(place))
        if marks.uncalculated:
            without_result = kept.get_column(kind_of(place)).fill_null(0) == Kind.UNCALCULATED
            self._add(self._counted.changes, position, NOT_CALCULATED, numbers.filter(without_result))
        if marks.empty:
            self._add(self._if_not_text, position, EMPTY_TEXT, numbers.filter((raw == "").fill_null(value=False)))
        if self.writing.says_something:
            read_otherwise = read.is_not_null() & (read != raw)
            self._add(self._if_not_text, position, READ_AS_DECLARED, numbers.filter(read_otherwise))
        rewritten = _rewritten(read, self._declared.get(position))
        if rewritten is not None:
            self._add(self._counted.changes, position, REWRITTEN, numbers.filter(rewritten))

    @staticmethod
    def _add(changes: dict[tuple[int, str], Changed], position: int, kind: str, rows: pl.Series) -> None:
        if not rows.is_empty():
            changes.setdefault((position, kind), Changed()).add(rows)


@dataclass(frozen=True)
class _Marks:
    """What some cells of a column may be, so that most columns need not be looked through for them."""

    uncalculated: bool
    empty: bool
    lengths: bool


def _marks(rows: pl.DataFrame, places: tuple[int, ...]) -> dict[int, _Marks]:
    """Whether each column has formulas without a result, empty texts, lengths of time: all in one look."""
    found = rows.select(_looks(places)).row(0)
    return {place: _Marks(*found[3 * n : 3 * n + 3]) for n, place in enumerate(places)}


@lru_cache(maxsize=8)
def _looks(places: tuple[int, ...]) -> tuple[pl.Expr, ...]:
    return tuple(
        look.any().alias(f"{name} {place}")
        for place in places
        for name, look in (
            ("uncalculated", pl.col(kind_of(place)) == Kind.UNCALCULATED),
            ("empty", pl.col(text_of(place)) == ""),
            ("lengths", pl.col(kind_of(place)) == Kind.DURATION),
        )
    )


def _rewritten(texts: pl.Series, kind: Exact | None) -> pl.Series | None:
    """Which texts PostgreSQL writes otherwise: JSON with blanks of its own, a UUID in lower case."""
    if kind is Exact.JSONB:
        return texts.fill_null("") != ""
    return (texts != texts.str.to_lowercase()).fill_null(value=False) if kind is Exact.UUID else None
