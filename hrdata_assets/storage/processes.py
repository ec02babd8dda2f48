"""The operating system's word on which PostgreSQL processes a data folder has, and the end of them."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from hrdata_assets.storage.os_account import Account

END_GRACE = 5.0


def processes_of(data_folder: Path, account: Account) -> list[psutil.Process]:
    """Living PostgreSQL processes of this data folder, or of one that was deleted from the same place."""
    place = os.path.realpath(data_folder)
    places = (place, f"{place} (deleted)")
    return [
        process
        for process in psutil.process_iter()
        if _is_postgres_of(process, account) and _working_folder(process, account) in places
    ]


def end(processes: Sequence[psutil.Process]) -> None:
    """PostgreSQL's immediate shutdown, by force where that has no effect; the log it wrote ahead loses nothing."""
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGQUIT)
    _, stubborn = psutil.wait_procs(processes, timeout=END_GRACE)
    for process in stubborn:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=END_GRACE)


def _is_postgres_of(process: psutil.Process, account: Account) -> bool:
    try:
        return bool(
            process.name() == "postgres"
            and process.uids().real == account.uid
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def _working_folder(process: psutil.Process, account: Account) -> str | None:
    """Where a process stands; a postmaster and its children stand in their data folder."""
    try:
        return str(process.cwd())
    except psutil.AccessDenied:
        return _working_folder_as(process.pid, account)
    except psutil.Error:
        return None


def _working_folder_as(pid: int, account: Account) -> str | None:
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
