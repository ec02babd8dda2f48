"""Records read otherwise than they were delivered, because somebody said what should have stood there."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from hrdata_assets.cleaning.delimited import Delivered


def corrected(delivered: Delivered, corrections: Mapping[int, Mapping[int, str]]) -> Delivered:
    """Put corrected cells (by record number and place in the record) in place of the delivered ones.

    A record with too few or too many fields becomes one of the others once all its fields are given.
    """
    if not corrections:
        return delivered
    width = len(delivered.header)
    whole = {row.row_no for row in delivered.ragged if set(corrections.get(row.row_no, ())) >= set(range(width))}
    found = delivered.rows.filter(pl.col("row_no").is_in(list(corrections)))
    records = {record[-1]: list(record[:-1]) for record in found.iter_rows()}
    records |= {row_no: [None] * width for row_no in whole}
    for row_no, record in records.items():
        for position, text in corrections[row_no].items():
            if position < width:
                record[position] = text or None
    rebuilt = pl.DataFrame(
        [(*record, row_no) for row_no, record in records.items()], schema=delivered.rows.schema, orient="row"
    )
    rest = delivered.rows.filter(~pl.col("row_no").is_in(list(records)))
    return replace(
        delivered,
        rows=pl.concat([rest, rebuilt]).sort("row_no"),
        ragged=tuple(row for row in delivered.ragged if row.row_no not in whole),
        corrected={row_no: frozenset(corrections[row_no]) for row_no in records},
    )
