"""Workbooks that mean harm, or that no program can read: one of each kind, by the name of the folder it lies in."""

import secrets
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlsxwriter
import xlwt

from hrdata_assets.systems.workbooks.addresses import letters_of
from hrdata_assets_tests.systems.workbooks.test_formats import compound
from hrdata_assets_tests.systems.workbooks.test_xlsx import MAIN, REL, relations, written

CODES = {
    "zip bomb": "zip_bomb",
    "many entries": "zip_bomb",
    "entities": "entity_expansion",
    "entities from elsewhere": "entity_expansion",
    "texts without end": "too_large",
    "row without end": "too_large",
    "diagonal": "too_much_memory",
    "password": "password_protected",
    "xlsx cut short": "truncated",
    "xls cut short": "truncated",
    "web page": "html",
    "commas": "csv_or_text",
    "nothing": "empty_file",
    "picture": "not_a_workbook",
    "beyond the sheet": "damaged",
}
"""Those that are refused, and the code that says why."""

Writer = Callable[[Path], object]
"""Writes a workbook into a folder."""

TEXTS = '<row r="1"><c r="A1" t="str"><v>Name</v></c></row><row r="2"><c r="A2" t="str"><v>b</v></c></row>'
SHARED = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'


def write_hostile(root: Path, address: str) -> None:
    """Write all of them; ``address`` is where those that speak of other places would have to ask."""
    for kind, write in _WRITERS.items():
        folder = root / kind
        folder.mkdir(parents=True)
        write(folder)
    _with_links(root / "links", address)
    entities = f'<!DOCTYPE x SYSTEM "{address}/x.dtd"><worksheet xmlns="{MAIN[0]}"><sheetData/></worksheet>'
    (root / "entities from elsewhere").mkdir()
    written(root / "entities from elsewhere" / "a.xlsx", entities)


def write_staff(path: Path, pay: int) -> None:
    """Write a workbook that nothing is wrong with; another pay makes it another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([["Name", "Pay"], ["a", pay], ["b", pay]]):
            sheet.write_row(number, 0, row)


def write_slow(path: Path) -> None:
    """Write a workbook with more short texts than can be read in a few seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written(path, SHARED, strings="".join(f"<si><t>{n:x}</t></si>" for n in range(1000)) * 8_000)


def _sheet(rows: Callable[[], str]) -> Writer:
    return lambda folder: written(folder / "a.xlsx", rows())


def _bytes(name: str, content: Callable[[], bytes]) -> Writer:
    return lambda folder: (folder / name).write_bytes(content())


def _entities() -> str:
    declared = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<!DOCTYPE x [<!ENTITY e0 "lol">{declared}]><worksheet xmlns="{MAIN[0]}"><sheetData>'
    return f'{text}<row r="1"><c r="A1" t="str"><v>&e9;</v></c></row></sheetData></worksheet>'


def _dimension() -> str:
    return f'<worksheet xmlns="{MAIN[0]}"><dimension ref="A1:ZZZZZ1048576"/><sheetData>{TEXTS}</sheetData></worksheet>'


def _endless_texts(folder: Path) -> None:
    # Repeated within reach of the packing, and not so well that it is refused for it.
    written(folder / "a.xlsx", SHARED, strings=f"<si><t>{secrets.token_hex(10_000) * 27_000}</t></si>")


def _endless_row() -> str:
    return f'<row r="1"><c r="A1" t="str"><v>{secrets.token_hex(10_000) * 3_500}</v></c></row>'


def _many_entries(folder: Path) -> None:
    with zipfile.ZipFile(written(folder / "a.xlsx", TEXTS), "a") as archive:
        for number in range(20_000):
            archive.writestr(f"xl/media/{number}", b"")


def _with_macros(folder: Path) -> None:
    """One whose macros are damaged, so that whoever unpacked them would fail."""
    path = written(folder / "a.xlsm", TEXTS)
    macros = b"Sub Workbook_Open: Shell it: End Sub" + secrets.token_bytes(64)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/vbaProject.bin", macros)
    path.write_bytes(path.read_bytes().replace(macros, macros[::-1]))


def _with_links(folder: Path, address: str) -> None:
    """One that takes values from another workbook, and a picture, a web service and a data feed from the network."""
    folder.mkdir(parents=True)
    linked = f"<f>[1]Sheet1!$A$1+WEBSERVICE(&quot;{address}/a&quot;)</f>"
    rows = f'{TEXTS}<row r="3"><c r="A3">{linked}<v>7</v></c></row>'
    path = written(folder / "a.xlsx", rows)
    external = relations(REL, externalLinkPath=f"{address}/other.xlsx").replace("/>", ' TargetMode="External"/>', 1)
    link = f'<externalLink xmlns="{MAIN[0]}" xmlns:r="{REL}"><externalBook r:id="r1"/></externalLink>'
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", link)
        archive.writestr("xl/externalLinks/_rels/externalLink1.xml.rels", external)
        archive.writestr("xl/worksheets/_rels/sheet1.xml.rels", external.replace("externalLinkPath", "image"))
        archive.writestr("xl/connections.xml", f'<connections xmlns="{MAIN[0]}"><webPr url="{address}"/></connections>')


def _cut(name: str) -> Writer:
    def write(folder: Path) -> None:
        path = folder / name
        if name.endswith(".xls"):
            book = xlwt.Workbook()
            sheet = book.add_sheet("A")
            for number in range(2_000):
                sheet.write(number, 0, f"person {number}")
            book.save(str(path))
        else:
            write_staff(path, 0)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return write


def _diagonal() -> str:
    return "".join(f'<row r="{n}"><c r="{letters_of(n)}{n}"><v>1</v></c></row>' for n in range(1, 16_385))


_WRITERS: dict[str, Writer] = {
    "zip bomb": _sheet(lambda: " " * 100_000_000),
    "many entries": _many_entries,
    "entities": _sheet(_entities),
    "texts without end": _endless_texts,
    "row without end": _sheet(_endless_row),
    "diagonal": _sheet(_diagonal),
    "far corner": _sheet(lambda: f'{TEXTS}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "beyond the sheet": _sheet(lambda: '<row r="1"><c r="XFE1"><v>1</v></c></row>'),
    "million columns": _sheet(_dimension),
    "password": _bytes("a.xlsx", lambda: compound("EncryptedPackage", b"secret")),
    "xlsx cut short": _cut("a.xlsx"),
    "xls cut short": _cut("a.xls"),
    "web page": _bytes("a.xls", lambda: b"<html><table><tr><td>Name</td></tr></table></html>"),
    "commas": _bytes("a.xls", lambda: b"Name;Pay\r\na;1\r\n"),
    "nothing": _bytes("a.xlsx", lambda: b""),
    "picture": _bytes("a.xlsx", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(1000)),
    "macros": _with_macros,
}
