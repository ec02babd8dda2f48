"""Parts of a Bulk job's results: CSV, each part with its own heading, read as the records that REST gives."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hrdata_assets.systems.system import Record

Reader = Callable[[str], Any]


def _boolean(text: str) -> bool:
    return text == "true"


def _moment(text: str) -> str:
    return f"{text.removesuffix('Z')}+0000"


_READERS: Mapping[str, Reader] = {
    "boolean": _boolean,
    "int": int,
    "datetime": _moment,
    **dict.fromkeys(("double", "currency", "percent", "long"), Decimal),
}
"""How texts become what REST gives for a field of that type."""


def part_records(content: bytes, kinds: Mapping[str, str]) -> Sequence[Record]:
    """Read a part; ``kinds`` are the types of fields that are to be more than text. ValueError for what is none.

    Nothing at all is a part without records. What is empty is no value.
    """
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    try:
        header = next(rows, None)
        if header is None:
            return []
        if "Id" not in header:
            raise ValueError("a part without ids")
        readers = [_READERS.get(kinds.get(name, "")) for name in header]
        return [_record(header, readers, row) for row in rows]
    except csv.Error:
        raise ValueError("a part that is no CSV") from None


def _record(header: Sequence[str], readers: Sequence[Reader | None], row: Sequence[str]) -> Record:
    cells = zip(header, readers, row, strict=True)
    return {name: read(cell) if read else cell for name, read, cell in cells if cell}
