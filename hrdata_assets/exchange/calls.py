"""`pull_jobs`, `pull_profiles`, `push_jobs`, `push_profiles`: what a person writes to move records.

``pull_profiles("bullhorn")`` brings what changed into the warehouse; ``push_profiles("hubspot")`` takes what holds
there to a system; with two systems either moves from the one to the other, and the warehouse stores nothing of it but
what was written where.
"""

import getpass
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypedDict

from typing_extensions import Unpack

from hrdata_assets.catalogue import stored_tables
from hrdata_assets.errors import SetupError
from hrdata_assets.exchange.bringing import bring
from hrdata_assets.exchange.ends import object_of, tables_of
from hrdata_assets.exchange.order import WAREHOUSE, Transfer, Transferred
from hrdata_assets.exchange.transfer import Ends, transfer
from hrdata_assets.query import Condition
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.warehouse import Warehouse, open_warehouse
from hrdata_assets.sync.pulling import opened
from hrdata_assets.systems.configuration import load_system_settings
from hrdata_assets.systems.formatting import formatter_between, stored_formatter
from hrdata_assets.systems.registry import entry
from hrdata_assets.systems.system import Keep, System
from hrdata_assets.table import CursorMode, Row
from hrdata_assets.unified.code_formatter import formatter_named
from hrdata_assets.unified.formatter import Formatter
from hrdata_assets.unified.records import UnifiedJob, UnifiedProfile

OWN_WAY = frozenset({"having", "format_fn", "formatter_id", "dry_run"})
"""What goes another way into the warehouse than a pull: past staged, straight into core's table."""


class Options(TypedDict, total=False):
    """What a move may be told beside its ends.

    ``where`` conditions are asked of the origin, ``having`` of its rows; ``format_fn`` is a formatter or the name of
    one that is written in code, ``formatter_id`` one that is stored (``formatter_version`` an older one of it); without
    either it goes by way of the unified model. ``source`` and ``object`` name the objects at both ends where a system
    has several; ``external`` the column by which the target knows a record again.
    """

    where: Sequence[Condition]
    having: Sequence[Condition]
    cursor_mode: CursorMode
    format_fn: Formatter | str
    formatter_id: str
    formatter_version: int
    batch_size: int
    full: bool
    dry_run: bool
    source: str
    object: str
    external: str


def pull_profiles(origin: str, target: str = WAREHOUSE, **options: Unpack[Options]) -> Transferred:
    """Bring people from a system into the warehouse, or into another system. SetupError for what cannot be asked."""
    return move(UnifiedProfile, origin, target, options)


def pull_jobs(origin: str, target: str = WAREHOUSE, **options: Unpack[Options]) -> Transferred:
    """Bring jobs from a system into the warehouse, or into another system. SetupError for what cannot be asked."""
    return move(UnifiedJob, origin, target, options)


def push_profiles(target: str, origin: str = WAREHOUSE, **options: Unpack[Options]) -> Transferred:
    """Take people from the warehouse, or from another system, to a system. SetupError for what cannot be asked."""
    return move(UnifiedProfile, origin, target, options)


def push_jobs(target: str, origin: str = WAREHOUSE, **options: Unpack[Options]) -> Transferred:
    """Take jobs from the warehouse, or from another system, to a system. SetupError for what cannot be asked."""
    return move(UnifiedJob, origin, target, options)


def move(kind: type[Row], origin: str, target: str, options: Options) -> Transferred:
    """Move records of one kind of the unified model; each end is a system's name, or ``warehouse``."""
    if origin == target:
        raise SetupError(f"{origin} is both ends: nothing is to be moved")
    settings = load_settings()
    warehouse = open_warehouse(settings, stored_tables(settings))
    run_id = f"transfer {getpass.getuser()} {secrets.token_hex(4)}"
    if target == WAREHOUSE and not any(options.get(name) for name in OWN_WAY):
        with _open(warehouse, origin) as system:
            assert system is not None  # noqa: S101 - the other end is the warehouse
            return bring(warehouse, system, object_of(origin, kind, options.get("source")), options, run_id)
    order = _order(warehouse, kind, origin, target, options)
    keep = _forget if order.dry_run else None
    with _open(warehouse, origin, keep) as read, _open(warehouse, target) as written:
        return transfer(warehouse, Ends(read, written), order, run_id)


def _order(warehouse: Warehouse, kind: type[Row], origin: str, target: str, options: Options) -> Transfer:
    formatter = _formatter(warehouse, kind, origin, target, options)
    known = {kind.table.name: "source_id"} if target == WAREHOUSE else entry(target).kind.known_by
    external = options.get("external") or known.get(formatter.target.name)
    if external is None:
        raise SetupError(f"{target} takes no {formatter.target.name}; it takes {', '.join(known) or 'nothing'}")
    return Transfer(
        origin=origin,
        target=target,
        formatter=formatter,
        external=external,
        where=tuple(options.get("where", ())),
        having=tuple(options.get("having", ())),
        mode=options.get("cursor_mode"),
        batch_size=options.get("batch_size", 200),
        full=options.get("full", False),
        dry_run=options.get("dry_run", False),
    )


def _formatter(warehouse: Warehouse, kind: type[Row], origin: str, target: str, options: Options) -> Formatter:
    """The formatter that is asked for, held to both ends; else the way through the unified model."""
    given, stored = options.get("format_fn"), options.get("formatter_id")
    if given is not None and stored is not None:
        raise SetupError("format_fn and formatter_id are two ways to say the same: choose one")
    if given is not None:
        found = formatter_named(given) if isinstance(given, str) else given
    elif stored is not None:
        with warehouse.connect("formatter") as connection:
            found = stored_formatter(connection, stored, options.get("formatter_version"))
    else:
        source = object_of(origin, kind, options.get("source"))
        return formatter_between(source, object_of(target, kind, options.get("object"), out=True))
    for end, table in ((origin, found.source), (target, found.target)):
        if table not in tables_of(end):
            raise SetupError(f"{found.name} is about {table.name}, which {end} has not")
    return found


@contextmanager
def _open(warehouse: Warehouse, name: str, keep: Keep | None = None) -> Iterator[System | None]:
    if name == WAREHOUSE:
        yield None
        return
    with opened(warehouse, load_settings(), load_system_settings(), name, keep) as system:
        yield system


def _forget(delivery: Delivery) -> None:
    """Keep nothing of a page: what is only tried leaves nothing behind."""
