"""Bytes taken eight at a time as one number, so that numpy compares and reads many short texts at once.

The first of eight bytes is the lowest of the number (little-endian), whatever the machine.
"""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.intp]
Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Truths = npt.NDArray[np.bool_]

WORD = 8
"""Bytes of a word."""

_BEHIND = 4 * WORD
"""How far behind the last byte a word may begin."""

MASKS: Words = np.array([(1 << 8 * n) - 1 for n in range(WORD + 1)], np.uint64)
"""Keeps the first n bytes of a word."""

_ONES, _HIGHS, _ZEROS = (np.uint64(int(byte * WORD, 16)) for byte in ("01", "80", "30"))
_PAIRS = np.uint64(0x000000FF_000000FF)


class Content:
    """Bytes, any eight of which in a row can be had as a word; behind the last one stand zeros."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self.bytes: Bytes = np.frombuffer(content + bytes(_BEHIND + WORD), np.uint8)
        self._words: Words = np.ndarray((self.size + _BEHIND,), np.dtype("<u8"), self.bytes, strides=(1,))

    def words(self, places: Ints) -> Words:
        """Words that begin at these places."""
        words: Words = self._words[places]
        return words


def word(text: str) -> int:
    """The word that begins with a text of at most eight ASCII characters, the other bytes zero."""
    return int.from_bytes(text.encode(), "little")


def place_of(words: Words, byte: str) -> Ints:
    """Where in each word an ASCII character stands first; 8 where it does not."""
    zeroed = words ^ (_ONES * np.uint64(ord(byte)))
    # The lowest of the high bits that are left belongs to the first byte that is zero (Mycroft).
    found = (zeroed - _ONES) & ~zeroed & _HIGHS
    places: Ints = (np.bitwise_count(found ^ (found - np.uint64(1))) >> 3).astype(np.intp) - (found != 0)
    return places


def numbers_of(words: Words, lengths: Ints) -> tuple[Ints, Truths]:
    """Numbers that the first one to eight bytes of each word write, and whether these bytes are digits."""
    is_short = (lengths >= 1) & (lengths <= WORD)
    unused = np.where(is_short, WORD - lengths, 0).astype(np.uint64) * np.uint64(WORD)
    # Zeros are put before the digits, so that all numbers have eight.
    filled = (words << unused) | (_ZEROS & ((np.uint64(1) << unused) - np.uint64(1)))
    digits = filled ^ _ZEROS
    are_digits = is_short & (((digits + np.uint64(0x7676767676767676)) | digits) & _HIGHS == 0)
    tens = digits * np.uint64(10) + (digits >> np.uint64(8))
    high = (tens & _PAIRS) * np.uint64(100 + (1_000_000 << 32))
    low = ((tens >> np.uint64(16)) & _PAIRS) * np.uint64(1 + (10_000 << 32))
    return ((high + low) >> np.uint64(32)).astype(np.intp), are_digits


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Every place of these spans, one span after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))
