"""A case of the corpus: workbooks of one folder, and the table that they must become."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hrdata_assets_tests.excel.corpus.values import Book, Rows, Sheet, as_book
from hrdata_assets_tests.excel.corpus.writing import write

Texts = Sequence[str | None]
Write = Callable[[Path, Book], None]


@dataclass(frozen=True)
class Workbook:
    """A workbook and what becomes of it beside its rows."""

    book: Book
    name: str = "book.xlsx"
    write: Write = write
    read: str | None = None
    """Name of the sheet that is read, the first one if it is not said."""

    places: tuple[int, ...] | None = None
    """Columns of the sheet that are the table's, in its order; all that hold something if it is not said."""

    changes: frozenset[tuple[str, str, tuple[int, ...]]] = frozenset()
    """Column, kind of change and rows of what is stored otherwise."""

    letters: tuple[tuple[int, str, str | None], ...] = ()
    """Row, rule and column of what is kept out."""

    left_out: frozenset[int] = frozenset()
    """Rows outside of what the configuration says is to be read."""

    decisions: tuple[str, ...] = ()
    code: str | None = None
    """Why it cannot be read."""

    @property
    def sheet_name(self) -> str:
        """Name of the sheet that is read."""
        return self.read or next(iter(self.book.sheets))

    @property
    def sheet(self) -> Sheet:
        """The sheet that is read."""
        return self.book.sheets[self.sheet_name]


@dataclass(frozen=True)
class Case:
    """Workbooks of one folder; ``columns`` are the table's, by type, and ``rows`` their values as texts."""

    name: str
    workbooks: tuple[Workbook, ...]
    columns: Mapping[str, str]
    rows: Sequence[Texts]
    options: str = ""
    """What the configuration says of the folder, in YAML."""

    folder: str = ""
    table: str = ""

    @property
    def place(self) -> str:
        """Folder below the root."""
        return self.folder or self.name

    @property
    def table_name(self) -> str:
        """Name of the table, which is that of the case where no other is said."""
        return self.table or self.name

    @cached_property
    def paths(self) -> dict[str, Workbook]:
        """Its workbooks by their paths below the root."""
        return {f"{self.place}/{workbook.name}": workbook for workbook in self.workbooks}

    def write(self, root: Path) -> None:
        """Write its workbooks below a folder."""
        for path, workbook in self.paths.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            workbook.write(target, workbook.book)


def columns_of(words: str) -> dict[str, str]:
    """Columns written ``name type, name type``."""
    pairs = [pair.partition(" ") for pair in words.split(", ")] if words else []
    return {name: kind for name, _, kind in pairs}


def one(
    name: str,
    book: Rows | Sheet | Book,
    columns: str | Mapping[str, str],
    rows: Sequence[Texts],
    options: str = "",
    **more: object,
) -> Case:
    """A case of one workbook; ``more`` is said of the workbook, or of its folder and table."""
    declared = columns_of(columns) if isinstance(columns, str) else columns
    about = {key: str(more.pop(key)) for key in ("folder", "table") if key in more}
    if "changes" in more:
        more["changes"] = frozenset(more["changes"])  # type: ignore[call-overload]
    called = {"name": str(more.pop("file"))} if "file" in more else {}
    workbook = Workbook(as_book(book), **called, **more)  # type: ignore[arg-type]
    return Case(name, (workbook,), declared, rows, options, **about)


def refused(name: str, code: str, write: Write, *, file: str = "book.xlsx", options: str = "") -> Case:
    """A case of one workbook that cannot be read."""
    return Case(name, (Workbook(as_book([]), file, write, code=code),), {}, [], options)
