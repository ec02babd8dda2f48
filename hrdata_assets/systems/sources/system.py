"""What systems that are declared in a file have in common: a class is made for each of them."""

import datetime
import types
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from hrdata_assets.systems.sources.declaration import AnySource, ColumnOf
from hrdata_assets.systems.system import Keep, System
from hrdata_assets.table import Row

Columns = Mapping[str, Mapping[str, ColumnOf]]
"""Columns by our names, by object."""


class DeclaredSystem(System):
    """A system of which everything stands in a file. ``columns`` are those of the objects that are known."""

    declared: ClassVar[AnySource]
    columns: ClassVar[Columns]

    @classmethod
    @abstractmethod
    def opened(cls, said: Mapping[str, str], home: Path, keep: Keep) -> Self:
        """Open it, given what the declared variables say; nobody is asked yet."""

    @classmethod
    def named(cls, name: str, declared: AnySource, rows: tuple[type[Row], ...], columns: Columns) -> type[Self]:
        """The class of one source."""
        facts = {
            "__doc__": f"{name}, as the sources file declares it.",
            "__module__": cls.__module__,
            "name": name,
            "rows": rows,
            "declared": declared,
            "columns": columns,
            "sessions": declared.sessions,
            "overlap": datetime.timedelta(seconds=declared.overlap_seconds),
        }
        made: type[Self] = types.new_class(name, (cls,), exec_body=lambda space: space.update(facts))
        return made
