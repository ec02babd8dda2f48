"""Sensors: report folders that arrive or change, and runs that fail."""

import json
import logging
from pathlib import Path

import dagster as dg

from hrdata_assets.defs.jobs import quarter_job
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.errors import SetupError
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.files import fingerprint_of_folder, quarter_folders

log = logging.getLogger("hrdata")

Seen = dict[str, dict[str, str]]
"""Per quarter: ``now``, the last tick's fingerprint; ``asked``, the one last asked for; ``attempt``, how often."""


@dg.sensor(
    job=quarter_job,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Loads a report folder once it has settled: the same names, sizes and times on two ticks, and no "
    "temporary file in it. A folder that changes afterwards is loaded again.",
)
def report_folders(context: dg.SensorEvaluationContext):
    """Look at every quarter folder; the cursor remembers the last look and what was asked for."""
    try:
        settings = load_settings()
        folders = quarter_folders(settings.reports_dir, settings.quarter_folders)
    except SetupError as error:
        raise dg.Failure(description=str(error)) from None
    seen: Seen = json.loads(context.cursor or "{}")
    still: Seen = {}
    requests, waiting = [], []
    for folder in folders:
        key, fingerprint = folder.quarter.key, fingerprint_of_folder(folder.path)
        before = seen.get(key, {})
        attempt = int(before.get("attempt", "0"))
        still[key] = {"now": fingerprint or "", "asked": before.get("asked", ""), "attempt": str(attempt)}
        if fingerprint is None or fingerprint != before.get("now"):
            waiting.append(folder.path.name)
        elif fingerprint != before.get("asked"):
            # Numbered, for a folder put back to what it was before is to be loaded again too.
            still[key] |= {"asked": fingerprint, "attempt": str(attempt + 1)}
            requests.append(_request(key, folder.path, f"{fingerprint}:{attempt + 1}"))
    new = [r.partition_key for r in requests if r.partition_key and not _known(context.instance, r.partition_key)]
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else _reason(settings.reports_dir, len(folders), waiting),
        cursor=json.dumps(still, sort_keys=True),
        dynamic_partitions_requests=[QUARTERS.build_add_request(new)] if new else [],
    )


def _request(key: str, folder: Path, attempt: str) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=f"{key}:{attempt}", partition_key=key, tags={"hrdata/folder": folder.name, "hrdata/cause": "folder"}
    )


def _known(instance: dg.DagsterInstance, key: str) -> bool:
    return instance.has_dynamic_partition(QUARTERS.name or "", key)


def _reason(reports_dir: Path, folders: int, waiting: list[str]) -> str:
    if waiting:
        return f"waiting until they have settled: {', '.join(waiting)}"
    return f"{folders} quarter folders in {reports_dir}, nothing new"


@dg.run_failure_sensor(
    name="failed_runs",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Says which run failed. Replace the body with your own channel; by default it is the log.",
)
def failed_runs(context: dg.RunFailureSensorContext):
    """Write which steps failed; never their messages."""
    run = context.dagster_run
    steps = sorted({event.step_key for event in context.get_step_failure_events() if event.step_key})
    # Step and partition only: messages belong to the run's own page.
    context.log.error(
        "run %s of %s failed at %s; see the run's page",
        *(run.run_id, run.tags.get("dagster/partition", "no partition"), ", ".join(steps) or "its start"),
    )
