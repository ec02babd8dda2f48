"""The warehouse: one database with its archive, opened from the settings and brought to the declared schema."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hrdata_assets.settings import Settings, sql_folder
from hrdata_assets.storage.archive import Archive
from hrdata_assets.storage.ddl import apply_schema
from hrdata_assets.storage.postgres import Connection, connect, database_url, ensure_database
from hrdata_assets.table import Table


@dataclass(frozen=True)
class Warehouse:
    """An opened warehouse."""

    settings: Settings
    url: str
    archive: Archive
    sql: Path

    @contextmanager
    def connect(self, name: str) -> Iterator[Connection]:
        """Open a connection whose block is one transaction."""
        with connect(self.url, name) as connection:
            yield connection


_OPENED: list[tuple[tuple[Settings, tuple[Table, ...]], Warehouse]] = []
_LOCK = threading.Lock()


def open_warehouse(settings: Settings, tables: Sequence[Table]) -> Warehouse:
    """Open the warehouse that the settings name; creates its database and schema where they are missing.

    The schema is looked at once per process, settings and tables.
    """
    with _LOCK:
        wanted = (settings, tuple(tables))
        known = next((open_one for opened, open_one in _OPENED if opened == wanted), None)
        if known is None:
            url, folder = database_url(settings), sql_folder(settings)
            ensure_database(url)
            with connect(url, "schema") as connection:
                apply_schema(connection, tables, folder)
            known = Warehouse(settings, url, Archive(settings.archive_dir), folder)
            _OPENED.append((wanted, known))
        return known
