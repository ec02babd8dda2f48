"""The quality page: one HTML file that needs nothing else, about one quarter and the course that led to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape

from hrdata_assets.commands.quality_style import STYLE
from hrdata_assets.commands.scorecards import LAYERS, Declared, drifts_of, in_order, share
from hrdata_assets.quality.drift import Drift
from hrdata_assets.quality.gates import Limits
from hrdata_assets.rule import Dimension
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.scores import ScoredLoad, scored_loads
from hrdata_assets.verdict import Measure

MOST_RULES = 12
"""Broken rules, and kinds of dead letters, that are listed; the others are counted."""

Course = Mapping[str, Sequence[tuple[str, float]]]


@dataclass(frozen=True)
class Letters:
    """Open dead letters of one table for one rule. A row that breaks two rules counts for both."""

    asset: str
    rule: str
    stage: str
    count: int


@dataclass(frozen=True)
class Page:
    """What the page tells of a quarter: counts, rules and tables, never a value of a row."""

    quarter: str
    today: Declared
    loads: Sequence[ScoredLoad]
    course: Course
    drift: Sequence[tuple[str, Drift]]
    letters: Sequence[Letters]
    kept_out: int
    as_of: str

    @property
    def published(self) -> list[ScoredLoad]:
        """Loads that readers see."""
        return [load for load in self.loads if not load.held]

    @property
    def held(self) -> list[ScoredLoad]:
        """Loads that wait outside."""
        return [load for load in self.loads if load.held]


def page(connection: Connection, quarter: str, today: Declared) -> str:
    """Everything about a quarter's quality, as HTML."""
    return "\n".join(_html(_gathered(connection, quarter, today)))


def _gathered(connection: Connection, quarter: str, today: Declared) -> Page:
    loads = in_order(scored_loads(connection, [quarter]))
    course: dict[str, list[tuple[str, float]]] = {}
    for asset, when, score in connection.execute(
        "select asset, quarter, received from marts.quality where dimension = 'overall' and received is not null"
        " and quarter <= %s order by quarter",
        (quarter,),
    ):
        course.setdefault(asset, []).append((when, float(score)))
    letters = connection.execute(
        "select asset_key, coalesce(reason ->> 'rule', ''), stage, count(*) from ops.dead_letters,"
        " jsonb_array_elements(reasons) reason where status = 'open' and partition_key = %s"
        " group by 1, 2, 3 order by 4 desc, 1, 2",
        (quarter,),
    ).fetchall()
    told = connection.execute(
        "select (select count(*) from ops.dead_letters where status = 'open' and partition_key = %s),"
        " to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI')",
        (quarter,),
    ).fetchone()
    kept_out, as_of = told or (0, "")
    drift = [(load.asset, d) for load in loads if not load.held for d in drifts_of(connection, load) if d.warns]
    return Page(quarter, today, loads, course, drift, [Letters(*row) for row in letters], kept_out, as_of)


def _html(found: Page) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Data quality {escape(found.quarter)}</title><style>{STYLE}</style></head><body><main>"
    yield f"<h1>Data quality {escape(found.quarter)}</h1>"
    yield f'<p class="soft">Scores of what was received, as of {escape(found.as_of)} UTC. Counts only, no values.</p>'
    yield from _tiles(found)
    yield from _attention(found)
    yield from _worst_rules(found)
    for layer in LAYERS:
        yield from _layer(found, layer)
    yield from _letters(found)
    yield from _key()
    yield "</main></body></html>\n"


def _tiles(found: Page) -> Iterator[str]:
    scored = [load for load in found.published if load.received.overall is not None]
    lowest = min(scored, key=lambda load: load.received.overall or 0, default=None)
    rows = sum(load.received.rows for load in found.published if load.asset.startswith("staged/"))
    yield '<div class="tiles">'
    yield _tile(f"{len(found.published)}", "tables published")
    yield _tile(f"{rows:,}", "rows received in reports")
    if lowest is not None:
        yield _tile(share(lowest.received.overall), f"lowest score: {lowest.asset.partition('/')[2]}")
    yield _tile(f"{len(found.held)}", "held back", "bad" if found.held else "")
    yield _tile(f"{found.kept_out:,}", "rows kept out (open dead letters)", "low" if found.kept_out else "")
    yield _tile(f"{len(found.drift)}", "scores off their course", "low" if found.drift else "")
    yield "</div>"


def _tile(number: str, text: str, mood: str = "") -> str:
    return f'<div class="tile {mood}"><b>{escape(number)}</b><span>{escape(text)}</span></div>'


def _attention(found: Page) -> Iterator[str]:
    yield "<h2>Needs a look</h2>"
    for load in found.held:
        yield _note("bad", load.asset, f"is held, what was published before stays: {load.reason or 'a gate failed'}")
    released = [load for load in found.published if load.reason]
    for load in released:
        yield _note("low", load.asset, f"is published although a gate failed: {load.reason}")
    for asset, drift in found.drift:
        yield _note("low", asset, drift.sentence)
    below = list(_below(found))
    for dimension, sentence in below:
        yield _note("low", dimension.value, sentence)
    if not (found.held or released or found.drift or below):
        yield _note("", "nothing", "no table is held, every dimension is above its floor, no score left its course.")


def _below(found: Page) -> Iterator[tuple[Dimension, str]]:
    """Dimensions that are below their floors, with the table that is farthest down."""
    for dimension in Dimension:
        under = [
            (score, load.asset)
            for load in found.published
            if (score := load.received.dimension(dimension)) is not None
            and score < found.today.limits(load.asset).floors[dimension]
        ]
        if under:
            score, asset = min(under)
            tables = "one table" if len(under) == 1 else f"{len(under)} tables, lowest"
            floor = share(found.today.limits(asset).floors[dimension])
            yield dimension, f"is below its floor in {tables}: {asset}, {share(score)}, floor {floor}"


def _note(mood: str, about: str, text: str) -> str:
    return f'<div class="card note {mood}"><b>{escape(about)}</b> <span class="soft">{escape(text)}</span></div>'


def _worst_rules(found: Page) -> Iterator[str]:
    yield "<h2>Rules broken, worst first</h2>"
    broken = [
        (measure, load)
        for load in found.loads
        for measure in load.received.measures
        if measure.units and measure.passed < measure.units
    ]
    broken.sort(key=lambda pair: (pair[0].score or 0, -pair[0].units, pair[1].asset, pair[0].rule))
    if not broken:
        yield _note("", "none", "every rule holds for every row.")
        return
    yield '<div class="card"><table><tr><th>rule</th><th>table</th><th>dimension</th><th class="n">passed</th>'
    yield '<th></th><th class="n">broken</th><th class="n">of</th></tr>'
    for measure, load in broken[:MOST_RULES]:
        yield _broken_rule(measure, load, found.today.meaning(load.asset, measure.rule))
    yield "</table></div>"
    if len(broken) > MOST_RULES:
        yield f'<p class="soft">and {len(broken) - MOST_RULES} more: hrdata quality TABLE lists every rule.</p>'


def _broken_rule(measure: Measure, load: ScoredLoad, meaning: str) -> str:
    score = measure.score or Fraction(0)
    return (
        f'<tr><td><code>{escape(measure.rule)}</code><br><span class="soft">{escape(meaning)}</span></td>'
        f"<td>{_name(load)}</td><td>{escape(measure.dimension.value)}</td>"
        f'<td class="n">{share(score)} %</td>'
        f'<td><div class="bar"><i style="width:{float(score) * 100:.1f}%"></i></div></td>'
        f'<td class="n">{measure.units - measure.passed:,}</td><td class="n">{measure.units:,}</td></tr>'
    )


def _layer(found: Page, layer: str) -> Iterator[str]:
    loads = [load for load in found.loads if load.asset.startswith(f"{layer}/")]
    if not loads:
        return
    shown = [d for d in Dimension if any(d in load.received.dimensions for load in loads)]
    perfect = all(load.received.overall in (None, 1) and not load.held for load in loads)
    yield f"<h2>{escape(layer)}</h2>"
    yield f'<details class="card" {"" if perfect else "open"}><summary>{_summary(loads, perfect=perfect)}</summary>'
    yield '<table><tr><th>table</th><th>trend</th><th class="s">score</th>'
    yield "".join(f'<th class="s">{escape(d.value)}</th>' for d in shown)
    yield '<th class="n">rows</th><th class="n">rules</th><th class="n">measured</th></tr>'
    for load in loads:
        course = () if load.held else found.course.get(load.asset, ())
        yield _table_row(load, shown, course, found.today.limits(load.asset))
    yield "</table></details>"


def _summary(loads: Sequence[ScoredLoad], *, perfect: bool) -> str:
    count = len({load.asset for load in loads})
    tables = f"{count} table{'s' if count > 1 else ''}"
    return f"{tables}, every score 100" if perfect else tables


def _table_row(
    load: ScoredLoad, shown: Sequence[Dimension], course: Sequence[tuple[str, float]], limits: Limits
) -> str:
    # Nobody sees what is held: it has no second score.
    received, published = load.received, load.received if load.held else load.published
    cells = [_score(received.overall, published.overall, limits.overall)]
    cells += [_score(received.dimension(d), published.dimension(d), limits.floors[d]) for d in shown]
    ran = sum(1 for measure in received.measures if measure.units)
    return (
        f"<tr><td>{_name(load)}</td><td>{trend(course)}</td>{''.join(cells)}"
        f'<td class="n">{received.rows:,}</td><td class="n">{ran}</td>'
        f'<td class="n">{len(received.dimensions)} of {len(Dimension)}</td></tr>'
    )


def _name(load: ScoredLoad) -> str:
    held = ' <span class="badge">held</span>' if load.held else ""
    return f"<code>{escape(load.asset.partition('/')[2])}</code>{held}"


def _score(received: Fraction | None, published: Fraction | None, floor: Fraction) -> str:
    if received is None:
        return '<td class="s none" title="not measured"><span>–</span></td>'
    mood = "full" if received == 1 else "good" if received >= floor else "under"
    later = "" if published is None or share(published) == share(received) else share(published)
    after = f"<small>→ {later}</small>" if later else ""
    return f'<td class="s {mood}" title="floor {share(floor)}"><span>{share(received)}{after}</span></td>'


def trend(course: Sequence[tuple[str, float]]) -> str:
    """A table's overall score over the quarters as a small line; its scale spans five points at least."""
    width, height, edge = 90, 26, 4
    if not course:
        return ""
    values = [value for _, value in course]
    low = max(0.0, min(min(values), max(values) - 0.05))
    step = (width - 2 * edge) / max(len(values) - 1, 1)
    reach = (height - 2 * edge) / ((max(values) - low) or 1.0)
    places = [(edge + i * step, edge + (max(values) - value) * reach) for i, value in enumerate(values)]
    if len(places) == 1:
        places = [(width - edge, places[0][1])]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    told = ", ".join(f"{quarter} {value * 100:.2f}" for quarter, value in course)
    x, y = places[-1]
    return (
        f'<svg class="trend" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">'
        f"<title>{escape(told)}</title>"
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.8" fill="currentColor"/></svg>'
    )


def _letters(found: Page) -> Iterator[str]:
    yield "<h2>Open dead letters by rule</h2>"
    if not found.letters:
        yield _note("", "none", "no row of this quarter waits to be put right.")
        return
    yield '<div class="card"><table><tr><th>table</th><th>rule</th><th>stage</th><th class="n">rows</th></tr>'
    for letters in found.letters[:MOST_RULES]:
        yield (
            f"<tr><td><code>{escape(letters.asset)}</code></td><td><code>{escape(letters.rule)}</code></td>"
            f'<td>{escape(letters.stage)}</td><td class="n">{letters.count:,}</td></tr>'
        )
    yield "</table></div>"
    rest = sum(letters.count for letters in found.letters[MOST_RULES:])
    if rest:
        yield f'<p class="soft">and {rest:,} more for other rules.</p>'
    yield '<p class="soft">A row that breaks two rules is counted under both.</p>'


def _key() -> Iterator[str]:
    yield "<h2>How to read this</h2>"
    yield '<p class="key"><span class="full"><span>100</span></span>'
    yield '<span class="good"><span>at or above its floor</span></span>'
    yield '<span class="under"><span>below its floor</span></span>'
    yield '<span class="none"><span>– not measured</span></span></p>'
    yield (
        '<p class="soft">A score is the share of values that pass, in percent; 100 only where all of them do. A'
        " dimension is the mean of its rules by weight, the overall score the mean of the dimensions; what is not"
        " measured is left out. The small number behind an arrow is the score of what was published, after bad rows"
        " were set aside. Point at a score to see its floor.</p>"
    )
