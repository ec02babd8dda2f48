"""Servers of others' making, for as long as a block: MariaDB where it is installed, and one that speaks as MongoDB."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 120.0


@contextmanager
def mariadb(folder: Path) -> Iterator[str]:
    """Address of a MariaDB with an empty database. The test is skipped where none is installed."""
    server, install = shutil.which("mariadbd", path="/usr/sbin:/usr/bin"), shutil.which("mariadb-install-db")
    if server is None or install is None:
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server-core mariadb-client-core")
    place = [f"--datadir={folder}/mariadb", "--user=root"]
    subprocess.run(
        [install, "--no-defaults", *place, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    port = free_port()
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--skip-log-bin"]
    arguments = [server, "--no-defaults", *place, f"--port={port}", "--bind-address=127.0.0.1", *quick,
                 f"--socket={folder}/mariadb.sock", f"--pid-file={folder}/mariadb.pid",
                 "--default-time-zone=+02:00"]  # fmt: skip
    with running(arguments, port):
        import pymysql

        with pymysql.connect(host="127.0.0.1", port=port, user="root") as connection:
            cursor = connection.cursor()
            cursor.execute("create database source character set utf8mb4")
            cursor.execute("create user reader@'%' identified by 'planted-secret'")
            cursor.execute("grant all on source.* to reader@'%'")
        yield f"mysql://reader:planted-secret@127.0.0.1:{port}/source"


@contextmanager
def mongodb(folder: Path) -> Iterator[str]:
    """Address of a server that speaks MongoDB's protocol and keeps its documents in SQLite."""
    port = free_port()
    files = ["--log-file", str(folder / "mongo.log"), "--pid-file", str(folder / "mongo.pid")]
    arguments = [sys.executable, "-m", "nx_27017.nx_27017", "--db", "memory", "--port", str(port), *files]
    with running(arguments, port):
        yield f"mongodb://127.0.0.1:{port}/source"


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(arguments: list[str], port: int) -> Iterator[None]:
    """A server process that listens at a port, ended with the block."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE
        while not _listens(port):
            assert process.poll() is None, f"{arguments[0]} ended with {process.returncode}"
            assert time.monotonic() < until, f"{arguments[0]} does not answer"
            time.sleep(0.05)
        yield
    finally:
        # What it holds is thrown away: it need not be put in order.
        process.kill()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
