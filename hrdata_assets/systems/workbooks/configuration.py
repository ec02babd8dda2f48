"""How the workbooks of each folder are to be read: `config/etl_config.yaml`, a tree of folders like the one on disk.

The file is walked as YAML wrote it down, with its lines; texts are taken as they stand, so that a folder called ``no``
or ``2024`` is called that.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import yaml  # type: ignore[import-untyped]
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from hrdata_assets.cleaning.identifiers import heading_key
from hrdata_assets.cleaning.lattice import Exact
from hrdata_assets.errors import SetupError
from hrdata_assets.systems.workbooks.addresses import LAST_COLUMN, LAST_ROW, column_of
from hrdata_assets.systems.workbooks.cells import Area
from hrdata_assets.systems.workbooks.layout import END

_MOST_BYTES = 1024**2
_DEEPEST = 100

_ROWS = re.compile(r"([1-9][0-9]{0,6})(?: *- *([1-9][0-9]{0,6}))?")
_CORNER = r"\$?([A-Z]{1,3})?\$?([1-9][0-9]{0,6})?"
_BEYOND = re.compile(r"\\U(?!0010|000)[0-9A-Fa-f]{8}")
_RANGE = re.compile(f"{_CORNER}:{_CORNER}")


def _rows(given: object) -> object:
    """Read 3, ``1-2`` or a list of rows that follow one another."""
    if isinstance(given, list):
        rows = [int(row) for row in given if _ROWS.fullmatch(str(row)) and str(row).isdigit()]
        if not rows or len(rows) != len(given) or rows != list(range(rows[0], rows[0] + len(rows))):
            raise ValueError("rows do not follow one another")
        return rows[0], rows[-1]
    if isinstance(given, int | str):
        found = _ROWS.fullmatch(str(given).strip())
        if found is None:
            raise ValueError("no row")
        return int(found[1]), int(found[2] or found[1])
    return given


def _in_order(rows: tuple[int, int]) -> tuple[int, int]:
    if not 1 <= rows[0] <= rows[1] <= LAST_ROW:
        raise ValueError("no rows of a sheet")
    return rows


def _area(given: object) -> object:
    """Read ``B3:H200``; an end, a row or a column left out reaches as far as the sheet."""
    if not isinstance(given, str):
        return given
    found = _RANGE.fullmatch(given.replace(" ", "").upper())
    if found is None or not any(found.groups()):
        raise ValueError("no range")
    left, top, right, bottom = found.groups()
    return Area(
        int(top or 1), column_of((left or "A").upper()), int(bottom or LAST_ROW), column_of((right or "XFD").upper())
    )


def _on_the_sheet(area: Area) -> Area:
    if not (1 <= area.top <= area.bottom <= LAST_ROW and 1 <= area.left <= area.right <= LAST_COLUMN):
        raise ValueError("no cells of a sheet")
    return area


def _told_apart(headings: tuple[str, ...]) -> tuple[str, ...]:
    if len({heading_key(heading) for heading in headings}) < len(headings):
        raise ValueError("a heading twice")
    return headings


def _types(given: object) -> object:
    if not isinstance(given, dict):
        return given
    _told_apart(tuple(map(str, given)))
    return {heading: " ".join(str(name).casefold().split()) for heading, name in given.items()}


def _locale(given: str) -> str:
    found = re.fullmatch(r"([a-z]{2,3})(?:[-_]([a-z]{2}))?", given, re.IGNORECASE)
    if found is None:
        raise ValueError("no language")
    return found[1].lower() + (f"_{found[2].upper()}" if found[2] else "")


def _one_or_more(given: object) -> object:
    return [given] if isinstance(given, str) else given


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Rows = Annotated[tuple[int, int], BeforeValidator(_rows), AfterValidator(_in_order)]
Headings = Annotated[
    tuple[Name, ...], BeforeValidator(_one_or_more), Field(min_length=1, max_length=32), AfterValidator(_told_apart)
]
Feet = Annotated[int, Field(ge=0, le=END)] | Annotated[tuple[Name, ...], Field(min_length=1)]


class FolderOptions(BaseModel):
    """How the workbooks of one folder are read and loaded."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    sheet: Name | None = None
    """Sheet to read; without it the first that is not hidden."""

    header_row: Rows | None = None
    """First and last row of the headings, as the sheet numbers them; without it they are looked for."""

    range: Annotated[Area, BeforeValidator(_area), AfterValidator(_on_the_sheet)] | None = None
    """Cells to look at, the headings among them; without it the whole sheet."""

    locale: Annotated[str, AfterValidator(_locale)] | None = None
    """Language, and country if it matters, in which texts write numbers and dates."""

    day_first: bool | None = None
    """Whether 03/04 in a text is the third of April."""

    decimal: Literal[",", "."] | None = None
    """What stands before the decimals of a number in a text."""

    hidden: Literal["include", "skip"] = "include"
    """What becomes of hidden rows and columns."""

    footer: Feet | None = None
    """Number of rows at the end that are none of the table, or words they begin with; without it they are found."""

    types: Annotated[Mapping[Name, Exact], BeforeValidator(_types)] = Field({})
    """Types of columns by their headings; the others are found."""

    key: Headings | None = None
    """Headings whose values name one thing: the table holds the newest row of each, whichever workbook brought it."""

    policy: Literal["evolve", "freeze", "propose"] = "evolve"
    """What happens when a workbook needs its table changed: it is, the workbook is refused, or held for approval."""

    gate: Annotated[Decimal, Field(ge=0, le=100)] | None = None
    """Score in percent below which a workbook is held for approval."""

    @property
    def version(self) -> str:
        """Eight hex digits that change with whatever changes how a workbook is read.

        What stands at its default is left out: an option that is added one day changes no version.
        """
        read_by = self.model_dump(mode="json", exclude={"policy", "gate"}, exclude_defaults=True)
        return hashlib.sha256(json.dumps(read_by, sort_keys=True).encode()).hexdigest()[:8]

    def type_of(self, heading: str) -> Exact | None:
        """Type that the column of a heading was given."""
        wanted = heading_key(heading)
        return next((kind for given, kind in self.types.items() if heading_key(given) == wanted), None)


INHERITED = frozenset({"sheet", "locale", "day_first", "decimal", "hidden", "footer", "policy", "gate"})
"""Options that hold in the folders below too, unless those say otherwise: habits of whoever fills the sheets.

The others (header_row, range, types, key) name rows, cells and headings of one table, and the next folder is another.
"""

_MUST = {
    "sheet": "must be the name of a sheet",
    "header_row": 'must be a row number such as 1, or rows such as "1-2"',
    "range": 'must be cells such as "B3:H200", or "B3:" if its end is open',
    "locale": "must be a language such as nb, or with its country such as nb_NO",
    "day_first": "must be true or false",
    "decimal": 'must be "," or "."',
    "hidden": "must be include or skip",
    "footer": f"must be a number of rows up to {END}, or a list of words such as [Total, Source]",
    "types": f"must give each heading, named once, one of {', '.join(Exact)}",
    "key": "must be a heading such as employee no, or a list of up to 32, each named once",
    "policy": "must be evolve, freeze or propose",
    "gate": "must be a number of percent from 0 to 100",
}

_DEFAULT_SHEET = "default_sheet"

Place = tuple[str, ...]
"""Names of the folders that lead to one, as they are compared."""


def _place(names: Iterable[str]) -> Place:
    return tuple(heading_key(name) for name in names if name not in ("", "."))


@dataclass(frozen=True)
class Configuration:
    """The options of every folder, by its place."""

    default_sheet: str | None = None
    folders: Mapping[Place, FolderOptions] = field(default_factory=dict)

    def options(self, folder: PurePosixPath) -> FolderOptions:
        """How the workbooks of a folder are read; ``.`` is the root itself. Case and double blanks do not count."""
        place = _place(folder.parts)
        given: dict[str, object] = {"sheet": self.default_sheet}
        for depth in range(len(place) + 1):
            options = self.folders.get(place[:depth], FolderOptions())
            own = options.model_fields_set & (INHERITED if depth < len(place) else set(_MUST))
            given |= {name: getattr(options, name) for name in own}
        return FolderOptions.model_validate(given)

    def unmatched(self, folders: Iterable[PurePosixPath]) -> list[str]:
        """Configured folders that are neither among these nor lead to one, as they are compared: misspelt, or gone."""
        there = {place[:depth] for place in (_place(f.parts) for f in folders) for depth in range(len(place) + 1)}
        return sorted("/".join(place) for place in self.folders if place and place not in there)


def load_configuration(path: Path) -> Configuration:
    """Read the file; one that is not there configures nothing. SetupError names file, line, and what may stand."""
    called = path.as_posix()
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return Configuration()
    except OSError as error:
        raise SetupError(f"{called} cannot be read: {error.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise SetupError(f"{called} has more than {_MOST_BYTES} bytes, which no configuration needs: shorten it")
    return _Tree(called).configuration(_composed(content, called))


def _fault(called: str, line: int, says: str) -> SetupError:
    return SetupError(f"{called}, line {line}: {says}")


def _composed(content: bytes, called: str) -> Any:
    """The root of the file's YAML, or None. What refers to other places or makes objects is not let in."""
    try:
        text = content.decode("utf-8-sig")
        for line, says in _excesses(text):
            raise _fault(called, line, says)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _fault(called, line, "this is no UTF-8: save the file as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or error.context_mark).line + 1
        raise _fault(called, line, f"this is no YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _fault(called, line, "a character that no YAML may hold stands here: remove it") from None
    except (ValueError, OverflowError):
        # So ends an escape beyond the last character; the parser does not say where.
        line = next((n for n, told in enumerate(text.splitlines(), 1) if _BEYOND.search(told)), 1)
        raise _fault(called, line, "an escape stands for no character: write the character itself") from None


def _excesses(text: str) -> Iterator[tuple[int, str]]:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            yield line, f"more than {_DEEPEST} levels are no tree of folders: write a path such as a/b"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None) is not None:
            yield line, "references (*) and tags (!) are not read: write the value itself"


class _Tree:
    """A file that is being read: what was found so far, and in which line."""

    def __init__(self, called: str) -> None:
        self._called = called
        self._folders: dict[Place, FolderOptions] = {}
        self._lines: dict[Place, int] = {}

    def configuration(self, root: Any) -> Configuration:
        sheet = None
        for key, node in self._entries(root) if root is not None else ():
            if key.value == _DEFAULT_SHEET:
                sheet = self._options({"sheet": (key, node)}).sheet
            elif key.value in _MUST:
                says = f"{key.value} is an option: write it below a folder ({key.value}/ is a folder called that)"
                raise self._fault(key, f'{says}, or below "." for all of them')
            elif isinstance(node, yaml.MappingNode) or _is_nothing(node):
                self._folder((), key, node)
            else:
                raise self._fault(key, f"only {_DEFAULT_SHEET} and folders stand at the top: write options below one")
        return Configuration(sheet, self._folders)

    def _folder(self, above: Place, key: Any, node: Any) -> None:
        place = self._new_place(above, key)
        options = {}
        for name, inner in self._entries(node):
            if name.value in _MUST:
                options[name.value] = (name, inner)
            elif isinstance(inner, yaml.MappingNode) or name.value.endswith("/"):
                self._folder(place, name, inner)
            else:
                raise self._unknown(name)
        self._folders[place] = self._options(options)

    def _new_place(self, above: Place, key: Any) -> Place:
        names = key.value.split("/")
        if ".." in names or not key.value.strip("/ "):
            raise self._fault(key, "a folder is named by its path below the root, such as a/b")
        place = above + _place(names)
        if place in self._lines:
            raise self._fault(key, f"this folder stands in line {self._lines[place]} already: join the two")
        self._lines[place] = _line(key)
        return place

    def _entries(self, node: Any) -> list[tuple[Any, Any]]:
        """Keys and values of a mapping, all keys being texts of their own."""
        if _is_nothing(node):
            return []
        if not isinstance(node, yaml.MappingNode):
            raise self._fault(node, "options and folders are expected here, such as header_row: 2")
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._fault(key, "a name is expected here, not a list or mapping")
            if key.value in seen:
                raise self._fault(key, f"{key.value} stands in line {seen[key.value]} already: keep one of the two")
            seen[key.value] = _line(key)
        return list(node.value)

    def _options(self, nodes: Mapping[str, tuple[Any, Any]]) -> FolderOptions:
        given = {name: self._plain(node) for name, (_, node) in nodes.items()}
        for name, (key, node) in nodes.items():
            if _is_nothing(node):
                if not node.value:
                    raise self._fault(key, f"{key.value} {_MUST[name]}, or null for what holds without it")
                given[name] = FolderOptions.model_fields[name].get_default(call_default_factory=True, validated_data={})
        try:
            return FolderOptions.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
            key, node = nodes[str(first[0])]
            is_mapping = isinstance(node, yaml.MappingNode)
            at = next((k for k, _ in node.value if k.value.strip() in first[1:]), key) if is_mapping else key
            hint = f" ({key.value}/ is a folder called that)" if is_mapping else ""
            raise self._fault(at, f"{key.value} {_MUST[str(first[0])]}{hint}") from None

    def _plain(self, node: Any) -> object:
        """Texts as they are written, None, and lists and mappings of them."""
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return {key.value: self._plain(value) for key, value in self._entries(node)}
        return None if _is_nothing(node) else node.value

    def _unknown(self, key: Any) -> SetupError:
        close = difflib.get_close_matches(key.value.casefold(), _MUST, 1)
        meant = f" (did you mean {close[0]}?)" if close else ""
        says = f"there is no option {key.value}{meant}: take one of {', '.join(_MUST)}"
        return self._fault(key, f"{says}, or write {key.value}/ for a folder")

    def _fault(self, node: Any, says: str) -> SetupError:
        return _fault(self._called, _line(node), says)


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _is_nothing(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"
