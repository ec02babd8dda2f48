"""What was ordered and what has come of it, kept on disk: a pull that is cut off is taken up; nothing is ordered twice.

An order that Flowcase took and whose answer never arrived is the one thing that cannot be known: it is given again.
"""

import datetime
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.flowcase.client import Offices
from hrdata_assets.systems.flowcase.writing import write_whole

HOLDS = datetime.timedelta(hours=24)
"""How long what was ordered is gone on with: all reports of a quarter are to tell of about the same day."""


@dataclass(frozen=True)
class Piece:
    """A report about some offices."""

    report: str
    offices: Offices

    @property
    def name(self) -> str:
        """The same for the same report and offices."""
        return f"{self.report}-{hashlib.sha256(' '.join(sorted(self.offices)).encode()).hexdigest()[:16]}"


def sweep(folder: Path) -> None:
    """Take away what nobody came back for, of whatever quarter: people's reports are not left lying about."""
    oldest = (datetime.datetime.now(datetime.UTC) - HOLDS).timestamp()
    for book in folder.iterdir() if folder.is_dir() else ():
        if book.is_dir() and book.stat().st_mtime < oldest:
            shutil.rmtree(book, ignore_errors=True)


class OrderBook:
    """Orders of one quarter, and the pieces that have arrived. ``account`` is what they hold for: another begins anew.

    SetupError where the folder cannot be read or written.
    """

    def __init__(self, folder: Path, account: str) -> None:
        self._folder, self._file = folder, folder / "orders.json"
        self._account = hashlib.sha256(account.encode()).hexdigest()
        self._orders = self._read()
        if self._orders is None:
            self.clear()

    def order(self, piece: Piece) -> str | None:
        """Id of what was ordered."""
        return (self._orders or {}).get(piece.name)

    def remember(self, piece: Piece, order: str) -> None:
        """Write an order down, before anything else is done about it."""
        self._write({**(self._orders or {}), piece.name: order})

    def forget(self, piece: Piece) -> None:
        """Let the next one order it again."""
        self._write({name: order for name, order in (self._orders or {}).items() if name != piece.name})

    def keep(self, piece: Piece, content: bytes) -> None:
        """Keep a piece that has arrived."""
        self._made()
        write_whole(self._path(piece), content)

    def has(self, piece: Piece) -> bool:
        """Whether it has arrived."""
        return self._path(piece).is_file()

    def content(self, piece: Piece) -> bytes:
        """What has arrived."""
        try:
            return self._path(piece).read_bytes()
        except OSError as error:
            raise SetupError(f"{self._path(piece)} cannot be read: {error.strerror}; start again") from None

    def clear(self) -> None:
        """Forget everything: it is done, too old, or another account's."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._orders = None

    def _path(self, piece: Piece) -> Path:
        return self._folder / f"{piece.name}.csv"

    def _read(self) -> dict[str, str] | None:
        """Orders that still hold; None where there are none."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            self._begun = datetime.datetime.fromisoformat(kept["begun"])
            held = kept["account"] == self._account and datetime.datetime.now(datetime.UTC) - self._begun < HOLDS
            return {str(name): str(order) for name, order in kept["orders"].items()} if held else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # Whatever cannot be read says nothing: it is ordered again.
            return None

    def _write(self, orders: dict[str, str]) -> None:
        if self._orders is None:
            self._begun = datetime.datetime.now(datetime.UTC)
        self._made()
        kept = {"account": self._account, "begun": self._begun.isoformat(), "orders": orders}
        write_whole(self._file, json.dumps(kept, indent=1).encode())
        self._orders = orders

    def _made(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"{self._folder} cannot be made: {error.strerror}") from None
