"""Bulk API 2.0 jobs: what query and ingest jobs have in common, from creation to deletion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from hrdata_assets.systems.salesforce.fake_answers import DELIMITERS, LINE_ENDINGS
from hrdata_assets.systems.salesforce.fake_calls import Answer, Call, Route
from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request, not_found
from hrdata_assets.systems.salesforce.fake_ids import record_id
from hrdata_assets.systems.salesforce.fake_schema import ObjectType
from hrdata_assets.systems.salesforce.fake_store import Store
from hrdata_assets.systems.salesforce.fake_switches import Fate, Switches
from hrdata_assets.systems.salesforce.fake_values import whole_second

KEPT = timedelta(days=7)
ENDED = ("JobComplete", "Failed", "Aborted")


@dataclass
class Job:
    """A job; subclasses have what is worked on."""

    id: str
    operation: str
    kind: ObjectType
    version: str
    fate: Fate
    created: datetime
    column_delimiter: str
    line_ending: str
    state: str
    polls: int = 0
    processed: int = 0
    failed: int = 0
    error: str | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def told(self, user: str) -> dict[str, Any]:
        """What a call is told about the job."""
        found = {
            "id": self.id,
            "operation": self.operation,
            "object": self.kind.name,
            "createdById": user,
            "createdDate": whole_second(self.created),
            "systemModstamp": whole_second(self.created),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.column_delimiter,
            **self.more,
        }
        return {**found, **({"errorMessage": self.error} if self.error else {})}


J = TypeVar("J", bound=Job)


class Jobs(Generic[J]):
    """Jobs of one sort, by id."""

    sort = ""
    """As addresses call it."""
    opening = ""
    """State of a new job."""
    operations: tuple[str, ...] = ()

    def __init__(self, store: Store, switches: Switches) -> None:
        self.store = store
        self.switches = switches
        self.jobs: dict[str, J] = {}

    def routes(self) -> Iterator[Route]:
        """What is answered about jobs of every sort."""
        yield Route("POST", f"jobs/{self.sort}", self.create)
        yield Route("GET", f"jobs/{self.sort}", self.every)
        yield Route("GET", f"jobs/{self.sort}/{{job_id}}", self.poll)
        yield Route("PATCH", f"jobs/{self.sort}/{{job_id}}", self.turn)
        yield Route("DELETE", f"jobs/{self.sort}/{{job_id}}", self.delete)

    def create(self, call: Call) -> Answer:
        """Create a job."""
        raise NotImplementedError

    def finish(self, job: J) -> None:
        """Do the work of a job whose time has come; the fate it has is minded by who calls."""
        raise NotImplementedError

    def common(self, call: Call, body: Mapping[str, Any], kind: ObjectType) -> dict[str, Any]:
        """What a new job of any sort is made of."""
        operation = body.get("operation")
        if operation not in self.operations:
            raise bad_request("API_ERROR", f"Value does not match expected type: operation {operation!r}")
        delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
        if delimiter not in DELIMITERS or ending not in LINE_ENDINGS or body.get("contentType", "CSV") != "CSV":
            raise bad_request(
                "API_ERROR", "Value does not match expected type: columnDelimiter, lineEnding, contentType"
            )
        return {
            "id": record_id("750", len(self.jobs) * 2 + (self.sort == "ingest")),
            "operation": operation,
            "kind": kind,
            "version": call.version,
            "fate": self.switches.next_fate(),
            "created": self.store.now(),
            "column_delimiter": delimiter,
            "line_ending": ending,
            "state": self.opening,
        }

    def job(self, call: Call, job_id: str) -> J:
        """A job by id; ApiError for one that is gone, or that another version has made."""
        job = self.jobs.get(job_id)
        if job is None or job.state == "Deleted" or self.store.now() - job.created >= KEPT:
            raise not_found()
        if job.version != call.version:
            raise ApiError(409, "API_ERROR", f"The job was created with version {job.version} of the API")
        return job

    def told(self, job: J) -> Answer:
        """A job as it is answered once it is being worked on."""
        counts = {"numberRecordsProcessed": job.processed, "retries": 0, "totalProcessingTime": 100 * job.polls}
        return Answer(body={**job.told(self.store.user), **counts})

    def every(self, _: Call) -> Answer:
        """All jobs there are."""
        found = [job.told(self.store.user) for job in self.jobs.values() if job.state != "Deleted"]
        return Answer(body={"done": True, "records": found, "nextRecordsUrl": None})

    def poll(self, call: Call, job_id: str) -> Answer:
        """Ask how a job is doing: the asking is what time goes by."""
        job = self.job(call, job_id)
        if job.state in ("UploadComplete", "InProgress"):
            job.polls += 1
            if job.polls <= job.fate.polls or job.fate.stuck:
                job.state = "UploadComplete" if job.polls == 1 < job.fate.polls else "InProgress"
            else:
                self._end(job)
        return self.told(job)

    def _end(self, job: J) -> None:
        self.finish(job)
        if job.fate.fails is not None:
            job.state, job.error = "Failed", job.fate.fails
        elif job.state != "Failed":
            job.state = "JobComplete"

    def turn(self, call: Call, job_id: str) -> Answer:
        """Give a job another state."""
        job, state = self.job(call, job_id), call.fields.get("state")
        if state == "Aborted" and job.state not in ENDED:
            job.state = "Aborted"
        elif state == "UploadComplete" and job.state == "Open":
            self.close(job)
        else:
            raise bad_request("INVALIDJOBSTATE", f"A job in the state {job.state} cannot become {state}")
        return Answer(body=job.told(self.store.user))

    def close(self, job: J) -> None:
        """All is uploaded, work may begin."""
        job.state = "UploadComplete"

    def delete(self, call: Call, job_id: str) -> Answer:
        """Forget a job that has ended, and its results."""
        job = self.job(call, job_id)
        if job.state not in (*ENDED, "Open"):
            raise bad_request("INVALIDJOBSTATE", f"A job in the state {job.state} cannot be deleted: abort it first")
        job.state = "Deleted"
        return Answer(204)
