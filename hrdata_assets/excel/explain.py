"""Telling how a workbook would be read, and why, without loading it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from hrdata_assets.cleaning.identifiers import unique_names
from hrdata_assets.errors import SetupError
from hrdata_assets.excel.examine import examine
from hrdata_assets.excel.sheet_table import SheetTable
from hrdata_assets.settings import Settings
from hrdata_assets.systems.workbooks.addresses import letters_of
from hrdata_assets.systems.workbooks.configuration import load_configuration
from hrdata_assets.systems.workbooks.reading import Reader
from hrdata_assets.verdict import percent


def explain_workbook(settings: Settings, file: Path) -> dict[str, Any]:
    """Everything that would be decided about a workbook; its folder's options hold if it stands below the root.

    WorkbookError if it cannot be read.
    """
    if not file.is_file():
        raise SetupError(f"{file} is no file")
    root, path = settings.workbooks_dir.resolve(), file.resolve()
    folder = path.parent.relative_to(root) if path.is_relative_to(root) else Path()
    options = load_configuration(settings.workbooks_config).options(PurePosixPath(folder))
    with Reader() as reader, reader.read(path, options.sheet, rows=settings.etl_chunk_size) as apart:
        return _told(examine(apart, options))


def _told(sheet: SheetTable) -> dict[str, Any]:
    names = unique_names([column.heading for column in sheet.columns])
    counted = sheet.counted
    return {
        "sheet": sheet.apart.sheet,
        "sheets": [asdict(one) for one in sheet.apart.sheets],
        "first_row": sheet.block.first_row,
        "columns": [
            {
                "place": letters_of(place),
                "heading": column.heading,
                "name": name,
                "type": column.fit.type.value if column.fit else "text",
                "empty": column.fit is None,
            }
            for column, name, place in zip(sheet.columns, names, sheet.block.places, strict=True)
        ],
        "rows": {
            "read": counted.read,
            "kept": counted.kept,
            "set aside": counted.set_aside,
            "blank": counted.skipped,
        },
        "score": percent(counted.cards[0].overall),
        "rules": [
            {"rule": m.rule, "dimension": m.dimension.value, "of": m.units, "broken": m.units - m.passed}
            for m in counted.cards[0].measures
        ],
        "decisions": [
            {"code": d.code, "says": d.says, "rows": _spans(d.rows), "columns": _spans(d.columns)}
            for d in sheet.decisions
        ],
        "kept_out": _kept_out(sheet),
        "changes": [
            {"column": names[position], "change": kind, "cells": changed.cells, "rows": _spans(changed.rows)}
            for (position, kind), changed in counted.changes.items()
        ],
    }


def _kept_out(sheet: SheetTable) -> list[Mapping[str, object]]:
    counted: Counter[tuple[str, str]] = Counter()
    for letter in sheet.counted.letters:
        counted.update((str(r["rule"]), r["column"] or "") for r in letter.reasons)
    return [{"rule": rule, "column": column, "rows": rows} for (rule, column), rows in counted.most_common()]


_MOST_SPANS = 8


def _spans(numbers: tuple[int, ...] | list[int]) -> str:
    """Numbers as people write them: ``1-4, 7``; the first few."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    said = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:_MOST_SPANS]]
    return ", ".join(said) + (" …" if len(spans) > _MOST_SPANS else "")
