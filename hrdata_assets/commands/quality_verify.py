"""Scores reckoned again from what is stored: archived reports for staged tables, staged tables for core."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from hrdata_assets.commands.scorecards import in_order, table_of
from hrdata_assets.defs.core import core_group
from hrdata_assets.defs.loading import NOTHING, empty_load
from hrdata_assets.defs.staged import read_and_judge
from hrdata_assets.defs.terms import terms_of
from hrdata_assets.errors import DeliveryError
from hrdata_assets.quality.judge import ROWS_EXPECTED
from hrdata_assets.storage.archive import Archived
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.partitions import open_site
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.publish import overall_score
from hrdata_assets.storage.scores import ScoredLoad, scored_loads
from hrdata_assets.storage.selections import asset_key, build, claim_group
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table
from hrdata_assets.verdict import Scorecard

AGREES, DIFFERS = "agrees", "differs"
OTHERWISE = "declared otherwise then"
OTHER_INPUTS = "made from other deliveries then"

Cards = Sequence[Scorecard]


@dataclass(frozen=True)
class Verdict:
    """What became of one load when it was reckoned again."""

    asset: str
    quarter: str
    outcome: str
    differences: tuple[str, ...] = ()

    def as_row(self) -> dict[str, object]:
        """For a table or JSON."""
        told = "; ".join(self.differences)
        return {"asset": self.asset, "quarter": self.quarter, "outcome": self.outcome, "differences": told}


def verified(warehouse: Warehouse, quarter: str) -> Iterator[Verdict]:
    """Reckon every published staged and core load of a quarter again. Nothing stored is changed."""
    with warehouse.connect(f"verify {quarter}") as connection:
        loads = [load for load in in_order(scored_loads(connection, [quarter])) if not load.held]
    for load in loads:
        table = table_of(load.asset)
        if table is not None and table.layer == "staged":
            yield _staged(warehouse, load, table)
    yield from _core(warehouse, quarter, {load.asset: load for load in loads if load.asset.startswith("core/")})


def told_apart(found: Sequence[Verdict]) -> Iterator[str]:
    """Sentences for people: which loads could not be reckoned again, and how many agree."""
    for quarter in dict.fromkeys(verdict.quarter for verdict in found):
        for outcome in (OTHERWISE, OTHER_INPUTS):
            assets = [v.asset for v in found if (v.quarter, v.outcome) == (quarter, outcome)]
            if assets:
                yield f"{quarter}, {outcome} ({len(assets)}): {', '.join(assets)}"
    counted = Counter(verdict.outcome for verdict in found)
    yield f"{counted[AGREES]} of {len(found)} loads agree, {counted[DIFFERS]} differ"


def _staged(warehouse: Warehouse, load: ScoredLoad, table: Table) -> Verdict:
    if load.delivery == NOTHING.short:
        return _compared(load, empty_load(table).cards)
    place = Place(load.asset, load.quarter, "")
    with warehouse.connect(f"verify {load.quarter}") as connection:
        terms = terms_of(connection, warehouse, place, table, load.delivery)
        report = _report(connection, warehouse, load, table)
    if load.contract != terms.contract:
        return _of_another_declaration(load, OTHERWISE)
    # How many rows there should be stands in the file of limits, which may have changed since.
    apart = frozenset() if load.policy == terms.limits.policy else frozenset({ROWS_EXPECTED})
    try:
        return _compared(load, read_and_judge(place, table, report, terms).cards, apart)
    except DeliveryError as error:
        return Verdict(load.asset, load.quarter, DIFFERS, (str(error),))


def _report(connection: Connection, warehouse: Warehouse, load: ScoredLoad, table: Table) -> Archived:
    row = connection.execute(
        "select file_name, sha256 from ops.deliveries where asset_key = %s and partition_key = %s and delivery = %s",
        (f"raw/{table.name}", load.quarter, load.delivery),
    ).fetchone()
    # A delivery that the ledger does not know is one that the archive does not have: reading it says so.
    file_name, sha256 = row or (f"{table.origin}.csv", load.delivery)
    return Archived(file_name, sha256, warehouse.archive)


def _core(warehouse: Warehouse, quarter: str, loads: Mapping[str, ScoredLoad]) -> Iterator[Verdict]:
    """Build the quarter's core tables aside once more, count, and take everything back."""
    if not loads:
        return
    with warehouse.connect(f"verify {quarter}") as connection:
        group = core_group(connection, warehouse, quarter, str(uuid.uuid4()))
        contracts = {asset_key(step.table): step.contract for step in group.steps}
        same = {a: x for a, x in loads.items() if x.delivery == group.inputs and x.contract == contracts.get(a)}
        cards = {}
        if same:
            claim_group(connection, group)
            built = build(connection, open_site(connection, "_verify"), group, {})
            cards = {asset_key(b.table): b.cards for b in built}
            connection.rollback()
    for asset, load in loads.items():
        if asset in same:
            yield _compared(load, cards[asset])
        else:
            why = OTHERWISE if load.contract != contracts.get(asset) else OTHER_INPUTS
            yield _of_another_declaration(load, why)


def _of_another_declaration(load: ScoredLoad, why: str) -> Verdict:
    """A load that cannot be reckoned again; its score must be that of its own counts all the same."""
    differences = tuple(_score_of_own_counts(load))
    return Verdict(load.asset, load.quarter, DIFFERS if differences else why, differences)


def _compared(load: ScoredLoad, cards: Cards, apart: Set[str] = frozenset()) -> Verdict:
    """Compare what was counted then and now, but for the rules ``apart``."""
    stored, now = _counts((load.received, load.published), apart), _counts(cards, apart)
    if any(stored[place][0] != now[place][0] for place in stored.keys() & now.keys()):
        return _of_another_declaration(load, OTHERWISE)
    nothing = ("", 0, 0)
    differences = [
        f"{rule} ({point}): {_told(stored.get((point, rule), nothing))} stored, "
        f"{_told(now.get((point, rule), nothing))} now"
        for point, rule in sorted(stored.keys() | now.keys())
        if stored.get((point, rule)) != now.get((point, rule))
    ]
    differences += _score_of_own_counts(load)
    return Verdict(load.asset, load.quarter, DIFFERS if differences else AGREES, tuple(differences))


def _score_of_own_counts(load: ScoredLoad) -> Iterator[str]:
    score = overall_score((load.received, load.published))
    if load.score != score:
        yield f"score: {load.score} stored, {score} by its own counts"


def _counts(cards: Cards, apart: Set[str]) -> dict[tuple[str, str], tuple[str, int, int]]:
    """Version, units and passed by point and rule, the table-wide counts among them."""
    counts: dict[tuple[str, str], tuple[str, int, int]] = {}
    for card in cards:
        counts |= {(card.point, m.rule): (m.version, m.units, m.passed) for m in card.measures if m.rule not in apart}
        counts[card.point, "cells"] = ("", card.cells, card.cells - card.missing)
        counts[card.point, "keys"] = ("", card.keyed, card.keyed - card.surplus)
        counts[card.point, "rows_kept"] = ("", card.rows, card.rows - card.set_aside)
    return counts


def _told(count: tuple[str, int, int]) -> str:
    _, units, passed = count
    return f"{passed} of {units}"
