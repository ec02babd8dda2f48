"""Rules that a declaration says by itself: each is broken by one changed cell, and by nothing else."""

import datetime
import re

import polars as pl
import pytest

from hrdata_assets.quality.implied import KEY_UNIQUE, rules_of
from hrdata_assets.rule import Action, Dimension
from hrdata_assets.table import Row, column
from hrdata_assets_tests.cleaning.builders import csv_of_rows
from hrdata_assets_tests.quality.builders import (
    AS_OF,
    Employee,
    an_employee,
    broken,
    counts,
    employees,
    judged,
    judged_rows,
    rules_in,
)

D = Dimension
ASIDE, FLAG = Action.SET_ASIDE, Action.FLAG
RULES = {r.name: r for r in rules_of(Employee.table)}


def test_a_declaration_implies_these_rules_and_no_others() -> None:
    assert {name: (r.dimension, r.action, r.weight, r.column) for name, r in RULES.items()} == {
        "text_is_utf8": (D.CONFORMITY, ASIDE, 1.0, None),
        "employee_id_present": (D.COMPLETENESS, ASIDE, 3.0, "employee_id"),
        "name_present": (D.COMPLETENESS, ASIDE, 2.0, "name"),
        "email_valid": (D.VALIDITY, ASIDE, 1.0, "email"),
        "level_valid": (D.VALIDITY, ASIDE, 1.0, "level"),
        "grade_valid": (D.VALIDITY, ASIDE, 2.0, "grade"),
        "born_valid": (D.VALIDITY, ASIDE, 1.0, "born"),
        "born_form": (D.CONFORMITY, FLAG, 1.0, "born"),
        "updated_valid": (D.VALIDITY, ASIDE, 1.0, "updated"),
        "updated_form": (D.CONFORMITY, FLAG, 1.0, "updated"),
        "updated_fresh": (D.TIMELINESS, FLAG, 1.0, "updated"),
        "hours_valid": (D.VALIDITY, ASIDE, 1.0, "hours"),
        "active_valid": (D.VALIDITY, ASIDE, 1.0, "active"),
        "title_valid": (D.VALIDITY, ASIDE, 1.0, "title"),
        "country_form": (D.CONFORMITY, FLAG, 1.0, "country"),
        "key_unique": (D.UNIQUENESS, ASIDE, 3.0, None),
        "changed_after_birth": (D.CONSISTENCY, FLAG, 1.0, None),
        "works_at_the_level": (D.CONSISTENCY, ASIDE, 1.0, None),
    }


def test_good_rows_break_nothing_and_every_rule_applies_to_them() -> None:
    found = judged_rows(*employees(10))
    assert counts(found.received) == dict.fromkeys([*RULES, "fields_match_header"], (10, 10))
    assert (found.letters, found.kept.height) == ((), 10)


BREAKS = [
    ("employee_id", "", "employee_id_present", "validate"),
    ("employee_id", "n/a", "employee_id_present", "validate"),
    ("name", "  ", "name_present", "validate"),
    ("name", "unknown", "name_present", "validate"),
    ("email", "zebra", "email_valid", "validate"),
    ("email", "see zebra@example.org", "email_valid", "validate"),
    ("email", "zebra@example", "email_valid", "validate"),
    ("level", "6", "level_valid", "validate"),
    ("level", "0", "level_valid", "validate"),
    ("level", "zebra", "level_valid", "parse"),
    ("level", "99999999999", "level_valid", "parse"),
    ("grade", "C", "grade_valid", "validate"),
    ("grade", "a", "grade_valid", "validate"),
    ("born", "2025-02-30", "born_valid", "parse"),
    ("updated", "2025-09-31 08:00:00 UTC", "updated_valid", "parse"),
    ("hours", "-0.5", "hours_valid", "validate"),
    ("hours", "1,234", "hours_valid", "parse"),
    ("active", "maybe", "active_valid", "parse"),
    ("title", '{"int": 5}', "title_valid", "parse"),
    ("employee_id", "e1", "key_unique", "dedupe"),
]


@pytest.mark.parametrize(("name", "cell", "rule", "stage"), BREAKS)
def test_one_bad_cell_sets_its_row_aside_for_one_reason(name: str, cell: str, rule: str, stage: str) -> None:
    found = judged_rows(*employees(9), an_employee(10, **{name: cell}))
    assert broken(found.received) == {rule: 1}
    assert broken(found.published) == {}
    (letter,) = found.letters
    assert (letter.row_no, letter.stage) == (11, stage)
    assert letter.reasons == (
        {"rule": rule, "dimension": RULES[rule].dimension.value, "column": None if rule == KEY_UNIQUE else name},
    )
    assert found.kept.get_column("row_no").to_list() == list(range(2, 11))


def test_bytes_that_are_no_text_set_their_row_aside() -> None:
    content = csv_of_rows(*employees(9), an_employee(10, title="Æ")).replace("Æ".encode(), b"\xc6")
    found = judged(content)
    assert broken(found.received) == {"text_is_utf8": 1}
    assert [(letter.row_no, letter.stage, rules_in(letter)) for letter in found.letters] == [
        (11, "decode", {"text_is_utf8"})
    ]


FLAGS = [
    ("born", "29.02.1984", "born_form"),
    ("updated", "1.9.2025", "updated_form"),
    ("updated", "2024-09-29", "updated_fresh"),
    ("country", "no", "country_form"),
    ("country", "NOR", "country_form"),
    ("country", " NO", "country_form"),
    ("born", "2025-09-02", "changed_after_birth"),
]


@pytest.mark.parametrize(("name", "cell", "rule"), FLAGS)
def test_a_row_that_is_only_written_oddly_stays_and_lowers_the_score(name: str, cell: str, rule: str) -> None:
    found = judged_rows(*employees(9), an_employee(10, **{name: cell}))
    assert broken(found.received) == broken(found.published) == {rule: 1}
    assert (found.letters, found.kept.height) == ((), 10)


@pytest.mark.parametrize(
    ("name", "cell"),
    [("level", "1"), ("level", "5"), ("hours", "0"), ("updated", "2024-09-30 00:00:00"), ("updated", "2030-01-01")],
)
def test_the_ends_of_a_range_are_inside(name: str, cell: str) -> None:
    assert broken(judged_rows(an_employee(**{name: cell})).received) == {}


@pytest.mark.parametrize("name", ["email", "level", "grade", "born", "updated", "hours", "active", "title", "country"])
def test_an_empty_cell_is_no_case_for_rules_about_its_value(name: str) -> None:
    found = judged_rows(an_employee(1), an_employee(2, **{name: ""}))
    assert broken(found.received) == {}
    own = {rule: units for rule, (_, units) in counts(found.received).items() if rule.startswith(f"{name}_")}
    assert own == dict.fromkeys(own, 1)
    assert own


def test_age_is_measured_against_the_quarters_last_day() -> None:
    class Thing(Row, table="things"):
        """One row per thing."""

        seen: datetime.date | None = column("Seen", max_age_days=10)
        """When it was seen."""

    fresh = next(r for r in rules_of(Thing.table) if r.name == "seen_fresh")
    days = [AS_OF - datetime.timedelta(days=age) for age in (11, 10, 0, -5)]
    frame = pl.DataFrame({"seen": days}).with_columns(pl.lit(AS_OF).alias("as_of"))
    assert frame.select(fresh.passes).to_series().to_list() == [False, True, True, True]


def test_a_table_without_a_key_has_no_rule_about_it() -> None:
    class Thing(Row, table="things"):
        """One row per thing."""

        word: str | None = column("Word")
        """A word."""

    assert [r.name for r in rules_of(Thing.table)] == ["text_is_utf8"]
    found = judged(b"Word\na\na\n", Thing.table)
    assert (found.letters, found.received.keyed, found.received.surplus) == ((), 0, 0)


def test_every_implied_message_is_a_sentence_about_the_heading_and_names_the_limits() -> None:
    for made in RULES.values():
        assert made.message.endswith(".")
        if made.column and not made.name.startswith("changed"):
            assert made.message.startswith(Employee.table.column(made.column).header or "")
    assert re.search("at least 1, at most 5", RULES["level_valid"].message)
    assert "A, B" in RULES["grade_valid"].message
    assert "365 days" in RULES["updated_fresh"].message
