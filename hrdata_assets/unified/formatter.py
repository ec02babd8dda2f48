"""Formatter: what makes rows of one table out of rows of another; one that it cannot make is told with the reasons."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.errors import DeliveryError
from hrdata_assets.table import Row, Table

Values = Mapping[str, Any]
"""A row as field to value: the columns by name, and under ``extra`` what nobody declared."""


@dataclass(frozen=True)
class Reason:
    """Why a row could not be made: the field, and what is wrong with it; never a value."""

    field: str
    what: str

    def __str__(self) -> str:
        """As a person reads it."""
        return f"{self.field} {self.what}"


@dataclass(frozen=True)
class Failure:
    """A row that could not be made, by its place among those given, the first being 0."""

    place: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Formatted:
    """Rows that were made, in the order of those given, with the place of each among them, and those that were not."""

    rows: list[dict[str, Any]]
    places: Sequence[int]
    failures: tuple[Failure, ...] = ()


class NotFormattedError(DeliveryError):
    """A row could not be made; ``reasons`` say why."""

    def __init__(self, formatter: str, reasons: tuple[Reason, ...]) -> None:
        super().__init__(f"{formatter} could not make the row: {'; '.join(map(str, reasons))}")
        self.reasons = reasons


class Formatter(ABC):
    """Makes rows of ``target`` out of rows of ``source``. Given the same row, it makes the same."""

    def __init__(self, name: str, source: type[Row] | Table, target: type[Row] | Table) -> None:
        self.name = name
        self.source = table_of(source)
        self.target = table_of(target)
        self._row = None if isinstance(target, Table) else target

    @abstractmethod
    def apply_all(self, rows: Sequence[Values]) -> Formatted:
        """Make every row that can be made; the others are told with their reasons, and stop nothing."""

    def apply(self, row: Row | Values) -> Row | dict[str, Any]:
        """Make one row: of the target's class, or its values where only its table is known.

        NotFormattedError says why it could not be made.
        """
        done = self.apply_all([vars(row) if isinstance(row, Row) else row])
        if done.failures:
            raise NotFormattedError(self.name, done.failures[0].reasons)
        return done.rows[0] if self._row is None else self._row.model_validate(done.rows[0])


class Composed(Formatter):
    """One formatter after another: the rows that the first makes are the second's."""

    def __init__(self, first: Formatter, second: Formatter) -> None:
        super().__init__(f"{first.name}, {second.name}", first.source, second.target)
        self._row = second._row
        self._first, self._second = first, second

    def apply_all(self, rows: Sequence[Values]) -> Formatted:
        """Make every row that both can make; a reason names a field of the one that gave it."""
        between = self._first.apply_all(rows)
        done = self._second.apply_all(between.rows)
        places = between.places
        later = [Failure(places[failure.place], failure.reasons) for failure in done.failures]
        failures = sorted((*between.failures, *later), key=lambda failure: failure.place)
        return Formatted(done.rows, [places[place] for place in done.places], tuple(failures))


def table_of(row: type[Row] | Table) -> Table:
    """What a row class, or a table that is declared without one, is to the machinery."""
    return row if isinstance(row, Table) else row.table
