"""Two quarters side by side: what each table scored, and which rules' shares changed most."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from hrdata_assets.commands.scorecards import share
from hrdata_assets.rule import Dimension
from hrdata_assets.storage.scores import ScoredLoad
from hrdata_assets.verdict import Measure, Scorecard

MOST_RULES = 10
"""Rules that are shown, those with the greatest change first."""

Rows = list[dict[str, object]]
Quarters = tuple[str, str]


def changed_scores(one: Sequence[ScoredLoad], other: Sequence[ScoredLoad], quarters: Quarters, *, every: bool) -> Rows:
    """Scores of what was received, by table and dimension, the table that changed most first.

    Those that are the same are among them only if ``every`` one is wanted.
    """
    rows = []
    for first, second in sorted(_pairs(one, other), key=_greatest_change, reverse=True):
        for name, before, after in _scores(first.received, second.received):
            if every or before != after:
                rows.append(_row({"table": first.asset.replace("/", "."), "score": name}, quarters, before, after))
    return rows


def changed_rules(one: Sequence[ScoredLoad], other: Sequence[ScoredLoad], quarters: Quarters) -> Rows:
    """Rules whose share of good values changed, the greatest change first."""
    changes = [
        (abs(after - before), first.asset, then, now)
        for first, second in _pairs(one, other)
        for then, now in _measures(first.received, second.received)
        if (before := then.score) is not None and (after := now.score) is not None and before != after
    ]
    changes.sort(key=lambda change: (-change[0], change[1], change[2].rule))
    return [
        _row({"table": asset.replace("/", "."), "rule": then.rule}, quarters, then.score, now.score)
        | {f"broken {quarters[0]}": then.units - then.passed, f"broken {quarters[1]}": now.units - now.passed}
        for _, asset, then, now in changes[:MOST_RULES]
    ]


def unmatched(one: Sequence[ScoredLoad], other: Sequence[ScoredLoad], quarters: Quarters) -> Iterator[str]:
    """Sentences about tables that are published in one of the quarters only."""
    found = [{load.asset for load in loads if not load.held} for loads in (one, other)]
    for quarter, lacking in zip(quarters, (found[1] - found[0], found[0] - found[1]), strict=True):
        if lacking:
            yield f"not published in {quarter}: {', '.join(sorted(lacking))}"


def _pairs(one: Sequence[ScoredLoad], other: Sequence[ScoredLoad]) -> Iterator[tuple[ScoredLoad, ScoredLoad]]:
    second = {load.asset: load for load in other if not load.held}
    return ((load, second[load.asset]) for load in one if not load.held and load.asset in second)


def _scores(first: Scorecard, second: Scorecard) -> Iterator[tuple[str, Fraction | None, Fraction | None]]:
    yield "overall", first.overall, second.overall
    for dimension in Dimension:
        before, after = first.dimension(dimension), second.dimension(dimension)
        if before is not None or after is not None:
            yield dimension.value, before, after


def _greatest_change(pair: tuple[ScoredLoad, ScoredLoad]) -> Fraction:
    scores = _scores(pair[0].received, pair[1].received)
    changes = [abs(after - before) for _, before, after in scores if before is not None and after is not None]
    return max(changes, default=Fraction(0))


def _measures(first: Scorecard, second: Scorecard) -> Iterator[tuple[Measure, Measure]]:
    later = {measure.rule: measure for measure in second.measures}
    return ((measure, later[measure.rule]) for measure in first.measures if measure.rule in later)


def _row(
    about: dict[str, object], quarters: Quarters, before: Fraction | None, after: Fraction | None
) -> dict[str, object]:
    points = "" if before is None or after is None else f"{float(after - before) * 100:+.2f}"
    return about | {quarters[0]: share(before), quarters[1]: share(after), "points": points}
