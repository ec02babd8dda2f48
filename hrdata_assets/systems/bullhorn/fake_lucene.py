"""The part of Lucene's query language that Bullhorn's `search` is asked in.

Terms with AND, OR, NOT, + and -, parentheses, phrases, wildcards and ranges. A bare value belongs to the field named
last: `id:1 2 3`. Dates are told apart to the second, though they are stored in milliseconds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from hrdata_assets.systems.bullhorn.fake_conditions import (
    EVERYTHING,
    All,
    Among,
    Between,
    Condition,
    Either,
    Not,
    Passing,
    Path,
    Test,
    ValueTest,
)
from hrdata_assets.systems.bullhorn.fake_errors import Refused, refused
from hrdata_assets.systems.bullhorn.fake_schema import Field

SECOND = 1000

_TOKENS = re.compile(
    r"""\s*(?:
    (?P<mark>[()]) |
    (?P<word>AND|OR|NOT|&&|\|\||!)(?=[\s(]|$) |
    (?P<sign>[+-])(?=[^\s]) |
    (?P<field>[A-Za-z_*][\w.]*):(?=\S) |
    (?P<range>[\[{]\s*(?:"(?:\\.|[^"])*"|[^\s\]}]+)\s+TO\s+(?:"(?:\\.|[^"])*"|[^\s\]}]+)\s*[\]}]) |
    "(?P<phrase>(?:\\.|[^"\\])*)" |
    (?P<term>(?:\\.|[^\s()"\[\]{}\\])+)
    )""",
    re.VERBOSE,
)
_RANGE = re.compile(r'([\[{])\s*("(?:\\.|[^"])*"|[^\s\]}]+)\s+TO\s+("(?:\\.|[^"])*"|[^\s\]}]+)\s*([\]}])')
_WORDS = re.compile(r"\w+")
_CONNECTORS = {"&&": "AND", "||": "OR", "!": "NOT"}

FieldAt = Callable[[Path], Field]


@dataclass(frozen=True)
class Token:
    """A piece of a query."""

    kind: str
    text: str


def parse(query: str, field_at: FieldAt, zone: timedelta = timedelta(0)) -> Condition:
    """Read a query; `field_at` knows the fields, `zone` is what dates are written in. Refused where it is wrong."""
    parser = _Parser(_tokens(query), field_at, zone)
    condition = parser.expression(None)
    if parser.token is not None:
        raise malformed(query)
    return condition


def malformed(query: str) -> Refused:
    """A query that cannot be read."""
    return refused(400, f"Cannot parse the query: {query[:200]}", "errors.search.malformedQuery")


def _tokens(query: str) -> list[Token]:
    tokens, at = [], 0
    text = query.rstrip()
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None or match.end() == at:
            raise malformed(query)
        kind = match.lastgroup or ""
        tokens.append(Token(kind, _CONNECTORS.get(match[kind], match[kind]) if kind == "word" else match[kind]))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[Token], field_at: FieldAt, zone: timedelta) -> None:
        self._tokens = tokens
        self._at = 0
        self._field_at = field_at
        self._zone = zone

    @property
    def token(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> Token:
        if self._at == len(self._tokens):
            raise malformed(" ".join(token.text for token in self._tokens))
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, kind: str, *texts: str) -> bool:
        token = self.token
        found = token is not None and token.kind == kind and token.text in texts
        self._at += found
        return found

    def expression(self, field: str | None) -> Condition:
        """Clauses until the end or a closing parenthesis; a field before the parenthesis holds for bare values."""
        must: list[Condition] = []
        must_not: list[Condition] = []
        should: list[Condition] = []
        while self.token is not None and self.token != Token("mark", ")"):
            sign, condition = self._chain(field)
            {"+": must, "-": must_not, "": should}[sign].append(condition)
            self._takes("word", "OR")
        # Once something must hold, what should hold only counts for the score.
        wanted = must or ([_either(should)] if should else [])
        return _all([*wanted, *map(Not, must_not)])

    def _chain(self, field: str | None) -> tuple[str, Condition]:
        """Clauses joined by AND; a sign means something only for a clause alone."""
        clauses = [self._clause(field)]
        while self._takes("word", "AND"):
            clauses.append(self._clause(field))
        if len(clauses) == 1:
            return clauses[0]
        return "", _all([Not(condition) if sign == "-" else condition for sign, condition in clauses])

    def _clause(self, field: str | None) -> tuple[str, Condition]:
        sign = ""
        while self.token is not None and (self.token.kind == "sign" or self.token == Token("word", "NOT")):
            sign = "-" if self._take().text in ("-", "NOT") else "+"
        return sign, self._operand(field)

    def _operand(self, field: str | None) -> Condition:
        token = self._take()
        if token == Token("mark", "("):
            inside = self.expression(field)
            if not self._takes("mark", ")"):
                raise malformed("a parenthesis is not closed")
            return inside
        if token.kind == "field":
            return self._of_field(token.text)
        if token.kind in ("term", "phrase", "range") and field is not None:
            return self._test(field, token)
        raise malformed(token.text)

    def _of_field(self, field: str) -> Condition:
        first = self._take()
        if field == "*":
            return EVERYTHING
        if first == Token("mark", "("):
            self._at -= 1
            return self._operand(field)
        tests = [self._test(field, first)]
        while self.token is not None and self.token.kind in ("term", "phrase"):
            tests.append(self._test(field, self._take()))
        return _either(tests)

    def _test(self, name: str, token: Token) -> Condition:
        path = tuple(name.split("."))
        field = self._field_at(path)
        if token.kind == "range":
            return Test(path, self._range(field, token.text))
        if token.kind not in ("term", "phrase"):
            raise malformed(f"{name}:{token.text}")
        return Test(path, self._equal(field, re.sub(r"\\(.)", r"\1", token.text), phrase=token.kind == "phrase"))

    def _equal(self, field: Field, text: str, *, phrase: bool) -> ValueTest:
        if not phrase and text == "*":
            return Passing(lambda _: True)
        if field.is_date:
            start, length = _moment(text, self._zone)
            return Between(start, start + length - 1, unit=SECOND)
        if field.data_type == "Boolean":
            return Among(frozenset([_truth(text)]))
        if field.is_number or field.entity:
            return Among(frozenset([_number(text)]))
        return Passing(_phrase(text) if phrase else _term(text))

    def _range(self, field: Field, text: str) -> ValueTest:
        match = _RANGE.fullmatch(text)
        if match is None:
            raise malformed(text)
        opening, *bounds, closing = match.groups()
        low, high = (None if bound in ("*", '""') else bound.strip('"') for bound in bounds)
        read = self._bound(field)
        return Between(
            None if low is None else read(low),
            None if high is None else read(high),
            low_included=opening == "[",
            high_included=closing == "]",
            unit=SECOND if field.is_date else 1,
        )

    def _bound(self, field: Field) -> Callable[[str], Any]:
        if field.is_date:
            return lambda text: _moment(text, self._zone)[0]
        return _number if field.is_number or field.entity else str.casefold


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _either(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else Either(tuple(parts))


def _moment(text: str, zone: timedelta) -> tuple[int, int]:
    """Seconds since 1970 of yyyyMMdd or yyyyMMddHHmmss, and how many it stands for."""
    form = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}.get(len(text), "")
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=UTC) - zone
    except ValueError:
        raise malformed(text) from None
    return int(moment.timestamp()), 1 if len(text) == 14 else 86_400


def _truth(text: str) -> bool:
    if text.lower() not in ("0", "1", "true", "false"):
        raise malformed(text)
    return text.lower() in ("1", "true")


def _number(text: str) -> float:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        raise malformed(text) from None


def _phrase(text: str) -> Callable[[Any], bool]:
    wanted = _WORDS.findall(text.casefold())

    def follows(value: Any) -> bool:
        words = _WORDS.findall(str(value).casefold())
        return any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))

    return follows if wanted else (lambda _: False)


def _term(text: str) -> Callable[[Any], bool]:
    pattern = text.casefold()
    if "*" not in pattern and "?" not in pattern:
        return _phrase(text)

    def fits(value: Any) -> bool:
        whole = str(value).casefold()
        return fnmatchcase(whole, pattern) or any(fnmatchcase(word, pattern) for word in _WORDS.findall(whole))

    return fits
