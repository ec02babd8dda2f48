"""IO managers: the archive for reports, PostgreSQL for tables. What they write becomes visible in one transaction."""

import datetime
import logging

import dagster as dg
import pandas as pd

from hrdata_assets.catalogue import TABLES
from hrdata_assets.defs.loading import Loaded, Parcel, ToLoad, load_of_frame
from hrdata_assets.defs.releases import Member
from hrdata_assets.defs.resources import WarehouseResource, place_of, told_to_dagster
from hrdata_assets.defs.terms import policy_of
from hrdata_assets.errors import DeliveryError
from hrdata_assets.faults import fault
from hrdata_assets.quality.shape import assert_shape
from hrdata_assets.storage.archive import Archived, Delivery
from hrdata_assets.storage.ledger import Counts, Place, delivery_of, record_delivery
from hrdata_assets.storage.publish import Receipt, publish
from hrdata_assets.storage.read import partition_frame
from hrdata_assets.storage.selections import asset_key
from hrdata_assets.table import Table

log = logging.getLogger("hrdata")


class ArchiveIOManager(dg.ConfigurableIOManager):
    """Keeps a delivery's bytes in the archive, writes down that they arrived, and gives the partition's back."""

    warehouse: dg.ResourceDependency[WarehouseResource]

    def handle_output(self, context: dg.OutputContext, obj: Parcel[Delivery] | None) -> None:
        """Archive a delivery. None (no report came) changes nothing: what arrived before stays."""
        if obj is None:
            context.add_output_metadata({"delivered": False})
            return
        with told_to_dagster():
            delivery, warehouse = obj.take(), self.warehouse.open()
            place = place_of(context, context.asset_key)
            written = warehouse.archive.keep(delivery)
            fault("after_archive", place.asset_key)
            with warehouse.connect(place.asset_key) as connection:
                taken = record_delivery(connection, place, delivery)
                instead = delivery_of(connection, place.asset_key, place.partition_key)
                fault("before_commit", place.asset_key)
            fault("after_commit", place.asset_key)
            if not taken and instead is None:
                raise DeliveryError(_taken_back(delivery, place))
        context.add_output_metadata(
            {
                "delivered": True,
                "taken back, not loaded": not taken,
                "delivery": delivery.short,
                "sha256": delivery.sha256,
                "bytes": len(delivery.content),
                "already archived": not written,
            }
        )
        with told_to_dagster():
            fault("before_event", place.asset_key)

    def load_input(self, context: dg.InputContext) -> Archived | None:
        """Find the partition's delivery in the archive; None if none ever arrived."""
        with told_to_dagster():
            warehouse = self.warehouse.open()
            with warehouse.connect(context.asset_key.to_user_string()) as connection:
                found = delivery_of(connection, context.asset_key.to_user_string(), context.partition_key)
            if found is None:
                return None
            file_name, sha256 = found
            return Archived(file_name, sha256, warehouse.archive)


def _taken_back(delivery: Delivery, place: Place) -> str:
    return (
        f"{delivery.file_name}: exactly this content was taken back by `hrdata revert`, and is not loaded again: "
        f"deliver another, or put it back with `hrdata revert {place.asset_key.replace('raw/', 'staged/')} "
        f"{place.partition_key} --to {delivery.short}`"
    )


class WarehouseIOManager(dg.ConfigurableIOManager):
    """Publishes what an asset returns into its partition, and gives a partition back as a pandas frame."""

    warehouse: dg.ResourceDependency[WarehouseResource]

    def handle_output(self, context: dg.OutputContext, obj: Parcel[ToLoad | Loaded] | Member | pd.DataFrame) -> None:
        """Publish judged rows, a member of a release, or an author's frame. A failed gate holds them: a Failure."""
        with told_to_dagster():
            if isinstance(obj, Member):
                context.add_output_metadata(_about(obj.publish(), obj.inputs))
                fault("before_event", asset_key(obj.table))
                return
            place = place_of(context, context.asset_key)
            load = self._load(context.asset_key, obj)
            receipt = self._publish(place, load) if isinstance(load, ToLoad) else Receipt("already", load.counts)
            fault("before_event", place.asset_key)
        if receipt.status == "held":
            raise dg.Failure(
                description=f"held, nothing published: {receipt.reason}",
                metadata={"read": receipt.counts.read, "set aside": receipt.counts.set_aside},
                allow_retries=False,
            )
        delivery = load.delivery if isinstance(load, Loaded) else load.publication.delivery
        context.add_output_metadata(_about(receipt, delivery))

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        """The published partition as a frame with Arrow-backed columns."""
        with told_to_dagster():
            warehouse = self.warehouse.open()
            with warehouse.connect(context.asset_key.to_user_string()) as connection:
                return partition_frame(connection, _table_of(context.asset_key), context.partition_key)

    def _load(self, key: dg.AssetKey, obj: Parcel[ToLoad | Loaded] | pd.DataFrame) -> ToLoad | Loaded:
        if isinstance(obj, pd.DataFrame):
            table = _table_of(key)
            return load_of_frame(table, obj, policy_of(self.warehouse.open()).of(table))
        return obj.take()

    def _publish(self, place: Place, load: ToLoad) -> Receipt:
        table = load.publication.table
        assert_shape(table, load.publication.rows)
        started = datetime.datetime.now(datetime.UTC)
        with self.warehouse.open().connect(f"{place.asset_key} {place.partition_key}") as connection:
            receipt = publish(connection, place, load.publication)
        fault("after_commit", place.asset_key)
        seconds = (datetime.datetime.now(datetime.UTC) - started).total_seconds()
        log.info(
            "%s %s: %s, %d read, %d set aside (%.2f s)",
            *(table.address, place.partition_key, receipt.status, receipt.counts.read),
            *(receipt.counts.set_aside + receipt.counts.duplicate, seconds),
        )
        return receipt


def _table_of(key: dg.AssetKey) -> Table:
    address = ".".join(key.path)
    for table in TABLES:
        if table.address == address:
            return table
    raise dg.Failure(description=f"{address} is no table of the catalogue: declare it there", allow_retries=False)


def _about(receipt: Receipt, delivery: str) -> dict[str, dg.MetadataValue]:
    counts: Counts = receipt.counts
    rows = counts.inserted + counts.updated + counts.unchanged
    numbers = {
        "dagster/row_count": rows,
        "read": counts.read,
        "inserted": counts.inserted,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "removed": counts.removed,
        "duplicates": counts.duplicate,
        "set aside": counts.set_aside,
        "skipped": counts.skipped,
    }
    now = datetime.datetime.now(datetime.UTC).timestamp()
    return {
        **{name: dg.MetadataValue.int(number) for name, number in numbers.items()},
        "already loaded": dg.MetadataValue.bool(receipt.status == "already"),
        "delivery": dg.MetadataValue.text(delivery),
        "loaded at": dg.MetadataValue.timestamp(now),
    }
