"""What judging gives and storage keeps: letters, measures, scores, gates; shares are derived from counts, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hrdata_assets.rule import Dimension, Rule

MOST_LETTERS = 10_000
"""Letters written in one load, first rows first; further ones are counted, and stand in the archived file."""


@dataclass(frozen=True)
class Letter:
    """A row kept out: where it stood, at which stage, why, and what was delivered."""

    row_no: int
    stage: str
    reasons: tuple[dict[str, str | None], ...]
    payload: dict[str, object] | None


@dataclass(frozen=True)
class Measure:
    """One rule's answer: how many units it applied to and how many passed."""

    rule: str
    version: str
    dimension: Dimension
    weight: float
    units: int
    passed: int
    message: str

    @classmethod
    def of(cls, rule: Rule, units: int, passed: int) -> "Measure":
        """Count for a rule."""
        return cls(rule.name, rule.version, rule.dimension, rule.weight, units, passed, rule.message)

    @property
    def score(self) -> Fraction | None:
        """Share that passed; None when the rule applied to nothing."""
        return Fraction(self.passed, self.units) if self.units else None


@dataclass(frozen=True)
class Gate:
    """One condition for publishing: whether it held, and the figures it was decided on."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Scorecard:
    """All measures of one table at one point: ``received`` (after parsing) or ``published`` (what readers see)."""

    point: str
    rows: int
    measures: tuple[Measure, ...]
    cells: int = 0
    missing: int = 0
    keyed: int = 0
    surplus: int = 0
    set_aside: int = 0

    def dimension(self, dimension: Dimension) -> Fraction | None:
        """Weighted mean of the dimension's rules that applied to something; None is "not measured"."""
        scored = [(Fraction(str(m.weight)), m.score) for m in self.measures if m.dimension is dimension]
        weights = sum((w for w, s in scored if s is not None), Fraction(0))
        return sum((w * s for w, s in scored if s is not None), Fraction(0)) / weights if weights else None

    @property
    def dimensions(self) -> dict[Dimension, Fraction]:
        """Score of every dimension that was measured."""
        scores = {d: self.dimension(d) for d in Dimension}
        return {d: s for d, s in scores.items() if s is not None}

    @property
    def overall(self) -> Fraction | None:
        """Mean of the measured dimensions; None for a table without rows."""
        scores = self.dimensions
        return sum(scores.values(), Fraction(0)) / len(scores) if scores and self.rows else None

    @property
    def nulls(self) -> Fraction:
        """Share of cells without a value, in columns that are not declared sparse."""
        return Fraction(self.missing, self.cells) if self.cells else Fraction(0)

    @property
    def duplicates(self) -> Fraction:
        """Share of rows that repeat another row's key."""
        return Fraction(self.surplus, self.keyed) if self.keyed else Fraction(0)

    @property
    def set_aside_share(self) -> Fraction:
        """Share of rows kept out."""
        return Fraction(self.set_aside, self.rows) if self.rows else Fraction(0)


def base_of(card: Scorecard) -> str:
    """What a score rests on."""
    ran = sum(1 for measure in card.measures if measure.units)
    return f"{len(card.dimensions)} of {len(Dimension)} dimensions, {ran} rules, {card.rows:,} rows"


def failed(gates: Sequence[Gate]) -> tuple[Gate, ...]:
    """The gates that did not hold."""
    return tuple(gate for gate in gates if not gate.passed)


def percent(share: Fraction | None) -> str:
    """A share as people read it, two decimals; ``not measured`` for None."""
    return "not measured" if share is None else f"{float(share) * 100:.2f} %"
