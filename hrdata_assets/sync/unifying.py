"""core's tables of systems' records: what is staged brought to one model, every state with the time in which it held.

What was brought there already is left alone: only records that a sync changed, or that another formatter would read
otherwise, are formatted again.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
from psycopg import sql
from psycopg.rows import dict_row

from hrdata_assets.faults import fault
from hrdata_assets.quality.judge import Judged, judge
from hrdata_assets.rule import Dimension
from hrdata_assets.storage import record_letters, sync_ledger
from hrdata_assets.storage.ddl import LINEAGE, SYNC_COLUMNS, identifier
from hrdata_assets.storage.ledger import Counts, Place
from hrdata_assets.storage.postgres import Connection, connect, joined_in_bulk
from hrdata_assets.storage.session import Session, session_of
from hrdata_assets.storage.sync_ledger import Progress, Sync, Target
from hrdata_assets.storage.synced import key_column
from hrdata_assets.storage.versions import states_of, store_states
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.batch import together
from hrdata_assets.systems.origins import Origin
from hrdata_assets.systems.records import cleaned_rows
from hrdata_assets.table import CursorMode
from hrdata_assets.unified.formatter import Failure, Formatted
from hrdata_assets.verdict import Letter, Scorecard

CORE = "core"
"""Under this system the ledger of syncs keeps them: the object is the table, the scope the staged one."""

NOT_FORMATTED = "is_formatted"
"""Rule of a record that the mapping could not bring to the model."""

BATCH_ROWS = 5_000
_MANY = 1_000


@dataclass(frozen=True)
class Unified:
    """What became of an origin's rows. ``staged_total`` rows are staged, ``own_total`` stand in core or wait."""

    origin: Origin
    counts: Counts
    staged_total: int
    own_total: int
    cards: tuple[Scorecard, ...] = field(default=(), repr=False)


def unify(warehouse: Warehouse, origin: Origin, run_id: str) -> Unified:
    """Bring an origin's rows to core; another run that does the same is waited for.

    Whatever cuts it off, what was stored stays, and the next one goes on with what is left.
    """
    target = Target(CORE, origin.table.name, origin.staged.name)
    place = Place(f"core/{origin.table.name}", record_letters.EVERYTHING, run_id)
    with _after_others(warehouse, target), session_of(warehouse) as session:
        return _Unifying(session, origin, place, target).run()


@contextmanager
def _after_others(warehouse: Warehouse, target: Target) -> Iterator[None]:
    with connect(warehouse.url, f"unify {target.scope}", autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", ("unify|" + "|".join(target.key),))
        yield


class _Unifying:
    """A table being brought to core."""

    def __init__(self, session: Session, origin: Origin, place: Place, target: Target) -> None:
        self._session, self._origin, self._place, self._target = session, origin, place, target
        self._formatter = origin.mapping.checksum[:16]
        self._key = key_column(origin.staged)
        self._counts = Counts()
        self._cards: list[tuple[Scorecard, Scorecard]] = []

    def run(self) -> Unified:
        with self._session.connect("unify") as connection:
            current = self._begun(connection)
        fault("after_claim", self._place.asset_key)
        keys = self._waiting()
        for first in range(0, len(keys), BATCH_ROWS):
            if rows := self._rows(keys[first : first + BATCH_ROWS]):
                self._store(current, rows)
        return self._closed(current)

    def _begun(self, connection: Connection) -> Sync:
        known = sync_ledger.unfinished(connection, self._target)
        if known is None:
            planned = Sync(0, "incremental", CursorMode.ID, None, None)
            return sync_ledger.begin(connection, self._target, self._place.run_id, planned)
        sync_ledger.go_on(connection, known, self._place.run_id)
        return known

    def _waiting(self) -> list[Any]:
        """Keys of staged rows that core does not show as they are, in order."""
        statement = sql.SQL(
            "select t.{key} from {staged} t left join {core} c on c.system = %(system)s"
            " and c.source_id = t.{key}::text and c.staged = %(address)s and c.valid_to is null"
            " where c.synced_at is distinct from t.synced_at or c.formatter is distinct from %(formatter)s order by 1"
        ).format(**self._names)
        with self._session.connect("look") as connection, joined_in_bulk(connection):
            return [key for (key,) in connection.execute(statement, self._asked)]

    def _rows(self, keys: Sequence[Any]) -> list[dict[str, Any]]:
        """Staged rows of these keys, in order."""
        names = [c.name for c in self._origin.staged.columns] + ["extra", *LINEAGE, *SYNC_COLUMNS]
        statement = sql.SQL("select {columns} from {staged} t where t.{key} = any(%s) order by t.{key}").format(
            columns=sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in names), **self._names
        )
        with self._session.connect("look") as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement, (list(keys),)).fetchall()

    @property
    def _names(self) -> dict[str, sql.Identifier]:
        staged, core = identifier(self._origin.staged), identifier(self._origin.table)
        return {"staged": staged, "core": core, "key": sql.Identifier(self._key)}

    @property
    def _asked(self) -> dict[str, str]:
        address, asset = self._origin.staged.address, self._place.asset_key
        return {"system": self._origin.system, "address": address, "asset": asset, "formatter": self._formatter}

    def _store(self, current: Sync, rows: Sequence[Mapping[str, Any]]) -> None:
        """Format, judge and store rows in one transaction."""
        made = self._origin.mapping.apply_all(rows)
        table = self._origin.table
        judged = judge(cleaned_rows(table, made.rows), datetime.datetime.now(datetime.UTC).date())
        letters = [*self._refused(rows, made.failures), *self._set_aside(rows, made, judged)]
        fault("before_publish", self._place.asset_key)
        with self._session.connect(f"{self._place.asset_key} {self._target.scope}") as connection:
            stored = store_states(connection, table, self._states(rows, made, judged), self._place.asset_key)
            fault("mid_publish", self._place.asset_key)
            record_letters.close_records(connection, self._place, [self._record(row) for row in rows])
            record_letters.file_records(connection, self._place, table.contract, letters)
            counts = Counts(
                read=len(rows),
                inserted=stored.inserted,
                updated=stored.updated,
                unchanged=stored.unchanged,
                set_aside=len(made.failures) + judged.set_aside + judged.duplicates,
            )
            sync_ledger.advance(connection, current, Progress({}, counts))
            fault("before_commit", self._place.asset_key)
        self._counts = self._counts.plus(counts)
        self._cards.append((judged.received, judged.published))
        fault("after_commit", self._place.asset_key)

    def _record(self, row: Mapping[str, Any]) -> str:
        return f"{self._origin.system}:{row[self._key]}"

    def _refused(
        self, rows: Sequence[Mapping[str, Any]], failures: Sequence[Failure]
    ) -> Iterator[tuple[str, str | None, Letter]]:
        """Letters of rows that the mapping could not bring to the model."""
        for failure in failures:
            row = rows[failure.place]
            yield row["delivery"], self._record(row), not_formatted(failure, row["row_no"])

    def _set_aside(
        self, rows: Sequence[Mapping[str, Any]], made: Formatted, judged: Judged
    ) -> Iterator[tuple[str, str | None, Letter]]:
        """Letters of rows that break a rule of the model."""
        for letter in judged.letters:
            row = rows[made.places[letter.row_no - 1]]
            yield row["delivery"], self._record(row), replace(letter, row_no=row["row_no"])

    def _states(self, rows: Sequence[Mapping[str, Any]], made: Formatted, judged: Judged) -> pl.DataFrame:
        """Kept rows with where they were read, what made them, and whether their record is gone."""
        kept = [rows[made.places[row_no - 1]] for row_no in judged.kept.get_column("row_no")]
        return states_of(self._origin.table, judged.kept, kept, self._origin.staged, self._formatter)

    def _closed(self, current: Sync) -> Unified:
        cards = tuple(together([pair[point] for pair in self._cards]) for point in (0, 1)) if self._cards else ()
        with self._session.connect("close") as connection:
            if self._counts.inserted > _MANY:
                # What the server believes of a table that was empty before makes the next run take minutes.
                connection.execute(sql.SQL("analyze {}").format(identifier(self._origin.table)))
            totals = self._totals(connection)
            sync_ledger.complete(connection, self._target, current, totals, cards)
            fault("after_score", self._place.asset_key)
        fault("before_event", self._place.asset_key)
        return Unified(self._origin, self._counts, *totals, cards)

    def _totals(self, connection: Connection) -> tuple[int, int]:
        """How many rows are staged, and how many of them stand in core or wait among the letters."""
        statement = sql.SQL(
            "select count(*), count(*) filter (where c.source_id is not null or d.record is not null) from {staged} t"
            " left join {core} c on c.system = %(system)s and c.source_id = t.{key}::text"
            " and c.staged = %(address)s and c.valid_to is null left join (select distinct record"
            " from ops.dead_letters where asset_key = %(asset)s and status in ('open', 'discarded')) d"
            " on d.record = %(system)s || ':' || t.{key}::text"
        ).format(**self._names)
        with joined_in_bulk(connection):
            row = connection.execute(statement, self._asked).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)


def not_formatted(failure: Failure, row_no: int) -> Letter:
    """The letter of a row that no formatter could make: which fields, and never what they held."""
    reasons: tuple[dict[str, str | None], ...] = tuple(
        {"rule": NOT_FORMATTED, "dimension": Dimension.CONFORMITY.value, "column": reason.field}
        for reason in failure.reasons
    )
    return Letter(row_no, "parse", reasons, None)
