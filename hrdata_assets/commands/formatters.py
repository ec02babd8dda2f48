"""`hrdata formatters`: mappings from one table's rows to another's, checked, saved and shown."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson, person, warehouse_of
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Mappings from one system's records to another's, without code.")

MappingFile = Annotated[Path, typer.Argument(help="JSON with id, source, target and fields; README.md has one.")]
Version = Annotated[int | None, typer.Option(help="Which version; else the newest.")]


@app.command("list")
def list_formatters(
    built_in: Annotated[bool, typer.Option("--built-in", help="Also those that every system brings.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show every mapping that was saved, with all its versions."""
    from hrdata_assets.storage.formatters import saved_formatters

    with warehouse_of(load_settings()).connect("formatters") as connection:
        rows = saved_formatters(connection)
    if built_in:
        rows += _built_in()
    if as_json:
        print_json(rows)
    else:
        shown = {n: n.replace("_", " ") for n in ("id", "version", "source", "target", "fields", "name", "saved_at")}
        print_table("Formatters", rows, columns=shown, empty="None was saved yet: hrdata formatters save FILE")


def _built_in() -> list[dict[str, Any]]:
    from hrdata_assets.systems.formatting import mappings
    from hrdata_assets.unified.code_formatter import registered

    found = [(m.name, m.source, m.target, len(m.fields)) for m in mappings()]
    found += [(m.name, m.source, m.target, None) for m in registered().values()]  # type: ignore[misc]
    return [
        {
            "id": name,
            "version": None,
            "name": "built in",
            "source": source.address,
            "target": target.address,
            "fields": fields,
            "saved_by": None,
            "saved_at": None,
        }
        for name, source, target, fields in found
    ]


@app.command()
def show(
    formatter_id: Annotated[str, typer.Argument(help="Its id, as `hrdata formatters list` shows it.")],
    version: Version = None,
) -> None:
    """Show a mapping that was saved, as JSON that `save` takes again."""
    from hrdata_assets.storage.formatters import saved_version

    with warehouse_of(load_settings()).connect("formatters") as connection:
        saved = saved_version(connection, formatter_id, version)
    told = {"id": saved.formatter_id, "name": saved.name, "source": saved.source, "target": saved.target}
    print_json({**told, "fields": list(saved.fields)})


@app.command()
def save(file: MappingFile, as_json: AsJson = False) -> None:
    """Save a mapping as the next version of its id; the same content again changes nothing."""
    from hrdata_assets.systems.formatting import save_mapping
    from hrdata_assets.unified.spec import read_mapping

    spec = read_mapping(file)
    with warehouse_of(load_settings()).connect("formatters") as connection:
        saved, new = save_mapping(connection, spec, person())
    if as_json:
        print_json({"id": saved.formatter_id, "version": saved.version, "new": new})
    else:
        announce(f"{saved.formatter_id} version {saved.version} {'is saved' if new else 'says the same already'}")


@app.command()
def check(file: MappingFile) -> None:
    """Say everything that is wrong with a mapping, without saving it; exit code 1 if anything is."""
    from hrdata_assets.systems.formatting import mapping_of
    from hrdata_assets.unified.spec import read_mapping

    built = mapping_of(read_mapping(file))
    left = [column.name for column in built.target.columns if column.name not in built.filled]
    announce(f"{built.name} makes {built.target.name} of {built.source.name}: {len(built.filled)} fields are filled")
    announce(f"left empty: {', '.join(left) or 'none'}")


@app.command()
def transforms(as_json: AsJson = False) -> None:
    """Show every transform that a mapping may name, and what it does."""
    from hrdata_assets.unified.transforms import TRANSFORMS

    rows = [
        {"name": name, "version": one.version, "argument": one.argument, "what": one.description}
        for name, one in sorted(TRANSFORMS.items())
        if name == one.name
    ]
    if as_json:
        print_json(rows)
    else:
        print_table("Transforms", rows)
