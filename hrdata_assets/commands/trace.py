"""`hrdata trace`: a row, a missing row, a name or a KPI, followed to the line of the file it came from."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson, warehouse_of
from hrdata_assets.commands.kpi_rows import MOST_SHOWN, newest, trace_kpi
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import load_settings

if TYPE_CHECKING:
    from hrdata_assets.lineage.rows import LineTrace, Tracing


LOAD_COLUMNS = {"load": "load", "table": "table", "status": "status", "loaded_at": "loaded (UTC)",
                "contract": "contract", "run": "run"}  # fmt: skip


def trace(
    table: Annotated[str, typer.Argument(help="core.users, staged.flowcase_users …, or marts.kpis.")],
    key: Annotated[
        list[str] | None,
        typer.Argument(help="The row's key: each part an argument, or all in one: u1/SC/2024-02-01. Or a KPI's name."),
    ] = None,
    quarter: Annotated[str | None, typer.Option(help="2026-Q2 or Q22026; else the newest published.")] = None,
    record: Annotated[
        int | None,
        typer.Option(help="Instead of a key: number of the record in a staged table's report.", min=2, max=2**31 - 1),
    ] = None,
    values: Annotated[
        bool, typer.Option("--values", help="Print the row and the delivered record too, side by side.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follow a row to the line of the file it came from, with its loads, rules and changes; or list a KPI's rows.

    A row that is not published (set aside, held, a double) is found too.
    What a row says is printed with --values only.
    """
    from hrdata_assets.catalogue import CORE, STAGED
    from hrdata_assets.commands.names import table_named
    from hrdata_assets.lineage.names import collects_names
    from hrdata_assets.lineage.rows import Tracing, key_parts

    chosen = None if quarter is None else Quarter.parse(quarter)
    if table.startswith("marts"):
        trace_kpi(table, key or [], chosen, as_json=as_json)
        return
    found = table_named(table, STAGED + CORE)
    warehouse = warehouse_of(load_settings())
    with warehouse.connect(f"trace {found.address}") as connection:
        tracing = Tracing(connection, warehouse, found, chosen or newest(connection, found.layer, found.name))
        if collects_names(found):
            _show_name(tracing, key_parts(found, key or []), as_json=as_json)
            return
        if record is None:
            traces = tracing.of_key(key_parts(found, key or []))
        elif found.layer == "staged" and not key:
            traces = tracing.of_record(record)
        else:
            raise SetupError("--record stands instead of a key, for a staged table: hrdata trace staged.… --record 17")
    _show(tracing, traces, values=values, as_json=as_json)


def _show(tracing: "Tracing", traces: Sequence["LineTrace"], *, values: bool, as_json: bool) -> None:
    if as_json:
        told = [_as_dict(one, values=values) for one in traces]
        print_json({"table": tracing.table.address, "quarter": tracing.quarter.key, "traces": told})
        return
    for one in traces:
        _show_line(tracing, one)
        if values:
            _show_values(tracing, one)


def _show_line(tracing: "Tracing", one: "LineTrace") -> None:
    from hrdata_assets.lineage.rows import BLANK, HELD, NOT_BUILT, PUBLISHED, SET_ASIDE

    told = {
        PUBLISHED: "published",
        SET_ASIDE: f"not published: the record was set aside{_because(one)}",
        HELD: f"not published: its delivery is held ({one.loads[0].reason if one.loads else 'reason unknown'})",
        BLANK: "a blank record, skipped",
        NOT_BUILT: f"not published: it arrived after core was built; hrdata run --quarter {tracing.quarter}",
    }
    announce(f"{tracing.table.address} {tracing.quarter}: {told[one.fate]}")
    announce(f"  record      {one.row_no} of {one.file.file_name if one.file else 'no file'} (the header is record 1)")
    if one.file:
        announce(f"  delivery    SHA-256 {one.file.sha256}")
        announce(f"  archived    {_moment(one.file.archived_at)} as {tracing.warehouse.archive.path(one.file.sha256)}")
    if one.again:
        announce(f"  again       the same key stands in record {_listed(one.again)} too")
    print_table("Loads it came with", [_load(load) for load in one.loads], empty="none", columns=LOAD_COLUMNS)
    _show_rules(tracing, one)
    changes = [
        {"table": table, "column": column, "change": _listed(codes if isinstance(codes, list) else [codes])}
        for table, by_column in one.changes.items()
        for column, codes in by_column.items()
    ]
    print_table("Changed on the way", changes, empty="nothing")
    print_table("Dead letters about it", [_letter(letter) for letter in one.letters], empty="none")


def _because(one: "LineTrace") -> str:
    broken = dict.fromkeys(rule for letter in one.letters if letter.row_no == one.row_no for rule in letter.rules)
    return f", {_listed(broken)}" if broken else " (no letter: only the first 10,000 of a load are written)"


def _show_rules(tracing: "Tracing", one: "LineTrace") -> None:
    judged = one.judgement
    if judged.problem:
        announce(f"Rules of {tracing.source.address}: not asked again, {judged.problem}")
        return
    rows = sorted((_rule(outcome) for outcome in judged.outcomes), key=lambda row: _ORDER.index(row["outcome"]))
    print_table(f"Rules of {tracing.source.address}, asked again of this record", rows)
    then = [load.contract for load in one.loads if load.asset_key.startswith("staged/")]
    if then and judged.contract not in then:
        announce(f"Asked by today's contract, {judged.contract}; it was loaded by another, {_listed(then)}.")


_ORDER = ("failed (set aside)", "failed (flag)", "passed", "does not apply")


def _rule(outcome: Any) -> dict[str, str]:
    told = str(outcome.answer)
    if told == "failed":
        told = "failed (flag)" if outcome.action == "flag" else "failed (set aside)"
    return {"outcome": told, "rule": outcome.rule, "dimension": outcome.dimension.value, "asks": outcome.message}


def _load(load: Any) -> dict[str, object]:
    return {
        "load": load.load_id,
        "table": load.asset_key.replace("/", "."),
        "status": load.status,
        "loaded_at": f"{load.finished_at:%Y-%m-%d %H:%M:%S}",
        "contract": load.contract,
        "run": load.run_id,
    }


def _letter(letter: Any) -> dict[str, object]:
    return {
        "letter": letter.id,
        "table": letter.asset_key.replace("/", "."),
        "record": letter.row_no,
        "stage": letter.stage,
        "status": letter.status,
        "broken rules": _listed(letter.rules),
        "since": _moment(letter.first_seen),
    }


def _show_values(tracing: "Tracing", one: "LineTrace") -> None:
    staged = one.staged_row or {}
    beside = [
        {"heading": heading, "delivered": cell, "column": column or "", "staged": _value(staged.get(column or ""))}
        for heading, column, cell in one.delivered
    ]
    print_table(
        f"Record {one.row_no} as delivered, and as {tracing.source.address} holds it", beside, empty="not there"
    )
    if tracing.table.layer == "core":
        row = [{"column": column, "value": _value(value)} for column, value in (one.row or {}).items()]
        print_table(f"The row of {tracing.table.address}", row, empty="not published")


def _as_dict(one: "LineTrace", *, values: bool) -> dict[str, object]:
    shown: dict[str, object] = {
        "fate": one.fate,
        "file": one.file.file_name if one.file else None,
        "row_no": one.row_no,
        "delivery": one.delivery,
        "sha256": one.file.sha256 if one.file else None,
        "archived_at": one.file.archived_at if one.file else None,
        "again": list(one.again),
        "loads": [{**_load(load), "loaded_at": load.finished_at, "reason": load.reason} for load in one.loads],
        "contract_now": one.judgement.contract,
        "rules": [{**_rule(outcome), "column": outcome.column} for outcome in one.judgement.outcomes],
        "rules_not_asked": one.judgement.problem,
        "changes": one.changes,
        "letters": [{**_letter(letter), "broken rules": letter.rules} for letter in one.letters],
    }
    if values:
        delivered = [{"heading": h, "column": column, "cell": cell} for h, column, cell in one.delivered]
        shown |= {"row": one.row, "staged_row": one.staged_row, "delivered": delivered}
    return shown


def _show_name(tracing: "Tracing", key: Sequence[str], *, as_json: bool) -> None:
    from hrdata_assets.lineage.names import trace_name

    found = trace_name(tracing.connection, tracing.warehouse, tracing.table, tracing.quarter, key[0])
    rows = [
        {
            "table": carrier.table,
            "file": carrier.file_name,
            "record": carrier.row_no,
            "fate": f"kept out: {carrier.outcome}" if carrier.outcome else "published",
        }
        for carrier in found.carriers
    ]
    load = _load(found.load) if found.load else None
    if as_json:
        print_json({"table": tracing.table.address, "quarter": tracing.quarter.key, "load": load, "rows": rows})
        return
    announce(f"{tracing.table.address} {tracing.quarter}: published. It is a name collected from many lines:")
    print_table(f"{len(rows)} lines carry it", rows[:MOST_SHOWN], empty="none; it stands there in every quarter")
    if len(rows) > MOST_SHOWN:
        announce(f"{len(rows) - MOST_SHOWN:,} more are not shown: --json lists all.")
    print_table("The load that collected it", [load] if load else [], empty="unknown", columns=LOAD_COLUMNS)


def _value(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _listed(things: Any) -> str:
    return ", ".join(str(thing) for thing in things)
