"""Dagster's own storage on PostgreSQL with pooled connections: the stock one opens one for every statement.

Its events are written by the hundred, see `event_gathering`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from dagster._serdes import ConfigurableClassData
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config, retry_pg_connection_fn

from hrdata_assets.defs.event_gathering import GatheringEventLogStorage


class PooledPostgresStorage(DagsterPostgresStorage):
    """DagsterPostgresStorage whose three parts share one small pool.

    Its engines are private attributes of dagster-postgres 0.29, which the lock file pins.
    """

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Any,  # Dagster's two base classes declare it differently
    ) -> "PooledPostgresStorage":
        """Make the storage; the URL names psycopg2, for without it SQLAlchemy 2.1 would take psycopg 3."""
        url = pg_url_from_config(config_value)
        engine = sa.create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            pool_size=3,
            max_overflow=10,
            pool_recycle=300,
            pool_pre_ping=False,
        )
        with _one_at_a_time(engine):
            storage = cls(
                inst_data=inst_data,
                postgres_url=url,
                should_autocreate_tables=config_value.get("should_autocreate_tables", True),
            )
        storage._event_log_storage = GatheringEventLogStorage(url, should_autocreate_tables=False)
        for part in (storage._run_storage, storage._event_log_storage, storage._schedule_storage):
            part._engine.dispose()
            part._engine = engine
        events = storage._event_log_storage
        # Asked before every check result, and a table that is there stays there.
        events.has_table = _remembering(events.has_table)  # type: ignore[assignment, method-assign]
        return storage


def _remembering(has_table: Callable[[str], bool]) -> Callable[[str], bool]:
    """The same answer, asked for once unless it was no."""
    there: set[str] = set()

    def remembered(name: str) -> bool:
        if name not in there and has_table(name):
            there.add(name)
        return name in there

    return remembered


@contextmanager
def _one_at_a_time(engine: sa.Engine) -> Iterator[None]:
    """Hold others off while the storage makes its tables: of several that make them at once all but one would fail."""
    with retry_pg_connection_fn(engine.connect) as connection:
        connection.execute(sa.text("select pg_advisory_lock(hashtextextended('hrdata dagster storage', 0))"))
        try:
            yield
        finally:
            connection.execute(sa.text("select pg_advisory_unlock(hashtextextended('hrdata dagster storage', 0))"))
