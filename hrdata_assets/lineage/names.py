"""A name collected from many lines, such as a technology's: which lines carry it."""

from collections.abc import Sequence
from dataclasses import dataclass

from hrdata_assets.catalogue import CORE, SOURCES, core_queries
from hrdata_assets.errors import SetupError
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.candidates import candidates
from hrdata_assets.storage.ledger import state_of
from hrdata_assets.storage.lines import Load, file_names, load_numbered, rows_with_key
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.selections import Step, asset_key
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table


@dataclass(frozen=True)
class Carrier:
    """A line that carries a name, the table that takes it, and the rule that kept it out of there, if any did."""

    table: str
    file_name: str | None
    delivery: str
    row_no: int
    outcome: str | None


@dataclass(frozen=True)
class NameTrace:
    """The lines that carry a name, and the load that collected it."""

    load: Load | None
    carriers: Sequence[Carrier]


def collects_names(table: Table) -> bool:
    """Whether rows of a table come from many lines each."""
    return table.layer == "core" and table.name not in SOURCES


def trace_name(connection: Connection, warehouse: Warehouse, table: Table, quarter: Quarter, name: str) -> NameTrace:
    """Find every line that carries a name of a table of names. SetupError if the name is not there."""
    rows = rows_with_key(connection, table, quarter.key, [name])
    if not rows:
        raise SetupError(f"{table.address} does not hold that name in {quarter}")
    (key,) = table.key
    names = file_names(connection, [quarter.key])
    queries = core_queries(warehouse.sql)
    carriers = [
        Carrier(
            step.table.address,
            names.get((f"raw/{step.source.name}", quarter.key, found.delivery)),
            found.delivery,
            found.row_no,
            found.outcome,
        )
        for step in queries
        if isinstance(step, Step) and step.source is not None and step.table in CORE
        for column, target in step.table.references.items()
        if target == table.name
        for found in candidates(connection, queries, step, quarter.key, {column: rows[0][key]}, exactly=True)
    ]
    state = state_of(connection, asset_key(table), quarter.key)
    return NameTrace(load_numbered(connection, state.load_id), carriers)
