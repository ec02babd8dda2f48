"""A workbook's zip file: looked through before anything is unpacked, and counted while it is."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hrdata_assets.systems.workbooks.cells import DEFAULT_BOUNDS, Bounds, WorkbookError

_SMALL = 1024**2
"""Bytes below which an entry may be compressed as well as it likes."""

_ENCRYPTED = 0x1

_ENTRY, _END = b"PK\x03\x04", b"PK\x05\x06"
"""How an entry begins, and the end of the directory, as the zip specification (APPNOTE 4.3) has them."""

_LONGEST_END = 22 + 65_535
"""Bytes of the directory's end with the longest comment."""


class Package:
    """Entries of a workbook by name; reading more of them than the bounds allow is refused."""

    def __init__(self, archive: zipfile.ZipFile, bounds: Bounds) -> None:
        self._archive, self._bounds = archive, bounds
        self._unpacked = 0

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *raised: object) -> None:
        self._archive.close()

    @property
    def bounds(self) -> Bounds:
        """How much may be read."""
        return self._bounds

    @property
    def names(self) -> frozenset[str]:
        """Names of its entries."""
        return frozenset(self._archive.namelist())

    @contextmanager
    def open(self, name: str) -> Iterator["Entry"]:
        """Open an entry for the length of a block. WorkbookError if there is none, or if it is damaged."""
        with _told():
            try:
                stream = self._archive.open(name)
            except KeyError:
                raise WorkbookError("damaged", "the workbook lacks a part of itself: save it anew in Excel") from None
        with stream:
            yield Entry(self, stream)

    def read(self, name: str, most: int) -> bytes:
        """Read an entry whole. WorkbookError `too_large` above so many bytes."""
        with self.open(name) as entry:
            content = entry.read(most + 1)
        if len(content) > most:
            raise WorkbookError(
                "too_large", "a part of the workbook is larger than any of its kind: split the workbook"
            )
        return content

    def count(self, size: int) -> None:
        """Count unpacked bytes; declared sizes can lie."""
        self._unpacked += size
        if self._unpacked > self._bounds.unpacked_bytes:
            raise WorkbookError("zip_bomb", "the workbook unpacks to more than it may hold: split it")


class Entry:
    """An opened entry."""

    def __init__(self, package: Package, stream: IO[bytes]) -> None:
        self._package, self._stream = package, stream

    def read(self, size: int) -> bytes:
        """Read up to so many bytes; nothing is left when they are none. WorkbookError if the entry is damaged."""
        pieces = []
        while size > 0:
            with _told():
                piece = self._stream.read(size)
            if not piece:
                break
            self._package.count(len(piece))
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def open_package(path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> Package:
    """Open a zip file and look through its directory. WorkbookError says why it is refused."""
    with _told():
        if _is_cut_short(path):
            raise EOFError
        archive = zipfile.ZipFile(path)
    try:
        _examine(archive.infolist(), bounds)
    except WorkbookError:
        archive.close()
        raise
    return Package(archive, bounds)


def _is_cut_short(path: Path) -> bool:
    """Whether a file that begins as a zip file lacks the end of its directory, which stands at the end of every one."""
    with path.open("rb") as file:
        begins = file.read(len(_ENTRY)) == _ENTRY
        file.seek(max(0, path.stat().st_size - _LONGEST_END))
        return begins and _END not in file.read()


def _examine(entries: list[zipfile.ZipInfo], bounds: Bounds) -> None:
    names = [entry.filename for entry in entries]
    if len(names) > bounds.entries or sum(entry.file_size for entry in entries) > bounds.unpacked_bytes:
        raise WorkbookError("zip_bomb", "the workbook unpacks to more than it may hold: split it")
    if any(_swells(entry, bounds) for entry in entries):
        raise WorkbookError("zip_bomb", "a part of the workbook unpacks to very many times its size: save it anew")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise WorkbookError("password_protected", "the workbook is encrypted: save it without a password")
    if len(set(names)) < len(names) or any(_leads_out(name) for name in names):
        raise WorkbookError("damaged", "the workbook's parts are named as no program names them: save it anew in Excel")


def _swells(entry: zipfile.ZipInfo, bounds: Bounds) -> bool:
    return entry.file_size > _SMALL and entry.file_size > bounds.ratio * max(entry.compress_size, 1)


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")


@contextmanager
def _told() -> Iterator[None]:
    """What zipfile raises for a damaged file, as an error of ours."""
    try:
        yield
    except zipfile.BadZipFile:
        raise WorkbookError("damaged", "the workbook's zip file is damaged: copy it again, or save it anew") from None
    except (EOFError, zlib.error):
        raise WorkbookError("truncated", "the workbook ends in the middle: copy it again") from None
    except NotImplementedError:
        raise WorkbookError(
            "damaged", "the workbook is packed as no program packs one: save it anew in Excel"
        ) from None
    except RuntimeError:
        # What zipfile raises for an entry that needs a password.
        raise WorkbookError("password_protected", "the workbook is encrypted: save it without a password") from None
    except (OSError, ValueError, UnicodeDecodeError):
        raise WorkbookError("damaged", "the workbook's zip file cannot be read: copy it again") from None
