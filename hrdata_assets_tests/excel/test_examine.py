"""What is found out about a sheet: columns and types, rows that are kept out, values that are stored otherwise."""

import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hrdata_assets.excel.declared import READ_AS_DECLARED, REWRITTEN
from hrdata_assets.excel.passing import EMPTY_TEXT, NO_ERROR, NOT_CALCULATED, OF_ITS_TYPE
from hrdata_assets.systems.workbooks.addresses import letters_of
from hrdata_assets.systems.workbooks.cells import SheetFacts
from hrdata_assets.systems.workbooks.layout import FOOTER_ROW, TOTAL_ROW
from hrdata_assets_tests.excel.sheets import changes_of, examined, reasons_of, rows_of, types_of
from hrdata_assets_tests.systems.workbooks.sheets import Value

DAY = datetime.date(2024, 1, 31)


def test_a_sheet_is_rows_under_headings(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Name", "Hired", "FTE"], ["a", DAY, 50], ["b", None, 12.5]])
    assert types_of(sheet) == {"Name": "text", "Hired": "date", "FTE": "numeric"}
    assert rows_of(sheet) == [(2, "a", "2024-01-31", "50"), (3, "b", None, "12.5")]
    assert (sheet.counted.read, sheet.counted.kept, sheet.decisions) == (2, 2, ())


def test_types_are_those_of_all_parts_together(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["A", "B"], [1, 1]], [[2, "x"], [3_000_000_000, 3]])
    assert types_of(sheet) == {"A": "bigint", "B": "text"}


def test_a_column_without_heading_is_called_by_its_letters(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Name", None, "Unit"], ["a", 1, "x"], ["b", 2, "y"]])
    assert list(types_of(sheet)) == ["Name", "column B", "Unit"]
    assert [letters_of(n) for n in (1, 26, 27, 16_384)] == ["A", "Z", "AA", "XFD"]


def test_headings_that_stand_twice_are_counted(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Name", "name ", "Unit"], ["a", "b", "c"]])
    assert [(c.heading, c.occurrence) for c in sheet.columns] == [("Name", 1), ("name", 2), ("Unit", 1)]


def test_a_row_with_an_error_is_kept_out_with_its_reason(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Name", "Unit"], ["a", "#N/A"], ["b", "x"]])
    assert rows_of(sheet) == [(3, "b", "x")]
    assert reasons_of(sheet) == {2: [(NO_ERROR, "Unit")]}
    assert sheet.counted.letters[0].payload == {"Name": "a", "Unit": "#N/A"}


def test_rows_of_empty_texts_are_blank(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Name", "Unit"], ["", ""], ["b", "x"]])
    assert rows_of(sheet) == [(3, "b", "x")]
    assert (sheet.counted.read, sheet.counted.skipped) == (2, 1)


def test_totals_and_footers_are_kept_out(tmp_path: Path) -> None:
    sheet = examined(tmp_path, {1: ["Name", "FTE", "Pay"], 2: ["a", 1, 2], 3: ["Total", 1, 2], 5: ["* estimated"]})
    assert rows_of(sheet) == [(2, "a", "1", "2")]
    assert reasons_of(sheet) == {3: [(TOTAL_ROW, None)], 5: [(FOOTER_ROW, None)]}


def test_a_formula_without_result_is_null_and_said(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Name", "FTE"], ["a", "=B1"], ["b", 1]])
    assert rows_of(sheet) == [(2, "a", None), (3, "b", "1")]
    assert changes_of(sheet) == {("FTE", NOT_CALCULATED): [2]}


def test_the_empty_text_is_null_among_numbers_and_itself_among_texts(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["FTE", "Unit"], ["", ""], [1, "x"], ["", "y"]])
    assert rows_of(sheet) == [(3, "1", "x"), (4, None, "y")]
    assert changes_of(sheet) == {("FTE", EMPTY_TEXT): [4]}


def test_leading_zeros_make_a_text(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Number"], ["00123"], ["124"]])
    assert types_of(sheet) == {"Number": "text"}


def test_only_the_range_is_looked_at(tmp_path: Path) -> None:
    rows: list[list[Value]] = [["x", None, None], [None, "A", "B"], ["y", 1, 2], [None, 3, 4], [None, 5, 6]]
    sheet = examined(tmp_path, rows, range="B2:C4")
    assert rows_of(sheet) == [(3, "1", "2"), (4, "3", "4")]


def test_hidden_rows_and_columns_are_read_unless_they_are_to_be_skipped(tmp_path: Path) -> None:
    rows: list[list[Value]] = [["A", "B"], [1, 2], [3, 4]]
    facts = SheetFacts(hidden_rows=frozenset({2}), hidden_columns=frozenset({2}))
    assert rows_of(examined(tmp_path, rows, facts=facts)) == [(2, "1", "2"), (3, "3", "4")]
    assert rows_of(examined(tmp_path, rows, facts=facts, hidden="skip")) == [(3, "3")]


def test_an_empty_sheet_is_an_empty_table(tmp_path: Path) -> None:
    sheet = examined(tmp_path)
    assert (rows_of(sheet), sheet.columns, sheet.counted.read) == ([], (), 0)


def test_headings_alone_are_a_table_without_rows(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Name", "Unit"]])
    assert (rows_of(sheet), types_of(sheet)) == ([], {"Name": None, "Unit": None})


def test_a_text_that_could_be_two_days_stays_one(tmp_path: Path) -> None:
    assert types_of(examined(tmp_path, [["Day"], ["03.04.2024"]])) == {"Day": "text"}


@pytest.mark.parametrize(("day_first", "stored"), [(True, "2024-04-03"), (False, "2024-03-04")])
def test_the_configuration_says_what_comes_first_in_a_date(tmp_path: Path, day_first: bool, stored: str) -> None:
    sheet = examined(tmp_path, [["Day"], ["03.04.2024"], [DAY]], day_first=day_first)
    assert types_of(sheet) == {"Day": "date"}
    assert rows_of(sheet) == [(2, stored), (3, "2024-01-31")]
    assert changes_of(sheet) == {("Day", READ_AS_DECLARED): [2]}


def test_a_date_that_is_none_leaves_its_column_as_it_is(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Day"], ["03.04.2024"], ["31.02.2024"]], day_first=True)
    assert rows_of(sheet) == [(2, "03.04.2024"), (3, "31.02.2024")]
    assert changes_of(sheet) == {}


def test_a_time_of_day_is_read_with_its_date(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["At"], ["3/4/2024 8:30"], ["3/4/2024 00:00"]], locale="de")
    assert rows_of(sheet) == [(2, "2024-04-03 08:30:00"), (3, "2024-04-03")]


def test_the_configuration_says_what_stands_before_decimals(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Pay"], ["1.234,50"], ["-7"], ["1.000"], [0.25]], decimal=",")
    assert types_of(sheet) == {"Pay": "numeric"}
    assert rows_of(sheet) == [(2, "1234.5"), (3, "-7"), (4, "1000"), (5, "0.25")]
    assert changes_of(sheet) == {("Pay", READ_AS_DECLARED): [2, 4]}


def test_a_number_written_otherwise_than_was_said_is_not_guessed_at(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Pay"], ["1,5"], ["1.5"]], decimal=",")
    assert types_of(sheet) == {"Pay": "text"}
    assert rows_of(sheet) == [(2, "1,5"), (3, "1.5")]


def test_codes_keep_their_zeros_whatever_was_said(tmp_path: Path) -> None:
    assert rows_of(examined(tmp_path, [["Code"], ["007"], ["01,5"]], decimal=",")) == [(2, "007"), (3, "01,5")]


def test_a_locale_says_both(tmp_path: Path) -> None:
    rows: list[list[Value]] = [["Day", "Pay"], ["03/04/2024", "1,234.5"]]
    assert rows_of(examined(tmp_path, rows, locale="en_US")) == [(2, "2024-03-04", "1234.5")]
    assert rows_of(examined(tmp_path, rows, locale="en_GB")) == [(2, "2024-04-03", "1234.5")]
    assert rows_of(examined(tmp_path, rows, locale="en")) == [(2, "03/04/2024", "1234.5")]


def test_a_declared_type_holds_and_rows_that_do_not_fit_are_kept_out(tmp_path: Path) -> None:
    rows: list[list[Value]] = [["Number", "Pay"], [1, 2], [3, "x"], [5, None]]
    sheet = examined(tmp_path, rows, types={"number": "text", "pay": "numeric"})
    assert types_of(sheet) == {"Number": "text", "Pay": "numeric"}
    assert rows_of(sheet) == [(2, "1", "2"), (4, "5", None)]
    assert reasons_of(sheet) == {3: [(OF_ITS_TYPE, "Pay")]}


def test_uuids_and_json_are_declared(tmp_path: Path) -> None:
    uuid = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"
    rows: list[list[Value]] = [["Id", "Facts"], [uuid.lower(), '{"a": 1}'], [uuid, "[]"], ["x", "{"]]
    sheet = examined(tmp_path, rows, types={"Id": "uuid", "Facts": "jsonb"})
    assert types_of(sheet) == {"Id": "uuid", "Facts": "jsonb"}
    assert reasons_of(sheet) == {4: [(OF_ITS_TYPE, "Id"), (OF_ITS_TYPE, "Facts")]}
    assert changes_of(sheet) == {("Id", REWRITTEN): [3], ("Facts", REWRITTEN): [2, 3]}


cells = st.one_of(st.none(), st.integers(-5, 5), st.sampled_from(["", "x", "#N/A", "=A", "Total", "1", "01.02.2024"]))
tables = st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=tables, cut=st.integers(1, 4), options=st.sampled_from([{}, {"day_first": True}, {"types": {"A": "integer"}}])
)
def test_every_row_is_kept_or_kept_out_for_a_reason(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[Value]], cut: int, options: dict[str, object]
) -> None:
    rows: list[list[Value]] = [["A", "B", "C"], *table]
    whole = examined(tmp_path_factory.mktemp("whole"), rows, **options)
    assert whole.counted.adds_up
    assert len(rows_of(whole)) == whole.counted.kept
    assert len(whole.counted.letters) == whole.counted.set_aside
    assert all(letter.reasons for letter in whole.counted.letters)
    in_parts = examined(tmp_path_factory.mktemp("parts"), rows[:cut], rows[cut:], **options)
    assert (rows_of(in_parts), types_of(in_parts), changes_of(in_parts)) == (
        rows_of(whole),
        types_of(whole),
        changes_of(whole),
    )


@pytest.mark.parametrize(
    "text", ['"\\ud800"', '{"\\udc00": 1}', '{"a": "\\ud800", "a": 1}', "1e400000", "[-2.5E-99999]"]
)
def test_json_that_postgresql_would_refuse_is_kept_out(tmp_path: Path, text: str) -> None:
    sheet = examined(tmp_path, [["Name", "Facts"], ["a", text], ["b", '"\\ud83d\\ude42"']], types={"Facts": "jsonb"})
    assert reasons_of(sheet) == {2: [(OF_ITS_TYPE, "Facts")]}


def test_what_is_kept_out_has_all_its_cells_under_headings_that_stand_twice(tmp_path: Path) -> None:
    sheet = examined(tmp_path, [["Note", "Note", "FTE"], ["a", "b", "#N/A"]])
    assert [letter.payload for letter in sheet.counted.letters] == [{"Note": "a", "Note (2)": "b", "FTE": "#N/A"}]
