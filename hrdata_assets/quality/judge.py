"""Ask every rule of every row: which rows stay, which are set aside and why, and the scores at both points."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from hrdata_assets.cleaning.delimited import UNDECODABLE, RaggedRow
from hrdata_assets.cleaning.frames import Cleaned, delivered_payload, present
from hrdata_assets.quality.gates import Limits, gates_of
from hrdata_assets.quality.implied import FIRST_OF_KEY, KEY_UNIQUE, first_of_key, rules_of
from hrdata_assets.quality.references import References, with_references
from hrdata_assets.rule import NORMAL_WEIGHT, Action, Dimension, Rule
from hrdata_assets.table import ColumnType, Table
from hrdata_assets.verdict import MOST_LETTERS, Gate, Letter, Measure, Scorecard, failed

ROWS_EXPECTED = "rows_expected"
ON_TIME = "arrived_on_time"


@dataclass(frozen=True)
class Circumstances:
    """What bears on a verdict beside the delivery and the limits: references, and when it came and was to come."""

    references: References = field(default_factory=References)
    arrived: datetime.date | None = None
    due: datetime.date | None = None


@dataclass(frozen=True)
class Judged:
    """A delivery judged.

    ``kept`` holds the declared columns, ``row_no``, ``extra`` and ``changes`` of good rows; ``duplicates`` counts rows
    whose only fault is a key that stands there already, ``set_aside`` all the others that were kept out.
    """

    cleaned: Cleaned
    kept: pl.DataFrame
    letters: tuple[Letter, ...]
    set_aside: int
    duplicates: int
    received: Scorecard
    published: Scorecard
    gates: tuple[Gate, ...]

    @property
    def held(self) -> tuple[Gate, ...]:
        """Gates that forbid publishing."""
        return failed(self.gates)

    @property
    def read(self) -> int:
        """Records delivered, whatever became of them."""
        return self.cleaned.delivered.read

    @property
    def skipped(self) -> int:
        """Blank records."""
        return self.cleaned.delivered.blank


def judge(
    cleaned: Cleaned,
    as_of: datetime.date,
    limits: Limits | None = None,
    circumstances: Circumstances | None = None,
) -> Judged:
    """Judge a cleaned delivery as of the partition's last day."""
    table, rules = cleaned.table, rules_of(cleaned.table)
    limits, circumstances = limits or Limits(), circumstances or Circumstances()
    rows = cleaned.rows.with_columns(pl.lit(as_of).alias("as_of"))
    rows = _with_first_of_key(table, with_references(table, rows, circumstances.references), rules)
    broken = rows.select(_fails(r).alias(r.name) for r in rules if r.action is Action.SET_ASIDE)
    good = ~broken.select(pl.any_horizontal(pl.all())).to_series() if broken.width else pl.Series([True] * rows.height)
    bad = rows.height - int(good.sum())
    kept_rows = rows if not bad else rows.filter(good)
    duplicates = int((rows.get_column("acceptable") & ~good).sum())
    out = len(cleaned.ragged) + bad
    letters = _letters(cleaned, rules, broken.filter(~good), rows.get_column("row_no").filter(~good))
    received = _scorecard("received", cleaned, rows, rules, set_aside=out)
    # Where nothing is kept out, what is published is what was received.
    published = _scorecard("published", cleaned, kept_rows, rules, set_aside=0) if out else received
    received = _with_expectations(received, limits, circumstances)
    published = _with_expectations(replace(published, point="published"), limits, circumstances)
    adds_up = cleaned.delivered.read == kept_rows.height + out + cleaned.delivered.blank
    gates = gates_of(table, (received, published), limits, adds_up=adds_up, may_be_empty=table.may_be_empty)
    return Judged(
        cleaned=cleaned,
        kept=kept_rows.select("row_no", *(c.name for c in table.columns), "extra", "changes"),
        letters=letters,
        set_aside=out - duplicates,
        duplicates=duplicates,
        received=received,
        published=published,
        gates=tuple(_with_cause(gate, letters) for gate in gates),
    )


def _with_expectations(card: Scorecard, limits: Limits, circumstances: Circumstances) -> Scorecard:
    """Add what no row answers: whether as many rows are there as are known to be, and whether they came in time."""
    measures = []
    if limits.expected_rows is not None:
        there, expected = min(card.rows, limits.expected_rows), limits.expected_rows
        said = "As many rows are there as the report is known to have."
        measures.append(Measure(ROWS_EXPECTED, "1", Dimension.COMPLETENESS, NORMAL_WEIGHT, expected, there, said))
    if circumstances.arrived is not None and circumstances.due is not None:
        in_time, said = int(circumstances.arrived <= circumstances.due), "The report arrived by the day it was due."
        measures.append(Measure(ON_TIME, "1", Dimension.TIMELINESS, NORMAL_WEIGHT, 1, in_time, said))
    return replace(card, measures=(*card.measures, *measures)) if measures else card


def _with_cause(gate: Gate, letters: Sequence[Letter]) -> Gate:
    """Tell with a failed gate for rows set aside which rule they broke most often."""
    if gate.passed or gate.name != "set_aside" or not letters:
        return gate
    rule, rows = Counter(str(reason["rule"]) for letter in letters for reason in letter.reasons).most_common(1)[0]
    return replace(gate, detail=f"{gate.detail}; most often for {rule} ({rows} rows)")


def _with_first_of_key(table: Table, rows: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    others = [~_fails(r) for r in rules if r.action is Action.SET_ASIDE and r.name != KEY_UNIQUE]
    rows = rows.with_columns(pl.all_horizontal(others).alias("acceptable"))
    return rows.with_columns(first_of_key(table, rows).alias(FIRST_OF_KEY))


def _fails(rule: Rule) -> pl.Expr:
    return (rule.applies & ~rule.passes).fill_null(False)


def _scorecard(point: str, cleaned: Cleaned, rows: pl.DataFrame, rules: Sequence[Rule], *, set_aside: int) -> Scorecard:
    # Counting twice over the same expressions is cheap: polars computes shared parts once, on all cores.
    counts = rows.lazy().select(e for r in rules for e in _counts(r)).collect().row(0) if rules else ()
    measures = [Measure.of(r, counts[2 * i] or 0, counts[2 * i + 1] or 0) for i, r in enumerate(rules)]
    ragged = len(cleaned.ragged) if point == "received" else 0
    measures.insert(0, _fields(rows.height, ragged))
    dense = [c.name for c in cleaned.table.columns if not c.sparse and c.name not in cleaned.headers.absent]
    missing = sum(rows.select((~pl.col(present(c))).sum().alias(c) for c in dense).row(0)) if dense else 0
    unique = next((m for m in measures if m.rule == KEY_UNIQUE), None)
    return Scorecard(
        point=point,
        rows=rows.height + ragged,
        measures=tuple(measures),
        cells=rows.height * len(dense),
        missing=missing,
        keyed=unique.units if unique else 0,
        surplus=unique.units - unique.passed if unique else 0,
        set_aside=set_aside,
    )


def _counts(rule: Rule) -> tuple[pl.Expr, pl.Expr]:
    applies = rule.applies & rule.passes.is_not_null()
    # A rule that applies everywhere is a literal of length one until it meets a column.
    return (
        applies.sum().alias(f"{rule.name}.units"),
        (applies & rule.passes).sum().alias(f"{rule.name}.passed"),
    )


def _fields(rows: int, ragged: int) -> Measure:
    message = "The record has as many fields as the header."
    return Measure("fields_match_header", "1", Dimension.VALIDITY, NORMAL_WEIGHT, rows + ragged, rows, message)


def _letters(cleaned: Cleaned, rules: Sequence[Rule], broken: pl.DataFrame, row_nos: pl.Series) -> tuple[Letter, ...]:
    by_name = {r.name: r for r in rules}
    broken, row_nos = broken.head(MOST_LETTERS), row_nos.head(MOST_LETTERS)
    payloads = _payloads(cleaned, row_nos)
    letters = [_ragged_letter(row) for row in cleaned.ragged[:MOST_LETTERS]]
    unreadable = _unreadable(cleaned, row_nos)
    for row_no, flags in zip(row_nos, broken.iter_rows(named=True), strict=True):
        failing = [by_name[name] for name, fails in flags.items() if fails]
        reasons = tuple({"rule": r.name, "dimension": r.dimension.value, "column": r.column} for r in failing)
        letters.append(Letter(row_no, _stage(failing, unreadable.get(row_no, set())), reasons, payloads[row_no]))
    return tuple(sorted(letters, key=lambda letter: letter.row_no)[:MOST_LETTERS])


def _ragged_letter(row: RaggedRow) -> Letter:
    reason = {"rule": row.rule, "dimension": Dimension.VALIDITY.value, "column": None}
    text = row.text.replace(UNDECODABLE, "\\x").replace("\0", "\\x00")
    return Letter(row.row_no, "decode", (reason,), {"text": text})


def _payloads(cleaned: Cleaned, row_nos: pl.Series) -> dict[int, dict[str, object]]:
    records = cleaned.delivered.rows.filter(pl.col("row_no").is_in(row_nos.implode()))
    return {record[-1]: delivered_payload(cleaned.delivered.header, record[:-1]) for record in records.iter_rows()}


def _unreadable(cleaned: Cleaned, row_nos: pl.Series) -> dict[int, set[str]]:
    """Columns, per row, whose cell holds something that could not be read as the declared type."""
    typed = [c.name for c in cleaned.table.columns if c.type is not ColumnType.TEXT]
    rows = cleaned.rows.filter(pl.col("row_no").is_in(row_nos.implode()))
    flags = rows.select("row_no", *((pl.col(present(c)) & pl.col(c).is_null()).alias(c) for c in typed))
    return {r["row_no"]: {c for c in typed if r[c]} for r in flags.iter_rows(named=True)}


def _stage(failing: Sequence[Rule], unreadable: set[str]) -> str:
    names = {r.name for r in failing}
    if "text_is_utf8" in names:
        return "decode"
    if any(r.column in unreadable for r in failing):
        return "parse"
    return "dedupe" if names == {KEY_UNIQUE} else "validate"
