"""From delivered text to typed values, by declaration; what cannot be read stays null and is told apart from empty."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from hrdata_assets.table import Column, ColumnType

_ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
_ISO_STAMP = r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?: ?UTC|Z|\+00:?00)?$"
_EPOCH = r"^-?\d{1,15}$"
_MOMENT = r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?(?: ?UTC|Z|([+-]\d{2}):?(\d{2}))?$"
_DAY_FIRST = r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$"
_INTEGRAL = r"^([+-]?\d+)\.0+$"
_DECIMAL = r"^[+-]?[0-9]{1,20}(?:\.[0-9]{1,18})?$"
"""So many digits fit into 38 whatever the other cells of the column need."""
_DECIMAL_COMMA = r"^[+-]?(?:\d+,\d{1,2}|\d+,\d{4,}|\d{4,},\d+)$"
_GUARD = r"^'([+=\-@])"
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
LANGUAGES = frozenset(
    [
        "int",
        "no",
        "nb",
        "nn",
        "se",
        "sv",
        "dk",
        "da",
        "fi",
        "pl",
        "de",
        "en",
        "gb",
        "us",
        "uk",
        "fr",
        "es",
        "it",
        "pt",
        "br",
        "nl",
        "be",
        "is",
        "et",
        "lv",
        "lt",
        "cs",
        "cz",
        "sk",
        "hu",
        "ro",
        "bg",
        "hr",
        "sl",
        "sr",
        "el",
        "tr",
        "ru",
        "ja",
        "zh",
    ]
)
"""Codes that Flowcase puts before a text: its own (int, no, se, dk, fi, pl) and their ISO 639-1 neighbours."""

_PART = re.compile(rf"\s*(?P<code>{'|'.join(sorted(LANGUAGES))}):(?P<text>.*)", re.DOTALL)

UNLABELLED = "int"
"""Language of a text that names none: Flowcase's international English."""

ISO_FORM = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?: ?UTC|Z|\+00:?00)?)?$"
"""How a date is agreed to be written."""


@dataclass(frozen=True)
class Parsed:
    """A column read.

    ``values`` are typed; ``present`` tells where the delivery holds a value, readable or not; ``changes`` tells, per
    code, the rows whose value is not literally what was delivered.
    """

    values: pl.Series
    present: pl.Series
    changes: Mapping[str, pl.Series] = field(default_factory=dict)


def parse(text: pl.Series, column: Column) -> Parsed:
    """Read one column of text as its declaration says. Cells that cannot be read are null and present."""
    if column.type is ColumnType.LANGUAGES:
        return parse_languages({None: text})
    tidy, changes = tidy_text(text)
    if column.type is ColumnType.TEXT:
        return Parsed(tidy, _has_value(tidy, column.missing), changes)
    present = _has_value(tidy, column.missing)
    tokens = tidy.is_not_null() & ~present
    if tokens.any():
        tidy = _only(tidy, present)
        changes = {**changes, "missing_token": tokens}
    values, more = _PARSERS[column.type](tidy)
    return Parsed(values, present, {**changes, **more})


def tidy_text(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    """Take off NULs, outer blanks and the spreadsheet guard before ``+ = - @``; say where. Blank text is null."""
    changes: dict[str, pl.Series] = {}
    for code, find, change in _TIDYING:
        where = find(text)
        if where.any():
            text = change(text)
            changes[code] = where.fill_null(False)
    # Whatever else is in the column: what a cell is read as does not depend on its neighbours.
    blank = (text == "").fill_null(False)
    return (_only(text, ~blank) if blank.any() else text), changes


def _has_nul(text: pl.Series) -> pl.Series:
    return text.str.contains("\0", literal=True)


def _without_nul(text: pl.Series) -> pl.Series:
    return text.str.replace_all("\0", "", literal=True)


def _has_outer_blank(text: pl.Series) -> pl.Series:
    # A fifth of the time that looking for blanks with an expression takes.
    return text.str.strip_chars().str.len_bytes() != text.str.len_bytes()


def _has_guard(text: pl.Series) -> pl.Series:
    apostrophe = text.str.starts_with("'")
    return text.str.contains(_GUARD) if apostrophe.any() else apostrophe


def _without_guard(text: pl.Series) -> pl.Series:
    return text.str.replace(_GUARD, "$1")


_TIDYING: tuple[tuple[str, Callable[[pl.Series], pl.Series], Callable[[pl.Series], pl.Series]], ...] = (
    ("nul_removed", _has_nul, _without_nul),
    ("trimmed", _has_outer_blank, lambda text: text.str.strip_chars()),
    ("guard_removed", _has_guard, _without_guard),
)


def _has_value(text: pl.Series, missing: tuple[str, ...]) -> pl.Series:
    present = text.is_not_null()
    longest = max(map(len, missing), default=0)
    # Only short texts can be a token for "missing": most columns are done after a comparison of lengths.
    short = (text.str.len_chars() <= longest).fill_null(False)
    if not short.any():
        return present
    return present & ~(short & text.str.to_lowercase().is_in(list(missing)).fill_null(False))


def _integers(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    values = text.str.to_integer(dtype=pl.Int64, strict=False)
    if _unread(text, values):
        values = values.fill_null(text.str.extract(_INTEGRAL).str.to_integer(dtype=pl.Int64, strict=False))
    return values, {}


def _small_integers(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    values, changes = _integers(text)
    return values.cast(pl.Int32, strict=False), changes


def _decimals(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    comma = text.str.contains(_DECIMAL_COMMA).fill_null(False)
    if comma.any():
        text = pl.select(pl.when(comma).then(text.str.replace(",", ".", literal=True)).otherwise(text)).to_series()
    text = _only(text, text.str.contains(_DECIMAL))
    scale = text.str.extract(r"\.(\d+)$").str.len_chars().max()
    values = text.str.to_decimal(scale=int(str(scale or 0)))
    return values, ({"decimal_comma": comma} if comma.any() else {})


def _booleans(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return text.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean), {}


def _dates(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    values = _iso_days(text)
    changes = {}
    if _unread(text, values):
        stamps = _stamps(text)
        values = values.fill_null(stamps.dt.date())
        lost = _has_time(stamps)
        if lost.any():
            changes["time_dropped"] = lost
    return values, changes


def _has_time(stamps: pl.Series) -> pl.Series:
    return ((stamps.dt.hour() + stamps.dt.minute() + stamps.dt.second()) > 0).fill_null(False)


def _iso_days(text: pl.Series) -> pl.Series:
    return _in_calendar(_only(text, text.str.contains(_ISO_DATE)).str.to_date("%Y-%m-%d", strict=False))


def _in_calendar(days: pl.Series) -> pl.Series:
    # Polars has a year 0; neither the calendar nor PostgreSQL has one.
    return _only(days, days.dt.year() > 0)


def _timestamps(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    values = _iso_days(text).cast(pl.Datetime("us"))
    return (values.fill_null(_stamps(text)) if _unread(text, values) else values), {}


def _stamps(text: pl.Series) -> pl.Series:
    """Read the rarer ways of writing a day: with a time in UTC, and day first."""
    stamp = text.str.replace(_ISO_STAMP, "$1 $2")
    stamps = _only(stamp, text.str.contains(_ISO_STAMP))
    values = _in_calendar(stamps.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us"))
    if _unread(text, values):
        day_first = text.str.extract_groups(_DAY_FIRST).struct.unnest()
        day, month, year = (day_first.to_series(i) for i in range(3))
        iso = year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
        values = values.fill_null(_iso_days(iso).cast(pl.Datetime("us")))
    return values


def _moments(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    """Read milliseconds since 1970 and ISO days or moments; without a zone they are UTC, in which all are given."""
    epochs = _only(text, text.str.contains(_EPOCH)).str.to_integer(dtype=pl.Int64, strict=False)
    values = (epochs * 1000).cast(pl.Datetime("us", "UTC"))
    if _unread(text, values):
        parts = text.str.extract_groups(_MOMENT).struct.unnest()
        day, time, fraction, hours, minutes = (parts.to_series(i) for i in range(5))
        zone = hours.fill_null("+00") + minutes.fill_null("00")
        stamps = (day + "T" + time + fraction.fill_null("") + zone).str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.f%z", strict=False, time_unit="us", time_zone="UTC"
        )
        values = values.fill_null(stamps).fill_null(_iso_days(text).cast(pl.Datetime("us", "UTC")))
    # PostgreSQL goes further than the year 9999, but nobody's calendar does who reads from it.
    return _only(_in_calendar(values), values.dt.year() <= 9999), {}


def _texts(text: pl.Series) -> tuple[pl.Series, dict[str, pl.Series]]:
    """Read JSON lists of texts."""
    return pl.Series([None if cell is None else _listed(cell) for cell in text], dtype=pl.List(pl.String)), {}


def _listed(cell: str) -> list[str] | None:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(map(_is_text, found)) else None


def _only(values: pl.Series, where: pl.Series) -> pl.Series:
    return pl.select(pl.when(where).then(values)).to_series()


def _unread(text: pl.Series, values: pl.Series) -> bool:
    return text.null_count() < values.null_count()


_PARSERS = {
    ColumnType.INTEGER: _small_integers,
    ColumnType.BIGINT: _integers,
    ColumnType.NUMERIC: _decimals,
    ColumnType.BOOLEAN: _booleans,
    ColumnType.DATE: _dates,
    ColumnType.TIMESTAMP: _timestamps,
    ColumnType.MOMENT: _moments,
    ColumnType.TEXTS: _texts,
}


def parse_languages(texts: Mapping[str | None, pl.Series]) -> Parsed:
    """Read one text in several languages from its columns: language of the heading to text.

    Under None stand cells that hold all languages: ``int:A|no:B`` (a part without a language goes on with the one
    before it, so a bar inside a text does not cut it), or a JSON object, or bare text, which counts as ``int``.
    The result is the text of a JSON object, null where no language has a text.
    """
    tidy = {language: tidy_text(text) for language, text in texts.items()}
    cells = {language: text for language, (text, _) in tidy.items()}
    changes: dict[str, pl.Series] = {}
    for _, found in tidy.values():
        for code, where in found.items():
            changes[code] = changes[code] | where if code in changes else where
    present = pl.select(pl.any_horizontal(c.is_not_null() for c in cells.values())).to_series()
    if set(cells) == {None}:
        return Parsed(_whole_cells(cells[None]), present, changes)
    return Parsed(_filled_in(cells), present, changes)


def _whole_cells(cells: pl.Series) -> pl.Series:
    """Read cells that hold all their languages; the common ``int:Text`` without a Python call per cell."""
    simple = cells.str.extract(r"(?s)^int:\s*([^|]*[^|\s])\s*$")
    values = pl.DataFrame({"int": simple}).select(
        pl.when(pl.col("int").is_not_null()).then(pl.struct(pl.col("int")).struct.json_encode())
    )
    rest = cells.filter(simple.is_null() & cells.is_not_null()).unique()
    if rest.is_empty():
        return values.to_series()
    read = {cell: _as_json(read_languages(cell)) for cell in rest}
    return pl.select(
        pl.coalesce(values.to_series(), cells.replace_strict(read, default=None, return_dtype=pl.String))
    ).to_series()


def _filled_in(cells: Mapping[str | None, pl.Series]) -> pl.Series:
    whole = cells.get(None)
    columns = {language: text for language, text in cells.items() if language is not None}
    rows = zip(*columns.values(), strict=True)
    base = whole if whole is not None else [None] * len(next(iter(columns.values())))
    merged = []
    for own, texts in zip(base, rows, strict=True):
        row = {language: text for language, text in zip(columns, texts, strict=True) if text}
        merged.append(_merged(own, row))
    return pl.Series(merged, dtype=pl.String)


def _merged(whole_cell: str | None, row: Mapping[str, str]) -> str | None:
    if whole_cell is None:
        return _as_json(row) if row else None
    read = read_languages(whole_cell)
    return None if read is None else _as_json({**read, **row})


def _as_json(languages: Mapping[str, str] | None) -> str | None:
    return None if languages is None else json.dumps(languages, ensure_ascii=False)


def read_languages(cell: str) -> dict[str, str] | None:
    """Read one cell that holds all its languages; None if it looks like a JSON object and is none of texts."""
    if cell.startswith("{"):
        return _from_json(cell)
    languages: dict[str, str] = {}
    code = UNLABELLED
    for part in cell.split("|"):
        if found := _PART.fullmatch(part):
            code = found["code"]
            languages[code] = found["text"]
        elif code in languages:
            languages[code] += f"|{part}"
        else:
            languages[code] = part
    return {language: text.strip() for language, text in languages.items() if text.strip()}


def _from_json(cell: str) -> dict[str, str] | None:
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(_is_text(t) for pair in found.items() for t in pair if t is not None):
        return None
    return {str(language): text.strip() for language, text in found.items() if text and text.strip()}


def _is_text(value: object) -> bool:
    # JSON can spell what no PostgreSQL text can hold: NUL, and halves of characters.
    return isinstance(value, str) and not _NO_TEXT.search(value)
