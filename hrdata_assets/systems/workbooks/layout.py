"""Where the table stands in a sheet: its headings, its first row, and the rows at its end that are none of it.

Every rule here is a guess that a person would make too; what it decided is written down and can be overruled.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from hrdata_assets.systems.workbooks.cells import Area, Kind, SheetFacts
from hrdata_assets.systems.workbooks.grid import ROW, columns_of, kind_of, text_of

TOP = 200
"""Rows at the beginning of a sheet that are looked at to find its headings."""

END = 50
"""Rows at its end that are looked at to find totals and footers."""

_MOST_HEADER_ROWS = 4

_TOTAL = re.compile(
    r"(?:(?:grand|sub)[ -]?)?totals?\b|sum\b|summe\b|gesamt(?:summe)?\b|zwischensumme\b|totalt\b|i alt\b|suma\b|somme\b"
    r"|totale?\b|итого\b|всего\b|合计|合計",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True)
class Decision:
    """Something that was decided about a sheet: a code, and the rows or columns it concerns."""

    code: str
    says: str
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Heading:
    """A column of the sheet and what stands above it; empty if nothing does."""

    column: int
    text: str


@dataclass(frozen=True)
class Layout:
    """Where a table stands: rows from ``first_row`` on, below ``headings``."""

    headings: tuple[Heading, ...]
    first_row: int
    decisions: tuple[Decision, ...] = ()


Row = Mapping[str, object]


def lay_out(top: pl.DataFrame, facts: SheetFacts, header: tuple[int, int] | None = None) -> Layout:
    """Find the headings in a sheet's first rows, `TOP` of them, side by side; ``header`` names their rows instead."""
    columns = columns_of(top)
    rows = top.to_dicts()
    if not rows:
        return Layout((), 1)
    found, decisions = _given_header(header) if header else _find_header(rows, columns, facts)
    if found is None:
        bare = tuple(Heading(column, "") for column in columns)
        return Layout(bare, int(rows[0][ROW]), tuple(decisions))
    first, last = found
    above = tuple(int(row[ROW]) for row in rows if row[ROW] < first)
    if above:
        decisions.append(Decision("rows_above", "What stands above the headings is no part of the table.", above))
    headings = _headings([row for row in rows if first <= row[ROW] <= last], columns, facts)
    return Layout(headings, last + 1, tuple(decisions))


def _given_header(header: tuple[int, int]) -> tuple[tuple[int, int] | None, list[Decision]]:
    return header, [Decision("header_given", "The headings stand where the configuration says.")]


def _find_header(
    rows: Sequence[Row], columns: Sequence[int], facts: SheetFacts
) -> tuple[tuple[int, int] | None, list[Decision]]:
    widest = max(len(_filled(row, columns)) for row in rows)
    if not widest:
        return None, [Decision("no_headings", "Cells hold empty texts alone: columns are numbered.")]
    place = next(i for i, row in enumerate(rows) if widest == 1 or len(_filled(row, columns)) * 2 > widest)
    if not _says_what_follows(rows[place], columns):
        says = "No row looks like headings: columns are numbered."
        return None, [Decision("no_headings", says)]
    number = int(str(rows[place][ROW]))
    first, last = _from(rows, place, facts, widest), _to(number, rows[place + 1 :], columns, facts)
    decisions = []
    if number != int(str(rows[0][ROW])) or number != 1:
        says = "The first row that is filled for the most part holds the headings."
        decisions.append(Decision("header_found", says, tuple(range(first, last + 1))))
    if last > first:
        says = "Headings stand in several rows, which are joined."
        decisions.append(Decision("headings_joined", says, tuple(range(first, last + 1))))
    return (first, last), decisions


def _filled(row: Row, columns: Sequence[int]) -> list[int]:
    return [c for c in columns if row[text_of(c)] not in (None, "")]


def _says_what_follows(row: Row, columns: Sequence[int]) -> bool:
    """Whether a row's cells are headings: texts for the most part, or a text and years or dates beside it."""
    filled = _filled(row, columns)
    texts = [c for c in filled if row[kind_of(c)] == Kind.TEXT]
    spans = [c for c in filled if row[kind_of(c)] == Kind.DATE or _YEAR.fullmatch(str(row[text_of(c)]))]
    return len(texts) * 2 > len(filled) or (bool(texts) and len({*texts, *spans}) == len(filled))


def _from(rows: Sequence[Row], place: int, facts: SheetFacts, widest: int) -> int:
    """First row of the headings: those right above it whose cells span several columns, but not all, belong to it."""
    first = int(str(rows[place][ROW]))
    lowest = first - _MOST_HEADER_ROWS
    while first - 1 > lowest and any(_groups(area, widest) for area in facts.merged if area.top == first - 1):
        first -= 1
    return first


def _groups(area: Area, widest: int) -> bool:
    width = area.right - area.left + 1
    return 1 < width < widest


def _to(number: int, below: Sequence[Row], columns: Sequence[int], facts: SheetFacts) -> int:
    """Last row of the headings: as far down as their cells reach, and one more below cells that span columns."""
    last = max([number, *(a.bottom for a in facts.merged if a.top <= number <= a.bottom)])
    spanning = any(a.top == number and a.right > a.left for a in facts.merged)
    following = next((row for row in below if row[ROW] == number + 1), None)
    if spanning and following is not None and _says_what_follows(following, columns):
        last = max(last, number + 1)
    return min(last, number + _MOST_HEADER_ROWS)


def _headings(rows: Sequence[Row], columns: Sequence[int], facts: SheetFacts) -> tuple[Heading, ...]:
    return tuple(Heading(column, " ".join(_parts(rows, column, facts))) for column in columns)


def _parts(rows: Sequence[Row], column: int, facts: SheetFacts) -> Iterator[str]:
    before = None
    for row in rows:
        text = row.get(text_of(_left_of(int(str(row[ROW])), column, facts)))
        part = " ".join(str(text).split()) if text is not None else ""
        if part and part != before:
            yield part
        before = part or before


def _left_of(row: int, column: int, facts: SheetFacts) -> int:
    """Column whose text a cell shows: that of the area it was merged into, in the area's first row."""
    for area in facts.merged:
        if area.top == row and area.left < column <= area.right:
            return area.left
    return column


@dataclass(frozen=True)
class Tail:
    """Rows at the end of a table that are none of its rows, each with the rule that says so."""

    rules: Mapping[int, str]
    decisions: tuple[Decision, ...] = ()


TOTAL_ROW = "no_total_row"
FOOTER_ROW = "no_footer_row"


def find_tail(end: pl.DataFrame, columns: Sequence[int], footer: int | Sequence[str] | None = None) -> Tail:
    """Find totals and footers among a table's last rows, `END` of them, side by side.

    A footer stands below an empty row and fills less than half of the columns; ``footer`` gives their number or the
    words that they begin with instead. A total stands at the very end and begins with a word for it.
    """
    rows = end.to_dicts()
    feet = _given_feet(rows, columns, footer) if footer is not None else _feet(rows, columns)
    totals = _totals([row for row in rows if row[ROW] not in feet], columns)
    decisions = []
    if feet:
        says = "Rows below the table are set aside as its footer."
        decisions.append(Decision("footer", says, tuple(sorted(feet))))
    if totals:
        says = "Rows at the end that begin with a word such as total are set aside."
        decisions.append(Decision("totals", says, tuple(sorted(totals))))
    return Tail(dict.fromkeys(feet, FOOTER_ROW) | dict.fromkeys(totals, TOTAL_ROW), tuple(decisions))


def _given_feet(rows: Sequence[Row], columns: Sequence[int], footer: int | Sequence[str]) -> set[int]:
    if isinstance(footer, int):
        return {int(str(row[ROW])) for row in rows[len(rows) - min(footer, len(rows)) :]}
    words = tuple(word.casefold() for word in footer)
    return {int(str(row[ROW])) for row in rows if _first_text(row, columns).casefold().startswith(words)}


def _feet(rows: Sequence[Row], columns: Sequence[int]) -> set[int]:
    numbers = [int(str(row[ROW])) for row in rows]
    gaps = [i for i in range(1, len(rows)) if numbers[i] > numbers[i - 1] + 1]
    for gap in gaps:
        if all(len(_filled(row, columns)) * 2 < len(columns) for row in rows[gap:]):
            return set(numbers[gap:])
    return set()


def _totals(rows: Sequence[Row], columns: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for row in reversed(rows[1:]):
        if not _is_total(row, columns):
            break
        found.add(int(str(row[ROW])))
    return found


def _is_total(row: Row, columns: Sequence[int]) -> bool:
    """A word for it and, besides, only what can be added up: a person called Total has other texts too."""
    texts = [c for c in _filled(row, columns) if row[kind_of(c)] == Kind.TEXT]
    return len(texts) == 1 and bool(_TOTAL.match(_first_text(row, columns)))


def _first_text(row: Row, columns: Sequence[int]) -> str:
    first = next(iter(_filled(row, columns)), None)
    return str(row[text_of(first)]).strip() if first is not None and row[kind_of(first)] == Kind.TEXT else ""
