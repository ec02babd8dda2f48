"""Examining a sheet: where its table stands, which type each column needs, which rows are kept out and why."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import polars as pl

from hrdata_assets.cleaning.identifiers import heading_key
from hrdata_assets.excel.declared import Writing
from hrdata_assets.excel.passing import Passing, Said
from hrdata_assets.excel.sheet_table import Block, Changed, SheetTable, is_blank
from hrdata_assets.storage.evolution import FileColumn
from hrdata_assets.systems.workbooks.addresses import LAST_ROW, letters_of
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.configuration import FolderOptions
from hrdata_assets.systems.workbooks.grid import ROW, with_columns
from hrdata_assets.systems.workbooks.layout import END, TOP, Decision, Layout, find_tail, lay_out
from hrdata_assets.systems.workbooks.reading import TakenApart


def examine(apart: TakenApart, options: FolderOptions) -> SheetTable:
    """Go through a sheet once and find out everything about it but its values.

    WorkbookError if a column of the folder's business key is not there.
    """
    area = _area(apart, options)
    layout = lay_out(_top(apart, area), apart.facts, options.header_row)
    block = Block(layout.first_row, area.last_row, area.places, area.without_rows)
    tail = find_tail(_end(apart, block), block.places, options.footer)
    headings = _called(layout, block.places)
    said = _said(headings, options)
    passing = Passing(block, tail, [text for text, _ in headings], said)
    for part in apart.parts():
        passing.take(block.of(part))
    columns = tuple(FileColumn(*heading, found) for heading, found in zip(headings, passing.fits(), strict=True))
    counted = passing.counted()
    _count_notes(apart, block, passing.out, counted.changes)
    decisions = (*_about_sheets(apart), *layout.decisions, *tail.decisions)
    wrong, key = frozenset(passing.wrong), tuple(block.places[position] for position in said.key)
    return SheetTable(apart, block, tail, columns, decisions, counted, passing.writing, wrong, key)


def _said(headings: Sequence[tuple[str, int]], options: FolderOptions) -> Said:
    """What a folder's options say of these headings. WorkbookError if one of its business key is not among them."""
    types = {i: kind for i, (text, _) in enumerate(headings) if (kind := options.type_of(text)) is not None}
    first = {heading_key(text): position for position, (text, number) in enumerate(headings) if number == 1}
    missing = [name for name in options.key or () if heading_key(name) not in first]
    if missing:
        raise WorkbookError(
            "key_missing",
            f"the sheet has no column {', '.join(missing)}, which is the folder's key: "
            "correct the headings, or the key in the configuration",
        )
    return Said(Writing.of(options), types, tuple(first[heading_key(name)] for name in options.key or ()))


def _area(apart: TakenApart, options: FolderOptions) -> Block:
    """Rows and columns that may be looked at: those configured, without hidden ones if those are to be skipped."""
    places: Collection[int] = apart.columns
    first, last = 1, LAST_ROW
    if options.range is not None:
        first, last = options.range.top, options.range.bottom
        places = {p for p in places if options.range.left <= p <= options.range.right}
    if options.hidden != "skip":
        return Block(first, last, tuple(sorted(places)))
    visible = tuple(sorted(set(places) - apart.facts.hidden_columns))
    return Block(first, last, visible, apart.facts.hidden_rows)


def _top(apart: TakenApart, area: Block) -> pl.DataFrame:
    seen: list[pl.DataFrame] = []
    for part in apart.parts():
        seen.append(area.of(part).head(TOP))
        if sum(frame.height for frame in seen) >= TOP:
            break
    return pl.concat(seen).head(TOP) if seen else _no_rows(area.places)


def _end(apart: TakenApart, block: Block) -> pl.DataFrame:
    seen: list[pl.DataFrame] = []
    for number in reversed(range(apart.count)):
        rows = block.of(apart.part(number))
        seen.insert(0, rows.filter(~is_blank(block.places)) if block.places else rows)
        if sum(frame.height for frame in seen) >= END:
            break
    return pl.concat(seen).tail(END) if seen else _no_rows(block.places)


def _no_rows(places: Sequence[int]) -> pl.DataFrame:
    return with_columns(pl.DataFrame(schema={ROW: pl.Int32()}), places)


def _called(layout: Layout, places: Sequence[int]) -> list[tuple[str, int]]:
    """Heading of each column, and the how manyth of its like it is.

    A column without any is called by the letters that the sheet shows above it.
    """
    texts = {heading.column: heading.text for heading in layout.headings}
    seen: Counter[str] = Counter()
    called = []
    for place in places:
        text = texts.get(place) or f"column {letters_of(place)}"
        seen[heading_key(text)] += 1
        called.append((text, seen[heading_key(text)]))
    return called


def _count_notes(
    apart: TakenApart, block: Block, out: Sequence[pl.Series], changes: dict[tuple[int, str], Changed]
) -> None:
    """Count what the texts of the cells do not tell of the file."""
    positions = {place: position for position, place in enumerate(block.places)}
    notes = apart.notes()
    if notes.is_empty():
        return
    notes = block.rows_of(notes)
    if out:
        # A row that is set aside stands in its letter as it was delivered.
        notes = notes.filter(~pl.col(ROW).is_in(pl.concat(out).implode()))
    for (place, note), cells in notes.group_by("column", "note"):
        position = positions.get(int(str(place)))
        if position is not None:
            changes.setdefault((position, str(note)), Changed()).add(cells.get_column(ROW).sort())


def _about_sheets(apart: TakenApart) -> Iterator[Decision]:
    others = len(apart.sheets) - 1
    if others:
        yield Decision("other_sheets", f"Sheets of the workbook that were not read: {others}.")
    if apart.facts.hidden_rows or apart.facts.hidden_columns:
        rows, columns = tuple(sorted(apart.facts.hidden_rows)), tuple(sorted(apart.facts.hidden_columns))
        yield Decision("hidden", "Rows and columns that are hidden in the sheet.", rows, columns)
