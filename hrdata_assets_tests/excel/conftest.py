"""A folder of workbooks and what loading them does."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from hrdata_assets.excel.folders import Loaded, load_all
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.workbooks.discovery import find_workbooks
from hrdata_assets_tests.installation import Installation

Row = Sequence[object]
Write = Callable[..., Path]
Load = Callable[[], dict[str, Loaded]]


@pytest.fixture
def data(installation: Installation) -> Path:
    """Root of the workbooks."""
    root = installation.folder / "data"
    root.mkdir()
    return root


@pytest.fixture
def write(data: Path) -> Write:
    """Write a workbook below the root: rows of its one sheet, or rows by the name of each sheet."""

    def written(path: str, rows: Iterable[Row] | Mapping[str, Iterable[Row]]) -> Path:
        book = openpyxl.Workbook(write_only=True)
        for name, sheet in (rows if isinstance(rows, Mapping) else {"Sheet1": rows}).items():
            made = book.create_sheet(name)
            for row in sheet:
                made.append(row)
        target = data / path
        target.parent.mkdir(parents=True, exist_ok=True)
        book.save(target)
        return target

    return written


@pytest.fixture
def load(installation: Installation) -> Load:
    """Load everything below the root."""

    def loaded() -> dict[str, Loaded]:
        with installation.environment():
            settings = load_settings()
        found = find_workbooks(settings.workbooks_dir)
        return {str(one.file.path): one for one in load_all(installation.warehouse, settings, found, "test")}

    return loaded


@pytest.fixture
def configure(installation: Installation) -> Callable[[str], None]:
    """Write the configuration."""

    def configured(text: str) -> None:
        path = installation.folder / "config" / "etl_config.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return configured
