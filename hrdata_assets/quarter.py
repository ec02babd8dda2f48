"""Quarter: the partition of everything that arrives quarterly, and how people and folders spell it."""

import datetime
import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Self

from hrdata_assets.errors import SetupError

_KEY = re.compile(r"(?P<year>[12]\d{3})-Q(?P<number>[1-4])")
_FOLDER = re.compile(r"Q(?P<number>[1-4])(?P<year>[12]\d{3})")
_DOWNLOAD = re.compile(r"QREAL_(?P<year>[12]\d{3})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])_\d{6}")


@total_ordering
@dataclass(frozen=True)
class Quarter:
    """A calendar quarter; greater means later."""

    year: int
    number: int

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Quarter):
            return NotImplemented
        return (self.year, self.number) < (other.year, other.number)

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """Partition key, sorted by time: ``2026-Q2``."""
        return f"{self.year}-Q{self.number}"

    @property
    def folder(self) -> str:
        """Name of its report folder: ``Q22026``."""
        return f"Q{self.number}{self.year}"

    @property
    def first_day(self) -> datetime.date:
        """First calendar day."""
        return datetime.date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> datetime.date:
        """Last calendar day; ages, clearances and availability are measured on it."""
        return self.next.first_day - datetime.timedelta(days=1)

    @property
    def next(self) -> Self:
        """The quarter after this one."""
        return type(self)(self.year + self.number // 4, self.number % 4 + 1)

    @classmethod
    def of_day(cls, day: datetime.date) -> Self:
        """Quarter in which a day lies."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def of_folder(cls, name: str) -> Self | None:
        """Quarter that a folder name stands for, or None: ``Q22026``, or ``QREAL_20260405_101500`` by its stamp."""
        if found := _FOLDER.fullmatch(name):
            return cls(int(found["year"]), int(found["number"]))
        if found := _DOWNLOAD.fullmatch(name):
            return cls(int(found["year"]), (int(found["month"]) + 2) // 3)
        return None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a quarter as people type it: ``2026-Q2`` or ``Q22026``, in either case. SetupError otherwise."""
        tidy = text.strip().upper()
        found = _KEY.fullmatch(tidy) or _FOLDER.fullmatch(tidy)
        if not found:
            raise SetupError(f"{text!r} is no quarter: write 2026-Q2 or Q22026")
        return cls(int(found["year"]), int(found["number"]))
