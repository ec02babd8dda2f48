"""Wide tables: columns beyond the thousandth, and rows that would not fit into a page."""

from decimal import Decimal

from hrdata_assets_tests.excel.corpus.case import Case, one
from hrdata_assets_tests.excel.corpus.values import Shown


def _wide(name: str, kind: str, *rows: list[object]) -> Case:
    """A table of as many columns as there may be at most."""
    names = [f"h{n}" for n in range(len(rows[0]))]
    texts = [[_text(value) for value in row] for row in rows]
    return one(name, [list(names), *rows], dict.fromkeys(names[:1_000], kind), texts)  # type: ignore[list-item]


def _text(value: object) -> str | None:
    return value.text if isinstance(value, Shown) else None if value is None else str(value)


_WORDS = [f"text number {n:04d}" for n in range(1_000)]

CASES: tuple[Case, ...] = (
    one(
        "more_columns_than_there_may_be",
        [[*(f"h{n}" for n in range(1_000)), "Note", "Note", "note", "Unit"], [*_WORDS, "a", "b", "c", None]],
        dict.fromkeys((f"h{n}" for n in range(1_000)), "text"),
        [[*_WORDS, "a", "b", "c", None]],
    ),
    _wide("rows_too_long_for_a_page", "text", [f"{n:020d}x" for n in range(500)], [None] * 499 + ["x"], ["y"] * 500),
    _wide(
        "many_lengths_of_time",
        "interval",
        [Shown(1.25, "[h]:mm:ss", "30:00:00") for _ in range(540)],
        [Shown(0.25, "[h]:mm:ss", "06:00:00") for _ in range(540)],
    ),
    one(
        "many_numbers_and_texts_side_by_side",
        [
            [f"h{n}" for n in range(720)],
            *([f"{n:08d}" if n % 2 else n + more for n in range(720)] for more in (0, 10**14)),
        ],
        {f"h{n}": "text" if n % 2 else "bigint" for n in range(720)},
        [[f"{n:08d}" if n % 2 else str(n + more) for n in range(720)] for more in (0, 10**14)],
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
