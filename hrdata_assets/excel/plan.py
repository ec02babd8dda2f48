"""What loading would do, found out without a database: as if nothing were loaded yet, file by file in their order."""

from dataclasses import dataclass, field

from hrdata_assets.errors import DeliveryError
from hrdata_assets.excel.folders import tasks_of
from hrdata_assets.excel.gate import reasons_to_hold, refuse_if_frozen
from hrdata_assets.excel.load import examined
from hrdata_assets.excel.task import Task, content_of
from hrdata_assets.settings import Settings
from hrdata_assets.storage.evolution import SchemaChange, TableColumn, plan_evolution
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.discovery import Found
from hrdata_assets.systems.workbooks.layout import Decision
from hrdata_assets.systems.workbooks.reading import Reader


@dataclass(frozen=True)
class PlannedFile:
    """What would become of a workbook; ``status`` is loads, held (until it is approved), duplicate or fails."""

    path: str
    table: str
    status: str
    sheet: str | None = None
    kept: int = 0
    set_aside: int = 0
    blank: int = 0
    decisions: tuple[Decision, ...] = ()
    changes: tuple[SchemaChange, ...] = ()
    reason: str | None = None
    code: str | None = None


@dataclass
class PlannedTable:
    """A table as it would be after all its workbooks."""

    columns: tuple[TableColumn, ...]
    rows: int = 0
    files: int = 0


@dataclass(frozen=True)
class Plan:
    """Tables by name, and the workbooks in the order in which they would be loaded."""

    tables: dict[str, PlannedTable] = field(default_factory=dict)
    files: list[PlannedFile] = field(default_factory=list)


def plan_all(settings: Settings, found: Found) -> Plan:
    """Go through the workbooks as loading would, and write nothing."""
    plan = Plan()
    seen: dict[str, str] = {}
    with Reader() as reader:
        for task in tasks_of(settings, found, "plan"):
            plan.files.append(_planned(plan.tables, seen, reader, task, settings.max_report_bytes))
    return plan


def _planned(
    tables: dict[str, PlannedTable], seen: dict[str, str], reader: Reader, task: Task, most_bytes: int
) -> PlannedFile:
    try:
        delivery = content_of(task, most_bytes)
        if delivery.sha256 in seen:
            reason = f"the same content is loaded from {seen[delivery.sha256]}"
            return PlannedFile(task.source_file, task.table, "duplicate", reason=reason)
        with examined(reader, task, delivery) as sheet:
            table = tables.get(task.table)
            evolution = plan_evolution(table.columns if table else None, sheet.columns)
            refuse_if_frozen(task, evolution)
            name, counted, decisions = sheet.apart.sheet, sheet.counted, sheet.decisions
            held = reasons_to_hold(task, evolution, counted.cards[0])
    except DeliveryError as error:
        code = error.code if isinstance(error, WorkbookError) else "not_read"
        return PlannedFile(task.source_file, task.table, "fails", reason=str(error), code=code)
    seen[delivery.sha256] = task.source_file
    if held is None:
        table = tables.setdefault(task.table, PlannedTable(evolution.columns))
        table.columns, table.rows, table.files = evolution.columns, table.rows + counted.kept, table.files + 1
    return PlannedFile(
        task.source_file,
        task.table,
        "loads" if held is None else "held",
        name,
        *(counted.kept, counted.set_aside, counted.skipped),
        decisions,
        evolution.changes,
        held,
    )
