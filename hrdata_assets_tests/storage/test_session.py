"""One connection for many transactions: each block its own, blocks in blocks are savepoints, a lost one is replaced."""

from contextlib import suppress

import psycopg
import pytest
from psycopg import sql

from hrdata_assets.errors import SystemUnavailable
from hrdata_assets.storage.session import Session, session_of
from hrdata_assets_tests.installation import Installation

ME = "select pg_backend_pid()"


def end(installation: Installation, number: int) -> None:
    """Cut a connection as an administrator does, and wait until it is gone."""
    with psycopg.connect(installation.url, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(%s, 10000)", (number,))


def fail_after_making(session: Session, table: str) -> None:
    """A block that makes a table and is left by an error."""
    with suppress(ZeroDivisionError), session.connect("failing") as connection:
        connection.execute(sql.SQL("create table {} (a int)").format(sql.Identifier(table)))
        raise ZeroDivisionError


def lose(installation: Installation, session: Session) -> None:
    """A block whose connection is cut before the block inside it."""
    with session.connect("outer") as connection:
        connection.execute("create table gone (a int)")
        end(installation, connection.info.backend_pid)
        with session.connect("inner") as inner:
            inner.execute("select 1")


def test_every_block_is_a_transaction_of_the_same_connection(installation: Installation) -> None:
    with session_of(installation.warehouse) as session:
        with session.connect("first") as connection:
            connection.execute("create table kept (a int)")
            first = connection.execute(ME).fetchone()
        fail_after_making(session, "gone")
        with session.connect("third") as connection:
            assert connection.execute(ME).fetchone() == first
            assert connection.execute("select to_regclass('kept')::text, to_regclass('gone')").fetchone() == (
                "kept",
                None,
            )
            assert connection.execute("select current_setting('application_name')").fetchone() == ("hrdata: third",)


def test_a_block_inside_another_is_a_savepoint(installation: Installation) -> None:
    with session_of(installation.warehouse) as session:
        with session.connect("outer"):
            with session.connect("kept") as connection:
                connection.execute("create table kept (a int)")
            fail_after_making(session, "gone")
            assert installation.one("select to_regclass('kept')") is None
        assert installation.rows("select to_regclass('kept')::text, to_regclass('gone')") == [("kept", None)]


def test_a_connection_that_was_lost_between_two_blocks_is_opened_again(installation: Installation) -> None:
    with session_of(installation.warehouse) as session:
        with session.connect("before") as connection:
            number = connection.info.backend_pid
        end(installation, number)
        with session.connect("after") as connection:
            assert connection.info.backend_pid != number


def test_one_that_is_lost_within_a_block_fails_the_whole_block(installation: Installation) -> None:
    with session_of(installation.warehouse) as session:
        with pytest.raises(SystemUnavailable):
            lose(installation, session)
        with session.connect("after") as connection:
            assert connection.execute("select to_regclass('gone')").fetchone() == (None,)


def test_it_is_closed_at_the_end(installation: Installation) -> None:
    with session_of(installation.warehouse) as session, session.connect("only") as connection:
        pass
    assert connection.closed
