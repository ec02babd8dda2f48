"""A lock between processes on a file that may be deleted at any time together with its folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hrdata_assets.errors import SetupError, SystemUnavailable

PATIENCE = 120.0
PAUSE = 0.05


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock for the block, whose value is the handle; a child that inherits it holds the lock as well."""
    handle = _wait_for(path)
    try:
        yield handle
    finally:
        # Closing alone is not enough: a fork of another thread may hold a copy of the handle.
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _wait_for(path: Path) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if (handle := _open_locked(path)) is not None:
                return handle
        except OSError as error:
            raise SetupError(
                f"{path} cannot be made and locked ({error.strerror}); let HRDATA_HOME be a local folder of yours"
            ) from error
        time.sleep(PAUSE)
    raise SystemUnavailable(f"another process has held {path} for {PATIENCE:.0f} s; try again")


def _open_locked(path: Path) -> int | None:
    """Handle of the file, locked; None while another has the lock, or when the home was deleted meanwhile."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), path.stat()):
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:
        os.close(handle)
        raise
    os.close(handle)
    return None
