"""On what terms a delivery is judged: the limits of its table, the references that are there, when it was due."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from hrdata_assets.catalogue import TABLES
from hrdata_assets.quality.gates import Limits
from hrdata_assets.quality.judge import Circumstances
from hrdata_assets.quality.policy import Policy, read_policy
from hrdata_assets.quality.references import read_references
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import quality_file
from hrdata_assets.storage.decisions import approval_of, corrections_of, digest
from hrdata_assets.storage.ledger import Place, arrival_of
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table, effective_contract


@dataclass(frozen=True)
class Terms:
    """Limits and circumstances of one table's delivery; ``contract`` says what exactly it is judged by.

    ``corrections`` are cells that somebody put right, by record; ``released`` deliveries are published whatever their
    gates say.
    """

    contract: str
    limits: Limits = field(default_factory=Limits)
    circumstances: Circumstances = field(default_factory=Circumstances)
    corrections: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    released: bool = False


def terms_of(connection: Connection, warehouse: Warehouse, place: Place, table: Table, delivery: str) -> Terms:
    """The terms for a delivery, as they are now; a list that changes, or a correction, changes the contract."""
    references = read_references(warehouse.settings.references_dir, table)
    due = None
    if table.due_days is not None:
        due = Quarter.parse(place.partition_key).last_day + datetime.timedelta(days=table.due_days)
    arrived = arrival_of(connection, f"raw/{table.name}", place.partition_key, delivery) if due else None
    corrections = corrections_of(connection, place, delivery)
    return Terms(
        contract=effective_contract(table, *references.versions, digest(corrections)),
        limits=policy_of(warehouse).of(table),
        circumstances=Circumstances(references, arrived, due),
        corrections=corrections,
        released=approval_of(connection, place, delivery) is not None,
    )


def policy_of(warehouse: Warehouse) -> Policy:
    """The limits of all tables, read as they are now."""
    return read_policy(quality_file(warehouse.settings), [table.address for table in TABLES])
