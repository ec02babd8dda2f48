"""The shared strings of a workbook: those that are nothing but a text all at once, the others element by element."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from hrdata_assets.systems.workbooks.byte_words import MASKS, WORD, Content, Ints, Truths, spans, word
from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.package import Entry, Package
from hrdata_assets.systems.workbooks.text_views import TextColumn, Views
from hrdata_assets.systems.workbooks.xlsx_cells import resolved
from hrdata_assets.systems.workbooks.xlsx_exact import local
from hrdata_assets.systems.workbooks.xlsx_heads import begins_plainly
from hrdata_assets.systems.workbooks.xlsx_references import unescaped
from hrdata_assets.systems.workbooks.xlsx_tags import WHITE, Grammar, Pattern, Tags, is_clean
from hrdata_assets.systems.workbooks.xml_parser import feed, parse, safe_parser

PIECE = 4 * 1024**2
"""Bytes that are scanned at a time."""

_LONGEST_HEAD = 64 * 1024
_LONGEST_STRING = 64 * 1024**2
_FIRST, _LAST = b"<si>", b"</si>"
_END = b"</sst>"

_STRING, _STRING_ALONE, _STRING_END, _TEXT, _TEXT_ALONE, _TEXT_END = range(2, 8)
_STRINGS = Grammar(
    [
        *(Pattern("si>", _STRING), Pattern("/si>", _STRING_END)),
        *(Pattern("t>", _TEXT), Pattern("t ", _TEXT), Pattern("t/>", _TEXT_ALONE), Pattern("/t>", _TEXT_END)),
    ],
    follows={},
    texts=(_TEXT,),
)
_WITH_BLANKS = 't xml:space="preserve"'


@dataclass(frozen=True)
class SharedTexts:
    """Texts in the order in which cells count them; ``noted`` are those that had a character of number zero."""

    texts: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    noted: frozenset[int] = frozenset()


def read_strings(package: Package, part: str) -> SharedTexts:
    """Read a workbook's shared strings. WorkbookError `too_large` if they are more text than it may hold."""
    try:
        with package.open(part) as entry:
            found = list(_read(entry, package.bounds.text_bytes))
    except NotPlainError:
        with package.open(part) as entry:
            exact = ExactStrings(package.bounds.text_bytes)
            for _ in feed(exact.parser, entry):
                pass
        found = [exact.take()]
    texts = pl.concat([pl.Series(dtype=pl.String), *found])
    escaped = texts.str.contains("_x", literal=True).arg_true()
    if escaped.is_empty():
        return SharedTexts(texts)
    read = [resolved(text) for text in texts.gather(escaped)]
    noted = frozenset(place for place, (_, note) in zip(escaped, read, strict=True) if note)
    return SharedTexts(texts.scatter(escaped, pl.Series([text for text, _ in read], dtype=pl.String)), noted)


class NotPlainError(Exception):
    """Something about the part is such that it cannot be taken piece by piece."""


def _read(entry: Entry, most: int) -> Iterator[pl.Series]:
    """Texts, piece by piece."""
    buffer = entry.read(_LONGEST_HEAD)
    begin = buffer.find(_FIRST)
    if begin < 0 or not begins_plainly(buffer[:begin], "sst"):
        raise NotPlainError
    head, buffer = buffer[:begin], buffer[begin:]
    while more := entry.read(PIECE):
        buffer += more
        cut = buffer.rfind(_LAST) + len(_LAST)
        if cut >= len(_LAST):
            yield (found := _piece(head, buffer[:cut], most))
            most -= int(found.str.len_chars().sum())
            buffer = buffer[cut:]
        if len(buffer) > _LONGEST_STRING:
            raise NotPlainError
    cut = buffer.rfind(_LAST) + len(_LAST) if _LAST in buffer else 0
    if cut:
        yield (found := _piece(head, buffer[:cut], most))
        most -= int(found.str.len_chars().sum())
    # What ends the part, and whatever else there may be.
    yield _exactly(head, buffer[cut:], most)


def _piece(head: bytes, piece: bytes, most: int) -> pl.Series:
    found = scan_strings(piece, head, most)
    if found is None:
        return _exactly(head, piece + _END, most)
    if int(found.str.len_chars().sum()) > most:
        raise too_much_text()
    return found


def _exactly(head: bytes, rest: bytes, most: int) -> pl.Series:
    exact = ExactStrings(most)
    try:
        for content in (head, rest):
            parse(exact.parser, content)
        parse(exact.parser, b"", last=True)
    except WorkbookError as error:
        # Such as a comment that was cut in two.
        raise error if error.code == "too_large" else NotPlainError from None
    return exact.take()


def scan_strings(piece: bytes, head: bytes, most: int) -> pl.Series | None:
    """Texts of whole shared strings, escapes as they stand there; None if something stands between them.

    NotPlainError if one of them is no XML.
    """
    if b"\r" in piece:
        piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    content = Content(piece)
    tags = _STRINGS.tags(content) if is_clean(piece) else None
    if tags is None:
        return None
    begins, ends = np.flatnonzero(tags.kinds == _STRING), np.flatnonzero(tags.kinds == _STRING_END)
    if len(begins) != len(ends) or not (begins < ends).all() or (ends[:-1] > begins[1:]).any():
        return None
    if not _is_blank_between(content, tags, begins, ends):
        return None
    plain = _are_plain(content, tags, begins, ends)
    texts = TextColumn(len(begins))
    at = begins[plain] + 1
    starts = tags.ends[at] + 1
    read = _characters(piece, content, starts, (tags.starts[at + 1] - starts) * (tags.kinds[at] == _TEXT))
    if read is None:
        return None
    texts.put(plain, read)
    odd = np.flatnonzero(~plain)
    if len(odd):
        from_to = zip(tags.starts[begins[odd]].tolist(), tags.ends[ends[odd]].tolist(), strict=True)
        exactly = _exactly(head, b"".join(piece[start : end + 1] for start, end in from_to) + _END, most)
        if exactly.len() != len(odd):
            return None
        texts.put(odd, Views.of(exactly))
    return texts.series()


def _is_blank_between(content: Content, tags: Tags, begins: Ints, ends: Ints) -> bool:
    """Whether nothing but white space stands before, between and behind the strings."""
    after = np.concatenate(([0], tags.ends[ends] + 1))
    sizes = np.concatenate((tags.starts[begins], [content.size])) - after
    return bool(WHITE[content.bytes[spans(after, sizes)]].all())


def _are_plain(content: Content, tags: Tags, begins: Ints, ends: Ints) -> Truths:
    """Which strings are one element of text, with nothing around it."""
    kinds = tags.kinds[begins + 1]
    plain: Truths = ((kinds == _TEXT) & (ends - begins == 3)) | ((kinds == _TEXT_ALONE) & (ends - begins == 2))
    begins, ends = begins[plain], ends[plain]
    close = (tags.starts[begins + 1] == tags.ends[begins] + 1) & (tags.starts[ends] == tags.ends[ends - 1] + 1)
    close &= (tags.kinds[begins + 1] == _TEXT_ALONE) | (tags.kinds[begins + 2] == _TEXT_END)
    starts, lengths = tags.starts[begins + 1] + 1, tags.ends[begins + 1] - tags.starts[begins + 1] - 1
    long = lengths > len("t/")
    for place in range(0, len(_WITH_BLANKS), WORD):
        part = _WITH_BLANKS[place : place + WORD]
        same = content.words(starts[long] + place) & MASKS[len(part)] == word(part)
        close[long] &= same & (lengths[long] == len(_WITH_BLANKS))
    plain[plain] = close
    return plain


def _characters(piece: bytes, content: Content, starts: Ints, lengths: Ints) -> Views | None:
    """These texts, references resolved; None if one is not known."""
    views = Views.into(content, starts, lengths)
    if b"&" not in piece:
        return views
    texts = views.series()
    refers = texts.str.contains("&", literal=True).arg_true()
    read = unescaped(texts.gather(refers))
    return None if read is None else Views.of(texts.scatter(refers, read))


def too_much_text() -> WorkbookError:
    """The error of a workbook whose texts are more than any may have."""
    return WorkbookError("too_large", "the workbook holds more text than it may: split it")


class ExactStrings:
    """Handlers for the shared strings: the runs of a text joined, how it is pronounced left out."""

    def __init__(self, most: int) -> None:
        self.parser = safe_parser()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._characters
        self._found: list[str] = []
        self._room = most
        self._parts: list[str] = []
        self._inside = False
        self._phonetic = 0

    def take(self) -> pl.Series:
        """The texts, escapes as they stand there."""
        return pl.Series(self._found, dtype=pl.String)

    def _start(self, name: str, _: Mapping[str, str]) -> None:
        tag = local(name)
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._phonetic += 1
        self._inside = tag == "t" and not self._phonetic

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "si":
            self._found.append("".join(self._parts))
        elif tag == "rPh":
            self._phonetic -= 1
        self._inside = False

    def _characters(self, text: str) -> None:
        if self._inside:
            self._room -= len(text)
            if self._room < 0:
                raise too_much_text()
            self._parts.append(text)
