"""Rule: a yes-or-no question about each row; its answer is both the score and the reason for setting a row aside."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class Dimension(StrEnum):
    """The eight dimensions of quality, in the order in which they are shown."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    UNIQUENESS = "uniqueness"
    ACCURACY = "accuracy"
    CONFORMITY = "conformity"
    INTEGRITY = "integrity"


class Action(StrEnum):
    """What becomes of a row that breaks a rule: kept out, published all the same, or the whole load held for it."""

    SET_ASIDE = "set_aside"
    FLAG = "flag"
    GATE = "gate"


class Broken(StrEnum):
    """How a good row is made to break a rule that no text in its cells breaks."""

    NO_UTF8 = "one of its bytes is no UTF-8"
    TWICE = "it is delivered twice"
    DAY_FIRST = "its day is written day first"
    BY_REFERENCE = "the reference says otherwise"


Breaks = Mapping[str, str] | Broken
"""What turns a good row into one that breaks a rule and no other: delivered texts by column, or another way."""

KEY_WEIGHT = 3.0
CRITICAL_WEIGHT = 2.0
NORMAL_WEIGHT = 1.0
PROXY_WEIGHT = 0.5


@dataclass(frozen=True)
class Rule:
    """One question, asked of the rows it applies to.

    ``passes`` answers for every row; rows where it is null or where ``applies`` is not true are not counted.
    Both see the typed columns under their names and the delivered text under ``raw(name)``; the literal column
    ``as_of`` holds the partition's last day, so that a score is the same years later. ``breaks`` is the example that
    every rule carries: a rule that nothing breaks tells nobody anything.
    """

    name: str
    dimension: Dimension
    message: str
    passes: pl.Expr
    applies: pl.Expr
    breaks: Breaks
    action: Action = Action.FLAG
    weight: float = NORMAL_WEIGHT
    column: str | None = None

    @property
    def version(self) -> str:
        """Eight hex digits that change with the rule's meaning."""
        words = "|".join([self.name, self.dimension, self.action, str(self.weight)]).encode()
        # An expression as text leaves out the middle of a long list.
        meaning = b"|".join([words, self.passes.meta.serialize(), self.applies.meta.serialize()])
        return hashlib.sha256(meaning).hexdigest()[:8]


def raw(column: str) -> str:
    """Name under which a rule finds the delivered text of a column."""
    return f"raw.{column}"


def rule(
    dimension: Dimension,
    *,
    columns: tuple[str, ...],
    breaks: Mapping[str, str],
    action: Action = Action.FLAG,
    weight: float = NORMAL_WEIGHT,
    when: pl.Expr | None = None,
    even_if_missing: bool = False,
) -> Callable[[Callable[[], pl.Expr]], Rule]:
    """Make a Rule of a function that returns a boolean expression: its name is the check, its docstring the message.

    The rule applies to rows where all its ``columns`` have a value (unless ``even_if_missing``) and ``when`` holds.
    ``breaks`` gives, by column, delivered texts that make a good row break this rule and no other.
    """
    present = pl.lit(True) if even_if_missing else pl.all_horizontal(pl.col(c).is_not_null() for c in columns)

    def build(question: Callable[[], pl.Expr]) -> Rule:
        message = (question.__doc__ or "").strip()
        if not message:
            raise TypeError(f"rule {question.__name__} needs a docstring: it is the message people read")
        if not breaks:
            raise TypeError(f"rule {question.__name__} needs breaks: texts by column that make a good row break it")
        return Rule(
            name=question.__name__,
            dimension=dimension,
            message=message,
            passes=question(),
            applies=present if when is None else present & when,
            breaks=breaks,
            action=action,
            weight=weight,
            column=columns[0] if len(columns) == 1 else None,
        )

    return build
