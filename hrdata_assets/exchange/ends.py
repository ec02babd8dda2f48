"""The ends of a move: which of their tables hold people, or jobs."""

from hrdata_assets.errors import SetupError
from hrdata_assets.exchange.order import WAREHOUSE
from hrdata_assets.systems.registry import entry
from hrdata_assets.table import Row, Table
from hrdata_assets.unified.records import UnifiedJob, UnifiedProfile


def object_of(end: str, kind: type[Row], wanted: str | None = None, *, out: bool = False) -> Table:
    """The table of an end that holds such records: the one that is named, or the system's first; ``out``: takes them.

    SetupError if it has none.
    """
    if end == WAREHOUSE:
        return kind.table
    system = entry(end).kind
    if wanted is not None:
        return system.table(wanted)
    for mapping in system.unifies:
        if (mapping.source if out else mapping.target) == kind.table:
            return mapping.target if out else mapping.source
    raise SetupError(f"{end} {'takes' if out else 'gives'} no {kind.table.name}")


def tables_of(end: str) -> list[Table]:
    """Every table of an end that a formatter may be about."""
    if end == WAREHOUSE:
        return [UnifiedProfile.table, UnifiedJob.table]
    return [row.table for row in entry(end).kind.rows]
