"""`hrdata excel load` and `resume`: workbooks into tables, or with SKIP_DB the plan of it."""

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrdata_assets.commands.excel_plan import changes_told, decisions_told, print_plan
from hrdata_assets.commands.excel_progress import LoadProgress
from hrdata_assets.commands.installation import AsJson, show_log, warehouse_of
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from hrdata_assets.excel.folders import Loaded
    from hrdata_assets.systems.workbooks.discovery import Found

DataRoot = Annotated[Path | None, typer.Option("--data-root", help="Root folder; else HRDATA_WORKBOOKS_DIR.")]


TakenBack = Annotated[bool, typer.Option("--taken-back", help="Also load what was taken back by hand.")]


def load(data_root: DataRoot = None, taken_back: TakenBack = False, as_json: AsJson = False) -> None:
    """Load every workbook below the root that is new or has changed. Exit code 1 if one cannot be read.

    Each is one transaction: stopped at any moment, the next `load` goes on with the next workbook. What is no
    workbook's own fault, such as a lost database, stops it until `resume`. With SKIP_DB=1, only show what it would do.
    """
    from hrdata_assets.excel.pause import refuse_if_paused
    from hrdata_assets.systems.workbooks.discovery import find_workbooks

    settings = settings_of(data_root)
    if settings.skip_db:
        found = find_workbooks(settings.workbooks_dir)
        failed = print_plan(settings, found, _left_alone(found), as_json=as_json)
        _end(found, failed=failed)
        return
    refuse_if_paused(settings)
    _load(settings, warehouse_of(settings), taken_back=taken_back, as_json=as_json)


def resume(data_root: DataRoot = None, as_json: AsJson = False) -> None:
    """Go on with loading after it has stopped, below the root where it did. What is loaded already stays as it is."""
    from hrdata_assets.excel.pause import remove, root_of

    settings = settings_of(data_root or root_of(load_settings()))
    if settings.skip_db:
        raise SetupError("SKIP_DB is set, and so nothing can be loaded: unset it, then resume")
    # A database that still does not answer leaves the pause as it is.
    warehouse = warehouse_of(settings)
    remove(settings)
    _load(settings, warehouse, taken_back=False, as_json=as_json)


def settings_of(data_root: Path | None) -> Settings:
    """The settings, with the root that a command was given in place of theirs; the log is shown if they say so."""
    settings = load_settings()
    if settings.debug:
        show_log(logging.DEBUG)
    return settings if data_root is None else settings.model_copy(update={"workbooks_dir": data_root.absolute()})


def _load(settings: Settings, warehouse: Any, *, taken_back: bool, as_json: bool) -> None:
    from hrdata_assets.excel.folders import Wanted, load_all
    from hrdata_assets.systems.workbooks.discovery import find_workbooks

    found = find_workbooks(settings.workbooks_dir)
    loaded: list[Loaded] = []
    with LoadProgress(len(found.files), wanted=not as_json and not settings.debug) as progress:
        wanted = Wanted(taken_back=taken_back)
        for one in load_all(warehouse, settings, found, "excel load", wanted=wanted, beginning=progress.begin):
            loaded.append(one)
            progress.count(one.outcome.counts.inserted)
            if not as_json:
                announce(_line(one))
    left = _left_alone(found)
    if as_json:
        print_json({"workbooks": [_as_json(one) for one in loaded], "left_alone": left})
    else:
        print_table(f"Workbooks below {settings.workbooks_dir}", _by_table(loaded), empty="there are none")
        if left:
            print_table("Left alone", left, columns={"path": "path", "says": "why"})
    _end(found, failed=any(one.outcome.status == "failed" for one in loaded))


def _left_alone(found: "Found") -> list[dict[str, object]]:
    return [
        {"path": str(f.path), "reason": f.reason.value, "says": f.reason.says} for f in (*found.waiting, *found.refused)
    ]


def _end(found: "Found", *, failed: bool) -> None:
    """Exit code 1 if a person has something to do."""
    for clash in found.clashes:
        announce(str(clash.error()))
    if found.clashes or failed:
        raise typer.Exit(1)


def _line(one: "Loaded") -> str:
    outcome = one.outcome
    said = f"{one.file.path}: {outcome.status}"
    if outcome.status == "loaded":
        said += f", {outcome.counts.inserted} rows"
        if outcome.counts.set_aside:
            said += f", {outcome.counts.set_aside} set aside"
    return f"{said}: {outcome.reason}" if outcome.reason else said


def _as_json(one: "Loaded") -> dict[str, object]:
    outcome = one.outcome
    return {
        "file": str(one.file.path),
        "table": f"excel.{one.file.table}",
        "status": outcome.status,
        "partition": outcome.partition,
        "reason": outcome.reason,
        "code": outcome.code,
        "sheet": outcome.sheet,
        "read": outcome.counts.read,
        "inserted": outcome.counts.inserted,
        "removed": outcome.counts.removed,
        "set_aside": outcome.counts.set_aside,
        "skipped": outcome.counts.skipped,
        "decisions": decisions_told(outcome.decisions),
        "schema_changes": changes_told(outcome.changes),
    }


def _by_table(loaded: "Sequence[Loaded]") -> list[dict[str, object]]:
    tables = sorted({one.file.table for one in loaded})
    return [_sum(table, [one for one in loaded if one.file.table == table]) for table in tables]


def _sum(table: str, loaded: "Sequence[Loaded]") -> dict[str, Any]:
    counted = Counter(one.outcome.status for one in loaded)
    return {
        "table": f"excel.{table}",
        "files": len(loaded),
        **{status: counted[status] for status in ("loaded", "already", "duplicate", "held", "failed")},
        "rows": sum(one.outcome.counts.inserted for one in loaded),
        "set aside": sum(one.outcome.counts.set_aside for one in loaded),
    }
