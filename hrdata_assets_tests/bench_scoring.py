"""How fast a large report is scored, and in how much memory: the judge alone, in a process of its own.

The report is generated: columns and rules are those of the people's report, one row in a hundred breaks a rule.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from hrdata_assets.cleaning.delimited import Delivered
from hrdata_assets.cleaning.frames import Cleaned, clean
from hrdata_assets.quality.implied import rules_of
from hrdata_assets.quality.judge import judge
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.flowcase.tables import User
from hrdata_assets.table import Table

ROWS = 1_000_000
QUARTER = Quarter(2026, 2)

COLUMNS: dict[str, pl.Expr] = {
    "cv_partner_user_id": pl.format("u{}", pl.col("n").mod(ROWS * 999 // 1000)),
    "email": pl.format("person{}@example.org", pl.col("n")),
    "birth_year": pl.when(pl.col("n").mod(100) == 7).then(pl.lit("?!")).otherwise(pl.col("n").mod(60) + 1940),
    "user_created_at": pl.format("20{}-0{}-15", pl.col("n").mod(15) + 10, pl.col("n").mod(9) + 1),
    "cv_last_updated_by_owner": pl.format("2025-1{}-1{}", pl.col("n").mod(3), pl.col("n").mod(10)),
    "cv_last_updated": pl.format("2026-0{}-2{}", pl.col("n").mod(5) + 1, pl.col("n").mod(9)),
    "years_of_education": pl.col("n").mod(20).cast(pl.String),
    "years_since_first_work_experience": pl.col("n").mod(40).cast(pl.String),
    "has_profile_image": pl.when(pl.col("n").mod(2) == 0).then(pl.lit("True")).otherwise(pl.lit("False")),
    "owns_reference_project": pl.lit("False"),
    "read_privacy_notice": pl.lit("True"),
    "sfia_level": (pl.col("n").mod(7) + 1).cast(pl.String),
    "cpd_level": (pl.col("n").mod(4) + 1).cast(pl.String),
}
"""Delivered texts by column, made of the row's number ``n``."""


def measured() -> dict[str, float]:
    """Score the report once: seconds, and the most memory the process had before it and altogether (MiB)."""
    cleaned = _cleaned()
    before = _peak()
    started = time.perf_counter()
    judged = judge(cleaned, QUARTER.last_day)
    seconds = time.perf_counter() - started
    if judged.received.rows != ROWS or not 0 < judged.set_aside < ROWS / 50:
        raise SystemExit("the report was not judged as it should be: nothing was measured")
    rules = sum(1 for measure in judged.received.measures if measure.units)
    return {"rows": ROWS, "rules": rules, "seconds": seconds, "before": before, "peak": _peak()}


def _cleaned() -> Cleaned:
    table = _table()
    rows = pl.select(n=pl.arange(ROWS, dtype=pl.Int64)).select(_texts(table))
    header = tuple(str(column.header) for column in table.columns)
    return clean(table, Delivered(header, rows, (), 0, has_nul=False, has_undecodable=False), "bench")


def _texts(table: Table) -> Iterator[pl.Expr]:
    for place, column in enumerate(table.columns):
        yield COLUMNS[column.name].cast(pl.String).alias(f"f{place}")
    yield (pl.col("n") + 2).cast(pl.Int32).alias("row_no")


def _table() -> Table:
    table = replace(User.table, columns=tuple(c for c in User.table.columns if c.name in COLUMNS))
    assert len(rules_of(table)) >= 20
    return table


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured()) + "\n")
