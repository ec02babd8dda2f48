"""The cells of a piece of a sheet's rows: where each stands, of which style and type it is, where its content is.

Nothing of the contents is read. A piece is known only if programs write it so: ``r``, ``s``, ``t`` in this order and
nothing else, every cell in a row that bears its number, all in their order.
"""

from dataclasses import dataclass

import numpy as np

from hrdata_assets.systems.workbooks.addresses import LAST_COLUMN, LAST_ROW
from hrdata_assets.systems.workbooks.byte_words import (
    MASKS,
    WORD,
    Bytes,
    Content,
    Ints,
    Truths,
    Words,
    numbers_of,
    place_of,
    word,
)
from hrdata_assets.systems.workbooks.xlsx_tags import OUTSIDE, Grammar, Pattern, Tags


class Tag:
    """Tags in a sheet's rows; behind each that goes on comes itself ending in a slash.

    Plain numbers: with members of an enumeration numpy compares ten times as slowly.
    """

    ROW = 2
    ROW_ALONE = 3
    ROW_END = 4
    CELL = 5
    CELL_ALONE = 6
    CELL_END = 7
    VALUE = 8
    VALUE_ALONE = 9
    VALUE_END = 10
    FORMULA = 11
    FORMULA_ALONE = 12
    FORMULA_END = 13
    INLINE = 14
    INLINE_END = 15
    TEXT = 16
    TEXT_ALONE = 17
    TEXT_END = 18


class Type:
    """What a cell says of its content (ECMA-376 part 1, 18.18.11); dates in words are not known here."""

    NUMBER = 0
    SHARED = 1
    TEXT = 2
    BOOLEAN = 3
    ERROR = 4
    INLINE = 5


_TYPES = {"n": Type.NUMBER, "s": Type.SHARED, "str": Type.TEXT, "b": Type.BOOLEAN, "e": Type.ERROR}
_LONG_TYPE = "inlineStr"

_ROW, _CELL = 'row r="', 'c r="'
_PATTERNS = [
    *(Pattern(_ROW, Tag.ROW), Pattern("/row>", Tag.ROW_END), Pattern(_CELL, Tag.CELL), Pattern("/c>", Tag.CELL_END)),
    *(Pattern("is>", Tag.INLINE), Pattern("/is>", Tag.INLINE_END)),
    *(p for name, tag in (("v", Tag.VALUE), ("f", Tag.FORMULA), ("t", Tag.TEXT)) for p in (
        Pattern(f"{name}>", tag), Pattern(f"{name} ", tag), Pattern(f"{name}/>", tag + 1), Pattern(f"/{name}>", tag + 2)
    )),
]  # fmt: skip
_ROWS = (Tag.ROW, Tag.ROW_ALONE)
_AFTER_ROW = (*_ROWS, OUTSIDE)
_CELLS = (Tag.CELL, Tag.CELL_ALONE)
_VALUES = (Tag.VALUE, Tag.VALUE_ALONE)
_FORMULAS = (Tag.FORMULA, Tag.FORMULA_ALONE)
_INLINE_TEXTS = (Tag.TEXT, Tag.TEXT_ALONE)
_BEHIND_FORMULA = (*_VALUES, Tag.INLINE, Tag.CELL_END)

SHEET = Grammar(
    _PATTERNS,
    {
        OUTSIDE: _AFTER_ROW,
        Tag.ROW: (*_CELLS, Tag.ROW_END),
        Tag.ROW_ALONE: _AFTER_ROW,
        Tag.ROW_END: _AFTER_ROW,
        Tag.CELL: (*_FORMULAS, *_BEHIND_FORMULA),
        Tag.CELL_ALONE: (*_CELLS, Tag.ROW_END),
        Tag.CELL_END: (*_CELLS, Tag.ROW_END),
        Tag.VALUE: (Tag.VALUE_END,),
        Tag.VALUE_ALONE: (Tag.CELL_END,),
        Tag.VALUE_END: (Tag.CELL_END,),
        Tag.FORMULA: (Tag.FORMULA_END,),
        Tag.FORMULA_ALONE: _BEHIND_FORMULA,
        Tag.FORMULA_END: _BEHIND_FORMULA,
        Tag.INLINE: _INLINE_TEXTS,
        Tag.INLINE_END: (Tag.CELL_END,),
        Tag.TEXT: (Tag.TEXT_END,),
        Tag.TEXT_ALONE: (Tag.INLINE_END,),
        Tag.TEXT_END: (Tag.INLINE_END,),
    },
    texts=(Tag.VALUE, Tag.FORMULA, Tag.TEXT),
)


@dataclass(frozen=True)
class Rows:
    """Tags of rows: their numbers, where these begin, and where what the tag says behind them begins and ends."""

    numbers: Ints
    begins: Ints
    rest: Ints
    ends: Ints
    tags: Ints
    """Places of the tags among all."""


@dataclass(frozen=True)
class Spans:
    """Where the texts of some cells stand."""

    cells: Ints
    starts: Ints
    lengths: Ints

    def __getitem__(self, which: Ints | Truths) -> "Spans":
        if which.dtype == np.bool_:
            which = np.flatnonzero(which)
        return Spans(self.cells[which], self.starts[which], self.lengths[which])


@dataclass(frozen=True)
class Cells:
    """Cells in their order, and by their places in it the contents and formulas of those that have some."""

    rows: Ints
    columns: Ints
    styles: Ints
    types: Bytes
    formulas: Spans
    values: Spans
    tags: Ints
    """Places of their tags among all."""

    @property
    def ends(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Row and column of its first and of its last cell."""
        if not len(self.rows):
            return None
        first, last = ((int(self.rows[place]), int(self.columns[place])) for place in (0, -1))
        return first, last


def find_rows(content: Content, tags: Tags) -> Rows | None:
    """The rows of a piece; None if one does not say first where it is, or is nowhere."""
    which = np.flatnonzero(tags.are(*_ROWS))
    at = tags.starts[which] + len("<" + _ROW)
    words = content.words(at)
    digits = place_of(words, '"')
    numbers, are_numbers = numbers_of(words, digits)
    begin_well = words & MASKS[1] != ord("0")
    if not (are_numbers & begin_well & (digits < WORD) & (numbers <= LAST_ROW)).all():
        return None
    return Rows(numbers, at, at + digits + 1, tags.ends[which], which)


def find_cells(content: Content, tags: Tags, rows: Rows) -> Cells | None:
    """The cells of a piece; None if something about one is not written as it must be."""
    which = np.flatnonzero(tags.are(*_CELLS))
    ends_of_rows = np.append(np.searchsorted(which, rows.tags)[1:], len(which))
    row = np.repeat(np.arange(len(rows.tags)), np.diff(ends_of_rows, prepend=0))
    at = tags.starts[which] + len("<" + _CELL)
    columns, letters = _columns(content.words(at))
    at += letters
    # The row's number, with the quotation mark behind it, is the one that its tag has.
    size = (rows.rest - rows.begins)[row]
    same = (content.words(at) ^ content.words(rows.begins)[row]) & MASKS[size] == 0
    if not (same & (letters > 0) & (columns <= LAST_COLUMN)).all():
        return None
    at += size
    numbers = rows.numbers[row]
    said = _styles_and_types(content, at, tags.ends[which])
    if said is None or not (np.diff(numbers * (LAST_COLUMN + 1) + columns) > 0).all():
        return None
    found = _formulas_and_values(tags, which, said[1])
    return None if found is None else Cells(numbers, columns, *said, *found, which)


def _columns(words: Words) -> tuple[Ints, Ints]:
    """Numbers of the columns whose letters begin these words, and how many letters those are, none to three."""
    columns, letters = np.zeros((2, len(words)), np.intp)
    go_on = np.ones(len(words), np.bool_)
    for place in range(3):
        value = ((words >> np.uint64(8 * place)) & MASKS[1]).astype(np.intp) - (ord("A") - 1)
        go_on &= (value >= 1) & (value <= 26)
        if not go_on.any():
            break
        columns = np.where(go_on, columns * 26 + value, columns)
        letters += go_on
    return columns, letters


def _styles_and_types(content: Content, at: Ints, ends: Ints) -> tuple[Ints, Bytes] | None:
    """Styles and types of cells, whose tags have nothing else between these places and their ends."""
    styles, types = np.zeros(len(at), np.intp), np.full(len(at), Type.NUMBER, np.uint8)
    words = content.words(at)
    styled = np.flatnonzero(words & MASKS[4] == word(' s="'))
    numbers = content.words(at[styled] + 4)
    digits = place_of(numbers, '"')
    styles[styled], are_numbers = numbers_of(numbers, digits)
    at[styled] += 4 + digits + 1
    words[styled] = content.words(at[styled])
    typed = np.flatnonzero(words & MASKS[4] == word(' t="'))
    types[typed], sizes = _types(content, at[typed] + 4)
    at[typed] += 4 + sizes
    rest = ends - at
    well = (rest == 0) | ((rest == 1) & (content.bytes[at] == ord("/")))
    well |= (rest == 2) & (content.words(at) & MASKS[2] == word(" /"))
    return (styles, types) if well.all() and (sizes > 0).all() and (are_numbers & (digits < WORD)).all() else None


def _types(content: Content, at: Ints) -> tuple[Bytes, Ints]:
    """Types that are named at these places, and the sizes of their names and the quotation marks; 0 if none is."""
    words = content.words(at)
    types, sizes = np.zeros(len(at), np.uint8), np.zeros(len(at), np.intp)
    for name, kind in _TYPES.items():
        found = words & MASKS[len(name) + 1] == word(f'{name}"')
        types[found], sizes[found] = kind, len(name) + 1
    found = words == word(_LONG_TYPE[:WORD])
    found[found] = content.words(at[found] + WORD) & MASKS[2] == word(_LONG_TYPE[WORD:] + '"')
    types[found], sizes[found] = Type.INLINE, len(_LONG_TYPE) + 1
    return types, sizes


def _formulas_and_values(tags: Tags, cells: Ints, types: Bytes) -> tuple[Spans, Spans] | None:
    """Formulas and contents of the cells with these tags; None if a cell's type says that its content is elsewhere."""
    behind = cells + 1
    kinds = tags.kinds[behind]
    calculated = np.flatnonzero((kinds == Tag.FORMULA) | (kinds == Tag.FORMULA_ALONE))
    formulas = _spans(tags, calculated, behind[calculated])
    if len(calculated):
        behind[calculated] += 1 + (kinds[calculated] == Tag.FORMULA)
        kinds = tags.kinds[behind]
    inline = kinds == Tag.INLINE
    valued = np.flatnonzero(inline | (kinds == Tag.VALUE) | (kinds == Tag.VALUE_ALONE))
    if ((types[valued] == Type.INLINE) != inline[valued]).any():
        return None
    return formulas, _spans(tags, valued, behind[valued] + inline[valued])


def _spans(tags: Tags, cells: Ints, places: Ints) -> Spans:
    """Texts behind the tags at these places, up to the next tag; behind one that is empty there is no text."""
    starts = tags.ends[places] + 1
    kinds = tags.kinds[places]
    alone = (kinds == Tag.VALUE_ALONE) | (kinds == Tag.TEXT_ALONE) | (kinds == Tag.FORMULA_ALONE)
    return Spans(cells, starts, (tags.starts[places + 1] - starts) * ~alone)
