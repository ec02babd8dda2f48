"""Rules written by hand: what a function becomes, and when its version changes."""

import polars as pl
import pytest

from hrdata_assets.rule import Action, Dimension, Rule, raw, rule


def a_rule(passes: pl.Expr | None = None, **changes: object) -> Rule:
    question = pl.col("a") <= pl.col("b") if passes is None else passes

    def a_is_at_most_b() -> pl.Expr:
        """A is at most b."""
        return question

    options: dict[str, object] = {"columns": ("a", "b"), "breaks": {"a": "2", "b": "1"}} | changes
    dimension = options.pop("dimension", Dimension.CONSISTENCY)
    return rule(dimension, **options)(a_is_at_most_b)  # type: ignore[arg-type]


def test_a_rule_is_named_like_its_function_and_says_its_docstring() -> None:
    made = a_rule()
    assert (made.name, made.message) == ("a_is_at_most_b", "A is at most b.")
    assert (made.dimension, made.action, made.weight) == (Dimension.CONSISTENCY, Action.FLAG, 1.0)


def test_a_rule_without_a_docstring_is_refused_by_name() -> None:
    def says_nothing() -> pl.Expr:
        return pl.lit(True)

    with pytest.raises(TypeError, match="says_nothing needs a docstring"):
        rule(Dimension.VALIDITY, columns=("a",), breaks={"a": "0"})(says_nothing)


def test_a_rule_of_one_column_names_it_and_a_rule_of_two_names_none() -> None:
    assert a_rule(columns=("a",)).column == "a"
    assert a_rule(columns=("a", "b")).column is None


ROWS = pl.DataFrame({"a": [1, None, 3, 4], "b": [1, 2, None, 3], "open": [True, True, True, False]})


@pytest.mark.parametrize(
    ("options", "applies"),
    [
        ({}, [True, False, False, True]),
        ({"columns": ("a",)}, [True, False, True, True]),
        ({"when": pl.col("open")}, [True, False, False, False]),
        ({"even_if_missing": True}, [True, True, True, True]),
        ({"even_if_missing": True, "when": pl.col("open")}, [True, True, True, False]),
    ],
)
def test_a_rule_applies_where_its_columns_have_values_and_its_condition_holds(
    options: dict[str, object], applies: list[bool]
) -> None:
    found = ROWS.with_columns(a_rule(**options).applies.alias("applies"))
    assert found.get_column("applies").to_list() == applies


def test_a_rule_answers_on_a_frame_without_rows() -> None:
    made = a_rule()
    assert ROWS.clear().filter(made.applies & made.passes).height == 0


def test_the_version_is_the_same_for_the_same_meaning() -> None:
    assert a_rule().version == a_rule().version
    assert len(a_rule().version) == 8


LONG = [f"value {number}" for number in range(50)]


@pytest.mark.parametrize(
    "changed",
    [
        a_rule(pl.col("a") < pl.col("b")),
        a_rule(dimension=Dimension.VALIDITY),
        a_rule(action=Action.SET_ASIDE),
        a_rule(weight=2.0),
        a_rule(columns=("a",)),
        a_rule(when=pl.col("open")),
    ],
    ids=["question", "dimension", "action", "weight", "columns", "condition"],
)
def test_the_version_changes_with_the_meaning(changed: Rule) -> None:
    assert changed.version != a_rule().version


@pytest.mark.parametrize("kind", [list, pl.Series], ids=["list", "series"])
def test_the_version_changes_with_any_value_of_a_long_list(kind: type) -> None:
    other = [*LONG[:25], "another", *LONG[26:]]
    assert a_rule(pl.col("a").is_in(kind(LONG))).version != a_rule(pl.col("a").is_in(kind(other))).version


def test_the_version_does_not_change_with_the_message() -> None:
    @rule(Dimension.CONSISTENCY, columns=("a", "b"), breaks={"a": "3", "b": "1"})
    def a_is_at_most_b() -> pl.Expr:
        """Said in other words."""
        return pl.col("a") <= pl.col("b")

    assert a_is_at_most_b.version == a_rule().version


def test_the_delivered_text_has_a_name_that_no_column_can_have() -> None:
    assert raw("email") == "raw.email"
    assert not raw("email").isidentifier()


def test_a_rule_that_does_not_say_what_breaks_it_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="'breaks'"):
        rule(Dimension.VALIDITY, columns=("a",))  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="a_is_at_most_b needs breaks"):
        a_rule(breaks={})


def test_the_version_does_not_change_with_the_example() -> None:
    assert a_rule(breaks={"a": "20", "b": "10"}).version == a_rule().version
