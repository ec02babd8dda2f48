"""`hrdata verify`: whether what is stored keeps the promises."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hrdata_assets.commands.installation import AsJson, warehouse_of
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.settings import load_settings

if TYPE_CHECKING:
    from hrdata_assets.verify.answers import Answer

MOST_PLACES = 3
"""Places told of one answer in the table; JSON has them all."""


def verify(
    archive: Annotated[
        bool, typer.Option("--archive", help="Read every archived delivery and check its hash.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask whether what is stored keeps the promises, and how to mend what does not. Exit code 1 if one is broken."""
    from hrdata_assets.verify.answers import verify as ask

    answers = ask(warehouse_of(load_settings()), read_archive=archive)
    if as_json:
        print_json([{**asdict(a), "holds": a.holds} for a in answers])
    else:
        rows = [{"": _word(a), "promise": a.promise, "question": a.question, "found": _found(a)} for a in answers]
        print_table("Verified", rows)
        for answer in answers:
            if not answer.holds:
                announce(f"{answer.question}: {answer.says} It does not hold for {_found(answer)}: {answer.mend}")
    if any(a.fails for a in answers):
        raise typer.Exit(1)


def _word(answer: "Answer") -> str:
    return "BROKEN" if answer.fails else "ok" if answer.holds else "to do"


def _found(answer: "Answer") -> str:
    told = [f"{b.asset} {b.quarter} ({b.number})".replace("  ", " ") for b in answer.broken[:MOST_PLACES]]
    more = len(answer.broken) - MOST_PLACES
    return ", ".join(told) + (f" and {more} more" if more > 0 else "") or answer.says
