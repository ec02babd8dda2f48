"""XML of a workbook, without what XML can do to its reader: no declared entities, nothing from elsewhere."""

from collections.abc import Iterator
from xml.parsers import expat

from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.package import Entry

PIECE = 64 * 1024
"""Bytes that are parsed at a time."""


def safe_parser(*, namespaces: bool = True) -> expat.XMLParserType:
    """A parser that refuses every document type; names are ``namespace name`` with a blank between them."""
    parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise WorkbookError("entity_expansion", "the workbook's XML declares entities, as no program writes it")


def feed(parser: expat.XMLParserType, entry: Entry) -> Iterator[None]:
    """Parse an entry piece by piece; whoever iterates can take between them what the handlers have gathered."""
    while piece := entry.read(PIECE):
        parse(parser, piece)
        yield
    parse(parser, b"", last=True)
    yield


def parse(parser: expat.XMLParserType, piece: bytes, *, last: bool = False) -> None:
    """Parse a piece. WorkbookError `damaged` if it is no XML."""
    try:
        parser.Parse(piece, last)
    except expat.ExpatError:
        raise WorkbookError("damaged", "the workbook's XML is damaged: save it anew in Excel") from None
    except (ValueError, LookupError):
        raise WorkbookError("damaged", "the workbook's XML is in an unknown encoding: save it anew in Excel") from None
