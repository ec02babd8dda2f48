"""The `hrdata excel` commands: a tree of workbooks into tables, and what is known of it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hrdata_assets.commands import excel_load
from hrdata_assets.commands.excel_history import history
from hrdata_assets.commands.excel_load import DataRoot, settings_of
from hrdata_assets.commands.excel_reset import reset
from hrdata_assets.commands.excel_undo import approve, revert, revert_schema, table_name
from hrdata_assets.commands.installation import AsJson, warehouse_of
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Any folder of workbooks: a table per folder, which grows with its files.")
app.command("load")(excel_load.load)
app.command("resume")(excel_load.resume)
app.command("approve")(approve)
app.command("revert")(revert)
app.command("revert-schema")(revert_schema)
app.command("reset")(reset)
app.command("history")(history)


@app.command("status")
def status(as_json: AsJson = False) -> None:
    """Show what is loaded, table by table, what could not be read, what is held, and where loading has stopped."""
    from hrdata_assets.excel.approval import waiting
    from hrdata_assets.excel.pause import pause_of
    from hrdata_assets.storage.imports import imported, unread

    settings = load_settings()
    pause = pause_of(settings)
    if pause is not None and not as_json:
        # Before the database is asked: that may be what it stopped for.
        print_table("Loading has stopped: `hrdata excel resume` goes on", [asdict(pause)])
    with warehouse_of(settings).connect("excel status") as connection:
        tables, failed = imported(connection), unread(connection)
        held = [
            {"table": f"excel.{one.table}", "file": one.source_file, "reason": one.reason}
            for one in waiting(connection)
        ]  # fmt: skip
    if as_json:
        print_json({"tables": tables, "failed": failed, "held": held, "paused": pause and asdict(pause)})
        return
    print_table("Tables made from workbooks", tables, empty="there are none: `hrdata excel load` makes them")
    if failed:
        print_table("Workbooks that could not be read", failed)
    if held:
        print_table("Workbooks that are held: `hrdata excel approve` lets them in", held)


@app.command("files")
def files(
    table: Annotated[str | None, typer.Option("--table", help="Only this table, such as excel.staff or staff.")] = None,
    as_json: AsJson = False,
) -> None:
    """List every workbook that was loaded, with the beginning of its SHA-256, and whether its rows stand still."""
    from hrdata_assets.storage.imports import imports_listed

    with warehouse_of(load_settings()).connect("excel files") as connection:
        listed = imports_listed(connection, table and table_name(table))
    if as_json:
        print_json(listed)
        return
    print_table("Workbooks", listed, empty="none was loaded: `hrdata excel load` does")


@app.command("explain")
def explain(
    file: Annotated[Path, typer.Argument(help="A workbook.")],
    data_root: DataRoot = None,
    as_json: AsJson = False,
) -> None:
    """Say how a workbook would be read, and why: sheet, columns and types, rows kept out, score; write nothing."""
    from hrdata_assets.excel.explain import explain_workbook

    told = explain_workbook(settings_of(data_root), file)
    if as_json:
        print_json(told)
        return
    announce(f"{file}: sheet {told['sheet']}, rows from {told['first_row']}")
    print_table("Columns", told["columns"], empty="none")
    print_table("Rows", [told["rows"]])
    print_table(f"Score {told['score']}", told["rules"])
    print_table("Decided", told["decisions"], empty="nothing had to be")
    print_table("Kept out", told["kept_out"], empty="none")
    print_table("Stored otherwise than shown", told["changes"], empty="nothing")
