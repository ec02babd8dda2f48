"""The tags of a piece of XML, found and told apart all at once: an index of its structure.

Only what programs write is known. Every byte stands in a tag, in a text, or between tags, where there may be nothing
but white space. What a tag says behind its beginning is not looked at here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hrdata_assets.systems.workbooks.byte_words import MASKS, Bytes, Content, Ints, Truths, Words, spans, word

UNKNOWN = 0
"""Kind of a tag that none of the patterns is."""

_MOST_KINDS = 64
_WHITE = np.isin(np.arange(256), [ord(c) for c in " \t\n"])
_SLASH = ord("/")
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
    """Which tags there are, after which kinds of tags each may stand, and which are followed by text.

    The first two bytes of each pattern are its alone. ``follows`` tells of each kind what may come next; a piece begins
    with what may follow UNKNOWN, and may end with what UNKNOWN may follow.
    """

    def __init__(self, patterns: Sequence[Pattern], follows: Mapping[int, Sequence[int]], texts: Sequence[int]) -> None:
        self._texts = _table(texts)
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
        starts, ends = np.flatnonzero(found == ord("<")), np.flatnonzero(found == ord(">"))
        if len(ends) > len(starts):
            # Texts may hold the one that closes, unless it seems to end what did not begin.
            if b"]]>" in found.tobytes():
                return None
            after = np.searchsorted(ends, starts)
            ends = ends[after[after < len(ends)]]
        if len(ends) != len(starts) or not ((starts < ends).all() and (ends[:-1] < starts[1:]).all()):
            return None
        return Tags(self._told_apart(content, content.words(starts + 1), ends), starts, ends)

    def _told_apart(self, content: Content, words: Words, ends: Ints) -> Bytes:
        numbers = self._first[(words & MASKS[2]).view(np.int64)]
        numbers[(words & self._masks[numbers]) != self._words[numbers]] = 0
        kinds: Bytes = self._kinds[numbers]
        kinds += (content.bytes[ends - 1] == _SLASH) & self._goes_on[numbers]
        return kinds

    def is_followed(self, content: Content, tags: Tags) -> bool:
        """Whether all tags are known, follow each other as they may, and have nothing between them but texts."""
        ordered = np.concatenate(([UNKNOWN], tags.kinds, [UNKNOWN])).astype(np.intp)
        if not self._pairs[ordered[:-1] * _MOST_KINDS + ordered[1:]].all():
            return False
        begins = np.concatenate(([0], tags.ends + 1))
        sizes = np.concatenate((tags.starts, [content.size])) - begins
        between = np.flatnonzero((sizes > 0) & ~self._texts[ordered[:-1]])
        return bool(_WHITE[content.bytes[spans(begins[between], sizes[between])]].all())


def is_clean(piece: bytes) -> bool:
    """Whether a piece is UTF-8 and has only characters that XML allows, which a lone carriage return is not here."""
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    characters = np.frombuffer(piece, np.uint8)
    controls = characters[characters < ord(" ")]
    return bool(_WHITE[controls].all()) and (piece.isascii() or not any(code in piece for code in _FORBIDDEN))


def _table(kinds: Sequence[int]) -> Truths:
    table = np.zeros(_MOST_KINDS, np.bool_)
    table[list(kinds)] = True
    return table
