"""Records brought into the warehouse: synced to staged as always, then to core's table of their kind."""

from collections.abc import Mapping
from typing import Any

from hrdata_assets.exchange.order import Transferred
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.engine import Order, sync
from hrdata_assets.sync.unifying import unify
from hrdata_assets.systems.origins import origins
from hrdata_assets.systems.system import System
from hrdata_assets.table import Table


def bring(warehouse: Warehouse, system: System, table: Table, options: Mapping[str, Any], run_id: str) -> Transferred:
    """Sync a table and bring core up to it."""
    order = Order(
        full=options.get("full", False), mode=options.get("cursor_mode"), where=tuple(options.get("where", ()))
    )
    outcome = sync(warehouse, system, table, order, run_id)
    unified = [unify(warehouse, origin, run_id) for origin in origins(system.name) if origin.staged == table]
    stored = outcome.counts.inserted + outcome.counts.updated
    made = sum(one.counts.read - one.counts.set_aside for one in unified)
    return Transferred(
        read=outcome.counts.read,
        formatted=made,
        written=stored,
        created=outcome.counts.inserted,
        unchanged=outcome.counts.unchanged + outcome.counts.duplicate,
        failed=outcome.counts.set_aside + sum(one.counts.set_aside for one in unified),
        cursor=outcome.cursor_after,
    )
