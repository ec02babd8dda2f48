"""What every table of the catalogue keeps, whoever adds the next one."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from hrdata_assets.catalogue import (
    CORE,
    COUNTED,
    COUNTERS,
    HELPERS,
    KPIS,
    MARTS,
    OUTCOMES,
    SOURCES,
    STAGED,
    TABLES,
    USAGE_AGREES,
    core_queries,
    kpi_definition,
    kpi_step,
    query,
)
from hrdata_assets.errors import SetupError
from hrdata_assets.quality.implied import rules_of
from hrdata_assets.rule import Dimension, rule
from hrdata_assets.settings import shipped
from hrdata_assets.storage.ddl import SYSTEM_COLUMNS, has_lineage, stored_columns
from hrdata_assets.storage.selections import SKIP, Step
from hrdata_assets.systems.flowcase import tables as flowcase
from hrdata_assets.systems.flowcase.tables import INDISPENSABLE
from hrdata_assets.table import Table

SQL = shipped("sql")
READS = re.compile(r"\b(staged|core|current|marts)\.(\w+)")

every_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.address)
every_staged = pytest.mark.parametrize("table", STAGED, ids=lambda table: table.name)
every_core = pytest.mark.parametrize("table", CORE, ids=lambda table: table.name)
every_kpi = pytest.mark.parametrize("kpi", KPIS)


def statements(text: str) -> str:
    """A query without its comments."""
    return re.sub(r"(?m)--.*$", "", text)


def twice(names: list[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def test_the_catalogue_holds_fifteen_reports_and_what_is_made_of_them() -> None:
    assert (len(STAGED), len(CORE), len(MARTS), len(KPIS)) == (15, 20, 1, 8)
    assert {t.layer for t in STAGED} | {t.layer for t in CORE} | {t.layer for t in MARTS} == {"staged", "core", "marts"}


def test_no_two_tables_have_one_address_and_no_two_reports_feed_one_table() -> None:
    assert twice([t.address for t in TABLES]) == []
    assert twice([str(t.origin) for t in STAGED]) == []


def test_a_staged_table_is_named_after_its_system_so_that_no_name_stands_in_two_layers() -> None:
    assert [t.name for t in STAGED if not t.name.startswith("flowcase_")] == []
    assert twice([t.name for t in TABLES]) == []


@every_table
def test_a_table_says_what_one_of_its_rows_is(table: Table) -> None:
    assert re.fullmatch(r"One row per \S[^\n]*\.", table.description)


@every_table
def test_every_column_has_a_sentence(table: Table) -> None:
    assert [c.name for c in table.columns if not re.fullmatch(r"(?s)[A-Z].*\.", c.description)] == []


@every_table
def test_column_names_are_plain_and_stand_once(table: Table) -> None:
    names = [c.name for c in table.columns]
    assert [n for n in names if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", n)] == []
    assert twice(names) == []
    system = set(stored_columns(table)) - set(names)
    assert system <= set(SYSTEM_COLUMNS)
    assert len(stored_columns(table)) == len(names) + len(system)


@every_staged
def test_a_staged_table_comes_from_a_report_and_every_column_from_a_heading(table: Table) -> None:
    assert re.fullmatch(r"[a-z_]+", table.origin or "")
    assert [c.name for c in table.columns if not c.header] == []


@every_table
def test_a_table_has_a_key_and_only_a_report_of_the_customers_own_may_leave_parts_of_it_empty(table: Table) -> None:
    assert table.key
    optional = [name for name in table.key if not table.column(name).required]
    assert not optional or (table.layer == "staged" and "names_a_person" in {r.name for r in table.rules})


def test_only_the_report_of_people_must_not_be_empty() -> None:
    assert [t.name for t in TABLES if not t.may_be_empty] == [INDISPENSABLE.name]


PERSONAL = re.compile(
    r".*(email|upn|phone|landline|birth|nationality|external_user_id|user_id|cv_id|note|attachment|summary).*"
    r"|name_multilang|(long_|short_)?description(_int|_multilang)?"
)


@every_table
def test_what_is_obviously_personal_is_marked(table: Table) -> None:
    assert [c.name for c in table.columns if PERSONAL.fullmatch(c.name) and not c.personal] == []


def test_a_persons_name_is_personal_and_the_name_of_a_thing_is_not() -> None:
    named = {t.address: t.column("name").personal for t in TABLES if "name" in {c.name for c in t.columns}}
    of_people = {address for address in named if address.startswith("staged.")} | {"core.users"}
    assert {address for address, personal in named.items() if personal} == of_people


@every_core
def test_what_is_personal_where_it_comes_from_stays_so(table: Table) -> None:
    source = SOURCES.get(table.name)
    if source is None:
        assert not table.personal
        return
    there = {c.name: c for c in source.columns}
    # In a core table of sections, name is the section's own.
    shared = [c for c in table.columns if c.name in there and (c.name != "name" or table.name == "users")]
    assert [c.name for c in shared if there[c.name].personal and not c.personal] == []


@every_table
def test_rules_have_names_of_their_own_and_a_sentence(table: Table) -> None:
    rules = rules_of(table)
    assert twice([r.name for r in rules]) == []
    assert [r.name for r in rules if not re.fullmatch(r"(?s)\S.*\.", r.message)] == []
    assert [r.name for r in rules if r.column and r.column not in {c.name for c in table.columns}] == []


@rule(Dimension.CONSISTENCY, columns=("anything",), breaks={"anything": "0"})
def another_rule() -> pl.Expr:
    """Another rule."""
    return pl.col("anything") > 0


@every_table
def test_the_contract_follows_columns_and_rules_and_not_sentences(table: Table) -> None:
    first, *others = table.columns
    renamed = replace(table, columns=(replace(first, header="Another heading"), *others))
    fewer = replace(table, columns=tuple(others))
    ruled = replace(table, rules=(*table.rules, another_rule))
    said = replace(table, columns=(replace(first, description="Otherwise."), *others), description="Otherwise.")
    contracts = [t.contract for t in (table, renamed, fewer, ruled)]
    assert twice(contracts) == []
    assert said.contract == table.contract
    if table.rules:
        assert replace(table, rules=table.rules[1:]).contract != table.contract


def test_no_two_tables_have_one_contract() -> None:
    assert twice([t.contract for t in TABLES]) == []


@every_core
def test_a_core_table_has_a_query_that_begins_with_what_it_makes(table: Table) -> None:
    assert query(SQL, "core", table.name).startswith(f"-- {table.address}: one row per ")


def test_every_query_in_the_folder_is_used() -> None:
    helpers = {name for names in HELPERS.values() for name in names}
    assert {path.stem for path in (SQL / "core").glob("*.sql")} == {t.name for t in CORE} | helpers
    assert {path.stem for path in (SQL / "marts" / "kpis").glob("*")} == set(KPIS)
    assert {path.stem for path in (SQL / "marts" / "kpi_rows").glob("*")} == set(KPIS)
    assert set(HELPERS) <= {t.name for t in CORE}
    counting = {f"{table}__{rule}" for table, (rule, _) in COUNTED.items()} | {USAGE_AGREES}
    assert {path.stem for path in (SQL / "core" / "measures").glob("*")} == counting


def test_what_is_counted_about_a_core_table_is_a_sentence_and_changes_its_contract() -> None:
    steps = {step.name: step for step in core_queries(SQL) if isinstance(step, Step)}
    counts = {name: step.counts for name, step in steps.items() if step.counts}
    assert set(counts) == set(COUNTED) | set(COUNTERS)
    assert [c.rule for told in counts.values() for c in told if not re.fullmatch(r"[A-Z].*\.", c.message)] == []
    assert {c.weight for name in COUNTERS for c in counts[name]} == {0.5}
    assert all(replace(steps[name], counts=()).contract != steps[name].contract for name in counts)


@pytest.mark.parametrize("table", COUNTERS)
def test_a_counter_is_a_column_of_the_usage_report_that_counts_rows_of_a_report_about_cvs(table: str) -> None:
    assert flowcase.Usage.table.column(COUNTERS[table]).type.value == "integer"
    assert "cv_partner_user_id" in {c.name for c in SOURCES[table].columns}


@every_core
def test_a_query_reads_staged_tables_that_exist_and_core_tables_that_are_made_before(table: Table) -> None:
    earlier = {t.address for t in CORE[: CORE.index(table)]} | {t.address for t in STAGED}
    read = {f"{layer}.{name}" for layer, name in READS.findall(statements(query(SQL, "core", table.name)))}
    assert read - earlier == set()
    assert read


@every_core
def test_a_table_whose_rows_lead_back_to_a_line_accounts_for_every_row_of_the_one_it_reads(table: Table) -> None:
    source = SOURCES.get(table.name)
    assert (source is not None) == has_lineage(table)
    if source is not None:
        assert source in STAGED
        assert source.address in statements(query(SQL, "core", table.name))


def test_sources_are_named_for_core_tables_only() -> None:
    assert set(SOURCES) <= {t.name for t in CORE}


@pytest.mark.parametrize("table", [t for t in TABLES if t.references], ids=lambda table: table.address)
def test_a_reference_points_to_the_single_key_of_an_earlier_table_of_its_layer(table: Table) -> None:
    earlier = {t.name: t for t in TABLES[: TABLES.index(table)] if t.layer == table.layer}
    for name, target in table.references.items():
        assert target in earlier
        (key,) = earlier[target].key
        assert earlier[target].column(key).type is table.column(name).type


def test_every_name_collected_from_many_rows_is_referred_to() -> None:
    referred = {target for t in CORE for target in t.references.values()}
    assert {t.name for t in CORE if t.name.startswith("dim_")} <= referred


def test_core_queries_come_in_the_order_of_the_tables_with_helpers_behind_what_they_read() -> None:
    names = [step.name for step in core_queries(SQL)]
    assert [name for name in names if name in {t.name for t in CORE}] == [t.name for t in CORE]
    for table, helpers in HELPERS.items():
        place = names.index(table)
        assert tuple(names[place + 1 : place + 1 + len(helpers)]) == helpers


@every_kpi
def test_a_kpi_has_a_file_that_begins_with_its_definition(kpi: str) -> None:
    text = query(SQL, "marts/kpis", kpi)
    assert text.startswith("-- ")
    assert re.fullmatch(r"(?s)[A-Z].{10,}\.", kpi_definition(SQL, kpi))
    assert "--" not in kpi_definition(SQL, kpi)


@every_kpi
def test_a_kpi_reads_core_tables_that_exist_and_gives_a_value_and_a_detail(kpi: str) -> None:
    text = statements(query(SQL, "marts/kpis", kpi))
    read = {f"{layer}.{name}" for layer, name in READS.findall(text)}
    assert read
    assert read <= {t.address for t in CORE}
    assert re.search(r"\bvalue\b", text)
    assert re.search(r"\bdetail\b", text)


@every_kpi
def test_a_kpi_has_a_file_that_lists_the_rows_behind_it(kpi: str) -> None:
    text = query(SQL, "marts/kpi_rows", kpi)
    assert text.startswith("-- ")
    read = {f"{layer}.{name}" for layer, name in READS.findall(statements(text))} - {"marts.kpis"}
    number = {f"{layer}.{name}" for layer, name in READS.findall(statements(query(SQL, "marts/kpis", kpi)))}
    assert number <= read <= {t.address for t in CORE if has_lineage(t)}


def test_kpis_are_shown_in_their_order_by_one_query() -> None:
    assert re.findall(r"'(\w+)' as kpi", kpi_step(SQL).query) == list(KPIS)


def test_a_query_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"core/users\.sql cannot be read: No such file"):
        query(tmp_path, "core", "users")


def test_every_reason_that_a_query_gives_for_a_row_is_put_into_words() -> None:
    queries = [path.read_text(encoding="utf-8") for path in (SQL / "core").glob("*.sql")]
    decisions = [d for q in queries for d in re.findall(r"case\b(?:(?!\bcase\b).)*?end as outcome", q, re.DOTALL)]
    assert len(decisions) == len(SOURCES) - 1
    given = {name for decision in decisions for name in re.findall(r"then '(\w+)'", decision)}
    assert given - {SKIP} == set(OUTCOMES)
