"""The operating system's user that runs the embedded server, and what folders it and others may reach."""

import logging
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hrdata_assets.errors import SetupError

log = logging.getLogger(__name__)

STAND_IN_FOR_ROOT = "pgserver"
PAUSE = 0.05


@dataclass(frozen=True)
class Account:
    """OS user that runs the server; `borrowed` when we are root, as whom PostgreSQL refuses to run."""

    uid: int
    gid: int
    borrowed: bool

    def give(self, path: Path) -> None:
        """Let a file or folder that we made be the server's."""
        if not self.borrowed:
            return
        try:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        except OSError as error:
            raise SetupError(
                f"PostgreSQL does not run as root, and {path} cannot be given to OS user {STAND_IN_FOR_ROOT} "
                f"({error.strerror}); let HRDATA_HOME be a local folder, or run as another user than root"
            ) from error


def server_account() -> Account:
    """Ourselves, or for root the stand-in."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), borrowed=False)
    entry = _stand_in_for_root()
    return Account(entry.pw_uid, entry.pw_gid, borrowed=True)


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


def make_private(folder: Path, account: Account) -> None:
    """A folder that only the server's user may enter; one that is there must be ours."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    require_private(folder)
    account.give(folder)
    folder.chmod(0o700)


def require_private(folder: Path) -> None:
    """Refuse a socket folder that somebody else put there: their server would get our rows."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in _trusted_owners():
        raise SetupError(
            f"{folder} is a link, no folder, or owned by another OS user (number {found.st_uid}); run as that user, "
            "or if it is none of yours, remove it or choose a shorter HRDATA_HOME"
        )


def _trusted_owners() -> set[int]:
    owners = {os.geteuid()}
    if os.geteuid() == 0:
        with suppress(KeyError):
            owners.add(pwd.getpwnam(STAND_IN_FOR_ROOT).pw_uid)
    return owners


def open_the_way(account: Account, targets: Sequence[Path]) -> None:
    """Let the server's user pass through, not list, the folders above these."""
    folders = dict.fromkeys(folder for target in targets for folder in reversed(target.parents))
    opened = [str(folder) for folder in folders if _open_to_pass(folder, account)]
    if opened:
        log.info("chmod o+x, so that OS user %s can pass through: %s", STAND_IN_FOR_ROOT, ", ".join(opened))


def _open_to_pass(folder: Path, account: Account) -> bool:
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


def foreign(data_folder: Path) -> SetupError:
    """What to say of a data folder that the server's user does not own."""
    return SetupError(
        f"{data_folder} belongs to another OS user than this process runs its server as (root's is "
        f"{STAND_IN_FOR_ROOT}); run as the user who made it, or choose another HRDATA_HOME"
    )
