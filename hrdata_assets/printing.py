"""Tables that a person can read, and JSON for a program, on standard output."""

import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table

NUMBERS = (int, float)


def _console() -> Console:
    # A pipe has no width: nothing may be cut for it. What stands in brackets or between colons is text, not style.
    width = None if sys.stdout.isatty() else 200
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True, width=width)


def announce(text: str) -> None:
    """Print one line."""
    _console().print(text)


def print_json(thing: object) -> None:
    """Print JSON, indented."""
    sys.stdout.write(json.dumps(thing, indent=2, ensure_ascii=False, default=str) + "\n")


def print_table(
    title: str, rows: Sequence[Mapping[str, object]], *, empty: str = "", columns: Mapping[str, str] | None = None
) -> None:
    """Print rows under their names; numbers to the right; a sentence instead of an empty table.

    ``columns`` picks and renames: JSON has them all, a terminal is narrow.
    """
    if not rows:
        announce(f"{title}: {empty}")
        return
    if columns is not None:
        rows = [{shown: row[name] for name, shown in columns.items()} for row in rows]
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in rows[0]:
        numeric = all(isinstance(row[name], NUMBERS) and not isinstance(row[name], bool) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    _console().print(table)


def print_kpis(quarter: str, values: Mapping[str, Mapping[str, object]]) -> None:
    """Print one quarter's KPIs."""
    rows = [
        {"KPI": kpi, "value": kpi_value(found["value"]), "detail": kpi_detail(found["detail"])}
        for kpi, found in values.items()
    ]
    print_table(f"KPIs {quarter}", rows)


def kpi_value(value: object) -> str:
    """Show a KPI's value as people read it."""
    if not isinstance(value, int | float | Decimal):
        return "not measured"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def kpi_detail(detail: object) -> str:
    """Show a KPI's detail in one line."""
    if isinstance(detail, list):
        return ", ".join(f"{row['rank']}. {row['technology']} ({row['cvs']})" for row in detail)
    if isinstance(detail, dict) and "compared_with" in detail:
        return f"against {detail['compared_with']}" if detail["compared_with"] else "no earlier quarter"
    return "" if detail is None else json.dumps(detail)


def _text(value: object) -> str:
    if value is None:
        return ""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
