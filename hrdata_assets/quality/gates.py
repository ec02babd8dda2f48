"""Gates and floors: what a delivery must keep to be published, and below what a dimension warns."""

from dataclasses import dataclass
from fractions import Fraction

from hrdata_assets.rule import Dimension
from hrdata_assets.verdict import Gate, Scorecard, percent


@dataclass(frozen=True)
class Limits:
    """What a delivery must keep to be published; shares of rows or cells."""

    overall: Fraction = Fraction(80, 100)
    nulls: Fraction = Fraction(20, 100)
    duplicates: Fraction = Fraction(5, 100)
    set_aside: Fraction = Fraction(5, 100)


FLOORS: dict[Dimension, Fraction] = {
    Dimension.COMPLETENESS: Fraction(90, 100),
    Dimension.VALIDITY: Fraction(85, 100),
    Dimension.CONSISTENCY: Fraction(95, 100),
    Dimension.TIMELINESS: Fraction(80, 100),
    Dimension.UNIQUENESS: Fraction(95, 100),
    Dimension.ACCURACY: Fraction(90, 100),
    Dimension.CONFORMITY: Fraction(85, 100),
    Dimension.INTEGRITY: Fraction(1),
}
"""Least score per dimension; below it the dimension warns."""


def source_gates(card: Scorecard, *, may_be_empty: bool, limits: Limits) -> tuple[Gate, ...]:
    """Is this delivery sane? Decided on what was received."""
    overall = card.overall
    return (
        Gate("rows", may_be_empty or card.rows > 0, f"{card.rows} rows"),
        Gate("overall", overall is None or overall >= limits.overall, _at_least(overall, limits.overall)),
        Gate("nulls", card.nulls <= limits.nulls, _at_most(card.nulls, limits.nulls)),
        Gate("duplicates", card.duplicates <= limits.duplicates, _at_most(card.duplicates, limits.duplicates)),
        Gate("set_aside", card.set_aside_share <= limits.set_aside, _at_most(card.set_aside_share, limits.set_aside)),
    )


def _at_least(share: Fraction | None, least: Fraction) -> str:
    return f"{percent(share)}, must be at least {percent(least)}"


def _at_most(share: Fraction, most: Fraction) -> str:
    return f"{percent(share)}, may be at most {percent(most)}"
