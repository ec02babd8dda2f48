"""Workbooks in Office Open XML from the XML of a sheet's rows: what no library writes, but programs do."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from hrdata_assets_tests.excel.corpus.case import Write
from hrdata_assets_tests.excel.corpus.values import Book

_DIALECTS = {
    False: (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    True: ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships"),
}
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def row(number: int, *cells: str) -> str:
    """A row of cells; each is given as its type and content, and stands where it stands among them."""
    placed = (cell.replace("<c", f'<c r="{chr(65 + i)}{number}"', 1) for i, cell in enumerate(cells) if cell)
    return f'<row r="{number}">{"".join(placed)}</row>'


def number(text: str, style: int = 0) -> str:
    """A number as it is written."""
    return f'<c s="{style}"><v>{text}</v></c>'


def inline(text: str) -> str:
    """A text that stands in its cell."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def shared(place: int) -> str:
    """A text that stands among the shared ones."""
    return f'<c t="s"><v>{place}</v></c>'


def formula(kind: str, result: str | None) -> str:
    """A formula with its result, of a type; None if it has none."""
    kept = "" if result is None else f"<v>{escape(result)}</v>"
    return f'<c t="{kind}"><f>A1</f>{kept}</c>'


def rows_of_texts(*texts: Sequence[str]) -> str:
    """Rows of texts in their cells."""
    return "".join(row(n, *(inline(text) for text in line)) for n, line in enumerate(texts, start=1))


def xml_book(
    sheet: str,
    *,
    strings: Sequence[str] = (),
    formats: Sequence[int] = (0,),
    strict: bool = False,
    parts: Mapping[str, str] | None = None,
) -> Write:
    """What writes a workbook of one sheet; ``parts`` take the place of its own."""

    def written(path: Path, _: Book) -> None:
        main, base = _DIALECTS[strict]
        content = {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": _related(base, officeDocument="xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{base}">'
            '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _related(
                base, worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml", styles="styles.xml"
            ),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{main}">{"".join(f"<si>{s}</si>" for s in strings)}</sst>',
            "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs>'
            + "".join(f'<xf numFmtId="{n}"/>' for n in formats)
            + "</cellXfs></styleSheet>",
            # No two workbooks of the corpus are the same file.
            "docProps/title.txt": path.parent.name + path.name,
            **(parts or {}),
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in content.items():
                archive.writestr(name, text)

    return written


def _related(base: str, **targets: str) -> str:
    kinds = "".join(
        f'<Relationship Id="r{n}" Type="{base}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{_RELATIONS}">{kinds}</Relationships>'
