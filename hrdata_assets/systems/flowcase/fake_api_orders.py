"""Reports that a fake Flowcase was asked for: made while they are looked at, and offered by a signed address."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from hrdata_assets.systems.flowcase.fake_api_company import Company, identifier
from hrdata_assets.systems.flowcase.fake_api_switches import Switches
from hrdata_assets.systems.flowcase.fake_api_workbook import workbook

_KEY = b"signs addresses of a fake"
FILES = "/cv-reports/"

KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass
class Order:
    """One report that was asked for."""

    id: str
    report: str
    offices: tuple[str, ...]
    languages: tuple[str, ...]
    kind: str = "csv"
    looks: int = 0
    empty_looks: int = 0


class Orders:
    """All orders, and the files that came of them."""

    def __init__(self, switches: Switches, company: Callable[[], Company], now: Callable[[], datetime]) -> None:
        self._switches, self._company, self._now = switches, company, now
        self.taken: dict[str, Order] = {}

    def take(self, report: str, offices: tuple[str, ...], languages: tuple[str, ...], kind: str) -> Order:
        """Take an order; the same one again is another order."""
        order = Order(identifier("order", len(self.taken)), report, offices, languages, kind)
        self.taken[order.id] = order
        return order

    def lose(self) -> None:
        """Forget every order, as happens to old ones."""
        self.taken.clear()

    def look(self, order: Order, base: str) -> dict[str, object]:
        """How far an order is, and a new address of its file once it is finished."""
        order.looks += 1
        state = self.state(order)
        url = None
        if state == "finished":
            order.empty_looks += 1
            if order.empty_looks > self._switches.without_url:
                url = self.signed(f"{order.id}.{order.kind}", base)
        return {**self.shown(order, state), "cv_report": None if url is None else {"url": url}}

    def shown(self, order: Order, state: str) -> dict[str, object]:
        """An order as the API shows it."""
        return {"_id": order.id, "id": order.id, "state": state, "report_type": order.report}

    def state(self, order: Order) -> str:
        """In its first look an order is pending."""
        if order.looks <= 1 and self._switches.polls > 0:
            return "pending"
        if order.looks <= self._switches.polls or order.report in self._switches.stuck:
            return "processing"
        return self._switches.failed.get(order.report, "finished")

    def content(self, order: Order) -> bytes:
        """The file: as many people as a report holds, in the first language that was asked for.

        Whether several languages give several columns is not known.
        """
        company = self._company()
        members = company.members(order.offices)[: self._switches.most_cvs]
        language = order.languages[0] if order.languages else None
        if order.kind == "xlsx":
            header = company.spelling(language).header(order.report)
            return workbook([header, *company.rows(order.report, members, language)])
        return company.csv(order.report, members, language)

    def signed(self, name: str, base: str) -> str:
        """An address that whoever has it may read from, for a while."""
        until = str(int((self._now() + timedelta(seconds=self._switches.url_seconds)).timestamp()))
        return f"{base}{FILES}{name}?{urlencode({'Expires': until, 'Signature': _signature(name, until)})}"

    def admits(self, name: str, given: Mapping[str, str]) -> bool:
        """Whether an address is signed and still holds."""
        until = given.get("Expires", "")
        good = hmac.compare_digest(given.get("Signature", ""), _signature(name, until))
        return good and self._now().timestamp() <= int(until)


def _signature(name: str, until: str) -> str:
    return hmac.new(_KEY, f"{name} {until}".encode(), hashlib.sha256).hexdigest()
