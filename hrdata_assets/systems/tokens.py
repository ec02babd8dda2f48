"""Tokens between runs: a file per system that only its owner can read, replaced as a whole, under a lock."""

import datetime
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.file_lock import locked


@dataclass(frozen=True)
class Tokens:
    """What a sign-in gave: none of it is ever shown. ``more`` is what else was told, such as where to go on."""

    access: str = field(default="", repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: datetime.datetime | None = None
    more: Mapping[str, str] = field(default_factory=dict, repr=False)


class TokenFile:
    """Where a system's tokens are kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, home: Path, system: str, *whose: str) -> "TokenFile":
        """The file of an account, told apart by whatever its settings say of it: another address has other tokens."""
        named = hashlib.sha256("\n".join(whose).encode()).hexdigest()[:8]
        return cls(home / "tokens" / f"{system}-{named}.json")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from renewing them meanwhile."""
        with locked(self.path.with_suffix(".lock")):
            yield

    def read(self) -> Tokens:
        """What is kept; no tokens where nothing is. SetupError for a file that cannot be read."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            ends = datetime.datetime.fromisoformat(kept["expires_at"]) if kept["expires_at"] else None
            return Tokens(kept["access"], kept["refresh"], ends, kept["more"])
        except FileNotFoundError:
            return Tokens()
        except (OSError, ValueError, KeyError, TypeError):
            raise SetupError(f"{self.path} holds no tokens that can be read: delete it, and sign in anew") from None

    def write(self, tokens: Tokens) -> None:
        """Keep these in place of others, on disk before it returns. SetupError where that cannot be."""
        kept = {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "expires_at": tokens.expires_at.isoformat() if tokens.expires_at else None,
            "more": dict(tokens.more),
        }
        part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(kept, file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise SetupError(f"{self.path} cannot be written: {error.strerror}") from None
