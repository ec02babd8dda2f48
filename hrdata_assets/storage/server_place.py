"""Which server: its files under the home folder, its socket, and the URLs that lead to it."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from hrdata_assets.errors import SetupError

ROLE = "hrdata"
DATABASE = "hrdata"
SOCKET_PORT = 5432
LONGEST_SOCKET_PATH = 103


@dataclass(frozen=True)
class ServerPlace:
    """The place of a home folder's server; `durable` is whether its data must survive a crash of the machine."""

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
    def lock_file(self) -> Path:
        """Locked by whoever starts or stops the server."""
        return self.folder / "lock"

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
        """URL for libpq over the Unix socket."""
        return self.socket_url(database, self.port or SOCKET_PORT)

    def socket_url(self, database: str, port: int) -> str:
        """URL of the socket with this number; it is in the URL because PGPORT would otherwise choose the socket."""
        host = quote(os.fsencode(self.socket_folder), safe="")
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={host}&port={port}"

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


def _temporary_root() -> Path:
    # TMPDIR only where /tmp cannot be written: it may differ between the processes that share a server.
    common = Path("/tmp")  # noqa: S108
    return common if os.access(common, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
