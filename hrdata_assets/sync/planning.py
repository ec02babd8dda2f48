"""From where to where a sync reads: what it goes by, up to the source's newest record, since its cursor."""

import datetime

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.sync_ledger import Sync
from hrdata_assets.systems.system import System
from hrdata_assets.table import CursorMode, Table

Cursor = tuple[CursorMode, str]
"""What was gone by the last time, and up to where."""


def mode_of(table: Table, wanted: CursorMode | None) -> CursorMode:
    """What is gone by: what is wanted, else stamps where there are any. SetupError for a column that is not there."""
    if wanted is None:
        return CursorMode.UPDATED_AT if table.in_role(CursorMode.UPDATED_AT) else CursorMode.ID
    if table.in_role(wanted) is None:
        raise SetupError(f"{table.name} has no column to go by {wanted}")
    return wanted


def planned(
    system: System, table: Table, mode: CursorMode, before: Cursor | None, now: datetime.datetime, *, full: bool
) -> Sync:  # fmt: skip
    """A sync up to the source's newest record, which is asked for before anything is read; it is not begun yet."""
    newest = system.newest(table, mode)
    # A stamp of the future would let the cursor jump over all that changes until then.
    until = min(newest, now) if isinstance(newest, datetime.datetime) else newest
    told = until.isoformat() if isinstance(until, datetime.datetime) else None if until is None else str(until)
    if full or before is None or before[0] is not mode:
        return Sync(0, "full", mode, None, told)
    return Sync(0, "incremental", mode, before[1], told)


def since_of(sync: Sync, overlap: datetime.timedelta) -> datetime.datetime | int | None:
    """From where it reads, some time before its cursor; None for everything."""
    if sync.since is None:
        return None
    if sync.mode is CursorMode.ID:
        return int(sync.since) if sync.since.isdigit() else None
    return datetime.datetime.fromisoformat(sync.since) - overlap
