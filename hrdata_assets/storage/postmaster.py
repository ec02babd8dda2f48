"""The postmaster, the process that is a server: finding it, clearing up after it, starting it, ending it."""

import os
import shlex
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.storage.bundled import Outcome, attempt
from hrdata_assets.storage.file_lock import PATIENCE, PAUSE, locked
from hrdata_assets.storage.initdb import HALF_MADE
from hrdata_assets.storage.os_account import Account, foreign, require_private, server_account
from hrdata_assets.storage.processes import end, processes_of
from hrdata_assets.storage.server_place import SOCKET_PORT, ServerPlace

LOG_LINES_SHOWN = 15

# No row value may land in the log: DETAIL and CONTEXT lines quote rows (terse drops them), STATEMENT lines quote
# literals (panic drops them), and messages such as `invalid input syntax for type integer: "..."` quote values in
# their first line, so that ERROR itself stays out: in PostgreSQL's order for logs, LOG stands above ERROR.
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    # No replicas here: a table filled in the transaction that makes it needs no log, only a sync at commit.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_checkpoints": "off",
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
THROW_AWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says; it may be stale, and its process long gone."""

    pid: int
    port: int
    tcp_port: int | None

    @classmethod
    def read(cls, data_folder: Path) -> "Postmaster | None":
        """None when there is no such file, or only a half-written one."""
        try:
            lines = (data_folder / "postmaster.pid").read_text(errors="replace").splitlines()
            pid, port, address = int(lines[0]), int(lines[3]), lines[5].strip()
        except PermissionError as error:
            raise foreign(data_folder) from error
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return None
        return cls(pid, port, port if address else None)

    def answers(self, server: ServerPlace) -> bool:
        """Ask at our own socket, not at the one the file names: a home that was moved takes its socket along."""
        try:
            require_private(server.socket_folder)
        except FileNotFoundError:
            return False
        address = f"{server.socket_url('postgres', self.port)}&connect_timeout=5"
        return psycopg.pq.PGconn.ping(address.encode()) == psycopg.pq.Ping.OK

    def lives(self, server: ServerPlace, account: Account) -> bool:
        """Whether the process of that number is a PostgreSQL of this data folder."""
        return self.pid in {process.pid for process in processes_of(server.data_folder, account)}


def comes_up(server: ServerPlace, account: Account) -> bool:
    """Whether a server that is already there answers in the end; it may be recovering, or about to end."""
    deadline = time.monotonic() + PATIENCE
    while (postmaster := Postmaster.read(server.data_folder)) is not None:
        if postmaster.answers(server):
            return True
        if not postmaster.lives(server, account):
            return False
        if time.monotonic() > deadline:
            raise _silent(server, postmaster)
        time.sleep(PAUSE)
    return False


def clear_leftovers(server: ServerPlace, account: Account) -> None:
    """Make room for a new server. Under the lock, with no server that answers or is about to.

    A postmaster that was killed leaves busy children, and its lock files, which PostgreSQL believes as soon as
    any process has the old number: after a reboot it would not start. A starter that was killed leaves half a
    data folder. A deleted home leaves a server for up to a minute.
    """
    end(processes_of(server.data_folder, account))
    leftovers = [server.data_folder / "postmaster.pid"]
    with suppress(FileNotFoundError):
        require_private(server.socket_folder)
        leftovers += server.socket_folder.glob(".s.PGSQL.*")
    for path in leftovers:
        path.unlink(missing_ok=True)
    for half_made in server.folder.glob(f"{HALF_MADE}*"):
        shutil.rmtree(half_made, ignore_errors=True)


def launch(server: ServerPlace, account: Account) -> None:
    """Start the postmaster and return once it takes connections. Under the lock, with its folders prepared."""
    log_start = _prepare_log(server, account)
    # Relative paths: pg_ctl hands -D and -l to a shell in double quotes, in which `$` and others would count.
    arguments = ("-D", "data", "-l", "log", "-o", _options(server), "-t", f"{PATIENCE:.0f}", "-w")
    outcome = attempt(account, server.folder, ("pg_ctl", "start", *arguments))
    if outcome.code == 0:
        return
    postmaster = Postmaster.read(server.data_folder)
    if postmaster is not None and postmaster.lives(server, account):
        raise _silent(server, postmaster)
    raise _start_failure(server, log_start, outcome)


def shut_down(server: ServerPlace, mode: str) -> None:
    """End the postmaster, if there is one, the way pg_ctl calls `mode`."""
    if not server.folder.exists():
        return
    with locked(server.lock_file):
        account = server_account()
        postmaster = Postmaster.read(server.data_folder)
        if postmaster is None:
            return
        # pg_ctl would signal whichever process has the number in a stale file.
        if not postmaster.lives(server, account):
            _require_gone(server, postmaster)
            return
        arguments = ("-D", "data", "-m", mode, "-t", f"{PATIENCE:.0f}", "-w")
        outcome = attempt(account, server.folder, ("pg_ctl", "stop", *arguments))
        if outcome.code != 0 and psutil.pid_exists(postmaster.pid):
            raise SystemUnavailable(
                f"the embedded PostgreSQL of {server.home} (process {postmaster.pid}) does not end; "
                f"see {server.log_file} and try again: {outcome.output}"
            )


def _require_gone(server: ServerPlace, postmaster: Postmaster) -> None:
    if postmaster.answers(server):
        raise SetupError(
            f"the embedded PostgreSQL of {server.home} answers but is no process seen from here; "
            "stop it in the container or on the machine that runs it"
        )


def _prepare_log(server: ServerPlace, account: Account) -> int:
    """Make the log, which the server's user may not do in our folder; its length so far."""
    os.close(os.open(server.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    account.give(server.log_file)
    return server.log_file.stat().st_size


def _options(server: ServerPlace) -> str:
    # In double quotes, because PostgreSQL reads a list of folders.
    socket_folder = str(server.socket_folder).replace('"', '""')
    settings = SETTINGS | ({} if server.durable else THROW_AWAY_SETTINGS)
    settings |= {
        "listen_addresses": "" if server.port is None else "127.0.0.1",
        "port": str(server.port or SOCKET_PORT),
        "unix_socket_directories": f'"{socket_folder}"',
    }
    return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())


def _start_failure(server: ServerPlace, log_start: int, outcome: Outcome) -> SetupError:
    with server.log_file.open("rb") as file:
        file.seek(log_start)
        lines = file.read().decode(errors="replace").splitlines()
    if any("could not bind IPv4 address" in line for line in lines):
        hint = f"port {server.port} of 127.0.0.1 cannot be had; set HRDATA_EMBEDDED_PORT to a free port, or unset it"
    else:
        hint = "put right what its log says"
    tail = "\n".join(lines[-LOG_LINES_SHOWN:] or [outcome.output])
    return SetupError(f"the embedded PostgreSQL does not start: {hint}. Last lines of {server.log_file}:\n{tail}")


def _silent(server: ServerPlace, postmaster: Postmaster) -> SystemUnavailable:
    return SystemUnavailable(
        f"the embedded PostgreSQL of {server.home} (process {postmaster.pid}) runs but takes no connections; "
        f"see {server.log_file}, try again, or run `hrdata db stop`"
    )
