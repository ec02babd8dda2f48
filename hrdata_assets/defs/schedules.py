"""Schedules: the quarter that has just ended, and a daily look for files that came late."""

import datetime

import dagster as dg

from hrdata_assets.defs.jobs import quarter_job
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.files import fingerprint_of_folder, quarter_folders


@dg.schedule(
    job=quarter_job,
    cron_schedule="0 6 1 1,4,7,10 *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="On the first day of a quarter at 06:00 UTC: loads the newest quarter that has a folder.",
)
def quarterly(context: dg.ScheduleEvaluationContext):
    """Ask for a run of the newest quarter folder."""
    settings = load_settings()
    folders = quarter_folders(settings.reports_dir, settings.quarter_folders)
    if not folders:
        return dg.SkipReason(f"no quarter folder in {settings.reports_dir}")
    return _request(context, folders[-1].quarter, "quarterly")


@dg.schedule(
    job=quarter_job,
    cron_schedule="0 5 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every day at 05:00 UTC: loads every quarter whose folder is there and settled; what is loaded already "
    "stays as it is, what failed is tried again.",
)
def late_files(context: dg.ScheduleEvaluationContext):
    """Ask for a run of every settled quarter folder."""
    settings = load_settings()
    folders = quarter_folders(settings.reports_dir, settings.quarter_folders)
    settled = [f for f in folders if fingerprint_of_folder(f.path)]
    if not settled:
        return dg.SkipReason(f"no settled quarter folder in {settings.reports_dir}")
    return [_request(context, folder.quarter, "late") for folder in settled]


def _request(context: dg.ScheduleEvaluationContext, quarter: Quarter, cause: str) -> dg.RunRequest:
    if not context.instance.has_dynamic_partition(QUARTERS.name or "", quarter.key):
        context.instance.add_dynamic_partitions(QUARTERS.name or "", [quarter.key])
    day: datetime.datetime = context.scheduled_execution_time
    return dg.RunRequest(
        run_key=f"{cause}:{quarter.key}:{day:%Y-%m-%d}", partition_key=quarter.key, tags={"hrdata/cause": cause}
    )
