"""Rows of texts into PostgreSQL: the server reads them as its columns' types, each text exactly as it is written."""

import io
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import polars as pl
import psycopg
from psycopg import sql

from hrdata_assets.errors import SetupError
from hrdata_assets.faults import fault
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.rows import columns_of

Part = tuple[int, bytes]
"""Number of rows, and their text."""


class RowsRefusedError(SetupError):
    """The database takes rows for no values of their table's."""


def copy_texts(
    connection: Connection, target: sql.Composable, names: Sequence[str], parts: Iterable[pl.DataFrame], *, asset: str
) -> int:
    """Append parts, column by place, to the columns of these names; ``asset`` is whose rows they are.

    Null and the empty text stay apart. Returns the number of rows. RowsRefusedError if one breaks a constraint, or does
    not fit.
    """
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(target, columns_of(names))
    rows = 0
    with _refusal_told(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        for height, text in _one_ahead((part.height, _csv(part)) for part in parts if not part.is_empty()):
            if rows:
                fault("mid_copy", asset)
            copy.write(text)
            rows += height
    return rows


def _one_ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """The same parts, each made while the server reads the one before; of one alone nothing is made ahead."""
    first, second = next(parts, None), next(parts, None)
    if first is not None:
        yield first
    if second is None:
        return
    with ThreadPoolExecutor(1) as writing:
        part: Part | None = second
        while part is not None:
            following = writing.submit(next, parts, None)
            yield part
            part = following.result()


@contextmanager
def _refusal_told() -> Iterator[None]:
    try:
        yield
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded) as error:
        named = error.diag.constraint_name or error.diag.column_name
        about = f", {named}" if named else ""
        raise RowsRefusedError(f"the database refuses a row (SQLSTATE {error.sqlstate}{about})") from None


def _csv(part: pl.DataFrame) -> bytes:
    """Texts in quotes, nulls as nothing: that is how COPY tells them apart."""
    buffer = io.BytesIO()
    part.write_csv(buffer, include_header=False, quote_style="non_numeric", null_value="")
    return buffer.getvalue()
