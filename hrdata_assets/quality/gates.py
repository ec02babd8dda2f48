"""Gates and floors: what a delivery must keep to be published, and below what a dimension warns."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType

from hrdata_assets.quality.implied import rules_of
from hrdata_assets.rule import Action, Dimension
from hrdata_assets.table import Table
from hrdata_assets.verdict import Gate, Scorecard, percent

FLOORS: Mapping[Dimension, Fraction] = MappingProxyType(
    {
        Dimension.COMPLETENESS: Fraction(90, 100),
        Dimension.VALIDITY: Fraction(85, 100),
        Dimension.CONSISTENCY: Fraction(95, 100),
        Dimension.TIMELINESS: Fraction(80, 100),
        Dimension.UNIQUENESS: Fraction(95, 100),
        Dimension.ACCURACY: Fraction(90, 100),
        Dimension.CONFORMITY: Fraction(85, 100),
        Dimension.INTEGRITY: Fraction(1),
    }
)
"""Least score per dimension; below it the dimension warns."""


@dataclass(frozen=True)
class Limits:
    """What a delivery must keep to be published; shares of rows or cells.

    ``gated`` floors hold a delivery back instead of warning; ``required`` dimensions must be measured;
    ``expected_rows`` is how many rows there should be, where that is known; ``policy`` is the version of the file
    that says all this.
    """

    overall: Fraction = Fraction(80, 100)
    nulls: Fraction = Fraction(20, 100)
    duplicates: Fraction = Fraction(5, 100)
    set_aside: Fraction = Fraction(5, 100)
    floors: Mapping[Dimension, Fraction] = field(default_factory=lambda: FLOORS)
    gated: frozenset[Dimension] = frozenset()
    required: frozenset[Dimension] = frozenset()
    expected_rows: int | None = None
    policy: str = ""


RECONCILIATION = "reconciliation"
"""The gate that asks whether any row was lost."""


def gates_of(
    table: Table, cards: Sequence[Scorecard], limits: Limits, *, adds_up: bool = True, may_be_empty: bool
) -> tuple[Gate, ...]:
    """Every gate of a delivery: those of what was received, of what would be published, and of rules that are one."""
    received, published = cards
    return (
        *source_gates(received, may_be_empty=may_be_empty, limits=limits),
        *_rule_gates(table, received),
        *publish_gates(published, adds_up=adds_up, limits=limits, flagged=_flagged(table)),
    )


def source_gates(card: Scorecard, *, may_be_empty: bool, limits: Limits) -> tuple[Gate, ...]:
    """Is this delivery sane? Decided on what was received."""
    overall = card.overall
    return (
        Gate("rows", may_be_empty or card.rows > 0, f"{card.rows} rows"),
        Gate("overall", overall is None or overall >= limits.overall, _at_least(overall, limits.overall)),
        Gate("nulls", card.nulls <= limits.nulls, _at_most(card.nulls, limits.nulls)),
        Gate("duplicates", card.duplicates <= limits.duplicates, _at_most(card.duplicates, limits.duplicates)),
        Gate("set_aside", card.set_aside_share <= limits.set_aside, _at_most(card.set_aside_share, limits.set_aside)),
        *floor_gates(card, limits),
    )


def publish_gates(
    card: Scorecard, *, adds_up: bool, limits: Limits, flagged: Set[str] = frozenset()
) -> tuple[Gate, ...]:
    """May readers see it? Decided on what they would see.

    Rules that only flag a row (``flagged``) do not bear on integrity here, unless its floor is declared a gate.
    """
    lenient = frozenset() if Dimension.INTEGRITY in limits.gated else flagged
    strict = replace(card, measures=tuple(m for m in card.measures if m.rule not in lenient))
    integrity = strict.dimension(Dimension.INTEGRITY)
    lacking = [d.value for d in Dimension if d in limits.required and card.dimension(d) is None] if card.rows else []
    return (
        Gate("published_integrity", integrity is None or integrity == 1, _at_least(integrity, Fraction(1))),
        Gate("measured", not lacking, f"not measured: {', '.join(lacking)}" if lacking else _measured(card)),
        Gate(RECONCILIATION, adds_up, "every row is accounted for" if adds_up else "rows are not accounted for"),
        *floor_gates(card, replace(limits, gated=limits.gated - {Dimension.INTEGRITY})),
    )


def _rule_gates(table: Table, received: Scorecard) -> list[Gate]:
    strict = {r.name for r in rules_of(table) if r.action is Action.GATE}
    measures = [m for m in received.measures if m.rule in strict]
    return [Gate(m.rule, m.passed == m.units, f"{m.units - m.passed} of {m.units} break it") for m in measures]


def _flagged(table: Table) -> frozenset[str]:
    """Names of a table's rules that flag a row and let it stay."""
    return frozenset(r.name for r in rules_of(table) if r.action is Action.FLAG)


def floor_gate(dimension: Dimension, point: str) -> str:
    """Name of the gate that a floor is, where it is declared one."""
    return dimension.value if point == "received" else f"{point}_{dimension.value}"


def floor_gates(card: Scorecard, limits: Limits) -> list[Gate]:
    """The floors that are declared gates; a dimension that was not measured has no floor to keep."""
    scores = {d: card.dimension(d) for d in Dimension if d in limits.gated}
    return [
        Gate(
            floor_gate(d, card.point),
            score is None or score >= limits.floors[d],
            _at_least(score, limits.floors[d]),
        )
        for d, score in scores.items()
    ]


def _measured(card: Scorecard) -> str:
    return f"{len(card.dimensions)} of {len(Dimension)} dimensions"


def _at_least(share: Fraction | None, least: Fraction) -> str:
    return f"{percent(share)}, must be at least {percent(least)}"


def _at_most(share: Fraction, most: Fraction) -> str:
    return f"{percent(share)}, may be at most {percent(most)}"
