"""Dagster's events by the hundred: a run over many partitions tells several of each, a few statements for every one.

Events are written in the order in which they came. Until then this process alone knows of them: before anything else
that it stores, and before whatever it asks of the log, they are written. A process that is killed takes those of its
last second with it; its run is told failed, and the next one finds loaded what is loaded, and tells it then.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import sqlalchemy as sa
from dagster import DagsterEventType, EventLogEntry
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationPlanned,
)
from dagster._core.events import ASSET_EVENTS
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._serdes import serialize_value
from dagster_postgres.event_log import PostgresEventLogStorage
from sqlalchemy.dialects import postgresql

MOST_EVENTS = 200
"""How many events wait at most."""

SECONDS = 1.0
"""How long they do."""

_WAITING = {DagsterEventType.ASSET_MATERIALIZATION, DagsterEventType.ASSET_CHECK_EVALUATION}
_PLANNED = {DagsterEventType.ASSET_MATERIALIZATION_PLANNED, DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}

_CHECKED = postgresql.insert(AssetCheckExecutionsTable)
_UNIQUE = ("asset_key", "check_name", "run_id", "partition")
_UPSERT = _CHECKED.on_conflict_do_update(
    index_elements=_UNIQUE,
    set_={
        name: _CHECKED.excluded[name]
        for name in (
            "execution_status",
            "evaluation_event",
            "evaluation_event_timestamp",
            "evaluation_event_storage_id",
            "materialization_event_storage_id",
        )
    },
)


class GatheringEventLogStorage(PostgresEventLogStorage):
    """Event log that gathers what steps tell of their partitions; made for dagster-postgres 0.29, which is pinned."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self._gathered: list[EventLogEntry] = []
        self._turn = threading.RLock()
        self._writing = False
        self._timer: threading.Timer | None = None
        super().__init__(*given, **named)

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event: at once, or with others in a moment if its step is going to tell more."""
        if not _is_of_a_step_and_a_partition(event):
            super().store_event(event)
            return
        with self._turn:
            self._gathered.append(event)
            if len(self._gathered) >= MOST_EVENTS:
                self.write_gathered()
            elif self._timer is None:
                self._timer = threading.Timer(SECONDS, self._write_in_time)
                self._timer.daemon = True
                self._timer.start()

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store what Dagster gathered itself: for the most part, what a run is going to do."""
        if {event.get_dagster_event().event_type for event in events} <= _PLANNED | _WAITING:
            self.write_gathered()
            self._write(events)
        else:
            super().store_event_batch(events)

    def write_gathered(self) -> None:
        """Write all that waits; what cannot be written waits on, and whoever comes next is told why."""
        with self._turn:
            if self._writing or not self._gathered:
                return
            self._writing = True
            try:
                self._write(self._gathered)
                self._gathered = []
            finally:
                self._writing = False
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def dispose(self) -> None:
        """Write what waits, and close."""
        self.write_gathered()
        super().dispose()

    def _write_in_time(self) -> None:
        with self._turn:
            self._timer = None
            try:
                self.write_gathered()
            except sa.exc.SQLAlchemyError:
                # Nobody waits for this thread; the events wait for the next one.
                return

    @contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        self.write_gathered()
        with super()._connect() as connection:
            yield connection

    def _write(self, events: Sequence[EventLogEntry]) -> None:
        rows = [self._event_to_row(event) for event in events]
        numbered = SqlEventLogStorageTable.insert().returning(
            SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
        )
        with self.index_transaction() as connection:
            numbers = list(connection.execute(numbered, rows).scalars())
            of_assets = [(n, event) for n, event in zip(numbers, events, strict=True) if _type(event) in ASSET_EVENTS]
            self._store_asset_event_tags(connection, [event for _, event in of_assets], [n for n, _ in of_assets])
            # An asset's own row tells of its last one.
            last = {(str(event.get_dagster_event().asset_key), _type(event)): (n, event) for n, event in of_assets}
            for number, event in last.values():
                self._store_asset_event(connection, event, number)
            for number, event in zip(numbers, events, strict=True):
                if _type(event) is DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED:
                    self._plan_check(connection, event, number)
            checked = [
                self._evaluation(event, number, row["event"])
                for number, event, row in zip(numbers, events, rows, strict=True)
                if _type(event) is DagsterEventType.ASSET_CHECK_EVALUATION
            ]
            if checked:
                connection.execute(_UPSERT, list({tuple(c[name] for name in _UNIQUE): c for c in checked}.values()))

    def _evaluation(self, event: EventLogEntry, number: int, text: str) -> dict[str, object]:
        evaluation = cast("AssetCheckEvaluation", event.get_dagster_event().event_specific_data)
        status = AssetCheckExecutionRecordStatus
        target = evaluation.target_materialization_data
        return {
            "asset_key": evaluation.asset_key.to_string(),
            "check_name": evaluation.check_name,
            "partition": evaluation.partition,
            "run_id": event.run_id,
            "execution_status": (status.SUCCEEDED if evaluation.passed else status.FAILED).value,
            "evaluation_event": text,
            "evaluation_event_timestamp": self._event_insert_timestamp(event),
            "evaluation_event_storage_id": number,
            "materialization_event_storage_id": target.storage_id if target else None,
        }

    def _store_asset_check_evaluation_planned(self, event: EventLogEntry, event_id: int | None) -> None:
        with self.index_connection() as connection:
            self._plan_check(connection, event, event_id)

    def _plan_check(self, connection: sa.Connection, event: EventLogEntry, number: int | None) -> None:
        """Write down that a check is going to be made of each of its partitions.

        The stock storage puts the list of all partitions beside each of them: with thousands, that is megabytes.
        """
        told = event.get_dagster_event()
        planned = cast("AssetCheckEvaluationPlanned", told.event_specific_data)
        subset = planned.partitions_subset
        one = AssetCheckEvaluationPlanned(asset_key=planned.asset_key, check_name=planned.check_name)
        text = serialize_value(event._replace(dagster_event=told._replace(event_specific_data=one)))
        shared = {
            "asset_key": planned.asset_key.to_string(),
            "check_name": planned.check_name,
            "run_id": event.run_id,
            "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
            "evaluation_event": text,
            "evaluation_event_timestamp": self._event_insert_timestamp(event),
            "evaluation_event_storage_id": number,
        }
        keys = list(subset.get_partition_keys()) if subset else [None]
        connection.execute(AssetCheckExecutionsTable.insert(), [{**shared, "partition": key} for key in keys])


def _type(event: EventLogEntry) -> DagsterEventType | None:
    return event.dagster_event.event_type if event.dagster_event else None


def _is_of_a_step_and_a_partition(event: EventLogEntry) -> bool:
    """Whether a step that goes on tells of one of its partitions: something else is sure to follow."""
    told = event.dagster_event
    if told is None or told.step_key is None or not event.run_id or told.event_type not in _WAITING:
        return False
    if told.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
        return isinstance(told.event_specific_data, AssetCheckEvaluation) and bool(told.event_specific_data.partition)
    return told.partition is not None
