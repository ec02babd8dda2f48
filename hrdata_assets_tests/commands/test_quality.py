"""`hrdata quality` as people and programs call it."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.cli import main
from hrdata_assets.commands.quality_page import trend
from hrdata_assets.commands.scorecards import share
from hrdata_assets.quarter import Quarter
from hrdata_assets.rule import Dimension
from hrdata_assets.storage.decisions import Approval, approve, correct
from hrdata_assets.storage.ledger import Place, state_of
from hrdata_assets.storage.postgres import database_name
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets_tests.builders import a_quarter, a_user, users, write_reports
from hrdata_assets_tests.conftest import Fresh, NewInstallation
from hrdata_assets_tests.installation import Installation, dump

Quality = Callable[..., tuple[int, str, str]]
USERS = "staged/flowcase_users"


@pytest.fixture
def quality(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Quality:
    """The command in this process: its code, what it said, and what it complained of."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hrdata", "quality", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def told(answer: tuple[int, str, str]) -> Any:
    return json.loads(answer[1])


@pytest.fixture(scope="module")
def two_quarters(new_installation: NewInstallation) -> Iterator[Installation]:
    """A sound quarter, and a damaged one after it whose people are held once more."""
    with new_installation() as made:
        for number in (1, 2):
            folder = made.quarter_folder(f"2026-Q{number}")
            write_quarter(folder, Quarter(2026, number), people=300, seed=3, damage=number == 2)
            made.load(f"2026-Q{number}")
        made.stage("flowcase_users", [a_user(1), a_user(2, **{"Birth Year": "?!"})], "2026-Q2")
        yield made


@pytest.fixture
def there(two_quarters: Installation) -> Iterator[Installation]:
    with two_quarters.environment():
        yield two_quarters


def test_without_a_table_it_shows_every_table_of_the_newest_quarter(quality: Quality, there: Installation) -> None:
    found = told(quality("--json"))
    assert found["quarter"] == "2026-Q2"
    states = {(t["asset"], t["state"]) for t in found["tables"]}
    assert len(states) == 15 + 20 + 1 + 1
    assert {(USERS, "published"), (USERS, "held")} < states
    for table in found["tables"]:
        assert set(table["dimensions"]) == {d.value for d in Dimension}
        measured = [d for d in table["dimensions"].values() if d["received"] is not None]
        assert len(measured) == table["dimensions_measured"]
        assert "rules" not in table
    assert {t["quarter"] for t in told(quality("--quarter", "q12026", "--json"))["tables"]} == {"2026-Q1"}


def test_what_is_published_and_what_is_held_stand_beside_each_other(quality: Quality, there: Installation) -> None:
    code, out, _ = quality()
    assert code == 0
    row = re.search(r"staged\.flowcase_users +│.*", out)
    assert row is not None
    assert re.search(r"staged\.flowcase_users \(held\) +│ +2 │", out)
    assert "held: staged/flowcase_users: set_aside: 50.00 %, may be at most 5.00 %" in out


@pytest.mark.parametrize("name", ["flowcase_users", "staged.flowcase_users", "staged/flowcase_users", "Flowcase_Users"])
def test_a_table_is_named_as_people_write_it(quality: Quality, there: Installation, name: str) -> None:
    found = told(quality(name, "--quarter", "2026-Q1", "--json"))
    assert [t["asset"] for t in found["tables"]] == [USERS]
    assert told(quality("show", name, "--quarter", "2026-Q1", "--json")) == found


def test_one_table_is_shown_rule_by_rule(quality: Quality, there: Installation) -> None:
    published, held = told(quality("flowcase_users", "--json"))["tables"]
    stored = {
        (rule, point): {"units": units, "passed": passed}
        for rule, point, units, passed in there.rows(
            "select rule, point, units, passed from ops.quality_results join ops.partitions using (load_id)"
            " where ops.quality_results.asset_key = %s and ops.quality_results.partition_key = '2026-Q2'"
            " and dimension is not null",
            USERS,
        )
    }
    assert {(r["rule"], p): r[p] for r in published["rules"] for p in ("received", "published")} == stored
    assert held["reason"].startswith("set_aside: ")
    out = quality("flowcase_users")[1]
    assert "staged/flowcase_users 2026-Q2, published" in out
    assert f"{published['dimensions_measured']} of 8 dimensions, {published['rules_run']} rules, " in out
    assert re.search(r"timeliness .* accuracy +│ n/a +│ n/a +│ 90\.00 │ not measured", out, re.DOTALL)
    assert re.search(r"birth_year_valid +│ validity +│ 1 +│ 1 of 2 +│ 50\.00 +│ 1 of 1 +│ Birth Year is a whole", out)


def test_brackets_in_a_rule_are_shown_as_they_are(quality: Quality, there: Installation) -> None:
    meaning = next(r["meaning"] for t in told(quality("flowcase_users", "--json"))["tables"] for r in t["rules"]
                   if "[" in (r["meaning"] or ""))  # fmt: skip
    assert meaning in quality("flowcase_users")[1]


@pytest.mark.parametrize(("arguments", "told"), [
    (("flowcase_usrs",), "flowcase_usrs is no table: did you mean flowcase_users"),
    (("core.flowcase_users",), "core.flowcase_users is no table: did you mean flowcase_users"),
    (("zzz",), "zzz is no table: `hrdata quality` lists those"),
    (("--quarter", "2031-Q4"), "2031-Q4 is not loaded: hrdata run --quarter 2031-Q4"),
    (("compare", "2026-Q1", "2031-Q4"), "2031-Q4 is not loaded"),
    (("verify", "--quarter", "soon"), "'soon' is no quarter"),
    (("--html", "no/such/folder/page.html"), "page.html cannot be written: No such file or directory"),
])  # fmt: skip
def test_what_cannot_be_shown_is_one_line(
    quality: Quality, there: Installation, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = quality(*arguments)
    assert (code, out) == (1, "")
    assert told in err
    assert err.count("\n") == 1


def test_before_the_first_load_it_says_what_to_do(quality: Quality, installation: Installation) -> None:
    assert quality() == (1, "", "hrdata: nothing is loaded yet, so nothing is scored: hrdata demo, or hrdata run\n")


def test_two_quarters_are_compared_by_table_dimension_and_rule(quality: Quality, there: Installation) -> None:
    found = told(quality("compare", "2026-Q1", "Q22026", "flowcase_clearances", "--json"))
    assert found["quarters"] == ["2026-Q1", "2026-Q2"]
    before, after = (
        told(quality("flowcase_clearances", "--quarter", quarter, "--json"))["tables"][0]
        for quarter in found["quarters"]
    )
    scores = {row["score"]: row for row in found["scores"]}
    measured = {name for name, score in after["dimensions"].items() if score["received"] is not None}
    assert set(scores) == {"overall"} | measured
    for name in measured:
        one, other = before["dimensions"][name]["received"], after["dimensions"][name]["received"]
        assert float(scores[name]["points"]) == pytest.approx((other - one) * 100, abs=0.0051)
    changes = [abs(float(row["points"])) for row in found["rules"]]
    assert changes
    assert changes == sorted(changes, reverse=True)
    by_rule = {rule["rule"]: rule["received"] for rule in after["rules"]}
    for row in found["rules"]:
        counts = by_rule[row["rule"]]
        assert row["broken 2026-Q2"] == counts["units"] - counts["passed"]


def test_comparing_everything_leaves_out_what_is_the_same(quality: Quality, there: Installation) -> None:
    found = told(quality("compare", "2026-Q1", "2026-Q2", "--json"))
    assert len({row["table"] for row in found["scores"]}) > 10
    assert not any(row["2026-Q1"] == row["2026-Q2"] == "100" for row in found["scores"])
    assert told(quality("compare", "2026-Q1", "2026-Q1", "--json"))["scores"] == []
    assert "nothing changed" in quality("compare", "2026-Q1", "2026-Q1")[1]


def test_a_table_of_one_of_the_quarters_only_is_named(quality: Quality, installation: Installation) -> None:
    installation.stage("flowcase_users", users(3), "2026-Q1")
    installation.stage("flowcase_users", users(3), "2026-Q2")
    installation.stage("flowcase_blogs", b"CV Partner CV ID,CV Partner section ID\n", "2026-Q2")
    out = quality("compare", "2026-Q1", "2026-Q2")[1]
    assert "not published in 2026-Q1: staged/flowcase_blogs" in out
    assert "measured in no table: accuracy, integrity" in quality()[1]


def test_scores_reckoned_again_from_what_is_stored_agree_and_nothing_changes(
    quality: Quality, there: Installation
) -> None:
    before = dump(there, "ops", "core", "staged", "marts")
    code, out, _ = quality("verify", "--quarter", "2026-Q2")
    assert (code, out.splitlines()[-1]) == (0, "35 of 35 loads agree, 0 differ")
    assert dump(there, "ops", "core", "staged", "marts") == before
    assert there.column("select nspname::text from pg_namespace where nspname like 'building%'") == []


@pytest.fixture(scope="module")
def sound(new_installation: NewInstallation) -> Iterator[Installation]:
    """A small quarter, loaded."""
    with new_installation() as made:
        write_reports(made.quarter_folder("2026-Q1"), a_quarter(*range(1, 13)))
        made.load("2026-Q1")
        yield made


@pytest.fixture
def small(sound: Installation, fresh_database: Fresh) -> Iterator[Installation]:
    """A copy of it whose books may be altered; the archive is the same."""
    with fresh_database(database_name(sound.url)) as url:
        copy = Installation(url, sound.folder)
        with copy.environment():
            yield copy


def alter(installation: Installation, statement: str) -> None:
    installation.rows(f"with altered as ({statement} returning 1) select * from altered")


@pytest.mark.parametrize(("statement", "asset", "told"), [
    ("update ops.quality_results set passed = passed - 1 where asset_key = 'staged/flowcase_users'"
     " and rule = 'email_valid' and point = 'received'",
     USERS, "email_valid (received): 11 of 12 stored, 12 of 12 now"),
    ("delete from ops.quality_results where asset_key = 'staged/flowcase_users' and rule = 'key_unique'"
     " and point = 'published'",
     USERS, "key_unique (published): 0 of 0 stored, 12 of 12 now"),
    ("update ops.quality_results set units = 13 where asset_key = 'staged/flowcase_users' and rule = 'rows_kept'"
     " and point = 'published'", USERS, "rows_kept (published): 12 of 13 stored, 12 of 12 now"),
    ("update ops.loads set score = 0.5 where asset_key = 'staged/flowcase_users'",
     USERS, "score: 0.5 stored, 1 by its own counts"),
    ("update ops.quality_results set passed = passed - 1 where asset_key = 'core/cvs' and rule = 'belongs'"
     " and point = 'received'", "core/cvs", "belongs (received): 11 of 12 stored, 12 of 12 now"),
])  # fmt: skip
def test_a_score_that_is_not_what_the_rows_say_is_found_and_named(
    quality: Quality, small: Installation, statement: str, asset: str, told: str
) -> None:
    alter(small, statement)
    code, out, _ = quality("verify", "--quarter", "2026-Q1", "--json")
    assert code == 1
    (differing,) = [row for row in json.loads(out) if row["outcome"] != "agrees"]
    assert (differing["asset"], differing["quarter"], differing["outcome"]) == (asset, "2026-Q1", "differs")
    assert told in differing["differences"]


@pytest.mark.parametrize(("statement", "outcome"), [
    ("update ops.loads set contract = 'an older one' where asset_key = 'staged/flowcase_users'",
     "declared otherwise then"),
    ("update ops.quality_results set rule_version = 'older' where asset_key = 'staged/flowcase_users'"
     " and rule = 'email_valid'", "declared otherwise then"),
])  # fmt: skip
def test_a_load_of_another_declaration_is_told_and_no_fault(
    quality: Quality, small: Installation, statement: str, outcome: str
) -> None:
    alter(small, statement)
    code, out, _ = quality("verify", "--json")
    assert code == 0
    assert [(r["asset"], r["outcome"]) for r in json.loads(out) if r["outcome"] != "agrees"] == [(USERS, outcome)]


def test_core_made_from_other_deliveries_is_told(quality: Quality, small: Installation) -> None:
    small.stage("flowcase_users", users(3), "2026-Q1")
    code, out, _ = quality("verify", "--json")
    assert code == 0
    outcomes = {row["outcome"] for row in json.loads(out) if row["asset"].startswith("core/")}
    assert outcomes == {"made from other deliveries then"}
    said = quality("verify")[1].splitlines()
    assert said[0] == "Differing: none"
    assert said[1].startswith("2026-Q1, made from other deliveries then (20): core/blog_publication, ")
    assert said[-1] == "15 of 35 loads agree, 0 differ"


def test_limits_that_changed_since_are_shown_and_are_no_difference(
    quality: Quality, small: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text('[tables."staged.flowcase_users"]\nexpected_rows = 24\nfloors = { completeness = 99.5 }\n')
    monkeypatch.setenv("HRDATA_QUALITY_FILE", str(limits))
    assert re.search(r"completeness +│ 100 +│ 100 +│ 99\.50 │", quality("flowcase_users")[1])
    assert {row["outcome"] for row in told(quality("verify", "--json"))} == {"agrees"}
    # Loaded under these limits, half of the people are missing, and that is reckoned again as well.
    replace(small, more=(("HRDATA_QUALITY_FILE", str(limits)),)).stage("flowcase_users", users(13))
    assert "rows_expected" in quality("flowcase_users")[1]
    outcomes = {row["asset"]: row["outcome"] for row in told(quality("verify", "--json"))}
    assert outcomes[USERS] == "agrees"


def test_what_was_put_right_or_released_by_hand_agrees_as_well(
    quality: Quality, installation: Installation, tmp_path: Path
) -> None:
    rows = [*users(40), a_user(41, **{"Birth Year": "?!"})]
    installation.stage("flowcase_users", rows)
    place = Place(USERS, "2026-Q1", "run")
    delivery = installation.one("select delivery from ops.partitions where asset_key = %s", USERS)
    with installation.warehouse.connect("test") as connection:
        correct(connection, place, delivery, {42: {list(rows[0]).index("Birth Year"): "1984"}}, "tester")
    assert installation.stage("flowcase_users", rows).counts.set_aside == 0
    held = [a_user(1), a_user(2, **{"Birth Year": "?!"})]
    installation.stage("flowcase_users", held, "2026-Q2")
    place = Place(USERS, "2026-Q2", "run")
    with installation.warehouse.connect("test") as connection:
        state = state_of(connection, USERS, "2026-Q2")
        approve(connection, place, str(state.held_delivery), Approval("known to be so", "tester"))
    assert installation.stage("flowcase_users", held, "2026-Q2").status == "published"
    assert [(r["quarter"], r["outcome"]) for r in told(quality("verify", "--json"))] == [
        ("2026-Q1", "agrees"),
        ("2026-Q2", "agrees"),
    ]
    reason = "released: known to be so (set_aside: 50.00 %, may be at most 5.00 %"
    assert f"{USERS} 2026-Q2, published: {reason}" in quality("flowcase_users")[1]
    quality("--html", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"is published although a gate failed: {reason}" in page


def test_an_altered_archive_is_found(quality: Quality, installation: Installation) -> None:
    installation.stage("flowcase_users", users(3))
    (file,) = installation.warehouse.archive.folder.rglob("*.zst")
    file.unlink()
    code, out, _ = quality("verify", "--json")
    assert code == 1
    (row,) = json.loads(out)
    assert row["outcome"] == "differs"
    assert "cannot be read from the archive" in row["differences"]


class Seen(HTMLParser):
    """Tags that are open, and everything a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "data", "action", "xlink:href")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture
def page(quality: Quality, there: Installation, tmp_path: Path) -> str:
    file = tmp_path / "page.html"
    code, out, _ = quality("--html", str(file))
    assert (code, out.split()) == (0, ["written:", str(file)])
    return file.read_text(encoding="utf-8")


def test_the_page_needs_nothing_else_and_is_whole(page: str) -> None:
    seen = Seen()
    seen.feed(page)
    assert (seen.open, seen.fetched) == ([], [])
    assert not re.search(r"https?://|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page


def test_the_page_shows_scores_rules_courses_and_what_waits(page: str, there: Installation) -> None:
    seen = Seen()
    seen.feed(page)
    text = " ".join(seen.text)
    assert "Data quality 2026-Q2" in text
    assert "set_aside: 50.00 %, may be at most 5.00 %" in text
    # One line for each table whose quarter is published and has rows.
    assert page.count('<svg class="trend"') == 36
    assert text.count("2026-Q1 100.00, 2026-Q2 ") > 10
    worst = [float(share) for share in re.findall(r'<td class="n">([\d.]+) %</td>', page)]
    assert worst == sorted(worst)
    waiting = there.one("select count(*) from ops.dead_letters where status = 'open' and partition_key = '2026-Q2'")
    assert f"{waiting:,} rows kept out" in " ".join(text.split())


def test_the_page_and_the_tables_hold_no_personal_value(page: str, quality: Quality, there: Installation) -> None:
    shown = page + quality()[1] + quality("flowcase_users")[1] + quality("verify", "--quarter", "2026-Q1")[1]
    values = there.column(
        "select distinct v from staged.flowcase_users, unnest(array[name, email, upn, cv_partner_user_id]) v"
        " where length(v) > 5"
    )
    assert len(values) > 100
    assert [value for value in values if value in shown] == []


def test_what_looks_like_markup_is_text_on_the_page(
    quality: Quality, installation: Installation, tmp_path: Path
) -> None:
    installation.stage("flowcase_users", [a_user(1), a_user(2, **{"Birth Year": "?!"})])
    alter(installation, "update ops.loads set reason = '<script>alert(1)</script>'")
    quality("--html", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_course_is_drawn_from_left_to_right_and_lower_is_worse() -> None:
    line = trend([("2026-Q1", 1.0), ("2026-Q2", 0.9), ("2026-Q3", 0.95)])
    (points,) = re.findall(r'points="(.*?)"', line)
    (x1, y1), (x2, y2), (x3, y3) = ([float(n) for n in point.split(",")] for point in points.split())
    assert x1 < x2 < x3
    assert y1 < y3 < y2
    assert "2026-Q2 90.00" in line
    assert trend([]) == ""


def test_nothing_but_everything_is_a_hundred() -> None:
    assert [share(s) for s in (Fraction(1), Fraction(999_999, 1_000_000), Fraction(0), None)] == [
        "100",
        "99.99",
        "0.00",
        "n/a",
    ]
