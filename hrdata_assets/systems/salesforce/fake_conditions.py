"""Conditions of a query as functions on rows, and the span of a sorted index outside of which none can match."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request
from hrdata_assets.systems.salesforce.fake_schema import TEXTS, Field, ObjectType, no_such_column
from hrdata_assets.systems.salesforce.fake_soql import (
    Combination,
    Comparison,
    Condition,
    Literal,
    Negation,
    located,
)
from hrdata_assets.systems.salesforce.fake_values import Row, WrongTypeError, comparable

Test = Callable[[Mapping[str, Any]], bool]
Getter = Callable[[Mapping[str, Any]], Any]


class Org(Protocol):
    """What conditions and selections need to know of the org."""

    def column(self, kind: ObjectType, name: str) -> Field | None:
        """A field the user may see, in whatever case, or None."""
        ...

    def related(self, reference: Field, row: Mapping[str, Any]) -> Row | None:
        """The live record a reference of a row points to."""
        ...

    def target(self, reference: Field) -> ObjectType:
        """The object a reference points to."""
        ...


@dataclass(frozen=True)
class Path:
    """A field, or a field of a related record: ``Account.Owner.Name`` is two references and a field."""

    references: tuple[Field, ...]
    field: Field

    @property
    def name(self) -> str:
        """As Bulk jobs head the column."""
        return ".".join([*(str(one.relation) for one in self.references), self.field.name])


@dataclass(frozen=True)
class Scope:
    """What names in a query mean."""

    org: Org
    kind: ObjectType
    text: str

    def path(self, written: str, at: int) -> Path:
        """Follow a name through its relations; ApiError if there is no such field for this user."""
        *relations, name = written.split(".")
        kind, references = self.kind, []
        if relations and relations[0].lower() == kind.name.lower():
            relations = relations[1:]
        for relation in relations:
            reference = kind.reference(relation)
            if reference is None or self.org.column(kind, reference.name) is None:
                raise self.refused(at, f"Didn't understand relationship '{relation}' in field path.")
            references.append(reference)
            kind = self.org.target(reference)
        if (one := self.org.column(kind, name)) is None:
            raise self.refused(at, no_such_column(kind, name))
        return Path(tuple(references), one)

    def refused(self, at: int, message: str, code: str = "INVALID_FIELD") -> ApiError:
        """An error with the place in the query."""
        return bad_request(code, located(self.text, at, message))

    def filterable(self, written: str, at: int, doing: str) -> Path:
        """As `path`, for a field that can be filtered and sorted."""
        path = self.path(written, at)
        if not path.field.filterable:
            raise self.refused(at, f"field '{path.field.name}' can not be {doing} in a query call")
        return path

    def getter(self, path: Path) -> Getter:
        """Reads the value off a row; None where a related record is missing."""
        name, org = path.field.name, self.org
        if not path.references:
            return lambda row: row.get(name)

        def follow(row: Mapping[str, Any]) -> Any:
            reached: Mapping[str, Any] | None = row
            for reference in path.references:
                if reached is not None:
                    reached = org.related(reference, reached)
            return None if reached is None else reached.get(name)

        return follow


def matcher(scope: Scope, condition: Condition) -> Test:
    """Whether a row satisfies the condition; ApiError for one that cannot be asked."""
    if isinstance(condition, Negation):
        inner = matcher(scope, condition.part)
        return lambda row: not inner(row)
    if isinstance(condition, Combination):
        tests = [matcher(scope, part) for part in condition.parts]
        if condition.word == "AND":
            return lambda row: all(test(row) for test in tests)
        return lambda row: any(test(row) for test in tests)
    path = scope.filterable(condition.path, condition.at, "filtered")
    values = [_comparable(scope, condition, path.field, literal) for literal in condition.values]
    value_test = _value_test(scope, condition, path.field, values)
    get = scope.getter(path)
    return lambda row: value_test(get(row))


def _comparable(scope: Scope, comparison: Comparison, one: Field, literal: Literal) -> Any:
    try:
        return comparable(one, literal)
    except WrongTypeError as error:
        raise scope.refused(comparison.at, error.message, error.code) from None


def _value_test(scope: Scope, comparison: Comparison, one: Field, values: list[Any]) -> Callable[[Any], bool]:
    operator, first = comparison.operator, values[0]
    if not _allowed(operator, one):
        message = f"invalid operator on {one.type} field: {one.name}"
        raise scope.refused(comparison.at, message, "INVALID_QUERY_FILTER_OPERATOR")
    folded = one.type in TEXTS and one.type not in ("id", "reference")
    if operator in ("INCLUDES", "EXCLUDES"):
        return _includes(values, wanted=operator == "INCLUDES")
    if operator == "LIKE":
        pattern = like(comparison.values[0])
        return lambda value: value is not None and pattern.fullmatch(value) is not None
    if operator in ("=", "IN", "!=", "NOT IN"):
        found, wanted = frozenset(values), operator in ("=", "IN")
        if folded:
            return lambda value: ((value and value.casefold()) in found) is wanted
        return lambda value: (value in found) is wanted
    if first is None:
        return lambda _: False
    order = ORDER[operator]
    if folded:
        return lambda value: value is not None and order(value.casefold(), first)
    return lambda value: value is not None and order(value, first)


ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def _allowed(operator: str, one: Field) -> bool:
    if operator in ("INCLUDES", "EXCLUDES"):
        return one.type == "multipicklist"
    if operator == "LIKE":
        return one.type in TEXTS and one.type not in ("id", "reference", "multipicklist")
    return operator in ("=", "!=", "IN", "NOT IN") or one.type not in ("boolean", "multipicklist")


def _includes(values: list[Any], *, wanted: bool) -> Callable[[Any], bool]:
    """Each value may name several that must all be chosen, with semicolons."""
    groups = [frozenset(value.split(";")) for value in values if value]

    def test(value: str | None) -> bool:
        chosen = frozenset((value or "").casefold().split(";"))
        return any(group <= chosen for group in groups) is wanted

    return test


def like(literal: Literal) -> re.Pattern[str]:
    r"""A pattern: ``%`` stands for any characters, ``_`` for one, ``\%`` and ``\_`` for themselves."""
    pattern = ""
    for escaped, plain in re.findall(r"\\(.)|(.)", literal.text[1:-1], re.DOTALL):
        if escaped:
            pattern += re.escape(Literal("string", f"'\\{escaped}'").value)
        else:
            pattern += {"%": ".*", "_": "."}.get(plain, re.escape(plain))
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Span:
    """Keys from `low` on and below `high`; `exact` if every key in it matches the condition."""

    low: str = ""
    high: str = "~"
    exact: bool = False


AFTER = "~"  # behind every character of ids: value + AFTER follows whatever begins with the value
NEVER = Span("~", "", exact=True)


def span(condition: Condition | None, name: str, one: Field) -> Span:
    """Where matches can be in an index that begins with this field; conditions were checked before."""
    if condition is None:
        return Span(exact=True)
    if isinstance(condition, Negation):
        return Span()
    if isinstance(condition, Comparison):
        return _span_of(condition, one) if condition.path.lower() == name.lower() else Span()
    spans = [span(part, name, one) for part in condition.parts]
    if condition.word == "AND":
        exact = all(part.exact for part in spans)
        return Span(max(part.low for part in spans), min(part.high for part in spans), exact)
    return Span(min(part.low for part in spans), max(part.high for part in spans))


def _span_of(comparison: Comparison, one: Field) -> Span:
    values = [value for value in (comparable(one, literal) for literal in comparison.values) if value is not None]
    operator = comparison.operator
    if operator in ("!=", "NOT IN"):
        return Span()
    if not values:
        return NEVER
    low, high = min(values), max(values) + AFTER
    bounds = {"<": ("", low), "<=": ("", high), ">": (high, AFTER), ">=": (low, AFTER)}
    return Span(*bounds.get(operator, (low, high)), exact=operator != "IN")


def named_ids(condition: Condition | None, one: Field) -> frozenset[str] | None:
    """The only ids that can match, where the condition names them."""
    if isinstance(condition, Combination) and condition.word == "AND":
        named = [found for found in (named_ids(part, one) for part in condition.parts) if found is not None]
        return frozenset.intersection(*named) if named else None
    if not isinstance(condition, Comparison) or condition.path.lower() != "id" or condition.operator not in ("=", "IN"):
        return None
    return frozenset(value for literal in condition.values if (value := comparable(one, literal)) is not None)


def compared(condition: Condition | None) -> Iterator[str]:
    """Names of all fields compared, in lower case."""
    if isinstance(condition, Comparison):
        yield condition.path.lower()
    elif isinstance(condition, Negation):
        yield from compared(condition.part)
    elif isinstance(condition, Combination):
        for part in condition.parts:
            yield from compared(part)
