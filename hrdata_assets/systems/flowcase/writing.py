"""Files that are there whole or not at all, a power cut included, and that nobody else can read."""

import os
import secrets
from pathlib import Path

from hrdata_assets.errors import SetupError


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put a file in place of the one that is there; on disk before it returns. SetupError where that cannot be."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SetupError(f"{path} cannot be written: {error.strerror}") from None
