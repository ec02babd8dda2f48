"""One sync of one object: what changed is read, judged and stored batch by batch, each with where to go on.

Whatever cuts it off, the next one goes on where the last stored batch ended, in the window the first had.
"""

import datetime
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hrdata_assets.errors import HRDataError
from hrdata_assets.faults import fault
from hrdata_assets.query import Condition
from hrdata_assets.storage import record_letters, sync_ledger
from hrdata_assets.storage.ledger import Counts, Place
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.session import Session, session_of
from hrdata_assets.storage.sync_ledger import Progress, Sync, Target
from hrdata_assets.storage.synced import bring_back, bury, bury_all_but, key_column, living, store
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.ahead import read_ahead
from hrdata_assets.sync.alone import alone
from hrdata_assets.sync.batch import Batch, make_batch, together
from hrdata_assets.sync.planning import mode_of, planned, since_of
from hrdata_assets.sync.scope import scope_of
from hrdata_assets.systems.answers import MalformedPageError
from hrdata_assets.systems.records import values_at
from hrdata_assets.systems.system import Page, System, Window
from hrdata_assets.table import CursorMode, Table
from hrdata_assets.verdict import Scorecard

log = logging.getLogger("hrdata")

BATCH_RECORDS = 2_500
_AHEAD = 6
"""Pages that may wait to be stored: with a batch's own they bound what a sync holds in memory."""


@dataclass(frozen=True)
class Order:
    """What is to be read: what changed since the last time, with ``full`` everything, with ``keys`` the ids of all.

    The last finds what is gone and moves no cursor. ``where`` narrows it down; such a sync has a cursor of its own and
    says nothing about what is gone.
    """

    full: bool = False
    keys: bool = False
    mode: CursorMode | None = None
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a sync did. ``source_total`` is the source's own count, ``own_total`` ours, letters included."""

    sync_id: int
    kind: str
    resumed: bool
    counts: Counts
    pages: int
    calls: int
    throttled: int
    future_stamps: int
    cursor_before: str | None
    cursor_after: str | None
    source_total: int | None
    own_total: int
    cards: tuple[Scorecard, ...] = field(default=(), repr=False)

    @property
    def course(self) -> str:
        """Full or incremental, and whether it took up one that was cut off."""
        return f"{self.kind}, taken up" if self.resumed else self.kind


def sync(warehouse: Warehouse, system: System, table: Table, order: Order, run_id: str) -> Outcome:
    """Bring an object's table up to its system; see `Order`.

    SystemUnavailable while another run syncs the same object, or when the system does not answer; DeliveryError for a
    page that cannot be read. What was stored before that stays, and is not read again.
    """
    target = Target(system.name, table.name, scope_of(order.where))
    with alone(warehouse, target), session_of(warehouse) as session:
        return _Syncing(session, system, table, order, Place(f"staged/{table.name}", record_letters.EVERYTHING, run_id),
                        target).run()  # fmt: skip


class _Syncing:
    """A sync going on."""

    def __init__(
        self, session: Session, system: System, table: Table, order: Order, place: Place, target: Target
    ) -> None:
        self._session, self._system, self._table, self._order = session, system, table, order
        self._place, self._target = place, target
        self._counts, self._pages, self._future = Counts(), 0, 0
        self._cards: list[tuple[Scorecard, Scorecard]] = []
        self._told = (0, 0)

    def run(self) -> Outcome:
        """Read, store and close; a failure is written down with the sync, and raised."""
        with self._session.connect("sync") as connection:
            before = sync_ledger.cursor_of(connection, self._target)
            known = self._taken_up(connection)
        now = self._system.now()
        current = known or self._begun(before, now)
        fault("after_claim", self._place.asset_key)
        try:
            self._bury_deleted(current, now)
            self._read(current, now)
            return self._closed(current, before[1] if before else None, resumed=known is not None)
        except HRDataError as error:
            self._stop(current, error)
            raise

    def _taken_up(self, connection: Connection) -> Sync | None:
        """The sync that was cut off, if it is what was asked for; one that reads less is given up for a full one."""
        known = sync_ledger.unfinished(connection, self._target)
        if known is None:
            return None
        if not self._is_asked_for(known):
            sync_ledger.abandon(connection, known)
            return None
        sync_ledger.go_on(connection, known, self._place.run_id)
        return known

    def _is_asked_for(self, known: Sync) -> bool:
        if self._order.keys:
            return known.meets_all
        return known.mode is self._mode() and (known.full or (known.kind == "incremental" and not self._order.full))

    def _mode(self) -> CursorMode:
        if self._order.keys:
            return CursorMode.ID
        return mode_of(self._table, self._order.mode)

    def _begun(self, before: tuple[CursorMode, str] | None, now: datetime.datetime) -> Sync:
        """Begin a sync up to the source's newest record, which is asked for before anything is read."""
        mode = self._mode()
        if self._order.keys:
            return self._written_down(Sync(0, "keys", mode, None, None))
        return self._written_down(planned(self._system, self._table, mode, before, now, full=self._order.full))

    def _written_down(self, plan: Sync) -> Sync:
        with self._session.connect("sync") as connection:
            return sync_ledger.begin(connection, self._target, self._place.run_id, plan)

    def _window(self, current: Sync) -> Window:
        return Window(
            current.mode, self._since(current), self._order.where, current.position, keys_only=current.kind == "keys"
        )

    def _since(self, current: Sync) -> datetime.datetime | int | None:
        return since_of(current, self._system.overlap)

    def _bury_deleted(self, current: Sync, now: datetime.datetime) -> None:
        """Ask for deletions before records: one that is met afterwards is there again."""
        if self._target.scope:
            return
        with self._session.connect("deletions") as connection:
            state = sync_ledger.state_of(connection, self._target)
        since = self._since(current)
        for gone in self._system.deletions(self._table, since if isinstance(since, datetime.datetime) else now, state):
            with self._session.connect("deletions") as connection:
                buried = self._bury(connection, gone.keys, gone.moments)
                back = bring_back(connection, self._table, gone.back) if gone.back else 0
                sync_ledger.remember_state(connection, self._target, gone.state)
                self._advance(connection, current, Progress(current.position, Counts(removed=buried)))
            if back:
                log.info("%s: %d that were deleted are there again", self._place.asset_key, back)
            fault("after_commit", self._place.asset_key)

    def _read(self, current: Sync, now: datetime.datetime) -> None:
        with read_ahead(self._system.pages(self._table, self._window(current)), _AHEAD) as pages:
            waiting: list[Page] = []
            records = 0
            for page in self._until_cut_off(current, pages, waiting, now):
                waiting.append(page)
                records += len(page.records)
                if not page.records or records >= BATCH_RECORDS:
                    self._store(current, waiting, now)
                    waiting.clear()
                    records = 0
            self._store(current, waiting, now)

    def _until_cut_off(
        self, current: Sync, pages: Iterator[Page], waiting: list[Page], now: datetime.datetime
    ) -> Iterator[Page]:
        """Give pages; when no more can be had, what came before is stored, and a page that is none gets a letter."""
        try:
            yield from pages
        except HRDataError as error:
            self._store(current, waiting, now)
            waiting.clear()
            if isinstance(error, MalformedPageError) and error.delivery:
                with self._session.connect("letter") as connection:
                    record_letters.file_page(connection, self._place, self._table.contract, error.delivery)
            raise

    def _store(self, current: Sync, pages: Sequence[Page], now: datetime.datetime) -> None:
        """Judge and store pages, and where to go on after the last of them, in one transaction."""
        if not pages:
            return
        if current.kind == "keys":
            self._meet(current, pages)
            return
        batch = make_batch(self._table, pages, now, self._system.withheld)
        fault("before_publish", self._place.asset_key)
        with self._session.connect(f"{self._place.asset_key} {self._place.partition_key}") as connection:
            stored = store(connection, self._table, batch.rows, self._place.asset_key)
            fault("mid_publish", self._place.asset_key)
            self._file_letters(connection, batch)
            buried = self._bury(connection, batch.gone, {})
            counts = Counts(
                read=batch.read,
                inserted=stored.inserted,
                updated=stored.updated,
                unchanged=stored.unchanged,
                duplicate=batch.duplicate,
                set_aside=batch.set_aside,
                removed=buried,
            )
            if current.full and not self._target.scope:
                sync_ledger.remember_keys(connection, current, batch.keys)
            sync_ledger.record_pages(connection, current, [(p.delivery, len(p.records)) for p in pages])
            self._advance(connection, current, Progress(pages[-1].position, counts, batch.future))
            fault("before_commit", self._place.asset_key)
        self._pages += len(pages)
        self._future += batch.future
        self._cards.append(batch.cards)
        fault("after_commit", self._place.asset_key)

    def _meet(self, current: Sync, pages: Sequence[Page]) -> None:
        """Remember which records are there, and where to go on; nothing is stored of them."""
        header = self._table.column(key_column(self._table)).header or key_column(self._table)
        keys = [key for page in pages for key in values_at(page.records, header) if key is not None]
        fault("before_publish", self._place.asset_key)
        with self._session.connect(f"{self._place.asset_key} {self._place.partition_key}") as connection:
            sync_ledger.remember_keys(connection, current, keys)
            sync_ledger.record_pages(connection, current, [(p.delivery, len(p.records)) for p in pages])
            read = sum(len(page.records) for page in pages)
            self._advance(connection, current, Progress(pages[-1].position, Counts(read=read, skipped=read)))
            fault("before_commit", self._place.asset_key)
        self._pages += len(pages)
        fault("after_commit", self._place.asset_key)

    def _bury(
        self, connection: Connection, keys: Sequence[str], moments: Mapping[str, datetime.datetime | None]
    ) -> int:
        """Make tombstones of records that are deleted; their letters wait for nothing any more."""
        if not keys:
            return 0
        record_letters.close_records(connection, self._place, keys)
        return bury(connection, self._table, keys, moments)

    def _file_letters(self, connection: Connection, batch: Batch) -> None:
        if record_letters.any_open(connection, self._place):
            record_letters.close_records(connection, self._place, batch.keys)
        if batch.letters:
            record_letters.file_records(connection, self._place, self._table.contract, batch.letters)

    def _advance(self, connection: Connection, current: Sync, progress: Progress) -> None:
        calls, throttled = self._system.client.calls.total, self._system.client.calls.throttled
        new = Progress(
            progress.position, progress.counts, progress.future_stamps,
            calls - self._told[0], throttled - self._told[1],
        )  # fmt: skip
        sync_ledger.advance(connection, current, new)
        self._told = (calls, throttled)
        self._counts = self._counts.plus(progress.counts)

    def _closed(self, current: Sync, before: str | None, *, resumed: bool) -> Outcome:
        """Bury what a full sync did not meet, compare counts, and move the cursor, in one transaction."""
        total = None if self._target.scope else self._system.total(self._table)
        cards = tuple(together([pair[point] for pair in self._cards]) for point in (0, 1)) if self._cards else ()
        with self._session.connect("close") as connection:
            position = sync_ledger.unfinished(connection, self._target)
            buried = 0
            if current.meets_all and not self._target.scope:
                buried = bury_all_but(connection, self._table, current.sync_id)
                record_letters.close_unmet(connection, self._place, current.sync_id)
            record_letters.close_pages(connection, self._place)
            own = living(connection, self._table) + record_letters.records_kept_out(
                connection, self._place, self._table
            )
            self._advance(connection, current, Progress(position.position if position else {}, Counts(removed=buried)))
            sync_ledger.complete(connection, self._target, current, (total, own), cards)
            fault("after_score", self._place.asset_key)
        fault("before_event", self._place.asset_key)
        return Outcome(
            sync_id=current.sync_id,
            kind=current.kind,
            resumed=resumed,
            counts=self._counts,
            pages=self._pages,
            calls=self._told[0],
            throttled=self._told[1],
            future_stamps=self._future,
            cursor_before=before,
            cursor_after=current.until or before,
            source_total=total,
            own_total=own,
            cards=cards,
        )

    def _stop(self, current: Sync, error: HRDataError) -> None:
        log.warning("%s: stopped: %s", self._place.asset_key, error)
        with self._session.connect("stop") as connection:
            sync_ledger.stop(connection, current, str(error))
