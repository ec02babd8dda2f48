"""Wide tables: columns beyond the thousandth, and rows that would not fit into a page."""

from decimal import Decimal

from hrdata_assets_tests.excel.corpus.case import Case, one
from hrdata_assets_tests.excel.corpus.values import Shown, Value, text_of


def _side_by_side(number: int) -> list[Value]:
    """Lengths of time, texts and numbers in turn, each wider in its row than its text is long."""
    return [(Shown(1.25, "[h]:mm:ss", "30:00:00"), f"{n:08d}", n + number)[n % 3] for n in range(640)]


_WORDS = [f"text number {n:04d}" for n in range(1_000)]

CASES: tuple[Case, ...] = (
    one(
        "more_columns_than_there_may_be",
        [[*(f"h{n}" for n in range(1_000)), "Note", "Note", "note", "Unit"], [*_WORDS, "a", "b", "c", None]],
        dict.fromkeys((f"h{n}" for n in range(1_000)), "text"),
        [[*_WORDS, "a", "b", "c", None]],
    ),
    one(
        "rows_too_long_for_a_page",
        [[f"h{n}" for n in range(420)], [f"{n:020d}x" for n in range(420)], [None] * 419 + ["x"], ["y"] * 420],
        {f"h{n}": "text" for n in range(420)},
        [[f"{n:020d}x" for n in range(420)], [None] * 419 + ["x"], ["y"] * 420],
    ),
    one(
        "lengths_texts_and_numbers_side_by_side",
        [[f"h{n}" for n in range(640)], _side_by_side(0), _side_by_side(10**14)],
        {f"h{n}": ("interval", "text", "bigint")[n % 3] for n in range(640)},
        [[text_of(value) for value in _side_by_side(number)] for number in (0, 10**14)],
    ),
    one(
        "many_rows",
        [["Number", "Text"], *([n, f"t{n}"] for n in range(12_000))],
        "number integer, text text",
        [(str(n), f"t{n}") for n in range(12_000)],
    ),
    one(
        "types_that_change_far_down",
        [["Number", "Text"], *([n, f"t{n}"] for n in range(11_000)), ["x", "last"]],
        "number text, text text",
        [*((str(n), f"t{n}") for n in range(11_000)), ("x", "last")],
        file="book.xlsb",
    ),
    one(
        "decimals_far_down",
        [["Number", "Text"], *([n, f"t{n}"] for n in range(10_500)), [Decimal("0.5"), "last"]],
        "number numeric, text text",
        [*((str(n), f"t{n}") for n in range(10_500)), ("0.5", "last")],
        file="book.ods",
    ),
)
