"""A server for tests, which goes with the process that wanted it, however that ends."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.embedded import EmbeddedServer
from hrdata_assets.storage.os_account import server_account
from hrdata_assets.storage.postmaster import shut_down
from hrdata_assets.storage.processes import end, processes_of

WATCHDOG = """
import sys
if sys.stdin.buffer.read() != b"done":
    from pathlib import Path
    from hrdata_assets.storage.embedded import EmbeddedServer
    from hrdata_assets.storage.throw_away import remove_for_good
    remove_for_good(EmbeddedServer(Path(sys.argv[1]), durable=False), home_too=sys.argv[2] == "home too")
"""


@contextmanager
def throw_away_server(folder: Path) -> Iterator[EmbeddedServer]:
    """A fast server without durability, for tests; gone with its data at the end, and when we are killed."""
    server = EmbeddedServer(folder, durable=False)
    if server.folder.exists():
        raise SetupError(f"{server.folder} exists; a throw-away server would remove it, give it an empty folder")
    home_too = not server.home.exists()
    with _watchdog(server, home_too) as watchdog:
        try:
            server.start()
            yield server
        finally:
            remove_for_good(server, home_too=home_too)
            watchdog.communicate(b"done")


def remove_for_good(server: EmbeddedServer, *, home_too: bool) -> None:
    """Stop a server and delete all it had."""
    shut_down(server, "immediate")
    socket_folder = server.socket_folder
    for folder in (socket_folder, server.folder):
        shutil.rmtree(folder, ignore_errors=True)
    # One that another process was about to start has no data folder by now, but may still live.
    end(processes_of(server.data_folder, server_account()))
    for folder in (socket_folder, server.folder):
        if folder.exists():
            shutil.rmtree(folder)
    if home_too:
        with suppress(OSError):
            server.home.rmdir()


def _watchdog(server: EmbeddedServer, home_too: bool) -> subprocess.Popen[bytes]:
    """A child that cleans up once the pipe to us ends without the word "done", as after kill -9."""
    extent = "home too" if home_too else "postgres only"
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WATCHDOG, str(server.home), extent],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)},
        start_new_session=True,
    )
