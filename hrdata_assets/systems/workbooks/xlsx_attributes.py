"""What tags say behind their beginnings, looked through by an XML parser: each different text of many tags but once."""

from collections.abc import Collection, Mapping

from hrdata_assets.systems.workbooks.cells import WorkbookError
from hrdata_assets.systems.workbooks.xlsx_exact import local
from hrdata_assets.systems.workbooks.xml_parser import parse, safe_parser

_TRUE = ("1", "true")


def hiding(head: bytes, row_rests: Collection[bytes], others: Collection[bytes]) -> frozenset[bytes] | None:
    """Which of these ends of rows' tags say that the row is hidden; None if one of the tags is not right.

    A sheet begins with ``head``, up to its rows. ``row_rests`` are what stands behind the number of a row, ``others``
    whole tags without their angle brackets.
    """
    tags = [b'row r="1"' + rest for rest in row_rests] + list(others)
    if not tags:
        return frozenset()
    seen: list[tuple[str, bool]] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        seen.append((local(name), attributes.get("hidden") in _TRUE))

    parser = safe_parser()
    try:
        parse(parser, head)
        parser.StartElementHandler = start
        parse(parser, b"".join(b"<" + tag.removesuffix(b"/") + b"/>" for tag in tags))
    except WorkbookError:
        return None
    if [name for name, _ in seen] != [tag.split(b" ", 1)[0].decode() for tag in tags]:
        return None
    return frozenset(rest for rest, (_, hidden) in zip(row_rests, seen, strict=False) if hidden)
