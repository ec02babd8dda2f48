"""One record of a delivery: found by what stands in it, and asked every rule of its table."""

import datetime
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from hrdata_assets.cleaning.delimited import Delivered
from hrdata_assets.cleaning.frames import Cleaned, delivered_payload
from hrdata_assets.cleaning.headers import HeaderMap
from hrdata_assets.quality.implied import FIRST_OF_KEY, KEY_UNIQUE, first_of_key, rules_of
from hrdata_assets.quality.references import References, with_references
from hrdata_assets.rule import Action, Dimension, Rule, raw


class Answer(StrEnum):
    """What a rule says of one record."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "does not apply"


@dataclass(frozen=True)
class Outcome:
    """One rule's answer for one record; nothing in it is a value of the record."""

    rule: str
    dimension: Dimension
    action: Action
    column: str | None
    message: str
    answer: Answer


def outcomes_of(cleaned: Cleaned, as_of: datetime.date, references: References, row_no: int) -> tuple[Outcome, ...]:
    """Ask every rule of one record, among all the others of its delivery. LookupError if it is blank.

    A record whose fields do not match the header is asked for nothing else.
    """
    message = "The record has as many fields as the header."
    for row in cleaned.ragged:
        if row.row_no == row_no:
            fields = Outcome(row.rule, Dimension.VALIDITY, Action.SET_ASIDE, None, message, Answer.FAILED)
            return (fields,)
    rules = rules_of(cleaned.table)
    asked = _asked(cleaned, as_of, references, rules).filter(pl.col("row_no") == row_no)
    if asked.is_empty():
        raise LookupError(f"record {row_no} is blank")
    answers = asked.row(0, named=True)
    fields = Outcome("fields_match_header", Dimension.VALIDITY, Action.SET_ASIDE, None, message, Answer.PASSED)
    return (fields, *(_outcome(rule, answers[rule.name]) for rule in rules))


def _asked(cleaned: Cleaned, as_of: datetime.date, references: References, rules: tuple[Rule, ...]) -> pl.DataFrame:
    """True, false or null for every row and rule: passed, failed, does not apply."""
    rows = with_references(cleaned.table, cleaned.rows.with_columns(pl.lit(as_of).alias("as_of")), references)
    others = [_passes(r).fill_null(True) for r in rules if r.action is Action.SET_ASIDE and r.name != KEY_UNIQUE]
    rows = rows.with_columns(pl.all_horizontal(others).alias("acceptable"))
    rows = rows.with_columns(first_of_key(cleaned.table, rows).alias(FIRST_OF_KEY))
    return rows.select("row_no", *(_passes(r).alias(r.name) for r in rules))


def _passes(rule: Rule) -> pl.Expr:
    return pl.when(rule.applies).then(rule.passes)


def _outcome(rule: Rule, passed: bool | None) -> Outcome:
    answer = {True: Answer.PASSED, False: Answer.FAILED, None: Answer.NOT_APPLICABLE}[passed]
    return Outcome(rule.name, rule.dimension, rule.action, rule.column, rule.message, answer)


def records_with(cleaned: Cleaned, wanted: Sequence[tuple[str | None, str]]) -> list[int]:
    """Numbers of the records with these texts in these columns, in any case; under None, in any cell.

    A text counts as delivered or as read. A record that was not split into fields must hold them all as cells.
    """
    texts = [(column, _folded(text)) for column, text in wanted]
    found = [set(_with_text(cleaned, column, text)) for column, text in texts]
    whole = {text for _, text in texts if text}
    ragged = [row.row_no for row in cleaned.ragged if whole <= {_folded(cell) for cell in _cells(row.text)}]
    return sorted(set.intersection(*found) | set(ragged)) if found else []


def _with_text(cleaned: Cleaned, column: str | None, text: str) -> list[int]:
    if column is None:
        cells = cleaned.delivered.rows.select("row_no", pl.exclude("row_no").str.strip_chars().str.to_lowercase())
        return cells.filter(pl.any_horizontal(pl.exclude("row_no") == text)).get_column("row_no").to_list()
    read = pl.col(column).cast(pl.String).fill_null("").str.to_lowercase()
    delivered = pl.col(raw(column)).fill_null("").str.strip_chars().str.to_lowercase()
    return cleaned.rows.filter((read == text) | (delivered == text)).get_column("row_no").to_list()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).lower()


def _cells(text: str) -> set[str]:
    """Cells of a record that has too few or too many of them, whatever separates them."""
    return set(re.split(r"[,;\t|\r\n]", text.replace('"', "")))


def changes_of(cleaned: Cleaned, row_no: int) -> Mapping[str, object]:
    """Codes of what was changed in one record on the way, by column; nothing for one that could not be read."""
    found = cleaned.rows.filter(pl.col("row_no") == row_no).get_column("changes").to_list()
    return dict(json.loads(found[0])) if found and found[0] else {}


def delivered_cells(delivered: Delivered, headers: HeaderMap, row_no: int) -> list[tuple[str, str | None, object]]:
    """Heading, column and cell of one record as delivered; a record that was not split into fields is one cell."""
    whole: list[tuple[str, str | None, object]] = [("", None, r.text) for r in delivered.ragged if r.row_no == row_no]
    records = delivered.rows.filter(pl.col("row_no") == row_no)
    if whole or records.is_empty():
        return whole
    columns = {source.position: name for name, sources in headers.sources.items() for source in sources}
    cells: Any = delivered_payload(delivered.header, records.row(0)[:-1])["cells"]
    return [(heading, columns.get(place), cell) for place, (heading, cell) in enumerate(cells)]


def stands_in(cleaned: Cleaned, row_no: int) -> bool:
    """Whether the delivery has a record of that number below its header; blank ones count."""
    last: list[int] = cleaned.delivered.rows.get_column("row_no").tail(1).to_list()
    return 1 < row_no <= max(0, *last, *_ragged(cleaned))


def is_blank(cleaned: Cleaned, row_no: int) -> bool:
    """Whether a record of the delivery holds nothing."""
    filled: list[int] = cleaned.delivered.rows.get_column("row_no").to_list()
    return row_no not in [*filled, *_ragged(cleaned)]


def _ragged(cleaned: Cleaned) -> list[int]:
    return [row.row_no for row in cleaned.ragged]
