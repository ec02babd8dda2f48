"""Workbooks to load, and what became of them."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from hrdata_assets.errors import DeliveryError, SystemUnavailable
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.evolution import SchemaChange
from hrdata_assets.storage.ledger import Counts, Place
from hrdata_assets.systems.files import read_file
from hrdata_assets.systems.workbooks.configuration import FolderOptions
from hrdata_assets.systems.workbooks.discovery import FoundFile
from hrdata_assets.systems.workbooks.layout import Decision
from hrdata_assets.verdict import Scorecard

DIGITS = 12
"""Digits of a content's hash in its partition's key."""

READING = "1"
"""Raised when the same workbook would be read differently."""


@dataclass(frozen=True)
class Task:
    """A workbook to load: where it stands, how it is to be read, and the run that loads it."""

    root: Path
    file: FoundFile
    options: FolderOptions
    run_id: str
    chunk_rows: int = 20_000
    again: bool = False
    """Whether content that was taken back by hand is to be loaded again."""

    @property
    def table(self) -> str:
        """Name of the table of its folder."""
        return self.file.table

    @property
    def asset_key(self) -> str:
        """Asset of that table."""
        return f"excel/{self.file.table}"

    @property
    def source_file(self) -> str:
        """Its path below the root."""
        return self.file.path.as_posix()

    @property
    def reading(self) -> str:
        """Version of how it is read."""
        return f"{READING}-{self.options.version}"


@dataclass(frozen=True)
class Outcome:
    """What became of a workbook.

    ``status`` is loaded, already (exactly this is loaded from there), duplicate (from another path), taken_back (by
    hand: it is not loaded by itself), held (until `hrdata excel approve`) or failed. ``received`` is its
    scorecard if it was judged, ``gate`` the percent that its folder asks for.
    """

    status: str
    partition: str
    counts: Counts = field(default_factory=Counts)
    reason: str | None = None
    code: str | None = None
    sheet: str | None = None
    changes: tuple[SchemaChange, ...] = ()
    decisions: tuple[Decision, ...] = ()
    received: Scorecard | None = None
    gate: Decimal | None = None


@dataclass(frozen=True)
class Loading:
    """A task that is being carried out: its partition, its content, and when it began."""

    task: Task
    place: Place
    delivery: Delivery
    started_at: datetime.datetime


def content_of(task: Task, most_bytes: int) -> Delivery:
    """Read a workbook. DeliveryError if it cannot be had as it stands there now."""
    try:
        content = read_file(task.root / task.file.path, "the workbook", most_bytes)
    except SystemUnavailable as error:
        # Somebody is saving it just now, which is no reason to stop before the others.
        raise DeliveryError(str(error)) from None
    if content is None:
        raise DeliveryError("the workbook is gone: it was there when the folder was listed")
    return Delivery.of(task.source_file, content)
