"""One partition per quarter, added when its folder arrives."""

import dagster as dg

from hrdata_assets.quarter import Quarter

QUARTERS = dg.DynamicPartitionsDefinition(name="quarter")


def add_quarter(instance: dg.DagsterInstance, quarter: Quarter) -> None:
    """Register a quarter with Dagster; a second time changes nothing."""
    if not instance.has_dynamic_partition(QUARTERS.name or "", quarter.key):
        instance.add_dynamic_partitions(QUARTERS.name or "", [quarter.key])
