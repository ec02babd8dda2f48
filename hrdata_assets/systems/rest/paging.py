"""How an interface pages: what the next page is asked for by, given the one before."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from hrdata_assets.systems.answers import Answer
from hrdata_assets.systems.rest.paths import at
from hrdata_assets.systems.sources.declaration import LinkHeader, NextCursor, PageNumber, Paging

_WORD = r"""\s*;\s*([\w*.-]+)\s*(?:=\s*(?:"([^"]*)"|([^",;\s]*)))?"""
_LINK = re.compile(rf"<([^>]*)>((?:{_WORD})*)")
_WORDS = re.compile(_WORD)

Position = Mapping[str, Any]
"""Where a page begins: its number, how many records stand before it, a cursor, or an address. Empty for the first."""


@dataclass(frozen=True)
class Ask:
    """How one page is asked for; ``url`` takes the place of address and parameters."""

    params: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None


def ask(paging: Paging, position: Position) -> Ask:
    """How the page at a position is asked for."""
    sized = {paging.size: str(paging.page)} if paging.size else {}
    if isinstance(paging, LinkHeader):
        return Ask(sized, position.get("url"))
    if isinstance(paging, NextCursor):
        return Ask({**sized, **({paging.parameter: str(position["cursor"])} if position else {})})
    if isinstance(paging, PageNumber):
        return Ask({**sized, paging.parameter: str(position.get("number", paging.first))})
    return Ask({**sized, paging.parameter: str(position.get("offset", 0))})


def following(paging: Paging, position: Position, answer: Answer, count: int, asked: str) -> Position | None:
    """Where the next page begins, given an answer to the address ``asked`` with so many records; None for the last."""
    if isinstance(paging, LinkHeader):
        url = next_link(answer.headers.get("link", ""), asked)
        return None if url is None else {"url": url}
    if isinstance(paging, NextCursor):
        told = answer.json()
        cursor = at(told, paging.next)
        ended = cursor in (None, "", False) or (paging.more is not None and at(told, paging.more) is not True)
        return None if ended else {"cursor": str(cursor)}
    if count == 0:
        return None
    if isinstance(paging, PageNumber):
        return {"number": position.get("number", paging.first) + 1}
    return {"offset": position.get("offset", 0) + count}


def next_link(header: str, asked: str) -> str | None:
    """The address that a header Link (RFC 8288) calls next."""
    for link in _LINK.finditer(header):
        for word in _WORDS.finditer(link[2]):
            if word[1].lower() == "rel" and "next" in (word[2] or word[3] or "").lower().split():
                return urljoin(asked, str(link[1]))
    return None
