"""`hrdata excel reset`: every table made from workbooks backed up, then dropped."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hrdata_assets.commands.installation import AsJson, warehouse_of
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings


def reset(
    backup: Annotated[Path, typer.Option("--backup", help="New file for the backup, which psql -f restores.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Drop every table made from workbooks, after writing a backup of them that was restored once to see that it can.

    The next `hrdata excel load` loads every workbook anew. Refused while a view of others is made of a table.
    """
    from hrdata_assets.excel.reset import going, refuse_existing
    from hrdata_assets.excel.reset import reset as drop_all

    backup = backup.absolute()
    refuse_existing(backup)
    if not yes and (as_json or not sys.stdin.isatty()):
        raise SetupError("this drops every table made from workbooks, and there is no terminal to ask on: add --yes")
    warehouse = warehouse_of(load_settings())
    if not yes:
        with warehouse.connect("excel reset") as connection:
            rows = [{"table": f"excel.{one.table}", "rows": one.rows} for one in going(connection)]
        print_table("Would be dropped", rows, empty="no table: there is none made from workbooks")
        typer.confirm(f"Write a backup to {backup} and drop them?", abort=True)
    dropped = [{"table": f"excel.{one.table}", "rows": one.rows} for one in drop_all(warehouse, backup)]
    if as_json:
        print_json({"backup": str(backup), "dropped": dropped})
        return
    print_table("Dropped", dropped, empty="no table: there was none made from workbooks")
    announce(f"Backup: {backup}; psql -f restores it")
