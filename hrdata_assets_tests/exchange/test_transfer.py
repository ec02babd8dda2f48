"""Records moved from the warehouse to a system and back: counted, filtered, formatted, written once, refused aloud."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.exchange.calls import pull_profiles, push_profiles
from hrdata_assets.exchange.config import run_pull_profiles_from_config, run_push_profiles_from_config
from hrdata_assets.exchange.into_core import IntoCore
from hrdata_assets.query import field
from hrdata_assets.storage.session import session_of
from hrdata_assets.systems.bullhorn.tables import Candidate
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.formatting import save_mapping
from hrdata_assets.unified.records import UnifiedProfile
from hrdata_assets.unified.spec import MappingSpec
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.sync.worlds import Synced, called, followed

PROFILE = UnifiedProfile.table


@pytest.fixture
def it(new_installation: NewInstallation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Synced]:
    """A Bullhorn that is configured, and an installation."""
    with followed(called("bullhorn"), new_installation, tmp_path) as found:
        for name, value in found.variables.items():
            monkeypatch.setenv(name, value)
        yield found


def a_profile(number: int, **more: Any) -> dict[str, Any]:
    """Somebody of another system, as core holds people."""
    return {"system": "elsewhere", "source_id": str(number), "name": f"Ann Example{number}", "status": "active",
            "first_name": "Ann", "last_name": f"Example{number}", "email": f"ann{number}@home.example",
            "title": "Welder", "delivery": "d" * 16, "row_no": number, **more}  # fmt: skip


def in_core(it: Synced, *profiles: dict[str, Any]) -> None:
    with session_of(it.warehouse) as session:
        written = list(IntoCore(session, Candidate.table, "f1").write(PROFILE, profiles, "source_id"))
    assert [one.refused for one in written] == [None] * len(profiles)


def there(it: Synced) -> dict[str, dict[str, Any]]:
    """What the fake holds of them, by external id."""
    records = it.fake.records("Candidate")
    return {r["externalID"]: r for r in records if str(r["externalID"]).startswith("elsewhere:")}


def test_what_holds_here_is_taken_to_a_system_once(it: Synced) -> None:
    in_core(it, *(a_profile(number) for number in range(1, 8)))
    first = push_profiles("bullhorn", batch_size=3)
    assert (first.read, first.formatted, first.written, first.created, first.failed) == (7, 7, 7, 7, 0)
    found = there(it)
    assert sorted(found) == [f"elsewhere:{number}" for number in range(1, 8)]
    assert (found["elsewhere:1"]["name"], found["elsewhere:1"]["occupation"]) == ("Ann Example1", "Welder")
    before = len(it.fake.calls)
    again = push_profiles("bullhorn")
    assert (again.read, again.written, again.unchanged) == (7, 0, 7)
    assert not [call for call in it.fake.calls[before:] if call.method in ("PUT", "POST") and "/entity/" in call.path]


def test_only_what_changed_is_written_again_and_what_is_not_known_here_is_left(it: Synced) -> None:
    in_core(it, a_profile(1), a_profile(2))
    push_profiles("bullhorn")
    it.fake.change("Candidate", there(it)["elsewhere:1"]["id"], mobile="+47 900 00 000")
    in_core(it, a_profile(1, title="Painter"))
    done = push_profiles("bullhorn")
    assert (done.written, done.created, done.unchanged) == (1, 0, 1)
    assert (there(it)["elsewhere:1"]["occupation"], there(it)["elsewhere:1"]["mobile"]) == ("Painter", "+47 900 00 000")


def test_a_systems_own_people_are_not_taken_back_to_it(it: Synced) -> None:
    pull_profiles("bullhorn")
    done = push_profiles("bullhorn")
    assert (done.read, done.written) == (0, 0)


def test_where_narrows_what_is_read_and_having_what_was_read(it: Synced) -> None:
    cities, titles = ["Oslo", "Leeds"] * 3, ["Welder"] * 3 + ["Nurse"] * 3
    in_core(it, *(a_profile(n + 1, city=cities[n], title=titles[n]) for n in range(6)))
    where, having = [field(PROFILE, "city").eq("Oslo")], [field(PROFILE, "title").contains("weld")]
    done = push_profiles("bullhorn", where=where, having=having)
    assert (done.read, done.filtered, done.written) == (3, 1, 2)
    assert sorted(there(it)) == ["elsewhere:1", "elsewhere:3"]


def test_a_dry_run_counts_and_writes_nothing_anywhere(it: Synced) -> None:
    in_core(it, a_profile(1), a_profile(2))
    done = push_profiles("bullhorn", dry_run=True)
    assert (done.read, done.formatted, done.written, done.dry_run) == (2, 2, 2, True)
    assert there(it) == {}
    assert it.installation.one("select count(*) from ops.pushed") == 0
    tried = pull_profiles("bullhorn", dry_run=True)
    assert (tried.read, tried.written > 100) == (it.given(), True)
    assert it.installation.one("select count(*) from core.candidates where system = 'bullhorn'") == 0
    assert not (it.warehouse.archive.folder / "systems").exists()
    assert it.installation.one("select count(*) from ops.syncs") == 0


def test_what_a_system_refuses_waits_with_its_word_and_comes_when_it_is_right(it: Synced) -> None:
    in_core(it, a_profile(1, email="x" * 90 + "@home.example"), a_profile(2))
    done = push_profiles("bullhorn")
    assert (done.written, done.failed) == (1, 1)
    assert list(done.reasons) == ["email: TOO_LONG"] or next(iter(done.reasons)).startswith("email: ")
    letters = "select reasons -> 0 ->> 'rule', record from ops.dead_letters where status = 'open'"
    assert it.installation.rows(letters) == [("is_taken", "elsewhere:1")]
    in_core(it, a_profile(1))
    assert push_profiles("bullhorn").written == 1
    assert it.installation.rows(letters) == []


def test_cut_off_at_any_batch_it_is_taken_up_and_nobody_is_there_twice(it: Synced) -> None:
    in_core(it, *(a_profile(number) for number in range(1, 13)))
    it.fake.faults.add(Fault(kind="status", status=503, path="/query/Candidate", after=2, times=5))
    with pytest.raises(SystemUnavailable):
        push_profiles("bullhorn", batch_size=4)
    assert 0 < len(there(it)) < 12
    done = push_profiles("bullhorn", batch_size=4)
    assert done.created + it.installation.one("select count(*) from ops.pushed") >= 12
    assert len(there(it)) == len(set(there(it))) == 12
    assert len([r for r in it.fake.records("Candidate") if str(r["externalID"]).startswith("elsewhere:")]) == 12


def a_mapping(**more: Any) -> MappingSpec:
    fields = [
        {"from": ["system", "source_id"], "to": "external_id", "transform": {"join": ":"}},
        *({"from": name, "to": name} for name in ("name", "first_name", "last_name", "email")),
        {"from": "title", "to": "occupation", "transform": "upper", **more},
    ]  # fmt: skip
    return MappingSpec.model_validate(
        {"id": "loud-titles", "source": "candidates", "target": "bullhorn_candidates", "fields": fields}
    )


def test_a_saved_mapping_moves_them_and_its_first_version_still_does_after_another(it: Synced) -> None:
    in_core(it, a_profile(1))
    with it.warehouse.connect("save") as connection:
        save_mapping(connection, a_mapping(), "test")
    push_profiles("bullhorn", formatter_id="loud-titles")
    assert there(it)["elsewhere:1"]["occupation"] == "WELDER"
    with it.warehouse.connect("save") as connection:
        save_mapping(connection, a_mapping(transform="lower"), "test")
    push_profiles("bullhorn", formatter_id="loud-titles")
    assert there(it)["elsewhere:1"]["occupation"] == "welder"
    push_profiles("bullhorn", formatter_id="loud-titles", formatter_version=1)
    assert there(it)["elsewhere:1"]["occupation"] == "WELDER"


def test_from_a_system_into_the_warehouse_by_way_of_staged(it: Synced) -> None:
    done = pull_profiles("bullhorn")
    assert done.read == it.given()
    assert done.written == done.created == len(it.rows("id", "true"))
    assert it.installation.one("select count(*) from current.candidates") > 0
    again = pull_profiles("bullhorn")
    assert again.written == 0
    assert again.cursor == done.cursor


def test_having_leads_into_the_warehouse_past_staged(it: Synced) -> None:
    city = it.told(it.wanted()[0], "city")
    done = pull_profiles("bullhorn", having=[field(Candidate, "city").eq(city)])
    assert done.read == it.given()
    assert 0 < done.written < done.read
    assert done.read == done.filtered + done.failed + done.written + done.unchanged
    assert it.installation.column("select distinct city from current.candidates") == [city]
    assert it.rows("id", "true") == []
    # The cursor is its own: what was read is not read again.
    again = pull_profiles("bullhorn", having=[field(Candidate, "city").eq(city)])
    assert (again.written, again.read < 10) == (0, True)


def test_a_page_of_the_origin_that_is_none_gets_a_letter_until_the_next_transfer_comes_past_it(it: Synced) -> None:
    having = [field(Candidate, "id").gt(0)]
    it.fake.faults.add(Fault(kind="html", path=it.world.page, after=3))
    with pytest.raises(DeliveryError, match="no JSON"):
        pull_profiles("bullhorn", having=having)
    letters = (
        "select asset_key, stage, row_no, status from ops.dead_letters where row_no = 0 and asset_key like 'pushed/%'"
    )
    assert it.installation.rows(letters) == [("pushed/candidates", "decode", 0, "open")]
    number = it.installation.one("select id from ops.dead_letters where row_no = 0 and asset_key like 'pushed/%'")
    assert "the next transfer reads it again" in hrdata("letters", "replay", str(number)).err
    before = it.installation.one("select count(*) from current.candidates")
    assert before > 0
    done = pull_profiles("bullhorn", having=having)
    assert done.read < it.given()
    assert it.installation.one("select count(*) from current.candidates") > before
    assert it.installation.rows(letters) == [("pushed/candidates", "decode", 0, "superseded")]


def test_the_same_said_in_json(it: Synced, tmp_path: Path) -> None:
    in_core(it, a_profile(1, city="Oslo"), a_profile(2, city="Leeds"))
    config = {"target": "bullhorn", "where": [{"field": "city", "op": "IN", "value": ["Oslo", "Bergen"]}],
              "batch_size": 10}  # fmt: skip
    file = tmp_path / "push.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    assert run_push_profiles_from_config({**config, "dry_run": True}).written == 1
    assert run_push_profiles_from_config(file).written == 1
    assert list(there(it)) == ["elsewhere:1"]
    pulled = run_pull_profiles_from_config({"origin": "bullhorn", "where": [{"field": "id", "op": "GT", "value": 0}]})
    assert pulled.read == it.given()


WRONG = [
    ({"target": "bullhorn", "colour": "red"}, "colour: Extra inputs"),
    ({"target": "bullhorn", "batch_size": 0}, "batch_size"),
    ({"target": "bullhorn", "where": [{"field": "shoe", "op": "EQ", "value": 1}]}, "has no column shoe"),
    ({"target": "bullhorn", "where": [{"field": "title", "op": "GT", "value": "x"}]}, "cannot be compared by"),
    ({"target": "bullhorn", "formatter_id": "none-such"}, "no formatter none-such was saved"),
    ({"target": "nowhere"}, "there is no system nowhere"),
    ({"target": "warehouse"}, "is both ends"),
]


@pytest.mark.parametrize(("config", "told"), WRONG, ids=[told for _, told in WRONG])
def test_what_cannot_be_asked_is_told_before_anything_moves(it: Synced, config: dict[str, Any], told: str) -> None:
    with pytest.raises(SetupError, match=told):
        run_push_profiles_from_config(config)
    assert it.fake.calls == []


def test_a_mapping_by_which_nobody_is_known_again_moves_nothing(it: Synced) -> None:
    fields = [{"from": "name", "to": "name"}]
    spec = MappingSpec.model_validate(
        {"id": "nameless", "source": "candidates", "target": "bullhorn_candidates", "fields": fields}
    )
    with it.warehouse.connect("save") as connection:
        save_mapping(connection, spec, "test")
    with pytest.raises(SetupError, match="does not fill external_id, by which bullhorn knows a record again"):
        push_profiles("bullhorn", formatter_id="nameless")


def test_the_ledger_accounts_for_every_row(it: Synced) -> None:
    in_core(it, a_profile(1, email="x" * 90 + "@home.example"), a_profile(2), a_profile(3, title="Nurse"))
    push_profiles("bullhorn", having=[field(PROFILE, "title").eq("Welder")])
    counts = it.installation.rows("select read, inserted, set_aside, skipped, status from ops.syncs")
    assert counts == [(3, 1, 1, 1, "complete")]


def test_a_person_pushes_by_command(it: Synced, tmp_path: Path) -> None:
    too_long = "x" * 99 + "@home.example"
    in_core(it, a_profile(1, city="Oslo"), a_profile(2, city="Leeds"), a_profile(3, city="Oslo", email=too_long))
    tried = hrdata("push", "bullhorn", "profiles", "--where", "city=Oslo", "--dry-run", "--json").told
    assert (tried["read"], tried["written"], tried["dry_run"]) == (2, 2, True)
    done = hrdata("push", "bullhorn", "--where", "city=Oslo")
    assert done.code == 1
    assert "1 failed: email:" in done.out
    file = tmp_path / "push.json"
    file.write_text(json.dumps({"target": "bullhorn", "having": [{"field": "city", "op": "EQ", "value": "Leeds"}]}))
    assert hrdata("push", "bullhorn", "--config", str(file), "--json").told["written"] == 1
    assert "is about bullhorn, and not about hubspot" in hrdata("push", "hubspot", "--config", str(file)).err
    assert sorted(there(it)) == ["elsewhere:1", "elsewhere:2"]
    letters = hrdata("letters", "list", "--json").told["letters"]
    assert [(letter["asset"], letter["breaks"].split(" ")[0]) for letter in letters] == [
        ("pushed/bullhorn_candidates", "is_taken")
    ]
    refused = hrdata("letters", "replay", str(letters[0]["id"]))
    assert refused.code == 1
    assert "push it again" in refused.err
