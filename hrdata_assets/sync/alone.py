"""Keeping two runs from doing the same at once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from hrdata_assets.errors import SystemUnavailable
from hrdata_assets.storage.postgres import connect
from hrdata_assets.storage.sync_ledger import Target
from hrdata_assets.storage.warehouse import Warehouse


@contextmanager
def alone(warehouse: Warehouse, target: Target) -> Iterator[None]:
    """Keep every other sync of the object, in that scope, out for as long as this process lives.

    SystemUnavailable if another run is at it.
    """
    name = "sync|" + "|".join(target.key)
    with connect(warehouse.url, f"sync {target.object}", autocommit=True) as connection:
        row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone()
        if row is None or not row[0]:
            raise SystemUnavailable(f"{target.object}: another run is syncing it; let it finish and start again")
        try:
            yield
        finally:
            # The server ends what a closed connection leaves behind in its own time: the next sync may come first.
            with suppress(psycopg.Error):
                connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (name,))
