"""A quarter's reports, put where report folders arrive: written aside and renamed, so that nobody sees half of them.

What Flowcase says now takes the place of what it said before. What it does not make (the customer's own files) stays,
and what somebody else put there in a report's place is not replaced unless that is asked for.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.files import is_temporary
from hrdata_assets.systems.flowcase.writing import write_whole

MANIFEST = "landed.json"
"""Says of every report that was landed which bytes those were; no times, so that the same is the same."""

_MODE = 0o644


@dataclass(frozen=True)
class Landed:
    """The folder, and which reports it has anew or otherwise than before."""

    folder: Path
    reports: Mapping[str, str]
    changed: tuple[str, ...]


class LandingPlace:
    """Where one quarter's folder stands, or will. SetupError for what cannot be a folder of reports."""

    def __init__(self, reports_dir: Path, quarter: Quarter) -> None:
        self.folder = reports_dir / quarter.folder
        self._before = reports_dir / f".before-{quarter.folder}"

    def look(self) -> None:
        """See whether a folder can be put there, and put back one that was being replaced when all went dark.

        SystemUnavailable while somebody fills it.
        """
        if self._before.is_dir():
            if not self.folder.exists():
                self._before.rename(self.folder)
            self._clear_up({})
        if self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir()):
            raise SetupError(f"{self.folder.name} is a link or a file: move it away, a folder is put there")
        if self.folder.is_dir() and any(is_temporary(entry.name) for entry in self.folder.iterdir()):
            raise SystemUnavailable(f"{self.folder.name} holds a temporary file: try again once it has been filled")

    def land(self, reports: Iterable[tuple[str, bytes]], *, replace: bool = False) -> Landed:
        """Put a folder with these reports there. Where they are the same as before, nothing is touched.

        SetupError where a report was put or changed by somebody else; ``replace`` replaces it all the same.
        """
        self.look()
        known = self._manifest()
        with self._aside() as aside:
            hashes = {report: _written(aside / f"{report}.csv", content) for report, content in reports}
            changed = tuple(report for report, sha in hashes.items() if self._hash(report) != sha)
            if not changed:
                return Landed(self.folder, hashes, ())
            if not replace:
                self._refuse_others(changed, known)
            carried = self._carry_over(aside, unchanged=hashes.keys() - set(changed))
            manifest = json.dumps({**known, **hashes}, indent=1, sort_keys=True) + "\n"
            write_whole(aside / MANIFEST, manifest.encode(), _MODE)
            self._swap(aside, carried)
        return Landed(self.folder, hashes, changed)

    def _manifest(self) -> dict[str, str]:
        try:
            known = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
            return {str(report): str(sha) for report, sha in known.items()}
        except (OSError, ValueError, AttributeError):
            # Nothing is known to be ours then, so that nothing is replaced unasked.
            return {}

    def _hash(self, report: str) -> str | None:
        path = self.folder / f"{report}.csv"
        if not path.is_file() or path.is_symlink():
            return None
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def _refuse_others(self, changed: Iterable[str], known: Mapping[str, str]) -> None:
        others = [r for r in changed if self._hash(r) not in (None, known.get(r))]
        if others:
            raise SetupError(
                f"{self.folder.name} holds {', '.join(f'{report}.csv' for report in others)} as somebody else put it "
                "there: take it away, or pull with --replace; what was downloaded is kept for a day"
            )

    def _carry_over(self, aside: Path, unchanged: Iterable[str]) -> dict[str, int]:
        """Take along the files that are not replaced, with their times, which are answered."""
        same = {f"{report}.csv" for report in unchanged}
        carried = {}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.is_file() and not path.is_symlink() and (path.name in same or not (aside / path.name).exists()):
                carried[path.name] = path.stat().st_mtime_ns
                shutil.copy2(path, aside / path.name)
        return carried

    @contextmanager
    def _aside(self) -> Iterator[Path]:
        aside = self.folder.with_name(f".landing-{self.folder.name}-{secrets.token_hex(4)}")
        try:
            _remove(*self.folder.parent.glob(f".landing-{self.folder.name}-*"))
            aside.mkdir(parents=True)
            yield aside
        except OSError as error:
            raise SetupError(f"{self.folder} cannot be put there: {error.strerror}") from None
        finally:
            _remove(aside)

    def _swap(self, aside: Path, carried: Mapping[str, int]) -> None:
        """Rename the new folder into the old one's place."""
        if self.folder.is_dir():
            self.folder.rename(self._before)
        aside.rename(self.folder)
        _flush(self.folder.parent)
        self._clear_up(carried)

    def _clear_up(self, carried: Mapping[str, int]) -> None:
        """Take along what else the old folder holds, and what came into it after it was looked at; then it goes."""
        for path in self._before.iterdir() if self._before.is_dir() else ():
            late = path.name in carried and path.stat().st_mtime_ns != carried[path.name]
            if late or not (self.folder / path.name).exists():
                path.replace(self.folder / path.name)
        _remove(self._before)


def _written(path: Path, content: bytes) -> str:
    write_whole(path, content, _MODE)
    return hashlib.sha256(content).hexdigest()


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Bring a folder's names to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
