"""Bulk API 2.0: a question that is answered as a whole, in parts, by a job that takes its time."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hrdata_assets.storage.archive import Delivery
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError
from hrdata_assets.systems.http import Request
from hrdata_assets.systems.salesforce.csv_parts import part_records
from hrdata_assets.systems.salesforce.reading import with_whole_ids
from hrdata_assets.systems.system import Page, Record

log = logging.getLogger("hrdata")

PART = 5_000
"""Records of a part: several wait in memory at a time."""

IDS = 50_000
"""The same, where nothing but ids is asked for."""

_LAST = "null"
_GROWTH = 1.5
_LONGEST_PAUSE = 15
"""So many times the first pause at most."""

_LOST = frozenset({"Failed", "Aborted"})


class JobRefusedError(Exception):
    """No job answers this question: it is to be asked page by page."""


@dataclass(frozen=True)
class Patience:
    """How long a job may take, and after how many seconds it is looked at first."""

    pause: float
    longest: float


@dataclass(frozen=True)
class Part:
    """How much is asked for at once, and the types of fields."""

    size: int
    kinds: Mapping[str, str]


class Bulk:
    """Jobs of one object. ``ask`` sends a call to an address below the API's own."""

    def __init__(
        self,
        ask: Callable[[Request], Answer],
        keep: Callable[[Answer], Delivery],
        patience: Patience,
    ) -> None:
        self._ask, self._keep, self._patience = ask, keep, patience

    def pages(self, question: Callable[[], str], part: Part, position: Mapping[str, Any]) -> Iterator[Page]:
        """Yield a job that was made, and then its parts; one that is there from before is taken up again.

        JobRefusedError if no job can be made, if it fails, or if it is not done in time.
        """
        job, locator = position.get("job"), position.get("locator")
        if job is None or not self._is_there(job):
            job, locator = None, None
        if job is None:
            made, job = self._made(question())
            yield Page((), made, {"job": job})
        if locator != _LAST:
            self._awaited(job)
            yield from self._parts(job, locator, part)

    def _made(self, question: str) -> tuple[Delivery, str]:
        wanted = {
            "operation": "queryAll",
            "query": question,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        try:
            answer = self._ask(Request("POST", "jobs/query", json=wanted))
        except RefusedError as error:
            if error.status == 401:
                raise
            raise JobRefusedError(error.code or str(error.status)) from None
        told = answer.json()
        if not isinstance(told, dict) or not isinstance(told.get("id"), str) or "state" not in told:
            raise MalformedPageError(f"{answer.path} answered without a job")
        return self._keep(answer), told["id"]

    def _is_there(self, job: str) -> bool:
        """Whether a job from before can still give its results."""
        try:
            return self._state(job)[0] not in _LOST
        except RefusedError as error:
            if error.status == 401:
                raise
            return False

    def _awaited(self, job: str) -> None:
        """Wait until a job is done, longer from look to look."""
        until, pause = time.monotonic() + self._patience.longest, self._patience.pause
        while True:
            state, why = self._state(job)
            if state == "JobComplete":
                return
            if state in _LOST:
                raise JobRefusedError(why or state)
            if time.monotonic() + pause > until:
                self._abort(job)
                raise JobRefusedError("it was not done in time")
            time.sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE * self._patience.pause)

    def _state(self, job: str) -> tuple[str, str]:
        """What a job says of itself, and the code of what went wrong: its text may hold values."""
        answer = self._ask(Request("GET", f"jobs/query/{job}"))
        told = answer.json()
        if not isinstance(told, dict) or not isinstance(told.get("state"), str):
            raise MalformedPageError(f"{answer.path} answered without a state")
        code = str(told.get("errorMessage") or "").partition(":")[0]
        return told["state"], code if code.replace("_", "").isalpha() and code.isupper() else ""

    def _abort(self, job: str) -> None:
        try:
            self._ask(Request("PATCH", f"jobs/query/{job}", json={"state": "Aborted"}))
        except RefusedError as error:
            # It ended meanwhile, or is gone.
            log.info("salesforce: a job was left as it is: %s", error)

    def _parts(self, job: str, locator: str | None, part: Part) -> Iterator[Page]:
        while locator != _LAST:
            params = {"maxRecords": str(part.size)} | ({"locator": locator} if locator else {})
            answer = self._ask(Request("GET", f"jobs/query/{job}/results", params, headers={"Accept": "text/csv"}))
            delivery = self._keep(answer)
            records, locator = self._read(answer, delivery, part)
            yield Page(records, delivery, {"job": job, "locator": locator})

    def _read(self, answer: Answer, delivery: Delivery, part: Part) -> tuple[Sequence[Record], str]:
        """The records of a part and the locator of the next; each part says how many it holds."""
        announced, locator = answer.headers.get("sforce-numberofrecords", ""), answer.headers.get("sforce-locator")
        try:
            records = with_whole_ids(part_records(answer.content, part.kinds))
        except (ValueError, ArithmeticError):
            raise MalformedPageError(f"{answer.path} answered with no part of its results", delivery.short) from None
        if locator is None or not announced.isdigit() or int(announced) != len(records):
            told = f"{answer.path} announced {announced or 'no number of'} records and gave {len(records)}"
            raise MalformedPageError(told, delivery.short)
        return records, locator
