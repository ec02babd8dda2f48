"""`hrdata excel history`: what the workbooks said of one thing, one after the other."""

from dataclasses import asdict
from typing import Annotated

import typer

from hrdata_assets.commands.excel_undo import Table, table_name
from hrdata_assets.commands.installation import AsJson, warehouse_of
from hrdata_assets.printing import print_json, print_table
from hrdata_assets.settings import load_settings

Key = Annotated[list[str], typer.Option("--key", help="Value of the business key; once for each of its columns.")]


def history(table: Table, key: Key, as_json: AsJson = False) -> None:
    """Show every version of the row with a business key: which workbook brought it, when, and what it changed."""
    from hrdata_assets.storage.row_history import changes_between, versions_of

    with warehouse_of(load_settings()).connect("excel history") as connection:
        versions = versions_of(connection, table_name(table), key)
    changed = list(changes_between(versions))
    if as_json:
        print_json(
            [
                {**asdict(version), "changed": {name: {"old": old, "new": new} for name, (old, new) in said.items()}}
                for version, said in zip(versions, changed, strict=True)
            ]
        )
        return
    rows = [
        {
            "loaded": version.loaded.replace(microsecond=0),
            "file": version.source_file,
            "row": version.row_no,
            "state": version.state,
            "says": _said(said) or "the same",
        }
        for version, said in zip(versions, changed, strict=True)
    ]
    print_table(f"excel.{table_name(table)}, {' / '.join(key)}", rows, empty="no workbook says anything of it")


def _said(changed: dict[str, tuple[str | None, str | None]]) -> str:
    return "; ".join(
        f"{name}: {new}" if old is None else f"{name}: {old} → {'nothing' if new is None else new}"
        for name, (old, new) in changed.items()
    )
