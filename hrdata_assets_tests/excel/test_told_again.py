"""Any sheet at all: each of its cells is stored so that it can be told again, or is named with the reason why not."""

import datetime
import re
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hrdata_assets.excel.folders import load_all
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.workbooks.discovery import find_workbooks
from hrdata_assets_tests.excel.corpus.values import Book, Sheet, Shown, Value, text_of
from hrdata_assets_tests.excel.corpus.writing import write_xlsx
from hrdata_assets_tests.excel.test_corpus import stored_rows
from hrdata_assets_tests.installation import Installation

_STRANGE = st.sampled_from(
    [
        *("\\N", "\\.", "", " ", "''", '"', "a\nb", "\r", "\t", "_x0041_", "=1", "+1", "NULL", "#N/A", "<&>", "\x01"),
        *("007", "-0", "1E+5", "1e5", "12.50", "0.10", "1E+40", "١٢", "1 000", "1,5", "TRUE", "true", "24:00:00"),
        *(
            "2024-02-30",
            "2024-01-31 00:00:00",
            "08:30",
            "08:30:00",
            "-00:00:00",
            "100:00:00",
            "Total",
            "{}",
            "infinity",
        ),
    ]
)


def _kept_by_the_writer(number: float) -> bool:
    """Whether sixteen digits, which is what it writes, tell the number."""
    return Decimal(f"{number:.16G}") == Decimal(repr(number))


_NUMBERS = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**6), 10**6, places=4).map(float).filter(lambda number: _kept_by_the_writer(number)),
    st.sampled_from([1e40, -2.5e-40, 1e20]),
)
_TEXTS = st.one_of(_STRANGE, st.text(max_size=12), st.decimals(allow_nan=False, allow_infinity=False).map(str))
_MOMENTS = st.one_of(
    st.dates(datetime.date(1900, 3, 1)),
    st.datetimes(datetime.datetime(1900, 3, 1), datetime.datetime(2100, 1, 1)).map(lambda m: m.replace(microsecond=0)),
    st.times().map(lambda t: t.replace(microsecond=0)),
    st.integers(-(10**6), 10**6)
    .map(lambda seconds: datetime.timedelta(seconds=seconds))
    .map(lambda length: Shown(length / datetime.timedelta(days=1), "[h]:mm:ss", text_of(length))),
    st.integers(0, 99).map(lambda number: Shown(number, "0000", f"{number:04d}")),
)
_KINDS: list[st.SearchStrategy[Value]] = [_NUMBERS, _TEXTS, _MOMENTS, st.booleans(), st.one_of(_NUMBERS, _TEXTS)]

_COLUMNS = st.sampled_from(_KINDS).flatmap(
    lambda kind: st.lists(st.one_of(st.none(), kind, kind, kind), min_size=1, max_size=6)
)


def test_every_cell_of_any_sheet_is_told_again_or_is_named(installation: Installation) -> None:
    counted = iter(range(1_000))

    @example([["1" + "0" * 31]])
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(_COLUMNS, min_size=1, max_size=6))
    def told_again(columns: list[list[Value]]) -> None:
        height = max(map(len, columns))
        filled = [[*column, *[None] * (height - len(column))] for column in columns]
        rows: list[list[Value]] = [["Row", *(f"Column {n}" for n in range(len(columns)))]]
        rows += [[f"r{n}", *row] for n, row in enumerate(zip(*filled, strict=True))]
        folder = f"t{next(counted)}"
        assert _silently_changed(installation, folder, rows) == []

    told_again()


def _silently_changed(installation: Installation, folder: str, rows: list[list[Value]]) -> list[object]:
    """Cells that are stored otherwise than they are, or not at all, and nothing says so."""
    path = installation.folder / "data" / folder / "a.xlsx"
    path.parent.mkdir(parents=True)
    write_xlsx(path, Book({"Sheet1": Sheet(rows)}))
    _load(installation, path)
    columns = {"row": "text", **{f"column_{n}": "" for n in range(len(rows[0]) - 1)}}
    named = {
        (column, number)
        for column, numbers in installation.rows(
            "select column_name, rows from ops.value_changes join ops.etl_imports using (import_id)"
            " where table_name = %s",
            folder,
        )
        for number in numbers
    }
    with installation.warehouse.connect("test") as connection:
        stored = {row.row_no: row.values for row in stored_rows(connection, folder, columns)}
    return [
        (number, column, text_of(value), stored[number][place])
        for number, row in enumerate(rows[1:], start=2)
        for place, (column, value) in enumerate(zip(columns, row, strict=True))
        if text_of(value) not in _spellings(stored[number][place]) and (column, number) not in named
    ]


def _spellings(told: str | None) -> set[str | None]:
    """A stored value as text; what told it spells large numbers with an exponent, and a cell may write them out."""
    out = {format(Decimal(told), "f")} if told and re.fullmatch(r"-?\d(\.\d+)?E[+-]\d+", told) else set()
    return {told, *out}


def _load(installation: Installation, path: Path) -> None:
    workbooks = load_settings()
    found = find_workbooks(workbooks.workbooks_dir)
    outcomes = [one.outcome for one in load_all(installation.warehouse, workbooks, found, "test")]
    path.unlink()
    assert [outcome.status for outcome in outcomes] == ["loaded"]
