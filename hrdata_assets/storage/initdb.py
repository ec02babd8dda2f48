"""The folders a server needs before it can start: the data folder is made once, the others when missing."""

import os
import tempfile
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.bundled import VERSION, program, run
from hrdata_assets.storage.os_account import Account, foreign, make_private, open_the_way
from hrdata_assets.storage.server_place import DATABASE, ROLE, ServerPlace

HALF_MADE = "data.new-"

# Deterministic on every machine: byte order for sorting, Unicode's own rules for upper and lower case.
OPTIONS = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    "--no-sync",
)


def prepare(server: ServerPlace, account: Account, lock: int) -> None:
    """Make what is missing; refuse data of another version or another user. Under the lock."""
    if account.borrowed:
        postgres = program("postgres")
        open_the_way(account, (postgres, postgres.resolve(), server.data_folder))
    make_private(server.socket_folder, account)
    version = server.data_folder / "PG_VERSION"
    if not version.exists():
        _initialise(server, account, lock)
    elif (found := version.read_text().strip()) != VERSION:
        raise SetupError(
            f"{server.data_folder} was made by PostgreSQL {found}, this program brings {VERSION}; "
            f"pg_dump it with version {found}, move it away, start again, restore the dump"
        )
    elif server.data_folder.stat().st_uid != account.uid:
        raise foreign(server.data_folder)


def _initialise(server: ServerPlace, account: Account, lock: int) -> None:
    """Make the data folder under another name, so that it is either whole or not there.

    The children inherit the lock: were we killed, the next starter waits for them to end before it cleans up.
    """
    new = Path(tempfile.mkdtemp(prefix=HALF_MADE, dir=server.folder))
    account.give(new)
    run(account, server.folder, ("initdb", "-D", new.name, *OPTIONS), keep=(lock,))
    single = ("postgres", "--single", "-D", new.name, "-F", "-c", "exit_on_error=on", "template1")
    run(account, server.folder, single, text=f"CREATE DATABASE {DATABASE}\n", keep=(lock,))
    if server.durable:
        run(account, server.folder, ("initdb", "-D", new.name, "--sync-only"), keep=(lock,))
    # A new cluster knows no password.
    server.password_file.unlink(missing_ok=True)
    try:
        new.rename(server.data_folder)
    except OSError as error:
        raise SetupError(
            f"{server.data_folder} is in the way ({error.strerror}) and holds no database; move it away"
        ) from error
    if server.durable:
        _sync(server.folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
