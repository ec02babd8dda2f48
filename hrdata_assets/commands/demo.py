"""`hrdata demo`: invented people, loaded as real ones would be."""

import time

import typer

from hrdata_assets.commands.demo_systems import COLUMNS, pull_from_fakes
from hrdata_assets.commands.installation import AsJson, execute, kpi_values, own_name, shown_url, warehouse_of
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_kpis, print_table
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import Settings, load_settings

DEMO_QUARTERS = (Quarter(2026, 1), Quarter(2026, 2))
DEMO_PEOPLE = 500


def demo(as_json: AsJson = False) -> None:
    """Load two quarters of generated reports, pull from fake systems, and show what came. Again: nothing to do."""
    settings = _demo_settings(load_settings())
    started = time.monotonic()
    _refuse_other_data(settings)
    for quarter in DEMO_QUARTERS:
        fake_if_absent(settings, quarter)
    runs = [execute(settings, quarter) for quarter in DEMO_QUARTERS]
    if not all(run.success for run in runs):
        raise typer.Exit(1)
    pulled, left_alone = pull_from_fakes(settings)
    values = kpi_values(settings)
    changed = any(run.changed for run in runs) or any(line["changed"] for line in pulled)
    if as_json:
        print_json({"changed": changed, "kpis": values, "pulled": pulled})
        return
    for quarter in DEMO_QUARTERS:
        print_kpis(quarter.key, values[quarter.key])
    print_table("Pulled from fake systems, and brought to core", pulled, columns=COLUMNS, empty="nothing")
    for name in left_alone:
        announce(f"{name} is configured: the demo leaves it alone")
    if not changed:
        announce("Nothing to do: all of it is loaded already, and not a row was written.")
    announce(f"Done in {time.monotonic() - started:.1f} s.")
    announce(f"Database   {shown_url(settings)}")
    announce(f"Reports    {settings.reports_dir}")
    own = own_name()
    announce(f"Next       {own} dev          the Dagster UI (or: make dev)")
    announce(f"           {own} status       what is loaded")
    announce(f"           {own} systems      what was pulled from systems")
    if not settings.uses_own_server:
        announce(f"           {own} db psql      ask the database: table current.candidates limit 5;")


def _demo_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"reports_dir": settings.home / "demo" / "cv_reports", "quarter_folders": {}})


def _refuse_other_data(settings: Settings) -> None:
    """Keep invented people out of a database that holds real ones: theirs are no addresses under .example."""
    with warehouse_of(settings).connect("demo") as connection:
        found = connection.execute(
            "select exists (select from staged.flowcase_users where coalesce(email, '') not like '%.example')"
        ).fetchone()
    if found and found[0]:
        raise SetupError(
            "this database holds other people already, and the demo's are invented: "
            "run it with another HRDATA_HOME or database"
        )


def fake_if_absent(settings: Settings, quarter: Quarter) -> None:
    """Generate a quarter's reports, unless its folder has some."""
    from hrdata_assets.systems.flowcase.fake import write_quarter

    folder = settings.reports_dir / quarter.folder
    if not (folder / "user_report.csv").exists():
        write_quarter(folder, quarter, people=DEMO_PEOPLE)
