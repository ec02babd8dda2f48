"""What the cells of a piece of a sheet hold, type by type: what `xlsx_cells` reads one by one."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from hrdata_assets.cleaning.lattice import NUMBER
from hrdata_assets.systems.workbooks.byte_words import MASKS, Bytes, Content, Ints, Truths, numbers_of, word
from hrdata_assets.systems.workbooks.cells import NUL_REMOVED, ROUNDED, SCHEMA, Kind
from hrdata_assets.systems.workbooks.text_views import TextColumn, Views
from hrdata_assets.systems.workbooks.values import AS_NUMBER, Shown
from hrdata_assets.systems.workbooks.xlsx_cells import Surroundings, resolved, shown_number
from hrdata_assets.systems.workbooks.xlsx_moments import are_moments, moments
from hrdata_assets.systems.workbooks.xlsx_places import Cells, Spans, Type
from hrdata_assets.systems.workbooks.xlsx_references import unescaped

SHORT = 16
"""Characters below which a number has no digits that a binary number lacks."""

_BOOLEANS = Views.of(pl.Series(["FALSE", "TRUE"]))


@dataclass(frozen=True)
class References:
    """Which cells have a reference to a character in their contents, and which in their formulas."""

    values: Truths
    formulas: Truths
    escaped: bool
    """Whether a text may have an escape such as ``_x000D_``."""


class Contents:
    """Kinds, texts and notes of a piece's cells, which come together type by type."""

    def __init__(self, content: Content, cells: Cells, refers: References, around: Surroundings) -> None:
        self._content, self._cells, self._refers, self._around = content, cells, refers, around
        self._texts = TextColumn(len(cells.rows))
        self._kinds: Bytes = np.zeros(len(cells.rows), np.uint8)
        self._notes: dict[int, str] = {}

    def read(self) -> pl.DataFrame | None:
        """The cells that hold something; None if one of them cannot be read here."""
        values, types = self._cells.values, self._cells.types
        # The empty text is no content, except where a text is told to stand.
        types_of_values = types[values.cells]
        holding = (values.lengths > 0) | (types_of_values == Type.TEXT) | (types_of_values == Type.INLINE)
        values, types_of_values = values[holding], types_of_values[holding]
        if not self._read_formulas(values):
            return None
        for kind, read in (
            (Type.NUMBER, self._read_numbers),
            (Type.SHARED, self._read_shared),
            (Type.BOOLEAN, self._read_booleans),
            (Type.ERROR, self._read_errors),
        ):
            part = values[types_of_values == kind]
            if len(part.cells) and (self._refers.values[part.cells].any() or not read(part)):
                return None
        texts = values[(types_of_values == Type.TEXT) | (types_of_values == Type.INLINE)]
        return self._frame() if not len(texts.cells) or self._read_texts(texts) else None

    def _views(self, part: Spans) -> Views:
        return Views.into(self._content, part.starts, part.lengths)

    def _series(self, part: Spans) -> pl.Series:
        return self._views(part).series()

    def _put(self, cells: Ints, kind: Kind, texts: Views) -> None:
        self._kinds[cells] = kind
        self._texts.put(cells, texts)

    def _read_formulas(self, values: Spans) -> bool:
        """Read the formulas of cells without a content; all must be such as can be read."""
        formulas = self._cells.formulas
        if not len(formulas.cells):
            return True
        if unescaped(self._series(formulas[self._refers.formulas[formulas.cells]])) is None:
            return False
        alone = ~np.isin(formulas.cells, values.cells) & (self._cells.types[formulas.cells] != Type.INLINE)
        part = formulas[alone]
        if len(part.cells):
            texts = unescaped(self._series(part))
            assert texts is not None  # noqa: S101 - those with references were seen above
            self._put(part.cells, Kind.UNCALCULATED, Views.of("=" + texts))
        return True

    def _read_numbers(self, part: Spans) -> bool:
        looks = [*self._around.looks, AS_NUMBER]
        styles = np.minimum(self._cells.styles[part.cells], len(looks) - 1)
        plain = np.array([look == AS_NUMBER for look in looks])[styles] & (part.lengths < SHORT)
        plain[plain] = self._are_plain(part[plain])
        self._put(part[plain].cells, Kind.NUMBER, self._views(part[plain]))
        dated = np.array([look.shown is Shown.DATE for look in looks])[styles]
        if dated.any():
            dated[dated] = self._read_moments(part[dated])
        others = ~(plain | dated)
        if others.any():
            self._read_others(part[others])
        return True

    def _are_plain(self, part: Spans) -> Truths:
        """Whether numbers are written as they are here already."""
        words = self._content.words(part.starts)
        _, plain = numbers_of(words, part.lengths)
        plain &= (words & MASKS[1] != ord("0")) | (part.lengths == 1)
        others = np.flatnonzero(~plain)
        if len(others):
            plain[others] = self._series(part[others]).str.contains(NUMBER).to_numpy()
        return plain

    def _read_moments(self, part: Spans) -> Truths:
        """Read dates; tells which of them could be."""
        found, serials = are_moments(self._series(part))
        read = moments(serials, from_1904=self._around.from_1904)
        cells = part.cells[found]
        self._put(cells, Kind.DATE, Views.into(read.content, read.starts, read.lengths))
        self._notes |= dict.fromkeys(cells[read.rounded].tolist(), ROUNDED)
        return found

    def _read_others(self, part: Spans) -> None:
        """Read numbers one by one."""
        looks = [self._around.look(style) for style in self._cells.styles[part.cells].tolist()]
        read = [
            shown_number(text, look, from_1904=self._around.from_1904)
            for text, look in zip(self._series(part), looks, strict=True)
        ]
        self._kinds[part.cells] = [kind for kind, _, _ in read]
        self._texts.put(part.cells, Views.of(pl.Series([text for _, text, _ in read], dtype=pl.String)))
        self._notes |= {cell: note for cell, (_, _, note) in zip(part.cells.tolist(), read, strict=True) if note}

    def _read_shared(self, part: Spans) -> bool:
        places, are_numbers = numbers_of(self._content.words(part.starts), part.lengths)
        if not (are_numbers & (places < len(self._around.shared.words))).all():
            return False
        self._put(part.cells, Kind.TEXT, self._around.shared[places])
        if self._around.noted:
            noted = part.cells[np.isin(places, list(self._around.noted))]
            self._notes |= dict.fromkeys(noted.tolist(), NUL_REMOVED)
        return True

    def _read_booleans(self, part: Spans) -> bool:
        words = self._content.words(part.starts) & MASKS[np.minimum(part.lengths, len(MASKS) - 1)]
        true = (words == word("1")) | (words == word("true"))
        if not (true | (words == word("0")) | (words == word("false"))).all():
            return False
        self._put(part.cells, Kind.BOOLEAN, _BOOLEANS[true.astype(np.intp)])
        return True

    def _read_errors(self, part: Spans) -> bool:
        self._put(part.cells, Kind.ERROR, self._views(part))
        return True

    def _read_texts(self, part: Spans) -> bool:
        refers = self._refers.values[part.cells]
        if not refers.any() and not self._refers.escaped:
            self._put(part.cells, Kind.TEXT, self._views(part))
            return True
        texts = self._series(part)
        if refers.any():
            read = unescaped(texts.filter(refers))
            if read is None:
                return False
            texts = texts.scatter(np.flatnonzero(refers), read)
        escaped = texts.str.contains("_x", literal=True).arg_true()
        found = [resolved(text) for text in texts.gather(escaped)]
        if found:
            texts = texts.scatter(escaped, pl.Series([text for text, _ in found], dtype=pl.String))
            cells = part.cells[escaped.to_numpy()].tolist()
            self._notes |= {cell: note for cell, (_, note) in zip(cells, found, strict=True) if note}
        self._put(part.cells, Kind.TEXT, Views.of(texts))
        return True

    def _frame(self) -> pl.DataFrame:
        notes = pl.Series([None], dtype=pl.String).new_from_index(0, len(self._kinds))
        if self._notes:
            cells = sorted(self._notes)
            notes = notes.scatter(cells, [self._notes[cell] for cell in cells])
        frame = pl.DataFrame(
            {
                "row": self._cells.rows.astype(np.int32),
                "column": self._cells.columns.astype(np.int32),
                "kind": self._kinds,
                "text": self._texts.series(),
                "note": notes,
            },
            schema=SCHEMA,
        )
        return frame if self._kinds.all() else frame.filter(self._kinds != 0)
