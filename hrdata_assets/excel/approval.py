"""Workbooks that wait, for their table would have to change or their score is below the gate; letting them in."""

from dataclasses import dataclass

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.decisions import Approval, approve
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.postgres import Connection


@dataclass(frozen=True)
class Waiting:
    """A workbook that is held, and why."""

    table: str
    partition: str
    delivery: str
    source_file: str
    reason: str


def waiting(connection: Connection, table: str | None = None, source_file: str | None = None) -> list[Waiting]:
    """Workbooks that are held, in order of their arrival."""
    rows = connection.execute(
        "select substr(p.asset_key, 7), p.partition_key, p.held_delivery, d.file_name, l.reason"
        " from ops.partitions p join ops.loads l on l.load_id = p.held_load_id"
        " join ops.deliveries d on (d.asset_key, d.partition_key, d.delivery)"
        " = (p.asset_key, p.partition_key, p.held_delivery)"
        " where p.asset_key = coalesce('excel/' || %(table)s, p.asset_key) and p.asset_key like 'excel/%%'"
        " and d.file_name = coalesce(%(file)s, d.file_name) order by p.held_load_id",
        {"table": table, "file": source_file},
    )
    return [Waiting(*row) for row in rows]


def approve_waiting(connection: Connection, table: str, source_file: str | None, decided: Approval) -> list[Waiting]:
    """Let the held workbooks of a table in, or that of one path: the next load publishes them.

    SetupError if none is held.
    """
    found = waiting(connection, table, source_file)
    if not found:
        which = f"{source_file} is not held" if source_file else "no workbook is held"
        raise SetupError(f"excel.{table}: {which}; `hrdata excel status` lists those that are")
    for one in found:
        approve(connection, Place(f"excel/{table}", one.partition, "approve"), one.delivery, decided)
    return found
