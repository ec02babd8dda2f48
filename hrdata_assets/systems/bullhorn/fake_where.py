"""The part of JPQL that Bullhorn's `query` is asked in.

Comparisons, IN, LIKE, BETWEEN, IS NULL, IS EMPTY, MEMBER OF, with AND, OR, NOT and parentheses over dotted paths. As
in a database, a comparison with null holds neither way.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hrdata_assets.systems.bullhorn.fake_conditions import (
    Absent,
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

_TOKENS = re.compile(
    r"""\s*(?:
    (?P<text>'(?:''|[^'])*') |
    (?P<number>-?\d+(?:\.\d+)?) |
    (?P<name>[A-Za-z_][\w.]*) |
    (?P<mark><>|!=|<=|>=|[<>=(),])
    )""",
    re.VERBOSE,
)
_SIMPLE = {"AND", "OR", "NOT", "IN", "IS", "NULL", "EMPTY", "LIKE", "BETWEEN", "MEMBER", "OF", "TRUE", "FALSE"}

FieldAt = Callable[[Path], Field]


@dataclass(frozen=True)
class Token:
    """A piece of a clause; words are in capitals."""

    kind: str
    text: str


def parse(where: str, field_at: FieldAt) -> Condition:
    """Read a clause; `field_at` knows the fields. Refused where it is wrong."""
    parser = _Parser(_tokens(where), field_at)
    condition = parser.either()
    if parser.token is not None:
        raise malformed(where)
    return condition


def malformed(where: str) -> Refused:
    """A clause that cannot be read."""
    return refused(400, f"Cannot parse the where clause: {where[:200]}", "errors.query.malformedWhere")


def _tokens(where: str) -> list[Token]:
    tokens, at, text = [], 0, where.rstrip()
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None:
            raise malformed(where)
        kind = match.lastgroup or ""
        word = match[kind].upper() if kind == "name" and match[kind].upper() in _SIMPLE else None
        tokens.append(Token("word", word) if word else Token(kind, match[kind]))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[Token], field_at: FieldAt) -> None:
        self._tokens = tokens
        self._at = 0
        self._field_at = field_at

    @property
    def token(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *kinds: str) -> Token:
        token = self.token
        if token is None or token.kind not in kinds:
            raise malformed(" ".join(one.text for one in self._tokens))
        self._at += 1
        return token

    def _takes(self, *texts: str) -> bool:
        """Take these words or marks, if they come next."""
        coming = self._tokens[self._at : self._at + len(texts)]
        found = [one.text for one in coming] == list(texts) and all(one.kind in ("word", "mark") for one in coming)
        self._at += len(texts) * found
        return found

    def _needs(self, text: str) -> None:
        if not self._takes(text):
            raise malformed(f"{text} is missing")

    def either(self) -> Condition:
        """Parts joined by OR."""
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._part()]
        while self._takes("AND"):
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _part(self) -> Condition:
        if self._takes("NOT"):
            return negated(self._part())
        if self._takes("("):
            inside = self.either()
            self._needs(")")
            return inside
        if self.token is not None and self.token.kind in ("number", "text"):
            return self._member()
        return self._comparison()

    def _member(self) -> Condition:
        value = self._take("number", "text")
        no = self._takes("NOT")
        self._needs("MEMBER")
        self._needs("OF")
        path, field = self._path()
        test = Test(path, Among(frozenset([self._value(field, value)])))
        return Not(test) if no else test

    def _comparison(self) -> Condition:
        path, field = self._path()
        if self._takes("IS"):
            no = self._takes("NOT")
            if not self._takes("NULL"):
                self._needs("EMPTY")
            return negated(Absent(path)) if no else Absent(path)
        no = self._takes("NOT")
        if self._takes("IN"):
            condition: Condition = Test(path, Among(frozenset(self._list(field))))
        elif self._takes("LIKE"):
            condition = Test(path, Passing(_like(_text(self._take("text")))))
        elif self._takes("BETWEEN"):
            low = self._literal(field)
            self._needs("AND")
            condition = Test(path, Between(low, self._literal(field)))
        else:
            condition = Test(path, self._compared(field))
        return negated(condition) if no else condition

    def _compared(self, field: Field) -> ValueTest:
        mark, value = self._take("mark").text, self._literal(field)
        tests: dict[str, ValueTest] = {
            "=": Among(frozenset([value])),
            "<>": Among(frozenset([value]), negated=True),
            "!=": Among(frozenset([value]), negated=True),
            "<": Between(high=value, high_included=False),
            "<=": Between(high=value),
            ">": Between(low=value, low_included=False),
            ">=": Between(low=value),
        }
        if mark not in tests:
            raise malformed(mark)
        return tests[mark]

    def _list(self, field: Field) -> list[Any]:
        self._needs("(")
        values = [self._literal(field)]
        while self._takes(","):
            values.append(self._literal(field))
        self._needs(")")
        return values

    def _path(self) -> tuple[Path, Field]:
        path = tuple(self._take("name").text.split("."))
        return path, self._field_at(path)

    def _literal(self, field: Field) -> Any:
        return self._value(field, self._take("number", "text", "word"))

    def _value(self, field: Field, token: Token) -> Any:
        """A literal as the field holds it."""
        if token.kind == "word":
            if token.text not in ("TRUE", "FALSE"):
                raise malformed(token.text)
            return token.text == "TRUE"
        text = _text(token) if token.kind == "text" else token.text
        if field.data_type == "Boolean":
            return text.lower() in ("1", "true")
        if field.is_number or field.is_date or field.entity:
            try:
                return float(text) if "." in text else int(text)
            except ValueError:
                raise malformed(text) from None
        return text.casefold()


def _text(token: Token) -> str:
    return token.text[1:-1].replace("''", "'")


def _like(pattern: str) -> Callable[[Any], bool]:
    parts = [re.escape(part) for part in re.split(r"([%_])", pattern)]
    wanted = re.compile("".join({"%": ".*", "_": "."}.get(part, part) for part in parts), re.IGNORECASE | re.DOTALL)
    return lambda value: wanted.fullmatch(str(value)) is not None


def negated(condition: Condition) -> Condition:
    """What holds where the condition does not, without what has no value."""
    if isinstance(condition, All):
        return Either(tuple(map(negated, condition.parts)))
    if isinstance(condition, Either):
        return All(tuple(map(negated, condition.parts)))
    if isinstance(condition, Not):
        return condition.part
    if isinstance(condition, Absent):
        return Test(condition.path, Passing(lambda _: True))
    test = condition.test
    if isinstance(test, Among):
        return Test(condition.path, Among(test.values, negated=not test.negated))
    return Test(condition.path, Passing(lambda value: not test.one(value)))
