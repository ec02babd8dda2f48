"""The XML of a sheet as programs write it, read by pattern, many cells at a time.

A piece of whole rows is read so only if every character of it is accounted for; any other is for the exact reader.
"""

import re
from collections.abc import Callable, Iterator
from xml.sax.saxutils import unescape

import polars as pl

from hrdata_assets.cleaning.lattice import NUMBER
from hrdata_assets.systems.workbooks.addresses import LAST_COLUMN, LAST_ROW, column_of
from hrdata_assets.systems.workbooks.cells import NUL_REMOVED, SCHEMA, Kind
from hrdata_assets.systems.workbooks.values import AS_NUMBER
from hrdata_assets.systems.workbooks.xlsx_cells import (
    Surroundings,
    resolved,
    shown_number,
)

_ROW = r"<row(?: [a-zA-Z0-9:]+=\"[^\"<>]*\")*(?:>|/>)"
_BETWEEN = rf"(?:\s|</row>|{_ROW})*"
_FORMULA = r"(<f(?: [a-zA-Z0-9:]+=\"[^\"<>]*\")*(?:/>|>[^<]*</f>))"
_INLINE = r"<is><t(?: xml:space=\"preserve\")?>([^<]*)</t></is>"
_CELL = (
    rf'^r="([A-Z]{{1,3}})([1-9][0-9]{{0,6}})"(?: s="([0-9]{{1,9}})")?(?: t="(n|s|str|b|e|inlineStr)")?'
    rf"(?:/>|>{_FORMULA}?(?:<v>([^<]+)</v>|{_INLINE})?</c>){_BETWEEN}$"
)
_FIRST = re.compile(_BETWEEN)
_ROW_TAG = re.compile(rf"{_ROW}")
_ATTRIBUTE = re.compile(r' ([a-zA-Z0-9:]+)="([^"]*)"')
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")
_KNOWN = re.compile(
    r"&(?:amp|lt|gt|quot|apos|#10|#13|#9|#x[aAdD9]|#x[2-9a-cA-CeEfF][0-9a-fA-F]{1,2}|#(?:3[2-9]|[4-9][0-9]));"
)
"""References to named characters, and to numbered ones that XML allows; of the others the exact reader knows."""

_NAMED = {"&quot;": '"', "&apos;": "'"}

Position = tuple[int, int]
"""Row and column."""

Change = Callable[[str], str]

_TEXTS = ("value", "inline", "formula")

SHORT = 16
"""Characters below which a number has no digits that a binary number lacks."""


def scan_piece(piece: str, around: Surroundings) -> "Scanned | None":
    """Read a piece of whole rows; None if it is not written as it must be for that."""
    first, *rest = piece.split("<c ")
    if _FIRST.fullmatch(first) is None:
        return None
    if not rest:
        return Scanned(pl.DataFrame(schema=SCHEMA), piece, 0, None)
    names = ["letters", "row", "style", "type", "formula", "value", "inline"]
    cells = pl.Series("cell", rest, dtype=pl.String).str.extract_groups(_CELL).struct.rename_fields(names)
    frame = cells.struct.unnest()
    if frame.get_column("row").null_count():
        return None
    placed = _placed(frame)
    if placed is None:
        return None
    if "&" in piece:
        if not all(_is_readable(placed.get_column(name)) for name in _TEXTS):
            return None
        placed = placed.with_columns(_unescaped(placed.get_column(name)) for name in _TEXTS)
    found = _read(placed, around)
    return None if found is None else Scanned(found, piece, frame.get_column("formula").count(), _ends(placed))


class Scanned:
    """What a piece gave."""

    def __init__(self, cells: pl.DataFrame, piece: str, formulas: int, ends: tuple[Position, Position] | None) -> None:
        self.cells, self.formulas, self.ends = cells, formulas, ends
        self._piece = piece

    @property
    def hidden_rows(self) -> Iterator[int]:
        """Numbers of the rows that are hidden."""
        if ' hidden="' in self._piece:
            for tag in _ROW_TAG.findall(self._piece):
                attributes = dict(_ATTRIBUTE.findall(tag))
                if attributes.get("hidden") in ("1", "true"):
                    yield int(attributes["r"])


def _ends(placed: pl.DataFrame) -> tuple[Position, Position] | None:
    """Where its first and last cells stand, those that hold nothing among them."""
    if placed.is_empty():
        return None
    first, last = ((placed.item(i, "row"), placed.item(i, "column")) for i in (0, placed.height - 1))
    return first, last


def _placed(frame: pl.DataFrame) -> pl.DataFrame | None:
    """Cells with their rows and columns as numbers; None if they do not stand in a sheet, in their order."""
    letters = frame.get_column("letters").unique()
    columns = {text: column_of(text) for text in letters}
    if any(number > LAST_COLUMN for number in columns.values()):
        return None
    placed = frame.with_columns(
        pl.col("row").cast(pl.Int32),
        pl.col("letters").replace_strict(columns, return_dtype=pl.Int32).alias("column"),
        pl.col("style").fill_null("0").cast(pl.Int64),
        pl.col("type").fill_null("n"),
    )
    place = placed.select(pl.col("row").cast(pl.Int64) * (LAST_COLUMN + 1) + pl.col("column")).to_series()
    in_order = place.len() < 2 or bool((place.diff().drop_nulls() > 0).all())
    rows = placed.get_column("row")
    return placed if in_order and (rows.is_empty() or int(rows.item(-1)) <= LAST_ROW) else None


def _is_readable(texts: pl.Series) -> bool:
    """Whether all of its references are to characters that are known here."""
    referring = texts.filter(texts.str.contains("&", literal=True))
    return all("&" not in _KNOWN.sub("", text) for text in referring)


def _unescaped(texts: pl.Series) -> pl.Series:
    """Texts with their references resolved."""
    return _mapped(texts, texts.str.contains("&", literal=True), _characters)


def _characters(text: str) -> str:
    known = _REFERENCE.sub(lambda found: chr(int(found[1], 16) if found[1] else int(found[2])), text)
    return unescape(known, _NAMED)


def _mapped(texts: pl.Series, where: pl.Series, change: Change) -> pl.Series:
    """Texts, those at some places changed; few of them usually."""
    where = where.fill_null(value=False)
    if not where.any():
        return texts
    changed = pl.Series([change(text) for text in texts.filter(where)], dtype=pl.String)
    # What scatters changes its series in place.
    return texts.clone().scatter(where.arg_true(), changed)


def _read(cells: pl.DataFrame, around: Surroundings) -> pl.DataFrame | None:
    """Kinds and texts of cells, type by type; None if one refers to what there is not."""
    parts = [_uncalculated(cells)]
    valued = cells.filter(pl.col("value").is_not_null() | pl.col("inline").is_not_null())
    for (kind,), part in valued.partition_by("type", as_dict=True, maintain_order=True).items():
        if part.get_column("value").null_count() != (part.height if kind == "inlineStr" else 0):
            return None
        read = _TYPES[str(kind)](part, around)
        if read is None:
            return None
        parts.append(read)
    return pl.concat(parts).sort("row", "column")


def _frame(part: pl.DataFrame, kind: Kind, texts: pl.Series, notes: pl.Series | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row": part.get_column("row"),
            "column": part.get_column("column"),
            "kind": pl.Series([int(kind)], dtype=pl.UInt8).new_from_index(0, part.height),
            "text": texts,
            "note": pl.Series([None], dtype=pl.String).new_from_index(0, part.height) if notes is None else notes,
        },
        schema=SCHEMA,
    )


def _uncalculated(cells: pl.DataFrame) -> pl.DataFrame:
    missing = pl.col("value").is_null() & pl.col("inline").is_null()
    part = cells.filter(missing & pl.col("formula").is_not_null() & (pl.col("type") != "inlineStr"))
    formulas = part.get_column("formula").str.extract(r"(?s)^<f[^>]*>(.*)</f>$").fill_null("")
    return _frame(part, Kind.UNCALCULATED, "=" + formulas)


def _numbers(part: pl.DataFrame, around: Surroundings) -> pl.DataFrame:
    """Numbers that are written as they are here already, and those that somebody must look at, each but once."""
    styles = part.get_column("style").unique().to_list()
    plain = [style for style in styles if around.look(style) == AS_NUMBER]
    value = pl.col("value")
    is_easy = pl.col("style").is_in(plain) & value.str.contains(NUMBER) & (value.str.len_bytes() < SHORT)
    easy, odd = part.filter(is_easy), part.filter(~is_easy)
    looked_at = [
        (text, style, *shown_number(text, around.look(style), from_1904=around.from_1904))
        for text, style in odd.select("value", "style").unique().iter_rows()
    ]
    schema = {"value": pl.String(), "style": pl.Int64(), **{n: SCHEMA[n] for n in ("kind", "text", "note")}}
    read = pl.DataFrame(looked_at, schema=schema, orient="row")
    told = odd.select("row", "column", "value", "style").join(read, on=["value", "style"], how="left")
    return pl.concat([_frame(easy, Kind.NUMBER, easy.get_column("value")), told.select(list(SCHEMA))])


def _shared(part: pl.DataFrame, around: Surroundings) -> pl.DataFrame | None:
    places = part.get_column("value").cast(pl.Int64, strict=False)
    if places.null_count() or (places < 0).any() or (places >= len(around.strings)).any():
        return None
    texts = around.column.gather(places)
    notes = None
    if around.noted:
        noted = places.is_in(list(around.noted))
        notes = pl.select(pl.when(noted).then(pl.lit(NUL_REMOVED))).to_series()
    return _frame(part, Kind.TEXT, texts, notes)


def _texts(name: str) -> "Reader":
    def read(part: pl.DataFrame, _: Surroundings) -> pl.DataFrame:
        raw = part.get_column(name)
        escaped = raw.str.contains("_x", literal=True)
        texts = _mapped(raw, escaped, lambda text: resolved(text)[0])
        lost = pl.Series([bool(resolved(text)[1]) for text in raw.filter(escaped)], dtype=pl.Boolean)
        if not lost.any():
            return _frame(part, Kind.TEXT, texts)
        places = escaped.arg_true().filter(lost)
        notes = pl.Series([None] * part.height, dtype=pl.String).scatter(places, NUL_REMOVED)
        return _frame(part, Kind.TEXT, texts, notes)

    return read


def _booleans(part: pl.DataFrame, _: Surroundings) -> pl.DataFrame:
    is_true = pl.col("value").str.strip_chars().is_in(["1", "true"])
    return _frame(
        part, Kind.BOOLEAN, part.select(pl.when(is_true).then(pl.lit("TRUE")).otherwise(pl.lit("FALSE"))).to_series()
    )


def _errors(part: pl.DataFrame, _: Surroundings) -> pl.DataFrame:
    return _frame(part, Kind.ERROR, part.get_column("value"))


Reader = Callable[[pl.DataFrame, Surroundings], pl.DataFrame | None]

_TYPES: dict[str, Reader] = {
    "n": _numbers,
    "s": _shared,
    "str": _texts("value"),
    "inlineStr": _texts("inline"),
    "b": _booleans,
    "e": _errors,
}
