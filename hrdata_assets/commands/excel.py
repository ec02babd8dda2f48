"""The `hrdata excel` commands: a tree of workbooks into tables, and what is known of it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrdata_assets.commands.excel_undo import approve, revert, revert_schema
from hrdata_assets.commands.installation import AsJson, warehouse_of
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from hrdata_assets.excel.folders import Loaded

app = typer.Typer(no_args_is_help=True, help="Any folder of workbooks: a table per folder, which grows with its files.")
app.command("approve")(approve)
app.command("revert")(revert)
app.command("revert-schema")(revert_schema)

DataRoot = Annotated[Path | None, typer.Option("--data-root", help="Root folder; else HRDATA_WORKBOOKS_DIR.")]


@app.command("load")
def load(data_root: DataRoot = None, as_json: AsJson = False) -> None:
    """Load every workbook below the root that is new or has changed. Exit code 1 if one cannot be read.

    Each is one transaction: stopped at any moment, the next `load` goes on with the next workbook.
    """
    from hrdata_assets.excel.folders import load_all
    from hrdata_assets.systems.workbooks.discovery import find_workbooks

    settings = _settings(data_root)
    found = find_workbooks(settings.workbooks_dir)
    loaded: list[Loaded] = []
    for one in load_all(warehouse_of(settings), settings, found, "excel load"):
        loaded.append(one)
        if not as_json:
            announce(_line(one))
    left = [
        {"path": str(f.path), "reason": f.reason.value, "says": f.reason.says} for f in (*found.waiting, *found.refused)
    ]
    if as_json:
        print_json({"workbooks": [_as_json(one) for one in loaded], "left_alone": left})
    else:
        print_table(f"Workbooks below {settings.workbooks_dir}", _by_table(loaded), empty="there are none")
        if left:
            print_table("Left alone", left, columns={"path": "path", "says": "why"})
    if found.clashes or any(one.outcome.status == "failed" for one in loaded):
        for clash in found.clashes:
            announce(str(clash.error()))
        raise typer.Exit(1)


@app.command("status")
def status(as_json: AsJson = False) -> None:
    """Show what is loaded, table by table, and every workbook that could not be read, with the reason."""
    from hrdata_assets.storage.imports import imported, unread

    with warehouse_of(load_settings()).connect("excel status") as connection:
        tables, failed = imported(connection), unread(connection)
    if as_json:
        print_json({"tables": tables, "failed": failed})
        return
    print_table("Tables made from workbooks", tables, empty="there are none: `hrdata excel load` makes them")
    if failed:
        print_table("Workbooks that could not be read", failed)


@app.command("explain")
def explain(
    file: Annotated[Path, typer.Argument(help="A workbook.")],
    data_root: DataRoot = None,
    as_json: AsJson = False,
) -> None:
    """Say how a workbook would be read, and why: sheet, headings, columns and types, rows kept out; write nothing."""
    from hrdata_assets.excel.explain import explain_workbook

    told = explain_workbook(_settings(data_root), file)
    if as_json:
        print_json(told)
        return
    announce(f"{file}: sheet {told['sheet']}, rows from {told['first_row']}")
    print_table("Columns", told["columns"], empty="none")
    print_table("Rows", [told["rows"]])
    print_table("Decided", told["decisions"], empty="nothing had to be")
    print_table("Kept out", told["kept_out"], empty="none")
    print_table("Stored otherwise than shown", told["changes"], empty="nothing")


def _settings(data_root: Path | None) -> Settings:
    settings = load_settings()
    return settings if data_root is None else settings.model_copy(update={"workbooks_dir": data_root.absolute()})


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
        "decisions": [
            {"code": d.code, "says": d.says, "rows": d.rows, "columns": d.columns} for d in outcome.decisions
        ],
        "schema_changes": [
            {"change": c.kind, "column": c.column, "old": c.old and c.old.value, "new": c.new and c.new.value}
            for c in outcome.changes
        ],
    }


def _by_table(loaded: "Sequence[Loaded]") -> list[dict[str, object]]:
    tables = sorted({one.file.table for one in loaded})
    return [_sum(table, [one for one in loaded if one.file.table == table]) for table in tables]


def _sum(table: str, loaded: "Sequence[Loaded]") -> dict[str, Any]:
    counted = Counter(one.outcome.status for one in loaded)
    return {
        "table": f"excel.{table}",
        "files": len(loaded),
        **{status: counted[status] for status in ("loaded", "already", "duplicate", "failed")},
        "rows": sum(one.outcome.counts.inserted for one in loaded),
        "set aside": sum(one.outcome.counts.set_aside for one in loaded),
    }
