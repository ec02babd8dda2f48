"""What a table has no room for, moved aside under its heading without losing any of it."""

import json

import polars as pl
import pytest

from hrdata_assets.excel.overflow import ROW_BYTES, with_extra
from hrdata_assets.excel.sheet_table import told_apart


def extra_of(part: pl.DataFrame, headings: list[str], room: list[bool]) -> list[dict[str, str]]:
    found = with_extra(part, part.columns, headings, room).get_column("extra")
    return [json.loads(text) if text is not None else {} for text in found]


def test_columns_of_one_heading_are_both_kept() -> None:
    part = pl.DataFrame({"0": ["a"], "1": ["b"], "2": ["c"]})
    assert extra_of(part, ["Note", "Note", "Note"], [True, False, False]) == [{"Note (2)": "b", "Note (3)": "c"}]


@pytest.mark.parametrize(
    ("headings", "keys"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a (2)", "a (3)"]),
        (["a", "a", "a (2)"], ["a", "a (3)", "a (2)"]),
        (["a (2)", "a", "a"], ["a (2)", "a", "a (3)"]),
    ],
)
def test_headings_are_told_apart(headings: list[str], keys: list[str]) -> None:
    assert told_apart(headings) == keys


@pytest.mark.parametrize(
    ("text", "most"),
    [
        # A bigint or a double of one digit takes eight bytes, and so does its next one.
        ("1", ROW_BYTES // 8),
        # An interval takes sixteen, however short its text is.
        ("08:30:00", ROW_BYTES // 16),
        # What is moved out of its row leaves a pointer.
        ("x" * 50, ROW_BYTES // 18),
    ],
)
def test_a_row_keeps_no_more_than_fits_whatever_its_types_are(text: str, most: int) -> None:
    names = [str(number) for number in range(1_000)]
    part = pl.DataFrame({name: [text] for name in names})
    kept = with_extra(part, names, names, [True] * 1_000)
    moved = json.loads(kept.item(0, "extra"))
    stored = [name for name in names if kept.item(0, name) is not None]
    assert most - 20 <= len(stored) <= most
    assert sorted([*stored, *moved]) == sorted(names)
