"""The sensor on folders of workbooks: what is new or has changed and has settled is loaded, one run per table."""

import json
import logging
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence

import dagster as dg

from hrdata_assets.catalogue import stored_tables
from hrdata_assets.defs.workbooks import partitions_of_table, workbook_job
from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.excel.pause import refuse_if_paused
from hrdata_assets.excel.watching import Given, Look, look
from hrdata_assets.settings import Settings, load_settings
from hrdata_assets.storage.warehouse import open_warehouse
from hrdata_assets.storage.workbook_files import partitions_in_use
from hrdata_assets.systems.workbooks.configuration import load_configuration
from hrdata_assets.systems.workbooks.discovery import find_workbooks

log = logging.getLogger("hrdata")

TABLE_TAG = "hrdata/table"
"""Run tag that names the table whose workbooks a run loads."""

UI_URL = "HRDATA_UI_URL"
"""Set by `hrdata dev` for what it starts: where the UI can be asked to load the definitions anew."""

_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
DAEMON_SECONDS = 10
"""A daemon looks for new definitions about every five seconds."""

_RELOAD = "mutation($name: String!) { reloadRepositoryLocation(repositoryLocationName: $name) { __typename } }"


def workbook_folders_sensor(tables: Sequence[str], first_look: float = 0.0) -> dg.SensorDefinition:
    """The sensor for tables that have an asset; a folder that is new is given one by loading the definitions anew.

    ``first_look`` is the moment, by the monotonic clock, before which it asks for nothing: a daemon that still has the
    definitions of before knows none of the new jobs.
    """

    @dg.sensor(
        name="workbook_folders",
        jobs=[workbook_job(table) for table in tables] or None,
        minimum_interval_seconds=5,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Loads workbooks that are new or have changed, once size and time were the same on two ticks: a "
        "partition per content, one run per table however many they are.",
    )
    def workbook_folders(context: dg.SensorEvaluationContext):
        """Look at every folder; what was seen and asked for stands in ops.workbook_files."""
        if time.monotonic() < first_look:
            return dg.SkipReason("the definitions were loaded a moment ago; the next look asks for what is new")
        try:
            settings = load_settings()
            if not settings.workbooks_dir.is_dir():
                return dg.SkipReason(f"there is no folder {settings.workbooks_dir}: workbooks go into folders below it")
            refuse_if_paused(settings)
            return _tick(context.instance, settings, tables)
        except (SetupError, SystemUnavailable) as error:
            raise dg.Failure(description=str(error)) from None

    return workbook_folders


def _tick(instance: dg.DagsterInstance, settings: Settings, tables: Sequence[str]) -> dg.SensorResult:
    found = find_workbooks(settings.workbooks_dir)
    registered = {table: instance.get_dynamic_partitions(_name(table)) for table in tables}
    given = Given(
        root=settings.workbooks_dir,
        configuration=load_configuration(settings.workbooks_config),
        most_bytes=settings.max_report_bytes,
        tables=set(tables) - _busy(instance),
        registered={table: set(keys) for table, keys in registered.items()},
    )
    with open_warehouse(settings, stored_tables(settings)).connect("workbook folders") as connection:
        seen = look(connection, found, given)
        in_use = partitions_in_use(connection)
    if set(seen.strange) - set(tables):
        _load_definitions_anew()
    changes: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    for table in tables:
        new = [key for key in seen.wanted.get(table, []) if key not in given.registered[table]]
        stale = [key for key in registered[table] if key not in in_use.get(table, ())]
        changes += [partitions_of_table(table).build_add_request(new)] if new else []
        changes += [partitions_of_table(table).build_delete_request(stale)] if stale else []
    requests = [r for table, keys in seen.wanted.items() for r in _requests(table, keys, registered[table])]
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else _reason(seen, tables),
        dynamic_partitions_requests=changes,
    )


def _name(table: str) -> str:
    return partitions_of_table(table).name or ""


def _busy(instance: dg.DagsterInstance) -> set[str]:
    """Tables that a run works on: what is new in them waits, and goes into one run afterwards."""
    runs = instance.get_run_records(dg.RunsFilter(statuses=_UNDER_WAY))
    return {table for r in runs if (table := r.dagster_run.tags.get(TABLE_TAG))}


def _requests(table: str, wanted: Sequence[str], registered: Sequence[str]) -> Iterator[dg.RunRequest]:
    """One run for the partitions that are new, which stand together, and one for others that are loaded again."""
    new = [key for key in wanted if key not in set(registered)]
    again = [key for key in registered if key in set(wanted)]
    for first, last in ((keys[0], keys[-1]) for keys in (new, again) if keys):
        yield dg.RunRequest(
            job_name=workbook_job(table).name,
            tags={
                "dagster/asset_partition_range_start": first,
                "dagster/asset_partition_range_end": last,
                TABLE_TAG: table,
                "hrdata/cause": "folder",
            },
        )


def _reason(seen: Look, tables: Sequence[str]) -> str:
    if new := sorted(set(seen.strange) - set(tables)):
        return f"new folders, for which the definitions are loaded anew: {len(new)}"
    if seen.moving or seen.unread or seen.strange:
        return f"waiting until they have settled: {seen.moving}; still to be read: {seen.unread}"
    too_large = f"; larger than HRDATA_MAX_REPORT_BYTES: {seen.too_large}" if seen.too_large else ""
    return f"{seen.files} workbooks, nothing new{too_large}"


def _load_definitions_anew() -> None:
    """Ask the UI to load them, and do not wait: it ends this process. Without a UI to ask, a person has to."""
    url = os.environ.get(UI_URL)
    if not url:
        log.warning("there are new folders of workbooks: reload the code location hrdata_assets to see their tables")
        return
    body = json.dumps({"query": _RELOAD, "variables": {"name": "hrdata_assets"}}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own UI's address, from `hrdata dev`
        f"{url}/graphql", data=body, headers={"Content-Type": "application/json"}
    )
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=0.5).close()
    except TimeoutError:
        return
    except (urllib.error.URLError, OSError) as error:
        log.warning("the UI at %s does not load the definitions anew (%s)", url, type(error).__name__)
