"""Running a quarter in this process, recorded in Dagster like any run."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from hrdata_assets.defs.launcher import HOST_TAG
from hrdata_assets.defs.partitions import add_quarter
from hrdata_assets.quarter import Quarter

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Run configuration that keeps Dagster's own log off the console; it is in the run's page all the same."""


@dataclass(frozen=True)
class Fault:
    """A step that failed, with its own sentence."""

    step: str
    message: str


@dataclass(frozen=True)
class QuarterRun:
    """How a run ended. ``changed`` tells whether anything was published."""

    quarter: Quarter
    run_id: str
    success: bool
    changed: bool
    faults: tuple[Fault, ...]
    skipped: tuple[str, ...]


def run_quarter(
    instance: dg.DagsterInstance, quarter: Quarter, *, refresh: bool = True, from_archive: bool = False
) -> QuarterRun:
    """Execute the whole graph for one quarter; without ``refresh`` the search profile stays as it is.

    ``from_archive`` leaves the folder alone: reports are read as the archive has them.
    """
    from hrdata_assets.definitions import defs

    add_quarter(instance, quarter)
    job = defs.resolve_job_def("quarter")
    profile = dg.AssetKey(["marts", "cv_search_profile_mv"])
    every = job.asset_layer.executable_asset_keys
    left_out = {key for key in every if (key == profile and not refresh) or (key.path[0] == "raw" and from_archive)}
    result = job.execute_in_process(
        instance=instance,
        partition_key=quarter.key,
        raise_on_error=False,
        run_config=QUIET,
        asset_selection=[key for key in every if key not in left_out] if left_out else None,
        tags={HOST_TAG: socket.gethostname()},
    )
    return QuarterRun(
        quarter=quarter,
        run_id=result.run_id,
        success=result.success,
        changed=_changed(result),
        faults=tuple(_fault(e) for e in result.filter_events(lambda e: e.is_step_failure)),
        skipped=_not_run(job, result, tuple(left_out)),
    )


def _fault(event: dg.DagsterEvent) -> Fault:
    data = event.step_failure_data
    said = data.user_failure_data.description if data.user_failure_data else None
    error = data.error
    # Dagster hides texts of errors that are not ours; the run's page has no more either.
    return Fault(str(event.step_key), said or (error.message.strip() if error else "failed"))


def _not_run(
    job: dg.JobDefinition, result: dg.ExecuteInProcessResult, left_out: Sequence[dg.AssetKey]
) -> tuple[str, ...]:
    # Dagster tells nothing of steps that it never comes to because one before them failed.
    started = {event.step_key for event in result.filter_events(lambda e: e.is_step_start)}
    started |= {key.to_python_identifier() for key in left_out}
    return tuple(node.name for node in job.nodes_in_topological_order if node.name not in started)


def _changed(result: dg.ExecuteInProcessResult) -> bool:
    for event in result.filter_events(lambda e: e.is_step_materialization):
        metadata = event.materialization.metadata
        already = metadata.get("already loaded")
        if already is not None and already.value is False:
            return True
    return False
