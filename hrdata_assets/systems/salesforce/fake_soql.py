"""The queries the fake understands: one object, conditions, order, limit; read into a tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request

LONGEST = 100_000
LONGEST_TEXT = 4_000  # of one string in a condition

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
      | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<word>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
      | (?P<mark><=|>=|!=|<>|[=<>(),])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "_": "_", "%": "%"}
COMPARING = ("=", "!=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True)
class Literal:
    """A value in a condition; strings still have their escapes."""

    kind: str
    text: str

    @property
    def value(self) -> str:
        """A string without quotes and escapes."""
        return re.sub(r"\\(.)", lambda found: ESCAPES[found[1].lower()], self.text[1:-1], flags=re.DOTALL)


@dataclass(frozen=True)
class Comparison:
    """A field compared with values."""

    path: str
    operator: str
    values: tuple[Literal, ...]
    at: int


@dataclass(frozen=True)
class Combination:
    """Conditions joined by one word; SOQL wants parentheses where AND and OR meet."""

    word: str
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Negation:
    """NOT."""

    part: "Condition"


Condition = Comparison | Combination | Negation


@dataclass(frozen=True)
class Ordering:
    """One field of ORDER BY; nothing stands before everything unless said otherwise."""

    path: str
    at: int
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A query as it was written; names may be in any case still."""

    text: str
    object: str
    object_at: int
    fields: tuple[tuple[str, int], ...]
    """Each with its place in the text; empty for COUNT()."""
    where: Condition | None
    orderings: tuple[Ordering, ...]
    limit: int | None
    offset: int | None


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else ""


def located(text: str, at: int, message: str) -> str:
    """A message with the place in the query, in the three lines in which Salesforce says it."""
    excerpt = text[max(at - 30, 0) : at + 30].replace("\n", " ")
    pointer = " " * min(at, 30) + "^"
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"\n{excerpt}\n{pointer}\nERROR at Row:{row}:Column:{column}\n{message}"


def malformed(text: str, at: int, message: str) -> ApiError:
    """A query that cannot be read."""
    return bad_request("MALFORMED_QUERY", located(text, at, message))


def parse(text: str) -> Query:
    """Read a query; ApiError says where it cannot be."""
    if len(text) > LONGEST:
        raise bad_request("QUERY_TOO_COMPLICATED", f"SOQL statement is longer than {LONGEST} characters")
    return _Parser(text).query()


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise malformed(text, at, f"unexpected token: '{text[at : at + 20].split()[0]}'")
        if found.lastgroup != "space":
            yield _Token(str(found.lastgroup), found[0], at)
        at = found.end()
    yield _Token("end", "<EOF>", len(text))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.place = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    def refuse(self, message: str | None = None) -> NoReturn:
        raise malformed(self.text, self.token.at, message or f"unexpected token: '{self.token.text}'")

    def taken(self, *words: str) -> bool:
        """Go past these words or marks, if they are what comes next."""
        ahead = self.tokens[self.place : self.place + len(words)]
        if [token.word or token.text for token in ahead] != list(words):
            return False
        self.place += len(words)
        return True

    def take(self, *words: str) -> None:
        if not self.taken(*words):
            self.refuse()

    def name(self) -> tuple[str, int]:
        token = self.token
        if token.kind != "word":
            self.refuse()
        self.place += 1
        return token.text, token.at

    def query(self) -> Query:
        self.take("SELECT")
        fields = self.fields()
        self.take("FROM")
        name, at = self.name()
        where = self.condition() if self.taken("WHERE") else None
        orderings = tuple(self.orderings()) if self.taken("ORDER", "BY") else ()
        limit = self.count() if self.taken("LIMIT") else None
        offset = self.count() if self.taken("OFFSET") else None
        if self.token.kind != "end":
            self.refuse()
        return Query(self.text, name, at, fields, where, orderings, limit, offset)

    def fields(self) -> tuple[tuple[str, int], ...]:
        if self.taken("COUNT", "(", ")"):
            return ()
        found = [self.name()]
        while self.taken(","):
            found.append(self.name())
        if self.token.text == "(":
            self.refuse("only COUNT() is understood here")
        names = [name.lower() for name, _ in found]
        for n, (name, at) in enumerate(found):
            if name.lower() in names[:n]:
                raise malformed(self.text, at, f"duplicate field selected: {name}")
        return tuple(found)

    def count(self) -> int:
        token = self.token
        if token.kind != "number" or not token.text.isdigit():
            self.refuse()
        self.place += 1
        return int(token.text)

    def orderings(self) -> Iterator[Ordering]:
        while True:
            path, at = self.name()
            if not (descending := self.taken("DESC")):
                self.taken("ASC")
            if not (nulls_last := self.taken("NULLS", "LAST")):
                self.taken("NULLS", "FIRST")
            yield Ordering(path, at, descending, nulls_last)
            if not self.taken(","):
                return

    def condition(self) -> Condition:
        parts = [self.unary()]
        word = self.token.word
        if word not in ("AND", "OR"):
            return parts[0]
        while self.taken(word):
            parts.append(self.unary())
        if self.token.word in ("AND", "OR"):
            self.refuse()
        return Combination(word, tuple(parts))

    def unary(self) -> Condition:
        if self.taken("NOT"):
            return Negation(self.unary())
        if self.taken("("):
            inner = self.condition()
            self.take(")")
            return inner
        return self.comparison()

    def comparison(self) -> Comparison:
        path, at = self.name()
        token = self.token
        if self.taken("NOT", "IN"):
            return Comparison(path, "NOT IN", self.listed(), at)
        if token.word in ("IN", "INCLUDES", "EXCLUDES"):
            self.place += 1
            return Comparison(path, token.word, self.listed(), at)
        if token.text not in COMPARING and token.word != "LIKE":
            self.refuse()
        self.place += 1
        operator = "!=" if token.text == "<>" else token.word or token.text
        return Comparison(path, operator, (self.literal(),), at)

    def listed(self) -> tuple[Literal, ...]:
        self.take("(")
        found = [self.literal()]
        while self.taken(","):
            found.append(self.literal())
        self.take(")")
        return tuple(found)

    def literal(self) -> Literal:
        token = self.token
        kind = {"TRUE": "boolean", "FALSE": "boolean", "NULL": "null"}.get(token.word, token.kind)
        if kind not in ("string", "number", "date", "datetime", "boolean", "null"):
            self.refuse()
        if kind == "string":
            if len(token.text) > LONGEST_TEXT:
                self.refuse(f"a string in a condition has at most {LONGEST_TEXT} characters")
            if unknown := [one for one in re.findall(r"\\(.)", token.text, re.DOTALL) if one.lower() not in ESCAPES]:
                self.refuse(f"Invalid string literal '{token.text[1:-1]}'. Illegal character sequence '\\{unknown[0]}'")
        self.place += 1
        return Literal(kind, token.text)
