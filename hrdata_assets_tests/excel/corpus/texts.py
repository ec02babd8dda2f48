"""Texts that break what is careless: quotes, ends of lines, backslashes, scripts, what looks like something else."""

from pathlib import Path

import openpyxl

from hrdata_assets_tests.excel.corpus.case import Case, one
from hrdata_assets_tests.excel.corpus.values import Book, Formula, Runs
from hrdata_assets_tests.excel.corpus.xml_writing import formula, inline, row, shared, xml_book


def _texts(name: str, *texts: str, **more: object) -> Case:
    rows = [["Code", "Text"], *([f"c{n}", text] for n, text in enumerate(texts))]
    return one(name, rows, "code text, text text", [(f"c{n}", text) for n, text in enumerate(texts)], **more)  # type: ignore[arg-type]


def _not_calculated(path: Path, book: Book) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for line in book.sheets["Sheet1"].rows:
        sheet.append([f"={v.formula}" if isinstance(v, Formula) else v for v in line])  # type: ignore[union-attr]
    sheet.title = "Sheet1"
    made.save(path)


CASES = (
    _texts("texts_with_quotes", "it's", 'say "x"', '""', "'", "\"'", "a;b", "a,b", "$$", "%s %(x)s {} {0}"),
    _texts("texts_with_ends_of_lines", "a\nb", "a\r\nb", "\n", "a\rb", "a\n\n\nb"),
    _texts("texts_with_tabs", "a\tb", "\t", "\ta"),
    _texts("texts_with_backslashes", "\\", "\\N", "\\.", "\\n", "C:\\new\\table", "\\x41", "a\\"),
    _texts("texts_that_databases_know", "NULL", "null", "None", "\\N", "NaN", "nan", "infinity", "-"),
    _texts("texts_with_sql", "'; drop schema ops cascade; --", "1 or 1=1", "{1,2}", "(a,b)", "$1"),
    _texts(
        "texts_of_many_scripts", "Ærø", "Жуковский", "Ελλάδα", "東京都", "עברית", "العربية", "ไทย", "straße", "한국어"
    ),
    _texts("texts_with_emoji", "👩🏽‍💻", "🇳🇴", "a🙂b", "𝔘𝔫𝔦"),
    _texts("texts_composed_and_decomposed", "é", "é", "ﬁ", "Å", "Å"),
    _texts("texts_with_blanks", " a", "a ", "  ", "a  b", "\u00a0", "\u200b", "\u3000a"),
    _texts("texts_with_a_byte_order_mark", "\ufeffa", "b\ufeff"),
    _texts("texts_with_control_characters", "a\x01b", "\x1f", "\x0bc", "\x7f", "\x85", "a\x0c"),
    _texts("texts_with_escapes_in_words", "_x0041_", "_x000D_", "_xFFFF", "a_x0041_b"),
    _texts("texts_with_apostrophes_before", "'0123", "'=1", "''"),
    _texts(
        "texts_that_look_like_formulas", "=1+1", "+47 123", "-1-1", "@sum(a1)", '=HYPERLINK("x")', "=cmd|' /C calc'!A0"
    ),
    _texts("texts_that_look_like_booleans", "TRUE", "yes", "FALSE"),
    _texts("texts_that_look_like_json", '{"a": 1}', "[]", "null"),
    _texts("texts_that_look_like_markup", "<b>x</b>", "&amp;", "<!-- -->", "]]>"),
    _texts("texts_that_look_like_errors", "#N/A", "#REF!", "#1"),
    _texts("texts_that_look_like_scores_and_times", "3-1", "1:0", "12:30", "1/2"),
    _texts("long_texts", "x" * 32_767, "漢" * 10_000, "a\n" * 5_000),
    _texts("texts_of_right_to_left_marks", "\u202eabc\u202c", "\u200f1"),
    _texts("texts_with_noncharacters", "a\ufffeb".replace("\ufffe", "\ufffd"), "\ue000", "\U0010fffd"),
    one(
        "texts_with_the_character_of_number_zero",
        [["Code", "Text"], ["a", "xy"], ["b", "z"]],
        "code text, text text",
        [("a", "xy"), ("b", "z")],
        write=xml_book(
            row(1, inline("Code"), inline("Text"))
            + row(2, inline("a"), inline("x_x0000_y"))
            + row(3, inline("b"), shared(0)),
            strings=["<t>z_x0000_</t>"],
        ),
        changes=[("text", "nul_removed", (2, 3))],
    ),
    one(
        "shared_and_inline_texts",
        [["Code", "Text"], ["a", "one"], ["b", "two"], ["c", "one"]],
        "code text, text text",
        [("a", "one"), ("b", "two"), ("c", "one")],
        write=xml_book(
            row(1, inline("Code"), shared(1))
            + row(2, inline("a"), shared(0))
            + row(3, inline("b"), inline("two"))
            + row(4, inline("c"), shared(0)),
            strings=["<t>one</t>", "<t>Text</t>"],
        ),
    ),
    one(
        "texts_of_several_runs",
        [["Code", "Text"], ["a", Runs(("bold ", "and", " not"))], ["b", Runs(("  x", "y  "))]],
        "code text, text text",
        [("a", "bold and not"), ("b", "  xy  ")],
    ),
    one(
        "texts_with_their_pronunciation",
        [["Code", "Name"], ["a", "東京"]],
        "code text, name text",
        [("a", "東京")],
        write=xml_book(
            row(1, inline("Code"), inline("Name")) + row(2, inline("a"), shared(0)),
            strings=['<t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh>'],
        ),
    ),
    one(
        "empty_texts_among_texts",
        [["Code", "Text"], ["a", ""], ["b", "x"], ["c", None]],
        "code text, text text",
        [("a", ""), ("b", "x"), ("c", None)],
    ),
    one(
        "empty_texts_among_numbers",
        [["Code", "Count"], ["a", ""], ["b", 2], ["c", None]],
        "code text, count integer",
        [("a", None), ("b", "2"), ("c", None)],
        changes=[("count", "empty_text_is_null", (2,))],
    ),
    one(
        "empty_texts_alone",
        [["Code", "Count"], ["a", ""], ["b", ""]],
        "code text, count text",
        [("a", None), ("b", None)],
        changes=[("count", "empty_text_is_null", (2, 3))],
    ),
    one(
        "booleans",
        [["Name", "Active"], ["a", True], ["b", False], ["c", None]],
        "name text, active boolean",
        [("a", "TRUE"), ("b", "FALSE"), ("c", None)],
    ),
    one(
        "booleans_and_numbers",
        [["Name", "Active"], ["a", True], ["b", 0]],
        "name text, active text",
        [("a", "TRUE"), ("b", "0")],
    ),
    one(
        "mixed_values",
        [["Name", "Mixed"], ["a", 1], ["b", "x"], ["c", True], ["d", 2.5]],
        "name text, mixed text",
        [("a", "1"), ("b", "x"), ("c", "TRUE"), ("d", "2.5")],
    ),
    one(
        "formulas_with_their_results",
        [
            ["Name", "Sum", "Text", "True"],
            ["a", Formula("1+1", 2), Formula('"x"&"y"', "xy"), Formula("1=1", True)],
            ["b", Formula("1/2", 0.5), Formula('"z"', "z"), Formula("1=2", False)],
        ],
        "name text, sum numeric, text text, true_ boolean",
        [("a", "2", "xy", "TRUE"), ("b", "0.5", "z", "FALSE")],
        write=xml_book(
            row(1, *(inline(text) for text in ("Name", "Sum", "Text", "True")))
            + row(2, inline("a"), formula("n", "2"), formula("str", "xy"), formula("b", "1"))
            + row(3, inline("b"), formula("n", "0.5"), formula("str", "z"), formula("b", "0"))
        ),
    ),
    one(
        "formulas_without_results",
        [["Name", "Sum"], ["a", Formula("1+1", None)], ["b", 5]],
        "name text, sum integer",
        [("a", None), ("b", "5")],
        write=_not_calculated,
        changes=[("sum", "formula_not_calculated", (2,))],
    ),
    one(
        "formulas_with_the_empty_text_as_result",
        [["Name", "Sum"], ["a", Formula('""', "")], ["b", Formula("2+3", 5)]],
        "name text, sum integer",
        [("a", None), ("b", "5")],
        write=xml_book(
            row(1, inline("Name"), inline("Sum"))
            + row(2, inline("a"), formula("str", ""))
            + row(3, inline("b"), formula("n", "5"))
        ),
        changes=[("sum", "empty_text_is_null", (2,))],
    ),
)
