"""Dagster's own storage on PostgreSQL with pooled connections: the stock one opens one for every statement."""

from typing import Any

import sqlalchemy as sa
from dagster._serdes import ConfigurableClassData
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config


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
        storage = cls(
            inst_data=inst_data,
            postgres_url=pg_url_from_config(config_value),
            should_autocreate_tables=config_value.get("should_autocreate_tables", True),
        )
        engine = sa.create_engine(
            storage.postgres_url,
            isolation_level="AUTOCOMMIT",
            pool_size=3,
            max_overflow=10,
            pool_recycle=300,
            pool_pre_ping=False,
        )
        for part in (storage._run_storage, storage._event_log_storage, storage._schedule_storage):
            part._engine.dispose()
            part._engine = engine
        return storage
