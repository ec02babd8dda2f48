"""Declared sources as systems: the file is read again when it has changed, and so is what is kept of its databases."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import Settings
from hrdata_assets.systems.database.connector import Database
from hrdata_assets.systems.database.mongodb import Mongo
from hrdata_assets.systems.rest.connector import Rest
from hrdata_assets.systems.sources.declaration import (
    AnySource,
    DatabaseSource,
    MongoSource,
    RestSource,
)
from hrdata_assets.systems.sources.file import read_sources
from hrdata_assets.systems.sources.kept import kept_file, read_kept
from hrdata_assets.systems.sources.system import Columns, DeclaredSystem
from hrdata_assets.systems.sources.tables import Place, row_class

_KINDS: Mapping[type[AnySource], type[DeclaredSystem]] = {
    DatabaseSource: Database,
    MongoSource: Mongo,
    RestSource: Rest,
}

Stamps = tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class Sources:
    """What the file declares: a class per source, and objects whose columns nobody knows yet."""

    systems: Mapping[str, type[DeclaredSystem]]
    unknown: Mapping[str, tuple[str, ...]]


def sources_of(settings: Settings) -> Sources:
    """Declared sources as of now; none where no file is named. SetupError where the file cannot be used."""
    if settings.sources_file is None:
        return Sources({}, {})
    path = settings.sources_file
    declared = _read(path, _stamp(path))
    stamps = tuple(_stamp(kept_file(settings.home, name)) for name in declared)
    return _made(path, _stamp(path), settings.home, stamps)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return (told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, stamp: tuple[int, int] | None) -> Mapping[str, AnySource]:  # noqa: ARG001 - the cache goes by it
    return read_sources(path)


@lru_cache(maxsize=4)
def _made(path: Path, stamp: tuple[int, int] | None, home: Path, kept: Stamps) -> Sources:  # noqa: ARG001 - see _read
    systems, unknown = {}, {}
    for name, declared in _read(path, stamp).items():
        columns = _columns(home, name, declared)
        rows = tuple(
            row_class(Place(name, each), declared.objects[each], told, by_path=not isinstance(declared, DatabaseSource))
            for each, told in columns.items()
        )
        systems[name] = _KINDS[type(declared)].named(name, declared, rows, columns)
        unknown[name] = tuple(each for each in declared.objects if each not in columns)
    _told_apart(path, systems)
    return Sources(systems, unknown)


def _columns(home: Path, name: str, declared: AnySource) -> Columns:
    """Columns of every object of which they are known: declared, or as the database said when it was asked."""
    kept = read_kept(home, name) if isinstance(declared, DatabaseSource) else {}
    found = {each: told.columns or kept.get(each, {}) for each, told in declared.objects.items()}
    return {each: columns for each, columns in found.items() if declared.objects[each].key in columns}


def _told_apart(path: Path, systems: Mapping[str, type[DeclaredSystem]]) -> None:
    counted = Counter(row.table.address for system in systems.values() for row in system.rows)
    if twice := [address for address, count in counted.items() if count > 1]:
        raise SetupError(f"{path}: {twice[0]} is meant twice: call a source or an object otherwise")
