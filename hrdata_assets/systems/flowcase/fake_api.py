"""A Flowcase of our own, over HTTP on this machine: its API on one port, the files of reports on another."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.fakes.population import QUARTER
from hrdata_assets.systems.fakes.serving import Fake, serving
from hrdata_assets.systems.flowcase.client import ORDERED
from hrdata_assets.systems.flowcase.fake_api_calls import Refused, admitted, body_of, texts
from hrdata_assets.systems.flowcase.fake_api_company import Company
from hrdata_assets.systems.flowcase.fake_api_files import FlowcaseFiles
from hrdata_assets.systems.flowcase.fake_api_orders import KINDS, Orders
from hrdata_assets.systems.flowcase.fake_api_people import countries
from hrdata_assets.systems.flowcase.fake_api_reading import Reading
from hrdata_assets.systems.flowcase.fake_api_references import References
from hrdata_assets.systems.flowcase.fake_api_staff import Staff
from hrdata_assets.systems.flowcase.fake_api_switches import Switches

Answer = Callable[[Request], Awaitable[Any]]


class FlowcaseAPIFake(Fake):
    """An account with the people of `hrdata fake flowcase`, as they are in a quarter.

    Switches are those of `Switches`, by name; ``fake.switches`` holds them while it is served. ``fake.files`` is the
    server of the files: use `served`, which starts both.
    """

    def __init__(self, people: int = 200, seed: int = 1, quarter: Quarter = QUARTER, **switches: Any) -> None:
        super().__init__()
        self.switches = Switches(**switches)
        self.company = Company(people, seed, quarter, self.switches.dialect)
        self._staff: Staff | None = None
        self.orders = Orders(self.switches, lambda: self.company, self.now)
        self.files = FlowcaseFiles(self.orders, self.now, self.lock)
        # Whatever is to go wrong goes wrong on either port.
        self.files.faults = self.faults
        self._reading = Reading(lambda: self.staff, self.switches)
        self._references = References(lambda: self.company, self.orders)

    def routes(self) -> list[Route]:
        """The calls that clients of Flowcase are known to make."""
        calls: dict[str, tuple[str, Answer]] = {
            "/api/v1/countries": ("GET", self._countries),
            "/api/v2/cv-report": ("POST", self._order),
            "/api/v2/cv-report/{order}": ("GET", self._look),
            "/api/v4/references/reports": ("POST", self._references.order),
            "/api/v4/references/reports/{order}": ("GET", self._reference),
            **self._reading.calls(),
        }
        return [Route(path, self._answering(act), methods=[method]) for path, (method, act) in calls.items()]

    def error(self, status: int) -> Response:
        """An error of the server's own: a page, as whatever stands in front of the API answers it."""
        return Response(f"<html><body><h1>{status}</h1></body></html>", status, media_type="text/html")

    def variables(self, url: str) -> dict[str, str]:
        """Settings by which it is reached at that address, and as often as it can answer."""
        return {
            "FLOWCASE_PER_MINUTE": "6000",
            "FLOWCASE_DATA_SOURCE": "real",
            "FLOWCASE_BASE_URL": url,
            "FLOWCASE_SUBDOMAIN": self.switches.subdomain,
            "FLOWCASE_API_TOKEN": self.switches.token,
        }

    def be(self, *, people: int | None = None, quarter: Quarter | None = None) -> None:
        """Let time pass: the same company with other people, or as it is in another quarter."""
        with self.lock:
            old = self.company
            self.company = Company(people or old.people, old.seed, quarter or old.quarter, old.dialect)

    @property
    def staff(self) -> Staff:
        """The people as the API has them one by one; others as soon as the company is another one."""
        with self.lock:
            if self._staff is None or self._staff.company != self.company:
                self._staff = Staff(self.company, self.now)
            return self._staff

    def records(self, name: str) -> list[dict[str, Any]]:
        """Accounts (``users``), or CVs (``cvs``) without their sections, that are not closed."""
        return self.staff.records(name)

    def add(self, name: str, /, **fields: Any) -> str:
        """Somebody new, by fields with dotted names; the id of the account or of the CV."""
        with self.lock:
            return self.staff.add(name, fields)

    def change(self, name: str, key: str, /, **fields: Any) -> None:
        """An account or a CV changed, by fields with dotted names."""
        with self.lock:
            self.staff.change(name, key, fields)

    def delete(self, name: str, key: str) -> None:
        """The account is closed: of its CV, a search says so."""
        with self.lock:
            self.staff.close(name, key)

    def restore(self, name: str, key: str) -> None:
        """A closed account is open again."""
        with self.lock:
            self.staff.restore(name, key)

    def vanish(self, name: str, key: str) -> None:
        """Account and CV are gone without a word."""
        with self.lock:
            self.staff.vanish(name, key)

    def touch(self, name: str, keys: Sequence[str], at: datetime) -> None:
        """Accounts or CVs that all say they were changed then."""
        with self.lock:
            self.staff.touch(name, keys, at)

    def ordered(self) -> list[str]:
        """Types of all reports that were ordered, in order."""
        return [order.report for order in self.orders.taken.values()]

    def _answering(self, act: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            try:
                admitted(request, self.switches.token)
                told = await act(request)
            except Refused as no:
                return no.response
            return JSONResponse(told)

        return answered

    async def _countries(self, _: Request) -> Any:
        if self.switches.countries_hidden:
            raise Refused(403, "The token may not see offices")
        return countries(self.company)

    async def _order(self, request: Request) -> Any:
        asked, body = request.query_params, await body_of(request)
        report, kind = asked.get("report_type", ""), asked.get("output_format", "csv")
        if report in self.switches.forbidden:
            raise Refused(403, f"The token may not order {report}")
        if report not in ORDERED or kind not in KINDS:
            raise Refused(422, "There is no such report")
        with self.lock:
            order = self.orders.take(report, texts(body, "office_ids"), tuple(asked.getlist("lang[]")), kind)
            return self.orders.shown(order, self.orders.state(order))

    async def _look(self, request: Request) -> Any:
        with self.lock:
            order = self.orders.taken.get(request.path_params["order"])
            if order is None:
                raise Refused(404, "There is no such report")
            return self.orders.look(order, self.files.url)

    async def _reference(self, request: Request) -> Any:
        return self._references.look(request.path_params["order"], self.files.url)


@contextmanager
def served(fake: FlowcaseAPIFake, port: int = 0) -> Iterator[str]:
    """Serve both beside the caller and give the API's address; the files are on the next port, or on a free one."""
    with serving(fake.files, port + 1 if port else 0) as fake.files.url, serving(fake, port) as url:
        yield url
