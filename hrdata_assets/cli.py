"""The `hrdata` command: what is told of it here, and the subjects of commands/."""

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hrdata_assets.commands import (
    demo,
    excel,
    fakes,
    formatters,
    history,
    letters,
    moving,
    quality,
    systems,
    trace,
    undo,
)
from hrdata_assets.commands.demo import DEMO_PEOPLE, DEMO_QUARTERS, fake_if_absent
from hrdata_assets.commands.installation import (
    AsJson,
    embedded_server,
    execute,
    kpi_values,
    shown_url,
    warehouse_of,
)
from hrdata_assets.commands.verify import verify
from hrdata_assets.errors import HRDataError, SetupError
from hrdata_assets.printing import announce, print_json, print_kpis, print_table
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import Settings, load_settings, shipped

QUARTER_COLUMNS = {
    "quarter": "quarter",
    "folder": "folder",
    "reports_published": "reports",
    "reports_held": "held",
    "core_published": "published",
    "rows_set_aside": "set aside",
    "score": "score %",
    "last_load": "last load",
}
LOAD_COLUMNS = {n: n for n in ("asset", "quarter", "status", "read", "inserted", "updated", "set aside")}

app = typer.Typer(
    name="hrdata",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Quarterly HR reports into PostgreSQL: scored, explained, reversible. Settings come from the environment "
    "and a .env file; README.md lists them.",
)
fake_app = typer.Typer(
    no_args_is_help=True, help="Make believable reports, or serve a believable system, to try things out with."
)
db_app = typer.Typer(no_args_is_help=True, help="The embedded PostgreSQL under HRDATA_HOME.")
app.add_typer(fake_app, name="fake")
app.add_typer(db_app, name="db")
app.add_typer(excel.app, name="excel")
app.add_typer(formatters.app, name="formatters")
app.add_typer(letters.app, name="letters")
app.add_typer(quality.app, name="quality")
app.command()(demo.demo)
app.command()(undo.release)
app.command()(undo.revert)
app.command()(history.loads)
app.command()(history.changes)
app.command()(trace.trace)
app.command()(verify)
app.command()(systems.pull)
app.command()(moving.push)
app.command()(systems.unify)
app.command()(systems.systems)
app.command()(systems.cursors)
fake_app.command("bullhorn")(fakes.bullhorn)
fake_app.command("hubspot")(fakes.hubspot)
fake_app.command("salesforce")(fakes.salesforce)
fake_app.command("flowcase-api")(fakes.flowcase_api)


class Dialect(StrEnum):
    """How generated reports are written."""

    SEED = "seed"
    EXPORT = "export"


def main() -> None:
    """Run the command; errors that a person can act on are one line on stderr and exit code 1."""
    try:
        app()
    except HRDataError as error:
        print(f"hrdata: {error}", file=sys.stderr)  # noqa: T201 - this is the command line
        sys.exit(1)


@app.command()
def dev(
    port: Annotated[int | None, typer.Option(help="Port of the UI; HRDATA_UI_PORT otherwise.")] = None,
) -> None:
    """Start the Dagster UI on localhost, with its daemon: sensors and schedules are on. Ctrl-C ends it."""
    from hrdata_assets.defs.instance import dagster_program, prepare_dagster
    from hrdata_assets.defs.workbook_sensor import UI_URL

    settings = load_settings()
    settings.reports_dir.mkdir(parents=True, exist_ok=True)
    prepare_dagster(settings)
    chosen = str(port or settings.ui_port)
    os.environ[UI_URL] = f"http://127.0.0.1:{chosen}"
    announce(f"Dagster UI http://127.0.0.1:{chosen}   drop quarter folders into {settings.reports_dir}")
    program = dagster_program("dagster")
    workspace = str(shipped("workspace.yaml"))
    # A shell that puts a script's jobs into the background makes them ignore SIGINT, and Dagster stops by it alone.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(program, [program, "dev", "-w", workspace, "-h", "127.0.0.1", "-p", chosen])  # noqa: S606 - our own program


@app.command()
def run(
    quarter: Annotated[str, typer.Option(help="2026-Q2, Q22026, or latest: the newest quarter folder.")] = "latest",
    data_folder: Annotated[
        Path | None, typer.Option(help="Folder with quarter folders; else HRDATA_REPORTS_DIR.")
    ] = None,
    sql_folder: Annotated[Path | None, typer.Option(help="Folder with SQL files; else the shipped sql/.")] = None,
    generate_fake: Annotated[
        bool, typer.Option("--generate-fake", help="Generate the quarter's reports if it has no folder.")
    ] = False,
    skip_refresh: Annotated[bool, typer.Option("--skip-refresh", help="Leave the search profile as it is.")] = False,
    as_json: AsJson = False,
) -> None:
    """Load one quarter in this process: archive, stage, core, KPIs, search profile. Exit code 1 if anything failed."""
    settings = _with_folders(load_settings(), data_folder, sql_folder)
    chosen = _chosen_quarter(settings, quarter, may_generate=generate_fake)
    if generate_fake:
        fake_if_absent(settings, chosen)
    result = execute(settings, chosen, refresh=not skip_refresh)
    values = kpi_values(settings)
    if as_json:
        faults = [{"step": f.step, "message": f.message} for f in result.faults]
        known = values.get(chosen.key)
        print_json({"quarter": chosen.key, "run_id": result.run_id, "success": result.success, "kpis": known,
                    "changed": result.changed, "faults": faults})  # fmt: skip
    elif result.success:
        print_kpis(chosen.key, values[chosen.key])
        announce(
            f"{chosen.key} is {'loaded' if result.changed else 'loaded already, nothing to do'}. Run {result.run_id}"
        )
    if not result.success:
        raise typer.Exit(1)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show every quarter, the last loads, and what is held."""
    from hrdata_assets.overview import as_rows, held_partitions, last_loads, partition_statuses

    settings = load_settings()
    with warehouse_of(settings).connect("status") as connection:
        quarters = as_rows(partition_statuses(connection, settings))
        loads, held = last_loads(connection), held_partitions(connection)
    if as_json:
        print_json({"quarters": quarters, "loads": loads, "held": held})
        return
    nothing = "No quarter has arrived yet: hrdata demo, or drop one into the reports folder."
    print_table("Quarters", quarters, empty=nothing, columns=QUARTER_COLUMNS)
    print_table("Last loads", loads, empty="Nothing was loaded yet.", columns=LOAD_COLUMNS)
    print_table("Held", held, empty="Nothing is held.")


@app.command()
def kpis(
    quarter: Annotated[str | None, typer.Option(help="One quarter only, as 2026-Q2 or Q22026.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the KPIs of every loaded quarter, or of one."""
    values = kpi_values(load_settings())
    if quarter is not None:
        key = Quarter.parse(quarter).key
        if key not in values:
            raise SetupError(f"{key} is not loaded: hrdata run --quarter {key}")
        values = {key: values[key]}
    if as_json:
        print_json(values)
        return
    for key, found in values.items():
        print_kpis(key, found)
    if not values:
        announce("No quarter is loaded yet: hrdata demo, or hrdata run")


@app.command()
def url(as_json: AsJson = False) -> None:
    """Print the database's URL, for psql and BI tools (it may hold a password)."""
    found = shown_url(load_settings())
    if as_json:
        print_json({"url": found})
    else:
        announce(found)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at what this installation needs, say what is wrong and how to mend it. Exit code 1 if something is."""
    from hrdata_assets.overview import as_rows, examine

    findings = examine(load_settings())
    if as_json:
        print_json(as_rows(findings))
    else:
        rows = [{"": "ok" if f.well else "WRONG", "what": f.what, "found": f.told} for f in findings]
        print_table("Examined", rows)
        for finding in findings:
            if not finding.well:
                announce(f"{finding.what}: {finding.mend}")
    if not all(f.well for f in findings):
        raise typer.Exit(1)


@fake_app.command("flowcase")
def fake_flowcase(
    quarter: Annotated[str, typer.Option(help="2026-Q2 or Q22026.")] = "2026-Q2",
    people: Annotated[int, typer.Option(min=10, max=100_000, help="How many people.")] = DEMO_PEOPLE,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people in every quarter.")] = 1,
    dialect: Annotated[
        Dialect, typer.Option(help="seed: commas, int:Text cells; export: as Flowcase exports.")
    ] = Dialect.SEED,
    damage: Annotated[bool, typer.Option("--damage", help="Add known defects, listed in damage.json.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Reports folder, in which Q22026 is made; else HRDATA_REPORTS_DIR. May be that folder itself."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the fifteen Flowcase reports of one quarter."""
    from hrdata_assets.systems.flowcase.fake import write_quarter

    chosen = Quarter.parse(quarter)
    base = (out or load_settings().reports_dir).absolute()
    folder = base if Quarter.of_folder(base.name) == chosen else base / chosen.folder
    written = write_quarter(folder, chosen, people=people, seed=seed, dialect=dialect.value, damage=damage)
    rows = dict(written.rows)
    if as_json:
        print_json({"folder": str(folder), "rows": rows})
        return
    print_table(f"{folder}", [{"report": name, "rows": count} for name, count in rows.items()])


@db_app.command("start")
def db_start() -> None:
    """Start the embedded PostgreSQL; one that runs already is left alone."""
    server = embedded_server(load_settings())
    server.start()
    announce(f"running: {server.url()}")
    if tcp := server.tcp_url():
        announce(f"over TCP: {tcp}")


@db_app.command("stop")
def db_stop() -> None:
    """Stop the embedded PostgreSQL; what it holds stays."""
    embedded_server(load_settings()).stop()
    announce("stopped")


@db_app.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def db_psql(context: typer.Context) -> None:
    """Open psql on the database; further arguments go to psql, such as -c 'select 1'."""
    settings = load_settings()
    warehouse_of(settings)
    raise typer.Exit(embedded_server(settings).psql(context.args))


def _with_folders(settings: Settings, data_folder: Path | None, sql_folder: Path | None) -> Settings:
    changes: dict[str, Path] = {}
    if data_folder is not None:
        changes["reports_dir"] = data_folder.absolute()
    if sql_folder is not None:
        changes["sql_dir"] = sql_folder.absolute()
    return settings.model_copy(update=changes)


def _chosen_quarter(settings: Settings, text: str, *, may_generate: bool) -> Quarter:
    from hrdata_assets.systems.files import quarter_folders

    folders = quarter_folders(settings.reports_dir, settings.quarter_folders)
    if text.strip().lower() != "latest":
        chosen = Quarter.parse(text)
        if may_generate or any(folder.quarter == chosen for folder in folders):
            return chosen
        raise SetupError(f"no folder for {chosen} in {settings.reports_dir}: put the reports into {chosen.folder}")
    if folders:
        return folders[-1].quarter
    if may_generate:
        return DEMO_QUARTERS[-1]
    raise SetupError(
        f"no quarter folder in {settings.reports_dir}: put reports into one such as Q22026, or --generate-fake"
    )
