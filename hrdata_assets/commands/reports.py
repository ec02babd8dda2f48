"""`hrdata pull flowcase`: a quarter's reports, ordered from the system that makes them and landed as a folder."""

import logging
from typing import TYPE_CHECKING

import typer

from hrdata_assets.commands.installation import own_name, show_log
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings

if TYPE_CHECKING:
    from hrdata_assets.systems.flowcase.pulling import PulledQuarter


def pull_reports(system: str, quarter: str | None, *, replace: bool, as_json: bool) -> None:
    """Land the reports, and say which of them are new. Exit code 1 if one cannot be had; the others are landed."""
    from hrdata_assets.systems.configuration import load_system_settings
    from hrdata_assets.systems.flowcase.pulling import quarter_meant
    from hrdata_assets.systems.registry import REPORTING

    settings = load_settings()
    show_log(logging.DEBUG if settings.debug else logging.WARNING)
    pull = REPORTING[system].pull
    pulled = pull(settings, load_system_settings(), quarter_meant(quarter), replace=replace)
    if as_json:
        print_json(_told(pulled))
    else:
        _show(pulled)
    if pulled.failed:
        raise typer.Exit(1)


def _told(pulled: "PulledQuarter") -> dict[str, object]:
    return {
        "quarter": pulled.quarter.key,
        "folder": str(pulled.folder),
        "reports": list(pulled.reports),
        "changed": list(pulled.changed),
        "failed": {report: str(error) for report, error in pulled.failed.items()},
        "warnings": list(pulled.warnings),
        "calls": pulled.calls,
        "throttled": pulled.throttled,
    }


def _show(pulled: "PulledQuarter") -> None:
    rows = [{"report": r, "told": "new" if r in pulled.changed else "as before"} for r in pulled.reports]
    print_table(f"{pulled.folder}", rows, empty="no report")
    for warning in pulled.warnings:
        announce(f"Mind: {warning}")
    for report, error in pulled.failed.items():
        announce(f"FAILED {report}: {error}")
    if pulled.changed:
        announce(f"The UI loads it once it has settled; without it: {own_name()} run --quarter {pulled.quarter.folder}")
