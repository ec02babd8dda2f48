"""Every rule of the catalogue carries what breaks it: tried, it breaks exactly that rule and nothing else."""

import pytest

from hrdata_assets.catalogue import STAGED
from hrdata_assets.quality.implied import KEY_UNIQUE, rules_of
from hrdata_assets.rule import Action, Broken, Rule
from hrdata_assets.table import Table
from hrdata_assets_tests.builders import a_row
from hrdata_assets_tests.quality.breaking import Record, judged_record
from hrdata_assets_tests.quality.builders import Employee, an_employee, broken, counts, rules_in

TABLES = (*STAGED, Employee.table)
CASES = [pytest.param(table, rule, id=f"{table.name}-{rule.name}") for table in TABLES for rule in rules_of(table)]


def a_record(table: Table) -> Record:
    """A good row in which every day that a rule asks about is there."""
    if table is Employee.table:
        return Record.of(table, an_employee())
    record = Record.of(table, a_row(table.origin or ""))
    days = [r.column for r in rules_of(table) if r.breaks is Broken.DAY_FIRST and r.column]
    return record.with_texts({day: "2026-02-01" for day in days if not record.text(day)})


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_good_row_breaks_no_rule_and_is_kept(table: Table) -> None:
    found = judged_record(a_record(table))
    assert (broken(found.received), found.letters, found.kept.height) == ({}, (), 1)


@pytest.mark.parametrize(("table", "rule"), CASES)
def test_a_rules_own_example_breaks_that_rule_and_no_other(table: Table, rule: Rule) -> None:
    found = judged_record(a_record(table), rule)
    assert broken(found.received) == {rule.name: 1}
    if rule.action is not Action.SET_ASIDE:
        assert (found.letters, found.kept.height) == ((), 1)
        return
    (letter,) = found.letters
    assert rules_in(letter) == {rule.name}
    assert found.kept.height == (1 if rule.name == KEY_UNIQUE else 0)
    assert counts(found.published)[rule.name] == (found.kept.height, found.kept.height)


def test_what_is_no_cell_is_told_by_the_way_in_which_it_breaks() -> None:
    ways = {rule.name: rule.breaks for table in STAGED for rule in rules_of(table) if isinstance(rule.breaks, Broken)}
    assert {name: way for name, way in ways.items() if not name.endswith(("_form", "_listed"))} == {
        "text_is_utf8": Broken.NO_UTF8,
        "key_unique": Broken.TWICE,
    }
    assert {way for name, way in ways.items() if name.endswith("_form")} == {Broken.DAY_FIRST}
