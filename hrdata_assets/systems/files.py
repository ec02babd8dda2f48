"""Reading report folders: only regular files inside the folder, whole, bounded, and only when they have settled."""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.quarter import Quarter

_TEMPORARY_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".download", ".filepart", "~")
_TEMPORARY_BEGINNINGS = (".", "~$")


@dataclass(frozen=True)
class QuarterFolder:
    """A folder that holds a quarter's reports."""

    quarter: Quarter
    path: Path


def quarter_folders(reports_dir: Path, mapping: Mapping[str, str]) -> list[QuarterFolder]:
    """Folders that stand for quarters, oldest quarter first; one per quarter.

    Where several stand for one quarter, a folder named in the mapping goes before ``Q22026``, and that before the
    newest download ``QREAL_…``. Links are not followed. SetupError if the mapping holds something that is no quarter.
    """
    explicit = {folder: Quarter.parse(quarter) for folder, quarter in mapping.items()}
    chosen: dict[Quarter, tuple[tuple[int, str], Path]] = {}
    for entry in _entries(reports_dir):
        quarter = explicit.get(entry.name) or Quarter.of_folder(entry.name)
        if quarter is None or entry.is_symlink() or not entry.is_dir():
            continue
        rank = 2 if entry.name in explicit else 1 if entry.name == quarter.folder else 0
        candidate = ((rank, entry.name), Path(entry.path))
        chosen[quarter] = max(chosen.get(quarter, candidate), candidate)
    return [QuarterFolder(quarter, chosen[quarter][1]) for quarter in sorted(chosen)]


def folder_of(reports_dir: Path, mapping: Mapping[str, str], quarter: Quarter) -> Path | None:
    """Folder of one quarter, or None."""
    found = [f.path for f in quarter_folders(reports_dir, mapping) if f.quarter == quarter]
    return found[0] if found else None


def read_report(folder: Path, report: str, most_bytes: int) -> bytes | None:
    """Content of ``<report>.csv`` in a folder, or None if it is not there; see `read_file`."""
    name = f"{report}.csv"
    return read_file(folder / name, f"{folder.name}/{name}", most_bytes)


def read_file(path: Path, called: str, most_bytes: int) -> bytes | None:
    """Content of a file, or None if it is not there; messages call it as they are told to.

    DeliveryError for a link, anything that is no regular file, a file that may not be read, or one above the limit;
    SystemUnavailable for one that somebody writes to meanwhile. One that is replaced is read as it was.
    """
    try:
        # Neither a link nor a device is opened, whatever stands there by now.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        kind = "is a link, which is not followed" if path.is_symlink() else f"cannot be read: {error.strerror}"
        raise DeliveryError(f"{called} {kind}: put the file itself there") from None
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise DeliveryError(f"{called} is no regular file: put the exported report there")
    with os.fdopen(descriptor, "rb") as file:
        if facts.st_size > most_bytes:
            raise DeliveryError(
                f"{called} has {facts.st_size} bytes, more than HRDATA_MAX_REPORT_BYTES={most_bytes}: "
                "raise the limit or split the export"
            )
        content = file.read()
        now = os.fstat(descriptor)
    if (now.st_size, now.st_mtime_ns) != (facts.st_size, facts.st_mtime_ns) or len(content) != now.st_size:
        raise SystemUnavailable(f"{called} was written to while it was read: try again once it has settled")
    return content


def fingerprint_of_folder(folder: Path) -> str | None:
    """Hash of names, sizes and times of the folder's reports; None while a temporary file says that it is being filled.

    An empty folder has no fingerprint either.
    """
    facts = []
    for entry in _entries(folder):
        if is_temporary(entry.name):
            return None
        if entry.name.lower().endswith(".csv") and entry.is_file(follow_symlinks=False):
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                return None
            facts.append(f"{entry.name}|{status.st_size}|{status.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(facts)).encode()).hexdigest()[:16] if facts else None


def is_temporary(name: str) -> bool:
    """Whether a file of that name says that somebody is still writing it."""
    return name.startswith(_TEMPORARY_BEGINNINGS) or name.lower().endswith(_TEMPORARY_ENDINGS)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda e: e.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SetupError(f"the folder {folder} cannot be listed: {error.strerror}") from None
