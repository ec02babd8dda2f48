"""The plan of a load, as SKIP_DB shows it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import Settings

if TYPE_CHECKING:
    from hrdata_assets.excel.plan import Plan, PlannedFile
    from hrdata_assets.storage.evolution import SchemaChange
    from hrdata_assets.systems.workbooks.discovery import Found
    from hrdata_assets.systems.workbooks.layout import Decision


def print_plan(settings: Settings, found: "Found", left: Sequence[dict[str, object]], *, as_json: bool) -> bool:
    """Make the plan and print it; tell whether a workbook would fail."""
    from hrdata_assets.excel.plan import plan_all

    plan = plan_all(settings, found)
    if as_json:
        print_json({"from_scratch": True, "tables": _tables(plan), "files": _files(plan), "left_alone": left})
    else:
        _print(settings, plan)
        if left:
            print_table("Left alone", left, columns={"path": "path", "says": "why"})
    return any(file.status == "fails" for file in plan.files)


def _print(settings: Settings, plan: "Plan") -> None:
    announce("SKIP_DB is set: nothing is written. This is what loading would do if nothing had been loaded yet.")
    for table in _tables(plan):
        title = f"{table['table']}: {table['rows']} rows of {table['files']} workbooks"
        print_table(title, table["columns"], empty="no columns")  # type: ignore[arg-type]  # the values of a table are told as objects
    rows = [
        {
            "file": file.path,
            "status": file.status,
            "sheet": file.sheet,
            "rows": file.kept,
            "set aside": file.set_aside,
            "decided": ", ".join(decision.code for decision in file.decisions),
            "table changes": "; ".join(_said(change) for change in file.changes),
            "why not": f"{file.code}: {file.reason}" if file.code else file.reason,
        }
        for file in plan.files
    ]
    print_table(f"Workbooks below {settings.workbooks_dir}", rows, empty="there are none")


def _tables(plan: "Plan") -> list[dict[str, object]]:
    return [
        {
            "table": f"excel.{name}",
            "rows": table.rows,
            "files": table.files,
            "columns": [{"name": c.name, "type": c.type.value, "heading": c.heading} for c in table.columns],
        }
        for name, table in sorted(plan.tables.items())
    ]


def _files(plan: "Plan") -> list[dict[str, object]]:
    return [_as_json(file) for file in plan.files]


def _as_json(file: "PlannedFile") -> dict[str, object]:
    return {
        "file": file.path,
        "table": f"excel.{file.table}",
        "status": file.status,
        "reason": file.reason,
        "code": file.code,
        "sheet": file.sheet,
        "kept": file.kept,
        "set_aside": file.set_aside,
        "blank": file.blank,
        "decisions": decisions_told(file.decisions),
        "schema_changes": changes_told(file.changes),
    }


def decisions_told(decisions: "Sequence[Decision]") -> list[dict[str, object]]:
    """Decisions as JSON shows them."""
    return [{"code": d.code, "says": d.says, "rows": d.rows, "columns": d.columns} for d in decisions]


def changes_told(changes: "Sequence[SchemaChange]") -> list[dict[str, object]]:
    """Changes to a table as JSON shows them."""
    return [
        {"change": c.kind, "column": c.column, "old": c.old and c.old.value, "new": c.new and c.new.value}
        for c in changes
    ]


def _said(change: "SchemaChange") -> str:
    types = " to ".join(kind.value for kind in (change.old, change.new) if kind is not None)
    return " ".join(word for word in (change.kind, change.column, types) if word)
