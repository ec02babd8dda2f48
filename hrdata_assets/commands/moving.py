"""`hrdata push`: people and jobs taken to a system, from here or from another one."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table

Where = Annotated[
    list[str] | None,
    typer.Option(help="Only rows that meet this, as status=active, city in Oslo,Bergen, title~nurse."),
]


class Kind(StrEnum):
    """What is moved."""

    PROFILES = "profiles"
    JOBS = "jobs"


def push(
    target: Annotated[str, typer.Argument(help="The system that takes them: bullhorn, hubspot, salesforce.")],
    kind: Annotated[Kind, typer.Argument(help="profiles: people; jobs: jobs.")] = Kind.PROFILES,
    origin: Annotated[
        str, typer.Option("--from", help="Where they come from: a system, or what is here.")
    ] = "warehouse",
    where: Where = None,
    having: Annotated[list[str] | None, typer.Option(help="The same, asked of what was read.")] = None,
    formatter: Annotated[
        str | None, typer.Option(help="A saved mapping, as its id or id@version; else by way of the unified model.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="All of it as JSON, in a file; nothing else is said then but the target.")
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, max=2_000, help="How many are written at once.")] = 200,
    full: Annotated[bool, typer.Option("--full", help="Read everything again, to try what was refused.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would be written, and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take people or jobs to a system: each is made there once, and changed when it has changed here.

    What the system refuses waits among the dead letters with its word for why. Exit code 1 if anything failed.
    """
    from dataclasses import asdict

    if config is not None:
        done = _as_configured(kind, target, config)
    else:
        done = _asked(kind, target, origin, formatter, {"batch_size": batch_size, "dry_run": dry_run, "full": full,
                      "where": where, "having": having})  # fmt: skip
    if as_json:
        print_json(asdict(done))
    else:
        shown = {name: value for name, value in asdict(done).items() if name not in ("reasons", "cursor", "dry_run")}
        title = f"{kind} to {target}" + " (dry run: nothing was written)" * done.dry_run
        print_table(title[0].upper() + title[1:], [shown])
        for reason, count in done.reasons.items():
            announce(f"{count} failed: {reason}")
    if done.failed:
        raise typer.Exit(1)


def _as_configured(kind: Kind, target: str, file: Path) -> Any:
    """Run a configuration. SetupError if it is about another target than the one that was said."""
    from hrdata_assets.exchange.config import read_config, run_push_jobs_from_config, run_push_profiles_from_config

    if (said := read_config(file).target) != target:
        raise SetupError(f"{file} is about {said}, and not about {target}")
    return (run_push_jobs_from_config if kind is Kind.JOBS else run_push_profiles_from_config)(file)


def _asked(kind: Kind, target: str, origin: str, formatter: str | None, options: dict[str, Any]) -> Any:
    """Run what was said on the command line."""
    from hrdata_assets.commands.systems import conditions
    from hrdata_assets.exchange.calls import move
    from hrdata_assets.exchange.ends import object_of
    from hrdata_assets.unified.records import UnifiedJob, UnifiedProfile

    row = UnifiedJob if kind is Kind.JOBS else UnifiedProfile
    table = object_of(origin, row)
    for name in ("where", "having"):
        options[name] = conditions(table, options[name] or [])
    if formatter is not None:
        name, _, version = formatter.partition("@")
        options["formatter_id"] = name
        if version:
            if not version.isdigit():
                raise SetupError(f"{formatter}: a version is a number, as in {name}@1")
            options["formatter_version"] = int(version)
    return move(row, origin, target, options)  # type: ignore[arg-type] # options are called as the call's are
