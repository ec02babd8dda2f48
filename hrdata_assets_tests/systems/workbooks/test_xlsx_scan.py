"""Sheets of .xlsx read many cells at a time: always what the exact reader finds, or nothing at all."""

from dataclasses import replace
from xml.sax.saxutils import escape

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hrdata_assets.systems.workbooks.values import AS_NUMBER, Look, Shown
from hrdata_assets.systems.workbooks.xlsx_cells import Surroundings
from hrdata_assets.systems.workbooks.xlsx_exact import MAIN, ExactSheet, read_exactly
from hrdata_assets.systems.workbooks.xlsx_scan import Scanned, scan_piece

AROUND = Surroundings(
    pl.Series(["shared", "b"]), frozenset({1}), (AS_NUMBER, Look(Shown.DATE), Look(Shown.NUMBER, 4), Look(Shown.TIME))
)
HEAD = f'<worksheet xmlns="{MAIN[0]}" xmlns:x="x"><sheetData>'.encode()

PIECES = [
    *(b"<", b">", b"/", b'"', b"'", b"&", b"&amp;", b"&#65;", b"&#x0;", b"]]>", b" ", b"\r\n", b"\r", b"\t", b"\x01"),
    *(b"<v>", b"</v>", b"<v/>", b"<v />", b"<f/>", b"<t/>", b"<c>", b"</c>", b"<row>", b"</row>", b"<is>", b"</is>"),
    *(b'<row r="9"/>', b' s="1"', b' t="s"', b' r="A1"', b' hidden="1"', b' x:a="1"', b' y:a="1"', b' xmlns="x"'),
    *(b"<!-- -->", b"<![CDATA[1]]>", b"<?a?>", b"0", b"1", b"-", b".", b"E5", b"AAA", b"12345678", b"_x0000_"),
    *(b"\xc3\xa9", b"\xef\xbf\xbf", b"\xff"),
]

texts = st.text("ab_x0041 &<>'\"é\t", max_size=8).map(lambda text: escape(text, {'"': "&quot;"}))
numbers = st.one_of(
    st.integers(-99999, 99999).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:.17g}"),
    st.floats(0, 3_000_000).map(str),
    st.sampled_from(["45292", "60", "0.5", "1E3", " 7 ", "NaN", "x", "1.10", "2958465", "45292.999999999", "79999.5"]),
)
values = st.one_of(
    st.tuples(st.just(""), numbers),
    st.tuples(st.just(' t="n"'), numbers),
    st.tuples(st.just(' t="s"'), st.sampled_from(["0", "1"])),
    st.tuples(st.just(' t="b"'), st.sampled_from(["0", "1", "true"])),
    st.tuples(st.just(' t="e"'), st.sampled_from(["#N/A", "#DIV/0!"])),
    st.tuples(st.just(' t="str"'), texts),
).map(lambda pair: (pair[0], f"<v>{pair[1]}</v>" if pair[1] else ""))
inline = texts.map(lambda text: (' t="inlineStr"', f"<is><t>{text}</t></is>"))
formulas = st.sampled_from(
    ["", "<f>A1&amp;B1</f>", '<f t="shared" si="0"/>', '<f t="shared" ref="A1:A2" si="0">B1</f>']
)
styles = st.sampled_from(["", ' s="0"', ' s="1"', ' s="2"', ' s="3"', ' s="9"'])


@st.composite
def sheets(draw: st.DrawFn) -> str:
    rows = []
    for row in sorted(draw(st.sets(st.integers(1, 30), max_size=4))):
        row_cells = []
        for column in sorted(draw(st.sets(st.sampled_from("ABCDE"), max_size=4))):
            kind, body = draw(st.one_of(values, inline))
            formula = "" if kind == ' t="inlineStr"' else draw(formulas)
            inner = formula + body
            tag = f'<c r="{column}{row}"{draw(styles)}{kind}'
            row_cells.append(f"{tag}>{inner}</c>" if inner else f"{tag}/>")
        hidden = draw(st.sampled_from(["", ' hidden="1"', ' spans="1:5"', ' spans="1:5" x:height="0.25"']))
        rows.append(f'<row r="{row}"{hidden}>{"".join(row_cells)}</row>' if row_cells else f'<row r="{row}"{hidden}/>')
    return "\n".join(rows)


def exactly(rows: bytes, around: Surroundings = AROUND) -> tuple[pl.DataFrame, ExactSheet]:
    exact = ExactSheet(around)
    frames = list(read_exactly((HEAD, rows, b"</sheetData></worksheet>"), exact, 10))
    return pl.concat(frames), exact


def assert_same(quickly: Scanned, rows: bytes, around: Surroundings = AROUND) -> None:
    slowly, exact = exactly(rows, around)
    assert quickly.cells.rows() == slowly.rows()
    assert quickly.cells.schema == slowly.schema
    assert quickly.hidden_rows == exact.hidden_rows
    assert quickly.formulas == exact.formulas
    assert quickly.ends is None or quickly.ends[1] == exact.position


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sheets(), st.booleans())
def test_both_ways_of_reading_a_sheet_give_the_same(rows: str, from_1904: bool) -> None:
    around = replace(AROUND, from_1904=from_1904)
    quickly = scan_piece(rows.encode(), HEAD, around)
    assert quickly is not None
    assert_same(quickly, rows.encode(), around)


changes = st.lists(
    st.tuples(st.integers(0, 5_000), st.integers(0, 3), st.one_of(st.sampled_from(PIECES), st.binary(max_size=2))),
    min_size=1,
    max_size=3,
)


@settings(max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sheets(), changes)
def test_whatever_is_changed_about_a_sheet_is_read_exactly_or_left_to_the_exact_reader(
    rows: str, changes: list[tuple[int, int, bytes]]
) -> None:
    changed = rows.encode()
    for place, taken, put in changes:
        place %= len(changed) + 1
        changed = changed[:place] + put + changed[place + taken :]
    quickly = scan_piece(changed, HEAD, AROUND)
    if quickly is not None:
        assert_same(quickly, changed)


@pytest.mark.parametrize(
    "piece",
    [
        '<row r="1"><c r="A1"><v>1</v></c><!-- x --></row>',
        '<row r="1"><c r="A1"><v><![CDATA[1]]></v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c></row>",
        "<row><c><v>1</v></c></row>",
        '<row r="1"><c r="A1" t="d"><v>2024-01-31</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r></is></c></row>',
        '<row r="1"><c r="A1" t="str"><v>&other;</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
    ],
)
def test_what_is_written_otherwise_is_left_to_the_exact_reader(piece: str) -> None:
    assert scan_piece(piece.encode(), HEAD, AROUND) is None
