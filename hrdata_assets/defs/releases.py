"""A release: tables made by SQL that are published together, the first time any of them is handed to the IO manager."""

import datetime
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from hrdata_assets.defs.terms import policy_of
from hrdata_assets.faults import fault
from hrdata_assets.quality.gates import RECONCILIATION, Limits, floor_gates, publish_gates
from hrdata_assets.quality.policy import Policy
from hrdata_assets.storage.ledger import Counts, counts_of, scorecards_of
from hrdata_assets.storage.partitions import close_site, open_site
from hrdata_assets.storage.postgres import Connection, translated
from hrdata_assets.storage.publish import Receipt
from hrdata_assets.storage.selections import (
    Built,
    Group,
    asset_key,
    build,
    claim_group,
    failed_gates,
    is_current,
    publish_group,
)
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table
from hrdata_assets.verdict import Gate, Scorecard

log = logging.getLogger("hrdata")


@dataclass
class Release:
    """A group built in an open transaction. ``publish`` attaches everything, writes the ledger and commits."""

    connection: Connection
    site: str
    group: Group
    built: Sequence[Built]
    started_at: datetime.datetime
    loaded: Mapping[str, tuple[Counts, tuple[Scorecard, Scorecard]]] = field(default_factory=dict)
    published: bool = False
    policy: Policy = field(default_factory=Policy)

    @property
    def already(self) -> bool:
        """Whether the partition holds exactly this already."""
        return bool(self.loaded)

    def cards(self, table: Table) -> Sequence[Scorecard]:
        """Scores of one table at both points."""
        return self.loaded[asset_key(table)][1] if self.already else self._built(table).cards

    def limits(self, table: Table) -> Limits:
        """What one table is held to."""
        return self.policy.of(table)

    def gates(self, table: Table) -> Sequence[Gate]:
        """Gates of one table, if it was built now."""
        return () if self.already else self._built(table).gates

    def faults(self) -> list[str]:
        """Gates that did not hold."""
        return [f"{table.address} {gate.name}: {gate.detail}" for table, gate in failed_gates(self.built)]

    def publish(self) -> None:
        """Publish once, however often it is asked for."""
        if self.already or self.published:
            return
        publish_group(self.connection, self.site, self.group, self.built, self.started_at)
        close_site(self.connection, self.site)
        self.published = True
        log.info("%s %s: %d tables published", self.group.tables[0].layer, self.group.partition, len(self.built))

    def receipt(self, table: Table) -> Receipt:
        """What publishing did to one table."""
        if self.already:
            return Receipt("already", self.loaded[asset_key(table)][0])
        return Receipt("published", self._built(table).counts)

    def changes(self, table: Table) -> Counts:
        """What publishing changes in one table; nothing if it holds exactly this already."""
        return Counts() if self.already else self._built(table).counts

    def _built(self, table: Table) -> Built:
        return next(b for b in self.built if b.table.address == table.address)


@dataclass(frozen=True)
class Member:
    """One table of a release, as an asset's output."""

    release: Release
    table: Table
    also: tuple[Release, ...] = ()

    @property
    def inputs(self) -> str:
        """Fingerprint of what the release is made from."""
        return self.release.group.inputs

    def publish(self) -> Receipt:
        """Publish the whole release (and those that go with it) and commit; tell what it did to this table."""
        releases = (self.release, *self.also)
        pending = [r for r in releases if not (r.published or r.already)]
        if pending:
            # Outside of the block that opened the connection, which would put psycopg's errors into our words.
            with translated(f"publishing {self.table.layer} {self.release.group.partition}"):
                for release in pending:
                    release.publish()
                fault("before_commit", asset_key(self.table))
                self.release.connection.commit()
            fault("after_commit", asset_key(self.table))
        return self.release.receipt(self.table)


@contextmanager
def released(warehouse: Warehouse, groups: Sequence[tuple[Group, Mapping[str, object]]]) -> Iterator[list[Release]]:
    """Build groups aside in one transaction, open until the block ends; unpublished, they leave no trace."""
    label = f"{groups[0][0].tables[0].layer} {groups[0][0].partition}"
    policy = policy_of(warehouse)
    with warehouse.connect(label) as connection:
        yield releases_in(connection, policy, groups)
        connection.rollback()


def releases_in(
    connection: Connection, policy: Policy, groups: Sequence[tuple[Group, Mapping[str, object]]]
) -> list[Release]:
    """Build groups aside in a transaction of the caller's."""
    started = datetime.datetime.now(datetime.UTC)
    releases = []
    for group, parameters in groups:
        claim_group(connection, group)
        releases.append(_release(connection, policy, group, parameters, started))
    return releases


def _release(
    connection: Connection,
    policy: Policy,
    group: Group,
    parameters: Mapping[str, object],
    started: datetime.datetime,
) -> Release:
    if is_current(connection, group):
        log.info("%s %s: already made from exactly this", group.tables[0].layer, group.partition)
        loaded = {asset_key(t): _loaded(connection, group, t) for t in group.tables}
        return Release(connection, "", group, (), started, loaded, policy=policy)
    site = open_site(connection, f"_{group.partition.lower().replace('-', '_')}")
    built = [_held_to(policy.of(b.table), b) for b in build(connection, site, group, parameters)]
    return Release(connection, site, group, built, started, policy=policy)


def _held_to(limits: Limits, built: Built) -> Built:
    """Add the gates that a table's limits make; that no row is lost was asked while building."""
    received, published = built.cards
    asked = (*floor_gates(received, limits), *publish_gates(published, adds_up=True, limits=limits))
    gates = (*built.gates, *(gate for gate in asked if gate.name != RECONCILIATION))
    return replace(built, gates=gates, policy=limits.policy or None)


def _loaded(connection: Connection, group: Group, table: Table) -> tuple[Counts, tuple[Scorecard, Scorecard]]:
    load_id, counts = counts_of(connection, group.place(table))
    return counts, scorecards_of(connection, load_id)
