"""The unified model's declarations: what its rows are, which rules they keep, and what breaks each."""

import datetime
import re
from dataclasses import replace
from typing import Any

import pytest

from hrdata_assets.quality.implied import KEY_UNIQUE, rules_of
from hrdata_assets.quality.judge import Judged, judge
from hrdata_assets.rule import Action, Broken, Rule
from hrdata_assets.systems.records import cleaned_records
from hrdata_assets.table import ColumnType, CursorMode, Operator, Table
from hrdata_assets.unified.records import OTHER, TABLES, UnifiedJob, UnifiedProfile
from hrdata_assets_tests.quality.builders import broken

every_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
CASES = [
    pytest.param(table, rule, id=f"{table.name}-{rule.name}")
    for table in TABLES
    for rule in rules_of(table)
    if not isinstance(rule.breaks, Broken)
]
PERSONAL = re.compile(r".*(email|phone|mobile|birth|nationality|summary|notes).*|(first_|middle_|last_)?name|address")


def a_good(table: Table) -> dict[str, Any]:
    """A record in which every column holds something good."""
    return {column.name: _good(column.name, column.type, column.allowed) for column in table.columns}


def _good(name: str, kind: ColumnType, allowed: tuple[str, ...] | None) -> Any:
    if allowed:
        return allowed[0]
    if name == "email":
        return "ann@example.org"
    if name.endswith("_currency") or name == "currency":
        return "NOK"
    if name == "country_code":
        return "NO"
    texts = {ColumnType.TEXT: f"some {name}", ColumnType.TEXTS: [f"some {name}"], ColumnType.BOOLEAN: True}
    later = "closed" in name or "ends" in name
    times = {ColumnType.DATE: f"2026-0{2 + later}-01", ColumnType.MOMENT: f"2026-0{2 + later}-01T00:00:00Z"}
    # A greatest amount is above a least one, whatever both are called.
    return {**texts, **times}.get(kind, 5 if name.endswith("_min") else 7)


def judged(table: Table, record: dict[str, Any]) -> Judged:
    """Judge a record that holds each column under its own name."""
    named = replace(table, columns=tuple(replace(column, header=column.name) for column in table.columns))
    return judge(cleaned_records(named, [record]), datetime.date(2026, 3, 31))


@every_table
def test_a_good_record_breaks_no_rule(table: Table) -> None:
    found = judged(table, a_good(table))
    assert (broken(found.received), found.letters, found.kept.height) == ({}, (), 1)


@pytest.mark.parametrize(("table", "rule"), CASES)
def test_a_rules_own_example_breaks_that_rule_and_no_other(table: Table, rule: Rule) -> None:
    assert not isinstance(rule.breaks, Broken)
    record = {**a_good(table), **{name: text or None for name, text in rule.breaks.items()}}
    found = judged(table, record)
    assert broken(found.received) == {rule.name: 1}
    assert found.kept.height == (0 if rule.action is Action.SET_ASIDE else 1)


@every_table
def test_a_record_is_known_by_its_system_and_the_id_it_has_there(table: Table) -> None:
    assert table.address.startswith("core.")
    assert table.key == ("system", "source_id")
    assert KEY_UNIQUE in {rule.name for rule in rules_of(table)}
    assert {table.column(name).type for name in table.key} == {ColumnType.TEXT}
    for role, name in ((CursorMode.CREATED_AT, "created_at"), (CursorMode.UPDATED_AT, "updated_at")):
        column = table.in_role(role)
        assert column is not None
        assert (column.name, column.type) == (name, ColumnType.MOMENT)


@every_table
def test_a_status_is_of_a_short_list_beside_the_systems_own_word(table: Table) -> None:
    status = table.column("status")
    assert status.allowed is not None
    assert status.allowed[-1] == OTHER
    assert table.column("status_original").allowed is None
    assert Operator.IN in status.operators


@every_table
def test_every_amount_has_a_currency_beside_it(table: Table) -> None:
    names = {column.name for column in table.columns}
    for column in table.columns:
        if column.type is ColumnType.NUMERIC and column.unit is None:
            word = column.name.split("_")[0].replace("bill", "rate")
            assert names & {f"{word}_currency", "currency"}, column.name


def test_what_is_about_a_person_is_marked() -> None:
    plain = [c.name for c in UnifiedProfile.table.columns if PERSONAL.fullmatch(c.name) and not c.personal]
    assert plain == []
    assert UnifiedProfile.table.column("source_id").personal
    assert {c.name for c in UnifiedJob.table.columns if c.personal} <= {
        *("source_id", "external_id", "url", "contact_source_id"),
    }


@every_table
def test_every_table_and_column_has_a_sentence(table: Table) -> None:
    assert re.fullmatch(r"One row per \S[^\n]*\.", table.description)
    assert [c.name for c in table.columns if not re.fullmatch(r"(?s)[A-Z].*\.", c.description)] == []
