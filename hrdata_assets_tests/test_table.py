"""A row class and the table that is read off it."""

import datetime
import re
from decimal import Decimal

import polars as pl
import pytest

from hrdata_assets.rule import Dimension, Rule, rule
from hrdata_assets.table import MISSING_TOKENS, ColumnType, Languages, Row, Table, column, effective_contract


class Everything(Row, table="everything", origin="all_report", may_be_empty=False):
    """One row per thing."""

    thing_id: str = column("Thing ID", key=True, personal=True)
    """Its id."""

    small: int | None = column("Small", ge=0, le=9, unit="pieces")
    """A whole number."""

    large: int | None = column("Large", big=True)
    """A large whole number."""

    amount: Decimal | None = column("Amount")
    """A number."""

    yes: bool | None = column("Yes")
    """True or false."""

    day: datetime.date | None = column("Day")
    """A day."""

    moment: datetime.datetime | None = column("Moment", sparse=True)
    """A moment."""

    title: Languages | None = column("Title", missing=())
    """A text by language."""

    other_id: str | None = column(references="others")
    """Another thing."""


TABLE = Everything.table


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("thing_id", ColumnType.TEXT),
        ("small", ColumnType.INTEGER),
        ("large", ColumnType.BIGINT),
        ("amount", ColumnType.NUMERIC),
        ("yes", ColumnType.BOOLEAN),
        ("day", ColumnType.DATE),
        ("moment", ColumnType.TIMESTAMP),
        ("title", ColumnType.LANGUAGES),
    ],
)
def test_the_annotation_decides_the_type(name: str, kind: ColumnType) -> None:
    assert TABLE.column(name).type is kind


def test_an_address_is_layer_and_name() -> None:
    assert (TABLE.layer, TABLE.name, TABLE.address) == ("staged", "everything", "staged.everything")
    assert (TABLE.origin, TABLE.may_be_empty, TABLE.description) == ("all_report", False, "One row per thing.")


def test_columns_stand_in_the_order_of_their_declaration() -> None:
    assert [c.name for c in TABLE.columns] == list(Everything.model_fields)


def test_what_may_be_none_is_not_required() -> None:
    assert [c.name for c in TABLE.columns if c.required] == ["thing_id"]


def test_roles_are_read_off_the_columns() -> None:
    assert (TABLE.key, TABLE.personal, TABLE.references) == (("thing_id",), ("thing_id",), {"other_id": "others"})
    small = TABLE.column("small")
    assert (small.header, small.ge, small.le, small.unit) == ("Small", 0, 9, "pieces")
    assert (small.missing, TABLE.column("title").missing) == (MISSING_TOKENS, ())
    assert small.description == "A whole number."


def test_a_column_that_is_not_there_is_named_with_its_table() -> None:
    with pytest.raises(KeyError, match=r"staged\.everything has no column colour"):
        TABLE.column("colour")


def test_a_column_without_a_sentence_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="column silent needs"):

        class Silent(Row, table="silent"):
            """One row per silence."""

            silent: str | None = column("Silent")


def test_a_column_that_is_not_declared_as_one_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="column plain needs"):

        class Plain(Row, table="plain"):
            """One row per plain."""

            plain: str | None = None
            """Without column()."""


def test_a_class_without_a_table_only_passes_its_columns_on() -> None:
    class Base(Row):
        """Shared columns."""

        base_id: str = column("Base ID", key=True)
        """Id."""

    class Derived(Base, table="derived"):
        """One row per derived."""

        own: str | None = column("Own")
        """Its own."""

    assert [c.name for c in Derived.table.columns] == ["base_id", "own"]
    assert not hasattr(Base, "table")


def test_a_column_declared_again_keeps_its_place() -> None:
    class First(Row):
        """Shared columns."""

        a: str | None = column("A")
        """First."""

        b: str | None = column("B")
        """Second."""

    class Again(First, table="again"):
        """One row per again."""

        a: str = column("A", key=True)
        """First, now required."""

    assert [(c.name, c.required) for c in Again.table.columns] == [("a", True), ("b", False)]


@rule(Dimension.CONSISTENCY, columns=("small", "amount"), breaks={"small": "2", "amount": "1"})
def small_is_small() -> pl.Expr:
    """The small number is at most the amount."""
    return pl.col("small") <= pl.col("amount")


@rule(Dimension.CONSISTENCY, columns=("small", "amount"), breaks={"small": "2", "amount": "1"})
def small_is_smaller() -> pl.Expr:
    """The small number is below the amount."""
    return pl.col("small") < pl.col("amount")


def a_table(
    name: str = "things", origin: str = "things_report", rules: tuple[Rule, ...] = (small_is_small,), **options: object
) -> Table:
    class Thing(Row, table=name, origin=origin, rules=rules):
        """One row per thing."""

        small: int | None = column(**({"header": "Small"} | options))  # type: ignore[arg-type]
        """A small number."""

        amount: Decimal | None = column("Amount")
        """A number."""

    return Thing.table


def test_the_contract_is_the_same_for_the_same_declaration() -> None:
    assert a_table().contract == a_table().contract
    assert len(a_table().contract) == 12


def test_the_contract_does_not_change_with_a_sentence() -> None:
    class Thing(Row, table="things", origin="things_report", rules=(small_is_small,)):
        """One row per thing, said in other words."""

        small: int | None = column("Small")
        """A number that is small."""

        amount: Decimal | None = column("Amount")
        """How much."""

    assert Thing.table.description != a_table().description
    assert Thing.table.contract == a_table().contract


@pytest.mark.parametrize(
    "changed",
    [
        a_table(name="stuff"),
        a_table(origin="stuff_report"),
        a_table(rules=()),
        a_table(rules=(small_is_smaller,)),
        a_table(header="Little"),
        a_table(ge=1),
        a_table(sparse=True),
        a_table(personal=True),
        a_table(missing=()),
        a_table(big=True),
        a_table(weight=2.0),
    ],
    ids=["name", "origin", "no rule", "rule", "header", "range", "sparse", "personal", "missing", "type", "weight"],
)
def test_the_contract_changes_with_the_declaration(changed: Table) -> None:
    assert changed.contract != a_table().contract


@pytest.mark.parametrize(
    ("options", "lacking"),
    [
        ({"pattern": "[a-z]+"}, "breaks"),
        ({"pattern": "[a-z]+", "breaks": "matches"}, "breaks"),
        ({"form": "[A-Z]{2}"}, "miswritten"),
        ({"form": "[A-Z]{2}", "miswritten": "NO"}, "miswritten"),
        ({"agrees_with": "words"}, "by"),
    ],
)
def test_a_column_that_does_not_say_what_breaks_it_is_refused_by_name(options: dict[str, str], lacking: str) -> None:
    with pytest.raises(TypeError, match=f"column word needs {lacking}=…"):

        class Thing(Row, table="things"):
            """One row per thing."""

            word: str | None = column("Word", **options)  # type: ignore[arg-type]
            """A word."""


def test_a_rule_broken_by_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match=r"staged\.things has no column amount, which breaks small_is_small"):

        class Thing(Row, table="things", rules=(small_is_small,)):
            """One row per thing."""

            small: int | None = column("Small")
            """A number."""


def test_examples_are_no_part_of_the_contract_and_references_are() -> None:
    plain = a_table(form="[A-Z]{2}", miswritten="no")
    assert a_table(form="[A-Z]{2}", miswritten="nor").contract == plain.contract
    assert a_table(form="[A-Z]{2}", miswritten="no", listed_in="words").contract != plain.contract


def test_what_stands_beside_a_declaration_is_a_suffix_of_its_contract() -> None:
    table = a_table()
    assert effective_contract(table) == effective_contract(table, "", "") == table.contract
    suffixed = effective_contract(table, "words 1a2b3c4d")
    assert re.fullmatch(rf"{table.contract}\+[0-9a-f]{{8}}", suffixed)
    assert effective_contract(table, "", "words 1a2b3c4d") == suffixed
    assert len({suffixed, effective_contract(table, "words 2"), effective_contract(table, "words 1a2b3c4d", "x")}) == 3
