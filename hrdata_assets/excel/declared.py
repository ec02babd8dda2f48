"""What a folder's configuration says of texts: how they write numbers and dates, and which type a column has."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from hrdata_assets.cleaning.lattice import NUMBER, Exact, Fit, fit
from hrdata_assets.systems.workbooks.configuration import FolderOptions
from hrdata_assets.systems.workbooks.values import canonical_number

READ_AS_DECLARED = "read_as_declared"
"""Change: a text that writes a number or a date the way the configuration says is stored as one."""

REWRITTEN = "rewritten_by_its_type"
"""Change: PostgreSQL writes a value of the declared type otherwise than the file does."""

DECIMAL_POINT = frozenset(("en", "zh", "ja", "ko", "th", "he"))
"""Languages that write a point before decimals; others write a comma."""

MONTH_FIRST = frozenset(("en_US", "en_PH", "en_CA"))
"""Countries that write the month before the day; in English without a country it is not known."""

_LARGEST_EXPONENT = 1_000

YEAR_FIRST = frozenset(("zh", "ja", "ko", "hu", "lt"))


@dataclass(frozen=True)
class Writing:
    """How texts write numbers and dates; None where it was not said."""

    day_first: bool | None = None
    decimal: str | None = None

    @classmethod
    def of(cls, options: FolderOptions) -> "Writing":
        """What a folder's options say, or its locale where they do not."""
        day_first, decimal = _customs(options.locale) if options.locale else (None, None)
        return cls(
            day_first if options.day_first is None else options.day_first,
            decimal if options.decimal is None else options.decimal,
        )

    @property
    def says_something(self) -> bool:
        """Whether texts are to be looked at in this light at all."""
        return self.day_first is not None or self.decimal is not None


def _customs(locale: str) -> tuple[bool | None, str]:
    language = locale.partition("_")[0]
    decimal = "." if language in DECIMAL_POINT else ","
    if locale in MONTH_FIRST:
        return False, decimal
    return None if locale == "en" or language in YEAR_FIRST else True, decimal


_DATE = r"^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?$"


def as_written(texts: pl.Series, writing: Writing) -> pl.Series:
    """Texts as they are written here: numbers and dates that are written as was said become so, others stay."""
    read = texts
    if writing.day_first is not None:
        read = _dates(read, day_first=writing.day_first)
    if writing.decimal is not None:
        read = _numbers(read, writing.decimal)
    return read


def _dates(texts: pl.Series, *, day_first: bool) -> pl.Series:
    groups = texts.str.extract_groups(_DATE).struct.rename_fields(["a", "b", "year", "hour", "minute", "second"])
    day, month = ("a", "b") if day_first else ("b", "a")
    frame = pl.DataFrame({"text": texts, "g": groups}).unnest("g")
    written = pl.concat_str("year", pl.lit("-"), pl.col(month).str.zfill(2), pl.lit("-"), pl.col(day).str.zfill(2))
    clock = pl.concat_str(
        pl.col("hour").str.zfill(2), pl.lit(":"), "minute", pl.lit(":"), pl.col("second").fill_null("00")
    )
    timed = pl.col("hour").is_not_null() & (clock != "00:00:00")
    moment = pl.when(timed).then(pl.concat_str(written, pl.lit(" "), clock)).otherwise(written)
    valid = written.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    in_time = pl.col("hour").is_null() | clock.str.to_time("%H:%M:%S", strict=False).is_not_null()
    return frame.select(pl.when(valid & in_time).then(moment).otherwise("text")).to_series()


def _numbers(texts: pl.Series, decimal: str) -> pl.Series:
    group = "." if decimal == "," else ","
    mark, between = re.escape(decimal), re.escape(group)
    pattern = rf"^-?(?:[0-9]{{1,3}}(?:{between}[0-9]{{3}})+|[0-9]+)(?:{mark}[0-9]+)?$"
    plain = texts.str.replace_all(group, "", literal=True).str.replace(decimal, ".", literal=True)
    # Leading zeros are no number's: such a text is a code.
    numbers = texts.str.contains(pattern) & ~texts.str.contains(r"^-?0[0-9]")
    chosen = [canonical_number(t) for t in plain.filter(numbers.fill_null(value=False))]
    read = texts.to_list()
    places = numbers.fill_null(value=False).arg_true()
    for place, number in zip(places, chosen, strict=True):
        read[place] = number
    return pl.Series(read, dtype=pl.String)


def is_ambiguous(raw: pl.Series, read: pl.Series, writing: Writing) -> bool:
    """Whether a text looks like a number, but not like one of those that are written as was said."""
    if writing.decimal != ",":
        return False
    unread = raw.filter(raw.eq_missing(read))
    return bool((unread.str.contains(NUMBER) & unread.str.contains(".", literal=True)).any())


def holds(texts: pl.Series, kind: Exact) -> pl.Series:
    """Whether each text is a value of a declared type; null and the empty text are none, and fit every one."""
    found = fit(texts.filter(texts != ""))
    if found is None or (kind not in _BY_TEST and _fits(found, kind)):
        return pl.Series([True] * texts.len(), dtype=pl.Boolean)
    test = _BY_TEST.get(kind) or (lambda text: _fits(fit(pl.Series([text])), kind))
    known = {text: test(text) for text in texts.unique() if text}
    return pl.Series([known.get(text, True) if text else True for text in texts], dtype=pl.Boolean)


def _fits(found: Fit | None, kind: Exact) -> bool:
    if found is None:
        return True
    binary = found.binary if kind is Exact.DOUBLE else True
    return binary and Fit(kind, binary=True).join(found).type is kind


def _is_uuid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text, re.IGNORECASE) is not None


def _is_json(text: str) -> bool:
    """Whether PostgreSQL takes it, too: no halves of characters, none of number zero, no numbers beyond all bounds."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_decimal, object_pairs_hook=list)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return "\\u0000" not in text


def _decimal(text: str) -> str:
    if len(text) > _LARGEST_EXPONENT or abs(Decimal(text).adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("no number of PostgreSQL's")
    return text


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


_BY_TEST: dict[Exact, Callable[[str], bool]] = {Exact.TEXT: bool, Exact.UUID: _is_uuid, Exact.JSONB: _is_json}
