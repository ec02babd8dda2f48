"""Names for headings and folders: valid without quotes, readable where the script allows it, and never two alike."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.cleaning.identifiers import (
    KEY_WORDS,
    MOST_BYTES,
    SYSTEM_COLUMNS,
    column_name,
    heading_key,
    table_name,
    unique_names,
)

LONG = "Average number of hours that were worked by the department in the month of "


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Employee ID", "employee_id"),
        ("  Salary (NOK) / month ", "salary_nok_month"),
        ("Gender\nIdentity", "gender_identity"),
        ("already_fine_2", "already_fine_2"),
        ("Straße", "strasse"),
        ("Bodø, Ålesund & Ærø", "bodo_alesund_aero"),
        ("Zażółć gęślą jaźń", "zazolc_gesla_jazn"),
        ("Область", "oblast"),
        ("Ημερομηνία", "imerominia"),
        ("姓名", "xingming"),
        ("الاسم", "lsm"),
        ("½ day", "_1_2_day"),
        ("№ 1", "no_1"),
        ("Fee in €", "fee_in_eur"),
    ],
)
def test_a_heading_of_any_script_becomes_a_name_of_plain_letters(heading: str, name: str) -> None:
    assert column_name(heading) == name


def test_a_letter_and_its_accent_are_the_letter_with_its_accent() -> None:
    heading = "Prénom ÅØÆ 한국"
    assert column_name(unicodedata.normalize("NFD", heading)) == column_name(heading)


def test_signs_without_a_letter_are_told_apart_by_their_numbers() -> None:
    assert [column_name(h) for h in ("%", "#", "+ -", "\u200b", "´")] == ["u25", "u23", "u2b_u2d", "u200b", "ub4"]


def test_pictures_are_called_what_they_show() -> None:
    assert [column_name(h) for h in ("😀", "😢")] == ["grinning", "cry"]


@pytest.mark.parametrize("heading", ["", "  ", "\n\t", "\u00a0", "\ufeff"])
def test_an_empty_heading_is_called_by_its_position(heading: str) -> None:
    assert unique_names(["a", heading, "c"]) == ["a", "column_2", "c"]


def test_a_year_is_a_name_too() -> None:
    assert unique_names(["2024", "2025 Q1", "_2024"]) == ["_2024", "_2025_q1", "_2024_2"]


@pytest.mark.parametrize("word", ["select", "User", "ORDER", "column", "system_user", "analyse", "left", "freeze"])
def test_a_key_word_of_postgresql_is_told_apart_by_an_underscore(word: str) -> None:
    assert column_name(word) == f"{word.lower()}_"


@pytest.mark.parametrize("word", ["ctid", "xmin", "oid", "tableoid", "Sheet", "row no", "Load-ID", "EXTRA", "changes"])
def test_a_heading_takes_no_column_that_every_table_has(word: str) -> None:
    name = column_name(word)
    assert name.endswith("_")
    assert name.rstrip("_") in SYSTEM_COLUMNS


def test_long_headings_that_begin_alike_stay_apart() -> None:
    january, february = (column_name(LONG + month) for month in ("January", "February"))
    assert january != february
    assert [len(january), len(february)] == [MOST_BYTES, MOST_BYTES]
    assert re.fullmatch(r"average_number_of_hours_that_were_worked_by_the_depart_[0-9a-f]{8}", january)


def test_a_name_of_sixty_three_letters_is_not_cut() -> None:
    assert column_name("x" * 63) == "x" * 63
    assert len(column_name("x" * 64)) == 63


def test_a_heading_is_cut_to_one_name_however_its_blanks_and_letters_are_written() -> None:
    assert column_name(LONG + "May") == column_name(f" {LONG.upper()}  MAY ")


def test_repeated_headings_are_numbered_around_one_that_is_really_called_so() -> None:
    assert unique_names(["Name", "name", "name_2", "NAME"]) == ["name", "name_3", "name_2", "name_4"]
    assert unique_names(["name_2", "name", "name"]) == ["name_2", "name", "name_3"]


def test_a_heading_goes_before_the_number_of_one_that_is_empty() -> None:
    assert unique_names(["", "column_1"]) == ["column_1_2", "column_1"]


def test_repeated_key_words_are_numbered_like_others() -> None:
    assert unique_names(["select", "SELECT", "2024", "2024"]) == ["select_", "select_2", "_2024", "_2024_2"]


def test_repeated_long_headings_keep_their_hash() -> None:
    first, second = unique_names([LONG + "May", LONG + "May"])
    digits = first[-8:]
    assert second.endswith(f"_{digits}_2")
    assert len(second) <= MOST_BYTES


def test_names_that_are_taken_are_not_given_again() -> None:
    assert unique_names(["Name", "Born"], taken=["name", "name_2"]) == ["name_3", "born"]


def test_thousands_of_like_headings_are_named_at_once() -> None:
    names = unique_names(["Hours"] * 16_384)
    assert (names[0], names[-1], len(set(names))) == ("hours", "hours_16384", 16_384)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Employee ID", " employee   id\n"),
        ("STRASSE", "straße"),
        ("Prénom", "Pre\u0301nom"),
        ("ﬁx", "FIX"),
        ("Q１", "q1"),
        ("a\u00a0b", "A B"),
    ],
)
def test_headings_that_look_alike_are_one(one: str, other: str) -> None:
    assert heading_key(one) == heading_key(other)


@pytest.mark.parametrize(("one", "other"), [("Pay %", "Pay"), ("Resume", "Résumé"), ("a_b", "a b"), ("A1", "A 1")])
def test_headings_that_only_have_one_name_are_still_two(one: str, other: str) -> None:
    assert heading_key(one) != heading_key(other)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ([], "root"),
        (["Folder B"], "folder_b"),
        (["folder_b", "nested"], "folder_b_nested"),
        (["HR", "2024", "Løn"], "hr_2024_lon"),
        (["2024"], "_2024"),
        (["order"], "order_"),
        (["sheet"], "sheet"),
        (["%", "a"], "u25_a"),
    ],
)
def test_a_table_is_called_by_the_folders_that_lead_to_it(parts: list[str], name: str) -> None:
    assert table_name(parts) == name


def test_deep_folders_that_begin_alike_have_tables_of_their_own() -> None:
    deep = ["Human Resources", "Reports of the northern region", "Working hours by month"]
    names = {table_name([*deep, year]) for year in ("2024", "2025")}
    assert len(names) == 2
    assert all(len(name) <= MOST_BYTES for name in names)


headings = st.one_of(
    st.text(max_size=100),
    st.text("ab_ 2%", max_size=6),
    st.sampled_from(["name", "Name", "name_2", "name 2", "select", "oid", "column_1", "2", "", LONG + "May", "\ud800"]),
    st.text("xy", min_size=60, max_size=70),
)


def is_fine(name: str) -> bool:
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) is not None
    return plain and len(name) <= MOST_BYTES and name not in KEY_WORDS | SYSTEM_COLUMNS


@settings(max_examples=200, deadline=None)
@given(st.lists(headings, max_size=12), st.lists(st.sampled_from(["name", "name_2", "a", "a_2", "u25"]), max_size=4))
def test_whatever_stands_above_columns_their_names_are_valid_and_no_two_alike(
    given: list[str], taken: list[str]
) -> None:
    names = unique_names(given, taken)
    assert len({*names, *taken}) == len(names) + len(set(taken))
    assert [name for name in names if not is_fine(name)] == []
    assert unique_names(given, taken) == names


@settings(max_examples=200, deadline=None)
@given(st.lists(headings, max_size=12))
def test_names_that_are_fine_already_stay_as_they_are(given: list[str]) -> None:
    names = unique_names(given)
    assert unique_names(names) == names
    assert [column_name(name) for name in names] == names


@settings(max_examples=200, deadline=None)
@given(headings)
def test_a_heading_as_it_is_compared_is_compared_to_itself(heading: str) -> None:
    assert heading_key(heading_key(heading)) == heading_key(heading) == heading_key(f"  {heading}\n")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40), max_size=6))
def test_a_table_has_a_valid_name_whatever_its_folders_are_called(parts: list[str]) -> None:
    name = table_name(parts)
    assert re.fullmatch(r"[a-z_][a-z0-9_]*", name)
    assert len(name) <= MOST_BYTES
    assert name not in KEY_WORDS
