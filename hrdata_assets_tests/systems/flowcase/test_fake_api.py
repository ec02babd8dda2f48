"""The fake Flowcase answers as Flowcase is known to: asked over real HTTP, by a client that is not ours."""

import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.flowcase.fake_cvs import SECTIONS
from hrdata_assets_tests.systems.flowcase.account import Account, an_account

REPORT = "/api/v2/cv-report"
CSV = {"encoding": "UTF-8", "output_format": "csv"}


@pytest.fixture
def asking(account: Account) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {account.fake.switches.token}"}
    with httpx.Client(base_url=account.url, headers=headers, trust_env=False) as client:
        yield client


def get(asking: httpx.Client, path: str, **params: Any) -> Any:
    answer = asking.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def order(asking: httpx.Client, report: str, offices: list[str] | None = None, **params: Any) -> dict[str, Any]:
    asked = {**CSV, "report_type": report, **params}
    answer = asking.post(REPORT, params=asked, json={"office_ids": offices or [], "must": []})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def fetched(asking: httpx.Client, told: Mapping[str, Any]) -> bytes:
    url = get(asking, f"{REPORT}/{told['_id']}")["cv_report"]["url"]
    return httpx.get(url, trust_env=False).content


@pytest.mark.parametrize("said", ["Bearer {}", 'Token token="{}"', "Token token={}"])
def test_both_ways_of_saying_the_token_are_taken(account: Account, said: str) -> None:
    for token, status in ((account.fake.switches.token, 200), ("another", 401)):
        headers = {"Authorization": said.format(token)}
        assert httpx.get(f"{account.url}/api/v1/countries", headers=headers).status_code == status
    assert httpx.get(f"{account.url}/api/v1/countries").status_code == 401


def test_countries_hold_offices_and_one_of_those_has_no_id(account: Account, asking: httpx.Client) -> None:
    offices = [office for country in get(asking, "/api/v1/countries") for office in country["offices"]]
    assert [office["name"] for office in offices if "_id" not in office] == ["To be opened"]
    assert sum(office["num_users"] for office in offices) == account.fake.company.people
    for office in offices:
        users = get(asking, "/api/v2/users/search", **{"office_ids[]": office.get("_id", "none")})
        assert len(users) == office["num_users"]


def test_a_report_is_pending_then_processing_then_finished(account: Account, asking: httpx.Client) -> None:
    account.fake.switches.polls = 3
    told = order(asking, "courses")
    assert (told["state"], len(told["_id"])) == ("pending", 24)
    looks = [get(asking, f"{REPORT}/{told['_id']}") for _ in range(4)]
    assert [look["state"] for look in looks] == ["pending", "processing", "processing", "finished"]
    assert [look["cv_report"] is None for look in looks] == [True, True, True, False]


def test_reports_come_to_nothing_get_stuck_or_lack_their_file_where_that_is_switched(
    account: Account, asking: httpx.Client
) -> None:
    account.fake.switches.failed = {"courses": "failed"}
    account.fake.switches.stuck = {"blogs"}
    account.fake.switches.without_url = 1
    states = {}
    for report in ("courses", "blogs", "languages"):
        told = order(asking, report)
        states[report] = [get(asking, f"{REPORT}/{told['_id']}") for _ in range(2)][-1]
    assert {report: look["state"] for report, look in states.items()} == {
        "courses": "failed",
        "blogs": "processing",
        "languages": "finished",
    }
    assert states["languages"]["cv_report"]["url"]


def test_what_is_no_report_is_refused(account: Account, asking: httpx.Client) -> None:
    for params in ({"report_type": "sc_clearance"}, {"report_type": "courses", "output_format": "pdf"}, {}):
        assert asking.post(REPORT, params=params, json={}).status_code == 422
    assert asking.post(REPORT, params={"report_type": "courses"}, json={"office_ids": "x"}).status_code == 422
    assert asking.get(f"{REPORT}/nothing").status_code == 404
    account.fake.switches.forbidden = {"courses"}
    assert asking.post(REPORT, params={"report_type": "courses"}, json={}).status_code == 403


def test_a_report_is_about_the_offices_that_are_named(account: Account, asking: httpx.Client) -> None:
    offices = [office.id for office in account.fake.company.offices]
    header, *everybody = fetched(asking, order(asking, "user_report")).split(b"\n")
    found = []
    for office in offices:
        first, *rows = fetched(asking, order(asking, "user_report", [office])).split(b"\n")
        assert first == header
        found += rows
    assert sorted(found) == sorted(everybody)
    assert len(everybody) == account.fake.company.people


def test_more_people_than_a_report_holds_are_left_out_without_a_word(account: Account, asking: httpx.Client) -> None:
    account.fake.switches.most_cvs = 10
    assert len(fetched(asking, order(asking, "user_report")).split(b"\n")) == 1 + 10


@pytest.mark.parametrize(("language", "heading"), [("int", "Title (int)"), ("no", "Title (no)"), ("xx", "Title (no)")])
def test_the_language_asked_for_fills_the_headings(asking: httpx.Client, language: str, heading: str) -> None:
    header, first, *_ = fetched(asking, order(asking, "user_report", **{"lang[]": [language, "fi"]})).split(b"\n")
    assert heading.encode() in header.split(b";")
    assert b'""' in first


def test_the_other_dialect_has_all_languages_in_a_cell(tmp_path: Path) -> None:
    with an_account(tmp_path, dialect="seed") as account:
        content = account.fake.company.csv("user_report", account.fake.company.members(), "int")
    assert b"Title (#{lang})" in content
    assert content.endswith(b"\r\n")


def test_a_signed_address_holds_for_a_while_and_wants_no_token(account: Account, asking: httpx.Client) -> None:
    url = get(asking, f"{REPORT}/{order(asking, 'courses')['_id']}")["cv_report"]["url"]
    assert not url.startswith(account.url)
    assert httpx.get(url).status_code == 200
    assert asking.get(url).status_code == 400
    assert account.fake.files.told_who_asks == 1
    assert httpx.get(url.replace("Signature=", "Signature=0")).status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403
    account.fake.clock_ahead = timedelta(seconds=account.fake.switches.url_seconds + 5)
    assert httpx.get(url).status_code == 403


def test_a_report_may_be_a_workbook(account: Account, asking: httpx.Client) -> None:
    content = fetched(asking, order(asking, "languages", output_format="xlsx"))
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert rows[0] == account.fake.company.spelling().header("languages")
    assert len(rows) == 1 + len(account.fake.company.named("languages", account.fake.company.members()))
    assert rows[1][0]


def test_users_come_in_pages_and_are_those_of_the_report(tmp_path: Path) -> None:
    with an_account(tmp_path, people=120) as account:
        headers = {"Authorization": f"Bearer {account.fake.switches.token}"}
        with httpx.Client(base_url=account.url, headers=headers) as asking:
            pages = [get(asking, "/api/v1/users", offset=offset, limit=1400) for offset in (0, 100, 200)]
            assert [len(page) for page in pages] == [100, 20, 0]
            assert [len(get(asking, "/api/v1/users")), len(get(asking, "/api/v1/users", limit=7))] == [100, 7]
            users = [user for page in pages for user in page]
            report = account.fake.company.named("user_report", account.fake.company.members())
            assert [user["email"] for user in users] == [row["Email"] for row in report]
            assert [user["default_cv_id"] for user in users] == [row["CV Partner CV ID"] for row in report]
            assert get(asking, "/api/v1/users/find", email=users[5]["email"].upper()) == users[5]
            assert asking.get("/api/v1/users/find", params={"email": "nobody@staff.example"}).status_code == 404
            assert asking.get("/api/v1/users", params={"offset": "x"}).status_code == 422


@pytest.mark.parametrize("dialect", ["export", "seed"])
def test_a_cv_says_the_same_as_the_reports(tmp_path: Path, dialect: str) -> None:
    with an_account(tmp_path, people=6, dialect=dialect) as account:
        company = account.fake.company
        headers = {"Authorization": f"Bearer {account.fake.switches.token}"}
        with httpx.Client(base_url=account.url, headers=headers) as asking:
            for user in get(asking, "/api/v1/users"):
                cv = get(asking, f"/api/v3/cvs/{user['_id']}/{user['default_cv_id']}")
                place = company.members()[[company.accounts[user["_id"]]]]
                for section in set(SECTIONS) - {"technologies"}:
                    assert len(cv[section]) == len(company.named(section, place)), section
                skills = [skill for category in cv["technologies"] for skill in category["technology_skills"]]
                assert len(skills) == len(company.named("technologies", place))
            assert asking.get(f"/api/v3/cvs/{user['_id']}/another").status_code == 404
            assert asking.get("/api/v3/cvs/another/another").status_code == 404
        project = next(one for one in cv["project_experiences"] if one["customer"].get("no"))
        assert set(project["customer"]) == {"no", "int"}
        assert isinstance(project["year_from"], str)
        assert isinstance(project["starred"], bool)
        assert cv["work_experiences"][0]["employer"]["int"]


def test_searches_find_the_same_people(account: Account, asking: httpx.Client) -> None:
    whole = get(asking, "/api/v3/search", size=1000)
    assert (whole["total"], len(whole["cvs"])) == (account.fake.company.people, account.fake.company.people)
    assert len(get(asking, "/api/v3/search", size=7, offset=35)["cvs"]) == 5
    name = whole["cvs"][3]["cv"]["name"]
    body = {"office_ids": [], "offset": 0, "size": 10, "must": [{"query": {"value": name}}]}
    found = asking.post("/api/v4/search", json=body).json()
    assert {one["cv"]["name"] for one in found["cvs"]} == {name}
    user = get(asking, "/api/v2/users/search", name=name.lower())[0]
    assert user["default_cv_id"] in {one["cv"]["_id"] for one in found["cvs"]}
    assert get(asking, "/api/v2/users/search", deactivated="true") == []
    assert asking.post("/api/v4/search", json={"must": [{"bool": {}}]}).status_code == 422


def test_records_are_exported_page_by_page(account: Account, asking: httpx.Client) -> None:
    url, found = f"{account.url}/api/v1/data_export/users?limit=15", []
    while url:
        told = asking.get(url).json()
        found += told["values"]
        url = told.get("next", {}).get("href")
    assert [user["_id"] for user in found] == list(account.fake.company.accounts)
    skills = get(asking, "/api/v1/masterdata/technologies/tags")
    assert get(asking, "/api/v1/data_export/skills")["total"] == len(skills) > 40
    assert asking.get("/api/v1/data_export/whatever").status_code == 404


def test_reference_reports_are_ordered_by_other_words(account: Account, asking: httpx.Client) -> None:
    account.fake.switches.polls = 1
    told = asking.post("/api/v4/references/reports", json={"offset": 0, "size": 10, "output_format": "xlsx"}).json()
    assert set(told) == {"id"}
    looks = [get(asking, f"/api/v4/references/reports/{told['id']}") for _ in range(2)]
    assert [(look["status"], look["percentProcessed"]) for look in looks] == [("pending", 50), ("finished", 100)]
    assert httpx.get(looks[1]["file"]["url"]).content.startswith(b"PK")


def test_what_goes_wrong_goes_wrong_on_either_port(account: Account, asking: httpx.Client) -> None:
    told = order(asking, "courses")
    account.fake.faults.add(
        Fault(kind="rate_limited", retry_after=7, path="cv-report/"), Fault(kind="status", path="^/cv-reports/"),
        Fault(kind="status", path="countries"),
    )  # fmt: skip
    limited = asking.get(f"{REPORT}/{told['_id']}")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert fetched(asking, told).startswith(b"<?xml")
    assert asking.get("/api/v1/countries").text.startswith("<html>")


def test_time_may_pass(account: Account) -> None:
    before = account.fake.company.csv("user_report", account.fake.company.members())
    account.fake.be(quarter=account.fake.company.quarter.next)
    later = account.fake.company.csv("user_report", account.fake.company.members())
    assert before != later
    account.fake.be(people=5)
    assert len(account.fake.company.csv("user_report", account.fake.company.members()).split(b"\n")) == 6
