"""A published partition back as a frame, for code that people write."""

import pandas as pd
import pyarrow as pa
from psycopg import sql

from hrdata_assets.storage.ddl import identifier, stored_columns
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import ColumnType, Table

_ARROW_TYPES = {
    ColumnType.TEXT: pa.string(),
    ColumnType.INTEGER: pa.int32(),
    ColumnType.BIGINT: pa.int64(),
    ColumnType.NUMERIC: pa.decimal128(38, 6),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.TIMESTAMP: pa.timestamp("us"),
    ColumnType.LANGUAGES: pa.string(),
}


def partition_frame(connection: Connection, table: Table, partition: str) -> pd.DataFrame:
    """Rows of one partition as a pandas frame with Arrow types, in key order; JSON columns hold JSON text."""
    stored = stored_columns(table)
    columns = sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(n)) if t is ColumnType.LANGUAGES else sql.Identifier(n)
        for n, t in stored.items()
    )
    rows = connection.execute(
        sql.SQL("select {} from {} where {} = {} order by {}").format(
            columns,
            identifier(table),
            sql.Identifier(table.partition),
            sql.Literal(partition),
            sql.SQL(", ").join(map(sql.Identifier, table.key or ("row_no",))),
        )
    ).fetchall()
    arrays = [pa.array([row[i] for row in rows], type=_ARROW_TYPES[kind]) for i, kind in enumerate(stored.values())]
    frame: pd.DataFrame = pa.table(arrays, names=list(stored)).to_pandas(types_mapper=pd.ArrowDtype)
    return frame
