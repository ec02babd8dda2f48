"""Numbers: as large, as small and as exact as sheets have them."""

from decimal import Decimal

from hrdata_assets_tests.excel.corpus.case import Case, one
from hrdata_assets_tests.excel.corpus.values import Error, Shown
from hrdata_assets_tests.excel.corpus.xml_writing import inline, number, row, xml_book

_HEADING = row(1, inline("Code"), inline("Number"))


def _exact(name: str, kind: str, *numbers: str, columns: str = "") -> Case:
    """Numbers written digit by digit, as libraries do not write them."""
    given = [["Code", "Number"], *([f"c{n}", Decimal(text)] for n, text in enumerate(numbers))]
    rows = "".join(row(n, inline(f"c{n - 2}"), number(text)) for n, text in enumerate(numbers, start=2))
    expected = [(f"c{n}", f"{Decimal(text):f}" if "E" not in text else text) for n, text in enumerate(numbers)]
    return one(name, given, columns or f"code text, number {kind}", expected, write=xml_book(_HEADING + rows))


CASES = (
    one(
        "whole_numbers",
        [["Name", "Count"], ["a", 1], ["b", -7], ["c", 2_147_483_647], ["d", 0]],
        "name text, count integer",
        [("a", "1"), ("b", "-7"), ("c", "2147483647"), ("d", "0")],
    ),
    one(
        "whole_numbers_of_eight_bytes",
        [["Name", "Count"], ["a", 2_147_483_648], ["b", -2_147_483_649], ["c", 9_007_199_254_740_991]],
        "name text, count bigint",
        [("a", "2147483648"), ("b", "-2147483649"), ("c", "9007199254740991")],
    ),
    _exact("whole_numbers_beyond_binary_ones", "bigint", "9007199254740993", "9223372036854775807", "1"),
    _exact("whole_numbers_beyond_eight_bytes", "numeric", "9223372036854775808", "-123456789012345678901234567890"),
    _exact("decimals_of_many_digits", "numeric", "0.1", "1.234567890123456789", "99999999999999999999.99", "-0.000001"),
    one(
        "decimals_and_whole_numbers",
        [["Name", "Pay"], ["a", 1], ["b", 2.5], ["c", 0.1 + 0.2], ["d", 4.35]],
        "name text, pay numeric",
        [("a", "1"), ("b", "2.5"), ("c", "0.30000000000000004"), ("d", "4.35")],
        # xlsxwriter keeps sixteen digits of each.
        write=xml_book(
            row(1, inline("Name"), inline("Pay"))
            + row(2, inline("a"), number("1"))
            + row(3, inline("b"), number("2.5"))
            + row(4, inline("c"), number("0.30000000000000004"))
            + row(5, inline("d"), number("4.3499999999999996"))
        ),
    ),
    one(
        "numbers_with_exponents",
        [["Name", "Number"], ["a", 1e40], ["b", 2.5e-40], ["c", 1.0]],
        "name text, number double precision",
        [("a", "1E+40"), ("b", "2.5E-40"), ("c", "1")],
    ),
    one(
        "numbers_written_with_exponents_that_need_none",
        [["Name", "Number"], ["a", 1e20], ["b", 1.5e-10]],
        "name text, number numeric",
        [("a", "100000000000000000000"), ("b", "0.00000000015")],
    ),
    one(
        "numbers_with_exponents_and_many_digits",
        [["Name", "Number"], ["a", Decimal("1E+40")], ["b", Decimal("1.234567890123456789")]],
        "name text, number text",
        [("a", "1E+40"), ("b", "1.234567890123456789")],
        write=xml_book(
            row(1, inline("Name"), inline("Number"))
            + row(2, inline("a"), number("1E40"))
            + row(3, inline("b"), number("1.234567890123456789"))
        ),
    ),
    one(
        "texts_with_exponents",
        [["Name", "Grade"], ["a", "1E+5"], ["b", "2E+3"]],
        "name text, grade text",
        [("a", "1E+5"), ("b", "2E+3")],
    ),
    one(
        "texts_with_padded_exponents",
        [["Name", "Grade"], ["a", "1E+040"], ["b", "1E+0050"]],
        "name text, grade text",
        [("a", "1E+040"), ("b", "1E+0050")],
    ),
    one(
        "texts_of_very_many_digits",
        [["Name", "Digits"], ["a", "0." + "1234567" * 2_500], ["b", "1" * 30_000]],
        "name text, digits text",
        [("a", "0." + "1234567" * 2_500), ("b", "1" * 30_000)],
    ),
    one(
        "numbers_as_texts",
        [["Name", "Count"], ["a", "12"], ["b", "-7"], ["c", 3]],
        "name text, count integer",
        [("a", "12"), ("b", "-7"), ("c", "3")],
    ),
    one(
        "decimals_as_texts",
        [["Name", "Pay"], ["a", "12.5"], ["b", "0.25"]],
        "name text, pay numeric",
        [("a", "12.5"), ("b", "0.25")],
    ),
    one(
        "decimals_as_texts_with_zeros_behind_stay_texts",
        [["Name", "Pay"], ["a", "12.50"], ["b", "0.25"]],
        "name text, pay text",
        [("a", "12.50"), ("b", "0.25")],
    ),
    one(
        "leading_zeros_as_texts",
        [["Number", "Post code"], ["00123", "0150"], ["04567", "5003"]],
        "number text, post_code text",
        [("00123", "0150"), ("04567", "5003")],
    ),
    one(
        "leading_zeros_by_format",
        [["Name", "Number"], ["a", Shown(123, "00000", "00123")], ["b", Shown(45678, "00000")]],
        "name text, number text",
        [("a", "00123"), ("b", "45678")],
        changes=[("number", "shown_with_leading_zeros", (2,))],
    ),
    one(
        "leading_zeros_by_format_in_a_row_set_aside",
        [["Number", "Pay"], [Shown(123, "00000", "00123"), 1], [Shown(456, "00000", "00456"), Error("#N/A")]],
        "number text, pay integer",
        [("00123", "1")],
        letters=((3, "no_error_value", "Pay"),),
        changes=[("number", "shown_with_leading_zeros", (2,))],
    ),
    one(
        "percents_and_currencies_by_their_value",
        [
            ["Name", "Share", "Pay", "Cost"],
            ["a", Shown(0.5, "0%"), Shown(1234.5, '#,##0.00 "kr"'), Shown(7, "[$€-407] #,##0")],
            ["b", Shown(0.125, "0.0%"), Shown(-3, "#,##0;[Red]-#,##0"), Shown(8.25, '_-* #,##0.00 "Kč"_-')],
        ],
        "name text, share numeric, pay numeric, cost numeric",
        [("a", "0.5", "1234.5", "7"), ("b", "0.125", "-3", "8.25")],
    ),
    one(
        "scientific_and_fraction_formats_by_their_value",
        [["Name", "Number"], ["a", Shown(123456, "0.00E+00")], ["b", Shown(0.25, "# ?/?")]],
        "name text, number numeric",
        [("a", "123456"), ("b", "0.25")],
    ),
    one(
        "percents_as_texts_stay_texts",
        [["Name", "Share"], ["a", "50 %"], ["b", "75%"]],
        "name text, share text",
        [("a", "50 %"), ("b", "75%")],
    ),
    one(
        "numbers_with_blanks_around_stay_texts",
        [["Name", "Count"], ["a", " 12"], ["b", "13 "]],
        "name text, count text",
        [("a", " 12"), ("b", "13 ")],
    ),
    one(
        "digits_of_other_scripts_stay_texts",
        [["Name", "Count"], ["a", "١٢"], ["b", "１２"]],
        "name text, count text",
        [("a", "١٢"), ("b", "１２")],
    ),
    one(
        "zero_is_written_in_one_way",
        [["Name", "Count"], ["a", Decimal(0)], ["b", Decimal(0)], ["c", Decimal(3)]],
        "name text, count integer",
        [("a", "0"), ("b", "0"), ("c", "3")],
        write=xml_book(
            row(1, inline("Name"), inline("Count"))
            + row(2, inline("a"), number("-0"))
            + row(3, inline("b"), number("0.000"))
            + row(4, inline("c"), number("3.00"))
        ),
    ),
)
