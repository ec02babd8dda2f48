"""What a system answers, and the errors that answers turn into; none of them quotes what was in one."""

import datetime
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from hrdata_assets.errors import DeliveryError, SystemUnavailable

MOST_PATIENCE = 60.0
"""Seconds that a system may make us wait by Retry-After; it is tried again after them."""


class Unavailable(SystemUnavailable):
    """A call that may be repeated: a timeout, a cut connection, 429, 5xx. ``wait`` is what the system asked for."""

    def __init__(self, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class OutOfQuotaError(SystemUnavailable):
    """The day's share of calls is used up: nothing is tried again before it is another day; the cursor is kept."""


class RefusedError(DeliveryError):
    """A call that no repetition helps: ``status`` is the answer's, ``code`` the system's own word for it, if any."""

    def __init__(self, text: str, status: int, code: str = "") -> None:
        super().__init__(text)
        self.status, self.code = status, code


class SignInError(RefusedError):
    """The system does not know who asks, or no longer."""


class MalformedPageError(DeliveryError):
    """What came is no page: HTML, cut off, or of another shape. ``delivery`` names it in the archive."""

    def __init__(self, text: str, delivery: str = "") -> None:
        super().__init__(text)
        self.delivery = delivery


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in lower case) and decompressed body of an answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    path: str

    def json(self) -> Any:
        """The body as JSON, fractions as Decimal. MalformedPageError if it is none."""
        try:
            return json_of(self.content)
        except (ValueError, RecursionError):
            raise MalformedPageError(
                f"{self.path} answered {self.status} with {self._kind}, which is no JSON"
            ) from None

    @property
    def date(self) -> datetime.datetime | None:
        """What the system's clock showed, by the header Date."""
        return _moment(self.headers.get("date"))

    @property
    def wait(self) -> float | None:
        """Seconds by Retry-After (seconds, or a date), at most ``MOST_PATIENCE``; None if nothing is asked for."""
        return seconds_of(self.headers.get("retry-after"))

    @property
    def _kind(self) -> str:
        if not self.content.strip():
            return "nothing"
        return "a page of HTML" if self.content.lstrip()[:1] == b"<" else f"{len(self.content)} bytes"


def json_of(content: bytes) -> Any:
    """Read JSON, fractions as Decimal. ValueError, or RecursionError, if it is none."""
    try:
        return _FAST.decode(content)
    except (msgspec.MsgspecError, ValueError):
        # It refuses more, halves of characters for one: what Python's own reader takes counts.
        return json.loads(content.decode("utf-8"), parse_float=_fraction, parse_constant=_no_number)


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("a number of more digits than can be told") from None


_FAST = msgspec.json.Decoder(float_hook=_fraction)
"""Reads pages in two thirds of the time of Python's own reader. What it takes, that takes too, and as the same."""


def seconds_of(text: str | None) -> float | None:
    """Read Retry-After; what exceeds the most patience, or is in milliseconds, counts as the most patience."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        moment = _moment(text)
        if moment is None:
            return None
        seconds = (moment - datetime.datetime.now(datetime.UTC)).total_seconds()
    return None if math.isnan(seconds) else min(max(seconds, 0.0), MOST_PATIENCE)


def _moment(text: str | None) -> datetime.datetime | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON's")
