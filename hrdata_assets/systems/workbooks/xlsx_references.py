"""References to characters in texts, such as ``&amp;``, resolved as an XML parser does."""

import re

import polars as pl

_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|[a-z]+);")
_KNOWN = re.compile(
    r"&(?:amp|lt|gt|quot|apos|#10|#13|#9|#x[aAdD9]|#x[2-9a-cA-CeEfF][0-9a-fA-F]{1,2}|#(?:3[2-9]|[4-9][0-9]));"
)
"""References to named characters, and to numbered ones that XML allows; of the others a parser knows."""

_NAMED = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}


def unescaped(texts: pl.Series) -> pl.Series | None:
    """Texts without references; None if one is to a character that is not known here."""
    if (texts.str.count_matches("&(?:amp|lt|gt|quot|apos);") == texts.str.count_matches("&", literal=True)).all():
        return texts.str.replace_many(_NAMED)
    if any("&" in _KNOWN.sub("", text) for text in texts):
        return None
    return pl.Series([_characters(text) for text in texts], dtype=pl.String)


def _characters(text: str) -> str:
    return _REFERENCE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal = found.groups()
    if hexadecimal or decimal:
        return chr(int(hexadecimal, 16) if hexadecimal else int(decimal))
    return _NAMED[found[0]]
