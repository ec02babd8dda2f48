"""Whether a workbook goes into its table by itself: what its folder's configuration lets in, and what waits."""

from decimal import Decimal
from fractions import Fraction

from hrdata_assets.excel.task import Task
from hrdata_assets.storage.evolution import Evolution, alterations
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.verdict import Scorecard, percent


def is_below(received: Scorecard, gate: Decimal | None) -> bool:
    """Whether a score is below a gate in percent; a sheet without rows has none, and is not."""
    return gate is not None and received.overall is not None and received.overall * 100 < Fraction(gate)


def reasons_to_hold(task: Task, evolution: Evolution, received: Scorecard) -> str | None:
    """Why a workbook waits until it is approved; None if it does not."""
    reasons = []
    asked = [str(change) for change in alterations(evolution.changes)]
    if task.options.policy == "propose" and asked:
        reasons.append(f"the table would have to change: {', '.join(asked)}")
    if is_below(received, task.options.gate) and received.overall is not None:
        # Never rounded up to what was asked for.
        score = Fraction(int(received.overall * 10_000), 10_000)
        reasons.append(f"its score is {percent(score)}, below its folder's gate of {task.options.gate} %")
    return "; ".join(reasons) or None


def refuse_if_frozen(task: Task, evolution: Evolution) -> None:
    """WorkbookError if the workbook needs its table changed and the folder's policy is that nothing changes it."""
    asked = alterations(evolution.changes)
    if task.options.policy == "freeze" and asked:
        columns = ", ".join(sorted({str(change.column) for change in asked}))
        raise WorkbookError(
            "schema_frozen",
            f"the table would have to change in {columns}, and its folder's policy is freeze: "
            "correct the workbook, or set the policy to evolve",
        )
