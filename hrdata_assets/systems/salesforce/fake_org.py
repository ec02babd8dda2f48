"""The whole fake org: what it answers to any request, without a server around it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl

from hrdata_assets.systems.fakes.population import Population
from hrdata_assets.systems.salesforce.fake_calls import VERSIONS, Answer, Call, Router, call_at
from hrdata_assets.systems.salesforce.fake_composite import Collections, Composite
from hrdata_assets.systems.salesforce.fake_cursors import Cursors
from hrdata_assets.systems.salesforce.fake_errors import ApiError, concurrent_limit
from hrdata_assets.systems.salesforce.fake_ingest_jobs import IngestJobs
from hrdata_assets.systems.salesforce.fake_limits import Limits, Quota
from hrdata_assets.systems.salesforce.fake_objects import schema
from hrdata_assets.systems.salesforce.fake_queries import Queries
from hrdata_assets.systems.salesforce.fake_query_jobs import QueryJobs
from hrdata_assets.systems.salesforce.fake_records import Records, refusal
from hrdata_assets.systems.salesforce.fake_rows import INTEGRATION_USER, fill
from hrdata_assets.systems.salesforce.fake_store import Store
from hrdata_assets.systems.salesforce.fake_switches import Switches
from hrdata_assets.systems.salesforce.fake_tokens import GrantError, Tokens

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address
LONGEST_URL = 16_384
SEASONS = ("Spring", "Summer", "Winter")


class Org:
    """An org with its records, its sessions, its cursors and its jobs."""

    def __init__(self, population: Population, switches: Switches, now: Callable[[], datetime]) -> None:
        self.switches = switches
        self.schema = schema(multi_currency=switches.multi_currency)
        self.store = Store(self.schema, now, INTEGRATION_USER)
        fill(self.store, population)
        self.tokens = Tokens(switches, now, INTEGRATION_USER)
        self.cursors = Cursors(switches, now)
        self.quota = Quota(switches, now)
        self._router = self._routes()

    def _routes(self) -> Router:
        store, switches = self.store, self.switches
        records = Records(store, switches)
        query_jobs = QueryJobs(store, switches)
        router = Router(Queries(store, switches, self.cursors).routes())
        router.add(Limits(switches, self.quota, query_jobs).routes())
        router.add(query_jobs.routes())
        router.add(IngestJobs(store, switches).routes())
        router.add(Collections(store, switches, records).routes())
        router.add(Composite(store, router).routes())
        router.add(records.routes())
        return router

    def sign_in(self, body: bytes, authorization: str, base_url: str) -> Answer:
        """Answer the token endpoint."""
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        try:
            return Answer(body=self.tokens.grant(form, authorization, base_url))
        except GrantError as error:
            return Answer(400, error.body)

    def versions(self) -> Answer:
        """Answer ``/services/data``: the one address that needs no session."""
        return Answer(
            body=[
                {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
                for number in VERSIONS
            ]
        )

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request of the API; the address comes with its query and as it was encoded."""
        with self.store.lock:
            try:
                answer = self._answer(method, url, headers, body)
            except ApiError as error:
                return self.refused(error)
            return replace(answer, headers={**answer.headers, **self.quota.header})

    def refused(self, error: ApiError) -> Answer:
        """A refusal, with what every answer says."""
        return replace(refusal(error), headers=self.quota.header)

    def _answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if len(url) > LONGEST_URL:
            raise ApiError(414, "URI_TOO_LONG", "URI Too Long")
        call = call_at(method, url, headers, body)
        self.tokens.check(headers.get("authorization", ""))
        if self.switches.busy:
            self.switches.busy -= 1
            raise concurrent_limit()
        self.quota.spend()
        return self._resources(call) if not call.path else self._router.answer(call)

    def _resources(self, call: Call) -> Answer:
        base = f"/services/data/v{call.version}"
        names = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")
        return Answer(body={name: f"{base}/{name}" for name in names})


def _label(version: int) -> str:
    """Three versions a year; v66.0 was that of spring 2026."""
    season = (version - 66) % 3
    year = 26 + (version - 66) // 3 + (season == 2)
    return f"{SEASONS[season]} '{year:02}"
