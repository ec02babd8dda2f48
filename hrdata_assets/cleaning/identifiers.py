"""Names in PostgreSQL for headings and folders of any script: valid without quotes, and never two of one name."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from anyascii import anyascii

from hrdata_assets.cleaning.headers import tidy_header

MOST_BYTES = 63
"""PostgreSQL cuts a longer identifier off without asking."""

KEY_WORDS = frozenset(
    {
        *("all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary"),
        *("both", "case", "cast", "check", "collate", "collation", "column", "concurrently", "constraint", "create"),
        *("cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time"),
        *("current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end"),
        *("except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having"),
        *("ilike", "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading"),
        *("left", "like", "limit", "localtime", "localtimestamp", "natural", "not", "notnull", "null", "offset"),
        *("on", "only", "or", "order", "outer", "overlaps", "placing", "primary", "references", "returning", "right"),
        *("select", "session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample", "then"),
        *("to", "trailing", "true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where"),
        *("window", "with"),
    }
)
"""What cannot name a column without quotes in some PostgreSQL from 15 to 18: reserved, as its appendix C says."""

SYSTEM_COLUMNS = frozenset(
    {
        *("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"),
        *("source_file", "load_timestamp", "sheet", "row_no", "delivery", "load_id", "extra", "changes"),
    }
)
"""Columns that every table has: of PostgreSQL, and of ours."""

ROOT = "root"
"""Table of the workbooks that stand in no folder."""

_HASH = 8
_OTHERS = re.compile(r"[^a-z0-9]+")


def heading_key(heading: str) -> str:
    """Heading as it is compared: what differs by blanks, case or the composition of its letters only is one column."""
    folded = tidy_header(unicodedata.normalize("NFKC", heading))
    # Folded letters may compose anew, and what they compose to may fold again.
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold()).split())


def column_name(heading: str, position: int = 1) -> str:
    """Name of a column; ``position`` counts from 1 and names one whose heading is empty."""
    return _legal(_words(heading) or f"column_{position}", KEY_WORDS | SYSTEM_COLUMNS, heading)


def unique_names(headings: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """Names of columns side by side, no two alike and none of those taken.

    The first of several like headings has the name itself, the next ones have numbers that no other heading ends in.
    """
    wanted = [column_name(heading, position) for position, heading in enumerate(headings, start=1)]
    used, reserved = set(taken), set(wanted)
    numbers = dict.fromkeys(wanted, 1)
    names = dict.fromkeys(range(len(headings)), "")
    # A heading that is really called column_3 goes before the third one, which is called nothing.
    for place in sorted(names, key=lambda p: not tidy_header(headings[p])):
        name = wanted[place]
        while name in used or (name in reserved and name != wanted[place]):
            numbers[wanted[place]] += 1
            name = _cut(wanted[place].rstrip("_"), f"_{numbers[wanted[place]]}", headings[place])
        used.add(name)
        names[place] = name
    return list(names.values())


def table_name(parts: Sequence[str]) -> str:
    """Name of the table of a folder, given the names of the folders that lead to it; of none it is `ROOT`."""
    words = "_".join(_words(part) or "_" for part in parts)
    return _legal(words or ROOT, KEY_WORDS, "/".join(parts))


def _words(text: str) -> str:
    """Letters a to z and digits, and single underscores between them; empty only for blanks."""
    plain = "".join(_transliterated(unicodedata.normalize("NFKC", text))).lower()
    found = _OTHERS.sub("_", plain).strip("_")
    return found or "_".join(f"u{ord(character):x}" for character in tidy_header(text) if character != " ")


def _transliterated(text: str) -> Iterator[str]:
    for character in text:
        latin = character if character.isascii() else anyascii(character)
        # The soft sign and the ayin come out as quotes, which would take words apart.
        yield latin.translate(_NO_QUOTES) if character.isalpha() else latin


_NO_QUOTES = str.maketrans("", "", "'`\"")


def _legal(words: str, reserved: frozenset[str], whole: str) -> str:
    name = f"_{words}" if words[0].isdigit() else words
    return _cut(f"{name}_" if name in reserved else name, "", whole)


def _cut(name: str, number: str, whole: str) -> str:
    """Name and number in as many bytes as there may be, all that was cut off being told by a hash of the whole."""
    if len(name) + len(number) <= MOST_BYTES:
        return name + number
    # What counts as the same heading is cut to the same name.
    content = heading_key(whole).encode(errors="surrogatepass")
    tail = f"_{hashlib.sha256(content).hexdigest()[:_HASH]}{number}"
    return name[: MOST_BYTES - len(tail)].rstrip("_") + tail
