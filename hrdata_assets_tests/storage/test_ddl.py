"""The schema: as declared, applied again without effect, grown without loss."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from hrdata_assets.catalogue import CORE, STAGED, STORED, UNIFIED, VIEWS
from hrdata_assets.errors import SetupError
from hrdata_assets.settings import shipped
from hrdata_assets.storage.ddl import SCHEMAS, apply_schema, stored_columns
from hrdata_assets.storage.postgres import connect
from hrdata_assets.table import Column, ColumnType, Table
from hrdata_assets_tests.builders import a_quarter, users, write_reports
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation, table_of

SQL = shipped("sql")
SPELT = {
    ColumnType.TIMESTAMP: "timestamp without time zone",
    ColumnType.MOMENT: "timestamp with time zone",
    ColumnType.TEXTS: "ARRAY",
}
"""How the catalogue calls a type that has another name in a declaration."""
USERS = table_of("flowcase_users")


def apply(installation: Installation, tables: Sequence[Table]) -> bool:
    with installation.warehouse.connect("schema") as connection:
        return apply_schema(connection, tables, SQL)


def with_column(table: Table, column: Column) -> list[Table]:
    grown = replace(table, columns=(*table.columns, column))
    return [grown if t is table else t for t in STORED]


def test_applied_again_it_has_nothing_to_do(empty_url: str) -> None:
    outcomes = []
    for _ in range(2):
        with connect(empty_url, "schema") as connection:
            outcomes.append(apply_schema(connection, STORED, SQL))
    assert outcomes == [True, False]


def test_every_statement_may_be_run_again_and_drops_nothing(installation: Installation) -> None:
    write_reports(installation.quarter_folder("2026-Q1"), a_quarter(1, 2))
    installation.load("2026-Q1")
    installation.rows("with d as (delete from ops.schema_versions where name = 'schema' returning 1) select * from d")
    counted = "select (select count(*) from core.users), (select count(*) from marts.cv_search_profile_mv),"
    counted += " (select count(*) from ops.loads)"
    before = installation.rows(counted)
    assert apply(installation, STORED) is True
    assert installation.rows(counted) == before
    assert before[0][:2] == (2, 2)


def test_every_declared_column_is_there_in_order(installation: Installation) -> None:
    found: dict[str, list[tuple[str, str]]] = {}
    for schema, table, column, kind in installation.rows(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        " order by ordinal_position"
    ):
        found.setdefault(f"{schema}.{table}", []).append((column, kind))
    for table in STORED:
        declared = [(name, SPELT.get(kind, kind.value)) for name, kind in stored_columns(table).items()]
        assert found[table.address] == declared


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.address)
def test_a_views_query_yields_the_columns_that_are_declared(installation: Installation, view: Table) -> None:
    found = installation.rows(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        f" where attrelid = '{view.address}'::regclass and attnum > 0 and not attisdropped order by attnum"
    )
    assert found == [(name, kind.value) for name, kind in stored_columns(view).items()]


def test_a_column_of_a_report_may_be_empty_unless_it_is_declared_otherwise(installation: Installation) -> None:
    asked = "select column_name from information_schema.columns where is_nullable = 'NO'"
    asked += " and table_schema = 'staged' and table_name = %s"
    for table in STAGED:
        declared = {column.name for column in table.columns}
        required = {column.name for column in table.columns if column.required}
        assert set(installation.column(asked, table.name)) & declared == required, table.name


def test_a_new_declared_column_is_added_and_loads_go_on(installation: Installation) -> None:
    installation.stage("flowcase_users", users(2), "2026-Q1")
    shoe_size = Column("shoe_size", ColumnType.INTEGER, "Size of shoes.", header="Shoe size")
    assert apply(installation, with_column(USERS, shoe_size)) is True
    assert installation.column("select shoe_size from staged.flowcase_users") == [None, None]
    described = "select col_description('staged.flowcase_users'::regclass, attnum) from pg_attribute"
    described += " where attrelid = 'staged.flowcase_users'::regclass and attname = 'shoe_size'"
    assert installation.one(described) == "Size of shoes."
    # The partition made before and one made after stand side by side.
    installation.stage("flowcase_users", users(3), "2026-Q2")
    assert installation.one("select count(*) from staged.flowcase_users") == 5


def test_a_new_column_of_core_appears_in_the_view_of_the_newest_quarter(installation: Installation) -> None:
    nickname = Column("nickname", ColumnType.TEXT, "What friends say.")
    assert apply(installation, with_column(table_of("users"), nickname)) is True
    assert installation.rows("select nickname from current.users") == []


def test_a_column_whose_type_changed_is_refused_by_name(installation: Installation) -> None:
    index = next(i for i, c in enumerate(USERS.columns) if c.name == "birth_year")
    columns = list(USERS.columns)
    columns[index] = replace(columns[index], type=ColumnType.TEXT)
    changed = [replace(USERS, columns=tuple(columns)) if t is USERS else t for t in STORED]
    with pytest.raises(SetupError, match=r"staged.flowcase_users.birth_year is integer .* and text in the declaration"):
        apply(installation, changed)
    assert apply(installation, STORED) is False


def test_every_declared_reference_is_a_foreign_key_within_the_quarter(installation: Installation) -> None:
    found = {
        (table, target, tuple(columns), tuple(target_columns))
        for table, target, columns, target_columns in installation.rows(
            "select replace(c.conrelid::regclass::text, '\"', ''), replace(c.confrelid::regclass::text, '\"', ''),"
            " array(select attname::text from unnest(c.conkey) with ordinality k (n, i)"
            " join pg_attribute on attrelid = c.conrelid and attnum = k.n order by k.i),"
            " array(select attname::text from unnest(c.confkey) with ordinality k (n, i)"
            " join pg_attribute on attrelid = c.confrelid and attnum = k.n order by k.i)"
            " from pg_constraint c where c.contype = 'f' and c.conparentid = 0"
            " and c.connamespace in ('core'::regnamespace, 'staged'::regnamespace)"
        )
    }
    declared = {
        (table.address, f"{table.layer}.{target}", ("quarter", name), ("quarter", *table_of(target).key))
        for table in STORED
        for name, target in table.references.items()
    }
    assert len(declared) == 19
    assert found == declared


@pytest.fixture(scope="module")
def loaded(new_installation: NewInstallation) -> Iterator[Installation]:
    """Two quarters, the newer one loaded first."""
    with new_installation() as made:
        write_reports(made.quarter_folder("2026-Q1"), a_quarter(1, 2))
        write_reports(made.quarter_folder("2026-Q2"), a_quarter(2, 3, 4))
        for quarter in ("2026-Q2", "2026-Q1"):
            made.load(quarter)
        yield made


@pytest.mark.parametrize("statement", [
    "update core.cvs set cv_partner_user_id = 'nobody'",
    "update core.cv_technology set technology = 'Unheard of'",
    "delete from core.users where cv_partner_user_id = 'u1'",
    "update core.cv_technology set quarter = '2026-Q2' where cv_partner_cv_id = 'cv_u1'",
])  # fmt: skip
def test_the_database_refuses_what_breaks_a_reference(loaded: Installation, statement: str) -> None:
    with pytest.raises(SetupError, match="ForeignKeyViolation"):
        loaded.rows(f"with changed as ({statement} returning 1) select * from changed")


def test_every_core_table_has_a_view_of_the_newest_quarter_only(loaded: Installation) -> None:
    views = loaded.column("select viewname::text from pg_views where schemaname = 'current'")
    assert sorted(views) == sorted(["quarter", *(table.name for table in CORE + UNIFIED)])
    assert loaded.column("select quarter from current.quarter") == ["2026-Q2"]
    for table in CORE:
        view = loaded.rows(f"select * from current.{table.name} v order by v::text")
        newest = loaded.rows(f"select * from core.{table.name} t where quarter = '2026-Q2' order by t::text")
        assert view == newest
        assert view


def test_every_table_and_column_is_described(installation: Installation) -> None:
    silent = installation.column(
        "select c.oid::regclass || '.' || a.attname from pg_class c"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum >= 0 and not a.attisdropped"
        " where c.relnamespace in ('staged'::regnamespace, 'core'::regnamespace)"
        " and c.relkind = 'p' and col_description(c.oid, a.attnum) is null"
    )
    assert silent == []
    told = installation.one("select obj_description('core.users'::regclass)")
    assert told == table_of("users").description
    undescribed = "select relname from pg_class where relnamespace = 'ops'::regnamespace and relkind = 'r'"
    assert installation.column(undescribed + " and obj_description(oid) is null") == []


def test_the_schemas_are_those_that_are_named(installation: Installation) -> None:
    found = installation.column("select nspname::text from pg_namespace where nspname !~ '^(pg_|information_schema)'")
    assert sorted(found) == sorted([*SCHEMAS, "public"])


def test_staged_rows_are_told_apart_by_where_they_stood(installation: Installation) -> None:
    for table in STAGED:
        columns = installation.column(
            "select a.attname::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid"
            " and a.attnum = any(i.indkey) where i.indisprimary and i.indrelid = %s::regclass order by 1",
            table.address,
        )
        assert columns == ["quarter", "row_no"]
