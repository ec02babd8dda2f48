"""Accounts and CVs through the API: whole lists that do not move, CVs by what the search says, offices, languages."""

import datetime
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.query import Condition, field
from hrdata_assets.sync.engine import Order, Outcome, sync
from hrdata_assets.sync.unifying import unify
from hrdata_assets.systems.configuration import SystemSettings
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.flowcase.api_tables import CV, User
from hrdata_assets.systems.flowcase.client import FlowcaseAPI
from hrdata_assets.systems.flowcase.connector import FlowcaseRecords
from hrdata_assets.systems.flowcase.opening import base_url, client_of
from hrdata_assets.systems.flowcase.reading_cvs import in_one_language, shaped_cv
from hrdata_assets.systems.origins import origins
from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets.systems.system import Window
from hrdata_assets.table import Row
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import Synced, called, followed

USERS = r"/api/v1/users$"
SEARCH = r"/api/v4/search$"
CVS = r"/api/v3/cvs/"


@pytest.fixture
def it(new_installation: NewInstallation, tmp_path: Path) -> Iterator[Synced]:
    with followed(called("flowcase_api"), new_installation, tmp_path, people=50) as found:
        yield found


def synced_users(it: Synced, **order: bool) -> Outcome:
    with it.opened() as system:
        return sync(it.warehouse, system, User.table, Order(**order), "test")


def followed_to_core(it: Synced) -> Outcome:
    outcome = it.sync()
    for origin in origins("flowcase_api"):
        unify(it.warehouse, origin, "test")
    return outcome


def accounts(it: Synced, where: str = "deletion is null") -> list[str]:
    return it.installation.column(f"select id from staged.flowcase_api_users where {where} order by 1")


def of_the_source(it: Synced) -> list[str]:
    return sorted(user["_id"] for user in it.fake.staff.users())


def a_while_ago(it: Synced) -> None:
    """Nothing changed within the overlap, and each an hour after the one before."""
    begun = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    for name in ("users", "cvs"):
        for number, record in enumerate(it.fake.records(name)):
            it.fake.touch(name, [record["_id"]], begun + datetime.timedelta(hours=number))


def test_accounts_are_read_whole_and_nothing_is_stored_of_a_page_on_which_nothing_changed(it: Synced) -> None:
    a_while_ago(it)
    first = synced_users(it)
    assert (first.kind, first.counts.inserted, first.source_total, first.own_total) == ("full", 50, 50, 50)
    assert accounts(it) == of_the_source(it)
    changed = it.fake.staff.users()[7]["_id"]
    it.fake.change("users", changed, office_name="Elsewhere")
    before = it.calls(USERS)
    second = synced_users(it)
    # The page of what changed, and the page of what was the newest before.
    assert (second.kind, second.counts.updated, second.pages) == ("incremental", 1, 2)
    assert it.installation.column("select id from staged.flowcase_api_users where office_name = 'Elsewhere'") == [
        changed
    ]
    # Three pages of twenty that overlap by one, one that says there are no more, and the clock.
    assert it.calls(USERS) - before == 5


def test_a_closed_account_stays_with_its_day_and_its_cv_is_a_tombstone(it: Synced) -> None:
    synced_users(it)
    it.sync()
    closed = accounts(it)[3]
    it.fake.delete("users", closed)
    synced_users(it)
    (stamp,) = it.installation.column(f"select deactivated_at from staged.flowcase_api_users where id = '{closed}'")
    assert abs(stamp - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=1)
    assert accounts(it, "is_deactivated") == [closed]
    assert it.sync().counts.removed == 1
    assert it.rows("user_id", "deletion = 'told'") == [(closed,)]
    assert it.sync().counts.removed == 0
    it.assert_complete()


def test_an_account_that_is_opened_again_has_its_cv_back(it: Synced) -> None:
    a_while_ago(it)
    followed_to_core(it)
    closed = of_the_source(it)[3]
    it.fake.delete("users", closed)
    followed_to_core(it)
    it.fake.restore("users", closed)
    before = it.calls(CVS)
    assert followed_to_core(it).counts.removed == 0
    assert it.rows("user_id", "deletion is not null or is_deleted") == []
    it.assert_complete()
    # Nothing else of it has changed: only the newest is asked for, as ever.
    assert it.calls(CVS) - before == 1
    (cv,) = it.rows("id::text", f"user_id = '{closed}'")
    assert it.installation.rows(
        "select deletion, valid_to is null, valid_from < coalesce(valid_to, 'infinity') from core.candidates"
        f" where source_id = '{cv[0]}' order by valid_from"
    ) == [(None, False, True), ("told", False, True), (None, True, True)]


@pytest.mark.parametrize("full", [False, True])
def test_a_cv_that_was_closed_before_it_was_ever_read_is_there_once_the_account_is_open(it: Synced, full: bool) -> None:
    closed = of_the_source(it)[3]
    it.fake.delete("users", closed)
    it.sync()
    assert it.rows("is_deleted", "deletion = 'told'") == [(True,)]
    it.fake.restore("users", closed)
    it.sync(full=full)
    assert it.rows("user_id", "is_deleted or deletion is not null") == []
    it.assert_complete()


def test_an_account_that_is_gone_is_found_by_a_look_at_the_ids(it: Synced) -> None:
    synced_users(it)
    gone = accounts(it)[4]
    it.fake.vanish("users", gone)
    assert synced_users(it).counts.removed == 0
    assert synced_users(it, keys=True).counts.removed == 1
    assert accounts(it) == of_the_source(it)
    assert accounts(it, "deletion = 'missing'") == [gone]


@pytest.mark.parametrize("path", [USERS, SEARCH])
def test_a_list_that_moves_while_it_is_read_is_read_again(it: Synced, path: str) -> None:
    first = it.fake.staff.users()[2]["_id"]
    it.fake.before_answer(path, 3, lambda: it.fake.vanish("users", first))
    if path == USERS:
        assert synced_users(it).counts.inserted == 49
        assert accounts(it) == of_the_source(it)
    else:
        assert it.sync().counts.read == 49
        it.assert_complete()


@pytest.mark.parametrize("path", [USERS, SEARCH])
def test_a_list_that_never_rests_is_left_to_a_later_pull(it: Synced, path: str) -> None:
    def stir() -> None:
        it.fake.vanish("users", it.fake.staff.users()[0]["_id"])
        it.fake.before_answer(path, 1, stir)

    it.fake.before_answer(path, 2, stir)
    with pytest.raises(SystemUnavailable, match="changes faster than it can be read"):
        synced_users(it) if path == USERS else it.sync()
    assert it.installation.one("select count(*) from ops.syncs") == 0


def test_a_cv_that_is_gone_since_the_list_was_read_is_passed_over(it: Synced) -> None:
    gone = sorted(record["_id"] for record in it.fake.records("cvs"))[10]
    it.fake.before_answer(CVS, 5, lambda: it.fake.vanish("cvs", gone))
    outcome = it.sync()
    assert outcome.counts.read == 49
    # The list said fifty: the next one does not.
    assert (outcome.source_total, outcome.own_total) == (50, 49)
    it.sync()
    it.assert_complete()


def test_nothing_new_costs_the_list_and_no_cv_but_the_newest(it: Synced) -> None:
    a_while_ago(it)
    it.sync()
    before = it.calls(CVS), it.calls(SEARCH)
    assert it.sync().counts.unchanged == 1
    assert (it.calls(CVS) - before[0], it.calls(SEARCH) - before[1]) == (1, 3)


def records_of(it: Synced, searched: int) -> FlowcaseRecords:
    settings = SystemSettings(**it.variables)  # type: ignore[arg-type]
    client = client_of(settings)
    return FlowcaseRecords(FlowcaseAPI(client, base_url(settings)), lambda _: None, searched=searched)


def read_whole(it: Synced, searched: int) -> list[str]:
    """Ids of the CVs that are found."""
    system = records_of(it, searched)
    with system.client:
        pages = list(system.pages(CV.table, Window(keys_only=True)))
    return [record["_id"] for page in pages for record in page.records]


def test_more_cvs_than_a_search_goes_through_are_searched_for_office_by_office(it: Synced) -> None:
    it.fake.switches.searched = 120
    assert sorted(read_whole(it, 20)) == sorted(record["_id"] for record in it.fake.records("cvs"))
    offices = {call.status for call in it.fake.calls if call.path == "/api/v1/countries"}
    assert offices == {200}


@pytest.mark.parametrize("row", [User, CV])
def test_only_configured_offices_are_read(it: Synced, row: type[Row]) -> None:
    counted = Counter(user["office_id"] for user in it.fake.staff.users())
    (one, many), (other, more), (third, _) = counted.most_common(3)
    settings = SystemSettings(**{**it.variables, "FLOWCASE_OFFICE_IDS": f"{one},{other}"})  # type: ignore[arg-type]
    system = SYSTEMS["flowcase_api"].open(settings, it.warehouse.settings.home, lambda _: None)

    def read(*where: Condition) -> set[str]:
        return {record["_id"] for page in system.pages(row.table, Window(where=where)) for record in page.records}

    with system.client:
        assert len(read()) == many + more
        assert len(read(field(row, "office_id").eq(other))) == more
        assert len(read(field(row, "office_id").is_in([other, third]))) == more
        with pytest.raises(SetupError, match="FLOWCASE_OFFICE_IDS"):
            read(field(row, "office_id").eq(third))


@pytest.mark.parametrize(
    ("path", "body"), [(USERS, '{"users": []}'), (USERS, '["x"]'), (SEARCH, '{"cvs": [{}], "total": 1}'), (CVS, "{}")]
)
def test_json_of_another_shape_is_no_page(it: Synced, path: str, body: str) -> None:
    it.fake.faults.add(Fault(kind="status", status=200, body=body, path=path, after=1))
    with pytest.raises(DeliveryError, match="another shape"):
        synced_users(it) if path == USERS else it.sync()
    if path == USERS:
        synced_users(it)
    else:
        it.sync()
        it.assert_complete()


def test_a_person_is_not_told_by_the_path_of_an_error(it: Synced, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    it.fake.faults.add(Fault(kind="status", status=403, path=CVS, after=3))
    with pytest.raises(DeliveryError, match="answered 403 for /api/v3/cvs/…") as told:
        it.sync()
    for record in it.fake.records("cvs"):
        assert record["_id"] not in caplog.text + str(told.value)
        assert record["user_id"] not in caplog.text + str(told.value)


@pytest.mark.parametrize(
    ("texts", "code", "found"),
    [
        ({"no": "Utvikler", "int": "Developer"}, "no", "Developer"),
        ({"no": "Utvikler", "int": None}, "no", "Utvikler"),
        ({"se": "Utvecklare", "no": "Utvikler", "int": ""}, "no", "Utvikler"),
        ({"se": "Utvecklare"}, "no", "Utvecklare"),
        ({}, "no", None),
        (None, "no", None),
        ("Developer", None, "Developer"),
        ({"int": 5}, "int", None),
    ],
)
def test_english_goes_before_the_cvs_own_language_and_that_before_any_other(
    texts: object, code: str, found: str | None
) -> None:
    assert in_one_language(texts, code) == found


def test_what_is_hidden_on_a_cv_is_not_shown_and_stays_in_extra() -> None:
    hidden = {"disabled": True, "name": {"int": "Old"}}
    cv = {
        "_id": "a", "id": "a", "user_id": "u", "certifications": [hidden, {"name": {"int": "New"}}, {"name": None}],
        "technologies": [{"technology_skills": [{"tags": {"int": "SQL"}}, {"tags": {"int": "SQL"}}, "?"]}, None],
    }  # fmt: skip
    shaped = shaped_cv({"found": {"_id": "a"}, "cv": cv})
    assert shaped["shown"]["certifications"] == ["New"]
    assert shaped["shown"]["skills"] == ["SQL"]
    assert shaped["certifications"][0] == hidden


def test_a_cv_says_here_what_it_says_there(it: Synced) -> None:
    it.sync()
    for record in it.fake.records("cvs")[:5]:
        told = it.fake.staff.cv(record["user_id"], record["_id"])
        assert told is not None
        found = it.row("name, email, title, title_languages, residence, skills, extra", record["_id"])
        skills = [skill["tags"]["int"] for group in told["technologies"] for skill in group["technology_skills"]]
        assert found[:3] == (told["name"], told["email"], in_one_language(told["title"], told["language_code"]))
        assert found[3] == told["title"]
        assert found[4:6] == (told["place_of_residence"]["int"], list(dict.fromkeys(skills)) or None)
        assert [project["_id"] for project in found[6]["project_experiences"]] == [
            project["_id"] for project in told["project_experiences"]
        ]


def test_nothing_can_be_written(it: Synced) -> None:
    with it.opened() as system, pytest.raises(SetupError, match="takes no records"):
        list(system.write(CV.table, [{}], "id"))
