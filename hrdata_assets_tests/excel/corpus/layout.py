"""Where the table stands in its sheet: titles above, totals and footers below, merged, hidden, elsewhere."""

from hrdata_assets_tests.excel.corpus.case import Case, one
from hrdata_assets_tests.excel.corpus.values import Book, Error, Sheet

_HEAD = ["Name", "FTE", "Unit"]
_ROWS = [["a", 1, "x"], ["b", 0.5, "y"], ["c", 1, "x"]]
_TABLE = [("a", "1", "x"), ("b", "0.5", "y"), ("c", "1", "x")]
_COLUMNS = "name text, fte numeric, unit text"

_STATED = ("header_found", "rows_above")

_BELOW = (
    one(
        "total_at_the_end",
        [_HEAD, *_ROWS, ["Total", 2.5, None]],
        _COLUMNS,
        _TABLE,
        letters=((5, "no_total_row", None),),
        decisions=("totals",),
    ),
    one(
        "totals_in_other_languages",
        [_HEAD, *_ROWS, ["Zwischensumme", 2, None], ["Итого", 2.5, None], ["合计", 2.5, None]],
        _COLUMNS,
        _TABLE,
        letters=((5, "no_total_row", None), (6, "no_total_row", None), (7, "no_total_row", None)),
        decisions=("totals",),
    ),
    one(
        "somebody_called_total",
        [_HEAD, *_ROWS, ["Total", 1, "x"]],
        _COLUMNS,
        [*_TABLE, ("Total", "1", "x")],
    ),
    one(
        "footer_below_an_empty_row",
        {1: _HEAD, 2: _ROWS[0], 3: _ROWS[1], 4: _ROWS[2], 6: ["Source: payroll"], 7: ["Printed twice"]},
        _COLUMNS,
        _TABLE,
        letters=((6, "no_footer_row", None), (7, "no_footer_row", None)),
        decisions=("footer",),
    ),
    one(
        "footer_of_as_many_rows_as_declared",
        [_HEAD, *_ROWS, ["d", 1, "z"], ["e", 1, "z"]],
        _COLUMNS,
        _TABLE,
        "footer: 2",
        letters=((5, "no_footer_row", None), (6, "no_footer_row", None)),
        decisions=("footer",),
    ),
    one(
        "footer_by_its_words",
        [_HEAD, *_ROWS, ["Source: payroll", None, None], ["as of today", None, None]],
        _COLUMNS,
        _TABLE,
        "footer: [source, As of]",
        letters=((5, "no_footer_row", None), (6, "no_footer_row", None)),
        decisions=("footer",),
    ),
    one(
        "total_and_footer",
        {1: _HEAD, 2: _ROWS[0], 3: _ROWS[1], 4: _ROWS[2], 5: ["Sum", 2.5], 7: ["Source: payroll"]},
        _COLUMNS,
        _TABLE,
        letters=((5, "no_total_row", None), (7, "no_footer_row", None)),
        decisions=("footer", "totals"),
    ),
    one(
        "rows_with_errors_are_set_aside",
        [_HEAD, _ROWS[0], ["b", Error("#DIV/0!"), "y"], ["c", 1, Error("#N/A")], _ROWS[2]],
        "name text, fte integer, unit text",
        [("a", "1", "x"), ("c", "1", "x")],
        letters=((3, "no_error_value", "FTE"), (4, "no_error_value", "Unit")),
    ),
)

_ABOVE = (
    one(
        "title_above",
        {1: ["Head count"], 2: ["as of March"], 4: _HEAD, 5: _ROWS[0], 6: _ROWS[1], 7: _ROWS[2]},
        _COLUMNS,
        _TABLE,
        decisions=_STATED,
    ),
    one(
        "table_far_from_the_corner",
        {30: [None] * 20 + _HEAD, **{n: [None] * 20 + row for n, row in enumerate(_ROWS, start=31)}},
        _COLUMNS,
        _TABLE,
        decisions=("header_found",),
    ),
    one(
        "merged_title_above",
        Sheet([["Head count", None, None], _HEAD, *_ROWS], merged=((1, 1, 1, 3),)),
        _COLUMNS,
        _TABLE,
        decisions=_STATED,
    ),
    one(
        "headings_in_two_rows_that_are_merged",
        Sheet(
            [["Person", None, "Pay", None], ["Name", "Unit", "Base", "Bonus"], ["a", "x", 1, 2], ["b", "y", 3, 4]],
            merged=((1, 1, 1, 2), (1, 3, 1, 4)),
        ),
        "person_name text, person_unit text, pay_base integer, pay_bonus integer",
        [("a", "x", "1", "2"), ("b", "y", "3", "4")],
        decisions=("header_found", "headings_joined"),
    ),
    one(
        "headings_merged_downwards",
        Sheet(
            [["Name", "Pay", None], [None, "Base", "Bonus"], ["a", 1, 2], ["b", 3, 4]],
            merged=((1, 1, 2, 1), (1, 2, 1, 3)),
        ),
        "name text, pay_base integer, pay_bonus integer",
        [("a", "1", "2"), ("b", "3", "4")],
        decisions=("headings_joined",),
    ),
    one(
        "headings_where_declared",
        [["x", "y", "z"], ["p", "q", "r"], _HEAD, *_ROWS],
        _COLUMNS,
        _TABLE,
        "header_row: 3",
        decisions=("header_given", "rows_above"),
    ),
    one(
        "headings_in_rows_as_declared",
        [["Pay", "Pay", "Person"], ["base", "bonus", "name"], [1, 2, "a"]],
        "pay_base integer, pay_bonus integer, person_name text",
        [("1", "2", "a")],
        'header_row: "1-2"',
        decisions=("header_given",),
    ),
    one(
        "no_headings",
        [[1, 2, "a"], [3, 4, "b"]],
        "column_a integer, column_b integer, column_c text",
        [("1", "2", "a"), ("3", "4", "b")],
        decisions=("no_headings",),
    ),
)

_WITHIN = (
    one(
        "blank_rows_between",
        {1: _HEAD, 2: _ROWS[0], 5: _ROWS[1], 9: _ROWS[2]},
        _COLUMNS,
        _TABLE,
    ),
    one(
        "rows_of_empty_texts",
        [_HEAD, _ROWS[0], ["", "", ""], _ROWS[1], _ROWS[2]],
        _COLUMNS,
        _TABLE,
    ),
    one(
        "merged_cells_among_the_rows",
        Sheet([_HEAD, ["a", 1, "x"], [None, 2, "y"], ["b", 3, "z"]], merged=((2, 1, 3, 1),)),
        "name text, fte integer, unit text",
        [("a", "1", "x"), (None, "2", "y"), ("b", "3", "z")],
    ),
    one(
        "hidden_rows_and_columns_included",
        Sheet([_HEAD, *_ROWS], hidden_rows=frozenset({3}), hidden_columns=frozenset({3})),
        _COLUMNS,
        _TABLE,
        decisions=("hidden",),
    ),
    one(
        "hidden_rows_and_columns_skipped",
        Sheet([_HEAD, *_ROWS], hidden_rows=frozenset({3}), hidden_columns=frozenset({3})),
        "name text, fte integer",
        [("a", "1"), ("c", "1")],
        "hidden: skip",
        decisions=("hidden",),
        places=(1, 2),
    ),
    one(
        "hidden_in_xls_skipped",
        Sheet([_HEAD, *_ROWS], hidden_rows=frozenset({2}), hidden_columns=frozenset({2})),
        "name text, unit text",
        [("b", "y"), ("c", "x")],
        "hidden: skip",
        decisions=("hidden",),
        places=(1, 3),
        file="book.xls",
    ),
    one(
        "hidden_in_xlsb_skipped",
        Sheet([_HEAD, *_ROWS], hidden_rows=frozenset({2}), hidden_columns=frozenset({2})),
        "name text, unit text",
        [("b", "y"), ("c", "x")],
        "hidden: skip",
        decisions=("hidden",),
        places=(1, 3),
        file="book.xlsb",
    ),
    one(
        "hidden_in_ods_skipped",
        Sheet([_HEAD, *_ROWS], hidden_rows=frozenset({2}), hidden_columns=frozenset({2})),
        "name text, unit text",
        [("b", "y"), ("c", "x")],
        "hidden: skip",
        decisions=("hidden",),
        places=(1, 3),
        file="book.ods",
    ),
    one(
        "cells_of_a_range",
        [["n", "n", "n", "n", "n"], [0, *_HEAD, 9], *([0, *row, 9] for row in _ROWS), ["n", "n", "n", "n", "n"]],
        _COLUMNS,
        _TABLE,
        'range: "B2:D5"',
        decisions=("header_found",),
        places=(2, 3, 4),
        left_out=frozenset({6}),
    ),
    one(
        "cells_of_a_range_with_an_open_end",
        [[None, "note", None, None], [None, *_HEAD], *([None, *row] for row in _ROWS)],
        _COLUMNS,
        _TABLE,
        'range: "B2:"',
        decisions=("header_found",),
        places=(2, 3, 4),
    ),
)

_SHEETS = (
    one(
        "first_sheet_of_several",
        Book({"People": Sheet([_HEAD, *_ROWS]), "Notes": Sheet([["x"]])}),
        _COLUMNS,
        _TABLE,
        decisions=("other_sheets",),
    ),
    one(
        "first_sheet_hidden",
        Book({"Lists": Sheet([["x"]], hidden=True), "People": Sheet([_HEAD, *_ROWS])}),
        _COLUMNS,
        _TABLE,
        decisions=("other_sheets",),
        read="People",
        file="book.xlsb",
    ),
    one(
        "sheet_by_its_name",
        Book({"Cover": Sheet([["x"]]), "Ansatte Ω": Sheet([_HEAD, *_ROWS])}),
        _COLUMNS,
        _TABLE,
        'sheet: "ansatte ω"',
        decisions=("other_sheets",),
        read="Ansatte Ω",
    ),
    one("sheet_without_cells", Sheet([]), "", []),
    one("one_cell", [["Name"]], "name text", []),
    one("one_cell_far_from_the_corner", {40: [None, "Name"]}, "name text", [], decisions=("header_found",)),
    one("one_column", [["Name"], ["a"], ["b"]], "name text", [("a",), ("b",)]),
    one(
        "cells_of_empty_texts_alone",
        [["", ""], ["", ""]],
        "column_a text, column_b text",
        [],
        decisions=("no_headings",),
    ),
)

CASES: tuple[Case, ...] = (*_BELOW, *_ABOVE, *_WITHIN, *_SHEETS)
