"""Commands that let a held delivery through, and take one back."""

from typing import Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson, execute, person, warehouse_of
from hrdata_assets.commands.names import table_named
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import load_settings

AssetName = Annotated[str, typer.Argument(help="Such as staged/flowcase_users, or flowcase_users.")]
QuarterName = Annotated[str, typer.Argument(metavar="QUARTER", help="2026-Q2 or Q22026.")]


def release(
    asset: AssetName,
    quarter: QuarterName,
    reason: Annotated[str, typer.Option(help="Why it may be published all the same; kept with the load.")],
    as_json: AsJson = False,
) -> None:
    """Publish a held delivery although a gate failed. Who did it and why is written down; `revert` takes it back."""
    from hrdata_assets.storage.decisions import Approval, approve
    from hrdata_assets.storage.ledger import Place, state_of

    settings, chosen, table = load_settings(), Quarter.parse(quarter), staged_table(asset)
    if not reason.strip():
        raise SetupError("--reason is empty: say why this delivery may be published")
    place = Place(f"{table.layer}/{table.name}", chosen.key, "release")
    with warehouse_of(settings).connect("release") as connection:
        state = state_of(connection, place.asset_key, place.partition_key)
        if state.held_delivery is None:
            raise SetupError(f"nothing is held of {place.asset_key} in {chosen}: `hrdata status` lists what is")
        approve(connection, place, state.held_delivery, Approval(reason.strip(), person()))
    result = execute(settings, chosen, from_archive=True)
    if as_json:
        print_json({"asset": place.asset_key, "quarter": chosen.key, "success": result.success})
    elif result.success:
        announce(f"{place.asset_key} {chosen}: released and published. `hrdata revert {asset} {chosen}` takes it back.")
    if not result.success:
        raise typer.Exit(1)


def revert(
    what: Annotated[
        str, typer.Argument(metavar="ASSET|QUARTER", help="A quarter, or a report such as flowcase_users.")
    ],
    quarter: Annotated[str | None, typer.Argument(metavar="[QUARTER]", help="The quarter, after a report.")] = None,
    to: Annotated[str | None, typer.Option(help="Beginning of a delivery's hash, from `hrdata loads`.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change; nothing does.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take back what was loaded last: an earlier delivery is put in its place, and all that was built from it follows.

    For a quarter: whatever the last run brought into it. Where nothing was loaded before, the partition is taken out.
    The delivery taken back is archived still, and not loaded again by itself; --to puts it back.
    """
    from hrdata_assets.defs.undo import carry_out, plan

    settings = load_settings()
    table = None if quarter is None else staged_table(what)
    chosen = Quarter.parse(what if quarter is None else quarter)
    warehouse = warehouse_of(settings)
    with warehouse.connect("revert") as connection:
        steps = plan(connection, chosen, table, to)
        effects = carry_out(connection, warehouse, chosen, steps)
        if dry_run:
            connection.rollback()
    if not dry_run:
        _tell_dagster(settings, warehouse, chosen)
    rows = [
        {"table": e.table, "quarter": e.quarter, "inserted": e.counts.inserted, "removed": e.counts.removed,
         "altered": e.counts.updated}
        for e in effects
    ]  # fmt: skip
    if as_json:
        print_json({"dry_run": dry_run, "taken_back": [_step(s) for s in steps], "changes": rows})
        return
    print_table("Would be taken back" if dry_run else "Taken back", [_step(s) for s in steps])
    changed = [r for r in rows if r["inserted"] or r["removed"] or r["altered"]]
    print_table("Rows that would change" if dry_run else "Rows changed", changed, empty="none")


def staged_table(name: str) -> Any:
    """The staged table of that name. SetupError if there is none."""
    from hrdata_assets.catalogue import STAGED

    return table_named(name, STAGED)


def _step(step: Any) -> dict[str, object]:
    return {
        "report": step.table.address,
        "taken back": step.standing.delivery,
        "was": "held" if step.standing.held else "published",
        "put back": step.to or "nothing: there was none before",
    }


def _tell_dagster(settings: Any, warehouse: Any, quarter: Quarter) -> None:
    """Let Dagster's own record show what is there now; the data is in its place already."""
    from hrdata_assets.defs.instance import dagster_instance
    from hrdata_assets.defs.undo import forget_partition, is_whole

    with warehouse.connect("revert") as connection:
        whole = is_whole(connection, quarter)
        if not whole:
            with dagster_instance(settings) as instance:
                forget_partition(instance, connection, quarter)
    if whole:
        execute(settings, quarter, from_archive=True)
