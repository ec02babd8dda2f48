"""Bulk ingest jobs: rows uploaded as CSV, written one by one, each with its result."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hrdata_assets.systems.salesforce.fake_answers import DELIMITERS, as_csv
from hrdata_assets.systems.salesforce.fake_calls import Answer, Call, Route
from hrdata_assets.systems.salesforce.fake_composite import upserted
from hrdata_assets.systems.salesforce.fake_errors import ApiError, bad_request
from hrdata_assets.systems.salesforce.fake_jobs import Job, Jobs
from hrdata_assets.systems.salesforce.fake_schema import Field, no_such_object
from hrdata_assets.systems.salesforce.fake_writing import Writer

MOST_BYTES = 100 * 1024 * 1024
NOTHING = "#N/A"


@dataclass
class IngestJob(Job):
    """What was uploaded and what became of it, each row with what is said before its values."""

    key: Field | None = None
    uploaded: bytes | None = None
    header: list[str] = field(default_factory=list)
    successful: list[list[str]] = field(default_factory=list)
    refused: list[list[str]] = field(default_factory=list)
    unprocessed: list[list[str]] = field(default_factory=list)


class IngestJobs(Jobs[IngestJob]):
    """``jobs/ingest``."""

    sort = "ingest"
    opening = "Open"
    operations = ("insert", "update", "upsert", "delete", "hardDelete")

    def routes(self) -> Iterator[Route]:
        """What is answered."""
        yield from super().routes()
        yield Route("PUT", "jobs/ingest/{job_id}/batches", self.upload)
        yield Route("GET", "jobs/ingest/{job_id}/successfulResults", self.successful)
        yield Route("GET", "jobs/ingest/{job_id}/failedResults", self.failed)
        yield Route("GET", "jobs/ingest/{job_id}/unprocessedrecords", self.unprocessed)

    def create(self, call: Call) -> Answer:
        """Create a job that waits for its rows."""
        body, name = call.fields, str(call.fields.get("object", ""))
        if (kind := self.store.schema.object_named(name)) is None:
            raise bad_request("INVALIDENTITY", no_such_object(name))
        common = self.common(call, body, kind)
        job = IngestJob(**common)
        if job.operation == "upsert":
            key = str(body.get("externalIdFieldName", ""))
            job.key = self.store.column(kind, key)
            if job.key is None or not job.key.key:
                raise bad_request("INVALIDJOB", f"InvalidJob : Field name not found : {key}")
            job.more["externalIdFieldName"] = job.key.name
        job.more["contentUrl"] = f"services/data/v{call.version}/jobs/ingest/{job.id}/batches"
        self.jobs[job.id] = job
        return Answer(body=job.told(self.store.user))

    def told(self, job: IngestJob) -> Answer:
        """A job with how many of its rows were refused."""
        answer = super().told(job)
        return Answer(body={**answer.body, "numberRecordsFailed": job.failed, "jobType": "V2Ingest"})

    def upload(self, call: Call, job_id: str) -> Answer:
        """Take up the rows, all at once."""
        job = self.job(call, job_id)
        if "csv" not in call.headers.get("content-type", ""):
            raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "Content type not supported for this request: text/csv is")
        if job.state != "Open" or job.uploaded is not None:
            message = (
                f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job"
            )
            raise bad_request("INVALIDJOBSTATE", message)
        if len(call.body) > MOST_BYTES:
            raise ApiError(413, "REQUEST_ENTITY_TOO_LARGE", "The upload is larger than 100 MB")
        job.uploaded = call.body
        return Answer(201)

    def close(self, job: IngestJob) -> None:
        """All is uploaded."""
        if job.uploaded is None:
            raise bad_request("INVALIDJOBSTATE", "No data was uploaded")
        super().close(job)

    def finish(self, job: IngestJob) -> None:
        """Write the rows; a job that is to fail writes only as many as its fate says."""
        header, *lines = _lines(job)
        job.header = header
        if unknown := [name for name in header if not self._known(job, name)]:
            job.state, job.error = "Failed", f"InvalidBatch : Field name not found : {unknown[0]}"
            job.unprocessed = lines
            return
        most = len(lines) if job.fate.fails is None else job.fate.rows_before_failure
        for line in lines[:most]:
            self._write(job, line)
        job.unprocessed = lines[most:]
        job.processed, job.failed = len(lines[:most]), len(job.refused)

    def _known(self, job: IngestJob, name: str) -> bool:
        relation, point, _ = name.partition(".")
        if point:
            return job.kind.reference(relation) is not None
        return self.store.column(job.kind, name) is not None

    def _write(self, job: IngestJob, line: list[str]) -> None:
        try:
            with self.store.transaction():
                record_id, created = self._written(job, _values(job.header, line))
        except ApiError as error:
            row_id = dict(zip(job.header, line, strict=False)).get("Id", "")
            job.refused.append([row_id, error.in_csv, *line])
        else:
            job.successful.append([record_id, "true" if created else "false", *line])

    def _written(self, job: IngestJob, values: dict[str, Any]) -> tuple[str, bool]:
        writing = Writer(self.store, self.switches)
        if job.operation == "insert":
            return writing.create(job.kind, values), True
        if job.key is not None:
            result = upserted(writing, job.kind, job.key, values)
            return str(result["id"]), bool(result["created"])
        record_id = str(values.get("Id") or "")
        if not record_id:
            raise bad_request("MISSING_ARGUMENT", "Id not specified in an update call", [])
        if job.operation == "update":
            writing.update(job.kind, record_id, values)
            return record_id, False
        row = writing.record(job.kind, record_id)
        writing.delete(job.kind, record_id)
        if job.operation == "hardDelete":
            self.store.purge(job.kind, row)
        return record_id, False

    def successful(self, call: Call, job_id: str) -> Answer:
        """Rows that were written, with their ids."""
        job = self._ended(call, job_id)
        return _csv(job, ["sf__Id", "sf__Created", *job.header], job.successful)

    def failed(self, call: Call, job_id: str) -> Answer:
        """Rows that were refused, with the reason."""
        job = self._ended(call, job_id)
        return _csv(job, ["sf__Id", "sf__Error", *job.header], job.refused)

    def unprocessed(self, call: Call, job_id: str) -> Answer:
        """Rows that were not looked at, because the job failed or was aborted before."""
        job = self._ended(call, job_id)
        if job.state == "Aborted":
            job.header, *job.unprocessed = _lines(job)
        return _csv(job, job.header, job.unprocessed)

    def _ended(self, call: Call, job_id: str) -> IngestJob:
        job = self.job(call, job_id)
        if job.state not in ("JobComplete", "Failed", "Aborted"):
            raise bad_request("INVALIDJOBSTATE", f"The job has no results: its state is {job.state}")
        return job


def _lines(job: IngestJob) -> list[list[str]]:
    text = (job.uploaded or b"").decode("utf-8-sig", errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.column_delimiter])
    return [line for line in reader if line] or [[]]


def _values(header: list[str], line: list[str]) -> dict[str, Any]:
    """A row's values: what is empty is not said, ``#N/A`` empties a field, ``Account.HR_Key__c`` names an account."""
    if len(line) != len(header):
        raise bad_request("INVALID_CSV", f"The row has {len(line)} values, the header {len(header)}", [])
    values: dict[str, Any] = {}
    for name, cell in zip(header, line, strict=True):
        relation, point, key = name.partition(".")
        if cell == "":
            continue
        held: Mapping[str, str] | str | None = None if cell == NOTHING else {key: cell} if point else cell
        values[relation] = held
    return values


def _csv(job: IngestJob, header: list[str], lines: list[list[str]]) -> Answer:
    text = as_csv([header, *lines], job.column_delimiter, job.line_ending)
    return Answer(200, text, {"Content-Type": "text/csv"})
