"""The XML of a sheet as programs write it, read many cells at a time.

A piece of whole rows is read so only if every byte of it is accounted for; any other is for the exact reader.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from hrdata_assets.systems.workbooks.byte_words import Content
from hrdata_assets.systems.workbooks.xlsx_attributes import hiding
from hrdata_assets.systems.workbooks.xlsx_cells import Surroundings
from hrdata_assets.systems.workbooks.xlsx_contents import Contents, References
from hrdata_assets.systems.workbooks.xlsx_places import SHEET, Cells, Rows, Tag, find_cells, find_rows
from hrdata_assets.systems.workbooks.xlsx_tags import Tags, is_clean

Position = tuple[int, int]
"""Row and column."""


@dataclass(frozen=True)
class Scanned:
    """What a piece gave."""

    cells: pl.DataFrame
    formulas: int
    hidden_rows: frozenset[int]
    ends: tuple[Position, Position] | None
    """Where its first and last cells stand, those that hold nothing among them."""


def scan_piece(piece: bytes, head: bytes, around: Surroundings) -> Scanned | None:
    """Read a piece of whole rows of a sheet that begins with ``head``; None if it is not written as it must be."""
    if b"\r" in piece:
        # As XML has it: a line ends in one character, however it was written.
        piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not is_clean(piece):
        return None
    content = Content(piece)
    tags = SHEET.tags(content)
    if tags is None or not SHEET.is_followed(content, tags):
        return None
    rows = find_rows(content, tags)
    cells = None if rows is None else find_cells(content, tags, rows)
    if rows is None or cells is None:
        return None
    hidden = _hidden_rows(piece, head, tags, rows)
    if hidden is None:
        return None
    found = Contents(content, cells, _references(piece, tags, cells), around).read()
    return None if found is None else Scanned(found, len(cells.formulas.cells), hidden, cells.ends)


def _hidden_rows(piece: bytes, head: bytes, tags: Tags, rows: Rows) -> frozenset[int] | None:
    """Numbers of the rows that are hidden; None if a tag says what it may not."""
    # Some programs say nothing more of any row.
    places = zip(rows.rest.tolist(), rows.ends.tolist(), strict=True) if (rows.rest != rows.ends).any() else ()
    rests = [piece[start:end] for start, end in places]
    texts = np.flatnonzero(
        tags.are(Tag.VALUE, Tag.VALUE_ALONE, Tag.FORMULA, Tag.FORMULA_ALONE, Tag.TEXT, Tag.TEXT_ALONE)
    )
    long = texts[tags.ends[texts] - tags.starts[texts] > len("</v")]
    others = {
        piece[start + 1 : end] for start, end in zip(tags.starts[long].tolist(), tags.ends[long].tolist(), strict=True)
    }
    hides = hiding(head, set(rests) - {b"", b"/"}, others)
    if not hides:
        return None if hides is None else frozenset()
    return frozenset(number for number, rest in zip(rows.numbers.tolist(), rests, strict=True) if rest in hides)


def _references(piece: bytes, tags: Tags, cells: Cells) -> References:
    """Where references to characters stand."""
    values, formulas = np.zeros((2, len(cells.rows)), np.bool_)
    refers = b"&" in piece
    if refers:
        found = np.flatnonzero(np.frombuffer(piece, np.uint8) == ord("&"))
        tag = np.searchsorted(tags.starts, found, side="right") - 1
        tag = tag[found > tags.ends[tag]]
        for kinds, into in (((Tag.VALUE, Tag.TEXT), values), ((Tag.FORMULA,), formulas)):
            into[np.searchsorted(cells.tags, tag[np.isin(tags.kinds[tag], kinds)]) - 1] = True
    return References(values, formulas, escaped=refers or (b"_" in piece and b"_x" in piece))
