"""What of others depends on a table made from workbooks, so that the table cannot be changed or dropped."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg import errors

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.evolution import SCHEMA
from hrdata_assets.storage.postgres import Connection

_NAMED = 5


class TableInUseError(SetupError):
    """A table cannot be changed or dropped while something of others depends on it."""

    def __init__(self, table: str, views: Sequence[str]) -> None:
        more = f" and {len(views) - _NAMED} more" if len(views) > _NAMED else ""
        what = f"view {', '.join(views[:_NAMED])}{more}" if views else "something that is no view"
        super().__init__(
            f"{SCHEMA}.{table} is in use by others: {what} depends on it; drop that, do this again, and recreate it"
        )


@contextmanager
def in_use_told(connection: Connection, table: str) -> Iterator[None]:
    """Change or drop a table in this block, which is a savepoint: TableInUseError if others depend on it."""
    try:
        with connection.transaction():
            yield
    except (errors.DependentObjectsStillExist, errors.FeatureNotSupported):
        raise TableInUseError(table, views_on(connection, table)) from None


def views_on(connection: Connection, table: str) -> list[str]:
    """Names of the views, plain and filled, that are made of a table."""
    rows = connection.execute(
        "select distinct v.oid::regclass::text from pg_depend d join pg_rewrite r on r.oid = d.objid"
        " join pg_class v on v.oid = r.ev_class join pg_class t on t.oid = d.refobjid"
        " where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and v.oid <> t.oid"
        " and t.relnamespace = %s::regnamespace and t.relname = %s order by 1",
        (SCHEMA, table),
    )
    return [name for (name,) in rows]
