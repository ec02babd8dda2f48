"""Headings in any script, and names of columns that PostgreSQL takes without quotes."""

from collections.abc import Sequence

from hrdata_assets_tests.excel.corpus.case import Case, one

_LONG = "Gross monthly salary including all supplements and allowances before tax"


def _headings(name: str, headings: Sequence[str | None], columns: Sequence[str]) -> Case:
    """Headings above a row of texts."""
    texts = [f"t{n}" for n in range(len(headings))]
    return one(name, [list(headings), texts], dict.fromkeys(columns, "text"), [texts])


CASES = (
    _headings(
        "headings_of_several_words",
        ["First name", "E-mail (work)", "  Unit  ", "FTE %", "a/b"],
        ["first_name", "e_mail_work", "unit", "fte", "a_b"],
    ),
    _headings(
        "headings_with_umlauts", ["Größe", "Straße", "Ærø", "Año", "Łódź"], ["grosse", "strasse", "aero", "ano", "lodz"]
    ),
    _headings("headings_in_cyrillic", ["Имя", "Зарплата"], ["imya", "zarplata"]),
    _headings("headings_in_greek", ["Όνομα", "Πόλη"], ["onoma", "poli"]),
    _headings("headings_in_chinese", ["姓名", "工资"], ["xingming", "gongzi"]),
    _headings("headings_of_emoji", ["🙂", "Name"], ["slight_smile", "name"]),
    _headings("headings_of_signs", ["#", "%", "Name"], ["u23", "u25", "name"]),
    _headings("headings_with_digits_first", ["2024", "1st", "Name"], ["_2024", "_1st", "name"]),
    _headings(
        "headings_that_are_reserved", ["Order", "user", "SELECT", "Group"], ["order_", "user_", "select_", "group_"]
    ),
    _headings(
        "headings_like_columns_of_ours",
        ["row_no", "Source file", "sheet", "load_id", "extra", "xmin"],
        ["row_no_", "source_file_", "sheet_", "load_id_", "extra_", "xmin_"],
    ),
    _headings("headings_twice", ["Name", "Name", "name ", "Unit"], ["name", "name_2", "name_3", "unit"]),
    _headings("headings_twice_beside_one_with_a_number", ["Name", "Name", "Name 2"], ["name", "name_3", "name_2"]),
    _headings("headings_that_are_transliterated_alike", ["Ø", "O", "ø", "Name"], ["o", "o_2", "o_3", "name"]),
    _headings(
        "headings_left_out", ["Name", None, "Unit", "Pay", None], ["name", "column_b", "unit", "pay", "column_e"]
    ),
    _headings(
        "headings_too_long",
        [_LONG, f"{_LONG} in EUR"],
        [
            "gross_monthly_salary_including_all_supplements_and_all_9dcd4a76",
            "gross_monthly_salary_including_all_supplements_and_all_3616bfe8",
        ],
    ),
    _headings("headings_with_sql", ['x"); drop table y; --', "a'b", "%s", "$1"], ["x_drop_table_y", "a_b", "s", "_1"]),
    _headings("headings_of_several_lines", ["First\nname", "Last\r\nname", "a\tb"], ["first_name", "last_name", "a_b"]),
    _headings("headings_with_control_characters", ["a\x01b", "\x02", "c"], ["a_b", "u2", "c"]),
    _headings(
        "headings_that_look_like_formulas", ["=1+1", "+Bonus", "-Tax", "@Unit"], ["_1_1", "bonus", "tax", "unit"]
    ),
    _headings("headings_by_case", ["NAME", "Unit", "unit"], ["name", "unit", "unit_2"]),
    one(
        "headings_of_years",
        [["Unit", 2023, 2024], ["a", 1, 2], ["b", 3, 4]],
        "unit text, _2023 integer, _2024 integer",
        [("a", "1", "2"), ("b", "3", "4")],
    ),
    one(
        "headings_alone",
        [["Name", "Unit"]],
        "name text, unit text",
        [],
    ),
    one(
        "columns_without_values",
        [["Name", "Unit", "Note"], ["a", None, "x"], ["b", None, "y"]],
        "name text, unit text, note text",
        [("a", None, "x"), ("b", None, "y")],
    ),
)
