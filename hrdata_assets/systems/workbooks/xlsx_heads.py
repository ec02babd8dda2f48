"""How a part of a workbook must begin for what follows to be read otherwise than by an XML parser."""

import re

from hrdata_assets.systems.workbooks.xlsx_exact import MAIN

_DECLARATION = rb'<\?xml version="1\.0"(?: encoding="(?i:UTF-8)")?(?: standalone="(?:yes|no)")?\s*\?>'
_NAMESPACES = b"|".join(re.escape(name.encode()) for name in MAIN)


def begins_plainly(head: bytes, element: str) -> bool:
    """Whether a part is UTF-8, its first element is this one, whose namespace needs no prefix, and it has no comments.

    ``head`` ends before anything is read otherwise.
    """
    begin = re.compile(
        rb"(?:\xef\xbb\xbf)?(?:" + _DECLARATION + rb")?\s*<" + element.encode() + rb' (?:[^<>]* )?xmlns="(?:'
        + _NAMESPACES + rb')"'
    )  # fmt: skip
    return begin.match(head) is not None and b"<!" not in head
