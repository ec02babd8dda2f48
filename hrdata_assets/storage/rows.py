"""Rows into PostgreSQL: binary COPY straight from columns."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pgpq
import polars as pl
import pyarrow as pa
from pgpq import encoders, schema
from psycopg import sql

from hrdata_assets.faults import fault
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.table import ColumnType

_BATCH_ROWS = 65_536
_COMPATIBLE = pl.CompatLevel.oldest()


def copy_rows(
    connection: Connection, target: sql.Composable, rows: pl.DataFrame, types: Mapping[str, ColumnType], *, asset: str
) -> None:
    """Fill a table made in this transaction, column by name. Columns whose type is LANGUAGES hold JSON as text.

    It goes in two pieces at least; ``asset`` is whose rows they are. Columns without a value are not sent.
    """
    if rows.is_empty():
        return
    names = [name for name in types if rows.get_column(name).null_count() < rows.height]
    rows = rows.select(names)
    empty = rows.clear().to_arrow(compat_level=_COMPATIBLE)
    encoder = pgpq.ArrowToPostgresBinaryEncoder.new_with_encoders(empty.schema, _encoders(empty.schema, types))
    # Nobody sees the table before the transaction ends, so that its rows need no mark of it: a fifteenth of the time.
    statement = sql.SQL("copy {} ({}) from stdin (format binary, freeze)").format(target, columns_of(names))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(encoder.write_header())
        # While one batch goes over the wire the next is encoded.
        with ThreadPoolExecutor(1) as ahead:
            pending = None
            for part in rows.iter_slices(min(_BATCH_ROWS, (rows.height + 1) // 2)):
                encoded = ahead.submit(_encode, encoder, part)
                if pending is not None:
                    copy.write(pending.result())
                    fault("mid_copy", asset)
                pending = encoded
            if pending is not None:
                copy.write(pending.result())
        copy.write(encoder.finish())


def _encode(encoder: pgpq.ArrowToPostgresBinaryEncoder, part: pl.DataFrame) -> bytes:
    batches = part.to_arrow(compat_level=_COMPATIBLE).to_batches()
    return b"".join(encoder.write_batch(batch) for batch in batches)


def columns_of(names: Sequence[str]) -> sql.Composable:
    """Names as a list of identifiers."""
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _encoders(arrow: pa.Schema, types: Mapping[str, ColumnType]) -> dict[str, Any]:
    def encoder(field: pa.Field) -> Any:
        if types[field.name] is ColumnType.LANGUAGES:
            return encoders.LargeStringEncoderBuilder.new_with_output(field, schema.Jsonb())
        return pgpq.ArrowToPostgresBinaryEncoder.infer_encoder(field)

    return {field.name: encoder(field) for field in arrow}
