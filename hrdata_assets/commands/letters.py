"""Commands about dead letters: rows kept out, with their reasons, and their way back."""

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hrdata_assets.commands.installation import AsJson, execute, person, warehouse_of
from hrdata_assets.commands.names import table_named
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, print_json, print_table
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="Rows kept out: which they are, why, and how they come in. Except `show` and `export`, nothing here prints "
    "what stands in a row.",
)

Asset = Annotated[str | None, typer.Option(help="Only of one table, such as flowcase_users or core/users.")]
QuarterOption = Annotated[str | None, typer.Option("--partition", "--quarter", help="Only of one quarter.")]
RuleOption = Annotated[str | None, typer.Option(help="Only those that break this rule.")]
Ids = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers of letters, from `letters list`.")]
Since = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Seen on or after this day.")]
Until = Annotated[datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First seen before this day.")]


@app.command("list")
def list_letters(
    asset: Asset = None,
    partition: QuarterOption = None,
    rule: RuleOption = None,
    since: Since = None,
    until: Until = None,
    status: Annotated[str, typer.Option(help="open, replayed, discarded, superseded, erased, or all.")] = "open",
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List letters: where the row stood and which rules it breaks."""
    from dataclasses import replace

    from hrdata_assets.storage.letterbox import STATUSES, count_like, letters_like

    if status not in (*STATUSES, "all"):
        raise SetupError(f"{status} is no status: {', '.join(STATUSES)}, or all")
    wanted = replace(_wanted(None, asset, partition, rule), since=since, until=until)
    wanted = replace(wanted, status=None if status == "all" else status)
    with warehouse_of(load_settings()).connect("letters") as connection:
        letters, total = letters_like(connection, wanted, limit), count_like(connection, wanted)
    rows = [_line(letter) for letter in letters]
    if as_json:
        print_json({"letters": rows, "total": total})
        return
    print_table("Dead letters", rows, empty="none" if status == "all" else f"none is {status}")
    if total > len(rows):
        announce(f"{total - len(rows)} more: --limit {total}, or narrow it with --asset, --partition, --rule")


@app.command()
def show(number: Annotated[int, typer.Argument(metavar="ID")], as_json: AsJson = False) -> None:
    """Show one letter: its reasons, and the row as it was delivered (personal data)."""
    from hrdata_assets.catalogue import OUTCOMES
    from hrdata_assets.defs.replay import staged_table_of
    from hrdata_assets.quality.implied import rules_of

    with warehouse_of(load_settings()).connect("letters") as connection:
        (letter,) = _found(connection, [number], status=None).values()
    table = staged_table_of(letter)
    meanings = OUTCOMES | {rule.name: rule.message for rule in rules_of(table)}
    reasons = [{**reason, "meaning": meanings.get(str(reason["rule"]), "")} for reason in letter.reasons]
    delivered = _as_delivered(letter.payload, [c.name for c in table.columns])
    if as_json:
        print_json({**_line(letter), "delivery": letter.delivery, "reasons": reasons, "delivered": delivered})
        return
    announce(
        f"Letter {letter.id}: {letter.asset_key} {letter.partition_key}, row {letter.row_no} of delivery "
        f"{letter.delivery} ({table.origin}.csv); {letter.status}, seen {letter.seen} time{'s' * (letter.seen > 1)} "
        f"since {letter.first_seen:%Y-%m-%d %H:%M}"
    )
    print_table("Reasons", reasons)
    print_table("As delivered", delivered, empty="not kept: more than 10,000 letters in one load")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="CSV file to write; it holds personal data.")],
    ids: Ids = None,
    asset: Asset = None,
    partition: QuarterOption = None,
    rule: RuleOption = None,
) -> None:
    """Write open letters of one report into a CSV file, to be corrected and given to `replay --from`."""
    from hrdata_assets.cleaning.amendments import sheet_of
    from hrdata_assets.defs.replay import header_of

    warehouse = warehouse_of(load_settings())
    with warehouse.connect("letters") as connection:
        letters = [x for x in _found(connection, ids, asset, partition, rule).values() if x.row_no]
        sources = {(x.asset_key, x.delivery) for x in letters}
        if len(sources) != 1:
            raise SetupError(f"these letters are of {len(sources)} reports: choose one with --asset and --partition")
        header = header_of(connection, warehouse, letters[0])
    if letters[0].asset_key.startswith("core/"):
        raise SetupError("core's letters are rows of a report: replay them with --set, or correct the report")
    records = [(x.id, x.rules, *_record(x.payload, len(header))) for x in letters]
    file.write_text(sheet_of(header, records), encoding="utf-8", newline="")
    announce(f"Letters in {file}: {len(letters)}. Correct them there, then: hrdata letters replay --from {file}")


@app.command()
def replay(
    ids: Ids = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="COLUMN=VALUE", help="What a cell should have held.")
    ] = None,
    from_file: Annotated[
        Path | None, typer.Option("--from", help="Corrected file, as `letters export` wrote it.")
    ] = None,
    asset: Asset = None,
    partition: QuarterOption = None,
    rule: RuleOption = None,
    as_json: AsJson = False,
) -> None:
    """Load rows that were kept out, as corrected, through the path of every load, by today's declaration.

    What passes is published; the rest stays out, with new reasons. The same again changes nothing. The correction
    stands beside the delivery, which is not touched. Records of systems are read again from the archived page, and
    corrected in the system itself.
    """
    from hrdata_assets.defs.replay import write_down
    from hrdata_assets.sync.replaying import replay_records

    if bool(assignments) and from_file is not None:
        raise SetupError("--set and --from are two ways to say the same: choose one")
    settings = load_settings()
    warehouse = warehouse_of(settings)
    with warehouse.connect("replay") as connection:
        sheet = _sheet(connection, warehouse, from_file) if from_file is not None else None
        named = list(sheet) if sheet is not None else ids
        letters = _found(connection, named, asset, partition, rule, status=None if named else "open")
        _refuse_closed(letters)
        of_systems, of_reports = _sorted_by_kind(letters)
        if of_systems and assignments:
            raise SetupError(_correct_there(of_systems[0]))
        said = sheet if sheet is not None else _said(connection, warehouse, of_reports, assignments or [])
        corrected = write_down(connection, of_reports, said, person())
    done = [execute(settings, Quarter.parse(q), from_archive=True) for q in _quarters(of_reports)]
    if of_systems:
        replay_records(warehouse, of_systems, f"replay {person()}")
    with warehouse.connect("replay") as connection:
        after = _found(connection, list(letters), status=None)
    rows = [_line(letter) for letter in after.values()]
    if as_json:
        print_json({"corrected": corrected, "success": all(r.success for r in done), "letters": rows})
    else:
        print_table(f"Records corrected: {corrected}", rows)
    if not all(r.success for r in done):
        raise typer.Exit(1)


@app.command()
def discard(
    ids: Ids = None,
    asset: Asset = None,
    partition: QuarterOption = None,
    rule: RuleOption = None,
    as_json: AsJson = False,
) -> None:
    """Close letters that nobody will put right. They stay on file, and the same rows arriving again open none."""
    from hrdata_assets.storage.letterbox import discard as close

    with warehouse_of(load_settings()).connect("letters") as connection:
        closed = close(connection, _meant(ids, asset, partition, rule), person())
    if as_json:
        print_json({"discarded": closed})
    else:
        announce(f"Letters discarded: {closed}")


def _wanted(ids: Sequence[int] | None, asset: str | None, partition: str | None, rule: str | None) -> Any:
    from hrdata_assets.catalogue import CORE, STAGED, synced_tables
    from hrdata_assets.storage.letterbox import Wanted

    table = table_named(asset, STAGED + CORE + synced_tables(load_settings())) if asset else None
    return Wanted(
        ids=ids or None,
        asset_key=f"{table.layer}/{table.name}" if table else None,
        partition_key=Quarter.parse(partition).key if partition else None,
        rule=rule,
    )


def _meant(ids: Sequence[int] | None, asset: str | None, partition: str | None, rule: str | None) -> Any:
    if not (ids or asset or partition or rule):
        raise SetupError("say which letters: their numbers, or --asset, --partition, --rule")
    return _wanted(ids, asset, partition, rule)


def _found(
    connection: Any,
    ids: Sequence[int] | None,
    asset: str | None = None,
    partition: str | None = None,
    rule: str | None = None,
    *,
    status: str | None = "open",
) -> dict[int, Any]:
    """Letters that are meant, by number. SetupError for a number there is none of, and where none is meant."""
    from dataclasses import replace

    from hrdata_assets.storage.letterbox import letters_like

    wanted = replace(_meant(ids, asset, partition, rule), status=status)
    letters = {letter.id: letter for letter in letters_like(connection, wanted)}
    unknown = sorted(set(ids or ()) - set(letters))
    if unknown:
        raise SetupError(f"there is no {status or ''} letter {', '.join(map(str, unknown))}: `hrdata letters list`")
    if not letters:
        raise SetupError("there is no such letter: `hrdata letters list`")
    return letters


def _sheet(connection: Any, warehouse: Any, file: Path) -> dict[int, Mapping[int, str]]:
    from hrdata_assets.cleaning.amendments import first_letter, read_sheet
    from hrdata_assets.defs.replay import differing, header_of

    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SetupError(f"{file} cannot be read as UTF-8 text: `hrdata letters export` writes such a file") from None
    first = first_letter(content, file.name)
    header = header_of(connection, warehouse, _found(connection, [first], status=None)[first])
    amended = {record.letter: record.cells for record in read_sheet(content, file.name, header)}
    letters = _found(connection, list(amended), status=None)
    if len({(x.asset_key, x.delivery) for x in letters.values()}) != 1:
        raise SetupError(f"{file} holds letters of several reports: replay one report at a time")
    said = {number: differing(letters[number], cells) for number, cells in amended.items()}
    return {number: cells for number, cells in said.items() if cells}


def _said(
    connection: Any, warehouse: Any, letters: Mapping[int, Any], assignments: Sequence[str]
) -> dict[int, Mapping[int, str]]:
    from hrdata_assets.defs.replay import assigned, header_of, staged_table_of

    if not assignments:
        return {}
    return {
        number: assigned(staged_table_of(letter), header_of(connection, warehouse, letter), assignments)
        for number, letter in letters.items()
    }


def _sorted_by_kind(letters: Mapping[int, Any]) -> tuple[list[Any], dict[int, Any]]:
    """Letters of systems' records, and those of reports."""
    from hrdata_assets.sync.replaying import synced_table

    if pushed := [letter for letter in letters.values() if letter.asset_key.startswith("pushed/")]:
        if pushed[0].row_no == 0:
            raise SetupError(f"letter {pushed[0].id} is about a whole page: the next transfer reads it again")
        told = f"letter {pushed[0].id} is about a row that was not taken: mend its cause, and push it again"
        raise SetupError(f"{told}, from a system with --full")
    if unified := [letter for letter in letters.values() if letter.record and letter.asset_key.startswith("core/")]:
        raise SetupError(f"letter {unified[0].id} is about a staged record: `hrdata unify` tries it again")
    of_systems = [letter for letter in letters.values() if synced_table(letter.asset_key)]
    return of_systems, {n: letter for n, letter in letters.items() if letter not in of_systems}


def _correct_there(letter: Any) -> str:
    from hrdata_assets.sync.replaying import synced_table

    found = synced_table(letter.asset_key)
    system = found[0].name if found else letter.asset_key
    return f"letter {letter.id} is about a record of {system}: correct it there, and the next pull takes it in"


def _refuse_closed(letters: Mapping[int, Any]) -> None:
    closed = [x for x in letters.values() if x.status not in ("open", "replayed")]
    if closed:
        raise SetupError(f"letter {closed[0].id} is {closed[0].status}: only open ones are replayed")


def _quarters(letters: Mapping[int, Any]) -> list[str]:
    return sorted({letter.partition_key for letter in letters.values()})


def _line(letter: Any) -> dict[str, object]:
    return {
        "id": letter.id,
        "asset": letter.asset_key,
        "quarter": letter.partition_key,
        "row": letter.row_no,
        "stage": letter.stage,
        "breaks": letter.rules,
        "status": letter.status,
        "seen": letter.seen,
        "first seen": f"{letter.first_seen:%Y-%m-%d %H:%M}",
    }


def _as_delivered(payload: Mapping[str, Any] | None, columns: Sequence[str]) -> list[dict[str, object]]:
    if payload is None:
        return []
    if "cells" in payload:
        return [{"heading": heading, "value": cell} for heading, cell in payload["cells"]]
    if "row" in payload:
        return [{"column": name, "value": payload["row"].get(name)} for name in columns]
    return [{"heading": name, "value": value} for name, value in payload.items()]


def _record(payload: Mapping[str, Any] | None, width: int) -> tuple[str, list[str | None]]:
    """The delivered text where a record has no cells, and its cells."""
    if payload and "cells" in payload:
        return "", [cell for _, cell in payload["cells"]]
    return str((payload or {}).get("text", "")), [None] * width
