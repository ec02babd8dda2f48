"""The last look at a frame before it is written: columns, types and required values, by pandera; counts, no values."""

from typing import TYPE_CHECKING

import polars as pl

from hrdata_assets.cleaning.frames import POLARS_TYPES
from hrdata_assets.errors import SetupError
from hrdata_assets.table import ColumnType, Table

if TYPE_CHECKING:
    from pandera.polars import DataFrameSchema


def assert_shape(table: Table, rows: pl.DataFrame) -> None:
    """Refuse a frame whose columns, types or required values are not as declared: SetupError, for it is our fault."""
    from pandera.errors import SchemaErrors

    try:
        _schema(table).validate(rows, lazy=True)
    except SchemaErrors as error:
        # pandera quotes failing cells; only which check failed where is passed on.
        faults = sorted(
            {f"{e.schema.name or 'frame'}: {e.reason_code.name}" for e in error.schema_errors if e.reason_code}
        )
        raise SetupError(
            f"rows for {table.address} do not have the declared shape ({'; '.join(faults)}): "
            "mend the asset that makes them"
        ) from None


def _schema(table: Table) -> "DataFrameSchema":
    # Importing pandera costs as much as reading a report: only where rows are written.
    import pandera.polars as pa

    columns = {
        c.name: pa.Column(None if c.type is ColumnType.NUMERIC else POLARS_TYPES[c.type], nullable=not c.required)
        for c in table.columns
    }
    columns["row_no"] = pa.Column(pl.Int32, nullable=False)
    return pa.DataFrameSchema(columns, strict=False)
