"""Asset checks: what a table's scorecard and gates say, per quarter, with numbers that the UI plots."""

import warnings
from collections.abc import Iterator, Sequence
from fractions import Fraction

import dagster as dg

from hrdata_assets.defs.about import key_of, raw_key
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.quality.gates import Limits, floor_gate
from hrdata_assets.quality.implied import rules_of
from hrdata_assets.rule import Dimension
from hrdata_assets.storage.ledger import POINTS
from hrdata_assets.storage.selections import Step
from hrdata_assets.table import Table
from hrdata_assets.verdict import Gate, Measure, Scorecard, failed, percent

DELIVERED = "delivered"
HEADINGS = "headings"
RECONCILIATION = "reconciliation"
GATES = ("rows", "overall", "nulls", "duplicates", "set_aside", "published_integrity", "measured")
"""Gates with a check of their own; a floor that is declared a gate shows in its dimension's check."""


def spec(key: dg.AssetKey, name: str, description: str) -> dg.AssetCheckSpec:
    """A check that is told apart by quarter."""
    with warnings.catch_warnings():
        # Partitioned checks are a preview in Dagster 1.13; without them a quarter's result would hide another's.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(name, asset=key, description=description, partitions_def=QUARTERS)


def raw_specs(table: Table) -> list[dg.AssetCheckSpec]:
    """Checks of an archived report."""
    return [spec(raw_key(table), DELIVERED, f"{table.origin}.csv is in the quarter's folder.")]


def staged_specs(table: Table) -> list[dg.AssetCheckSpec]:
    """Checks of a staged table: the dimensions that its declaration has rules for, and the gates."""
    dimensions = {r.dimension for r in rules_of(table)} | {Dimension.VALIDITY}
    dimensions |= {Dimension.TIMELINESS} if table.due_days is not None else set()
    key = key_of(table)
    specs = [
        spec(key, d.value, f"{d.value.capitalize()} of what was received is not below its floor.")
        for d in Dimension
        if d in dimensions
    ]
    said = {
        "rows": "There are rows, where the report must not be empty.",
        "overall": "The mean of the dimensions is high enough to publish.",
        "nulls": "Few enough cells are empty.",
        "duplicates": "Few enough rows repeat another row's key.",
        "set_aside": "Few enough rows had to be set aside.",
        "published_integrity": "Of the rows to be published, every one's references resolve.",
        "measured": "Every dimension that the table requires was measured.",
        HEADINGS: "Every column of the report is one that is declared.",
        RECONCILIATION: "Every record of the report is published, a duplicate, set aside or blank.",
    }
    return specs + [spec(key, name, text) for name, text in said.items()]


def core_specs(step: Step) -> list[dg.AssetCheckSpec]:
    """Checks of a core table; tables of names collected from many rows have no rows to reconcile."""
    key = key_of(step.table)
    specs = [spec(key, Dimension.UNIQUENESS.value, "No two rows have one key.")]
    specs += [spec(key, count.dimension.value, count.message) for count in step.counts]
    if step.source is not None:
        specs += [
            spec(key, Dimension.INTEGRITY.value, "Every row's CV or person is known in the same quarter."),
            spec(key, RECONCILIATION, "Every row of the staged table is accounted for."),
        ]
    return specs


def dimension_results(
    key: dg.AssetKey,
    names: Sequence[str],
    cards: Sequence[Scorecard],
    limits: Limits | None = None,
    gates: Sequence[Gate] = (),
    *,
    released: bool = False,
) -> Iterator[dg.AssetCheckResult]:
    """One result per dimension among the names: below its floor it warns, or fails where the floor is a gate.

    Unless the delivery was released: then it only warns.
    """
    received, published = cards[0], cards[-1]
    limits = limits or Limits()
    for dimension in Dimension:
        if dimension.value not in names:
            continue
        score, floor = received.dimension(dimension), limits.floors[dimension]
        measures = [m for m in received.measures if m.dimension is dimension]
        holding = _holding(dimension, measures, limits, gates)
        more = [f"{gate.name}: {gate.detail}" for gate in holding if gate.name != dimension.value]
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=dimension.value,
            passed=(score is None or score >= floor) and not holding,
            severity=dg.AssetCheckSeverity.ERROR if holding and not released else dg.AssetCheckSeverity.WARN,
            description="; ".join([_sentence(score, floor, measures), *more]),
            metadata={
                **_number("received (%)", score),
                **_number("published (%)", published.dimension(dimension)),
                "rules": dg.MetadataValue.md(_table(measures)),
            },
        )


def _holding(
    dimension: Dimension, measures: Sequence[Measure], limits: Limits, gates: Sequence[Gate]
) -> Sequence[Gate]:
    """Failed gates that are about one dimension: its floor, at either point, or one of its rules."""
    names = {m.rule for m in measures}
    if dimension in limits.gated:
        names |= {floor_gate(dimension, point) for point in POINTS}
    return [gate for gate in failed(gates) if gate.name in names]


def gate_results(
    key: dg.AssetKey, gates: Sequence[Gate], received: Scorecard, limits: Limits, *, released: bool
) -> Iterator[dg.AssetCheckResult]:
    """One result per gate that has a check of its own; a failed one holds the partition.

    Unless the delivery was released: then it only warns.
    """
    error, warn = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
    numbers: dict[str, dict[str, float | str]] = {
        "rows": {"rows": received.rows},
        "overall": {**_number("overall (%)", received.overall), "limits": limits.policy or "built in"},
        "nulls": {**_number("empty cells (%)", received.nulls)},
        "duplicates": {**_number("duplicates (%)", received.duplicates)},
        "set_aside": {**_number("set aside (%)", received.set_aside_share), "rows set aside": received.set_aside},
    }
    for gate in gates:
        if gate.name not in GATES:
            continue
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=gate.name,
            passed=gate.passed,
            severity=warn if released else error,
            description=gate.detail if gate.passed else f"{gate.detail}: {_consequence(released=released)}",
            metadata=numbers.get(gate.name, {}),
        )


def _consequence(*, released: bool) -> str:
    if released:
        return "released by hand, `hrdata loads` says why"
    return "held, and what was published before stays; mend the report, or `hrdata release`"


def fact(
    key: dg.AssetKey, name: str, *, passed: bool, description: str, severity: dg.AssetCheckSeverity
) -> dg.AssetCheckResult:
    """A result that is true or not."""
    return dg.AssetCheckResult(
        asset_key=key, check_name=name, passed=passed, description=description, severity=severity
    )


def _sentence(score: Fraction | None, floor: Fraction, measures: Sequence[Measure]) -> str:
    worst = [m for m in measures if m.score is not None and m.score < 1]
    if score is None or not worst:
        return percent(score)
    lowest = min(worst, key=lambda m: m.score or Fraction(0))
    return (
        f"{percent(score)}, floor {percent(floor)}; most often broken: {lowest.rule} "
        f"({lowest.units - lowest.passed} of {lowest.units}): {lowest.message}"
    )


def _number(label: str, share: Fraction | None) -> dict[str, float]:
    return {} if share is None else {label: round(float(share) * 100, 4)}


def _table(measures: Sequence[Measure]) -> str:
    lines = ["| rule | applies to | passed | score | meaning |", "|---|---:|---:|---:|---|"]
    lines += [f"| {m.rule} | {m.units} | {m.passed} | {percent(m.score)} | {_cell(m.message)} |" for m in measures]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
