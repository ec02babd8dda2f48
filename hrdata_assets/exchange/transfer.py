"""One transfer: part by part read, filtered, formatted, written, and written down with where to go on.

Whatever cuts it off, the next one goes on after the last part that was written down; what the one cut off had written
beyond that is found again by its external id, and changed to what it is already.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hrdata_assets.errors import HRDataError
from hrdata_assets.exchange.into_core import MADE_OF, IntoCore
from hrdata_assets.exchange.order import WAREHOUSE, Transfer, Transferred
from hrdata_assets.exchange.reading import Part, Refused, parts_of_system, parts_of_warehouse
from hrdata_assets.exchange.written import checksum_of, known, remember
from hrdata_assets.faults import fault
from hrdata_assets.query import matches
from hrdata_assets.rule import Dimension
from hrdata_assets.storage import record_letters, sync_ledger
from hrdata_assets.storage.ledger import Counts, Place
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.session import Session, session_of
from hrdata_assets.storage.sync_ledger import Progress, Sync
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.alone import alone
from hrdata_assets.sync.planning import mode_of, planned, since_of
from hrdata_assets.sync.unifying import not_formatted
from hrdata_assets.systems.answers import MalformedPageError
from hrdata_assets.systems.system import System, Window, Written
from hrdata_assets.unified.formatter import Failure, Formatted
from hrdata_assets.verdict import Letter

NOT_TAKEN = "is_taken"
"""Rule of a row that the target refused; the reason's column is its own word for why."""


@dataclass(frozen=True)
class Ends:
    """The systems between which rows are moved; None stands for the warehouse."""

    origin: System | None
    target: System | None


def transfer(warehouse: Warehouse, ends: Ends, order: Transfer, run_id: str) -> Transferred:
    """Move what an order speaks of. SystemUnavailable while another run does, or when a system does not answer.

    What was written before that stays written, and is not written again.
    """
    place = Place(f"pushed/{order.written.name}", record_letters.EVERYTHING, run_id)
    with session_of(warehouse) as session:
        if order.dry_run:
            return _Moving(session, warehouse, ends, order, place).tried()
        with alone(warehouse, order.ledger):
            return _Moving(session, warehouse, ends, order, place).run()


class _Moving:
    """A transfer going on."""

    def __init__(self, session: Session, warehouse: Warehouse, ends: Ends, order: Transfer, place: Place) -> None:
        self._session, self._warehouse, self._ends, self._order = session, warehouse, ends, order
        self._place = place
        self._done = Counter[str]()
        self._reasons = Counter[str]()

    def run(self) -> Transferred:
        with self._session.connect("transfer") as connection:
            current = self._taken_up(connection) or self._begun(connection)
        fault("after_claim", self._place.asset_key)
        try:
            for part in self._parts(current):
                self._move(current, part)
        except HRDataError as error:
            with self._session.connect("stop") as connection:
                if isinstance(error, MalformedPageError) and error.delivery:
                    record_letters.file_page(connection, self._place, self._order.source.contract, error.delivery)
                sync_ledger.stop(connection, current, str(error))
            raise
        with self._session.connect("close") as connection:
            record_letters.close_pages(connection, self._place)
            sync_ledger.complete(connection, self._order.ledger, current, (None, self._done["written"]), ())
        return self._told(current.until)

    def tried(self) -> Transferred:
        """What a run would do, without writing anything anywhere."""
        with self._session.connect("transfer") as connection:
            plan = self._planned(connection)
        for part in self._parts(plan):
            made, _, _ = self._made(part)
            with self._session.connect("transfer") as connection:
                fresh = self._fresh(connection, made.rows)
            self._done["written"] += len(fresh)
        return self._told(plan.until)

    def _told(self, until: str | None) -> Transferred:
        names = ("read", "filtered", "formatted", "written", "created", "unchanged", "failed")
        counted = {name: self._done[name] for name in names}
        return Transferred(**counted, reasons=dict(self._reasons), cursor=until, dry_run=self._order.dry_run)

    def _taken_up(self, connection: Connection) -> Sync | None:
        found = sync_ledger.unfinished(connection, self._order.ledger)
        if found is None:
            return None
        if self._order.full and not found.full:
            sync_ledger.abandon(connection, found)
            return None
        sync_ledger.go_on(connection, found, self._place.run_id)
        return found

    def _begun(self, connection: Connection) -> Sync:
        return sync_ledger.begin(connection, self._order.ledger, self._place.run_id, self._planned(connection))

    def _planned(self, connection: Connection) -> Sync:
        """From where to where it reads; of the warehouse always everything, for what is unchanged costs nothing."""
        mode, origin = mode_of(self._order.source, self._order.mode), self._ends.origin
        if origin is None:
            return Sync(0, "full", mode, None, None)
        before = sync_ledger.cursor_of(connection, self._order.ledger)
        return planned(origin, self._order.source, mode, before, origin.now(), full=self._order.full)

    def _parts(self, current: Sync) -> Iterator[Part]:
        order, origin = self._order, self._ends.origin
        if origin is None:
            return parts_of_warehouse(self._warehouse, order.source, order.where, order.target)
        window = Window(current.mode, since_of(current, origin.overlap), order.where, current.position)
        return parts_of_system(origin, order.source, window, origin.now())

    def _move(self, current: Sync, part: Part) -> None:
        """Write what is new of a part, batch by batch, and write down that it is done."""
        before = self._done.copy()
        made, refused, tried = self._made(part)
        with self._session.connect("transfer") as connection:
            fresh = iter(self._fresh(connection, made.rows))
        while batch := list(islice(fresh, self._order.batch_size)):
            refused += self._write(part, made, batch)
        fault("before_publish", self._place.asset_key)
        with self._session.connect(f"{self._place.asset_key} {self._place.partition_key}") as connection:
            record_letters.close_records(connection, self._place, tried)
            record_letters.file_records(connection, self._place, self._order.written.contract, refused)
            if part.page:
                sync_ledger.record_pages(connection, current, [part.page])
            position = part.position or current.position
            sync_ledger.advance(connection, current, Progress(position, _counts(self._done - before)))
            fault("before_commit", self._place.asset_key)
        fault("after_commit", self._place.asset_key)

    def _made(self, part: Part) -> tuple[Formatted, list[Refused], list[str]]:
        """Filter and format a part: rows with their places in it, what could not be made, and what was tried."""
        places = [n for n, row in enumerate(part.rows) if matches(self._order.having, row)]
        wanted = [part.rows[n] for n in places]
        made = self._order.formatter.apply_all(wanted)
        refused: list[Refused] = [
            (delivery, f"{self._order.origin}:{key}" if key else None, letter) for delivery, key, letter in part.refused
        ]
        refused += [self._unformatted(wanted[failure.place], failure) for failure in made.failures]
        self._done += Counter(
            read=part.read,
            filtered=len(part.rows) - len(wanted) + part.gone,
            formatted=len(made.rows),
            failed=len(refused),
        )
        self._reasons += Counter(str(reason["rule"]) for _, _, letter in refused for reason in letter.reasons)
        rows = [self._said(row) for row in made.rows]
        tried = [self._key(row) for row in wanted]
        return Formatted(rows, [places[n] for n in made.places], made.failures), refused, tried

    def _said(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What a row says: of the rest nothing is known here, and the target keeps what it has."""
        return {name: value for name, value in row.items() if value is not None or name == self._order.external}

    def _unformatted(self, row: Mapping[str, Any], failure: Failure) -> Refused:
        return row["delivery"], self._key(row), not_formatted(failure, row["row_no"])

    def _fresh(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Places of rows that say something else than what was written last under their external id."""
        names = [str(row.get(self._order.external)) for row in rows]
        before = known(connection, self._order.target, self._order.written, names)
        fresh = [n for n, row in enumerate(rows) if before.get(names[n]) != checksum_of(row)]
        self._done["unchanged"] += len(rows) - len(fresh)
        return fresh

    def _write(self, part: Part, made: Formatted, batch: Sequence[int]) -> list[Refused]:
        """Write some rows, and remember each that was taken; tell those that were not."""
        rows = [made.rows[n] for n in batch]
        answers = list(self._written(part, made, batch, rows))
        taken = [one for one in answers if one.refused is None and one.key is not None]
        with self._session.connect("transfer") as connection:
            remember(connection, self._order.target, self._order.written, self._place.run_id, [
                (str(rows[one.place][self._order.external]), str(one.key), checksum_of(rows[one.place]))
                for one in taken
            ])  # fmt: skip
        fault("mid_publish", self._place.asset_key)
        refused = [one for one in answers if one.refused is not None]
        self._done += Counter(written=len(taken), created=sum(one.created for one in taken), failed=len(refused))
        self._reasons += Counter(str(one.refused) for one in refused)
        return [self._not_taken(part.rows[made.places[batch[one.place]]], one) for one in refused]

    def _written(
        self, part: Part, made: Formatted, batch: Sequence[int], rows: Sequence[Mapping[str, Any]]
    ) -> Iterator[Written]:
        if self._ends.target is not None:
            return self._ends.target.write(self._order.written, rows, self._order.external)
        of = [part.rows[made.places[n]] for n in batch]
        placed = [{**row, **{name: old[name] for name in MADE_OF}} for row, old in zip(rows, of, strict=True)]
        into = IntoCore(self._session, self._order.source, self._order.made_by[:16])
        return into.write(self._order.written, placed, self._order.external)

    def _not_taken(self, row: Mapping[str, Any], answer: Written) -> Refused:
        reason: dict[str, str | None] = {
            "rule": NOT_TAKEN,
            "dimension": Dimension.VALIDITY.value,
            "column": answer.refused,
        }
        return row["delivery"], self._key(row), Letter(row["row_no"], "load", (reason,), None)

    def _key(self, row: Mapping[str, Any]) -> str:
        """What a row is known by where it comes from."""
        keys = [str(row[name]) for name in self._order.source.key]
        return ":".join(keys if self._order.origin == WAREHOUSE else [self._order.origin, *keys])


def _counts(done: Counter[str]) -> Counts:
    """In the words of the ledger: what was left out was skipped, and what failed stands among the letters."""
    return Counts(
        read=done["read"],
        inserted=done["created"],
        updated=done["written"] - done["created"],
        unchanged=done["unchanged"],
        set_aside=done["failed"],
        skipped=done["filtered"],
    )
