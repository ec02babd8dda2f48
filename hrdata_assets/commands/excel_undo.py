"""The `hrdata excel` commands that decide and take back: approve, revert, revert-schema."""

from typing import Annotated

import typer

from hrdata_assets.commands.installation import AsJson, person, warehouse_of
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings

Table = Annotated[str, typer.Option("--table", help="Table made from workbooks, such as excel.staff or staff.")]
OneFile = Annotated[str | None, typer.Option("--source-file", help="Path of the workbook below the root.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change; nothing does.")]


def approve(
    table: Table,
    reason: Annotated[str, typer.Option(help="Why they may go in; kept with the workbooks.")],
    source_file: OneFile = None,
    as_json: AsJson = False,
) -> None:
    """Let workbooks in that are held, and load them.

    They are because their table would have to change (policy: propose), or because of their score (gate: 95).
    """
    from hrdata_assets.excel.approval import approve_waiting
    from hrdata_assets.excel.folders import Wanted, load_all
    from hrdata_assets.storage.decisions import Approval
    from hrdata_assets.systems.workbooks.discovery import find_workbooks

    if not reason.strip():
        raise SetupError("--reason is empty: say why the workbooks may go in")
    settings = load_settings()
    warehouse = warehouse_of(settings)
    with warehouse.connect("excel approve") as connection:
        decided = Approval(reason.strip(), person())
        approved = approve_waiting(connection, table_name(table), source_file, decided)
    found, wanted = find_workbooks(settings.workbooks_dir), Wanted({one.source_file for one in approved})
    loaded = list(load_all(warehouse, settings, found, "excel approve", wanted=wanted))
    rows = [
        {"file": str(one.file.path), "status": one.outcome.status, "rows": one.outcome.counts.inserted,
         "changes": [str(change) for change in one.outcome.changes]}
        for one in loaded
    ]  # fmt: skip
    if as_json:
        print_json({"approved": [vars(one) for one in approved], "workbooks": rows})
        return
    print_table(
        f"Approved for excel.{table_name(table)}",
        rows,
        empty="approved; the workbooks are not in their folder now: they are loaded when they are there again",
    )


def revert(
    table: Table,
    source_file: OneFile = None,
    file_hash: Annotated[str | None, typer.Option("--file-hash", help="Beginning of its SHA-256.")] = None,
    restore: Annotated[bool, typer.Option("--restore", help="Bring the version before it back.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take exactly one workbook's rows back out of its table; its columns stay (see revert-schema).

    It is not loaded again by itself though it lies in its folder still: `hrdata excel load --taken-back` does.
    """
    from hrdata_assets.excel.undo import find_standing
    from hrdata_assets.excel.undo import revert as take_back

    if not source_file and not file_hash:
        raise SetupError("say which workbook: --source-file or --file-hash; `hrdata excel files` lists them")
    settings = load_settings()
    warehouse = warehouse_of(settings)
    with warehouse.connect("excel revert") as connection:
        standing = find_standing(connection, table_name(table), source_file, file_hash and file_hash.lower())
    done = take_back(warehouse, settings, standing, restore=restore, dry_run=dry_run)
    restored = done.restored
    row = {
        "table": f"excel.{standing.table}",
        "file": standing.source_file,
        "version": standing.sha256[:16],
        "rows out": standing.row_count,
        "rows back": restored.counts.inserted if restored else 0,
    }
    if as_json:
        print_json({"dry_run": dry_run, **{name.replace(" ", "_"): value for name, value in row.items()}})
        return
    print_table("Would be taken back" if dry_run else "Taken back", [row])


def revert_schema(
    table: Table,
    source_file: Annotated[str, typer.Option("--source-file", help="Path of the workbook below the root.")],
    partial: Annotated[bool, typer.Option("--partial", help="Take back only what no other workbook needs.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take back the columns and types that a workbook brought into its table, after `revert` took its rows out.

    Refused, with their names, while workbooks need them that are loaded still.
    """
    from hrdata_assets.excel.undo import revert_schema as take_back

    done = take_back(warehouse_of(load_settings()), table_name(table), source_file, partial=partial, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, "statements": done.statements, "kept": done.kept})
        return
    for statement in done.statements:
        announce(statement)
    if not done.statements:
        announce("nothing to change")
    if done.kept:
        kept = [{"column": column, "needed by": ", ".join(files)} for column, files in done.kept.items()]
        print_table("Kept", kept)


def table_name(table: str) -> str:
    """Name of a table made from workbooks, however a person writes it."""
    return table.strip().removeprefix("excel.").removeprefix("excel/")
