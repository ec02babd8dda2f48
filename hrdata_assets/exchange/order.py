"""What is to be moved: from where, to where, which of it, made by which formatter, and known there by which column."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from hrdata_assets.errors import SetupError
from hrdata_assets.query import Condition
from hrdata_assets.storage.sync_ledger import Target
from hrdata_assets.table import CursorMode, Table
from hrdata_assets.unified.formatter import Formatter
from hrdata_assets.unified.mapping import RowMapping

WAREHOUSE = "warehouse"
"""What the database here is called where a system could stand."""

MOST_AT_ONCE = 2_000


@dataclass(frozen=True)
class Transfer:
    """Rows of ``origin`` for ``target``, which knows them by the column ``external`` of its table.

    ``where`` is asked of the origin, ``having`` of its rows before they are formatted. What was read before is not
    read again, unless ``full``; what was written and has not changed is not written again.
    """

    origin: str
    target: str
    formatter: Formatter
    external: str
    where: tuple[Condition, ...] = ()
    having: tuple[Condition, ...] = ()
    mode: CursorMode | None = None
    batch_size: int = 200
    full: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        """SetupError for what cannot be: too many at once, or a formatter that leaves the external id out."""
        if not 1 <= self.batch_size <= MOST_AT_ONCE:
            raise SetupError(f"batch_size is how many are written at once: from 1 to {MOST_AT_ONCE}")
        if isinstance(self.formatter, RowMapping) and self.external not in self.formatter.filled:
            raise SetupError(
                f"{self.formatter.name} does not fill {self.external}, by which {self.target} knows a record again: "
                'add {"from": ["system", "source_id"], "to": "' + self.external + '", "transform": {"join": ":"}}'
            )

    @property
    def source(self) -> Table:
        """The table whose rows are read."""
        return self.formatter.source

    @property
    def written(self) -> Table:
        """The table whose rows are written."""
        return self.formatter.target

    @property
    def made_by(self) -> str:
        """What makes its rows, as hex digits that change with it where that can be known."""
        if isinstance(self.formatter, RowMapping):
            return self.formatter.checksum
        return hashlib.sha256(self.formatter.name.encode()).hexdigest()

    @property
    def ledger(self) -> Target:
        """Under which its cursor and its counts are kept: another filter or formatter has a cursor of its own."""
        parts = [c.column.name + c.operator + repr(c.value) for c in (*self.where, *self.having)]
        said = hashlib.sha256("|".join([self.made_by, self.external, *parts]).encode()).hexdigest()[:8]
        return Target(self.origin, self.source.name, f"{self.target}/{self.written.name}/{said}")


@dataclass(frozen=True)
class Transferred:
    """What became of the rows read.

    ``filtered`` were left out by ``having`` or are deleted; ``formatted`` are those that could be made; ``written``
    includes ``created``, ``unchanged`` were written before as they are; ``failed`` could not be read, made or written,
    and ``reasons`` counts why. In a dry run ``written`` are those that would be.
    """

    read: int = 0
    filtered: int = 0
    formatted: int = 0
    written: int = 0
    created: int = 0
    unchanged: int = 0
    failed: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    cursor: str | None = None
    dry_run: bool = False
