"""Which delivered column belongs to which declared one, in either dialect, by position where a heading repeats."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from hrdata_assets.table import Column, ColumnType, Table

_LANGUAGE = re.compile(r"(?P<base>.*?)\s*\((?P<in>in )?(?P<code>#\{lang\}|multilang|[a-z]{2,3}(?:[-_][a-z]{2})?)\)")


@dataclass(frozen=True)
class Source:
    """One delivered column; ``language`` is set when its heading names the one language of its cells."""

    position: int
    language: str | None = None


@dataclass(frozen=True)
class HeaderMap:
    """Where each declared column's text stands; columns nobody declared; declared ones that did not come."""

    sources: dict[str, tuple[Source, ...]]
    unknown: tuple[int, ...]
    absent: tuple[str, ...]


def tidy_header(header: str) -> str:
    """Heading as it is compared: without byte order mark, outer and doubled blanks, and case."""
    return " ".join(header.replace("\ufeff", " ").split()).casefold()


def match_headers(table: Table, header: Sequence[str]) -> HeaderMap:
    """Map a file's header to a table's columns."""
    tidy = [tidy_header(h) for h in header]
    claimed = _by_exact_heading(table, tidy)
    texts = {position for sources in claimed.values() for position in (s.position for s in sources)}
    claimed |= _by_language(table, tidy, texts)
    used = {source.position for sources in claimed.values() for source in sources}
    return HeaderMap(
        sources=claimed,
        unknown=tuple(p for p in range(len(header)) if p not in used),
        absent=tuple(c.name for c in table.columns if c.name not in claimed),
    )


def _by_exact_heading(table: Table, tidy: list[str]) -> dict[str, tuple[Source, ...]]:
    """Columns whose heading stands there to the letter.

    When several columns declare one heading (the person's ``Name``, then the section's own), they take its
    occurrences in order; when the file has fewer, the later ones take them, for the person prefix is what is left out.
    """
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for column in table.columns:
        if column.header and column.type is not ColumnType.LANGUAGES:
            claims[tidy_header(column.header)].append(column.name)
    found: dict[str, tuple[Source, ...]] = {}
    for heading, names in claims.items():
        places = [position for position, text in enumerate(tidy) if text == heading]
        for name, place in zip(names[-len(places) :] if places else [], places, strict=False):
            found[name] = (Source(place),)
    return found


def _by_language(table: Table, tidy: list[str], texts: set[int]) -> dict[str, tuple[Source, ...]]:
    spoken: defaultdict[str, list[Source]] = defaultdict(list)
    for position, text in enumerate(tidy):
        if match := _LANGUAGE.fullmatch(text):
            base = f"{match['base']} (in)" if match["in"] else match["base"]
            whole = match["code"] in ("#{lang}", "multilang")
            spoken[base].append(Source(position, None if whole else match["code"]))
        elif position not in texts:
            spoken[text].append(Source(position))
    found = {}
    for column in table.columns:
        if column.header and column.type is ColumnType.LANGUAGES:
            sources = _sources(column, spoken, texts)
            if sources:
                found[column.name] = sources
    return found


def _sources(column: Column, spoken: dict[str, list[Source]], texts: set[int]) -> tuple[Source, ...]:
    """Columns that feed one text in several languages.

    A heading such as ``Customer (int)`` that is a column of its own adds its language only where the headings are
    filled in with languages; beside a cell that holds all languages it would overrule what that cell says.
    """
    candidates = spoken.get(tidy_header(column.header or ""), [])
    free = [s for s in candidates if s.position not in texts]
    if any(s.language is None for s in free) or not free:
        return tuple(free)
    return tuple(candidates)
