"""Ordering reports, asking after them with growing pauses, and fetching them: what one lacks stops no other."""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hrdata_assets.errors import DeliveryError, SystemUnavailable
from hrdata_assets.systems.answers import RefusedError, SignInError
from hrdata_assets.systems.flowcase.client import FINISHED, GOING_ON, UNREADABLE, FlowcaseReports, Progress
from hrdata_assets.systems.flowcase.joining import looked_at
from hrdata_assets.systems.flowcase.orders import OrderBook, Piece

log = logging.getLogger("hrdata")

GROWTH = 1.5
MOST_PAUSES = 10
"""How many times the first pause the longest one is."""

_WITHOUT_FILE = 5
"""How often a finished report may be without its file."""

_EXPIRED = frozenset({400, 401, 403, 404, 410})


@dataclass(frozen=True)
class Pace:
    """Seconds: the first pause, and how long nothing may get ready."""

    first: float = 2
    patience: float = 600


class Gathering:
    """Brings pieces into the order book. ``failed`` says why of reports that cannot be had."""

    def __init__(self, api: FlowcaseReports, book: OrderBook, pace: Pace) -> None:
        self._api, self._book, self._pace = api, book, pace
        self.failed: dict[str, DeliveryError] = {}
        self._waiting: dict[Piece, str] = {}
        self._empty: Counter[Piece] = Counter()
        self._once: set[tuple[Piece, str]] = set()
        self._seen: dict[Piece, bytes] = {}

    def gather(self, pieces: Sequence[Piece]) -> None:
        """Order what is neither there nor ordered, and wait until all of it is there or has failed.

        SystemUnavailable once nothing has got ready for as long as patience lasts: what was ordered stays written
        down. SignInError at once, for everybody.
        """
        for piece in pieces:
            if piece.report not in self.failed and not self._book.has(piece):
                self._begin(piece)
        pause, until = self._pace.first, time.monotonic() + self._pace.patience
        while self._waiting:
            over = [self._over(piece) for piece in list(self._waiting)]
            if any(over):
                until = time.monotonic() + self._pace.patience
            elif time.monotonic() >= until:
                raise SystemUnavailable(self._stuck())
            if self._waiting:
                time.sleep(pause)
                pause = min(pause * GROWTH, self._pace.first * MOST_PAUSES)

    def _begin(self, piece: Piece) -> None:
        if order := self._book.order(piece):
            self._waiting[piece] = order
            log.info("flowcase: %s was ordered already and is waited for", piece.report)
        else:
            with self._failing(piece):
                self._order(piece)

    def _order(self, piece: Piece) -> None:
        order = self._api.order(piece.report, piece.offices)
        self._book.remember(piece, order)
        self._waiting[piece] = order

    def _over(self, piece: Piece) -> bool:
        """Ask after a piece; whether it is over with, one way or the other."""
        if piece not in self._waiting:
            return False
        with self._failing(piece):
            progress = self._progress(piece)
            if progress.state == FINISHED:
                return self._fetched(piece, progress.url)
            if progress.state not in (*GOING_ON, UNREADABLE):
                self._book.forget(piece)
                raise DeliveryError(f"flowcase could not make {piece.report} ({progress.state}): pull again")
            return False
        return True

    def _progress(self, piece: Piece) -> Progress:
        try:
            return self._api.look(self._waiting[piece])
        except RefusedError as error:
            if error.status != 404 or not self._first_time(piece, "unknown"):
                raise
        # An order of yesterday may be gone.
        self._order(piece)
        return Progress(UNREADABLE)

    def _fetched(self, piece: Piece, url: str | None) -> bool:
        if url is None:
            self._empty[piece] += 1
            if self._empty[piece] > _WITHOUT_FILE:
                self._book.forget(piece)
                raise DeliveryError(f"flowcase calls {piece.report} finished and offers no file: pull again")
            return False
        try:
            content = self._api.download(url)
        except RefusedError as error:
            # The next answer brings an address that is signed anew.
            if error.status in _EXPIRED and self._first_time(piece, "expired"):
                return False
            raise
        return self._arrived(piece, content)

    def _arrived(self, piece: Piece, content: bytes) -> bool:
        """Keep what is a whole report. What is none, or may be half of one, is fetched once more."""
        before, self._seen[piece] = self._seen.get(piece), content
        try:
            part = looked_at(content, f"{piece.report} from flowcase")
        except DeliveryError:
            if before is None:
                return False
            raise
        # The same twice over is what Flowcase has.
        if part.cut and before != content:
            if before is None:
                return False
            raise DeliveryError(f"{piece.report} from flowcase ends in the middle of a record: pull again")
        self._book.keep(piece, content)
        self._done(piece)
        return True

    def _done(self, piece: Piece) -> None:
        self._waiting.pop(piece, None)
        self._seen.pop(piece, None)

    def _first_time(self, piece: Piece, what: str) -> bool:
        first = (piece, what) not in self._once
        self._once.add((piece, what))
        return first

    @contextmanager
    def _failing(self, piece: Piece) -> Iterator[None]:
        """What cannot be had of a report is the end of that report; who is not let in is let in nowhere."""
        try:
            yield
        except SignInError:
            raise
        except DeliveryError as error:
            log.warning("%s", error)
            self.failed[piece.report] = error
            for other in [one for one in self._waiting if one.report == piece.report]:
                self._done(other)

    def _stuck(self) -> str:
        reports = ", ".join(sorted({piece.report for piece in self._waiting}))
        return (
            f"flowcase has not made {reports} within {self._pace.patience:g} s: pull again, and it goes on with what "
            "was ordered"
        )
