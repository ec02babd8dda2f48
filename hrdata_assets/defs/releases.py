"""A release: tables made by SQL that are published together, the first time any of them is handed to the IO manager."""

import datetime
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from hrdata_assets.storage.ledger import Counts, counts_of, scorecards_of
from hrdata_assets.storage.partitions import close_site, open_site
from hrdata_assets.storage.postgres import Connection
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
from hrdata_assets.verdict import Scorecard

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

    @property
    def already(self) -> bool:
        """Whether the partition holds exactly this already."""
        return bool(self.loaded)

    def cards(self, table: Table) -> Sequence[Scorecard]:
        """Scores of one table at both points."""
        return self.loaded[asset_key(table)][1] if self.already else self._built(table).cards

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
        for release in pending:
            release.publish()
        if pending:
            self.release.connection.commit()
        return self.release.receipt(self.table)


@contextmanager
def released(warehouse: Warehouse, groups: Sequence[tuple[Group, Mapping[str, object]]]) -> Iterator[list[Release]]:
    """Build groups aside in one transaction, open until the block ends; unpublished, they leave no trace."""
    started = datetime.datetime.now(datetime.UTC)
    label = f"{groups[0][0].tables[0].layer} {groups[0][0].partition}"
    with warehouse.connect(label) as connection:
        releases = []
        for group, parameters in groups:
            claim_group(connection, group)
            releases.append(_release(connection, group, parameters, started))
        yield releases
        connection.rollback()


def _release(
    connection: Connection, group: Group, parameters: Mapping[str, object], started: datetime.datetime
) -> Release:
    if is_current(connection, group):
        log.info("%s %s: already made from exactly this", group.tables[0].layer, group.partition)
        loaded = {asset_key(t): _loaded(connection, group, t) for t in group.tables}
        return Release(connection, "", group, (), started, loaded)
    site = open_site(connection, f"_{group.partition.lower().replace('-', '_')}")
    return Release(connection, site, group, build(connection, site, group, parameters), started)


def _loaded(connection: Connection, group: Group, table: Table) -> tuple[Counts, tuple[Scorecard, Scorecard]]:
    load_id, counts = counts_of(connection, group.place(table))
    return counts, scorecards_of(connection, load_id)
