"""Connections: which server, which database, and errors told without a value out of a row."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import psycopg
from psycopg import conninfo, sql
from psycopg.rows import TupleRow

from hrdata_assets.errors import HRDataError, SetupError, SystemUnavailable
from hrdata_assets.settings import Settings
from hrdata_assets.storage.embedded import EmbeddedServer

_MANY = 1_000

Connection = psycopg.Connection[TupleRow]

LOCK_TIMEOUT = "60s"
"""How long a publication waits for readers of the partition that it replaces."""

SAMPLE = 30
"""Statistics target of what we analyze ourselves: 9,000 rows tell the planner enough, in a third of the time."""


def database_url(settings: Settings) -> str:
    """URL of the data's database. The embedded server is started if it is the one and does not run.

    SetupError names every PG variable that is missing when only some are set.
    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    if not settings.uses_own_server:
        server = EmbeddedServer(settings.home, settings.embedded_port)
        server.start()
        return server.url()
    missing = settings.missing_pg_variables()
    if missing:
        raise SetupError(f"your own server needs {', '.join(missing)} as well; or unset all PG variables")
    assert settings.pg_password is not None  # noqa: S101 - missing_pg_variables() says so
    user, password = quote(settings.pg_user or "", safe=""), quote(settings.pg_password.get_secret_value(), safe="")
    host = settings.pg_host or ""
    if host.startswith("/"):
        query = urlencode({"host": host, "port": settings.pg_port})
        return f"postgresql://{user}:{password}@/{quote(settings.pg_database or '', safe='')}?{query}"
    return f"postgresql://{user}:{password}@{host}:{settings.pg_port}/{quote(settings.pg_database or '', safe='')}"


def with_database(url: str, database: str) -> str:
    """The same server, another database."""
    head, _, query = url.partition("?")
    scheme, _, rest = head.partition("://")
    authority = rest.partition("/")[0]
    return f"{scheme}://{authority}/{quote(database, safe='')}" + (f"?{query}" if query else "")


def database_name(url: str) -> str:
    """Name of the database a URL leads to."""
    with translated("reading the database URL"):
        name = conninfo.conninfo_to_dict(url).get("dbname")
    if not name:
        raise SetupError("the database URL names no database: end it with /hrdata")
    return str(name)


def ensure_database(url: str) -> None:
    """Create the database of a URL if the server has none of that name."""
    name = database_name(url)
    try:
        with psycopg.connect(url, connect_timeout=10):
            return
    except psycopg.OperationalError as error:
        # Without a result there is no sqlstate: the server's sentence tells a missing database from a missing server.
        if "does not exist" not in str(error):
            raise _translate(error, f"connecting to database {name}") from None
    with translated(f"creating database {name}"), psycopg.connect(with_database(url, "postgres"), autocommit=True) as c:
        try:
            c.execute(sql.SQL("create database {} encoding 'UTF8' template template0").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return


@contextmanager
def connect(url: str, name: str, *, autocommit: bool = False) -> Iterator[Connection]:
    """Open a connection whose block is one transaction, seen on the server as ``hrdata: name``."""
    options = (
        f"-c lock_timeout={LOCK_TIMEOUT} -c default_statistics_target={SAMPLE} -c timezone=UTC"
        " -c client_min_messages=warning"
    )
    with translated(name):
        connection = psycopg.connect(
            url, application_name=f"hrdata: {name}"[:63], options=options, autocommit=autocommit, connect_timeout=30
        )
    with translated(name), connection:
        yield connection


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what psycopg raises into our errors; PostgreSQL's DETAIL and text can hold values and are left out."""
    try:
        yield
    except psycopg.Error as error:
        raise _translate(error, doing) from None


def _translate(error: psycopg.Error, doing: str) -> HRDataError:
    where = [
        f"{label} {value}"
        for label, value in (
            ("SQLSTATE", error.sqlstate),
            ("schema", error.diag.schema_name),
            ("table", error.diag.table_name),
            ("column", error.diag.column_name),
            ("constraint", error.diag.constraint_name),
        )
        if value
    ]
    told = f"{doing}: {type(error).__name__}" + (f" ({', '.join(where)})" if where else "")
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return SystemUnavailable(f"{told}: somebody reads or writes the table; try again when they are done")
    if isinstance(error, psycopg.errors.InvalidPassword | psycopg.errors.InvalidAuthorizationSpecification):
        return SetupError(f"{told}: check user and password of the database")
    if isinstance(error, psycopg.OperationalError):
        return SystemUnavailable(f"{told}: the database did not answer or cut the connection; see `hrdata doctor`")
    return SetupError(f"{told}: the database refused it; see `hrdata doctor`")


@contextmanager
def joined_in_bulk(connection: Connection, rows: int = _MANY) -> Iterator[None]:
    """Let the server join so many rows in one go, in this transaction.

    Rows written a moment ago it takes for few, and goes one by one, which takes minutes; few ``rows`` it may.
    """
    if rows < _MANY:
        yield
        return
    connection.execute("set local enable_nestloop = off")
    yield
    connection.execute("set local enable_nestloop to default")
