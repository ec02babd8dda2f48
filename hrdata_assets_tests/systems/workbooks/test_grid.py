"""Cells side by side."""

from hypothesis import given
from hypothesis import strategies as st

from hrdata_assets.systems.workbooks.cells import SCHEMA, Kind
from hrdata_assets.systems.workbooks.grid import ROW, columns_of, kind_of, text_of, widen, with_columns
from hrdata_assets_tests.systems.workbooks.sheets import Value, cells, side_by_side


def test_each_row_has_a_text_and_a_kind_per_column() -> None:
    wide = side_by_side({2: ["a", None, 1], 5: [None, True]})
    assert columns_of(wide) == [1, 2, 3]
    assert wide.to_dicts() == [
        {"row": 2, "t1": "a", "k1": Kind.TEXT, "t2": None, "k2": None, "t3": "1", "k3": Kind.NUMBER},
        {"row": 5, "t1": None, "k1": None, "t2": "TRUE", "k2": Kind.BOOLEAN, "t3": None, "k3": None},
    ]


def test_no_cells_are_no_rows() -> None:
    wide = widen(cells([]))
    assert (wide.height, wide.columns) == (0, [ROW])


def test_columns_that_no_row_has_are_null() -> None:
    wide = with_columns(side_by_side([["a", "b"]]), [2, 7])
    assert wide.to_dicts() == [{"row": 1, "t2": "b", "k2": Kind.TEXT, "t7": None, "k7": None}]


@given(st.lists(st.lists(st.one_of(st.none(), st.integers(), st.text()), max_size=4), max_size=6))
def test_no_cell_is_lost(rows: list[list[Value]]) -> None:
    before = cells(rows)
    wide = widen(before)
    after = [
        (row[ROW], column, row[kind_of(column)], row[text_of(column)], None)
        for row in wide.to_dicts()
        for column in columns_of(wide)
        if row[text_of(column)] is not None
    ]
    assert after == before.rows()
    assert before.schema == SCHEMA
