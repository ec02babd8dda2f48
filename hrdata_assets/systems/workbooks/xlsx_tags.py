"""The tags of a piece of XML, found and told apart all at once: an index of its structure.

Only what programs write is known. Every byte stands in a tag, in a text, or between tags, where there may be nothing
but white space. What a tag says behind its beginning is not looked at here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hrdata_assets.systems.workbooks.byte_words import MASKS, Bytes, Content, Ints, Truths, Words, spans, word

OUTSIDE = 1
"""What stands before the first tag and behind the last one, as a kind; those of tags are greater."""

_UNKNOWN = 0
_MOST_KINDS = 64
WHITE = np.isin(np.arange(256), [ord(c) for c in " \t\n"])
"""Whether a byte is white space of XML, by its number; carriage returns are none any more."""

_SLASH = ord("/")
_BETWEEN_BRACKETS = np.uint8(ord("<") ^ ord(">"))
_FORBIDDEN = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""What Unicode has no characters for, and XML does not allow."""


@dataclass(frozen=True)
class Tags:
    """Tags in their order: what each is, and where its angle brackets stand."""

    kinds: Bytes
    starts: Ints
    ends: Ints

    def are(self, *kinds: int) -> Truths:
        """Which of them are of one of these kinds."""
        which: Truths = self.kinds == kinds[0]
        for kind in kinds[1:]:
            which |= self.kinds == kind
        return which


@dataclass(frozen=True)
class Pattern:
    """A tag, or how one begins that goes on; that is of the kind after its own if it ends in a slash."""

    begins: str
    kind: int

    @property
    def goes_on(self) -> bool:
        """Whether more stands behind its beginning."""
        return not self.begins.endswith(">")


class Grammar:
    """Which tags there are, which kinds may follow each, and which are followed by text.

    The first two bytes of each pattern are its alone.
    """

    def __init__(self, patterns: Sequence[Pattern], follows: Mapping[int, Sequence[int]], texts: Sequence[int]) -> None:
        self._texts = tuple(texts)
        self._first = np.zeros(1 << 16, np.intp)
        self._masks, self._words = np.zeros((2, len(patterns) + 1), np.uint64)
        # What no word is after its mask.
        self._words[0] = 1
        self._kinds, self._goes_on = np.zeros(len(patterns) + 1, np.uint8), np.zeros(len(patterns) + 1, np.bool_)
        for number, pattern in enumerate(patterns, start=1):
            whole = word(pattern.begins)
            self._first[whole & 0xFFFF] = number
            self._masks[number], self._words[number] = MASKS[len(pattern.begins)], whole
            self._kinds[number], self._goes_on[number] = pattern.kind, pattern.goes_on
        self._pairs = np.zeros(_MOST_KINDS * _MOST_KINDS, np.bool_)
        for kind, after in follows.items():
            self._pairs[[kind * _MOST_KINDS + other for other in after]] = True

    def tags(self, content: Content) -> Tags | None:
        """All tags of a content; None if its angle brackets are no pairs."""
        found = content.bytes[: content.size]
        brackets = np.flatnonzero(found | _BETWEEN_BRACKETS == ord(">"))
        starts, ends = brackets[0::2], brackets[1::2]
        opening = np.count_nonzero(found == ord("<"))
        if 2 * opening != len(brackets) or not (found[starts] == ord("<")).all():
            pairs = _pairs(found)
            if pairs is None:
                return None
            starts, ends = pairs
        return Tags(self._told_apart(content, content.words(starts + 1), ends), starts, ends)

    def _told_apart(self, content: Content, words: Words, ends: Ints) -> Bytes:
        numbers = self._first[(words & MASKS[2]).view(np.int64)]
        numbers[(words & self._masks[numbers]) != self._words[numbers]] = _UNKNOWN
        kinds: Bytes = self._kinds[numbers]
        going_on = np.flatnonzero(self._goes_on[numbers])
        kinds[going_on] += content.bytes[ends[going_on] - 1] == _SLASH
        return kinds

    def is_followed(self, content: Content, tags: Tags) -> bool:
        """Whether all tags are known, follow each other as they may, and have nothing between them but texts."""
        ordered = np.concatenate(([OUTSIDE], tags.kinds, [OUTSIDE])).astype(np.intp)
        if not self._pairs[ordered[:-1] * _MOST_KINDS + ordered[1:]].all():
            return False
        begins = np.concatenate(([0], tags.ends + 1))
        sizes = np.concatenate((tags.starts, [content.size])) - begins
        sizes[1:][tags.are(*self._texts)] = 0
        between = np.flatnonzero(sizes)
        return bool(WHITE[content.bytes[spans(begins[between], sizes[between])]].all())


def _pairs(found: Bytes) -> tuple[Ints, Ints] | None:
    """Places of angle brackets that are tags, where texts may hold some that close."""
    starts, ends = np.flatnonzero(found == ord("<")), np.flatnonzero(found == ord(">"))
    after = np.searchsorted(ends, starts)
    ends = ends[after[after < len(ends)]]
    if len(ends) != len(starts) or (ends[:-1] > starts[1:]).any():
        return None
    # XML allows no text that seems to end what did not begin.
    return None if b"]]>" in found.tobytes() else (starts, ends)


def is_clean(piece: bytes) -> bool:
    """Whether a piece is UTF-8 and has only characters that XML allows, which a lone carriage return is not here."""
    if not piece.isascii():
        try:
            piece.decode()
        except UnicodeDecodeError:
            return False
        if any(code in piece for code in _FORBIDDEN):
            return False
    characters = np.frombuffer(piece, np.uint8)
    return bool(WHITE[characters[characters < ord(" ")]].all())
