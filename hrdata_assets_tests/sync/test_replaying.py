"""Records of systems that were kept out: shown, replayed from the archived page, discarded."""

import pytest

from hrdata_assets.errors import DeliveryError
from hrdata_assets.systems.fakes.faults import Fault
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.sync.worlds import Synced


def kept_out(it: Synced) -> tuple[str, int]:
    """A record whose address is none, and the number of its letter."""
    it.sync()
    record = it.ids()[2]
    it.change(record, email="nobody at home", title="Seen late")
    it.sync()
    return record, it.installation.one(f"select id from ops.dead_letters where record = '{record}' and status = 'open'")


def status(it: Synced, number: int) -> str:
    found: str = it.installation.one(f"select status from ops.dead_letters where id = {number}")
    return found


def test_a_letter_is_listed_and_shown_as_it_came(it: Synced) -> None:
    _, number = kept_out(it)
    listed = hrdata("letters", "list", "--asset", it.world.table.name, "--json").told["letters"]
    assert number in [letter["id"] for letter in listed]
    shown = hrdata("letters", "show", str(number), "--json").told
    assert {"heading": "email", "value": "nobody at home"} in [
        {**cell, "heading": cell["heading"].rpartition(".")[2].lower()} for cell in shown["delivered"]
    ]


def test_what_still_breaks_its_rule_stays_out(it: Synced) -> None:
    _, number = kept_out(it)
    told = hrdata("letters", "replay", str(number), "--json").told
    assert [(letter["status"], letter["seen"]) for letter in told["letters"]] == [("open", 2)]


def test_what_passes_by_now_comes_in_from_the_archived_page(it: Synced) -> None:
    record, number = kept_out(it)
    # As if the declaration had changed: the page in the archive is another one, on which the address is good.
    page = it.installation.one(f"select delivery from ops.dead_letters where id = {number}")
    other, place = it.installation.rows(
        f"select delivery, row_no from {it.world.table.address}"
        f" where delivery <> '{page}' and deletion is null order by 1, 2 limit 1"
    )[0]
    key = it.installation.one(
        f"select id::text from {it.world.table.address} where delivery = '{other}' and row_no = {place}"
    )
    with it.warehouse.connect("test") as connection:
        connection.execute(f"delete from {it.world.table.address} where id::text = '{key}'")
        connection.execute("update ops.dead_letters set delivery = %s, row_no = %s, record = %s where id = %s",
                           (other, place, key, number))  # fmt: skip
    hrdata("letters", "replay", str(number), "--json")
    assert status(it, number) == "replayed"
    assert key in it.ids()
    assert record in it.ids()


def test_a_record_is_corrected_in_its_system(it: Synced) -> None:
    _, number = kept_out(it)
    refused = hrdata("letters", "replay", str(number), "--set", "email=ann@example.com")
    assert refused.code == 1
    assert f"is about a record of {it.world.name}: correct it there" in refused.err
    assert hrdata("letters", "export", "letters.csv", str(number)).code == 1


def test_a_record_that_was_discarded_stays_so_while_it_says_the_same(it: Synced) -> None:
    record, number = kept_out(it)
    hrdata("letters", "discard", str(number))
    it.change(it.ids()[5], title="Another page")
    it.sync(full=True)
    assert record not in it.kept_out()
    it.assert_complete()
    it.change(record, email="nobody else")
    it.sync()
    assert record in it.kept_out()


@pytest.mark.parametrize("kind", ["html", "truncated"])
def test_a_letter_about_a_whole_page_is_for_the_next_pull(it: Synced, kind: str) -> None:
    it.fake.faults.add(Fault(kind=kind, declared=False, path=it.world.page, after=it.world.before + 1))  # type: ignore[arg-type]
    with pytest.raises(DeliveryError):
        it.sync()
    number = it.installation.one("select id from ops.dead_letters where row_no = 0")
    refused = hrdata("letters", "replay", str(number))
    assert refused.code == 1
    assert "the next `hrdata pull` reads it again" in refused.err
