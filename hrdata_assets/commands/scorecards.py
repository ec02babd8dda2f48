"""Scorecards as rows for a table or JSON: every table of a quarter, and one table rule by rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hrdata_assets.catalogue import STAGED, TABLES, core_queries
from hrdata_assets.commands.names import table_named
from hrdata_assets.defs.terms import policy_of
from hrdata_assets.errors import SetupError
from hrdata_assets.quality.drift import MOST_LOADS, Drift, drifts
from hrdata_assets.quality.gates import Limits
from hrdata_assets.quality.implied import rules_of
from hrdata_assets.quality.policy import Policy
from hrdata_assets.quarter import Quarter
from hrdata_assets.rule import Dimension
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.scores import ScoredLoad, earlier_cards, scored_quarters
from hrdata_assets.storage.selections import Step, asset_key
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table
from hrdata_assets.verdict import Measure

LAYERS = ("staged", "core", "marts")
MEANINGS = {
    "rows_expected": "As many rows are there as the report is known to have.",
    "arrived_on_time": "The report arrived by the day it was due.",
    "fields_match_header": "The record has as many fields as the header.",
    "key_unique": "No other row has the same key.",
    "belongs": "The CV or person that a row belongs to is known.",
    "reconciliation": "Every row of the staged table is accounted for.",
}
"""What rules say that no declaration names."""


@dataclass(frozen=True)
class Declared:
    """What is said of tables and rules today: the limits, and what each rule of an asset asks."""

    policy: Policy
    questions: Mapping[str, Mapping[str, str]]

    def limits(self, asset: str) -> Limits:
        """Limits and floors of a table."""
        table = table_of(asset)
        return Limits() if table is None else self.policy.of(table)

    def meaning(self, asset: str, rule: str) -> str:
        """What a rule asks."""
        known = self.questions.get(asset, {})
        return known.get(rule) or MEANINGS.get(rule) or "Not declared any more."


def declared(warehouse: Warehouse) -> Declared:
    """What is said today, in the declarations and in the files that the settings name."""
    questions = {asset_key(table): {rule.name: rule.message for rule in rules_of(table)} for table in STAGED}
    for step in core_queries(warehouse.sql):
        if isinstance(step, Step):
            questions[asset_key(step.table)] = {count.rule: count.message for count in step.counts}
    return Declared(policy_of(warehouse), questions)


def asset_named(name: str) -> str:
    """The asset key of a table as people write it."""
    return asset_key(table_named(name, TABLES))


def table_of(asset: str) -> Table | None:
    """The declaration of an asset; None if it is declared no more."""
    return next((table for table in TABLES if asset_key(table) == asset), None)


def chosen_quarter(connection: Connection, text: str | None) -> str:
    """Key of the quarter that is meant, the newest one unless it is named. SetupError if nothing is loaded of it."""
    known = scored_quarters(connection)
    if not known:
        raise SetupError("nothing is loaded yet, so nothing is scored: hrdata demo, or hrdata run")
    if text is None:
        return known[-1]
    key = Quarter.parse(text).key
    if key not in known:
        raise SetupError(f"{key} is not loaded: hrdata run --quarter {key}")
    return key


def in_order(loads: Sequence[ScoredLoad]) -> list[ScoredLoad]:
    """Loads by layer, then by name; what is held stands behind what is published."""
    return sorted(loads, key=lambda load: (LAYERS.index(load.asset.partition("/")[0]), load.asset, load.held))


def drifts_of(connection: Connection, load: ScoredLoad) -> tuple[Drift, ...]:
    """A load beside those of its table's earlier quarters."""
    place = Place(load.asset, load.quarter, "")
    return drifts(load.received, earlier_cards(connection, place, MOST_LOADS))


def share(value: Fraction | None) -> str:
    """A share as percent without its sign, two decimals; 100 only if it is, however close it comes."""
    if value is None:
        return "n/a"
    return "100" if value == 1 else f"{min(float(value) * 100, 99.99):.2f}"


def overview_rows(loads: Sequence[ScoredLoad]) -> list[dict[str, object]]:
    """One row per table: its score and dimensions, received above what was published where that differs."""
    shown = [d for d in Dimension if any(d in load.received.dimensions for load in loads)]
    return [
        {
            "table": load.asset.replace("/", ".") + (" (held)" if load.held else ""),
            "rows": load.received.rows,
            "score": _both(load.received.overall, load.published.overall, held=load.held),
            **{
                d.value[:5]: _both(load.received.dimension(d), load.published.dimension(d), held=load.held)
                for d in shown
            },
            "rules": sum(1 for measure in load.received.measures if measure.units),
            "base": f"{len(load.received.dimensions)} of {len(Dimension)}",
        }
        for load in loads
    ]


def _both(received: Fraction | None, published: Fraction | None, *, held: bool) -> str:
    first, later = share(received), share(published)
    return first if held or first == later else f"{first}\n→ {later}"


def dimension_rows(load: ScoredLoad, limits: Limits) -> list[dict[str, object]]:
    """One row per dimension of one table, measured or not."""
    return [
        {
            "dimension": dimension.value,
            "received": share(load.received.dimension(dimension)),
            "published": share(load.published.dimension(dimension)),
            "floor": share(limits.floors[dimension]),
            "": _below(load.received.dimension(dimension), limits.floors[dimension]),
            "rules": sum(1 for m in load.received.measures if m.dimension is dimension and m.units),
        }
        for dimension in Dimension
    ]


def _below(score: Fraction | None, floor: Fraction) -> str:
    if score is None:
        return "not measured"
    return "below its floor" if score < floor else ""


def rule_rows(load: ScoredLoad, today: Declared) -> list[dict[str, object]]:
    """One row per rule of one table, worst first."""
    published = {m.rule: m for m in load.published.measures}
    return [
        {
            "rule": measure.rule,
            "dimension": measure.dimension.value,
            "weight": f"{measure.weight:g}",
            "received": _counted(measure),
            "score": share(measure.score),
            "published": _counted(published.get(measure.rule)),
            "meaning": today.meaning(load.asset, measure.rule),
        }
        for measure in worst_first(load.received.measures)
    ]


def worst_first(measures: Sequence[Measure]) -> list[Measure]:
    """Rules by the share that passed, those that applied to nothing last."""
    return sorted(measures, key=lambda m: (m.score is None, m.score or Fraction(0), m.dimension, m.rule))


def _counted(measure: Measure | None) -> str:
    return "" if measure is None or not measure.units else f"{measure.passed:,} of {measure.units:,}"


def as_json(load: ScoredLoad, today: Declared, *, with_rules: bool) -> dict[str, Any]:
    """A load's scorecards for a program: shares of 1, null where nothing was measured."""
    found: dict[str, Any] = {
        "asset": load.asset,
        "quarter": load.quarter,
        "state": "held" if load.held else "published",
        "reason": load.reason,
        "delivery": load.delivery,
        "rows": load.received.rows,
        "rules_run": sum(1 for m in load.received.measures if m.units),
        "dimensions_measured": len(load.received.dimensions),
        "nulls": float(load.received.nulls),
        "duplicates": float(load.received.duplicates),
        "set_aside": float(load.received.set_aside_share),
        "overall": {card.point: _float(card.overall) for card in (load.received, load.published)},
        "dimensions": {
            d.value: {card.point: _float(card.dimension(d)) for card in (load.received, load.published)}
            for d in Dimension
        },
    }
    if with_rules:
        published = {m.rule: m for m in load.published.measures}
        found["rules"] = [
            {
                "rule": m.rule,
                "dimension": m.dimension.value,
                "weight": m.weight,
                "meaning": today.meaning(load.asset, m.rule),
                "received": {"units": m.units, "passed": m.passed},
                "published": {"units": published[m.rule].units, "passed": published[m.rule].passed}
                if m.rule in published
                else None,
            }
            for m in worst_first(load.received.measures)
        ]
    return found


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
