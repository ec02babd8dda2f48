"""Judging: which rows stay, which are set aside and why, the scores at both points, and that every row is counted."""

import datetime
import unicodedata
from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.catalogue import STAGED
from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.quality.implied import KEY_UNIQUE, rules_of
from hrdata_assets.quality.judge import Judged, judge
from hrdata_assets.rule import Action, Dimension, rule
from hrdata_assets.table import Row, Table, column
from hrdata_assets.verdict import MOST_LETTERS
from hrdata_assets_tests.cleaning.builders import csv_of, csv_of_rows
from hrdata_assets_tests.quality.builders import (
    Employee,
    an_employee,
    broken,
    counts,
    employees,
    judged,
    judged_rows,
    rules_in,
)


def numbers(found: Judged) -> tuple[list[int], list[int]]:
    """Record numbers kept and set aside."""
    return found.kept.get_column("row_no").to_list(), [letter.row_no for letter in found.letters]


def test_of_rows_with_one_key_the_first_stays_and_only_the_surplus_is_told_off() -> None:
    found = judged_rows(an_employee(1), an_employee(2), an_employee(1), an_employee(1, name="Another"))
    assert numbers(found) == ([2, 3], [4, 5])
    assert [rules_in(letter) for letter in found.letters] == [{KEY_UNIQUE}] * 2
    assert (found.duplicates, found.set_aside) == (2, 0)
    assert (found.received.surplus, found.received.keyed) == (2, 4)
    assert counts(found.received)[KEY_UNIQUE] == (2, 4)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_a_good_and_a_bad_row_with_one_key_the_good_one_stays(order: tuple[int, int]) -> None:
    pair = [an_employee(1), an_employee(1, level="9")]
    found = judged_rows(an_employee(2), *(pair[position] for position in order))
    good = 3 + order.index(0)
    assert numbers(found) == ([2, good], [7 - good])
    assert rules_in(found.letters[0]) == {"level_valid", KEY_UNIQUE}
    # It is set aside for what is wrong with it: it is no mere repetition.
    assert (found.letters[0].stage, found.duplicates, found.set_aside) == ("validate", 0, 1)


def test_of_two_bad_rows_with_one_key_none_stays() -> None:
    found = judged_rows(an_employee(2), an_employee(1, level="9"), an_employee(1, level="8"))
    assert numbers(found) == ([2], [3, 4])
    assert [rules_in(letter) for letter in found.letters] == [{"level_valid"}, {"level_valid", KEY_UNIQUE}]


@pytest.mark.parametrize("other", ["é1", "É1", "e\u03011", " é1 ", "É1".lower()])
def test_keys_are_compared_without_case_blanks_and_ways_of_writing_a_letter(other: str) -> None:
    found = judged_rows(an_employee(employee_id="é1"), an_employee(employee_id=other), an_employee(3))
    assert numbers(found) == ([2, 4], [3])


def test_different_keys_are_not_taken_for_one() -> None:
    assert judged_rows(an_employee(employee_id="e1"), an_employee(employee_id="è1")).letters == ()


def test_rows_without_a_key_are_not_doubles_of_one_another() -> None:
    found = judged_rows(an_employee(1), an_employee(employee_id=""), an_employee(employee_id=""))
    assert [rules_in(letter) for letter in found.letters] == [{"employee_id_present"}] * 2
    assert (found.received.keyed, found.received.surplus) == (1, 0)


class Holding(Row, table="holdings"):
    """One row per person, thing and day."""

    person: str = column("Person", key=True)
    """Who."""

    thing: str | None = column("Thing", key=True)
    """What."""

    day: datetime.date | None = column("Day", key=True)
    """When."""


def test_a_key_of_several_columns_is_compared_whole_and_gaps_are_equal() -> None:
    rows = [["a", "x", ""], ["a", "x", "2025-01-01"], ["a", "", ""], ["a", "", ""], ["a", "X", "01.01.2025"]]
    found = judged(csv_of(["Person", "Thing", "Day"], *rows), Holding.table)
    assert numbers(found) == ([2, 3, 4], [5, 6])


def test_a_letter_gives_every_reason_with_rule_dimension_and_column_and_no_value() -> None:
    bad = an_employee(5, name="", email="zebra", level="quagga", grade="okapi")
    found = judged_rows(*employees(3), bad)
    (letter,) = found.letters
    assert letter.reasons == (
        {"rule": "name_present", "dimension": "completeness", "column": "name"},
        {"rule": "email_valid", "dimension": "validity", "column": "email"},
        {"rule": "level_valid", "dimension": "validity", "column": "level"},
        {"rule": "grade_valid", "dimension": "validity", "column": "grade"},
    )
    assert not [word for word in ("zebra", "quagga", "okapi", "Person", "e5") if word in str(letter.reasons)]


def test_nothing_that_is_shown_of_a_judgement_holds_a_value() -> None:
    found = judged_rows(an_employee(5, email="zebra", level="quagga", grade="okapi", title="gnu"))
    shown = f"{found.gates} {found.received} {found.published} {found.letters[0].reasons}"
    assert not [word for word in ("zebra", "quagga", "okapi", "gnu", "Person", "e5") if word in shown]


def test_a_letter_holds_the_row_as_it_was_delivered() -> None:
    bad = an_employee(5, level=" quagga ", title="B\0o")
    (letter,) = judged_rows(*employees(3), bad).letters
    cells = [[heading, text.replace("\0", "\\x00") or None] for heading, text in bad.items()]
    assert letter.payload == {"cells": cells}


def test_ragged_records_are_letters_with_their_text_and_stage() -> None:
    found = judged(csv_of_rows(*employees(2)) + b"zebra\n" + b",".join([b"x"] * 12) + b'\ne9,"quagga')
    assert [(letter.row_no, letter.stage, rules_in(letter)) for letter in found.letters] == [
        (4, "decode", {"too_few_fields"}),
        (5, "decode", {"too_many_fields"}),
        (6, "decode", {"quotes_not_closed"}),
    ]
    assert all(reason["column"] is None for letter in found.letters for reason in letter.reasons)
    assert "zebra" in str(found.letters[0].payload)
    assert "zebra" not in str(found.letters[0].reasons)
    assert counts(found.received)["fields_match_header"] == (2, 5)
    assert counts(found.published)["fields_match_header"] == (2, 2)
    assert (found.received.rows, found.received.set_aside, found.read) == (5, 3, 5)


def test_letters_stand_in_the_order_of_the_file() -> None:
    content = (
        csv_of_rows(an_employee(1, level="9")) + b"short\n" + csv_of_rows(an_employee(2, level="9")).split(b"\n")[1]
    )
    assert numbers(judged(content)) == ([], [2, 3, 4])


@pytest.mark.parametrize("more", [0, 1, 3])
def test_so_many_letters_are_written_first_rows_first_and_all_are_counted(more: int) -> None:
    rows = [["", "x"]] * (MOST_LETTERS + more - 1)
    found = judged(b"Person,Thing\nragged\n" + csv_of(*rows), Holding.table)
    assert (found.set_aside, found.received.set_aside, found.read) == (MOST_LETTERS + more,) * 3
    assert [letter.row_no for letter in found.letters] == list(range(2, MOST_LETTERS + 2))
    assert all(letter.reasons and letter.payload for letter in found.letters)


def test_received_is_scored_before_anything_is_dropped_and_published_after() -> None:
    found = judged_rows(*employees(8), an_employee(1), an_employee(10, level="9"))
    assert (found.received.rows, found.published.rows) == (10, 8)
    assert found.received.dimension(Dimension.UNIQUENESS) == Fraction(9, 10)
    assert found.published.dimension(Dimension.UNIQUENESS) == 1
    assert counts(found.received)["level_valid"] == (9, 10)
    assert counts(found.published)["level_valid"] == (8, 8)
    assert (found.received.set_aside_share, found.published.set_aside_share) == (Fraction(2, 10), 0)
    assert found.published.overall == 1 > (found.received.overall or 1)


def test_missing_cells_are_counted_in_columns_that_are_not_sparse() -> None:
    found = judged_rows(*employees(8), an_employee(9, email="", hours="n/a"), an_employee(10, title="", country=""))
    dense = sum(not c.sparse for c in Employee.table.columns)
    assert (found.received.cells, found.received.missing) == (10 * dense, 2)
    assert found.received.nulls == Fraction(2, 10 * dense)


def test_a_column_that_did_not_come_is_not_counted_as_missing() -> None:
    found = judged(csv_of(["Employee ID", "Name"], ["e1", "A"], ["e2", "B"]))
    assert (found.received.cells, found.received.missing) == (4, 0)
    assert found.received.dimension(Dimension.TIMELINESS) is None


def test_the_same_file_judged_as_of_the_same_day_gives_the_same() -> None:
    content = csv_of_rows(*employees(5), an_employee(6, level="9"))
    one, other = judged(content), judged(content)
    assert (one.received, one.published, one.letters) == (other.received, other.published, other.letters)
    assert one.kept.equals(other.kept)


def test_a_failed_gate_for_rows_set_aside_names_the_rule_most_often_broken() -> None:
    found = judged_rows(*employees(5), an_employee(6, level="9"), an_employee(7, level="8"), an_employee(8, name=""))
    gate = next(g for g in found.held if g.name == "set_aside")
    assert gate.detail.endswith("; most often for level_valid (2 rows)")


def test_a_good_delivery_is_held_by_no_gate() -> None:
    assert judged_rows(*employees(20), an_employee(21, level="9")).held == ()


def test_kept_rows_have_the_declared_columns_and_the_way_back() -> None:
    kept = judged_rows(*employees(2)).kept
    assert kept.columns == ["row_no", *(c.name for c in Employee.table.columns), "extra", "changes"]


@pytest.mark.parametrize("table", [Employee.table, Holding.table, *STAGED], ids=lambda table: table.name)
def test_a_file_without_rows_is_judged_and_has_no_score(table: Table) -> None:
    found = judged(csv_of([str(c.header) for c in table.columns]), table)
    assert (found.read, found.kept.height, found.letters, found.duplicates) == (0, 0, (), 0)
    assert (found.received.overall, found.published.overall, found.received.dimensions) == (None, None, {})
    assert {(m.units, m.passed) for m in found.received.measures} == {(0, 0)}
    assert [gate.name for gate in found.held] == ([] if table.may_be_empty else ["rows"])


def test_a_file_of_nothing_but_ragged_records_is_held() -> None:
    found = judged(csv_of_rows(an_employee(1)).split(b"\n")[0] + b"\nx\ny\n")
    assert (found.received.rows, found.kept.height, len(found.letters)) == (2, 0, 2)
    assert {gate.name for gate in found.held} >= {"overall", "set_aside"}


cells: dict[str, list[str]] = {
    "employee_id": ["e1", "e1", "E1", "e2", "e3", "e4", "e5", "é", "e\u0301", "", "n/a", " e2 "],
    "name": ["Anna", "Bo", "", "?"],
    "email": ["a@example.org", "zebra", ""],
    "level": ["1", "5", "6", "x", "", "N/A"],
    "grade": ["A", "B", "C", ""],
    "born": ["1984-02-29", "2025-02-30", "31.12.1999", "2030-01-01", ""],
    "updated": ["2025-09-01", "2020-01-01 08:00:00 UTC", "soon", ""],
    "hours": ["1", "0", "-1", "1,5", ""],
    "active": ["true", "false", "maybe", ""],
    "title": ["int:A", "A|no:B", "{", ""],
    "country": ["NO", "no", "\0", ""],
}
rows = st.fixed_dictionaries({name: st.sampled_from(choices) for name, choices in cells.items()})
junk = st.sampled_from(["", "\n", "one field", ",", "," * 10, "," * 11, "x" + "," * 10, '"', '","', "\x00,\xff"])
records = st.lists(st.one_of(rows, rows, rows, junk), max_size=14)


def file_of(written: list[dict[str, str] | str]) -> bytes:
    lines = [csv_of_rows(an_employee()).split(b"\n")[0] + b"\n"]
    for record in written:
        if isinstance(record, str):
            lines.append(record.encode("latin-1") + b"\n")
        else:
            lines.append(csv_of(list(an_employee(1, **record).values())))
    return b"".join(lines)


@settings(max_examples=100, deadline=None)
@given(records)
def test_every_record_is_kept_or_a_letter_or_blank(written: list[dict[str, str] | str]) -> None:
    content = file_of(written)
    delivered = read_delimited(content, "employee_report.csv")
    found = judge(clean(Employee.table, delivered, "employee_report.csv"), datetime.date(2025, 9, 30))
    kept, aside = numbers(found)

    assert found.read == len(kept) + found.set_aside + found.duplicates + found.skipped
    assert (found.received.rows, found.set_aside + found.duplicates) == (found.read - found.skipped, len(aside))
    assert sorted([*kept, *aside]) == sorted(
        [*delivered.rows.get_column("row_no").to_list(), *(row.row_no for row in delivered.ragged)]
    )
    assert len({*kept, *aside}) == len(kept) + len(aside)
    assert (found.received.set_aside, found.published.rows) == (len(aside), len(kept))


@settings(max_examples=100, deadline=None)
@given(records)
def test_what_is_kept_breaks_no_rule_that_sets_aside_and_what_is_not_breaks_one(
    written: list[dict[str, str] | str],
) -> None:
    found = judged(file_of(written))
    strict = {r.name for r in rules_of(Employee.table) if r.action is Action.SET_ASIDE}
    ragged = {"too_few_fields", "too_many_fields", "quotes_not_closed"}
    assert not strict & set(broken(found.published))
    for letter in found.letters:
        assert rules_in(letter)
        assert rules_in(letter) <= (strict | ragged)
    keys = [unicodedata.normalize("NFC", key).lower() for key in found.kept.get_column("employee_id")]
    assert len(keys) == len(set(keys))
    assert found.duplicates == sum(rules_in(letter) == {KEY_UNIQUE} for letter in found.letters)
    for name, times in broken(found.received).items():
        told = sum(name in rules_in(letter) for letter in found.letters)
        assert told == (times if name in strict else 0), name
    for card in (found.received, found.published):
        assert all(0 <= m.passed <= m.units <= card.rows for m in card.measures)
        assert all(0 <= share <= 1 for share in (*card.dimensions.values(), card.nulls, card.duplicates))
        assert (card.overall is None) == (card.rows == 0)
    for dimension in (Dimension.COMPLETENESS, Dimension.VALIDITY, Dimension.UNIQUENESS):
        assert found.published.dimension(dimension) in (None, 1)


class Reading(Row, table="readings"):
    """One row per reading."""

    level: int | None = column("Level")
    """Level."""

    note: str | None = column("Note")
    """Remark."""


def held_for(content: bytes, table: Table) -> set[str]:
    return {gate.name for gate in judged(content, table).held}


def readings(readable: int, unreadable: int) -> bytes:
    return csv_of(["Level", "Note"], *[["1", "x"]] * readable, *[["zebra", "x"]] * unreadable)


def test_a_file_that_scores_exactly_80_percent_is_not_held_for_it_and_one_just_below_is() -> None:
    # Validity is the mean of two rules, overall that of two dimensions: (1 + (1 + 1/5) / 2) / 2 = 4/5.
    assert judged(readings(20, 80), Reading.table).received.overall == Fraction(80, 100)
    assert held_for(readings(20, 80), Reading.table) == {"set_aside"}
    assert held_for(readings(19, 81), Reading.table) == {"overall", "set_aside"}


def test_exactly_20_percent_empty_cells_are_not_held_and_one_more_is() -> None:
    full, half, empty = ["1", "x"], ["1", ""], ["", "x"]
    assert held_for(csv_of(["Level", "Note"], *[full] * 6, half, half, empty, empty), Reading.table) == set()
    assert held_for(csv_of(["Level", "Note"], *[full] * 5, half, half, half, empty, empty), Reading.table) == {"nulls"}


def test_exactly_5_percent_repeated_keys_are_not_held_and_more_are() -> None:
    assert judged(csv_of_rows(*employees(19), an_employee(1))).held == ()
    assert {g.name for g in judged(csv_of_rows(*employees(18), an_employee(1))).held} == {"duplicates", "set_aside"}


def test_exactly_5_percent_set_aside_are_not_held_and_more_are() -> None:
    assert judged(csv_of_rows(*employees(19), an_employee(20, level="9"))).held == ()
    assert {g.name for g in judged(csv_of_rows(*employees(18), an_employee(20, level="9"))).held} == {"set_aside"}


@rule(Dimension.CONSISTENCY, columns=("level",), breaks={"level": "2"}, action=Action.GATE)
def level_is_one() -> pl.Expr:
    """Every level is 1."""
    return pl.col("level") == 1


def test_a_rule_that_is_a_gate_holds_the_load_and_keeps_the_row() -> None:
    table = replace(Reading.table, rules=(level_is_one,))
    good, bad = (csv_of(["Level", "Note"], *[["1", "x"]] * 99, [last, "x"]) for last in ("1", "2"))
    assert judged(good, table).held == ()
    found = judged(bad, table)
    assert [(gate.name, gate.detail) for gate in found.held] == [("level_is_one", "1 of 100 break it")]
    assert (found.letters, found.kept.height) == ((), 100)
