"""Record ids: 15 characters in which case matters, and three more that say the case to whoever ignores it."""

from functools import lru_cache

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""In ASCII's order: ids of later records are greater, also for who compares text."""

CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "Hp0"  # instance and a reserved digit: the same in all ids of one org
FIRST = 14_776_337  # numbers start here: ids then have letters of both cases, as those of a grown org do
STEP = 13  # and skip some, as where many orgs share a database; two ids may then differ in nothing but case


@lru_cache(maxsize=1 << 16)
def _cases(five: str) -> str:
    return CASES[sum(1 << place for place, letter in enumerate(five) if "A" <= letter <= "Z")]


def suffix(fifteen: str) -> str:
    """The three characters that 18-character ids have more: one for the cases of five letters each."""
    return _cases(fifteen[:5]) + _cases(fifteen[5:10]) + _cases(fifteen[10:])


@lru_cache(maxsize=1 << 14)
def _digits(number: int, places: int) -> str:
    text = ""
    for _ in range(places):
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return text


def record_id(prefix: str, number: int) -> str:
    """Id of the n-th record of an object, 18 characters."""
    high, low = divmod(FIRST + number * STEP, 62**2)
    fifteen = prefix + POD + _digits(high, 7) + _digits(low, 2)
    return fifteen + suffix(fifteen)


def as_18(text: str) -> str | None:
    """The id with 18 characters, or None if this is no id."""
    if len(text) not in (15, 18) or not (text.isascii() and text.isalnum()):
        return None
    whole = text[:15] + suffix(text[:15])
    return whole if text in (text[:15], whole) else None
