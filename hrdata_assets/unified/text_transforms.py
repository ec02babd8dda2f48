"""Transforms of texts, and of lists of them. Each is a pure function; an empty result counts as no value."""

import html
import re
from typing import Any

from hrdata_assets.cleaning.countries import country_code
from hrdata_assets.table import ColumnType
from hrdata_assets.unified.kinds import TEXT, TEXTS
from hrdata_assets.unified.records import EMAIL
from hrdata_assets.unified.transform import Call, Transform, Unfit, transform, transform_by

OTHERWISE = "*"
"""In a lookup, what stands for every word that it does not name."""

_TEXT = ColumnType.TEXT
_ALL = tuple(t for t in ColumnType if t not in (ColumnType.LANGUAGES, ColumnType.TEXTS, ColumnType.FULL_TEXT))
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^>]*>", re.IGNORECASE)
_UNSHOWN = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9]{5,15}")
_PUNCTUATION = re.compile(r"[\s().\-/]+")
_CURRENCY = re.compile(r"[A-Z]{3}")


@transform(_TEXT)
def lower(text: str) -> str:
    """In small letters."""
    return text.lower()


@transform(_TEXT)
def upper(text: str) -> str:
    """In capital letters."""
    return text.upper()


@transform(_TEXT)
def title(text: str) -> str:
    """Each word with a capital letter."""
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split(" "))


@transform(_TEXT)
def strip(text: str) -> str:
    """Without blanks around it."""
    return text.strip()


@transform(_TEXT)
def one_line(text: str) -> str:
    """Without blanks around it, and with one blank for every run of blanks and line ends."""
    return " ".join(text.split())


@transform(_TEXT)
def plain(text: str) -> str:
    """HTML as the text that a reader sees: a line for each paragraph, no tags."""
    if "<" not in text and "&" not in text:
        return text
    # Looking for what is rare takes a fraction of the time of taking it out.
    if "<!--" in text or "<s" in text or "<S" in text:
        text = _UNSHOWN.sub("", text)
    shown = _TAG.sub("", _BREAK.sub("\n", text))
    return "\n".join(line for line in (line.strip() for line in html.unescape(shown).split("\n")) if line)


@transform(_TEXT)
def email(text: str) -> str:
    """An e-mail address in small letters, without blanks around it; anything else does not fit."""
    found = text.strip().lower()
    if not re.fullmatch(EMAIL, found):
        raise Unfit("is no e-mail address")
    return found


@transform_by(_TEXT, optional=True)
def country(otherwise: Any) -> Call:
    """A country by the two letters of ISO 3166; it may be given by two letters, by three, or by name.

    One that is not known does not fit, unless the argument says what stands for it: "" for no value.
    """
    if otherwise is not None and not re.fullmatch(r"([A-Z]{2})?", str(otherwise)):
        raise Unfit('wants two letters, or "" for no value')

    def call(text: str) -> str:
        found = country_code(text)
        if found is None and otherwise is None:
            raise Unfit("is no country that is known by that name")
        return str(otherwise) if found is None else found

    return call


@transform(_TEXT)
def currency(text: str) -> str:
    """A currency by the three capital letters of ISO 4217."""
    found = text.strip().upper()
    if not _CURRENCY.fullmatch(found):
        raise Unfit("is no currency of three letters")
    return found


@transform_by(_TEXT, optional=True)
def phone(calling_code: Any) -> Call:
    """A telephone number as + and digits; with an argument such as "47", that is put before a national number."""
    if calling_code is not None and not re.fullmatch(r"[1-9][0-9]{0,3}", str(calling_code)):
        raise Unfit('wants the digits of a country, such as "47"')

    def call(text: str) -> str:
        found = _PUNCTUATION.sub("", text)
        if found.startswith("00"):
            found = f"+{found[2:]}"
        if calling_code is not None and not found.startswith("+"):
            found = f"+{calling_code}{found.removeprefix('0')}"
        if not _PHONE.fullmatch(found):
            raise Unfit("is no telephone number")
        return found

    return call


@transform_by(_TEXT)
def cut(length: Any) -> Call:
    """The first characters only, as many as the argument says."""
    if type(length) is not int or length < 1:
        raise Unfit("wants a number of characters")
    return lambda text: text[:length].rstrip()


@transform_by(_TEXT)
def prefix(before: Any) -> Call:
    """With the argument before it."""
    added = _text(before)
    return lambda text: added + text


@transform_by(_TEXT)
def suffix(after: Any) -> Call:
    """With the argument after it."""
    added = _text(after)
    return lambda text: text + added


@transform_by(_TEXT)
def replace(words: Any) -> Call:
    """With each text of the argument's object replaced by what it says, in its order."""
    pairs = list(_pairs(words).items())

    def call(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        return text

    return call


@transform_by(_TEXT, gives=TEXT)
def lookup(words: Any) -> Call:
    """What the argument's object says of it, case and blanks around it aside; ``*`` says it of every other word.

    Without ``*``, a word that is not named does not fit. An empty text means no value.
    """
    known = {word.strip().casefold(): to for word, to in _pairs(words).items()}
    rest = known.get(OTHERWISE)

    def call(text: str) -> str:
        found = known.get(text.strip().casefold(), rest)
        if found is None:
            raise Unfit("is none of the words looked up")
        return found

    return call


@transform_by(_TEXT, gives=TEXTS)
def split(separator: Any) -> Call:
    """The texts between separators, without blanks around them, empty ones left out."""
    mark = _text(separator)
    return lambda text: [part for part in map(str.strip, text.split(mark)) if part]


@transform_by(_TEXT, gathers=True, gives=TEXT)
def join(separator: Any) -> Call:
    """One text of several, with the argument between them."""
    if not isinstance(separator, str):
        raise Unfit("wants a text")
    return lambda texts: separator.join(map(_text, texts))


@transform(*_ALL, gathers=True)
def first(values: Any) -> Any:
    """The first of several."""
    return values[0] if values else None


@transform(*_ALL, gathers=True)
def last(values: Any) -> Any:
    """The last of several."""
    return values[-1] if values else None


@transform(_TEXT, gathers=True, gives=TEXTS)
def unique(texts: Any) -> list[str]:
    """Each of several texts once, upper and lower case aside, as it is first written."""
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(_text(text).casefold(), text)
    return list(seen.values())


def _text(given: object) -> str:
    if not isinstance(given, str) or not given:
        raise Unfit("wants a text")
    return given


def _pairs(given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not given or not all(isinstance(v, str) for pair in given.items() for v in pair):
        raise Unfit("wants an object of texts")
    if "" in given:
        raise Unfit("wants an object in which no text is empty")
    return given


TRANSFORMS: tuple[Transform, ...] = (
    *(lower, upper, title, strip, one_line, plain, email, country, currency, phone, cut, prefix, suffix, replace),
    *(lookup, split, join, first, last, unique),
)
"""All of them, every version."""
