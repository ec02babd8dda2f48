"""The demo's systems: each fake is served while it is pulled from, and what came is brought to core."""

from collections.abc import Iterator
from typing import Any

from hrdata_assets.commands.installation import warehouse_of
from hrdata_assets.settings import Settings

PEOPLE = 300
"""A third of them are the reports' people."""

COLUMNS = {n: n for n in ("system", "object", "kind", "read", "duplicate", "set_aside")}
COLUMNS |= {"source": "in source", "here": "here or set aside"}


def pull_from_fakes(settings: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    """Pull everything from every fake; a line per object, and the systems left alone, for they are configured."""
    from hrdata_assets.sync.unifying import unify
    from hrdata_assets.systems.configuration import load_system_settings
    from hrdata_assets.systems.fakes.known import FAKES
    from hrdata_assets.systems.origins import origins
    from hrdata_assets.systems.registry import entry

    lines: list[dict[str, Any]] = []
    real = [name for name in FAKES if not entry(name).lacking(load_system_settings())]
    for name in FAKES:
        if name not in real:
            lines += _pulled(settings, name)
            for origin in origins(name):
                unify(warehouse_of(settings), origin, "demo")
    return lines, real


def _pulled(settings: Settings, name: str) -> Iterator[dict[str, Any]]:
    from hrdata_assets.sync.engine import Order
    from hrdata_assets.sync.pulling import opened, pull
    from hrdata_assets.systems.configuration import SystemSettings
    from hrdata_assets.systems.fakes.known import FAKES
    from hrdata_assets.systems.fakes.serving import serving
    from hrdata_assets.systems.system import short_name

    fake, warehouse = FAKES[name](people=PEOPLE, seed=1), warehouse_of(settings)
    # Tokens of a fake are no tokens of the system.
    away = settings.model_copy(update={"home": settings.home / "demo"})
    with serving(fake) as url:
        variables = SystemSettings(**fake.variables(url))
        with opened(warehouse, away, variables, name) as system:
            for pulled in pull(warehouse, system, [(row.table, Order()) for row in system.rows], "demo"):
                if pulled.error is not None:
                    raise pulled.error
                outcome = pulled.outcome
                assert outcome is not None  # noqa: S101 - it is one or the other
                counts = outcome.counts
                yield {
                    "system": name,
                    "object": short_name(type(system), pulled.table),
                    "kind": outcome.kind,
                    "read": counts.read,
                    "changed": counts.inserted + counts.updated + counts.removed,
                    "duplicate": counts.duplicate,
                    "set_aside": counts.set_aside,
                    "source": outcome.source_total,
                    "here": outcome.own_total,
                }
