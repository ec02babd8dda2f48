"""The whole graph on one screen."""

import time

import dagster as dg

from hrdata_assets.defs.core import core
from hrdata_assets.defs.current import CURRENT
from hrdata_assets.defs.dead_letters import DEAD_LETTERS, open_letters
from hrdata_assets.defs.declared import loaded_tables, sources_sensor
from hrdata_assets.defs.discretion import be_discreet
from hrdata_assets.defs.io_managers import ArchiveIOManager, WarehouseIOManager
from hrdata_assets.defs.jobs import quarter_job
from hrdata_assets.defs.marts import cv_search_profile_mv, kpis
from hrdata_assets.defs.quality import QUALITY
from hrdata_assets.defs.raw import RAW
from hrdata_assets.defs.reports import REPORT_JOBS, REPORT_SCHEDULES
from hrdata_assets.defs.resources import WarehouseResource
from hrdata_assets.defs.schedules import late_files, quarterly
from hrdata_assets.defs.sensors import failed_runs, report_folders
from hrdata_assets.defs.staged import STAGED_ASSETS
from hrdata_assets.defs.systems import SYSTEM_ASSETS, SYSTEM_JOBS, SYSTEM_SCHEDULES
from hrdata_assets.defs.unified import UNIFIED_ASSETS
from hrdata_assets.defs.workbook_jobs import WORKBOOK_JOBS
from hrdata_assets.defs.workbook_sensor import DAEMON_SECONDS, workbook_folders_sensor
from hrdata_assets.defs.workbooks import tables_below_root, workbook_asset, workbook_job

be_discreet()
warehouse = WarehouseResource()
workbook_tables = tables_below_root()
workbook_assets = [workbook_asset(table) for table in workbook_tables]

defs = dg.Definitions(
    assets=[
        *RAW,
        *STAGED_ASSETS,
        core,
        *CURRENT,
        DEAD_LETTERS,
        kpis,
        cv_search_profile_mv,
        QUALITY,
        *SYSTEM_ASSETS,
        *UNIFIED_ASSETS,
        *workbook_assets,
    ],
    jobs=[
        quarter_job,
        *SYSTEM_JOBS.values(),
        *REPORT_JOBS.values(),
        *WORKBOOK_JOBS,
        *(workbook_job(table) for table in workbook_tables),
    ],
    sensors=[
        report_folders,
        failed_runs,
        open_letters,
        sources_sensor(loaded_tables()),
        workbook_folders_sensor(workbook_tables, time.monotonic() + DAEMON_SECONDS),
    ],
    schedules=[quarterly, late_files, *SYSTEM_SCHEDULES, *REPORT_SCHEDULES],
    resources={
        "warehouse": warehouse,
        "archive_io": ArchiveIOManager(warehouse=warehouse),
        "warehouse_io": WarehouseIOManager(warehouse=warehouse),
    },
    executor=dg.in_process_executor,
)
