"""A database read through SQLAlchemy: each page a short statement of its own, in a transaction that only reads."""

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from typing_extensions import override

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.database.asking import Asking
from hrdata_assets.systems.database.connecting import Statements, engine_of, told_safely
from hrdata_assets.systems.database.keyset import Found, Keyset, Order, Question, in_role, moment_of
from hrdata_assets.systems.database.kinds import as_read, placed, shown, zone_of
from hrdata_assets.systems.database.reflecting import table_of
from hrdata_assets.systems.sources.declaration import DatabaseSource
from hrdata_assets.systems.system import Keep
from hrdata_assets.table import CursorMode, Table

_CLOCKS = {
    "postgresql": sa.func.clock_timestamp(),
    "mysql": sa.func.utc_timestamp(6),
    "mariadb": sa.func.utc_timestamp(6),
    "sqlite": sa.func.strftime("%Y-%m-%d %H:%M:%f", "now"),
    "mssql": sa.func.sysutcdatetime(),
}


class Database(Keyset):
    """Tables and views of a database."""

    declared: ClassVar[DatabaseSource]

    def __init__(self, keep: Keep, engine: sa.Engine) -> None:
        super().__init__(Statements(self.name, engine), keep)
        self._engine = engine
        self._known: dict[str, Asking] = {}

    @classmethod
    @override
    def opened(cls, said: Mapping[str, str], home: Path, keep: Keep) -> "Database":
        """The database at its address; nobody is connected to yet."""
        return cls(keep, engine_of(cls.name, cls.declared, said[cls.declared.url_from]))

    @override
    def found(self, question: Question) -> list[Found]:
        """One page, with the place behind its last record."""
        with self._connected() as connection:
            asking = self._asking(connection, question.table)
            rows = connection.execute(asking.page(question, self.declared.page)).mappings().all()
        return [(self._record(asking, question, row), _place(question, row)) for row in rows]

    def _record(self, asking: Asking, question: Question, row: Any) -> dict[str, Any]:
        names = [question.key] if question.window.keys_only else asking.columns
        told, zone = self.columns[str(question.table.origin)], self.declared.zone
        return {name: shown(row[name], asking.physical(name), zone, told[name].type) for name in names}

    @override
    def newest(self, table: Table, mode: CursorMode) -> datetime.datetime | int | None:
        """Ask for the greatest; keys that are no numbers have no newest one."""
        name = in_role(table, mode)
        with self._connected() as connection:
            asking = self._asking(connection, table)
            if mode is CursorMode.ID and not isinstance(asking.physical(name), sa.Integer):
                return None
            value = connection.execute(asking.newest(name)).scalar()
        if mode is CursorMode.ID:
            return None if value is None else int(value)
        return moment_of(value, zone_of(asking.physical(name), self.declared.zone))

    @override
    def now(self) -> datetime.datetime:
        """What the database's clock shows."""
        clock = _CLOCKS.get(self._engine.dialect.name, sa.func.current_timestamp())
        with self._connected() as connection:
            value = connection.execute(sa.select(clock)).scalar()
        return moment_of(value, "UTC") or datetime.datetime.now(datetime.UTC)

    @override
    def total(self, table: Table) -> int | None:
        """Count what does not say that it is deleted."""
        with self._connected() as connection:
            return int(connection.execute(self._asking(connection, table).count()).scalar_one())

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        with told_safely(self.name, self.declared):
            self.client.calls.count("SELECT")
            with self._engine.connect() as connection:
                yield connection

    def _asking(self, connection: sa.Connection, table: Table) -> Asking:
        """The table as it stands at the source. SetupError names declared columns that it does not have."""
        if table.name not in self._known:
            declared = self.declared.objects[str(table.origin)]
            found = table_of(connection, declared)
            sources = {name: told.source or name for name, told in self.columns[str(table.origin)].items()}
            if missing := sorted(set(sources.values()) - set(found.columns.keys())):
                raise SetupError(
                    f"{self.name}: {declared.table} has no column {', '.join(missing)}: declare what it has"
                )
            backend = connection.dialect.name
            columns = {name: as_read(found.columns[source], backend) for name, source in sources.items()}
            self._known[table.name] = Asking(table, found, columns, self.declared.zone)
        return self._known[table.name]


def _place(question: Question, row: Any) -> dict[str, Any]:
    place = {"key": placed(row[question.key])}
    return {"stamp": placed(row[question.stamp]), **place} if question.order is Order.STAMP else place
