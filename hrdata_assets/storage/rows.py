"""Rows into PostgreSQL: binary COPY straight from columns."""

from collections.abc import Mapping, Sequence

import pgpq
import polars as pl
import pyarrow as pa
from pgpq import encoders, schema
from psycopg import sql

from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import ColumnType

_BATCH_ROWS = 65_536


def copy_rows(
    connection: Connection, target: sql.Composable, rows: pl.DataFrame, types: Mapping[str, ColumnType]
) -> None:
    """Append a frame to a table, column by name. Columns whose type is LANGUAGES hold JSON as text."""
    if rows.is_empty():
        return
    names = list(types)
    arrow = rows.select(names).to_arrow(compat_level=pl.CompatLevel.oldest())
    encoder = pgpq.ArrowToPostgresBinaryEncoder.new_with_encoders(arrow.schema, _encoders(arrow.schema, types))
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(target, columns_of(names))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(encoder.write_header())
        for batch in arrow.to_batches(max_chunksize=_BATCH_ROWS):
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())


def columns_of(names: Sequence[str]) -> sql.Composable:
    """Names as a list of identifiers."""
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _encoders(arrow: pa.Schema, types: Mapping[str, ColumnType]) -> dict[str, object]:
    def encoder(field: pa.Field) -> object:
        if types[field.name] is ColumnType.LANGUAGES:
            return encoders.LargeStringEncoderBuilder.new_with_output(field, schema.Jsonb())
        return pgpq.ArrowToPostgresBinaryEncoder.infer_encoder(field)

    return {field.name: encoder(field) for field in arrow}
