"""Dead letters: rows kept out are found again, put right, and come in through the path of every load."""

import csv
import io
from collections.abc import Mapping

import pytest

from hrdata_assets.defs.replay import assigned, header_of, write_down
from hrdata_assets.errors import SetupError
from hrdata_assets.storage.letterbox import Filed, Wanted, discard, letters_like, open_by_rule
from hrdata_assets_tests.builders import Record, a_course, a_quarter, a_user, report_bytes, users, write_reports
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.installation import Installation, dump, table_of

QUARTER = "2026-Q1"
USERS = table_of("flowcase_users")
BORN = "Birth Year"
PLACE = "staged/flowcase_users"


def with_bad(*bad: Record, good: int = 40) -> list[Record]:
    return [*users(good), *bad]


def letters(installation: Installation, **wanted: object) -> list[Filed]:
    with installation.warehouse.connect("letters") as connection:
        return letters_like(connection, Wanted(**{"status": None, **wanted}))  # type: ignore[arg-type]


def replay(installation: Installation, said: Mapping[int, list[str]]) -> int:
    """What `letters replay --set` writes down; the load that follows is the test's."""
    known = {letter.id: letter for letter in letters(installation)}
    with installation.warehouse.connect("replay") as connection:
        cells = {
            number: assigned(USERS, header_of(connection, installation.warehouse, known[number]), words)
            for number, words in said.items()
        }
        return write_down(connection, known, cells, "somebody")


def counts(installation: Installation) -> tuple[int, ...]:
    """Read, in the table, duplicates, set aside of the load that is published."""
    (found,) = installation.rows(
        "select read, inserted + updated + unchanged, duplicate, set_aside, skipped from ops.partitions"
        " join ops.loads using (load_id, asset_key, partition_key) where asset_key = %s",
        PLACE,
    )
    return found


def test_a_row_put_right_is_published_and_the_counts_close(installation: Installation) -> None:
    rows = with_bad(a_user(41, **{BORN: "long ago"}))
    installation.stage("flowcase_users", rows)
    (letter,) = letters(installation)
    assert counts(installation) == (41, 40, 0, 1, 0)
    assert replay(installation, {letter.id: ["birth_year=1984"]}) == 1
    receipt = installation.stage("flowcase_users", rows)
    assert (receipt.status, receipt.counts.inserted, receipt.counts.unchanged) == ("published", 1, 40)
    assert counts(installation) == (41, 41, 0, 0, 0)
    stored = "select birth_year, changes, row_no from staged.flowcase_users where cv_partner_user_id = 'u41'"
    assert installation.rows(stored) == [(1984, {"birth_year": ["corrected"]}, 42)]
    assert [x.status for x in letters(installation)] == ["replayed"]


def test_the_same_correction_again_changes_nothing(installation: Installation) -> None:
    rows = with_bad(a_user(41, **{BORN: "long ago"}))
    installation.stage("flowcase_users", rows)
    (letter,) = letters(installation)
    replay(installation, {letter.id: ["birth_year=1984"]})
    installation.stage("flowcase_users", rows)
    before = dump(installation, "staged")
    assert replay(installation, {letter.id: ["birth_year=1984"]}) == 0
    installation.stage("flowcase_users", rows)
    same = "select (select count(*) from ops.loads), (select count(*) from ops.dead_letters)"
    assert installation.rows(same) == [(2, 1)]
    assert dump(installation, "staged") == before


def test_a_row_that_is_still_wrong_stays_out_with_its_new_reason(installation: Installation) -> None:
    rows = with_bad(a_user(41, **{BORN: "long ago", "CV Partner User ID": ""}))
    installation.stage("flowcase_users", rows)
    (letter,) = letters(installation)
    assert letter.rules == "cv_partner_user_id_present, birth_year_valid"
    replay(installation, {letter.id: ["birth_year=1984"]})
    installation.stage("flowcase_users", rows)
    (after,) = letters(installation)
    assert (after.status, after.rules) == ("open", "cv_partner_user_id_present")
    # The record is kept as it was delivered.
    assert dict(after.payload["cells"])[BORN] == "long ago" if after.payload else False
    replay(installation, {letter.id: ["cv_partner_user_id=u41"]})
    installation.stage("flowcase_users", rows)
    assert installation.one("select birth_year from staged.flowcase_users where cv_partner_user_id = 'u41'") == 1984


def test_a_record_with_too_few_fields_comes_in_once_it_is_given_whole(installation: Installation) -> None:
    whole = report_bytes(users(41)).decode()
    *lines, last = whole.splitlines()
    installation.stage("flowcase_users", "\r\n".join([*lines, last.partition(",")[2], ""]).encode())
    (letter,) = letters(installation)
    assert letter.stage == "decode"
    with pytest.raises(SetupError, match="give it whole"):
        replay(installation, {letter.id: ["birth_year=1984"]})
    cells = dict(enumerate(next(csv.reader(io.StringIO(last)))))
    with installation.warehouse.connect("replay") as connection:
        write_down(connection, {letter.id: letter}, {letter.id: cells}, "somebody")
    installation.stage("flowcase_users", "\r\n".join([*lines, last.partition(",")[2], ""]).encode())
    assert counts(installation) == (41, 41, 0, 0, 0)
    assert installation.one("select row_no from staged.flowcase_users where cv_partner_user_id = 'u41'") == 42


def test_a_doubled_row_that_gets_a_key_of_its_own_comes_in(installation: Installation) -> None:
    rows = with_bad(a_user(40, **{"CV Partner CV ID": "cv_u40"}))
    installation.stage("flowcase_users", rows)
    (letter,) = letters(installation)
    assert (letter.stage, letter.rules) == ("dedupe", "key_unique")
    replay(installation, {letter.id: ["CV Partner User ID=u41", "cv_partner_cv_id=cv_u41"]})
    installation.stage("flowcase_users", rows)
    assert counts(installation) == (41, 41, 0, 0, 0)


def test_a_row_of_somebody_unknown_is_put_right_where_it_was_delivered(installation: Installation) -> None:
    reports = a_quarter(*range(1, 31))
    reports["courses"].append(a_course(31))
    write_reports(installation.quarter_folder(QUARTER), reports)
    installation.load(QUARTER)
    (letter,) = letters(installation, asset_key="core/course")
    table = table_of("flowcase_courses")
    with installation.warehouse.connect("replay") as connection:
        header = header_of(connection, installation.warehouse, letter)
        said = {letter.id: assigned(table, header, ["cv_partner_cv_id=cv_u30", "cv_partner_user_id=u30"])}
        write_down(connection, {letter.id: letter}, said, "somebody")
    installation.load(QUARTER)
    assert installation.column(
        "select cv_partner_cv_id from core.course where cv_partner_section_id = 'courses-31'"
    ) == ["cv_u30"]
    assert [x.status for x in letters(installation)] == ["replayed"]


def test_enough_rows_put_right_let_a_held_delivery_through(installation: Installation) -> None:
    rows = [*users(10), *(a_user(n, **{BORN: "long ago"}) for n in range(11, 13))]
    assert installation.stage("flowcase_users", rows).status == "held"
    first, second = letters(installation)
    replay(installation, {first.id: ["birth_year=1984"], second.id: ["birth_year=1985"]})
    assert installation.stage("flowcase_users", rows).status == "published"
    assert counts(installation) == (12, 12, 0, 0, 0)
    assert {x.status for x in letters(installation)} == {"replayed"}


def test_a_correction_stays_with_its_delivery_when_that_is_put_back(installation: Installation) -> None:
    rows = with_bad(a_user(41, **{BORN: "long ago"}))
    installation.stage("flowcase_users", rows)
    (letter,) = letters(installation)
    replay(installation, {letter.id: ["birth_year=1984"]})
    installation.stage("flowcase_users", rows)
    before = dump(installation, "staged")
    installation.stage("flowcase_users", users(5))
    with pytest.raises(SetupError, match="about an earlier delivery"):
        replay(installation, {letter.id: ["birth_year=1985"]})
    installation.stage("flowcase_users", rows)
    assert dump(installation, "staged") == before


def test_a_discarded_letter_stays_closed_when_the_row_comes_again(installation: Installation) -> None:
    rows = with_bad(a_user(41, **{BORN: "long ago"}))
    installation.stage("flowcase_users", rows)
    with installation.warehouse.connect("letters") as connection:
        assert discard(connection, Wanted(rule="birth_year_valid"), "somebody") == 1
        assert discard(connection, Wanted(rule="birth_year_valid"), "somebody") == 0
    installation.stage("flowcase_users", users(5))
    installation.stage("flowcase_users", rows)
    (letter,) = letters(installation)
    assert (letter.status, letter.seen) == ("discarded", 2)


def test_letters_are_found_by_table_quarter_rule_and_day(installation: Installation) -> None:
    installation.stage("flowcase_users", with_bad(a_user(41, **{BORN: "x"}), a_user(42, **{"SFIA Level": "9"})))
    installation.stage("flowcase_users", with_bad(a_user(41, **{BORN: "x"})), "2026-Q2")
    (day,) = installation.column("select distinct date_trunc('day', first_seen) from ops.dead_letters")
    assert len(letters(installation, asset_key=PLACE)) == 3
    assert len(letters(installation, asset_key="staged/flowcase_blogs")) == 0
    assert len(letters(installation, partition_key="2026-Q2")) == 1
    assert len(letters(installation, rule="birth_year_valid")) == 2
    assert len(letters(installation, since=day)) == 3
    assert len(letters(installation, until=day)) == 0
    with installation.warehouse.connect("letters") as connection:
        assert open_by_rule(connection) == [
            (PLACE, "birth_year_valid", 2, "2026-Q1, 2026-Q2"),
            (PLACE, "sfia_level_valid", 1, "2026-Q1"),
        ]


def test_one_doubled_address_among_a_thousand_people_holds_nobody_back(installation: Installation) -> None:
    rows = [*users(999), a_user(1000, Email="Person7@example.org")]
    assert installation.stage("flowcase_users", rows).status == "published"
    assert installation.one("select count(*) from staged.flowcase_users") == 1000
    assert letters(installation) == []


def test_a_column_that_is_not_there_is_refused_by_name(installation: Installation) -> None:
    installation.stage("flowcase_users", with_bad(a_user(41, **{BORN: "x"})))
    (letter,) = letters(installation)
    with pytest.raises(SetupError, match="shoe_size is no column of this report"):
        replay(installation, {letter.id: ["shoe_size=9"]})
    with pytest.raises(SetupError, match="column=value"):
        replay(installation, {letter.id: ["1984"]})


# The commands.


@pytest.mark.slow
def test_the_way_of_a_letter_on_the_command_line(installation: Installation) -> None:
    reports = {
        **a_quarter(*range(1, 42)),
        "user_report": with_bad(a_user(41, **{BORN: "long ago", "Landline": "=1+1"})),
    }
    write_reports(installation.quarter_folder(QUARTER), reports)
    installation.load(QUARTER)
    known = {x.id: x for x in letters(installation, asset_key=PLACE)}
    ((number, _),) = known.items()

    listed = hrdata("letters", "list", "--asset", "flowcase_users", "--json").told
    assert [(x["id"], x["row"], x["breaks"]) for x in listed["letters"]] == [(number, 42, "birth_year_valid")]
    shown = hrdata("letters", "show", str(number)).out
    assert "long ago" in shown
    assert "a whole number" in shown

    sheet = installation.folder / "letters.csv"
    said = hrdata("letters", "export", str(sheet), "--asset", "flowcase_users", "--quarter", "Q12026")
    assert f"Letters in {sheet}: 1." in said.out
    text = sheet.read_text(encoding="utf-8")
    assert "'=1+1" in text
    sheet.write_text(text.replace("long ago", "1984"), encoding="utf-8")
    done = hrdata("letters", "replay", "--from", str(sheet), "--json").told
    assert (done["corrected"], done["success"]) == (1, True)
    assert [x["status"] for x in done["letters"]] == ["replayed"]
    assert installation.one("select landline from core.users where cv_partner_user_id = 'u41'") == "=1+1"
    assert letters(installation, status="open") == []

    again = hrdata("letters", "replay", "--from", str(sheet), "--json").told
    assert again["corrected"] == 0
    refused = hrdata("letters", "discard")
    assert (refused.code, "say which letters" in refused.err) == (1, True)
