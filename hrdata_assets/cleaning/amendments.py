"""What a person says a record should have held: ``column=value``, or a sheet of corrected records."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hrdata_assets.cleaning.headers import match_headers, tidy_header
from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.table import Table

OWN_COLUMNS = ("letter", "reasons", "delivered text")
"""Columns of a sheet of letters that stand before those of the delivery."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Amended:
    """One record of a corrected sheet: the letter it is about, and texts by their place in the delivered record."""

    letter: int
    cells: Mapping[int, str]


def place_of_column(table: Table, header: Sequence[str], name: str) -> int:
    """Where in a delivered record a column stands, by its declared name or its heading.

    SetupError if there is none, or if several headings feed it: then one of them is to be named.
    """
    tidy = [tidy_header(h) for h in header]
    headed = [position for position, text in enumerate(tidy) if text == tidy_header(name)]
    declared = [source.position for source in match_headers(table, header).sources.get(name, ())]
    for places in (declared, headed):
        if len(places) == 1:
            return places[0]
    if declared:
        raise SetupError(f"{name} is read from several columns, name one: {', '.join(header[p] for p in declared)}")
    if headed:
        raise SetupError(f"{name} stands several times in the report: name the column as declared, see the Dagster UI")
    raise SetupError(f"{name} is no column of this report: it has {', '.join(header)}")


def guarded(text: str | None) -> str:
    """A cell as a spreadsheet may open it: what it would take for a formula gets an apostrophe before it."""
    return f"'{text}" if text and text.startswith(_FORMULA) else text or ""


def unguarded(text: str | None) -> str:
    """A cell without that apostrophe."""
    text = text or ""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def sheet_of(header: Sequence[str], records: Iterable[tuple[int, str, str, Sequence[str | None]]]) -> str:
    """A CSV file of letters (id, reasons, the delivered text where it has no cells, cells) to correct and give back."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*OWN_COLUMNS, *header])
    for letter, reasons, delivered, cells in records:
        writer.writerow([letter, reasons, guarded(delivered), *map(guarded, cells)])
    return text.getvalue()


def first_letter(content: str, name: str) -> int:
    """Number of the first letter in a corrected sheet: it leads to the headings of all. DeliveryError if none is."""
    rows = csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    number = (next(rows, {}).get("letter") or "").strip()
    if not number.isdecimal():
        raise DeliveryError(f"{name} names no letter: take the file that `hrdata letters export` writes")
    return int(number)


def read_sheet(content: str, name: str, header: Sequence[str]) -> list[Amended]:
    """Read a corrected sheet back. It needs the column ``letter``; of the delivered ones, any.

    A heading that stands several times is told apart by its order. DeliveryError names what cannot be read.
    """
    rows = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    headings = [tidy_header(h) for h in next(rows, [])]
    if "letter" not in headings:
        raise DeliveryError(f"{name} has no column 'letter': take the file that `hrdata letters export` writes")
    places = _places(headings, [tidy_header(h) for h in header], name)
    amended = []
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        letter = row[headings.index("letter")].strip() if len(row) == len(headings) else ""
        if not letter.isdecimal():
            raise DeliveryError(f"{name} row {number}: it needs {len(headings)} fields and the number of its letter")
        amended.append(Amended(int(letter), {place: unguarded(row[i]) for i, place in places.items()}))
    return amended


def _places(headings: Sequence[str], delivered: Sequence[str], name: str) -> dict[int, int]:
    free: dict[str, list[int]] = {}
    for place, heading in enumerate(delivered):
        free.setdefault(heading, []).append(place)
    places = {}
    for i, heading in enumerate(headings):
        if heading in OWN_COLUMNS and not free.get(heading):
            continue
        if not free.get(heading):
            raise DeliveryError(f"{name}: column {i + 1} is none of the report's: keep the headings as exported")
        places[i] = free[heading].pop(0)
    return places
