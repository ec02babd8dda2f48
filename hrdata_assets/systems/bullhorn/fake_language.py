"""The two languages that a fake Bullhorn is asked in, read into one kind of test: Lucene, and a kind of JPQL."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hrdata_assets.systems.bullhorn.fake_rows import Record

Test = Callable[[Record], bool]


class LanguageError(ValueError):
    """The question cannot be read."""


@dataclass(frozen=True)
class Asked:
    """A question read: what every record is asked, and the bounds that hold of ids and stamps of those it finds."""

    test: Test
    ids: tuple[int, int] = (0, 1 << 62)
    stamps: tuple[int, int] = (-(1 << 62), 1 << 62)
    bounds_only: bool = False


_LUCENE = re.compile(
    r"\s*(?:(?P<op>AND|OR|NOT)\b|(?P<paren>[()])|(?P<minus>-)|(?P<field>[A-Za-z][\w.]*):"
    r'|(?P<quoted>"(?:\\.|[^"\\])*")|(?P<range>[\[{]\s*(?:"[^"]*"|\S+)\s+TO\s+(?:"[^"]*"|[^\s\]}]+)\s*[\]}])'
    r"|(?P<word>[^\s()]+))"
)
_WHERE = re.compile(
    r"\s*(?:(?P<op>AND|OR|NOT)\b|(?P<paren>[(),])|(?P<sign><>|<=|>=|=|<|>)|(?P<word>IS|NULL|IN|LIKE)\b"
    r"|(?P<quoted>'(?:''|[^'])*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<flag>true|false)\b|(?P<field>[A-Za-z][\w.]*))",
    re.IGNORECASE,
)


def values_at(record: Any, path: str) -> list[Any]:
    """What stands at a path; of a to-many, what stands there in each of its members."""
    found = [record]
    for name in path.split("."):
        following = []
        for value in found:
            if isinstance(value, dict):
                inner = value["data"] if "data" in value and name not in value else None
                following += [m.get(name) for m in inner] if inner is not None else [value.get(name)]
        found = following
    return [value for value in found if value is not None]


class _Reader:
    """Tokens one after the other."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        place = 0
        text = text.rstrip()
        while place < len(text):
            found = pattern.match(text, place)
            if found is None or found.end() == place:
                raise LanguageError(f"cannot be read from character {place}")
            self.tokens.append((str(found.lastgroup), found[found.lastgroup or 0]))
            place = found.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, *kinds: str) -> str:
        kind, text = self.peek()
        if kinds and kind not in kinds:
            raise LanguageError(f"expected {' or '.join(kinds)} at token {self.at}")
        self.at += 1
        return text

    def next_is(self, kind: str, text: str | None = None) -> bool:
        found, said = self.peek()
        return found == kind and (text is None or said.upper() == text)

    def accept(self, kind: str, text: str | None = None) -> bool:
        if self.next_is(kind, text):
            self.at += 1
            return True
        return False


class _Language:
    """What both have in common: AND before OR, NOT, parentheses."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self.reader = _Reader(pattern, text)
        self.bounds: list[tuple[str, int, int]] = []
        self.others = 0
        self.depth = 0

    def read(self) -> Asked:
        """The whole question."""
        test = self._either()
        if self.reader.peek()[0] != "end":
            raise LanguageError(f"something is left from token {self.reader.at} on")
        ids = [(low, high) for name, low, high in self.bounds if name == "id"]
        stamps = [(low, high) for name, low, high in self.bounds if name == "dateLastModified"]
        return Asked(test, _met(ids, Asked.ids), _met(stamps, Asked.stamps), bounds_only=self.others == 0)

    def _either(self) -> Test:
        tests = [self._both()]
        while self.reader.accept("op", "OR"):
            # What is one of several says nothing about all that is found.
            self.bounds, self.others = [], self.others + 1
            tests.append(self._both())
            self.bounds = []
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self.reader.accept("op", "AND") or self._goes_on():
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def _goes_on(self) -> bool:
        return False

    def _one(self) -> Test:
        if self.reader.accept("op", "NOT") or self.reader.accept("minus"):
            kept = list(self.bounds)
            test = self._one()
            self.bounds, self.others = kept, self.others + 1
            return lambda record: not test(record)
        if self.reader.accept("paren", "("):
            kept = list(self.bounds)
            test = self._either()
            self.bounds, self.others = kept, self.others + 1
            self.reader.take("paren")
            return test
        return self._term()

    def _term(self) -> Test:
        raise NotImplementedError

    def bound(self, name: str, low: int, high: int) -> None:
        """All that is found lies between these, of a name that there is an order of."""
        if name in ("id", "dateLastModified"):
            self.bounds.append((name, low, high))
        else:
            self.others += 1


def _met(bounds: list[tuple[int, int]], whole: tuple[int, int]) -> tuple[int, int]:
    return (max([whole[0], *(low for low, _ in bounds)]), min([whole[1], *(high for _, high in bounds)]))


class Lucene(_Language):
    """``id:[5 TO *] AND -status:"Archive"``; moments are whole seconds."""

    def __init__(self, text: str, moments: frozenset[str]) -> None:
        super().__init__(_LUCENE, text)
        self._moments = moments

    def _goes_on(self) -> bool:
        return self.reader.peek()[0] in ("field", "minus")

    def _term(self) -> Test:
        name = self.reader.take("field")
        if self.reader.accept("paren", "("):
            return self._any_of(name)
        kind, text = self.reader.peek()
        self.reader.take("quoted", "range", "word", "minus")
        if kind == "range":
            return self._between(name, text)
        self.others += 1
        if kind == "quoted":
            return self._like(name, re.sub(r"\\(.)", r"\1", text[1:-1]))
        words = [text]
        while self.reader.peek()[0] == "word":
            words.append(self.reader.take("word"))
        tests = [self._like(name, word) for word in words]
        return lambda record: any(test(record) for test in tests)

    def _any_of(self, name: str) -> Test:
        self.others += 1
        tests = []
        while not self.reader.accept("paren", ")"):
            if not self.reader.accept("op", "OR"):
                text = self.reader.take("quoted", "word")
                tests.append(self._like(name, re.sub(r"\\(.)", r"\1", text.strip('"'))))
        return lambda record: any(test(record) for test in tests)

    def _like(self, name: str, wanted: str) -> Test:
        def test(record: Record) -> bool:
            for value in values_at(record, name):
                if isinstance(value, bool):
                    if wanted.lower() in (("1", "true") if value else ("0", "false")):
                        return True
                elif isinstance(value, str):
                    words = re.findall(r"\w+", wanted.casefold())
                    if words and _holds(re.findall(r"\w+", value.casefold()), words):
                        return True
                elif str(value) == wanted:
                    return True
            return False

        return test

    def _between(self, name: str, text: str) -> Test:
        found = re.fullmatch(r"([\[{])\s*(.+?)\s+TO\s+(.+?)\s*([\]}])", text)
        if found is None:
            raise LanguageError("a range is [a TO b]")
        opens, low, high, closes = found.groups()
        if low == '""':
            self.others += 1
            return lambda record: any(str(value) for value in values_at(record, name))
        moments = name in self._moments
        first = self._number(low, moments, upper=opens == "{") + (opens == "{") if low != "*" else -(1 << 62)
        last = self._number(high, moments, upper=closes == "]") - (closes == "}") if high != "*" else 1 << 62
        self.bound(name, first, last)
        return lambda record: any(first <= value <= last for value in values_at(record, name))

    @staticmethod
    def _number(text: str, moments: bool, *, upper: bool) -> int:
        if not moments:
            return int(text)
        moment = datetime.datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=datetime.UTC)
        return int(moment.timestamp()) * 1000 + (999 if upper else 0)


def _holds(words: list[str], wanted: list[str]) -> bool:
    return any(words[place : place + len(wanted)] == wanted for place in range(len(words) - len(wanted) + 1))


class Where(_Language):
    """``id > 5 AND candidate.id IN (1,2)``; moments are milliseconds."""

    def __init__(self, text: str) -> None:
        super().__init__(_WHERE, text)

    def _term(self) -> Test:
        name = self.reader.take("field")
        if self.reader.accept("word", "IS"):
            self.others += 1
            wanted = not self.reader.accept("op", "NOT")
            self.reader.take("word")
            return lambda record: (not values_at(record, name)) is wanted
        if self.reader.accept("word", "IN"):
            self.others += 1
            self.reader.take("paren")
            values = [self._value()]
            while self.reader.accept("paren", ","):
                values.append(self._value())
            self.reader.take("paren")
            return lambda record: any(value in values for value in values_at(record, name))
        if self.reader.accept("word", "LIKE"):
            self.others += 1
            inner = str(self._value()).strip("%").casefold()
            return lambda record: any(inner in str(value).casefold() for value in values_at(record, name))
        return self._compared(name, self.reader.take("sign"), self._value())

    def _compared(self, name: str, sign: str, value: Any) -> Test:
        if isinstance(value, int) and not isinstance(value, bool) and sign in ("=", "<", "<=", ">", ">="):
            low = value + (sign == ">") if sign in ("=", ">", ">=") else -(1 << 62)
            high = value - (sign == "<") if sign in ("=", "<", "<=") else 1 << 62
            self.bound(name, low, high)
            return lambda record: any(low <= found <= high for found in values_at(record, name))
        self.others += 1
        if sign == "<>":
            return lambda record: all(found != value for found in values_at(record, name))
        if sign != "=":
            raise LanguageError(f"{sign} needs a number")
        return lambda record: any(found == value for found in values_at(record, name))

    def _value(self) -> Any:
        kind, text = self.reader.peek()
        self.reader.take("quoted", "number", "flag")
        if kind == "quoted":
            return text[1:-1].replace("''", "'")
        if kind == "flag":
            return text.lower() == "true"
        return float(text) if "." in text else int(text)
