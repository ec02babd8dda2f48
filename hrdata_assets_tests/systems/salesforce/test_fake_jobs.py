"""Bulk API 2.0 of the fake org: query jobs in parts, ingest jobs row by row."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import httpx
import pytest

from hrdata_assets.systems.salesforce.fake_switches import Fate
from hrdata_assets_tests.systems.salesforce.conftest import BASE, Client, error_of

EVERY_CONTACT = "SELECT Id, LastName, HasOptedOutOfEmail, SystemModstamp, Fax, Account.Name FROM Contact"
CSV = {"Content-Type": "text/csv"}


def query_job(org: Client, query: str = EVERY_CONTACT, **more: Any) -> dict[str, Any]:
    return dict(org.post("jobs/query", {"operation": "query", "query": query, **more}).json())


def states(org: Client, job: dict[str, Any], sort: str = "query") -> list[str]:
    """What the job says of itself until it has ended."""
    found = []
    while not found or found[-1] not in ("JobComplete", "Failed", "Aborted"):
        found.append(org.get(f"jobs/{sort}/{job['id']}").json()["state"])
        assert len(found) < 10
    return found


def results(org: Client, job: dict[str, Any], **params: Any) -> httpx.Response:
    return org.get(f"jobs/query/{job['id']}/results", **params)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_a_query_job_is_polled_until_it_is_complete(org: Client) -> None:
    job = query_job(org)
    assert (job["state"], job["object"], job["operation"]) == ("UploadComplete", "Contact", "query")
    assert (job["columnDelimiter"], job["lineEnding"], job["apiVersion"]) == ("COMMA", "LF", 66.0)
    assert job["id"].startswith("750")
    assert error_of(results(org, job)) == (400, "INVALIDJOBSTATE")
    assert states(org, job) == ["UploadComplete", "InProgress", "JobComplete"]
    assert org.get(f"jobs/query/{job['id']}").json()["numberRecordsProcessed"] == 40


def test_results_are_quoted_lines_with_empty_nulls_and_z_moments(org: Client) -> None:
    job = query_job(org)
    states(org, job)
    answer = results(org, job)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert (answer.headers["Sforce-NumberOfRecords"], answer.headers["Sforce-Locator"]) == ("40", "null")
    header, *_ = answer.text.split("\n")
    assert header == '"Id","LastName","HasOptedOutOfEmail","SystemModstamp","Fax","Account.Name"'
    found = rows(answer.text)
    truth = {record["Id"]: record for record in org.fake.records("Contact")}
    assert {row["Id"]: row["LastName"] for row in found} == {one: row["LastName"] for one, row in truth.items()}
    assert found[0]["SystemModstamp"].endswith(".000Z")
    assert {row["HasOptedOutOfEmail"] for row in found} == {"true", "false"}
    assert found[0]["Fax"] == ""
    assert found[0]["Account.Name"]


def test_results_come_in_parts_each_with_a_header(org: Client) -> None:
    job = query_job(org)
    states(org, job)
    locator, ids, parts = None, [], 0
    while locator != "null":
        answer = results(org, job, maxRecords=15, **({"locator": locator} if locator else {}))
        found = rows(answer.text)
        assert int(answer.headers["Sforce-NumberOfRecords"]) == len(found)
        ids += [row["Id"] for row in found]
        locator, parts = answer.headers["Sforce-Locator"], parts + 1
    assert (parts, len(set(ids)), len(ids)) == (3, 40, 40)
    assert error_of(results(org, job, locator="zzz")) == (400, "INVALID_LOCATOR")


def test_parts_can_be_fetched_at_once(org: Client) -> None:
    org.fake.switches.fates = [Fate(polls=0, part=6)]
    job = query_job(org)
    states(org, job)
    first = org.get(f"jobs/query/{job['id']}/resultPages").json()
    assert (len(first["resultPages"]), first["done"]) == (5, False)
    last = org.get(first["nextRecordsUrl"]).json()
    assert (len(last["resultPages"]), last["done"], last["nextRecordsUrl"]) == (2, True, None)
    urls = [page["resultUrl"] for page in first["resultPages"] + last["resultPages"]]
    assert len({row["Id"] for url in urls for row in rows(org.get(url).text)}) == 40
    assert error_of(org.get(f"/services/data/v57.0/jobs/query/{job['id']}/resultPages")) == (404, "NOT_FOUND")


def test_results_are_of_when_the_job_ran(org: Client) -> None:
    job = query_job(org)
    states(org, job)
    contact = org.fake.records("Contact")[0]
    org.fake.change("Contact", contact["Id"], LastName="Later")
    org.fake.delete("Contact", org.fake.records("Contact")[1]["Id"])
    found = rows(results(org, job).text)
    assert len(found) == 40
    assert "Later" not in {row["LastName"] for row in found}


def test_deleted_records_come_with_query_all(org: Client) -> None:
    gone = org.fake.records("Contact")[0]["Id"]
    org.fake.delete("Contact", gone)
    job = query_job(org, "SELECT Id, IsDeleted FROM Contact", operation="queryAll")
    states(org, job)
    assert {row["Id"]: row["IsDeleted"] for row in rows(results(org, job).text)}[gone] == "true"


def test_an_empty_result_is_a_header(org: Client) -> None:
    job = query_job(org, "SELECT Id, LastName FROM Contact WHERE LastName = 'Nobody'")
    states(org, job)
    answer = results(org, job)
    assert (answer.text, answer.headers["Sforce-NumberOfRecords"]) == ('"Id","LastName"\n', "0")
    assert answer.headers["Sforce-Locator"] == "null"


def test_other_delimiters_and_line_endings(org: Client) -> None:
    job = query_job(org, "SELECT Id, LastName FROM Contact", columnDelimiter="TAB", lineEnding="CRLF")
    states(org, job)
    assert results(org, job).text.startswith('"Id"\t"LastName"\r\n')


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id, MailingAddress FROM Contact", "API_ERROR"),
        ("SELECT COUNT() FROM Contact", "API_ERROR"),
        ("SELECT Id FROM Contact OFFSET 5", "API_ERROR"),
        ("SELECT Id FROM Contact GROUP BY Id", "MALFORMED_QUERY"),
        ("SELECT Id, Shoe FROM Contact", "INVALID_FIELD"),
    ],
)
def test_a_query_that_bulk_does_not_take_is_refused_at_once(org: Client, query: str, code: str) -> None:
    assert error_of(org.post("jobs/query", {"operation": "query", "query": query})) == (400, code)


def test_jobs_fail_and_get_stuck(org: Client) -> None:
    org.fake.switches.fates = [Fate(fails="TIMEOUT: ran too long"), Fate(stuck=True)]
    failing, stuck, good = query_job(org), query_job(org), query_job(org)
    assert states(org, failing)[-1] == "Failed"
    assert org.get(f"jobs/query/{failing['id']}").json()["errorMessage"] == "TIMEOUT: ran too long"
    asked = [org.get(f"jobs/query/{stuck['id']}").json()["state"] for _ in range(9)]
    assert asked[1:] == ["InProgress"] * 8
    assert error_of(org.delete(f"jobs/query/{stuck['id']}")) == (400, "INVALIDJOBSTATE")
    assert org.patch(f"jobs/query/{stuck['id']}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert org.delete(f"jobs/query/{stuck['id']}").status_code == 204
    assert error_of(org.get(f"jobs/query/{stuck['id']}")) == (404, "NOT_FOUND")
    assert states(org, good)[-1] == "JobComplete"
    assert len(org.get("jobs/query").json()["records"]) == 2


def test_a_part_that_is_cut_off_has_fewer_rows_than_it_says(org: Client) -> None:
    org.fake.switches.fates = [Fate(part=20, cut_part=1, nul_byte=True)]
    job = query_job(org, "SELECT Id, LastName, Email FROM Contact")
    states(org, job)
    cut, whole = results(org, job), results(org, job)
    assert cut.headers["Sforce-NumberOfRecords"] == "20"
    assert whole.text.startswith(cut.text)
    complete = [row for row in csv.reader(StringIO(cut.text.replace("\0", ""), newline="")) if len(row) == 3]
    assert len(complete) < 21
    assert whole.text.count("\0") == 1
    assert len(rows(whole.text.replace("\0", ""))) == 20


def test_results_go_with_the_version_and_the_week_of_the_job(org: Client) -> None:
    job = query_job(org)
    assert org.get(f"/services/data/v65.0/jobs/query/{job['id']}").status_code == 409
    assert org.get("limits").json()["DailyBulkV2QueryJobs"] == {"Max": 10_000, "Remaining": 9_999}
    org.fake.switches.daily_query_jobs = 1
    assert error_of(org.post("jobs/query", {"operation": "query", "query": EVERY_CONTACT})) == (400, "EXCEEDEDQUOTA")
    org.fake.clock_ahead = timedelta(days=7)
    org.sign_in()
    assert org.get(f"jobs/query/{job['id']}").status_code == 404


# Ingest


def ingest(org: Client, text: str, **job: Any) -> dict[str, Any]:
    """Create a job, upload and close it."""
    created = org.post("jobs/ingest", {"object": "Contact", "contentType": "CSV", **job}).json()
    assert created["state"] == "Open"
    uploaded = org.ask("PUT", f"/{created['contentUrl']}", content=text.encode(), headers=CSV)
    assert uploaded.status_code == 201
    assert org.patch(f"jobs/ingest/{created['id']}", {"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    return dict(created)


def outcome(org: Client, job: dict[str, Any], which: str) -> list[dict[str, str]]:
    return rows(org.get(f"jobs/ingest/{job['id']}/{which}").text)


def test_rows_are_upserted_one_by_one(org: Client) -> None:
    account = org.fake.add("Account", Name="Acme", HR_Key__c="acme")
    there = org.fake.add("Contact", LastName="Dahl", HR_Key__c="1", Title="Engineer", Department="IT")
    text = (
        "HR_Key__c,LastName,Title,Department,Account.HR_Key__c\n"
        '1,Dahl,#N/A,,\n2,"Berg, ""B""",,,acme\n3,,,,\n4,Ek,,,nowhere\n'
    )
    job = ingest(org, text, operation="upsert", externalIdFieldName="HR_Key__c")
    assert job["externalIdFieldName"] == "HR_Key__c"
    assert states(org, job, "ingest")[-1] == "JobComplete"
    told = org.get(f"jobs/ingest/{job['id']}").json()
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (4, 2)

    changed, created = outcome(org, job, "successfulResults")
    assert (changed["sf__Id"], changed["sf__Created"], created["sf__Created"]) == (there, "false", "true")
    refused = outcome(org, job, "failedResults")
    assert [row["sf__Error"].split(":")[0] for row in refused] == ["REQUIRED_FIELD_MISSING", "INVALID_FIELD"]
    assert outcome(org, job, "unprocessedrecords") == []
    records = {record["Id"]: record for record in org.fake.records("Contact")}
    assert (records[there]["Title"], records[there]["Department"]) == (None, "IT")
    assert (records[created["sf__Id"]]["LastName"], records[created["sf__Id"]]["AccountId"]) == ('Berg, "B"', account)


def test_rows_are_inserted_updated_and_deleted(org: Client) -> None:
    job = ingest(org, "LastName\nBerg\nDahl\n", operation="insert")
    states(org, job, "ingest")
    one, two = (row["sf__Id"] for row in outcome(org, job, "successfulResults"))
    job = ingest(org, f"Id,LastName\n{one},Ek\nx,Ek\n", operation="update")
    states(org, job, "ingest")
    assert len(outcome(org, job, "failedResults")) == 1
    states(org, ingest(org, f"Id\n{two}\n", operation="delete"), "ingest")
    assert org.get(f"sobjects/Contact/{one}").json()["LastName"] == "Ek"
    assert error_of(org.get(f"sobjects/Contact/{two}")) == (404, "ENTITY_IS_DELETED")


def test_a_job_that_fails_midway_tells_what_it_did_not_look_at(org: Client) -> None:
    org.fake.switches.fates = [Fate(polls=1, fails="Too many lock failures", rows_before_failure=1)]
    job = ingest(org, "LastName\nBerg\nDahl\nEk\n", operation="insert")
    assert states(org, job, "ingest") == ["InProgress", "Failed"]
    assert [row["LastName"] for row in outcome(org, job, "successfulResults")] == ["Berg"]
    assert [row["LastName"] for row in outcome(org, job, "unprocessedrecords")] == ["Dahl", "Ek"]


def test_a_job_with_a_column_that_is_no_field_fails_whole(org: Client) -> None:
    job = ingest(org, "LastName,Shoe\nBerg,1\n", operation="insert")
    assert states(org, job, "ingest")[-1] == "Failed"
    told = org.get(f"jobs/ingest/{job['id']}").json()
    assert told["errorMessage"] == "InvalidBatch : Field name not found : Shoe"
    assert len(org.fake.records("Contact")) == 40


def test_an_upload_is_csv_and_comes_once_before_the_job_is_closed(org: Client) -> None:
    job = org.post("jobs/ingest", {"object": "Contact", "operation": "insert"}).json()
    batches = f"{BASE}jobs/ingest/{job['id']}/batches"
    assert error_of(org.patch(f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})) == (400, "INVALIDJOBSTATE")
    assert error_of(org.ask("PUT", batches, json={})) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert org.ask("PUT", batches, content=b"LastName\nBerg\n", headers=CSV).status_code == 201
    assert error_of(org.ask("PUT", batches, content=b"LastName\n", headers=CSV)) == (400, "INVALIDJOBSTATE")
    assert org.patch(f"jobs/ingest/{job['id']}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert [row["LastName"] for row in outcome(org, job, "unprocessedrecords")] == ["Berg"]
