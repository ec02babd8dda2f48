"""Many dates at a time: days counted by a spreadsheet, written as `values` writes them one by one."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from hrdata_assets.systems.workbooks.byte_words import Bytes, Content, Ints, Truths
from hrdata_assets.systems.workbooks.values import DAY_MILLISECONDS, EPOCH, FIRST_SURE_DAY

_UNUSUAL = 80_000
"""Number of a day, in the twenty-second century, from which on days are written one by one."""

_WIDTH = len("2024-01-31 08:30:00.123")
_DATE, _CLOCK = len("2024-01-31"), len(" 08:30:00")
_PAIRS: Bytes = np.array([[48 + n // 10, 48 + n % 10] for n in range(100)], np.uint8)
_THOUSANDTHS: Bytes = np.array([[ord(c) for c in f"{n:03d}"] for n in range(1000)], np.uint8)
_DECIMALS: Ints = np.array([len(f"{n:03d}".rstrip("0")) for n in range(1000)], np.intp)


@dataclass(frozen=True)
class Moments:
    """Dates as texts of a content, each with whether it lies between two milliseconds."""

    content: Content
    starts: Ints
    lengths: Ints
    rounded: Truths


def are_moments(texts: pl.Series) -> tuple[Truths, npt.NDArray[np.float64]]:
    """Which of these texts are numbers of usual days, and the numbers of those."""
    serials = texts.cast(pl.Float64, strict=False).fill_null(-1.0).to_numpy()
    found = (serials >= FIRST_SURE_DAY) & (serials < _UNUSUAL - 1)
    return found, serials[found]


def moments(serials: npt.NDArray[np.float64], *, from_1904: bool) -> Moments:
    """Write numbers of days as dates, with their times where these are other than midnight."""
    exact = serials * DAY_MILLISECONDS
    milliseconds = np.rint(exact)
    rounded = np.abs(exact - milliseconds) > 0.1
    days, rest = np.divmod(milliseconds.astype(np.int64), DAY_MILLISECONDS)
    written = np.full((len(serials), _WIDTH), ord(" "), np.uint8)
    written[:, :_DATE] = _dates(from_1904=from_1904)[days]
    seconds, thousandths = np.divmod(rest, 1000)
    written[:, _DATE : _DATE + _CLOCK] = ord(":")
    written[:, _DATE] = ord(" ")
    for place, part in enumerate((seconds // 3600, seconds // 60 % 60, seconds % 60)):
        at = _DATE + 1 + 3 * place
        written[:, at : at + 2] = _PAIRS[part]
    written[:, _DATE + _CLOCK] = ord(".")
    written[:, _DATE + _CLOCK + 1 :] = _THOUSANDTHS[thousandths]
    lengths = np.where(rest == 0, _DATE, _DATE + _CLOCK)
    lengths += np.where(thousandths == 0, 0, 1 + _DECIMALS[thousandths])
    return Moments(Content(written.tobytes()), np.arange(len(serials)) * _WIDTH, lengths, rounded)


@cache
def _dates(*, from_1904: bool) -> Bytes:
    """Texts of ten bytes of all days that are usual."""
    days = np.datetime64(EPOCH[from_1904].date()) + np.arange(_UNUSUAL)
    texts = np.datetime_as_string(days, unit="D").astype(f"S{_DATE}")
    return texts.view(np.uint8).reshape(-1, _DATE)
