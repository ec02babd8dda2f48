"""Rules that a declaration says by itself: required, key, type, range, list, pattern, form, freshness, references.

Each derives the example that breaks it from the declaration as well.
"""

import datetime
from collections.abc import Iterator

import polars as pl

from hrdata_assets.cleaning.frames import present
from hrdata_assets.cleaning.values import ISO_FORM
from hrdata_assets.rule import CRITICAL_WEIGHT, KEY_WEIGHT, Action, Broken, Dimension, Rule, raw
from hrdata_assets.table import Column, ColumnType, Table

KEY_UNIQUE = "key_unique"
"""The rule that the surplus of a doubled key breaks."""

FIRST_OF_KEY = "first_of_key"
"""Column that tells whether a row stands for its key."""

LONG_AGO = "1901-01-01"
"""A day that no column of a living report counts as recent."""

_NOT_READABLE = {
    ColumnType.DATE: "2025-02-30",
    ColumnType.TIMESTAMP: "2025-02-30",
    ColumnType.MOMENT: "2025-02-30",
    ColumnType.TEXTS: "[[",
    ColumnType.LANGUAGES: '{"int": 5}',
}

_READ_AS = {
    ColumnType.INTEGER: "a whole number",
    ColumnType.BIGINT: "a whole number",
    ColumnType.NUMERIC: "a number",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "a date that exists",
    ColumnType.TIMESTAMP: "a date that exists",
    ColumnType.MOMENT: "a moment that exists",
    ColumnType.LANGUAGES: "a text, or texts by language",
    ColumnType.TEXTS: "a list of texts",
    ColumnType.TEXT: "a text",
}


def rules_of(table: Table) -> tuple[Rule, ...]:
    """Every rule of a table: what its declaration implies, then those written by hand."""
    implied = [rule for column in table.columns for rule in _of_column(table, column)]
    return (_decodable(), *implied, *([_key_unique(table)] if table.key else []), *table.rules)


def listed(column: str) -> str:
    """Name under which a frame tells whether a column's text stands in its list; null where there is no list."""
    return f"listed.{column}"


def agreeing(column: str) -> str:
    """Name under which a frame tells whether a column agrees with its reference; null where that holds no value."""
    return f"agreeing.{column}"


def _of_column(table: Table, column: Column) -> Iterator[Rule]:
    if column.required:
        yield _required(column)
    if column.type is not ColumnType.TEXT or column.allowed or column.pattern:
        yield _valid(column)
    if column.form or column.type in (ColumnType.DATE, ColumnType.TIMESTAMP):
        yield _form(column)
    if column.max_age_days is not None:
        yield _fresh(table, column)
    if column.listed_in:
        yield _listed(column)
    if column.agrees_with:
        yield _agreeing(column)


def _decodable() -> Rule:
    return Rule(
        name="text_is_utf8",
        dimension=Dimension.CONFORMITY,
        message="Every byte of the record is UTF-8 text.",
        passes=~pl.col("undecodable"),
        applies=pl.lit(True),
        breaks=Broken.NO_UTF8,
        action=Action.SET_ASIDE,
    )


def _required(column: Column) -> Rule:
    return Rule(
        name=f"{column.name}_present",
        dimension=Dimension.COMPLETENESS,
        message=f"{column.header or column.name} has a value.",
        passes=pl.col(present(column.name)),
        applies=pl.lit(True),
        breaks={column.name: ""},
        action=Action.SET_ASIDE,
        weight=KEY_WEIGHT if column.key else max(column.weight, CRITICAL_WEIGHT),
        column=column.name,
    )


def _valid(column: Column) -> Rule:
    value = pl.col(column.name)
    passes = value.is_not_null()
    words = [_READ_AS[column.type]]
    if column.ge is not None:
        passes, words = passes & (value >= column.ge), [*words, f"at least {_shown(column.ge)}"]
    if column.le is not None:
        passes, words = passes & (value <= column.le), [*words, f"at most {_shown(column.le)}"]
    if column.past:
        passes, words = passes & (value.cast(pl.Date) <= pl.col("as_of")), [*words, "not after the quarter's last day"]
    if column.allowed:
        passes, words = passes & value.is_in(list(column.allowed)), [*words, f"one of {', '.join(column.allowed)}"]
    if column.pattern:
        passes, words = passes & value.str.contains(f"^(?:{column.pattern})$"), [*words, f"like {column.pattern}"]
    return Rule(
        name=f"{column.name}_valid",
        dimension=Dimension.VALIDITY,
        message=f"{column.header or column.name} is {', '.join(words)}.",
        passes=passes.fill_null(False),
        applies=pl.col(present(column.name)),
        breaks={column.name: column.breaks or _NOT_READABLE.get(column.type, "none of these")},
        action=Action.SET_ASIDE,
        weight=column.weight,
        column=column.name,
    )


def _shown(bound: float | datetime.date) -> str:
    return str(bound) if isinstance(bound, datetime.date) else f"{bound:g}"


def _form(column: Column) -> Rule:
    text = pl.col(raw(column.name))
    form = f"^(?:{column.form})$" if column.form else ISO_FORM
    return Rule(
        name=f"{column.name}_form",
        dimension=Dimension.CONFORMITY,
        message=f"{column.header or column.name} is written {'as agreed' if column.form else 'YYYY-MM-DD'}.",
        passes=text.str.contains(form),
        applies=pl.col(present(column.name)),
        breaks={column.name: column.miswritten} if column.miswritten else Broken.DAY_FIRST,
        weight=column.weight,
        column=column.name,
    )


def _fresh(table: Table, column: Column) -> Rule:
    age = pl.col("as_of").cast(pl.Date) - pl.col(column.name).cast(pl.Date)
    return Rule(
        name=f"{column.name}_fresh",
        dimension=Dimension.TIMELINESS,
        message=f"{column.header or column.name} is at most {column.max_age_days} days before the quarter's last day.",
        passes=age.dt.total_days() <= column.max_age_days,
        applies=pl.col(column.name).is_not_null(),
        # Beside so old a day, most others would be out of order.
        breaks={column.name: LONG_AGO, **_without_other_days(table, column)},
        weight=column.weight,
        column=column.name,
    )


def _without_other_days(table: Table, column: Column) -> dict[str, str]:
    days = (ColumnType.DATE, ColumnType.TIMESTAMP)
    return {c.name: "" for c in table.columns if c.type in days and not c.required and c is not column}


def _listed(column: Column) -> Rule:
    return Rule(
        name=f"{column.name}_listed",
        dimension=Dimension.INTEGRITY,
        message=f"{column.header or column.name} stands, exactly as it is written, in the list {column.listed_in}.",
        passes=pl.col(listed(column.name)),
        applies=pl.col(present(column.name)),
        breaks=Broken.BY_REFERENCE,
        action=column.unlisted,
        weight=column.weight,
        column=column.name,
    )


def _agreeing(column: Column) -> Rule:
    return Rule(
        name=f"{column.name}_agrees",
        dimension=Dimension.ACCURACY,
        message=f"{column.header or column.name} is, but for upper and lower case, what the reference "
        f"{column.agrees_with} holds.",
        passes=pl.col(agreeing(column.name)),
        applies=pl.col(present(column.name)),
        breaks=Broken.BY_REFERENCE,
        weight=column.weight,
        column=column.name,
    )


def _key_unique(table: Table) -> Rule:
    required = [pl.col(present(name)) for name in table.key if table.column(name).required]
    return Rule(
        name=KEY_UNIQUE,
        dimension=Dimension.UNIQUENESS,
        message=f"No other row has the same {', '.join(table.key)}.",
        passes=pl.col(FIRST_OF_KEY),
        applies=pl.all_horizontal(required) if required else pl.lit(True),
        breaks=Broken.TWICE,
        action=Action.SET_ASIDE,
        weight=KEY_WEIGHT,
    )


def first_of_key(table: Table, rows: pl.DataFrame) -> pl.Series:
    """Tell the row that stands for its key from its repetitions; only the surplus of a key is told off.

    Of rows with one key (texts compared without case, in NFC) it is the first that breaks no other rule: the boolean
    column ``acceptable`` says which do not.
    """
    if not table.key or _all_differ(table, rows):
        return pl.repeat(True, rows.height, dtype=pl.Boolean, eager=True)
    keys = pl.DataFrame([_normalised(rows.get_column(name)) for name in table.key])
    ranked = keys.with_columns((~rows.get_column("acceptable")).alias("worse."), rows.get_column("row_no").alias("no."))
    rank = pl.struct("worse.", "no.").rank("ordinal").over(list(table.key))
    return ranked.select(rank == 1).to_series()


def _all_differ(table: Table, rows: pl.DataFrame) -> bool:
    """Whether no two rows have one key, as far as eight bytes per row tell: different ones prove different keys.

    Column by column, as a few of them mostly tell all rows apart; texts, which take longest to compare, come last.
    """
    combined = pl.repeat(0, rows.height, dtype=pl.UInt64, eager=True)
    for name in sorted(table.key, key=lambda name: rows.schema[name] == pl.String):
        combined = combined * 31 + _normalised(rows.get_column(name)).hash()
        if combined.n_unique() == rows.height:
            return True
    return False


def _normalised(values: pl.Series) -> pl.Series:
    if values.dtype != pl.String:
        return values
    # Plain ASCII has one form only, and most ids are that.
    if (values.str.len_bytes() != values.str.len_chars()).any():
        values = values.str.normalize("NFC")
    return values.str.to_lowercase()
