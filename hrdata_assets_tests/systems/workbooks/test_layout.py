"""Where the table stands in a sheet: headings, first row, totals and footers."""

import datetime

import pytest

from hrdata_assets.systems.workbooks.cells import Area, SheetFacts
from hrdata_assets.systems.workbooks.layout import FOOTER_ROW, TOTAL_ROW, Layout, find_tail, lay_out
from hrdata_assets_tests.systems.workbooks.sheets import Value, side_by_side

NOTHING = SheetFacts()


def headings(layout: Layout) -> list[str]:
    return [heading.text for heading in layout.headings]


def codes(layout: Layout) -> list[str]:
    return [decision.code for decision in layout.decisions]


def test_headings_in_the_first_row_need_no_decision() -> None:
    layout = lay_out(side_by_side([["Name", "Salary"], ["a", 1]]), NOTHING)
    assert (headings(layout), layout.first_row, codes(layout)) == (["Name", "Salary"], 2, [])


def test_titles_above_the_headings_are_left_out() -> None:
    layout = lay_out(
        side_by_side(
            {1: ["Head count, March"], 2: [None, "confidential"], 4: ["Name", "Unit", "FTE"], 5: ["a", "b", 1]}
        ),
        NOTHING,
    )
    assert (headings(layout), layout.first_row) == (["Name", "Unit", "FTE"], 5)
    assert {d.code: d.rows for d in layout.decisions} == {"header_found": (4,), "rows_above": (1, 2)}


def test_headings_are_found_where_the_table_begins_further_right() -> None:
    layout = lay_out(side_by_side({3: [None, None, "Name", "Unit"], 4: [None, None, "a", "b"]}), NOTHING)
    assert [(h.column, h.text) for h in layout.headings] == [(3, "Name"), (4, "Unit")]


def test_a_row_of_values_is_not_taken_for_headings() -> None:
    layout = lay_out(side_by_side([[1, 2.5, "x"], [2, 3.5, "y"]]), NOTHING)
    assert (headings(layout), layout.first_row, codes(layout)) == (["", "", ""], 1, ["no_headings"])


def test_years_and_months_beside_a_text_are_headings() -> None:
    years = lay_out(side_by_side([["Unit", 2023, 2024, 2025], ["a", 1, 2, 3]]), NOTHING)
    assert headings(years) == ["Unit", "2023", "2024", "2025"]
    month = datetime.date(2024, 1, 1)
    assert headings(lay_out(side_by_side([["Unit", month, month], ["a", 1, 2]]), NOTHING))[1] == "2024-01-01"


def test_headings_over_several_columns_are_joined_with_those_below() -> None:
    rows: list[list[Value]] = [["Person", None, "Salary"], ["First name", "Last name", "2024"], ["a", "b", 1]]
    layout = lay_out(side_by_side(rows), SheetFacts(merged=(Area(1, 1, 1, 2),)))
    assert headings(layout) == ["Person First name", "Person Last name", "Salary 2024"]
    assert (layout.first_row, codes(layout)) == (3, ["headings_joined"])


def test_a_heading_over_several_rows_is_one() -> None:
    rows: list[list[Value]] = [["Name", "Salary", None], [None, "gross", "net"], ["a", 1, 2]]
    layout = lay_out(side_by_side(rows), SheetFacts(merged=(Area(1, 1, 2, 1), Area(1, 2, 1, 3))))
    assert headings(layout) == ["Name", "Salary gross", "Salary net"]
    assert layout.first_row == 3


def test_a_title_over_the_whole_width_is_no_heading() -> None:
    rows: list[list[Value]] = [["Salaries 2024", None, None], ["Name", "Unit", "Pay"], ["a", "b", 1]]
    layout = lay_out(side_by_side(rows), SheetFacts(merged=(Area(1, 1, 1, 3),)))
    assert headings(layout) == ["Name", "Unit", "Pay"]


def test_the_configuration_can_say_where_headings_stand() -> None:
    rows: list[list[Value]] = [["x", "y", "z"], ["Name", "Unit", None], ["a", "b", "c"]]
    layout = lay_out(side_by_side(rows), NOTHING, header=(2, 2))
    assert (headings(layout), layout.first_row) == (["Name", "Unit", ""], 3)
    assert codes(layout) == ["header_given", "rows_above"]


def test_line_breaks_and_blanks_in_a_heading_are_single_blanks() -> None:
    assert headings(lay_out(side_by_side([["Date of\n  birth "], ["x"]]), NOTHING)) == ["Date of birth"]


def test_an_empty_sheet_has_no_headings() -> None:
    assert lay_out(side_by_side([]), NOTHING) == Layout((), 1)


def tail(rows: dict[int, list[Value]], footer: int | tuple[str, ...] | None = None) -> dict[int, str]:
    return dict(find_tail(side_by_side(rows), [1, 2, 3], footer).rules)


ROWS: dict[int, list[Value]] = {2: ["a", "b", 1], 3: ["c", "d", 2]}


@pytest.mark.parametrize("word", ["Total", "TOTAL:", "Grand total", "Sum", "Summe", "Gesamt", "Totalt", "Итого"])
def test_a_total_at_the_end_is_no_row_of_the_table(word: str) -> None:
    assert tail(ROWS | {4: [word, None, 3]}) == {4: TOTAL_ROW}


def test_several_totals_at_the_end_are_found() -> None:
    assert tail(ROWS | {4: ["Subtotal", None, 3], 5: [None, "Total", 3]}) == {4: TOTAL_ROW, 5: TOTAL_ROW}


@pytest.mark.parametrize("last", [["Total", "Oslo", 1], ["Summer", None, 1], [1, 2, 3]])
def test_a_person_called_total_stays(last: list[Value]) -> None:
    assert tail(ROWS | {4: last}) == {}


def test_a_total_in_the_middle_stays() -> None:
    assert tail({2: ["Total", None, 1], 3: ["a", "b", 1]}) == {}


def test_remarks_below_an_empty_row_are_a_footer() -> None:
    assert tail(ROWS | {4: ["Total", None, 3], 6: ["* estimated"], 7: ["Source: payroll"]}) == {
        4: TOTAL_ROW,
        6: FOOTER_ROW,
        7: FOOTER_ROW,
    }


def test_rows_below_an_empty_row_go_on_with_the_table_if_they_are_filled() -> None:
    assert tail(ROWS | {5: ["e", "f", 3]}) == {}


def test_the_configuration_can_say_what_a_footer_is() -> None:
    assert tail(ROWS, footer=1) == {3: FOOTER_ROW}
    assert tail(ROWS, footer=0) == {}
    assert tail(ROWS | {4: ["Prepared by"]}, footer=("prepared",)) == {4: FOOTER_ROW}
    assert tail(ROWS, footer=99) == {2: FOOTER_ROW, 3: FOOTER_ROW}


def test_cells_of_empty_texts_alone_are_no_headings() -> None:
    layout = lay_out(side_by_side([["", ""], ["", None]]), NOTHING)
    assert (headings(layout), codes(layout)) == (["", ""], ["no_headings"])
