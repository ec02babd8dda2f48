"""Checks of workbooks: what of a workbook was read and kept, and whether its table had to change, file by file."""

import warnings
from collections.abc import Iterator, Sequence

import dagster as dg

from hrdata_assets.excel.gate import is_below
from hrdata_assets.excel.task import Outcome
from hrdata_assets.storage.evolution import alterations
from hrdata_assets.verdict import base_of, percent

READABLE, CONSERVATION, SCHEMA, QUALITY = "readable", "conservation", "schema", "quality"

SPECS = {
    READABLE: "The workbook can be read, and may go into its table.",
    CONSERVATION: "Every row of the sheet is in the table, set aside with a reason, or blank.",
    QUALITY: "The workbook's score is not below the gate of its folder.",
    SCHEMA: "The table did not have to change for the workbook.",
}


def specs_of(key: dg.AssetKey, partitions: dg.PartitionsDefinition) -> list[dg.AssetCheckSpec]:
    """Checks of a table, told apart by workbook."""
    with warnings.catch_warnings():
        # Partitioned checks are a preview in Dagster 1.13.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(name, asset=key, description=says, partitions_def=partitions)
            for name, says in SPECS.items()
        ]


def evaluations(key: dg.AssetKey, partition: str, outcome: Outcome) -> Iterator[dg.AssetCheckEvaluation]:
    """What the checks say of one workbook: a result of Dagster's has no partition, its evaluation has."""
    for name, passed, severity, says, numbers in _said(outcome):
        yield dg.AssetCheckEvaluation(
            asset_key=key,
            check_name=name,
            passed=passed,
            severity=severity,
            description=says,
            metadata=numbers,
            partition=partition,
        )


def summaries(key: dg.AssetKey, outcomes: Sequence[Outcome]) -> Iterator[dg.AssetCheckResult]:
    """What they say of all workbooks of a run together."""
    for name in SPECS:
        said = [passed for outcome in outcomes for check, passed, *_ in _said(outcome) if check == name]
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=name,
            passed=all(said),
            severity=dg.AssetCheckSeverity.WARN,
            description=f"{sum(said)} of {len(said)} workbooks",
        )


Said = tuple[str, bool, dg.AssetCheckSeverity, str, dict[str, float]]


def _said(outcome: Outcome) -> Iterator[Said]:
    error, warn = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
    code = outcome.code or outcome.status
    readable = outcome.status not in ("failed", "held")
    says = code if readable else f"{code}: `hrdata excel status` says which workbook, and why"
    yield READABLE, readable, error, says, {}
    counts = outcome.counts
    kept_out = f", {counts.set_aside} set aside, {counts.skipped} blank"
    numbers: dict[str, float] = {"read": counts.read, "in the table": counts.inserted, "set aside": counts.set_aside}
    # The database refuses counts that do not add up, and with them the whole load.
    yield CONSERVATION, readable, error, f"{counts.read} read, {counts.inserted} in the table{kept_out}", numbers
    yield _quality(outcome)
    changes = [str(change) for change in alterations(outcome.changes)]
    yield SCHEMA, not changes, warn, "; ".join(changes) or "as it was", {"changes": len(changes)}


def _quality(outcome: Outcome) -> Said:
    error, warn = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
    card = outcome.received
    if card is None:
        # What was loaded before keeps the score it had; what cannot be read has none.
        unread = outcome.status == "failed"
        return QUALITY, not unread, warn, "not measured" if unread else outcome.status, {}
    below = is_below(card, outcome.gate)
    says = f"{percent(card.overall)}: {base_of(card)}"
    if below:
        kept_back = "held until it is approved" if outcome.status == "held" else "approved all the same"
        says = f"{says}; below the gate of {outcome.gate} %, {kept_back}"
    shares = {"score": card.overall, **{dimension.value: share for dimension, share in card.dimensions.items()}}
    numbers = {f"{name} (%)": round(float(share) * 100, 4) for name, share in shares.items() if share is not None}
    return QUALITY, not below, error if outcome.status == "held" else warn, says, {**numbers, "rows": card.rows}
