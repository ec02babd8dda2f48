"""Tables that grow with what is loaded into them, and lose no value by it."""

import datetime
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from hrdata_assets.cleaning.lattice import TEXT, Exact, Fit, fit
from hrdata_assets.storage.evolution import (
    MOST_COLUMNS,
    SYSTEM_COLUMNS,
    Evolution,
    FileColumn,
    SchemaChange,
    TableColumn,
    columns_of,
    evolve,
    named,
    plan_evolution,
    written,
)
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.text_rows import copy_texts
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.workbooks.values import canonical_number

TABLE = "staff"
SOURCE = ("staff/one.xlsx", "ab" * 32)

INTEGER, BIGINT, NUMERIC = (Fit(kind, binary=True) for kind in (Exact.INTEGER, Exact.BIGINT, Exact.NUMERIC))


@pytest.fixture
def connection(warehouse: Warehouse) -> Iterator[Connection]:
    with warehouse.connect("evolution") as opened:
        yield opened
        opened.rollback()


def columns(**fits: Fit | None) -> list[FileColumn]:
    return [FileColumn(heading, 1, found) for heading, found in fits.items()]


def grown(*files: list[FileColumn]) -> Evolution:
    """What the last of several files does."""
    evolution = plan_evolution(None, files[0])
    for file in files[1:]:
        evolution = plan_evolution(evolution.columns, file)
    return evolution


def types(evolution: Evolution) -> dict[str, Exact]:
    return {column.name: column.type for column in evolution.columns}


def test_the_first_file_makes_the_table() -> None:
    evolution = grown(columns(Name=TEXT, Salary=INTEGER))
    assert types(evolution) == {"name": Exact.TEXT, "salary": Exact.INTEGER}
    assert evolution.changes == (SchemaChange("create_table"),)


def test_a_file_that_needs_nothing_changes_nothing() -> None:
    evolution = grown(columns(Salary=BIGINT), columns(SALARY=INTEGER))
    assert (types(evolution), evolution.changes) == ({"salary": Exact.BIGINT}, ())


def test_a_new_heading_adds_a_column_and_a_missing_one_takes_none_away() -> None:
    evolution = grown(columns(Name=TEXT), columns(Unit=TEXT))
    assert types(evolution) == {"name": Exact.TEXT, "unit": Exact.TEXT}
    assert evolution.changes == (SchemaChange("add_column", "unit", None, Exact.TEXT),)
    assert [place and place.name for place in evolution.places] == ["unit"]


@pytest.mark.parametrize(
    ("before", "arriving", "after"),
    [(INTEGER, BIGINT, Exact.BIGINT), (BIGINT, NUMERIC, Exact.NUMERIC), (INTEGER, TEXT, Exact.TEXT)],
)
def test_a_type_is_widened_as_far_as_it_must(before: Fit, arriving: Fit, after: Exact) -> None:
    evolution = grown(columns(A=before), columns(A=arriving))
    assert evolution.changes == (SchemaChange("alter_type", "a", before.type, after),)


def test_a_column_that_was_empty_takes_the_type_of_its_first_values() -> None:
    evolution = grown(columns(A=None), columns(A=INTEGER))
    assert evolution.changes == (SchemaChange("alter_type", "a", Exact.TEXT, Exact.INTEGER),)


def test_headings_that_stand_twice_are_two_columns_in_every_file() -> None:
    twice = [FileColumn("Name", 1, TEXT), FileColumn("Name", 2, TEXT)]
    evolution = grown(twice, list(reversed(twice)))
    assert [place and place.name for place in evolution.places] == ["name_2", "name"]


def test_what_is_beyond_the_thousandth_column_finds_no_room() -> None:
    evolution = grown([FileColumn(f"h{n}", 1, TEXT) for n in range(MOST_COLUMNS + 2)])
    assert len(evolution.columns) == MOST_COLUMNS
    assert [place is None for place in evolution.places[-3:]] == [False, True, True]


def load(connection: Connection, load_id: int, heading: str, texts: list[str | None]) -> TableColumn:
    """Load one column as a file of its own."""
    file = [FileColumn(heading, 1, fit(pl.Series(texts, dtype=pl.String)))]
    evolution = plan_evolution(columns_of(connection, TABLE), file)
    evolve(connection, TABLE, evolution, SOURCE)
    place = evolution.places[0]
    assert place is not None
    rows = pl.DataFrame({"text": texts}, schema={"text": pl.String}).with_row_index("row_no", 1)
    common = {"source_file": "f", "sheet": "s", "delivery": "d", "load_id": load_id, "load_timestamp": "2024-01-01"}
    part = rows.with_columns(*(pl.lit(value).alias(name) for name, value in common.items()))
    copy_texts(connection, named(TABLE), ["row_no", place.name, *common], [part], asset="excel/staff")
    return place


def stored(connection: Connection, name: str) -> list[str | None]:
    """Values of a column as texts, in the order in which they were loaded."""
    kind = next(column.type for column in columns_of(connection, TABLE) or () if column.name == name)
    query = sql.SQL("select {} from {} order by load_id, row_no").format(written(name, kind), named(TABLE))
    return [text for (text,) in connection.execute(query)]


def test_a_table_says_what_its_columns_are_called_in_the_files(connection: Connection) -> None:
    load(connection, 1, "Größe (cm)", ["180"])
    rows = connection.execute(
        "select column_name, heading, type, col_description('excel.staff'::regclass, 1) from ops.columns"
    ).fetchall()
    assert rows == [("grosse_cm", "Größe (cm)", "integer", "Größe (cm)")]
    names = connection.execute(
        "select column_name from information_schema.columns where table_schema = 'excel' order by ordinal_position"
    ).fetchall()
    assert [name for (name,) in names] == ["grosse_cm", *SYSTEM_COLUMNS]


def test_every_change_is_written_down(connection: Connection) -> None:
    load(connection, 1, "A", ["1"])
    load(connection, 2, "A", ["x"])
    load(connection, 3, "B", ["2024-01-31"])
    rows = connection.execute(
        "select change_type, column_name, old_type, new_type, source_file from ops.etl_schema_changes"
        " order by change_id"
    ).fetchall()
    assert rows == [
        ("create_table", None, None, None, SOURCE[0]),
        ("alter_type", "a", "integer", "text", SOURCE[0]),
        ("add_column", "b", None, "date", SOURCE[0]),
    ]


SAMPLES = {
    Exact.BOOLEAN: ["TRUE", "FALSE"],
    Exact.INTEGER: ["1", "-2147483648"],
    Exact.BIGINT: ["9223372036854775807"],
    Exact.NUMERIC: ["0.30000000000000004", "-12345678901234567890.5", "5"],
    Exact.DOUBLE: ["1E+300", "-2.5E-300", "0.1", "1" + "0" * 30, "1E+31", "1.5E+32", "123456.789", "1E-32"],
    Exact.DATE: ["0001-01-01", "9999-12-31", "2024-02-29"],
    Exact.TIMESTAMP: ["2024-01-31 08:30:00", "2024-01-31", "9999-12-31 23:59:59.999"],
    Exact.TIME: ["00:00:00", "23:59:59.5"],
    Exact.INTERVAL: ["26:30:00", "-00:30:00", "00:00:00.25", "1234567:00:00"],
    Exact.TEXT: ["x", "", " 1", "\\N", "\\.", 'a "quoted" text, with\nline\ttab'],
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_values_come_out_as_they_went_in(connection: Connection, kind: Exact) -> None:
    texts = [*SAMPLES[kind], None]
    place = load(connection, 1, "A", texts)
    assert place.type is kind
    assert stored(connection, "a") == texts


@pytest.mark.parametrize("kind", SAMPLES)
def test_values_are_the_same_texts_after_their_type_was_given_up(connection: Connection, kind: Exact) -> None:
    load(connection, 1, "A", SAMPLES[kind])
    load(connection, 2, "A", ["anything"])
    assert stored(connection, "a") == [*SAMPLES[kind], "anything"]


def test_a_number_halfway_between_two_binary_ones_stays_as_it_is(connection: Connection) -> None:
    files = [["-60383689434532860"], ["-2.104148980341541E+259"]]
    for number, texts in enumerate(files, start=1):
        load(connection, number, "A", texts)
    assert stored(connection, "a") == [text for texts in files for text in texts]


moments = st.datetimes(min_value=datetime.datetime(1, 1, 1)).map(
    lambda moment: str(moment.replace(microsecond=0)).removesuffix(" 00:00:00")
)
values = st.one_of(
    st.integers(-(10**19), 10**19).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr).map(canonical_number),
    moments,
    st.sampled_from(["TRUE", "x", "", "08:30:00", "30:00:00", None]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.lists(values, min_size=1, max_size=3), min_size=1, max_size=4))
def test_whatever_is_loaded_after_it_a_value_stays(connection: Connection, files: list[list[str | None]]) -> None:
    # The empty text is a value where the file's column is one of texts; elsewhere whoever loads it makes it null.
    given = [texts if fit(pl.Series(texts, dtype=pl.String)) == TEXT else [t or None for t in texts] for texts in files]
    connection.execute("savepoint before")
    for number, texts in enumerate(given, start=1):
        load(connection, number, "A", texts)
    assert stored(connection, "a") == [text for texts in given for text in texts]
    connection.execute("rollback to savepoint before")
