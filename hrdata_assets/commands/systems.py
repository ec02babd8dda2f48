"""`hrdata pull`, `systems` and `cursors`: what other systems hold, brought here, and how far that is."""

import logging
import re
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson, person, show_log, warehouse_of
from hrdata_assets.commands.reports import pull_reports
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
PULLED_COLUMNS = {
    n: n for n in ("object", "kind", "read", "inserted", "updated", "unchanged", "duplicate", "set_aside")
}
PULLED_COLUMNS |= {"deleted": "deleted", "calls": "calls", "source": "in source", "here": "here or set aside"}
BROUGHT_COLUMNS = {n: n for n in ("table", "system", "from", "read", "inserted", "updated", "set_aside", "staged")}
BROUGHT_COLUMNS |= {"here": "here or set aside"}
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
    system: Annotated[str, typer.Argument(help="One of those that `hrdata systems` shows.")],
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
    quarter: Annotated[
        str | None, typer.Option(help="Reports only: the quarter that they stand for; else the one that it is now.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Reports only: also replace those that somebody put there by hand.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring here what changed in a system since the last time. Cut off at any moment, the next pull goes on there.

    With conditions it has a cursor of its own, and says nothing about what is gone. Flowcase's reports are landed as
    a quarter's folder. Exit code 1 if an object or a report failed.
    """
    from hrdata_assets.sync.pulling import opened
    from hrdata_assets.sync.pulling import pull as pull_objects
    from hrdata_assets.systems.configuration import load_system_settings
    from hrdata_assets.systems.registry import entry

    name = system.strip().lower()
    if _makes_reports(name, record_options=(objects, full, keys, mode, where), report_options=(quarter, replace)):
        pull_reports(name, quarter, replace=replace, as_json=as_json)
        return
    settings, kind = load_settings(), entry(system).kind
    show_log(logging.DEBUG if settings.debug else logging.WARNING)
    orders = _orders(kind, objects or [], where or [], mode, full=full, keys=keys)
    warehouse = warehouse_of(settings)
    with opened(warehouse, settings, load_system_settings(), kind.name) as open_one:
        run_id = f"pull {person()} {secrets.token_hex(4)}"
        done = pull_objects(warehouse, open_one, orders, run_id)
    rows = [_told(kind, pulled) for pulled in done]
    if as_json:
        print_json(rows)
    else:
        _show(kind.name, rows)
    _bring_to_core(warehouse, run_id, [kind.name], shown=not as_json)
    raise typer.Exit(any(row["error"] for row in rows))


def _makes_reports(name: str, record_options: tuple[object, ...], report_options: tuple[object, ...]) -> bool:
    """Whether a system makes reports instead of giving records. SetupError for options about the other kind."""
    from hrdata_assets.systems.registry import REPORTING

    if name in REPORTING and any(record_options):
        raise SetupError(f"{name} makes whole reports: there are only --quarter and --replace to say")
    if name not in REPORTING and any(report_options):
        raise SetupError(f"{name} gives records, not reports: --quarter and --replace are not about it")
    return name in REPORTING


def _show(system: str, rows: list[dict[str, object]]) -> None:
    stored = [row for row in rows if not row["error"]]
    print_table(f"Pulled from {system}", stored, columns=PULLED_COLUMNS, empty="nothing")
    for row in rows:
        if row["error"]:
            announce(f"FAILED {row['object']}: {row['error']}")


def unify(as_json: AsJson = False) -> None:
    """Bring core's candidates, jobs, companies, submissions and placements up to what is staged of systems.

    Each pull does so by itself; here it is for all systems, after a mapping or a rule has changed.
    """
    run_id = f"unify {person()} {secrets.token_hex(4)}"
    rows = _bring_to_core(warehouse_of(load_settings()), run_id, [], shown=not as_json)
    if as_json:
        print_json(rows)


def _bring_to_core(warehouse: Any, run_id: str, names: list[str], *, shown: bool) -> list[dict[str, object]]:
    from hrdata_assets.sync.unifying import unify as bring
    from hrdata_assets.systems.origins import origins

    done = [bring(warehouse, origin, run_id) for origin in origins(*names)]
    rows: list[dict[str, object]] = [
        {
            "table": f"core.{one.origin.table.name}",
            "system": one.origin.system,
            "from": one.origin.staged.name,
            "read": one.counts.read,
            "inserted": one.counts.inserted,
            "updated": one.counts.updated,
            "set_aside": one.counts.set_aside,
            "staged": one.staged_total,
            "here": one.own_total,
        }
        for one in done
    ]
    if shown:
        print_table("Brought to core", rows, columns=BROUGHT_COLUMNS, empty="nothing")
    return rows


def _orders(
    kind: Any, objects: list[str], where: list[str], mode: Mode | None, *, full: bool, keys: bool
) -> "list[tuple[Table, Order]]":
    """What is read of which objects. SetupError for conditions on several of them."""
    from hrdata_assets.sync.engine import Order
    from hrdata_assets.table import CursorMode

    if keys and (full or where or mode):
        raise SetupError("--keys goes alone: it reads the ids of all records and stores none")
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
