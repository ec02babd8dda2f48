"""What Flowcase's API is asked: for lists and CVs; and to make a report, how far it is, and for its file."""

import datetime
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hrdata_assets.errors import SetupError, SystemUnavailable
from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError, SignInError
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
    """Asks one account for what it holds."""

    def __init__(self, client: Client, base: str) -> None:
        self.client, self.base = client, base.rstrip("/")

    def offices(self) -> list[Office]:
        """Every office that has an id. SystemUnavailable for an answer that cannot be read."""
        try:
            return list(_offices(self.client.get(f"{self.base}/api/v1/countries").json()))
        except (MalformedPageError, TypeError, AttributeError):
            raise SystemUnavailable("flowcase answered with no list of offices: start again later") from None

    def users(self, offices: Sequence[str], start: int, size: int) -> Answer:
        """Some accounts, closed ones too, of these offices or of all."""
        if not offices:
            return self.client.get(f"{self.base}/api/v1/users", {"offset": start, "limit": size})
        asked = {"office_ids[]": list(offices), "from": start, "size": size}
        return self.client.get(f"{self.base}/api/v2/users/search", asked)

    def search(self, offices: Sequence[str], start: int, size: int) -> Answer:
        """What a search says of some CVs of these offices, or of all."""
        body = {"office_ids": list(offices), "offset": start, "size": size, "must": []}
        return self.client.post(f"{self.base}/api/v4/search", json=body)

    def cv(self, user: str, cv: str) -> Answer:
        """A whole CV; RefusedError where it is not known, or no longer. No error tells whose it is."""
        url = f"{self.base}/api/v3/cvs/{quote(user, safe='')}/{quote(cv, safe='')}"
        return self.client.get(url, shown="/api/v3/cvs/…")

    def clock(self) -> datetime.datetime | None:
        """What the header of an answer says, whatever the answer is."""
        return self.client.get(f"{self.base}/api/v1/users", {"offset": 0, "limit": 1}, good=(200, 403)).date


class FlowcaseReports(FlowcaseAPI):
    """Has reports made. Files lie elsewhere: who asks is told to the account's own client only."""

    def __init__(self, client: Client, base: str, files: Client, languages: tuple[str, ...] = ()) -> None:
        super().__init__(client, base)
        self._files, self.languages = files, languages

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
