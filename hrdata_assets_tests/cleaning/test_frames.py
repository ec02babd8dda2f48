"""A delivery read by a declaration: typed columns, what was changed, what nobody declared, and what was not there."""

import datetime
import json

import polars as pl
import pytest

from hrdata_assets.catalogue import STAGED
from hrdata_assets.cleaning.delimited import UNDECODABLE, read_delimited
from hrdata_assets.cleaning.frames import POLARS_TYPES, Cleaned, clean, delivered_payload, present
from hrdata_assets.errors import DeliveryError
from hrdata_assets.rule import raw
from hrdata_assets.table import Languages, Row, Table, column
from hrdata_assets_tests.cleaning.builders import csv_of, csv_of_rows

NAME = "Q22026/employee_report.csv"


class Employee(Row, table="employees", origin="employee_report"):
    """One row per employee."""

    employee_id: str = column("Employee ID", key=True)
    """Id."""

    phone: str | None = column("Phone", personal=True)
    """Telephone."""

    born: datetime.date | None = column("Born")
    """Birthday."""

    level: int | None = column("Level")
    """Level."""

    title: Languages | None = column("Title")
    """Title by language."""


GOOD = {"Employee ID": "e1", "Phone": "900", "Born": "1984-02-29", "Level": "4", "Title (#{lang})": "int:Engineer"}


def an_employee(**changes: str) -> dict[str, str]:
    return GOOD | {name.replace("_", " "): text for name, text in changes.items()}


def read(content: bytes, table: Table = Employee.table) -> Cleaned:
    return clean(table, read_delimited(content, NAME), NAME)


def read_rows(*rows: dict[str, str]) -> Cleaned:
    return read(csv_of_rows(*rows))


def as_json(series: pl.Series) -> list[object]:
    return [None if text is None else json.loads(text) for text in series]


def test_every_declared_column_is_typed_beside_its_delivered_text() -> None:
    row = read_rows(an_employee(Born="29.02.1984")).rows.row(0, named=True)
    assert (row["employee_id"], row["level"], row["born"]) == ("e1", 4, datetime.date(1984, 2, 29))
    assert json.loads(row["title"]) == {"int": "Engineer"}
    assert (row[raw("born")], row[raw("title")]) == ("29.02.1984", "int:Engineer")
    assert (row["row_no"], row["undecodable"], row["extra"], row["changes"]) == (2, False, None, None)


def test_what_cannot_be_read_is_null_and_present() -> None:
    row = read_rows(an_employee(Level="four", Phone="")).rows.row(0, named=True)
    assert (row["level"], row[present("level")], row[raw("level")]) == (None, True, "four")
    assert (row["phone"], row[present("phone")], row[raw("phone")]) == (None, False, None)


def test_what_was_changed_is_told_per_row_and_column() -> None:
    found = read_rows(
        an_employee(Phone=" '+47 900 "),
        an_employee(Employee_ID="e2"),
        an_employee(Employee_ID="e3\0", Level="n/a", Born="2024-07-14 09:30:00"),
    )
    assert as_json(found.rows.get_column("changes")) == [
        {"phone": ["trimmed", "guard_removed"]},
        None,
        {"employee_id": ["nul_removed"], "born": ["time_dropped"], "level": ["missing_token"]},
    ]


def test_columns_that_nobody_declared_are_kept_as_extra() -> None:
    found = read(csv_of([*GOOD, "Mood", "Shoe size"], [*GOOD.values(), "glad", ""], [*GOOD.values(), '"\\', "43\0"]))
    assert as_json(found.rows.get_column("extra")) == [{"Mood": "glad"}, {"Mood": '"\\', "Shoe size": "43"}]
    assert found.unknown_headers == ("Mood", "Shoe size")


@pytest.mark.parametrize(
    ("headings", "labels"),
    [
        (["Mood", "Mood", "", "Mood"], ["Mood", "Mood (2)", "", "Mood (3)"]),
        (["Mood", "Mood (2)", "Mood"], ["Mood", "Mood (2)", "Mood (3)"]),
        (["Mood (2)", "Mood", "Mood", "Mood\0"], ["Mood (2)", "Mood", "Mood (3)", "Mood (4)"]),
    ],
)
def test_headings_that_repeat_hide_nothing(headings: list[str], labels: list[str]) -> None:
    cells = [f"cell {position}" for position in range(len(headings))]
    found = read(csv_of([*GOOD, *headings], [*GOOD.values(), *cells]))
    assert as_json(found.rows.get_column("extra")) == [dict(zip(labels, cells, strict=True))]


def test_without_undeclared_columns_there_is_no_extra() -> None:
    assert read_rows(GOOD).rows.get_column("extra").to_list() == [None]
    assert read_rows(GOOD).unknown_headers == ()


def test_a_column_that_did_not_come_is_null_and_not_present() -> None:
    found = read(csv_of(["Employee ID", "Level"], ["e1", "4"]))
    row = found.rows.row(0, named=True)
    assert (row["born"], row[present("born")], row[raw("born")], row["title"]) == (None, False, None, None)
    assert found.headers.absent == ("phone", "born", "title")
    assert {c.name: found.rows.schema[c.name] for c in Employee.table.columns} == {
        c.name: POLARS_TYPES[c.type] for c in Employee.table.columns
    }


def test_a_required_column_that_did_not_come_stops_the_delivery_and_is_named() -> None:
    with pytest.raises(DeliveryError, match=r"employee_report\.csv lacks the required column Employee ID: "):
        read(csv_of(["Level", "Phone"], ["4", "900 12 345"]))


def test_several_required_columns_that_did_not_come_are_all_named() -> None:
    class Pair(Row, table="pairs"):
        """One row per pair."""

        one: str = column("One", key=True)
        """First."""

        other: str = column("Other", key=True)
        """Second."""

    with pytest.raises(DeliveryError, match="lacks the required columns One, Other: "):
        read(csv_of(["Level"], ["4"]), Pair.table)


def test_records_with_bytes_that_are_no_text_are_told() -> None:
    content = csv_of_rows(an_employee(Phone="Æ"), an_employee(Employee_ID="e2")).replace("Æ".encode(), b"\xc6")
    assert read(content).rows.get_column("undecodable").to_list() == [True, False]


def test_bytes_that_are_no_text_are_told_in_a_column_that_nobody_declared_too() -> None:
    content = csv_of([*GOOD, "Mood"], [*GOOD.values(), "Æ"], [*GOOD.values(), ""]).replace("Æ".encode(), b"\xc6")
    assert read(content).rows.get_column("undecodable").to_list() == [True, False]


def test_a_payload_is_the_record_as_delivered_with_its_headings() -> None:
    found = read(csv_of(["Employee ID", "Name", "Name"], ["e1", " Anna ", ""], ["e2", "B\0o", "x"]))
    assert found.payload(2) == {"cells": [["Employee ID", "e1"], ["Name", " Anna "], ["Name", None]]}
    assert found.payload(3) == {"cells": [["Employee ID", "e2"], ["Name", "B\\x00o"], ["Name", "x"]]}


def test_a_payload_shows_bytes_that_are_no_text_as_hex() -> None:
    assert delivered_payload(["Name"], [f"{UNDECODABLE}c6rlig"]) == {"cells": [["Name", "\\xc6rlig"]]}


def test_ragged_records_are_no_rows_and_stay_told() -> None:
    found = read(b"Employee ID,Level\ne1,4\ne2\ne3,5\n")
    assert found.rows.get_column("row_no").to_list() == [2, 4]
    assert [(row.row_no, row.rule) for row in found.ragged] == [(3, "too_few_fields")]


@pytest.mark.parametrize("table", STAGED, ids=lambda table: table.name)
@pytest.mark.parametrize("dialect", ["(#{lang})", "(no)"])
def test_a_report_without_rows_has_every_column_with_its_type(table: Table, dialect: str) -> None:
    headings = [
        f"{c.header} {dialect}" if c.type.value == "jsonb" and "(in)" not in str(c.header) else str(c.header)
        for c in table.columns
    ]
    found = read(csv_of([*headings, "Mood"]), table)
    assert found.rows.height == 0
    assert {c.name: found.rows.schema[c.name] for c in table.columns} == {
        c.name: POLARS_TYPES[c.type] for c in table.columns
    }
    assert found.rows.schema["extra"] == found.rows.schema["changes"] == pl.String
    assert found.rows.schema["undecodable"] == pl.Boolean
    assert found.rows.schema["row_no"] == pl.Int32
