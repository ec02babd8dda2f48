"""Pulling a system: its objects one beside the other, as many as it has sessions for."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass

from hrdata_assets.errors import HRDataError
from hrdata_assets.faults import fault
from hrdata_assets.settings import Settings
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.sync.engine import Order, Outcome, sync
from hrdata_assets.systems.configuration import SystemSettings
from hrdata_assets.systems.registry import open_system
from hrdata_assets.systems.system import Keep, System
from hrdata_assets.table import Table


@dataclass(frozen=True)
class Pulled:
    """What became of one object: an outcome, or what stopped it."""

    table: Table
    outcome: Outcome | None = None
    error: HRDataError | None = None


def keep_pages(warehouse: Warehouse) -> Keep:
    """Archive every page below ``systems/``, by system, object and day."""
    archive = warehouse.archive.within("systems")

    def keep(delivery: Delivery) -> None:
        archive.within(delivery.file_name).keep(delivery)
        fault("after_archive", delivery.file_name)

    return keep


@contextmanager
def opened(
    warehouse: Warehouse, settings: Settings, systems: SystemSettings, name: str, keep: Keep | None = None
) -> Iterator[System]:
    """A configured system for the length of a block. SetupError names the variables that are missing.

    ``keep`` is done with every page in place of archiving it.
    """
    system = open_system(name, systems, settings.home, keep or keep_pages(warehouse))
    with system.client:
        yield system


def pull(
    warehouse: Warehouse, system: System, orders: Sequence[tuple[Table, Order]], run_id: str,
    told: Callable[[Pulled], None] | None = None,
) -> list[Pulled]:  # fmt: skip
    """Sync several objects; one that fails stops none of the others. ``told`` hears of each as it ends."""
    with ThreadPoolExecutor(min(system.sessions, max(len(orders), 1)), "sync") as threads:
        running: dict[Future[Outcome], Table] = {
            threads.submit(sync, warehouse, system.twin(), table, order, run_id): table for table, order in orders
        }
        done = []
        for future in as_completed(running):
            pulled = _pulled(running[future], future)
            if told is not None:
                told(pulled)
            done.append(pulled)
    order_of = [table for table, _ in orders]
    return sorted(done, key=lambda pulled: order_of.index(pulled.table))


def _pulled(table: Table, future: "Future[Outcome]") -> Pulled:
    try:
        return Pulled(table, future.result())
    except HRDataError as error:
        return Pulled(table, error=error)
