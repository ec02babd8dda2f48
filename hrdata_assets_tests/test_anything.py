"""Whatever is delivered: reading, cleaning and judging give rows and reasons that add up, or a sentence; never more."""

import csv
import datetime
import io
import string

import polars as pl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hrdata_assets.catalogue import STAGED
from hrdata_assets.cleaning.delimited import Delivered, read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.errors import DeliveryError
from hrdata_assets.quality.judge import Judged, judge
from hrdata_assets.quality.shape import assert_shape
from hrdata_assets.table import Column, ColumnType, Table

AS_OF = datetime.date(2026, 3, 31)
SECRET = "qx9secret"

quickly = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=6)
STORABLE = [kind for kind in ColumnType if kind is not ColumnType.FULL_TEXT]


@st.composite
def columns(draw: st.DrawFn, number: int) -> Column:
    """A column of any type, with any of the words by which a declaration makes rules."""
    kind = draw(st.sampled_from(STORABLE))
    text = kind is ColumnType.TEXT
    numeric = kind in (ColumnType.INTEGER, ColumnType.BIGINT, ColumnType.NUMERIC)
    dated = kind in (ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.MOMENT)
    return Column(
        name=f"c{number}",
        type=kind,
        description="A column.",
        header=draw(st.sampled_from([f"Column {number}", f"Über {number}", f"c-{number}, really"])),
        key=draw(st.booleans()) and kind not in (ColumnType.LANGUAGES, ColumnType.TEXTS),
        required=draw(st.booleans()),
        sparse=draw(st.booleans()),
        ge=draw(st.none() | st.integers(-10, 10)) if numeric else None,
        le=draw(st.none() | st.integers(11, 10_000)) if numeric else None,
        allowed=draw(st.none() | st.just(("a", "b", "SC"))) if text else None,
        pattern=draw(st.none() | st.just(r"[^@\s]+@[^@\s]+")) if text else None,
        form=draw(st.none() | st.just(r"\d{4}-\d{2}-\d{2}")),
        max_age_days=draw(st.none() | st.integers(1, 1000)) if dated else None,
    )


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table of the catalogue, or one that nobody has thought of."""
    if draw(st.booleans()):
        return draw(st.sampled_from(STAGED))
    count = draw(st.integers(1, 6))
    return Table("anything", "staged", "Anything.", tuple(draw(columns(number)) for number in range(count)), "anything")


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "1", "-0", "1,5", "1.000,50", "1e400", "9" * 40, "NaN", "inf", "true", "Ja", "n/a", "NA", "'007",
         "2026-02-30", "31.12.2025", "9999-12-31", "0000-00-00", "2026-01-01T25:00:00", "int:x|no:y", "int:|:|",
         '{"int": "x"}', '{"int": ', "[1]", "a@b.example", "=1+1", "\\N", "\ufeff", "\u202e", "\ufdd0e9", "\ufdd1",
         "a\0b", "line\r\nbreak", 'quo"te', "Ÿ" * 50, SECRET]
    ),
    st.text(max_size=8),
)  # fmt: skip
"""What a cell may hold: everything that has ever been taken for something else, and anything."""


GOOD = {
    ColumnType.TEXT: ["a@b.example", "SC", "2026-01-31", "u1", "u2"],
    ColumnType.INTEGER: ["10", "2020", "3"],
    ColumnType.BIGINT: ["10", "2020", "3"],
    ColumnType.NUMERIC: ["10", "10.5", "3"],
    ColumnType.BOOLEAN: ["True", "False"],
    ColumnType.DATE: ["2026-03-01", "2025-12-31"],
    ColumnType.TIMESTAMP: ["2026-03-01", "2025-12-31"],
    ColumnType.MOMENT: ["2026-03-01T08:30:00.123Z", "1714564800123", "2025-12-31"],
    ColumnType.TEXTS: ['["SQL", "Go"]', "[]"],
    ColumnType.LANGUAGES: ["int:Engineer|no:Ingeni\u00f8r", ""],
}
"""Texts that are mostly right in a column of the type."""


@st.composite
def rows_of(draw: st.DrawFn, table: Table, heads: list[str]) -> list[str]:
    """A row that is good but for a cell or two, or one of which nothing can be said."""
    kinds = {column.header or column.name: column.type for column in table.columns}
    if draw(st.integers(0, 3)) == 0:
        return draw(st.lists(CELLS, min_size=len(heads), max_size=len(heads)))
    row = [draw(st.sampled_from(GOOD[kinds.get(head, ColumnType.TEXT)])) for head in heads]
    for _ in range(draw(st.integers(0, 1))):
        row[draw(st.integers(0, len(heads) - 1))] = draw(CELLS)
    return row


@st.composite
def headings(draw: st.DrawFn, table: Table) -> list[str]:
    """Headings of the table in any order: some missing, some doubled, some that nobody declared, some odd."""
    declared = [column.header or column.name for column in table.columns]
    found = draw(st.permutations(declared))
    found = found[: draw(st.integers(1, len(found)))] if draw(st.integers(0, 3)) == 0 else list(found)
    if draw(st.integers(0, 2)) == 0:
        found += draw(
            st.lists(st.sampled_from([*declared, "Mood", "", " Name ", "Name (no)", "Name (#{lang})"]), max_size=3)
        )
    return found


@st.composite
def files(draw: st.DrawFn, table: Table) -> bytes:
    """A report in any dialect."""
    heads = draw(headings(table))
    rows = draw(st.lists(rows_of(table, heads), max_size=8))
    if rows and draw(st.booleans()):
        rows.append(draw(st.sampled_from(rows)))
    if draw(st.booleans()):
        rows.append(draw(st.lists(CELLS, max_size=4)))
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=draw(st.sampled_from(",;\t|")),
        lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    writer.writerow(heads)
    writer.writerows(rows)
    mark, encoding = draw(st.sampled_from([(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"),
                                           (b"", "cp1252")]))  # fmt: skip
    return mark + text.getvalue().encode(encoding, errors="replace")


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The same file after an accident: cut short, with bytes lost, altered, doubled or put in."""
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 3]))):
        at, to = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
        accident = draw(st.sampled_from(["cut", "lost", "doubled", "put in"]))
        if accident == "cut":
            content = content[:to]
        elif accident == "lost":
            content = content[:at] + content[min(to, at + 5) :]
        elif accident == "doubled":
            content = content[:to] + content[at:]
        else:
            odd = draw(st.sampled_from([b'"', b"\0", b"\xe6", b"\n", b"\r", b";", b",", b"\xff\xfe", b"\xed\xa0\x80"]))
            content = content[:at] + odd + content[at:]
    return content


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[Table, bytes]:
    """A table, and a file that somebody took for its report."""
    table = draw(tables())
    return table, draw(damaged(draw(files(table))))


def judged(table: Table, content: bytes) -> tuple[Delivered, Judged] | None:
    """Take a report as far as publishing; None if it is refused with a sentence, which tells nothing out of a cell."""
    try:
        delivered = read_delimited(content, "folder/report.csv")
        return delivered, judge(clean(table, delivered, "folder/report.csv"), AS_OF)
    except DeliveryError as error:
        told = str(error)
    assert told.startswith("folder/report.csv ")
    assert SECRET not in told
    return None


@quickly
@given(deliveries())
@example((STAGED[0], b""))
@example((STAGED[0], b'"'))
@example((STAGED[0], b"\xff\xfe\x00"))
def test_any_delivery_is_refused_or_adds_up(delivery: tuple[Table, bytes]) -> None:
    table, content = delivery
    found = judged(table, content)
    if found is None:
        return
    delivered, verdict = found
    kept = verdict.kept
    assert verdict.read == delivered.read
    assert verdict.read == kept.height + verdict.duplicates + verdict.set_aside + verdict.skipped
    assert min(verdict.duplicates, verdict.set_aside, verdict.skipped) >= 0
    assert_shape(table, kept)
    numbers = [letter.row_no for letter in verdict.letters]
    assert len(numbers) == len(set(numbers)) == verdict.duplicates + verdict.set_aside
    assert set(numbers).isdisjoint(kept.get_column("row_no"))
    assert kept.get_column("row_no").is_unique().all()


@quickly
@given(deliveries())
def test_every_rule_counts_no_more_than_there_is_and_reasons_hold_no_value(delivery: tuple[Table, bytes]) -> None:
    found = judged(*delivery)
    if found is None:
        return
    _, verdict = found
    for card in (verdict.received, verdict.published):
        for measure in card.measures:
            assert 0 <= measure.passed <= measure.units <= card.rows
        assert all(0 <= score <= 1 for score in card.dimensions.values())
        assert 0 <= card.nulls <= 1
        assert 0 <= card.duplicates <= 1
    names = {column.name for column in delivery[0].columns} | {None}
    for letter in verdict.letters:
        assert letter.reasons
        assert {reason["column"] for reason in letter.reasons} <= names
        assert SECRET not in str(letter.reasons)


@quickly
@given(deliveries())
def test_the_same_bytes_are_always_judged_alike(delivery: tuple[Table, bytes]) -> None:
    first, second = judged(*delivery), judged(*delivery)
    if first is None or second is None:
        assert first is second
        return
    (_, one), (_, other) = first, second
    assert one.kept.equals(other.kept, null_equal=True)
    assert (one.letters, one.received, one.published) == (other.letters, other.received, other.published)


PLAIN = st.text(max_size=6).filter(lambda text: not set(text) & set("\ufdd0\ufdd1\ufdd2"))
"""Any text without the three noncharacters that reading keeps to itself."""


@quickly
@given(
    st.lists(st.lists(PLAIN, min_size=2, max_size=2), max_size=10),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_file_says_is_read_cell_for_cell(rows: list[list[str]], separator: str, end: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["First", "Second"], *rows])
    delivered = read_delimited(text.getvalue().encode(), "report.csv")
    assert delivered.header == ("First", "Second")
    assert delivered.ragged == ()
    expected = [[cell or None for cell in row] for row in rows if any(row)]
    assert delivered.rows.select(pl.exclude("row_no")).rows() == [tuple(row) for row in expected]
    assert delivered.blank == len(rows) - len(expected)
