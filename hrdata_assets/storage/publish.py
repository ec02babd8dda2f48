"""Publishing: a delivery's judged rows, or what SQL makes of published ones, in one transaction with the ledger."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from hrdata_assets.faults import fault
from hrdata_assets.storage.ddl import stored_columns
from hrdata_assets.storage.decisions import approval_of
from hrdata_assets.storage.ledger import Counts, Load, Place, claim, record_load, record_scores, state_of
from hrdata_assets.storage.letters import record_letters
from hrdata_assets.storage.partitions import (
    add_key,
    attach,
    build_empty,
    building_site,
    compare,
    detach,
    drop_held,
    have_in_common,
    put_aside,
)
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.rows import copy_rows
from hrdata_assets.table import Table
from hrdata_assets.verdict import Gate, Letter, Scorecard, failed


@dataclass(frozen=True)
class Publication:
    """What one delivery makes of one partition. ``rows`` holds the declared columns, row_no, extra and changes.

    ``policy`` is the version of the limits it was held to.
    """

    table: Table
    delivery: str
    rows: pl.DataFrame
    counts: Counts
    letters: Sequence[Letter]
    cards: Sequence[Scorecard]
    gates: Sequence[Gate]
    started_at: datetime.datetime
    effective_contract: str = ""
    policy: str | None = None

    @property
    def contract(self) -> str:
        """What the rows were judged by: the declaration, and whatever stands beside it."""
        return self.effective_contract or self.table.contract


@dataclass(frozen=True)
class Receipt:
    """What publishing did: ``published``, ``held`` (with the reason) or ``already`` loaded."""

    status: str
    counts: Counts
    load_id: int | None = None
    reason: str | None = None


def already_loaded(connection: Connection, place: Place, delivery: str, contract: str) -> bool:
    """Whether exactly this content, judged by exactly this contract, is what the partition holds."""
    state = state_of(connection, place.asset_key, place.partition_key)
    return state.load_id is not None and (state.delivery, state.contract) == (delivery, contract)


def publish(connection: Connection, place: Place, publication: Publication) -> Receipt:
    """Put a delivery's rows in place of the partition's, or hold them if a gate failed; all or nothing.

    A delivery that somebody released is published whatever its gates say, and the ledger says why. The same content
    again changes nothing. SystemUnavailable if another run works on the partition.
    """
    claim(connection, place)
    fault("after_claim", place.asset_key)
    if already_loaded(connection, place, publication.delivery, publication.contract):
        return Receipt("already", Counts())
    faults = "; ".join(f"{gate.name}: {gate.detail}" for gate in failed(publication.gates)) or None
    approval = approval_of(connection, place, publication.delivery) if faults else None
    held = faults is not None and approval is None
    counts = _move_rows(connection, place, publication, held=held)
    load = Load(
        delivery=publication.delivery,
        contract=publication.contract,
        policy=publication.policy,
        counts=counts,
        started_at=publication.started_at,
        score=overall_score(publication.cards),
        status="held" if held else "published",
        reason=f"released: {approval.reason} ({faults})" if approval else faults,
    )
    load_id = record_load(connection, place, load)
    record_scores(connection, place, load_id, publication.cards)
    fault("after_score", place.asset_key)
    source = (publication.delivery, publication.contract)
    record_letters(connection, place, source, publication.letters, published=not held)
    fault("before_commit", place.asset_key)
    return Receipt(load.status, counts, load_id, faults if held else None)


def overall_score(cards: Sequence[Scorecard]) -> Decimal | None:
    """Overall score of what was received, as the ledger keeps it: a share with six decimals."""
    overall = cards[0].overall if cards else None
    return None if overall is None else Decimal(round(overall * 10**6)) / 10**6


def _move_rows(connection: Connection, place: Place, publication: Publication, *, held: bool) -> Counts:
    table, partition = publication.table, place.partition_key
    with building_site(connection) as site:
        aside = build_empty(connection, site, table)
        common = {table.partition: partition, "delivery": publication.delivery}
        have_in_common(connection, site, table, common)
        sent = {name: kind for name, kind in stored_columns(table).items() if name not in common}
        copy_rows(connection, aside, publication.rows, sent, asset=place.asset_key)
        have_in_common(connection, site, table, dict.fromkeys(common))
        fault("after_copy", place.asset_key)
        add_key(connection, site, table, partition)
        if held:
            put_aside(connection, site, table, partition)
            counts = publication.counts
            return replace(counts, set_aside=counts.read - counts.duplicate - counts.skipped)
        changes = compare(connection, site, table, partition)
        fault("before_publish", place.asset_key)
        drop_held(connection, table, partition)
        detach(connection, table, partition)
        fault("mid_publish", place.asset_key)
        attach(connection, site, table, partition)
    return replace(
        publication.counts,
        inserted=changes.inserted,
        updated=changes.updated,
        unchanged=changes.unchanged,
        removed=changes.removed,
    )
