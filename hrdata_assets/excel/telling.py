"""What DEBUG shows of every workbook: what was decided, and how long it took. No value and no heading is in it."""

import logging
from collections import Counter
from collections.abc import Sequence

from hrdata_assets.excel.sheet_table import SheetTable
from hrdata_assets.storage.evolution import SchemaChange
from hrdata_assets.systems.workbooks.addresses import letters_of

log = logging.getLogger("hrdata")


def tell_examined(file: str, sheet: SheetTable, reading: float, examining: float) -> None:
    """Tell of a sheet that was gone through, and of the seconds that it took."""
    if not log.isEnabledFor(logging.DEBUG):
        return
    counted = sheet.counted
    log.debug(
        "%s: reading %.3f s, examining %.3f s; rows from %d: %d kept, %d set aside (%s), %d blank; columns %s;"
        " decided %s",
        *(file, reading, examining, sheet.block.first_row, counted.kept, counted.set_aside),
        _counted([str(reason["rule"]) for letter in counted.letters for reason in letter.reasons]),
        counted.skipped,
        ", ".join(_columns(sheet)) or "none",
        _counted([decision.code for decision in sheet.decisions]),
    )


def tell_published(file: str, changes: Sequence[SchemaChange], publishing: float) -> None:
    """Tell of what was written, and of the seconds that it took with its commit."""
    log.debug("%s: publishing %.3f s; table changes %s", file, publishing, _counted([c.kind for c in changes]))


def tell_end(file: str, status: str, code: str | None) -> None:
    """Tell what became of it."""
    log.debug("%s: %s", file, f"{status}, {code}" if code else status)


def _columns(sheet: SheetTable) -> list[str]:
    pairs = zip(sheet.columns, sheet.block.places, strict=True)
    return [f"{letters_of(place)} {column.fit.type.value if column.fit else 'empty'}" for column, place in pairs]


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{word} {times}" for word, times in Counter(words).items()) or "nothing"
