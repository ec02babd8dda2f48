"""What Flowcase's API is asked: which offices there are, to make a report, how far it is, and for its file."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.systems.answers import MalformedPageError, RefusedError, SignInError
from hrdata_assets.systems.flowcase.tables import REPORTS, SideRow
from hrdata_assets.systems.http import Client

log = logging.getLogger("hrdata")

Offices = tuple[str, ...]
"""Ids of offices that one report is about."""

ORDERED: tuple[str, ...] = tuple(row.table.origin or "" for row in REPORTS if not issubclass(row, SideRow))
"""Every type of report that Flowcase makes, that of the people first; the customer's own files are not among them."""

GOING_ON = frozenset({"pending", "started", "processing"})
FINISHED = "finished"
UNREADABLE = "unreadable"
"""Stands for a state that could not be read: nothing is known, so that it is asked for again."""

_WORD = re.compile(r"[a-z_]{1,30}")


@dataclass(frozen=True)
class Office:
    """An office; ``people`` counts its accounts, None where that is not told."""

    id: str
    people: int | None


@dataclass(frozen=True)
class Progress:
    """How far an ordered report is, and where its file is offered once it is finished."""

    state: str
    url: str | None = None


class FlowcaseAPI:
    """Asks one account. Files lie elsewhere: who asks is told to the account's own client only."""

    def __init__(self, client: Client, files: Client, base: str, languages: tuple[str, ...] = ()) -> None:
        self.client, self._files, self.base, self.languages = client, files, base.rstrip("/"), languages

    def offices(self) -> list[Office]:
        """Every office that has an id. SystemUnavailable for an answer that cannot be read."""
        try:
            return list(_offices(self.client.get(f"{self.base}/api/v1/countries").json()))
        except (MalformedPageError, TypeError, AttributeError):
            raise SystemUnavailable("flowcase answered with no list of offices: start again later") from None

    def order(self, report: str, offices: Offices) -> str:
        """Have a report made; answers its id. SystemUnavailable for an answer that cannot be read."""
        asked: dict[str, Any] = {"encoding": "UTF-8", "output_format": "csv", "report_type": report}
        if self.languages:
            asked["lang[]"] = list(self.languages)
        body = {"office_ids": list(offices), "must": []}
        try:
            told = self.client.post(f"{self.base}/api/v2/cv-report", params=asked, json=body).json()
            order = told.get("_id") or told.get("id")
        except (MalformedPageError, AttributeError):
            order = None
        if not isinstance(order, str) or not order:
            raise SystemUnavailable(f"flowcase took an order of {report} without an id: start again later")
        return order

    def look(self, order: str) -> Progress:
        """How far a report is; RefusedError where the order is not known, or no longer."""
        answer = self.client.get(f"{self.base}/api/v2/cv-report/{quote(order, safe='')}")
        try:
            return _progress(answer.json())
        except (MalformedPageError, AttributeError):
            log.info("flowcase: what a report's state is could not be read")
            return Progress(UNREADABLE)

    def download(self, url: str) -> bytes:
        """A report's file, by an address that says itself that one may. RefusedError once that has expired."""
        try:
            return self._files.get(url, headers={"Accept": "*/*"}).content
        except SignInError as error:
            # Nobody signs in there: what is refused is the address.
            raise RefusedError(f"flowcase's files are refused with {error.status}", error.status) from None
        except SetupError as error:
            raise SetupError(
                f"{error}; a report's file is offered there: if it is Flowcase's, name it in FLOWCASE_DOWNLOAD_HOSTS"
            ) from None


def _offices(countries: Any) -> Iterator[Office]:
    for country in countries:
        for office in country.get("offices") or []:
            if isinstance(found := office.get("_id"), str) and found:
                people = office.get("num_users")
                yield Office(found, people if isinstance(people, int) else None)


def _progress(told: Mapping[str, Any]) -> Progress:
    state = str(told.get("state") or "").casefold()
    offered = told.get("cv_report")
    url = offered.get("url") if isinstance(offered, dict) else None
    # A word, not whatever stands there: it is told in an error.
    return Progress(state if _WORD.fullmatch(state) else "unknown", url if isinstance(url, str) and url else None)
