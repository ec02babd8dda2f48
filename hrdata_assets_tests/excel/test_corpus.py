"""Every workbook of the corpus becomes the table that was declared for it, and every cell of it can be told again."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from psycopg import sql

from hrdata_assets.excel.folders import Loaded, load_all
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.systems.workbooks.discovery import find_workbooks
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.excel.corpus import CASES
from hrdata_assets_tests.excel.corpus.case import Case, Workbook
from hrdata_assets_tests.excel.corpus.formats import MERGED, SAME
from hrdata_assets_tests.excel.corpus.values import plain_text
from hrdata_assets_tests.installation import Installation

OURS = ("extra", "source_file", "sheet", "row_no", "delivery", "load_id", "load_timestamp")

READ = [case for case in CASES if all(workbook.code is None for workbook in case.workbooks)]
REFUSED = [case for case in CASES if case not in READ]

Changes = frozenset[tuple[str, str, tuple[int, ...]]]


@dataclass(frozen=True)
class Stored:
    """A row as it is stored, its values as texts."""

    source_file: str
    row_no: int
    values: tuple[str | None, ...]
    extra: dict[str, str]


@dataclass(frozen=True)
class Corpus:
    """The loaded corpus."""

    installation: Installation
    outcomes: dict[str, Loaded]
    changes: dict[str, Changes]
    letters: dict[tuple[str, str | None], list[tuple[int, str, str | None]]]
    columns: dict[str, dict[str, str]]
    tables: dict[str, list[Stored]]

    def rows(self, case: Case) -> list[Stored]:
        """Rows of a case's table, workbook by workbook."""
        return self.tables.get(case.table_name, [])


def stored_rows(connection: Connection, table: str, columns: dict[str, str]) -> list[Stored]:
    """Rows of a table in the order of their files, their values as texts."""
    wanted = sql.SQL(", ").join(
        sql.SQL("{}::text" if kind == "jsonb" else "{}").format(sql.Identifier(name)) for name, kind in columns.items()
    )
    ours = sql.SQL("select {} from {} order by source_file, row_no").format(
        sql.SQL(", ").join((sql.SQL("source_file, row_no, extra"), wanted)), sql.Identifier("excel", table)
    )
    return [
        Stored(file, row_no, tuple(map(told, values)), extra or {})
        for file, row_no, extra, *values in connection.execute(ours).fetchall()
    ]


def told(value: object) -> str | None:
    """A stored value as text."""
    if isinstance(value, str | int | float | Decimal | datetime.date | datetime.time | datetime.timedelta):
        return plain_text(value)
    return None if value is None else str(value)


@pytest.fixture(scope="module")
def corpus(new_installation: NewInstallation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """All workbooks, each in its case's folder, loaded at once."""
    with new_installation(tmp_path_factory.mktemp("corpus")) as installation:
        write_all(installation.folder)
        yield loaded(installation)


def write_all(folder: Path) -> None:
    """Write the workbooks and the configuration of their folders."""
    lines = []
    for case in CASES:
        case.write(folder / "data")
        if case.options:
            indented = "".join(f"  {line}\n" for line in case.options.splitlines())
            lines.append(f"{json.dumps(case.place)}:\n{indented}")
    (folder / "config").mkdir()
    (folder / "config" / "etl_config.yaml").write_text("".join(lines), encoding="utf-8")


def loaded(installation: Installation) -> Corpus:
    """Load all and look at what that left."""
    with installation.environment():
        settings = load_settings()
        found = find_workbooks(settings.workbooks_dir)
        outcomes = {one.file.path.as_posix(): one for one in load_all(installation.warehouse, settings, found, "test")}
    changes: dict[str, Changes] = {}
    for file, column, change, rows in installation.rows(
        "select source_file, column_name, change, rows from ops.value_changes join ops.etl_imports using (import_id)"
    ):
        changes[file] = changes.get(file, frozenset()) | {(column, change, tuple(rows))}
    letters: dict[tuple[str, str | None], list[tuple[int, str, str | None]]] = {}
    for asset, file, row, rule, column in installation.rows(
        "select l.asset_key, source_file, row_no, r ->> 'rule', r ->> 'column' from ops.dead_letters l"
        " left join ops.etl_imports on delivery = left(file_sha256, 16) and asset_key = 'excel/' || table_name,"
        " jsonb_array_elements(reasons) with ordinality e (r, place) order by l.asset_key, row_no, place"
    ):
        letters.setdefault((asset, file), []).append((row, rule, column))
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in installation.rows(
        "select relname::text, attname::text, format_type(atttypid, null) from pg_attribute"
        " join pg_class c on c.oid = attrelid where relnamespace = 'excel'::regnamespace and relkind = 'r'"
        " and attnum > 0 order by relname, attnum"
    ):
        if column not in OURS:
            columns.setdefault(table, {})[column] = kind.removesuffix(" without time zone")
    with installation.warehouse.connect("test") as connection:
        tables = {table: stored_rows(connection, table, found) for table, found in columns.items()}
    return Corpus(installation, outcomes, changes, letters, columns, tables)


def _ids(cases: list[Case]) -> list[str]:
    return [case.name for case in cases]


def test_there_are_enough_workbooks(corpus: Corpus) -> None:
    assert len(corpus.outcomes) == sum(len(case.workbooks) for case in CASES) >= 120


@pytest.mark.parametrize("case", READ, ids=_ids(READ))
def test_a_workbook_becomes_the_table_that_was_declared(corpus: Corpus, case: Case) -> None:
    for path in case.paths:
        outcome = corpus.outcomes[path].outcome
        assert (outcome.status, outcome.reason) == ("loaded", None)
    assert corpus.columns.get(case.table_name, {}) == case.columns
    room = len(case.columns)
    headings = _headings(case)
    assert [_whole(row, headings, room) for row in corpus.rows(case)] == [tuple(row) for row in case.rows]


def _headings(case: Case) -> list[str]:
    """Headings of the last workbook as what was moved aside is called by them."""
    sheet = case.workbooks[-1].sheet
    headings = [str(heading) for heading in next(iter(sheet.numbered.values()), ())]
    return [h if h not in headings[:n] else f"{h} ({headings[:n].count(h) + 1})" for n, h in enumerate(headings)]


def _whole(row: Stored, headings: list[str], room: int) -> tuple[str | None, ...]:
    """Values of a row, those among them that were moved aside."""
    if not row.extra:
        return row.values + (None,) * (len(headings) - room if room == 1_000 else 0)
    return tuple(
        row.extra.get(heading, row.values[place] if place < room else None) for place, heading in enumerate(headings)
    )


@pytest.mark.parametrize("case", READ, ids=_ids(READ))
def test_what_was_decided_changed_and_kept_out_is_what_was_declared(corpus: Corpus, case: Case) -> None:
    for path, workbook in case.paths.items():
        outcome = corpus.outcomes[path].outcome
        assert tuple(decision.code for decision in outcome.decisions) == workbook.decisions
        assert corpus.changes.get(path, frozenset()) == workbook.changes
        assert tuple(corpus.letters.get((f"excel/{case.table_name}", path), [])) == workbook.letters
        assert outcome.counts.set_aside == len({row for row, _, _ in workbook.letters})
        assert outcome.sheet == workbook.sheet_name


@pytest.mark.parametrize("case", READ, ids=_ids(READ))
def test_every_cell_is_told_again_or_is_named(corpus: Corpus, case: Case) -> None:
    stored = corpus.rows(case)
    for path, workbook in case.paths.items():
        rows = {row.row_no: row for row in stored if row.source_file == path}
        assert _silently_changed(case, workbook, rows, corpus.changes.get(path, frozenset())) == []
        assert _silently_lost(workbook, set(rows)) == []


def _silently_changed(case: Case, workbook: Workbook, rows: dict[int, Stored], changes: Changes) -> list[object]:
    """Cells that are stored otherwise than they are, and nothing says so."""
    texts = workbook.sheet.texts
    places = workbook.places or tuple(sorted({column for _, column in texts}))
    headings = _headings(case)
    named = {(column, row) for column, _, numbers in changes for row in numbers}
    whole = {number: _whole(row, headings, len(case.columns)) for number, row in rows.items()}
    names = [*case.columns, *[None] * (len(places) - len(case.columns))]
    return [
        (number, name, source, value)
        for number in rows
        for position, (name, place) in enumerate(zip(names, places, strict=False))
        for source in (texts.get((number, place)),)
        for value in (whole[number][position],)
        if value != source and (name, number) not in named
    ]


def _silently_lost(workbook: Workbook, stored: set[int]) -> list[tuple[int, int]]:
    """Cells below the headings that are neither stored nor kept out with a reason nor skipped as was declared."""
    first = min(stored, default=1_048_577)
    kept_out = {row for row, _, _ in workbook.letters} | workbook.sheet.hidden_rows | workbook.left_out
    return [
        (row, column)
        for (row, column), text in workbook.sheet.texts.items()
        if row not in stored | kept_out and row >= first and text != ""
    ]


@pytest.mark.parametrize("case", REFUSED, ids=_ids(REFUSED))
def test_what_cannot_be_read_fails_with_its_code_and_leaves_a_letter(corpus: Corpus, case: Case) -> None:
    ((path, workbook),) = case.paths.items()
    outcome = corpus.outcomes[path].outcome
    assert (outcome.status, outcome.code) == ("failed", workbook.code)
    assert corpus.letters[f"excel/{case.table_name}", None] == [(0, workbook.code, None)]
    assert case.table_name not in corpus.columns


@pytest.mark.parametrize("cases", [SAME, MERGED], ids=["staff", "merged"])
def test_the_same_content_makes_the_same_table_in_every_format(corpus: Corpus, cases: tuple[Case, ...]) -> None:
    tables = [
        (corpus.columns[case.table_name], [(row.row_no, row.values) for row in corpus.rows(case)]) for case in cases
    ]
    assert len(tables) == 5
    assert all(table == tables[0] for table in tables)
