"""Runs whose process is gone are told failed: Dagster's default launcher starts runs and never looks after them."""

import socket

import dagster as dg
import psutil  # type: ignore[import-untyped]
from dagster._core.launcher.base import CheckRunHealthResult, LaunchRunContext, WorkerStatus

HOST_TAG = "hrdata/host"
"""Run tag that names the machine of the run's process: a process number says nothing on another one."""


class WatchedRunLauncher(dg.DefaultRunLauncher):
    """Dagster's default launcher, and an answer to whether a run's process lives.

    Dagster's monitoring daemon asks for it every few seconds (run_monitoring in dagster.yaml), for runs started by
    `hrdata run` as well.
    """

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Tell the monitoring daemon to ask."""
        return True

    def launch_run(self, context: LaunchRunContext) -> None:
        """Start a run, and remember where."""
        self._instance.add_run_tags(context.dagster_run.run_id, {HOST_TAG: socket.gethostname()})
        super().launch_run(context)

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether the run's process lives."""
        gone = process_is_gone(self._instance, run)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND if gone else WorkerStatus.RUNNING, gone)


def process_is_gone(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """A sentence if the process that a run started in does not live any more; None for one on another machine."""
    if run.tags.get(HOST_TAG) != socket.gethostname():
        return None
    starts = instance.event_log_storage.get_logs_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_START, limit=1)
    event = starts[0].dagster_event if starts else None
    if event is None or event.pid is None:
        return None
    try:
        process = psutil.Process(event.pid)
        # A process that is younger than the run has only inherited its number.
        lives = process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= starts[0].timestamp
    except psutil.NoSuchProcess:
        lives = False
    return None if lives else f"process {event.pid} of the run ended without a word: killed, or out of memory"


def report_lost_runs(instance: dg.DagsterInstance) -> list[str]:
    """Tell failed every run of this machine whose process is gone; returns their ids."""
    started = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    lost = []
    for run in instance.get_runs(started):
        sentence = process_is_gone(instance, run)
        # Between the two looks it may have ended as it should.
        if sentence and (now := instance.get_run_by_id(run.run_id)) and now.status is dg.DagsterRunStatus.STARTED:
            instance.report_run_failed(now, sentence)
            lost.append(run.run_id)
    return lost
