"""Which workbooks lie below a folder, which of them are left alone for now, and which are not taken at all, and why."""

import errno
import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath

from hrdata_assets.cleaning.identifiers import table_name
from hrdata_assets.errors import SetupError

ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
"""What the names of workbooks end in, in any case; what they hold is another question."""

DEEPEST = 32
"""Folders inside each other; below them nothing is looked for."""

_TEMPORARY_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".download", ".filepart", "~")
_LOCKS = ("~$", ".~lock.")
_NAMED = 3


@dataclass(frozen=True)
class FoundFile:
    """A workbook: its path below the root, its folder, and the table that the folder's workbooks go into."""

    path: PurePosixPath
    folder: PurePosixPath
    size: int
    mtime_ns: int
    table: str


class Reason(StrEnum):
    """Why a file or folder is not read."""

    LOCK = "lock"
    """What Office leaves beside a workbook that somebody has open."""

    HIDDEN = "hidden"
    TEMPORARY = "temporary"
    LINK = "link"
    """Wherever it leads: what it shows could be changed without anything changing here."""

    NOT_UTF8 = "name_not_utf8"
    NO_FILE = "no_regular_file"
    TOO_DEEP = "too_deep"
    NOT_LISTED = "cannot_be_listed"
    TABLE_CLASH = "table_clash"

    @property
    def says(self) -> str:
        """What to do about it."""
        return _SAYS[self]


_SAYS = {
    Reason.LOCK: "it only says that somebody has the workbook open: close it there, or delete this if nobody has",
    Reason.HIDDEN: "its name begins with a dot: rename it if it is to be read",
    Reason.TEMPORARY: "it is still being written: wait, or rename it if it is whole",
    Reason.LINK: "it is a link, which is not followed: put the file or folder itself there",
    Reason.NOT_UTF8: "its name is no UTF-8: rename it",
    Reason.NO_FILE: "it is named like a workbook and is no regular file: put the workbook itself there",
    Reason.TOO_DEEP: f"it stands below {DEEPEST} folders: move it up",
    Reason.NOT_LISTED: "it cannot be looked at: check who may read it, and its disk",
    Reason.TABLE_CLASH: "its folder and another one would go into one table: rename one of them",
}

_WAITING = frozenset((Reason.LOCK, Reason.HIDDEN, Reason.TEMPORARY))


@dataclass(frozen=True)
class LeftAlone:
    """A file or folder that is not read, and why. Bytes of its name that are no UTF-8 stand as a backslash and hex."""

    path: PurePosixPath
    reason: Reason


@dataclass(frozen=True)
class Clash:
    """Folders whose workbooks would go into one table, which is for a person to decide."""

    table: str
    folders: tuple[PurePosixPath, ...]

    def error(self) -> SetupError:
        """What a command says of it."""
        more = f" and {len(self.folders) - _NAMED} more" if len(self.folders) > _NAMED else ""
        names = ", ".join(folder.as_posix() for folder in self.folders[:_NAMED])
        return SetupError(f"the folders {names}{more} would all go into the table {self.table}: rename all but one")


@dataclass(frozen=True)
class Found:
    """Everything that a look at a folder found, in order of its path.

    ``files`` can be loaded; those in ``clashes`` are not among them but ``refused``, file by file, so that whoever goes
    by ``files`` alone mixes no folders up. ``others`` counts files that are no workbooks by name.
    """

    files: tuple[FoundFile, ...] = ()
    waiting: tuple[LeftAlone, ...] = ()
    refused: tuple[LeftAlone, ...] = ()
    clashes: tuple[Clash, ...] = ()
    others: int = 0

    @property
    def facts(self) -> dict[str, tuple[int, int]]:
        """Size and time of every file by its path, for the next look to compare with."""
        return {file.path.as_posix(): (file.size, file.mtime_ns) for file in self.files}


def find_workbooks(root: Path) -> Found:
    """Look through a folder and all below it. SetupError if it cannot be listed itself: nothing there is not empty."""
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise SetupError(f"the folder {root} cannot be listed: {error.strerror}") from None
    walk = _Walk()
    try:
        walk.folder(descriptor, ())
    except OSError as error:
        raise SetupError(f"the folder {root} cannot be listed: {error.strerror}") from None
    return walk.found()


def settled(before: Mapping[str, tuple[int, int]], now: Found) -> tuple[list[FoundFile], list[FoundFile]]:
    """Files that are as they were at an earlier look (`Found.facts`), and those that are new or still change."""
    still: list[FoundFile] = []
    moving: list[FoundFile] = []
    for file in now.files:
        # A cursor that was kept as JSON gives lists back.
        same = tuple(before.get(file.path.as_posix(), ())) == (file.size, file.mtime_ns)
        (still if same else moving).append(file)
    return still, moving


@dataclass
class _Walk:
    """What was found so far. Folders are opened one inside the other, so that none can be swapped for a link."""

    files: list[FoundFile] = field(default_factory=list)
    waiting: list[LeftAlone] = field(default_factory=list)
    refused: list[LeftAlone] = field(default_factory=list)
    others: int = 0

    def folder(self, descriptor: int, parts: tuple[str, ...]) -> None:
        """Go through an opened folder, which is closed."""
        folder, table = PurePosixPath(*parts), table_name(parts)
        inner = []
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    if reason := _not_taken(entry):
                        self._leave(folder, entry.name, reason)
                    elif entry.is_dir(follow_symlinks=False):
                        inner.append(entry.name)
                    else:
                        self._file(entry, folder, table)
            for name in inner:
                self._inner(descriptor, (*parts, name))
        finally:
            os.close(descriptor)

    def _inner(self, above: int, parts: tuple[str, ...]) -> None:
        reason = Reason.TOO_DEEP
        if len(parts) <= DEEPEST:
            try:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
                self.folder(os.open(parts[-1], flags, dir_fd=above), parts)
                return
            except FileNotFoundError:
                # Taken away meanwhile, as if it had been a moment ago.
                return
            except OSError as error:
                reason = Reason.LINK if error.errno in (errno.ELOOP, errno.ENOTDIR) else Reason.NOT_LISTED
        self._leave(PurePosixPath(*parts[:-1]), parts[-1], reason)

    def _file(self, entry: os.DirEntry[str], folder: PurePosixPath, table: str) -> None:
        if not entry.name.lower().endswith(ENDINGS):
            self.others += 1
            return
        try:
            facts = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        except OSError:
            self._leave(folder, entry.name, Reason.NOT_LISTED)
            return
        if stat.S_ISREG(facts.st_mode):
            self.files.append(FoundFile(folder / entry.name, folder, facts.st_size, facts.st_mtime_ns, table))
        else:
            self._leave(folder, entry.name, Reason.LINK if stat.S_ISLNK(facts.st_mode) else Reason.NO_FILE)

    def _leave(self, folder: PurePosixPath, name: str, reason: Reason) -> None:
        path = folder / os.fsencode(name).decode(errors="backslashreplace")
        (self.waiting if reason in _WAITING else self.refused).append(LeftAlone(path, reason))

    def found(self) -> Found:
        """Everything in order, with the clashes told apart."""
        clashes = tuple(_clashes(self.files))
        clashing = {folder for clash in clashes for folder in clash.folders}
        self.refused += [LeftAlone(file.path, Reason.TABLE_CLASH) for file in self.files if file.folder in clashing]
        return Found(
            tuple(sorted((f for f in self.files if f.folder not in clashing), key=_order)),
            tuple(sorted(self.waiting, key=_order)),
            tuple(sorted(self.refused, key=_order)),
            clashes,
            self.others,
        )


def _not_taken(entry: os.DirEntry[str]) -> Reason | None:
    """Why a name alone, or being a link, keeps an entry out; None if nothing does."""
    name = entry.name.lower()
    if not _is_text(name):
        return Reason.NOT_UTF8
    if entry.is_symlink():
        return Reason.LINK
    if entry.is_dir(follow_symlinks=False):
        return Reason.HIDDEN if name.startswith(".") else None
    if name.endswith(_TEMPORARY_ENDINGS):
        return Reason.TEMPORARY
    # Of other files that keep in the background, such as .DS_Store, nobody needs to hear.
    if any(ending in name for ending in ENDINGS):
        return Reason.LOCK if name.startswith(_LOCKS) else Reason.HIDDEN if name.startswith(".") else None
    return None


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _order(file: FoundFile | LeftAlone) -> tuple[str, ...]:
    return file.path.parts


def _clashes(files: list[FoundFile]) -> Iterator[Clash]:
    folders: defaultdict[str, set[PurePosixPath]] = defaultdict(set)
    for file in files:
        folders[file.table].add(file.folder)
    for table in sorted(folders):
        if len(folders[table]) > 1:
            yield Clash(table, tuple(sorted(folders[table])))
