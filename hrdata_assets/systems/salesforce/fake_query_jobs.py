"""Bulk query jobs: their results in parts, as CSV."""

import base64
from binascii import Error as NotBase64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hrdata_assets.systems.salesforce.fake_answers import as_csv, columns
from hrdata_assets.systems.salesforce.fake_calls import Answer, Call, Route
from hrdata_assets.systems.salesforce.fake_conditions import Path, Scope
from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request, not_found
from hrdata_assets.systems.salesforce.fake_jobs import Job, Jobs
from hrdata_assets.systems.salesforce.fake_query import Selection, select
from hrdata_assets.systems.salesforce.fake_values import Row

PART = 50_000
PAGES = 5


@dataclass
class QueryJob(Job):
    """A query and, once it has run, its records as they were then."""

    query: str = ""
    paths: tuple[Path, ...] = ()
    rows: list[Row | int] = field(default_factory=list)
    answers: int = 0
    """Parts of the results fetched so far."""


class QueryJobs(Jobs[QueryJob]):
    """``jobs/query``."""

    sort = "query"
    opening = "UploadComplete"
    operations = ("query", "queryAll")

    def routes(self) -> Iterator[Route]:
        """What is answered."""
        yield from super().routes()
        yield Route("GET", "jobs/query/{job_id}/results", self.results)
        yield Route("GET", "jobs/query/{job_id}/resultPages", self.result_pages)

    @property
    def of_today(self) -> int:
        """Jobs of the last 24 hours."""
        begin = self.store.now() - timedelta(days=1)
        return sum(job.created > begin for job in self.jobs.values())

    def create(self, call: Call) -> Answer:
        """Create a job; a query that cannot be asked is refused right here."""
        body = call.fields
        if self.of_today >= self.switches.daily_query_jobs:
            raise bad_request("EXCEEDEDQUOTA", "DailyBulkV2QueryJobs Limit exceeded")
        query = body.get("query")
        if not isinstance(query, str):
            raise bad_request("API_ERROR", "Value does not match expected type: query")
        found = self._select(query, everything=body.get("operation") == "queryAll")
        job = QueryJob(**self.common(call, body, found.kind), query=query, paths=found.paths)
        self.jobs[job.id] = job
        return Answer(body=job.told(self.store.user))

    def _select(self, query: str, *, everything: bool) -> Selection:
        found = select(self.store, query, everything=everything)
        if not found.paths:
            raise bad_request("API_ERROR", "Aggregates are not supported in Bulk Query")
        if found.query.offset is not None:
            raise bad_request("API_ERROR", "OFFSET is not supported in Bulk Query")
        if any(path.field.type == "address" for path in found.paths):
            raise bad_request("API_ERROR", "Selecting compound data not supported in Bulk Query")
        return found

    def finish(self, job: QueryJob) -> None:
        """Run the query."""
        if job.fate.fails is not None:
            return
        try:
            found = self._select(job.query, everything=job.operation == "queryAll")
        except ApiError as error:
            # A field that was hidden after the job was made.
            job.state, job.error = "Failed", f"{error.code}: {error.message}"
            return
        job.paths, job.rows = found.paths, self.store.tables[job.kind.name].kept(found.ids)
        job.processed = len(job.rows)

    def results(self, call: Call, job_id: str) -> Answer:
        """One part of the results, as often as it is asked for."""
        job = self._complete(call, job_id)
        first = _place(call, job)
        size = min(_number(call.query.get("maxRecords", ""), PART), job.fate.part or PART)
        rows = job.rows[first : first + size]
        last = first + len(rows)
        job.answers += 1
        text = self._csv(job, rows, first)
        if job.answers == job.fate.cut_part:
            text = text[: max(text.rfind("\n", 0, -1) - 3, len(text) // 2)].rstrip("\r\n")
        locator = "null" if last >= len(job.rows) else _locator(last)
        headers = {"Sforce-NumberOfRecords": str(len(rows)), "Sforce-Locator": locator}
        return Answer(200, text, {**headers, "Content-Type": "text/csv"})

    def _csv(self, job: QueryJob, rows: Sequence[Row | int], first: int) -> str:
        table = self.store.tables[job.kind.name]
        found = columns(Scope(self.store, job.kind, job.query), job.paths, [table.kept_row(cell) for cell in rows])
        if job.fate.nul_byte and first == 0 and rows:
            texts = [n for n, path in enumerate(job.paths) if path.field.type in ("string", "textarea") and found[n][0]]
            for n in texts[:1]:
                found[n][0] = f"{found[n][0]}\0"
        header = [path.name for path in job.paths]
        return as_csv([header, *zip(*found, strict=True)], job.column_delimiter, job.line_ending)

    def result_pages(self, call: Call, job_id: str) -> Answer:
        """Where up to five parts are, to be fetched at the same time."""
        if not call.above(58):
            raise not_found()
        job = self._complete(call, job_id)
        size, first = job.fate.part or PART, _place(call, job)
        base = f"/services/data/v{call.version}/jobs/query/{job.id}"
        starts = list(range(first, max(len(job.rows), 1), size))
        pages = [{"resultUrl": f"{base}/results?locator={_locator(at)}&maxRecords={size}"} for at in starts[:PAGES]]
        done = len(starts) <= PAGES
        further = None if done else f"{base}/resultPages?locator={_locator(starts[PAGES])}"
        return Answer(body={"resultPages": pages, "nextRecordsUrl": further, "done": done})

    def _complete(self, call: Call, job_id: str) -> QueryJob:
        job = self.job(call, job_id)
        if job.state != "JobComplete":
            raise bad_request("INVALIDJOBSTATE", f"The job has no results: its state is {job.state}")
        return job


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() and int(text) else otherwise


def _locator(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _place(call: Call, job: QueryJob) -> int:
    """The row a part begins with."""
    locator = call.query.get("locator", "")
    try:
        place = int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4))) if locator else 0
    except (NotBase64, ValueError):
        place = -1
    if not 0 <= place <= len(job.rows):
        raise bad_request("INVALID_LOCATOR", "The locator is invalid or has expired")
    return place
