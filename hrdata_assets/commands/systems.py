"""`hrdata pull`, `systems` and `cursors`: what other systems hold, brought here, and how far that is."""

import logging
import re
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson, person, show_log, warehouse_of
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings

if TYPE_CHECKING:
    from hrdata_assets.query import Condition
    from hrdata_assets.sync.engine import Order
    from hrdata_assets.sync.pulling import Pulled
    from hrdata_assets.table import Table

SIGNS = {">=": "gte", "<=": "lte", "=": "eq", ">": "gt", "<": "lt", "~": "contains", "in": "in"}
"""How a person writes an operator."""

_CONDITION = re.compile(
    r"\s*(?P<column>\w+)(?P<sign>\s*>=|\s*<=|\s*=|\s*>|\s*<|\s*~|\s+in\s)\s*(?P<value>.*)", re.DOTALL
)
PULLED_COLUMNS = {n: n for n in ("object", "kind", "read", "inserted", "updated", "unchanged")}
PULLED_COLUMNS |= {"set_aside": "set aside"} | {n: n for n in ("deleted", "calls", "source", "here")}
SYSTEM_COLUMNS = {
    "system": "system",
    "object": "object",
    "told": "configured",
    "records": "records",
    "last_sync": "last sync",
    "status": "status",
    "set_aside": "set aside",
    "score": "score %",
    "at": "at",
}


class Mode(StrEnum):
    """What a sync goes by: CursorMode's words, here because the command line is to answer without loading tables."""

    ID = "id"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"


def pull(
    system: Annotated[str, typer.Argument(help="bullhorn")],
    objects: Annotated[list[str] | None, typer.Argument(help="Which of its objects; else all of them.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything, and find what is gone.")] = False,
    keys: Annotated[bool, typer.Option("--keys", help="Read only ids, and find what is gone.")] = False,
    mode: Annotated[
        Mode | None, typer.Option(help="What to go by; else updated_at, where there is such a column.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Only records that meet this, as status=Active, salary>=50000, city in Oslo,Bergen, title~nurse."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring here what changed in a system since the last time. Cut off at any moment, the next pull goes on there.

    With conditions it has a cursor of its own, and says nothing about what is gone. Exit code 1 if an object failed.
    """
    from hrdata_assets.sync.pulling import opened
    from hrdata_assets.sync.pulling import pull as pull_objects
    from hrdata_assets.systems.configuration import load_system_settings
    from hrdata_assets.systems.registry import entry

    settings = load_settings()
    kind = entry(system, settings).kind
    show_log(logging.DEBUG if settings.debug else logging.WARNING)
    if keys and (full or where or mode):
        raise SetupError("--keys goes alone: it reads the ids of all records and stores none")
    orders = _orders(kind, objects or [], where or [], mode, full=full, keys=keys)
    warehouse = warehouse_of(settings)
    with opened(warehouse, settings, load_system_settings(), kind.name) as open_one:
        run_id = f"pull {person()} {secrets.token_hex(4)}"
        done = pull_objects(warehouse, open_one, orders, run_id)
    rows = [_told(kind, pulled) for pulled in done]
    if as_json:
        print_json(rows)
    else:
        print_table(f"Pulled from {kind.name}", [row for row in rows if not row["error"]], columns=PULLED_COLUMNS,
                    empty="nothing")  # fmt: skip
        for row in rows:
            if row["error"]:
                announce(f"FAILED {row['object']}: {row['error']}")
    if any(row["error"] for row in rows):
        raise typer.Exit(1)


def _orders(
    kind: Any, objects: list[str], where: list[str], mode: Mode | None, *, full: bool, keys: bool
) -> "list[tuple[Table, Order]]":
    """What is read of which objects. SetupError for conditions on several of them."""
    from hrdata_assets.sync.engine import Order
    from hrdata_assets.table import CursorMode

    tables = [kind.table(name) for name in objects] if objects else [row.table for row in kind.rows]
    if where and len(tables) != 1:
        raise SetupError("conditions are about one object: name it, as in hrdata pull bullhorn candidates --where …")
    chosen = None if mode is None else CursorMode(mode.value)
    return [(table, Order(full, keys, chosen, conditions(table, where))) for table in tables]


def conditions(table: "Table", texts: list[str]) -> "tuple[Condition, ...]":
    """Read conditions as a person writes them. SetupError says how, where one cannot be read."""
    from hrdata_assets.query import field
    from hrdata_assets.table import Operator

    found = []
    for text in texts:
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise SetupError("a condition is a column, one of = > < >= <= ~ or in, and a value: --where status=Active")
        operator = Operator(SIGNS[match["sign"].strip()])
        value = match["value"].strip()
        several = [each.strip() for each in value.split(",")]
        found.append(field(table, match["column"]).where(operator, several if operator is Operator.IN else value))
    return tuple(found)


def _told(kind: Any, pulled: "Pulled") -> dict[str, object]:
    from hrdata_assets.systems.system import short_name

    name, outcome = short_name(kind, pulled.table), pulled.outcome
    if outcome is None:
        return {"object": name, "error": str(pulled.error)}
    counts = outcome.counts
    return {
        "object": name,
        "kind": outcome.course,
        "read": counts.read,
        "inserted": counts.inserted,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "duplicate": counts.duplicate,
        "set_aside": counts.set_aside,
        "deleted": counts.removed,
        "pages": outcome.pages,
        "calls": outcome.calls,
        "throttled": outcome.throttled,
        "source": outcome.source_total,
        "here": outcome.own_total,
        "cursor_before": outcome.cursor_before,
        "cursor_after": outcome.cursor_after,
        "error": None,
    }


def systems(as_json: AsJson = False) -> None:
    """Show every system and object: whether it is configured, how many records are here, and the last sync."""
    from hrdata_assets.sync.overview import systems_told
    from hrdata_assets.systems.configuration import load_system_settings
    from hrdata_assets.systems.registry import all_systems

    settings = load_settings()
    known = all_systems(settings)
    with warehouse_of(settings).connect("systems") as connection:
        rows = list(systems_told(connection, known, load_system_settings()))
    if as_json:
        print_json(rows)
        return
    for row in rows:
        row["told"] = "yes" if row["configured"] else f"no: set {', '.join(row['missing'])}"
    print_table("Systems", rows, columns=SYSTEM_COLUMNS)
    for row in rows:
        if row["reason"]:
            announce(f"{row['system']} {row['object']}: {row['reason']}")


def cursors(as_json: AsJson = False) -> None:
    """Show up to which stamp or id of its source every object is stored; what is read next begins a little before."""
    from hrdata_assets.sync.overview import cursors_told

    with warehouse_of(load_settings()).connect("cursors") as connection:
        rows = cursors_told(connection)
    if as_json:
        print_json(rows)
    else:
        print_table("Cursors", rows, empty="Nothing was pulled yet: hrdata pull bullhorn")
