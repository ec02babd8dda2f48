"""One connection for many transactions, one after the other: a new one for each costs more than a small workbook."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psycopg

from hrdata_assets.storage.postgres import Connection, connect, translated
from hrdata_assets.storage.warehouse import Warehouse


@dataclass
class _Kept:
    """The connection that is open, if one is, what closes it, and whether a transaction is going on in it."""

    connection: Connection | None = None
    closing: ExitStack = field(default_factory=ExitStack)
    busy: bool = False


@dataclass(frozen=True)
class Session(Warehouse):
    """A warehouse whose `connect` gives the same connection every time; for one thread."""

    _kept: _Kept = field(default_factory=_Kept, repr=False, compare=False)

    @contextmanager
    def connect(self, name: str) -> Iterator[Connection]:
        """Give the connection for a block that is one transaction; inside another such block, a savepoint.

        A connection that was lost between two transactions is opened again; within one, SystemUnavailable.
        """
        kept = self._kept
        with translated(name):
            if kept.busy and kept.connection is not None:
                with kept.connection.transaction():
                    yield kept.connection
                return
            connection = self._named(name)
            kept.busy = True
            try:
                with connection.transaction():
                    yield connection
            finally:
                kept.busy = False

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """Give the connection for statements that change nothing; without a transaction, where none is going on."""
        kept = self._kept
        if kept.busy or kept.connection is None:
            with self.connect("look") as connection:
                yield connection
            return
        with translated("look"):
            yield kept.connection

    def close(self) -> None:
        """Close the connection; the next block opens another."""
        self._kept.connection = None
        self._kept.closing.close()

    def _named(self, name: str) -> Connection:
        """The connection, by its block's name on the server. Saying the name is how a lost one is noticed."""
        connection = self._kept.connection
        if connection is not None and not connection.closed:
            try:
                connection.execute("select set_config('application_name', %s, false)", (f"hrdata: {name}"[:63],))
            except psycopg.OperationalError:
                self.close()
            else:
                return connection
        return self._opened(name)

    def _opened(self, name: str) -> Connection:
        self.close()
        connection = self._kept.closing.enter_context(connect(self.url, name, autocommit=True))
        self._kept.connection = connection
        return connection


@contextmanager
def session_of(warehouse: Warehouse) -> Iterator[Session]:
    """A session for the length of a block."""
    session = Session(warehouse.settings, warehouse.url, warehouse.archive, warehouse.sql)
    try:
        yield session
    finally:
        session.close()
