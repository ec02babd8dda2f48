"""The last look before writing: a frame of another shape is refused, and no value is told."""

import datetime
from decimal import Decimal

import polars as pl
import pytest

from hrdata_assets.catalogue import STAGED
from hrdata_assets.cleaning.frames import POLARS_TYPES
from hrdata_assets.errors import SetupError
from hrdata_assets.quality.shape import assert_shape
from hrdata_assets.table import Table
from hrdata_assets_tests.quality.builders import Employee, employees, judged_rows

TABLE = Employee.table


def good() -> pl.DataFrame:
    return judged_rows(*employees(3)).kept


def test_what_judging_keeps_has_the_declared_shape() -> None:
    assert_shape(TABLE, good())


@pytest.mark.parametrize("table", STAGED, ids=lambda table: table.name)
def test_a_frame_without_rows_has_the_declared_shape(table: Table) -> None:
    columns = {c.name: POLARS_TYPES[c.type] for c in table.columns}
    assert_shape(table, pl.DataFrame(schema={"row_no": pl.Int32(), **columns}))


@pytest.mark.parametrize("name", ["employee_id", "level", "title", "row_no"])
def test_a_column_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(SetupError, match=r"rows for staged\.employees .*COLUMN_NOT_IN_DATAFRAME"):
        assert_shape(TABLE, good().drop(name))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("level", pl.Series(["zebra", "quagga", "okapi"])),
        ("level", pl.Series([77001, 77002, 77003], dtype=pl.Int64)),
        ("email", pl.Series([77001, 77002, 77003])),
        ("born", pl.Series([datetime.datetime(1977, 1, 1)] * 3)),
        ("updated", pl.Series([datetime.date(1977, 1, 1)] * 3)),
        ("active", pl.Series([1, 0, 1])),
        ("title", pl.Series([{"int": "zebra"}] * 3)),
        ("row_no", pl.Series([1, 2, 3], dtype=pl.Int64)),
    ],
)
def test_a_column_of_another_type_is_named_without_its_values(name: str, wrong: pl.Series) -> None:
    with pytest.raises(SetupError, match=f"{name}: WRONG_DATATYPE") as refused:
        assert_shape(TABLE, good().with_columns(wrong.alias(name)))
    assert not [word for word in ("zebra", "77001", "1977") if word in str(refused.value)]
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("name", ["employee_id", "name", "row_no"])
def test_a_gap_in_a_required_column_is_named_without_the_row(name: str) -> None:
    frame = good()
    gap = pl.when(pl.col("row_no") == 3).then(None).otherwise(pl.col(name)).alias(name)
    with pytest.raises(SetupError, match=f"{name}: SERIES_CONTAINS_NULLS") as refused:
        assert_shape(TABLE, frame.with_columns(gap))
    assert not [word for word in ("Person", "e1", "e2", "e3") if word in str(refused.value)]


def test_gaps_elsewhere_and_more_columns_are_welcome() -> None:
    frame = good().with_columns(pl.lit(None, pl.String).alias("email"), pl.lit(1).alias("more"))
    assert_shape(TABLE, frame)


def test_numbers_may_have_any_scale() -> None:
    scaled = pl.Series("hours", [Decimal("1.234567"), None, Decimal(5)])
    assert_shape(TABLE, good().with_columns(scaled))


def test_every_fault_is_named_at_once() -> None:
    frame = good().drop("level").with_columns(pl.lit(1).alias("email"))
    with pytest.raises(SetupError, match=r"COLUMN_NOT_IN_DATAFRAME.*email: WRONG_DATATYPE|email.*COLUMN_NOT"):
        assert_shape(TABLE, frame)
