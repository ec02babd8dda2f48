"""`hrdata loads` and `hrdata changes`: what was loaded when, and what differs between two quarters."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson, warehouse_of
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import load_settings

if TYPE_CHECKING:
    from hrdata_assets.storage.changes import RowChange, TableChanges
    from hrdata_assets.storage.past_loads import PastLoad

MOST_SHOWN = 100
"""Changed rows per table that a person is shown; a program gets all."""


def loads(
    asset: Annotated[
        str | None, typer.Argument(help="staged/flowcase_users, core.users, users …; else every table.")
    ] = None,
    partition: Annotated[str | None, typer.Argument(help="2026-Q2 or Q22026; else every quarter.")] = None,
    limit: Annotated[int, typer.Option(help="Most loads shown.", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show every load, newest first: what it read, what became of the rows, and which one is published now."""
    from hrdata_assets.catalogue import TABLES
    from hrdata_assets.commands.names import table_named
    from hrdata_assets.storage.past_loads import past_loads

    if asset is not None and partition is None and _is_quarter(asset):
        asset, partition = None, asset
    key = None if asset is None else table_named(asset, TABLES).address.replace(".", "/")
    quarter = None if partition is None else Quarter.parse(partition).key
    with warehouse_of(load_settings()).connect("loads") as connection:
        found = past_loads(connection, key, quarter, limit)
    if as_json:
        print_json([{**asdict(load), "score": _percent(load)} for load in found])
        return
    print_table("Loads", [_summary_of(load) for load in found], empty="Nothing was loaded.")
    if found and key is not None:
        print_table("What became of the rows", [_outcome(load) for load in found])
        print_table("What was loaded", [_provenance(load) for load in found])
    for load in found:
        if load.reason:
            announce(f"load {load.load_id} ({load.status}): {load.reason}")


def _is_quarter(text: str) -> bool:
    try:
        Quarter.parse(text)
    except SetupError:
        return False
    return True


def _summary_of(load: "PastLoad") -> dict[str, object]:
    return {
        "load": load.load_id,
        "asset": load.asset_key,
        "quarter": load.partition_key,
        "status": f"{load.status} now" if load.is_now else load.status,
        "started (UTC)": f"{load.started_at:%Y-%m-%d %H:%M}",
        "read": load.read,
        "kept out": load.duplicate + load.set_aside + load.skipped,
        "score": _percent(load),
    }


def _outcome(load: "PastLoad") -> dict[str, object]:
    counts = ("read", "inserted", "updated", "unchanged", "duplicate", "set_aside", "skipped", "removed")
    return {"load": load.load_id, **{count: getattr(load, count) for count in counts}}


def _provenance(load: "PastLoad") -> dict[str, object]:
    return {
        "load": load.load_id,
        "file": load.file_name or "made from other tables",
        "delivery": load.delivery,
        "contract": load.contract,
        "run": load.run_id,
        "seconds": round(load.seconds, 2),
    }


def _percent(load: "PastLoad") -> float | None:
    return None if load.score is None else round(float(load.score) * 100, 2)


def changes(
    first: Annotated[str, typer.Argument(help="The earlier quarter, as 2026-Q1 or Q12026.")],
    second: Annotated[str, typer.Argument(help="The later quarter.")],
    table: Annotated[str | None, typer.Argument(help="One core table only, as core.users or users.")] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="List the rows too: their keys, and what each column held and holds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare two quarters: per core table who joined, who left, how many rows changed, and in which columns."""
    from hrdata_assets.catalogue import CORE
    from hrdata_assets.commands.names import table_named
    from hrdata_assets.storage.changes import changed_rows, changes_between

    before, after = Quarter.parse(first).key, Quarter.parse(second).key
    tables = CORE if table is None else (table_named(table, CORE),)
    with warehouse_of(load_settings()).connect("changes") as connection:
        _refuse_unknown(connection, before, after)
        counted = [changes_between(connection, t, before, after) for t in tables]
        listed = {t.address: changed_rows(connection, t, before, after) for t in tables} if rows else {}
    if as_json:
        print_json([asdict(c) | _rows_as_dict(listed, c.table) for c in counted])
        return
    print_table(f"From {before} to {after}", [_summary(c, before, after) for c in counted])
    for name, found in listed.items():
        _show_rows(name, found)


def _refuse_unknown(connection: Any, *quarters: str) -> None:
    from hrdata_assets.storage.lines import published_partitions

    known = published_partitions(connection, "core/users")
    for quarter in quarters:
        if quarter not in known:
            told = ", ".join(known) or "none"
            raise SetupError(f"{quarter} is not loaded: hrdata run --quarter {quarter} (loaded: {told})")


def _summary(found: "TableChanges", before: str, after: str) -> dict[str, object]:
    return {
        "table": found.table,
        before: found.before,
        after: found.after,
        "joined": found.joiners,
        "left": found.leavers,
        "changed": found.changed,
        "in column": ", ".join(f"{column} {count:,}" for column, count in found.columns.items()),
    }


def _rows_as_dict(listed: Mapping[str, Sequence["RowChange"]], table: str) -> dict[str, object]:
    return {"rows": [asdict(row) for row in listed[table]]} if table in listed else {}


def _show_rows(table: str, found: Sequence["RowChange"]) -> None:
    rows = [
        {"key": "/".join(row.key), "": row.kind, "column": row.column, "old": row.old, "new": row.new}
        for row in found[:MOST_SHOWN]
    ]
    print_table(table, rows, empty="no row joined, left or changed")
    if len(found) > MOST_SHOWN:
        announce(f"{len(found) - MOST_SHOWN:,} more of {table} are not shown: --json lists all.")
