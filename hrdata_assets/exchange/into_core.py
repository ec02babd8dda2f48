"""core as the target of a move: rows of the unified model, judged by its rules, each a state with its time."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from psycopg import sql

from hrdata_assets.quality.judge import Judged, judge
from hrdata_assets.storage.ddl import identifier
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.session import Session
from hrdata_assets.storage.versions import states_of, store_states
from hrdata_assets.systems.records import cleaned_rows
from hrdata_assets.systems.system import Written
from hrdata_assets.table import Table

MADE_OF = ("delivery", "row_no")
"""What a row carries beside the table's columns: where the record stood that it was made of."""


class IntoCore:
    """Writes rows of one source table, made by one formatter."""

    def __init__(self, session: Session, source: Table, formatter: str) -> None:
        self._session, self._source, self._formatter = session, source, formatter

    def write(self, table: Table, records: Sequence[Mapping[str, Any]], external: str) -> Iterator[Written]:
        """Store those that the table's rules let in; the others are refused by the names of the rules."""
        now = datetime.datetime.now(datetime.UTC)
        judged = judge(cleaned_rows(table, records), now.date())
        refused = {
            letter.row_no - 1: ", ".join(sorted(str(reason["rule"]) for reason in letter.reasons))
            for letter in judged.letters
        }
        with self._session.connect(f"core/{table.name}") as connection:
            there = _there(connection, table, records)
            store_states(connection, table, self._states(table, records, judged, now), f"core/{table.name}")
        for place, record in enumerate(records):
            key = ":".join(str(record.get(name)) for name in table.key)
            why = refused.get(place)
            yield Written(place, None if why else str(record[external]), not why and key not in there, why)

    def _states(
        self, table: Table, records: Sequence[Mapping[str, Any]], judged: Judged, now: datetime.datetime
    ) -> pl.DataFrame:
        lasting = {"synced_at": now, "deletion": None, "deleted_at": None}
        kept = [{**records[row_no - 1], **lasting} for row_no in judged.kept.get_column("row_no")]
        return states_of(table, judged.kept, kept, self._source, self._formatter)


def _there(connection: Connection, table: Table, records: Sequence[Mapping[str, Any]]) -> set[str]:
    """Keys of those records that the table has a state of."""
    keys = [":".join(str(record.get(name)) for name in table.key) for record in records]
    named = sql.SQL(" || ':' || ").join(map(sql.Identifier, table.key))
    statement = sql.SQL("select {} from {} where valid_to is null and {} = any(%s)").format(
        named, identifier(table), named
    )
    return {str(key) for (key,) in connection.execute(statement, (keys,))}
