"""Reports that a system makes: a job that lands them as a quarter's folder, which the sensor then loads.

It is no asset: what is landed are files that the assets below ``raw`` read, as if a person had put them there.
"""

import dagster as dg
from pydantic import Field

from hrdata_assets.defs.resources import told_to_dagster
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.configuration import load_system_settings
from hrdata_assets.systems.flowcase.pulling import PulledQuarter, quarter_meant
from hrdata_assets.systems.registry import REPORTING, Reporting


class Landing(dg.Config):
    """Which quarter to land."""

    quarter: str | None = Field(default=None, description="2026-Q2 or Q22026; else the quarter that it is now.")
    replace: bool = Field(default=False, description="Also replace reports that somebody put there by hand.")


def reports_job(name: str, reporting: Reporting) -> dg.JobDefinition:
    """A job with the one step that lands a system's reports."""

    @dg.op(name=f"land_{name}", pool=name)
    def land(context: dg.OpExecutionContext, config: Landing) -> None:
        """Order every report, fetch them, and put them where report folders arrive."""
        with told_to_dagster():
            systems = load_system_settings()
            if lacking := reporting.lacking(systems):
                context.log.warning(_not_configured(name, lacking))
                return
            quarter = quarter_meant(config.quarter)
            pulled = reporting.pull(load_settings(), systems, quarter, replace=config.replace)
        _tell(context, pulled)

    @dg.job(
        name=f"pull_{name}",
        description=f"Orders every report of {name} and lands them as a quarter's folder, which is then loaded.",
        tags={"hrdata/system": name},
        executor_def=dg.in_process_executor,
    )
    def pull() -> None:
        land()

    return pull


def _tell(context: dg.OpExecutionContext, pulled: PulledQuarter) -> None:
    """What was landed; a failure that names the reports that cannot be had."""
    context.add_output_metadata(
        {
            "quarter": pulled.quarter.key,
            "reports": len(pulled.reports),
            "changed": ", ".join(pulled.changed) or "nothing",
            "calls": pulled.calls,
            "429s": pulled.throttled,
        }
    )
    for warning in pulled.warnings:
        context.log.warning(warning)
    if pulled.failed:
        told = "; ".join(f"{report}: {error}" for report, error in pulled.failed.items())
        raise dg.Failure(description=f"the other reports are landed, but {told}", allow_retries=False)


def _not_configured(name: str, lacking: list[str]) -> str:
    return f"{name} is not configured: set {', '.join(lacking)}"


def reports_schedule(name: str, reporting: Reporting, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Every Monday, and on a quarter's first day before it is loaded: a quarter's last pull is what stays of it."""

    @dg.schedule(
        name=f"pull_{name}",
        job=job,
        cron_schedule=["0 3 * * 1", "0 3 1 1,4,7,10 *"],
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Mondays and on the first day of a quarter at 03:00 UTC: lands the reports of {name}, once it "
        "is configured.",
    )
    def weekly():
        if lacking := reporting.lacking(load_system_settings()):
            return dg.SkipReason(_not_configured(name, lacking))
        return dg.RunRequest(tags={"hrdata/cause": "schedule"})

    return weekly


REPORT_JOBS = {name: reports_job(name, reporting) for name, reporting in REPORTING.items()}
REPORT_SCHEDULES = [reports_schedule(name, REPORTING[name], job) for name, job in REPORT_JOBS.items()]
