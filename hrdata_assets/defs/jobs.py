"""The job that loads a quarter: the whole graph for one partition, in one process."""

import dagster as dg

from hrdata_assets.catalogue import UNIFIED
from hrdata_assets.defs.about import key_of
from hrdata_assets.defs.systems import SYSTEM_KEYS

OF_SYSTEMS = dg.AssetSelection.assets(*SYSTEM_KEYS, *(key_of(table) for table in UNIFIED))

quarter_job = dg.define_asset_job(
    "quarter",
    selection=dg.AssetSelection.groups("raw", "staged", "core", "marts") - OF_SYSTEMS,
    description="Everything for one quarter: archive, stage, publish core, KPIs and search profile.",
    executor_def=dg.in_process_executor,
)
