"""`hrdata sources list` and `reflect`: what is declared, and what databases say of their tables."""

from typing import Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Databases and REST interfaces that the file of HRDATA_SOURCES declares.")

SOURCE_COLUMNS = {n: n for n in ("source", "kind", "object", "table", "columns", "by", "told")}


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """Show every declared source and object. Nobody is asked; exit code 1 if the file cannot be used."""
    rows = _rows()
    if as_json:
        print_json(rows)
        return
    print_table("Declared sources", rows, columns=SOURCE_COLUMNS, empty="None: HRDATA_SOURCES names the file")


@app.command()
def reflect(
    source: Annotated[list[str] | None, typer.Argument(help="Which databases; else all that are declared.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask databases for the columns of tables that are declared without them, and keep the answer.

    It is asked for again where the tables have changed; Dagster's code location is to be reloaded afterwards.
    """
    from hrdata_assets.systems.configuration import variable
    from hrdata_assets.systems.database.reflecting import reflect as ask
    from hrdata_assets.systems.sources.declaration import DatabaseSource
    from hrdata_assets.systems.sources.kept import keep
    from hrdata_assets.systems.sources.loading import sources_of

    settings = load_settings()
    there = {name: kind.declared for name, kind in sources_of(settings).systems.items()}
    chosen = source or [name for name, declared in there.items() if isinstance(declared, DatabaseSource)]
    told = []
    for name in chosen:
        declared = there.get(name)
        if not isinstance(declared, DatabaseSource):
            raise SetupError(f"{name} is no declared database; HRDATA_SOURCES declares {', '.join(there) or 'none'}")
        address = variable(declared.url_from)
        if not address:
            raise SetupError(f"{name} is not configured: set {declared.url_from}")
        found = ask(name, declared, address)
        keep(settings.home, name, {each: reflected.columns for each, reflected in found.items()})
        told += [_told(name, each, reflected) for each, reflected in found.items()]
    if as_json:
        print_json(told)
        return
    print_table("Columns as databases have them", told, empty="Every object says its columns itself")
    announce("Dagster shows them once its code location is reloaded.")


def _told(source: str, name: str, reflected: Any) -> dict[str, object]:
    columns = [f"{column} {told.type}" for column, told in reflected.columns.items()]
    return {"source": source, "object": name, "columns": columns, "left out": list(reflected.left_out)}


def _rows() -> list[dict[str, object]]:
    from hrdata_assets.systems.configuration import load_system_settings
    from hrdata_assets.systems.registry import all_systems
    from hrdata_assets.systems.sources.loading import sources_of

    settings = load_settings()
    found, entries = sources_of(settings), all_systems(settings)
    rows: list[dict[str, object]] = []
    for name, system in found.systems.items():
        lacking = entries[name].lacking(load_system_settings())
        for each, declared in system.declared.objects.items():
            columns = system.columns.get(each)
            rows.append(
                {
                    "source": name,
                    "kind": system.declared.kind,
                    "object": each,
                    "table": f"staged.{name}_{each}",
                    "columns": len(columns) if columns else None,
                    "by": "updated_at" if declared.updated_at else "key",
                    "told": _state(name, lacking, known=columns is not None),
                }
            )
    return rows


def _state(source: str, lacking: list[str], *, known: bool) -> str:
    if lacking:
        return f"set {', '.join(lacking)}"
    return "ready" if known else f"columns unknown: hrdata sources reflect {source}"
