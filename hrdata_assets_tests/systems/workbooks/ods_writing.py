"""Small OpenDocument spreadsheets from the XML of their tables: odfpy repairs what a reader must cope with."""

import zipfile
from pathlib import Path

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = " ".join(
    f'xmlns:{short}="{_NAMES}{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
        ("draw", "drawing"),
    )
)
_CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
MANIFEST = f'<manifest:manifest xmlns:manifest="{_NAMES}manifest:1.0">{{}}</manifest:manifest>'


def table(rows: str, *, name: str = "A", style: str = "") -> str:
    """A table with the XML of its columns and rows."""
    return f'<table:table table:name="{name}" table:style-name="{style}">{rows}</table:table>'


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def cell(kind: str = "", shown: str | None = None, attributes: str = "") -> str:
    """A cell of a kind, with a paragraph of XML and further attributes."""
    of_kind = f'office:value-type="{kind}"' if kind else ""
    paragraph = "" if shown is None else f"<text:p>{shown}</text:p>"
    return f"<table:table-cell {of_kind} {attributes}>{paragraph}</table:table-cell>"


def write(path: Path, *tables: str, styles: str = "", manifest: str = "") -> Path:
    """Write a spreadsheet."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} {_CALC}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", MIMETYPE, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST.format(manifest))
        archive.writestr("content.xml", content)
    return path
