"""Tables that a second workbook of the same folder widens, without a value of the first being changed."""

import datetime
from collections.abc import Sequence

from hrdata_assets_tests.excel.corpus.case import Case, Texts, Workbook, columns_of
from hrdata_assets_tests.excel.corpus.values import Rows, Shown, Value, as_book


def _two(name: str, first: Rows, second: Rows, columns: str, rows: Sequence[Texts], **of_second: object) -> Case:
    books = (
        Workbook(as_book(first), "a.xlsx"),
        Workbook(as_book(second), "b.xlsx", **of_second),  # type: ignore[arg-type]
    )
    return Case(name, books, columns_of(columns), rows)


def _widened(name: str, first: Value, second: Value, kind: str, texts: tuple[str, str]) -> Case:
    """A column of one value and another."""
    head = ["Name", "Value"]
    rows = [("a", texts[0]), ("b", texts[1])]
    return _two(name, [head, ["a", first]], [head, ["b", second]], f"name text, value {kind}", rows)


_DAY, _MOMENT = datetime.date(2024, 1, 31), datetime.datetime(2024, 2, 1, 8, 30)

CASES: tuple[Case, ...] = (
    _widened("whole_numbers_become_larger", 1, 3_000_000_000, "bigint", ("1", "3000000000")),
    _widened("whole_numbers_become_decimals", 7, 0.5, "numeric", ("7", "0.5")),
    _widened("decimals_stay_when_whole_numbers_come", 0.5, 7, "numeric", ("0.5", "7")),
    _widened("decimals_become_very_large", 0.1, 1e40, "double precision", ("0.1", "1E+40")),
    _widened("very_large_numbers_become_texts", 1e40, "x", "text", ("1E+40", "x")),
    _widened("double_numbers_become_texts_written_plainly", 2.5e20, "x", "text", ("250000000000000000000", "x")),
    _widened("numbers_become_texts", 12.5, "x", "text", ("12.5", "x")),
    _widened("booleans_become_texts", True, "x", "text", ("TRUE", "x")),
    _widened("booleans_become_texts_by_a_number", False, 1, "text", ("FALSE", "1")),
    _widened("days_become_moments", _DAY, _MOMENT, "timestamp", ("2024-01-31", "2024-02-01 08:30:00")),
    _widened("moments_become_texts", _MOMENT, "soon", "text", ("2024-02-01 08:30:00", "soon")),
    _widened("days_become_texts", _DAY, 5, "text", ("2024-01-31", "5")),
    _widened(
        "times_become_lengths", datetime.time(8, 30), datetime.timedelta(hours=30), "interval", ("08:30:00", "30:00:00")
    ),
    _widened("lengths_become_texts", datetime.timedelta(hours=1_000), "x", "text", ("1000:00:00", "x")),
    _widened("negative_lengths_become_texts", Shown(-0.5, "[h]:mm", "-12:00:00"), "x", "text", ("-12:00:00", "x")),
    _widened("texts_take_numbers", "x", 0.5, "text", ("x", "0.5")),
    _two(
        "columns_are_added",
        [["Name", "Unit"], ["a", "x"]],
        [["Pay", "Name", "UNIT"], [1.5, "b", "y"]],
        "name text, unit text, pay numeric",
        [("a", "x", None), ("b", "y", "1.5")],
        places=(2, 3, 1),
    ),
    _two(
        "columns_are_left_out",
        [["Name", "Unit", "Pay"], ["a", "x", 1]],
        [["Name"], ["b"]],
        "name text, unit text, pay integer",
        [("a", "x", "1"), ("b", None, None)],
    ),
    _two(
        "columns_without_values_take_the_type_of_the_first",
        [["Name", "Pay"], ["a", None]],
        [["Name", "Pay"], ["b", 7]],
        "name text, pay integer",
        [("a", None), ("b", "7")],
    ),
    _two(
        "headings_alone_take_the_types_of_the_first_rows",
        [["Name", "Pay"]],
        [["Name", "Pay"], ["b", 0.5]],
        "name text, pay numeric",
        [("b", "0.5")],
    ),
    _two(
        "headings_twice_belong_together_in_their_order",
        [["Name", "Phone", "Phone"], ["a", "1x", "2x"]],
        [["Phone", "Name", "phone"], ["3x", "b", "4x"]],
        "name text, phone text, phone_2 text",
        [("a", "1x", "2x"), ("b", "3x", "4x")],
        places=(2, 1, 3),
    ),
)
