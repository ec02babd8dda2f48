"""All objects of a system at once, and the commands that a person types."""

import logging
from pathlib import Path

import pytest

from hrdata_assets.storage.synced import living
from hrdata_assets.sync.engine import Order
from hrdata_assets.sync.pulling import opened, pull
from hrdata_assets.sync.unifying import unify
from hrdata_assets.systems.configuration import SystemSettings, load_system_settings
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets.systems.origins import origins
from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets.verify.answers import verify
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.sync.worlds import Synced


def pull_all(it: Synced, run: str = "test") -> list[str]:
    settings = SystemSettings(**it.variables)  # type: ignore[arg-type]
    with opened(it.warehouse, it.warehouse.settings, settings, it.world.name) as system:
        orders = [(row.table, Order()) for row in system.rows]
        return [str(pulled.error) for pulled in pull(it.warehouse, system, orders, run) if pulled.error]


def test_every_object_is_pulled_one_beside_the_other(it: Synced) -> None:
    assert pull_all(it) == []
    totals = it.installation.rows("select object, source_total, own_total from ops.syncs order by 1")
    assert [name for name, _, _ in totals] == sorted(row.table.name for row in SYSTEMS[it.world.name].kind.rows)
    for name, source, own in totals:
        assert source == own > 0, name
    with it.warehouse.connect("count") as connection:
        for row in SYSTEMS[it.world.name].kind.rows:
            assert living(connection, row.table) > 0


def test_what_fails_for_one_object_stops_none_of_the_others(it: Synced) -> None:
    it.fake.faults.add(Fault(kind="status", status=403, path=it.world.own or it.world.page, times=None))
    told = pull_all(it)
    assert len(told) == 1
    assert "answered 403" in told[0]
    assert it.installation.one("select count(*) from ops.syncs where status = 'complete'") == len(
        SYSTEMS[it.world.name].kind.rows
    ) - 1  # fmt: skip


def test_signing_in_happens_once_for_all_objects_and_the_next_run(it: Synced) -> None:
    if it.world.sign_in is None:
        pytest.skip("a token is all there is")
    pull_all(it)
    pull_all(it)
    assert it.calls(it.world.sign_in) == 1


def test_a_person_pulls_and_looks(it: Synced, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in it.variables.items():
        monkeypatch.setenv(name, value)
    short = it.world.table.name.removeprefix(f"{it.world.name}_")
    first = hrdata("pull", it.world.name, short, "--json").told
    known = [(row["object"], row["kind"], row["read"], row["source"]) for row in first]
    assert known == [(short, "full", it.given(), len(it.wanted()))]
    word, values = it.world.narrowed
    found = hrdata("pull", it.world.name, short, "--where", f"{word} in {','.join(values)}", "--json").told[0]["read"]
    assert 0 < found == it.those(word, *values)
    rows = hrdata("systems", "--json").told
    row = next(row for row in rows if (row["system"], row["object"]) == (it.world.name, short))
    assert (row["configured"], row["status"], row["source_total"]) == (True, "complete", len(it.wanted()))
    cursors = hrdata("cursors", "--json").told
    assert [cursor["scope"] is None for cursor in cursors] == [True, False]


def test_a_system_of_which_nothing_is_said_is_shown_as_such(it: Synced) -> None:
    rows = hrdata("systems", "--json").told
    assert {row["configured"] for row in rows if row["system"] == it.world.name} == {False}
    refused = hrdata("pull", it.world.name)
    assert refused.code == 1
    assert "is not configured: set" in refused.err


def test_no_secret_and_no_value_of_a_person_is_told(it: Synced, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    person = it.add(email="planted but no address", first_name="Plantedname")
    it.fake.faults.add(Fault(kind="status", status=500, body="Plantedname planted", path=it.world.page, times=2))
    it.fake.faults.add(Fault(kind="expire", path=it.world.page, after=2))
    it.sync()
    assert person in it.kept_out()
    it.fake.faults.add(Fault(kind="html", path=it.world.page))
    with pytest.raises(Exception, match="no JSON") as told:
        it.sync(full=True)
    ledger = it.installation.rows("select row_to_json(s)::text, '' from ops.syncs s")
    said = caplog.text + str(told.value) + str(ledger)
    for word in (*it.secrets, "Plantedname", "planted but"):
        assert word not in said


def test_a_secret_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "password"
    file.write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("BULLHORN_PASSWORD_FILE", str(file))
    password = load_system_settings().bullhorn_password
    assert password is not None
    assert password.get_secret_value() == "from the file"
    assert "from the file" not in repr(load_system_settings())


def test_what_was_pulled_keeps_the_promises_that_verify_asks_about(it: Synced) -> None:
    pull_all(it)
    for origin in origins(it.world.name):
        unify(it.warehouse, origin, "test")
    assert [answer.question for answer in verify(it.warehouse, read_archive=True) if answer.broken] == []
