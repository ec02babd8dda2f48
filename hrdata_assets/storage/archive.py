"""The archive: delivered bytes, compressed, named by their SHA-256, written once and never again."""

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from hrdata_assets.errors import DeliveryError, SetupError


@dataclass(frozen=True)
class Delivery:
    """Bytes that arrived under a name. ``short`` is what rows carry: the first 16 digits of the SHA-256."""

    file_name: str
    content: bytes
    sha256: str

    @classmethod
    def of(cls, file_name: str, content: bytes) -> "Delivery":
        """Name bytes by their hash."""
        return cls(file_name, content, hashlib.sha256(content).hexdigest())

    @property
    def short(self) -> str:
        """First 16 hex digits of the hash."""
        return self.sha256[:16]


@dataclass(frozen=True)
class Archived:
    """A delivery that stands in an archive; its bytes are read when they are asked for, and not kept."""

    file_name: str
    sha256: str
    archive: "Archive"

    @property
    def short(self) -> str:
        """First 16 hex digits of the hash."""
        return self.sha256[:16]

    def read(self) -> bytes:
        """Read the content. DeliveryError when it is not there or was altered."""
        return self.archive.content(self.sha256)


class Archive:
    """Content-addressed store in a folder: ``ab/abcdef….zst`` (zstd, readable by any zstd tool)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def within(self, name: str) -> "Archive":
        """The archive of a folder in this one: what is kept there can be found, and thrown away, by itself."""
        return Archive(self.folder / name)

    def path(self, sha256: str) -> Path:
        """Where the content of that hash stands, or would."""
        return self.folder / sha256[:2] / f"{sha256}.zst"

    def keep(self, delivery: Delivery) -> bool:
        """Write the content unless it stands there already; tell whether it was written. SetupError on a full disk."""
        target = self.path(delivery.sha256)
        if target.exists():
            return False
        part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._write(part, delivery.content)
            part.replace(target)
        except OSError as error:
            # What kept it from being written can keep it from being looked for as well.
            with suppress(OSError):
                part.unlink()
            raise SetupError(f"the archive {self.folder} cannot be written: {error.strerror}") from None
        return True

    def content(self, sha256: str) -> bytes:
        """Read content back. DeliveryError when it is not there or is no longer what its name says."""
        path = self.path(sha256)
        try:
            with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
                content: bytes = stream.read()
        except OSError:
            raise DeliveryError(f"delivery {sha256[:16]} cannot be read from the archive: restore {path}") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DeliveryError(f"delivery {sha256[:16]} was altered in the archive: restore {path} from a backup")
        return content

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            with pa.CompressedOutputStream(file, "zstd") as stream:
                stream.write(content)
            if not file.closed:
                file.flush()
        # The name must not outlive its bytes after a power cut.
        with path.open("rb") as file:
            os.fsync(file.fileno())
