"""Texts as Arrow's string views: sixteen bytes a text that say where it stands, so that none is copied.

A view is the text's length in four bytes, and behind it the text if it has at most twelve; or else its first four
bytes, the number of its buffer, and where in that it begins.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from hrdata_assets.systems.workbooks.byte_words import MASKS, WORD, Content, Ints, Truths, Words

_INLINE = 12
_HALF = np.uint64(32)


@dataclass(frozen=True)
class Views:
    """Views, two words each, and the buffers that they refer to."""

    words: Words
    buffers: tuple[Any, ...] = ()

    @classmethod
    def of(cls, texts: pl.Series) -> "Views":
        """Views of a column without nulls."""
        array = texts.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
        _, views, *buffers = array.buffers()
        words = np.frombuffer(views, np.uint64).reshape(-1, 2) if views else np.zeros((0, 2), np.uint64)
        return cls(words[array.offset : array.offset + len(array)], tuple(buffers))

    @classmethod
    def into(cls, content: Content, starts: Ints, lengths: Ints) -> "Views":
        """Views of texts that stand in a content."""
        size = lengths.astype(np.uint64)
        first = content.words(starts) & MASKS[np.minimum(lengths, 4)]
        inline = content.words(starts + 4) & MASKS[np.clip(lengths - 4, 0, WORD)]
        words = np.empty((len(starts), 2), np.uint64)
        words[:, 0] = size | (first << _HALF)
        words[:, 1] = np.where(lengths <= _INLINE, inline, starts.astype(np.uint64) << _HALF)
        return cls(words, (pa.py_buffer(content.bytes),))

    def __getitem__(self, places: Ints) -> "Views":
        return Views(self.words[places], self.buffers)

    def series(self) -> pl.Series:
        """The texts as a column."""
        buffers = [None, pa.py_buffer(np.ascontiguousarray(self.words)), *self.buffers]
        array = pa.Array.from_buffers(pa.string_view(), len(self.words), buffers)
        return pl.Series(pl.from_arrow(array))


class TextColumn:
    """A column of texts that comes together from several places; what is not put into it is the empty text."""

    def __init__(self, count: int) -> None:
        self._words: Words = np.zeros((count, 2), np.uint64)
        self._buffers: list[Any] = []

    def put(self, places: Ints | Truths, texts: Views) -> None:
        """Put texts at these places, in their order."""
        before, words = len(self._buffers), texts.words
        if before and texts.buffers:
            is_long = (words[:, 0] & MASKS[4]) > _INLINE
            words = words.copy()
            words[:, 1] += is_long * np.uint64(before)
        self._buffers += texts.buffers
        self._words[places] = words

    def series(self) -> pl.Series:
        """The column."""
        return Views(self._words, tuple(self._buffers)).series()
