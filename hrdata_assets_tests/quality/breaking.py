"""Good rows of any declared table, broken as a rule's own example says."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.cleaning.headers import match_headers
from hrdata_assets.quality.judge import Circumstances, Judged, judge
from hrdata_assets.quality.references import Reference, References
from hrdata_assets.rule import Broken, Dimension, Rule
from hrdata_assets.table import ColumnType, Table
from hrdata_assets_tests.builders import PERSON_NAME
from hrdata_assets_tests.cleaning.builders import csv_of

AS_OF = datetime.date(2026, 3, 31)


@dataclass(frozen=True)
class Record:
    """One row to deliver: headings and cells, and where each declared column stands."""

    table: Table
    headings: tuple[str, ...]
    cells: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, good: Mapping[str, str]) -> "Record":
        """A good row by heading; declared columns that it does not name are delivered empty."""
        # A report writes the person's name and the section's own under one heading.
        headings = ["Name" if heading == PERSON_NAME else heading for heading in good]
        more = [table.column(name).header or name for name in match_headers(table, headings).absent]
        return cls(table, (*headings, *more), (*good.values(), *[""] * len(more)))

    def position(self, column: str) -> int:
        """Where a declared column stands."""
        return match_headers(self.table, self.headings).sources[column][0].position

    def text(self, column: str) -> str:
        """What is delivered in a declared column."""
        return self.cells[self.position(column)]

    def with_texts(self, texts: Mapping[str, str]) -> "Record":
        """The row with other texts in these declared columns."""
        cells = list(self.cells)
        for column, text in texts.items():
            cells[self.position(column)] = text
        return replace(self, cells=tuple(cells))


def references_of(record: Record, unlike: Rule | None = None) -> References:
    """References that hold what the row says; the one that a rule asks may hold something else."""
    found: dict[str, Reference] = {}
    for column in record.table.columns:
        told = unlike.dimension if unlike and unlike.column == column.name else None
        said = record.text(column.name)
        if column.listed_in:
            found[column.listed_in] = Reference({"another" if told is Dimension.INTEGRITY else said: ""})
        if column.agrees_with:
            value = "another" if told is Dimension.ACCURACY else said
            found[column.agrees_with] = Reference({record.text(column.by or ""): value})
    return References(found)


def judged_record(record: Record, rule: Rule | None = None) -> Judged:
    """Judge a good row by itself, or as the rule's example breaks it."""
    breaks = rule.breaks if rule else {}
    rows, unlike, mark = [record], None, ""
    match breaks:
        case Broken.TWICE:
            rows = [record, record]
        case Broken.BY_REFERENCE:
            unlike = rule
        case Broken.DAY_FIRST:
            year, month, day = record.text(str(rule and rule.column))[:10].split("-")
            rows = [record.with_texts({str(rule and rule.column): f"{day}.{month}.{year}"})]
        case Broken.NO_UTF8:
            mark = "broken byte"
            rows = [record.with_texts({_plain_text(record.table): mark})]
        case _:
            rows = [record.with_texts(breaks)]
    return _judged(rows, references_of(record, unlike), mark)


def _plain_text(table: Table) -> str:
    """A column of text that may hold anything."""
    ruled = ("pattern", "form", "allowed", "listed_in", "agrees_with", "key")
    plain = [c for c in table.columns if c.type is ColumnType.TEXT and not any(getattr(c, word) for word in ruled)]
    return plain[-1].name


def _judged(rows: Sequence[Record], references: References, mark: str) -> Judged:
    table = rows[0].table
    content = csv_of(rows[0].headings, *(row.cells for row in rows))
    content = content.replace(mark.encode(), b"\xff") if mark else content
    cleaned = clean(table, read_delimited(content, "report.csv"), "report.csv")
    return judge(cleaned, AS_OF, circumstances=Circumstances(references))
