"""Looking at the folders of workbooks, time after time: which have settled, and what is to be loaded of them.

A look costs as much as listing the folders; contents are read once they have settled, for so long at a time.
"""

import datetime
import hashlib
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from hrdata_assets.errors import DeliveryError, SystemUnavailable
from hrdata_assets.excel.task import DIGITS, READING
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.workbook_files import (
    KnownFile,
    known_files,
    partitions_of,
    remember_files,
    taken_back,
)
from hrdata_assets.systems.files import read_file
from hrdata_assets.systems.workbooks.configuration import Configuration
from hrdata_assets.systems.workbooks.discovery import Found, FoundFile

MOST_SECONDS = 0.4
"""How long one look reads contents; what is left is read at the next."""


@dataclass
class Look:
    """What a look found: partitions to load by table, in the order in which their files stand, and what still moves.

    ``strange`` are tables that would have something to load, and are not among those that may be asked for.
    """

    wanted: dict[str, list[str]] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    moving: int = 0
    unread: int = 0
    too_large: int = 0
    files: int = 0


@dataclass(frozen=True)
class Given:
    """What a look goes by: where the folders are and how they are read, and what Dagster can be asked for.

    ``tables`` are those that have an asset and no run under way; ``registered`` the partitions that Dagster knows.
    """

    root: Path
    configuration: Configuration
    most_bytes: int
    tables: Collection[str]
    registered: Mapping[str, Collection[str]]


def look(connection: Connection, found: Found, given: Given) -> Look:
    """Compare the folders with the last look and write down what is different.

    A file whose size and time are those of the last look has settled: its content is read and gets its partition. It
    is wanted if nobody was asked for this content with these options yet, or Dagster does not know it; unless it was
    taken back by hand.
    """
    before = known_files(connection)
    looked = _Looked(given, time.monotonic() + MOST_SECONDS)
    now = _with_partitions(connection, [looked.at(file, before.get(file.path.as_posix())) for file in found.files])
    back = taken_back(connection)
    readings = {folder: _reading(given.configuration, folder) for folder in {file.folder for file in found.files}}
    wanted: defaultdict[str, dict[str, None]] = defaultdict(dict)
    asked = []
    for file, known in zip(found.files, now, strict=True):
        reading = f"{known.sha256}|{readings[file.folder]}"
        registered = known.partition in given.registered.get(known.table, ())
        due = known.partition is not None and (known.asked_for != reading or not registered)
        if due and known.partition is not None and (known.table, known.partition) not in back:
            if known.table in given.tables:
                wanted[known.table][known.partition] = None
                known = replace(known, asked_for=reading)
            elif known.table not in looked.strange:
                looked.strange.append(known.table)
        asked.append(known)
    changed = [known for known in asked if before.get(known.source_file) != known]
    remember_files(connection, changed, before.keys() - {known.source_file for known in asked})
    found_wanted = {table: list(keys) for table, keys in wanted.items()}
    return Look(found_wanted, looked.strange, looked.moving, looked.unread, looked.too_large, len(now))


def _reading(configuration: Configuration, folder: PurePosixPath) -> str:
    return f"{READING}-{configuration.options(folder).version}"


class _Looked:
    """One look, as far as it has come."""

    def __init__(self, given: Given, until: float) -> None:
        self._root, self._most_bytes, self._until = given.root, given.most_bytes, until
        self.moving = self.unread = self.too_large = 0
        self.strange: list[str] = []

    def at(self, file: FoundFile, before: KnownFile | None) -> KnownFile:
        """A file as it is known now."""
        path = file.path.as_posix()
        facts = (file.table, file.size, file.mtime_ns)
        if before is None or (before.table, before.size, before.mtime_ns) != facts:
            self.moving += 1
            return KnownFile(path, *facts, asked_for=before.asked_for if before else None)
        if before.sha256 is not None:
            return before
        if file.size > self._most_bytes:
            # Nobody could load it, and reading it at every look would take long.
            self.too_large += 1
            return before
        if time.monotonic() > self._until:
            self.unread += 1
            return before
        return replace(before, sha256=self._hash(file))

    def _hash(self, file: FoundFile) -> str | None:
        """SHA-256 of a file; None if it cannot be had now, and is looked at again."""
        try:
            content = read_file(self._root / file.path, "the workbook", self._most_bytes)
        except (DeliveryError, SystemUnavailable):
            content = None
        if content is None:
            self.unread += 1
            return None
        return hashlib.sha256(content).hexdigest()


def _with_partitions(connection: Connection, files: Sequence[KnownFile]) -> list[KnownFile]:
    """Give contents their partitions: those they had when they arrived before, or new ones."""
    new: defaultdict[str, list[str]] = defaultdict(list)
    for file in files:
        if file.sha256 is not None and file.partition is None:
            new[file.table].append(file.sha256)
    known = {(t, sha): key for t, shas in new.items() for sha, key in partitions_of(connection, t, shas).items()}
    today = datetime.datetime.now(datetime.UTC).date()
    return [
        replace(f, partition=known.get((f.table, f.sha256), f"{today}-{f.sha256[:DIGITS]}"))
        if f.sha256 is not None and f.partition is None
        else f
        for f in files
    ]
