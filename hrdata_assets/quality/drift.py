"""Drift: a score that left the course of the loads before it. It warns and never gates; tiny tables stay silent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from hrdata_assets.verdict import Measure, Scorecard, percent

FEWEST_LOADS = 5
"""Earlier loads without which there is no course to leave."""

MOST_LOADS = 8
"""Earlier loads that are looked at, the latest ones: what was usual two years ago is no measure."""

FEWEST_ROWS = 30
"""With fewer rows one of them more or less is a jump."""

FARTHEST = 3.5
"""Distance from the median, in spreads, above which it warns."""

SMALLEST_CHANGE = Fraction(2, 100)
"""A change below this is nobody's concern, however unusual it is."""

OVERALL = "overall"

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drift:
    """One score beside those of earlier loads. Where nothing can be said there is no ``distance``, and a ``note``."""

    name: str
    share: Fraction
    median: Fraction | None
    distance: float | None
    note: str = ""

    @property
    def change(self) -> Fraction | None:
        """How far the score is above (or below) the median."""
        return None if self.median is None else self.share - self.median

    @property
    def warns(self) -> bool:
        """Whether the score left its course by more than chance and by enough to matter."""
        if self.distance is None or self.change is None:
            return False
        return self.distance > FARTHEST and abs(self.change) >= SMALLEST_CHANGE

    @property
    def sentence(self) -> str:
        """What happened to the score, for people; why nothing can be said, if so."""
        if self.change is None:
            return f"{self.name}: {self.note}"
        points = f"{float(self.change) * 100:+.2f} points"
        return f"{self.name} is {percent(self.share)}, {points} against the usual {percent(self.median)}"


def drifts(card: Scorecard, earlier: Sequence[Scorecard]) -> tuple[Drift, ...]:
    """Compare every measured dimension, and the overall score, with the same of earlier loads (latest first)."""
    return tuple(_drifts(card, earlier))


def _drifts(card: Scorecard, earlier: Sequence[Scorecard]) -> Iterator[Drift]:
    units = []
    for dimension, share in card.dimensions.items():
        units.append(_units(card, [m for m in card.measures if m.dimension is dimension]))
        yield _drift(dimension.value, share, units[-1], [c.dimension(dimension) for c in earlier])
    if card.overall is not None:
        yield _drift(OVERALL, card.overall, _of_mean(card, units), [c.overall for c in earlier])


def _drift(name: str, share: Fraction, units: int, earlier: Sequence[Fraction | None]) -> Drift:
    history = [h for h in earlier if h is not None][:MOST_LOADS]
    if len(history) < FEWEST_LOADS:
        note = f"too few loads for drift: {len(history)} earlier ones, at least {FEWEST_LOADS} are needed"
        return Drift(name, share, None, None, note)
    if units < FEWEST_ROWS:
        note = f"too few rows for drift: {units}, at least {FEWEST_ROWS} are needed"
        return Drift(name, share, None, None, note)
    found = distance(np.array([float(share)]), np.array([[float(h) for h in history]]), units)
    return Drift(name, share, _median(history), float(found[0]))


def distance(shares: Shares, histories: Shares, units: int) -> Shares:
    """How many spreads each share lies from the median of its history (a row of ``histories``).

    The spread is what the history shows (by its median deviation) and what chance alone does to a share of so many
    units. The share that chance is reckoned with is drawn towards a half by four units: without that, a history of
    nothing but 100 % would leave no room for a single bad row.
    """
    medians = np.median(histories, axis=1)
    deviations = 1.4826 * np.median(np.abs(histories - medians[:, None]), axis=1)
    expected = (histories.mean(axis=1) * units + 2) / (units + 4)
    chance = np.sqrt(expected * (1 - expected) / units)
    found: Shares = np.abs(shares - medians) / np.sqrt(deviations**2 + chance**2)
    return found


def _median(history: Sequence[Fraction]) -> Fraction:
    ordered = sorted(history)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _units(card: Scorecard, measures: Sequence[Measure]) -> int:
    """How many units' worth of chance there is in a dimension's score: its rows, or fewer if few have the values.

    A rule about the table as a whole (one unit) leaves nothing to chance and is not counted.
    """
    counted = [(m.weight, m.units) for m in measures if m.units > 1]
    if not counted:
        return card.rows
    spread = sum(weight**2 / units for weight, units in counted)
    return min(card.rows, int(sum(weight for weight, _ in counted) ** 2 / spread))


def _of_mean(card: Scorecard, units: Sequence[int]) -> int:
    """The same for the mean of the dimensions."""
    return min(card.rows, int(len(units) ** 2 / sum(1 / max(n, 1) for n in units)))
