"""How a database is connected to: read-only, bounded in time, its clock in UTC; and what its errors turn into."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from typing_extensions import override

from hrdata_assets.errors import DeliveryError, HRDataError, SetupError
from hrdata_assets.systems.answers import Unavailable
from hrdata_assets.systems.http import Client, Hosts
from hrdata_assets.systems.sources.declaration import SourceOf

_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql", "mssql": "mssql+pymssql"}
"""Drivers that the extras bring, for addresses that name none."""

_EXTRAS = {"mysql": "mysql", "mariadb": "mysql", "mssql": "sqlserver"}
_CONNECT_SECONDS = 10
_MAY_PASS = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, exc.InternalError)


class Statements(Client):
    """Counts what a database is asked, as others count calls, and closes its connections."""

    def __init__(self, name: str, engine: sa.Engine) -> None:
        super().__init__(name, Hosts(()))
        self._engine = engine

    @override
    def __exit__(self, *raised: object) -> None:
        super().__exit__(*raised)
        self._engine.dispose()


def engine_of(source: str, declared: SourceOf, address: str) -> sa.Engine:
    """An engine for a source; nobody is connected to yet. SetupError, without the address, if there can be none."""
    url = _url(declared, address)
    backend = url.get_backend_name()
    try:
        engine = sa.create_engine(
            url,
            connect_args=_arguments(backend, declared.seconds),
            pool_size=declared.sessions + 1,
            hide_parameters=True,
        )
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(backend)
        hint = f"pip install 'hrdata-assets[{extra}]'" if extra else f"install {error.name}"
        raise SetupError(f"{source}: the driver for {backend} is missing: {hint}") from None
    except (exc.ArgumentError, exc.NoSuchModuleError):
        raise SetupError(f"{declared.url_from} names no kind of database that is known here: {backend}") from None
    event.listen(engine, "connect", _preparing(backend, declared.seconds))
    return engine


def _url(declared: SourceOf, address: str) -> sa.URL:
    try:
        url = sa.make_url(address)
    except (exc.ArgumentError, ValueError):
        raise SetupError(
            f"{declared.url_from} is no address of a database: postgresql://user:password@host/name"
        ) from None
    if url.drivername in _DRIVERS:
        url = url.set(drivername=_DRIVERS[url.drivername])
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        # SQLite would make an empty one.
        raise SetupError(f"{declared.url_from}: the file is not there; write sqlite:////whole/path")
    return url


def _arguments(backend: str, seconds: int) -> dict[str, Any]:
    arguments: dict[str, dict[str, Any]] = {
        "postgresql": {"connect_timeout": _CONNECT_SECONDS, "application_name": "hrdata_assets"},
        "mysql": {"connect_timeout": _CONNECT_SECONDS, "read_timeout": seconds + 5, "charset": "utf8mb4"},
        "mariadb": {"connect_timeout": _CONNECT_SECONDS, "read_timeout": seconds + 5, "charset": "utf8mb4"},
        "mssql": {"login_timeout": _CONNECT_SECONDS, "timeout": seconds},
        "sqlite": {"timeout": seconds},
    }
    return arguments.get(backend, {})


def _preparing(backend: str, seconds: int) -> Callable[[Any, Any], None]:
    """What a new connection is told first: that nothing is written, and how long a statement may take."""

    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in _FIRST.get(backend, ()):
            cursor.execute(statement)
        if backend == "postgresql":
            cursor.execute("select set_config('statement_timeout', %s, false)", (f"{seconds}s",))
        if backend in ("mysql", "mariadb"):
            cursor.execute("select version()")
            # The one counts in seconds, the other in milliseconds.
            name, most = ("max_statement_time", seconds)
            if "mariadb" not in str(cursor.fetchone()[0]).lower():
                name, most = "max_execution_time", seconds * 1000
            cursor.execute(_LIMITS[name], (most,))
        cursor.close()
        if backend != "sqlite":
            connection.commit()

    return prepare


_LIMITS = {
    "max_statement_time": "set session max_statement_time = %s",
    "max_execution_time": "set session max_execution_time = %s",
}

_FIRST: Mapping[str, tuple[str, ...]] = {
    "postgresql": ("set default_transaction_read_only = on", "set time zone 'UTC'"),
    "mysql": ("set session transaction read only", "set time_zone = '+00:00'"),
    "mariadb": ("set session transaction read only", "set time_zone = '+00:00'"),
    "sqlite": ("pragma query_only = on",),
}


@contextmanager
def told_safely(source: str, declared: SourceOf) -> Iterator[None]:
    """Turn a database's errors into ours: their texts quote statements, values and addresses, ours none of them."""
    try:
        yield
    except exc.NoSuchTableError:
        raise SetupError(f"{source} has no such table, or its user may not read it") from None
    except exc.SQLAlchemyError as error:
        raise _ours(source, declared, error) from None


def _ours(source: str, declared: SourceOf, error: exc.SQLAlchemyError) -> HRDataError:
    origin = getattr(error, "orig", None)
    state = getattr(origin, "sqlstate", None) or getattr(origin, "sqlite_errorname", None)
    if state is None and origin is not None and origin.args and isinstance(origin.args[0], int):
        state = origin.args[0]
    told = f"{type(error).__name__}{f', {state}' if state else ''}"
    if isinstance(error, _MAY_PASS):
        return Unavailable(f"{source} did not answer ({told}): see whether it is up and lets {declared.url_from} in")
    if isinstance(error, exc.ProgrammingError):
        return SetupError(f"{source} refuses the question ({told}): see whether its user may read what is declared")
    return DeliveryError(f"{source} gives what cannot be read ({told})")
