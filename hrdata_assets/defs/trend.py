"""A picture of KPIs over all loaded quarters, drawn as SVG and shown inside markdown."""

import base64
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT, PER_ROW = 300, 120, 3
_LEFT, _RIGHT, _TOP, _BOTTOM = 14, 14, 34, 22

Series = Sequence[tuple[str, float]]


def trend_svg(series: Mapping[str, Series]) -> str:
    """One small line chart per KPI, each over its own quarters and on its own scale."""
    panels = [
        f'<g transform="translate({(i % PER_ROW) * WIDTH},{(i // PER_ROW) * HEIGHT})">{_panel(name, points)}</g>'
        for i, (name, points) in enumerate(series.items())
    ]
    rows = -(-len(panels) // PER_ROW) or 1
    width, height = WIDTH * PER_ROW, HEIGHT * rows
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif"><rect width="{width}" height="{height}" fill="#ffffff"/>{"".join(panels)}</svg>'
    )


def trend_markdown(series: Mapping[str, Series]) -> str:
    """The picture as a markdown image that carries its own data."""
    data = base64.b64encode(trend_svg(series).encode()).decode()
    return f"![KPIs by quarter](data:image/svg+xml;base64,{data})"


def _panel(name: str, points: Series) -> str:
    title = f'<text x="{_LEFT}" y="16" font-size="12" fill="#333333">{escape(name.replace("_", " "))}</text>'
    if not points:
        return title + f'<text x="{_LEFT}" y="60" font-size="11" fill="#888888">not measured</text>'
    places = _places([value for _, value in points])
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#4f43dd"/>' for x, y in places)
    (first, _), (last, value) = points[0], points[-1]
    return (
        f'{title}<polyline points="{line}" fill="none" stroke="#4f43dd" stroke-width="2"/>{dots}'
        f'<text x="{WIDTH - _RIGHT}" y="16" font-size="12" text-anchor="end" fill="#111111">'
        f"{_short(value)}</text>"
        f'<text x="{_LEFT}" y="{HEIGHT - 6}" font-size="10" fill="#888888">{escape(first)}</text>'
        f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 6}" font-size="10" text-anchor="end" fill="#888888">'
        f"{escape(last)}</text>"
    )


def sparkline(values: Sequence[float]) -> str:
    """The same course in one line of text, one block a quarter."""
    blocks = "▁▂▃▄▅▆▇█"
    low, high = min(values, default=0.0), max(values, default=0.0)
    if high == low:
        return blocks[3] * len(values)
    return "".join(blocks[round((v - low) / (high - low) * (len(blocks) - 1))] for v in values)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"


def _places(values: Sequence[float]) -> list[tuple[float, float]]:
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    step = (WIDTH - _LEFT - _RIGHT) / max(len(values) - 1, 1)
    tall = HEIGHT - _TOP - _BOTTOM
    flat = high == low
    return [
        (_LEFT + i * step, _TOP + (tall / 2 if flat else tall - tall * (v - low) / spread))
        for i, v in enumerate(values)
    ]
