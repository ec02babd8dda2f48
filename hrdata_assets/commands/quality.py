"""`hrdata quality`: scorecards on the terminal and as a page, two quarters compared, scores reckoned again."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from hrdata_assets.commands.installation import AsJson, warehouse_of
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings

TableArgument = Annotated[
    str | None,
    typer.Argument(metavar="[TABLE]", help="flowcase_users or staged.flowcase_users; every table otherwise."),
]
QuarterOption = Annotated[str | None, typer.Option(help="2026-Q2 or Q22026; otherwise the newest.")]


class ShowsByItself(TyperGroup):
    """Commands of which ``show`` is meant where none is named: ``hrdata quality flowcase_users``."""

    default = "show"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put ``show`` before arguments that begin with no command."""
        named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else [self.default, *args])


app = typer.Typer(cls=ShowsByItself, help="How good the data is: scores, why they are so, how they changed.")


@app.command()
def show(
    table: TableArgument = None,
    quarter: QuarterOption = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page about every table, with trends, to this file.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the scores of every table of a quarter, or of one table rule by rule. `show` may be left out."""
    from hrdata_assets.commands.scorecards import as_json as json_of
    from hrdata_assets.commands.scorecards import asset_named, chosen_quarter, declared, drifts_of, in_order
    from hrdata_assets.storage.scores import scored_loads

    asset = None if table is None else asset_named(table)
    warehouse = warehouse_of(load_settings())
    today = declared(warehouse)
    with warehouse.connect("quality") as connection:
        chosen = chosen_quarter(connection, quarter)
        if html is not None:
            _write_page(connection, chosen, today, html)
            return
        loads = in_order(scored_loads(connection, [chosen], asset))
        found = [(load, [d.sentence for d in drifts_of(connection, load) if d.warns]) for load in loads]
    if as_json:
        tables = [json_of(load, today, with_rules=asset is not None) | {"drift": drift} for load, drift in found]
        print_json({"quarter": chosen, "tables": tables})
    elif asset is not None:
        _show_tables(asset, chosen, today, found)
    else:
        _show_quarter(chosen, found)


def _write_page(connection: Any, quarter: str, today: Any, file: Path) -> None:
    from hrdata_assets.commands.quality_page import page

    try:
        file.write_text(page(connection, quarter, today), encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{file.absolute()} cannot be written: {error.strerror}") from None
    announce(f"written: {file.absolute()}")


def _show_quarter(quarter: str, found: list[tuple[Any, list[str]]]) -> None:
    from hrdata_assets.commands.scorecards import overview_rows
    from hrdata_assets.rule import Dimension

    loads = [load for load, _ in found]
    print_table(f"Scores {quarter} (received, and → published where that differs; %)", overview_rows(loads))
    unmeasured = [d.value for d in Dimension if not any(d in load.received.dimensions for load in loads)]
    if unmeasured:
        announce(f"measured in no table: {', '.join(unmeasured)}")
    for load, drift in found:
        if load.reason:
            announce(f"{'held' if load.held else 'published'}: {load.asset}: {load.reason}")
        for sentence in drift:
            announce(f"drift: {load.asset}: {sentence}")


def _show_tables(asset: str, quarter: str, today: Any, found: list[tuple[Any, list[str]]]) -> None:
    from hrdata_assets.commands.scorecards import dimension_rows, rule_rows
    from hrdata_assets.verdict import base_of, percent

    if not found:
        announce(f"{asset} holds nothing in {quarter}")
    for load, drift in found:
        state = ("held" if load.held else "published") + (f": {load.reason}" if load.reason else "")
        announce(f"{asset} {quarter}, {state}")
        announce(f"received   {percent(load.received.overall)}   {base_of(load.received)}")
        announce(f"published  {percent(load.published.overall)}   {base_of(load.published)}")
        for sentence in drift:
            announce(f"drift      {sentence}")
        print_table("Dimensions (%)", dimension_rows(load, today.limits(asset)))
        print_table("Rules, worst first", rule_rows(load, today), empty="no rule ran")


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="A quarter, as 2026-Q1 or Q12026.")],
    second: Annotated[str, typer.Argument(help="The quarter to compare it with.")],
    table: TableArgument = None,
    as_json: AsJson = False,
) -> None:
    """Compare what was received in two quarters: scores by table and dimension, and the rules that changed most."""
    from hrdata_assets.commands.quality_compare import changed_rules, changed_scores, unmatched
    from hrdata_assets.commands.scorecards import asset_named, chosen_quarter, in_order
    from hrdata_assets.storage.scores import scored_loads

    asset = None if table is None else asset_named(table)
    with warehouse_of(load_settings()).connect("quality") as connection:
        quarters = chosen_quarter(connection, first), chosen_quarter(connection, second)
        one, other = (in_order(scored_loads(connection, [quarter], asset)) for quarter in quarters)
    scores = changed_scores(one, other, quarters, every=asset is not None)
    rules = changed_rules(one, other, quarters)
    if as_json:
        print_json({"quarters": quarters, "scores": scores, "rules": rules})
        return
    print_table(f"Scores, {quarters[0]} against {quarters[1]} (%)", scores, empty="nothing changed")
    print_table("Rules that changed most (%)", rules, empty="none")
    for sentence in unmatched(one, other, quarters):
        announce(sentence)


@app.command()
def verify(quarter: QuarterOption = None, as_json: AsJson = False) -> None:
    """Reckon the scores again from what is stored, and compare. Exit code 1 if any differs.

    Every quarter is verified unless one is named.
    """
    from hrdata_assets.commands.quality_verify import told_apart, verified
    from hrdata_assets.commands.scorecards import chosen_quarter
    from hrdata_assets.storage.scores import scored_quarters

    warehouse = warehouse_of(load_settings())
    with warehouse.connect("quality") as connection:
        chosen = [chosen_quarter(connection, quarter)] if quarter else scored_quarters(connection)
    found = [verdict for key in chosen for verdict in verified(warehouse, key)]
    differing = [verdict for verdict in found if verdict.differences]
    if as_json:
        print_json([verdict.as_row() for verdict in found])
    else:
        print_table("Differing", [verdict.as_row() for verdict in differing], empty="none")
        for sentence in told_apart(found):
            announce(sentence)
    if differing:
        raise typer.Exit(1)
