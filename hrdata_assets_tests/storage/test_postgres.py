"""Connections: the database is made when it is missing, and no error tells a value out of a row."""

import os
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from hrdata_assets.errors import HRDataError, SetupError, SystemUnavailable
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.ledger import Place, claim
from hrdata_assets.storage.postgres import (
    connect,
    database_name,
    database_url,
    ensure_database,
    translated,
    with_database,
)

PLANTED = "zqx7-planted-value"
PLACE = Place("staged/flowcase_users", "2026-Q1", "run")


@pytest.fixture
def missing_url(server_url: str):
    name = f'hrdata test {os.getpid()} with "quotes"'
    yield with_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def test_a_missing_database_is_made_once(missing_url: str) -> None:
    for _ in range(2):
        ensure_database(missing_url)
    with connect(missing_url, "test") as connection:
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)
        connection.execute("create table there (id int)")
    ensure_database(missing_url)
    with connect(missing_url, "test") as connection:
        assert connection.execute("select count(*) from there").fetchone() == (0,)


def test_a_server_that_does_not_answer_is_worth_another_try() -> None:
    with pytest.raises(SystemUnavailable, match=r"database nowhere.*hrdata doctor"):
        ensure_database("postgresql://hrdata:zqx7secret@127.0.0.1:1/nowhere")


@pytest.mark.parametrize("url", ["postgresql://localhost", "postgresql://localhost/", "postgresql://localhost/?port=1"])
def test_a_url_without_a_database_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="names no database"):
        database_name(url)


def test_a_url_that_is_none_is_refused_without_being_quoted() -> None:
    with pytest.raises(HRDataError) as raised:
        database_name(f"postgresql://user:{PLANTED}@[/x")
    assert PLANTED not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h:1/old", "postgresql://u:p@h:1/new"),
        ("postgresql://u@/old?host=%2Ftmp&port=1", "postgresql://u@/new?host=%2Ftmp&port=1"),
        ("postgresql://h", "postgresql://h/new"),
    ],
)
def test_another_database_of_the_same_server(url: str, expected: str) -> None:
    assert with_database(url, "new") == expected


@pytest.mark.parametrize(
    ("statement", "kind", "told"),
    [
        ("insert into people values (1, %(value)s)", SetupError, ("23505", "table people", "constraint people_pkey")),
        ("insert into people values (null, %(value)s)", SetupError, ("23502", "table people", "column id")),
        ("insert into people values (-1, %(value)s)", SetupError, ("23514", "table people", "constraint positive")),
        ("insert into people values (2, %(value)s::date::text)", SetupError, ("22007",)),
        ("select * from people where name = %(value)s and nothing = 1", SetupError, ("42703",)),
        ("do $$ begin raise exception '%%', (select name from people); end $$", SetupError, ("P0001",)),
        ("do $$ begin raise exception '%%', (select name from people) using errcode = '53300'; end $$",
         SystemUnavailable, ("53300",)),
    ],
)  # fmt: skip
def test_errors_tell_where_and_never_what(empty_url: str, statement: str, kind: type, told: tuple[str, ...]) -> None:
    with connect(empty_url, "test") as connection:
        connection.execute("create table people (id int primary key constraint positive check (id > 0), name text)")
        connection.execute("insert into people values (1, %s)", (PLANTED,))
    with pytest.raises(kind) as raised, connect(empty_url, "loading people") as connection:
        connection.execute(sql.SQL(statement), {"value": PLANTED})
    text = str(raised.value)
    assert text.startswith("loading people: ")
    assert [word for word in told if word not in text] == []
    assert PLANTED not in text
    # Dagster writes down what an error was raised from as well.
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_failed_block_changes_nothing(empty_url: str) -> None:
    with pytest.raises(SetupError), connect(empty_url, "test") as connection:
        connection.execute("create table half_made (id int); select 1 / 0")
    with connect(empty_url, "test") as connection:
        assert connection.execute("select to_regclass('half_made')").fetchone() == (None,)


def test_a_connection_is_known_on_the_server_by_what_it_does(empty_url: str) -> None:
    with connect(empty_url, "staged/flowcase_users 2026-Q1") as connection:
        assert connection.execute("show application_name").fetchone() == ("hrdata: staged/flowcase_users 2026-Q1",)
        assert connection.execute("show timezone").fetchone() == ("UTC",)


def test_a_wrong_password_is_for_a_person_to_mend() -> None:
    with pytest.raises(SetupError, match="check user and password"), translated("connecting"):
        raise psycopg.errors.InvalidPassword(PLANTED)


def test_a_partition_has_one_worker_at_a_time(installation) -> None:
    other = Place(PLACE.asset_key, "2026-Q2", "run")
    with installation.warehouse.connect("first") as first:
        claim(first, PLACE)
        claim(first, PLACE)
        with installation.warehouse.connect("second") as second:
            with pytest.raises(SystemUnavailable, match="staged/flowcase_users 2026-Q1: another run is working on it"):
                claim(second, PLACE)
            claim(second, other)
    with installation.warehouse.connect("third") as third:
        claim(third, PLACE)


def test_somebody_who_reads_too_long_is_told_apart_from_a_broken_server(empty_url: str) -> None:
    with connect(empty_url, "setting up") as connection:
        connection.execute("create table read_long (id int)")
    with connect(empty_url, "reader") as reader:
        reader.execute("select * from read_long")
        with pytest.raises(SystemUnavailable, match=r"55P03.*try again"), connect(empty_url, "writer") as writer:
            writer.execute("set lock_timeout = '50ms'; drop table read_long")


def pg_variables(host: str, database: str, user: str, password: str) -> dict[str, str]:
    return {"PGHOST": host, "PGPORT": "5433", "PGDATABASE": database, "PGUSER": user, "PGPASSWORD": password}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HRDATA_DATABASE_URL": "postgresql://h/db"}, "postgresql://h/db"),
        (
            pg_variables("db.example", "hr data", "a@b", "p/w:d"),
            "postgresql://a%40b:p%2Fw%3Ad@db.example:5433/hr%20data",
        ),
        (
            pg_variables("/run/pg", "hr", "a", "p"),
            "postgresql://a:p@/hr?host=%2Frun%2Fpg&port=5433",
        ),
    ],
)
def test_the_url_is_made_of_the_settings(monkeypatch, variables: dict[str, str], expected: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert database_url(load_settings()) == expected


def test_half_a_server_is_refused_by_name(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    monkeypatch.setenv("PGPASSWORD", PLANTED)
    with pytest.raises(SetupError, match="PGPORT, PGDATABASE, PGUSER") as raised:
        database_url(load_settings())
    assert PLANTED not in str(raised.value)
