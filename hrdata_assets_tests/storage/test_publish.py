"""Publishing one report: all or nothing, once per content, every row accounted for."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import polars as pl
import pytest

from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.defs.loading import ToLoad, load_of
from hrdata_assets.errors import HRDataError, SetupError, SystemUnavailable
from hrdata_assets.quality.judge import judge
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.archive import Archived, Delivery
from hrdata_assets.storage.ledger import Counts, Load, Place, record_load
from hrdata_assets.storage.publish import Publication, Receipt, publish
from hrdata_assets_tests.builders import Record, a_user, report_bytes, users
from hrdata_assets_tests.installation import Installation, now, table_of

QUARTER = "2026-Q1"
USERS = table_of("flowcase_users")
PLACE = Place("staged/flowcase_users", QUARTER, "run")
COUNTED = "read, inserted, updated, unchanged, duplicate, set_aside, skipped, removed"
LEDGER = f"select status, {COUNTED} from ops.loads where asset_key = 'staged/flowcase_users' order by load_id"
LETTERS = "select row_no, stage, status, seen, delivery from ops.dead_letters order by row_no, delivery"


def a_publication(rows: list[Record]) -> Publication:
    delivery = Delivery.of("user_report.csv", report_bytes(rows))
    cleaned = clean(USERS, read_delimited(delivery.content, delivery.file_name), delivery.file_name)
    judged = judge(cleaned, Quarter.parse(QUARTER).last_day)
    return load_of(judged, delivery, now()).publication


def published(installation: Installation) -> list[tuple[str, str, int]]:
    return installation.rows("select cv_partner_user_id, department, row_no from staged.flowcase_users order by row_no")


def ledger(installation: Installation) -> list[list[tuple[object, ...]]]:
    tables = ("loads", "quality_results", "partitions", "dead_letters")
    return [
        installation.rows(f"select t::text from ops.{t} t where asset_key like 'staged/%' order by 1") for t in tables
    ]


def ids(installation: Installation) -> list[str]:
    return installation.column("select cv_partner_user_id from staged.flowcase_users order by row_no")


def test_a_first_load_inserts_every_row_and_says_where_it_came_from(installation: Installation) -> None:
    rows = users(3)
    receipt = installation.stage("flowcase_users", rows)
    assert (receipt.status, receipt.counts) == ("published", Counts(read=3, inserted=3))
    assert published(installation) == [(f"u{n}", "Data Engineering", n + 1) for n in (1, 2, 3)]
    short = Delivery.of("", report_bytes(rows)).short
    assert installation.rows("select distinct quarter, delivery from staged.flowcase_users") == [(QUARTER, short)]
    assert installation.rows(LEDGER) == [("published", 3, 3, 0, 0, 0, 0, 0, 0)]


def test_the_same_again_changes_nothing_and_is_not_written_down(installation: Installation) -> None:
    first = installation.stage("flowcase_users", users(3))
    before = ledger(installation)
    again = installation.stage("flowcase_users", users(3))
    assert (first.status, again.status, again.counts) == ("published", "already", Counts())
    with installation.warehouse.connect("test") as connection:
        assert publish(connection, PLACE, a_publication(users(3))).status == "already"
    assert ledger(installation) == before


def test_a_changed_report_is_compared_by_key(installation: Installation) -> None:
    installation.stage("flowcase_users", users(4))
    changed = [a_user(9), a_user(3), a_user(2, Department="Design"), a_user(1)]
    receipt = installation.stage("flowcase_users", changed)
    # Where a row stands in its file is no change: 1 and 3 only moved; 4 is gone, 9 is new.
    assert receipt.counts == Counts(read=4, inserted=1, updated=1, unchanged=2, removed=1)
    assert published(installation) == [
        ("u9", "Data Engineering", 2),
        ("u3", "Data Engineering", 3),
        ("u2", "Design", 4),
        ("u1", "Data Engineering", 5),
    ]
    assert installation.rows(LEDGER)[-1] == ("published", 4, 1, 1, 2, 0, 0, 0, 1)


def test_other_quarters_stay_as_they_are(installation: Installation) -> None:
    installation.stage("flowcase_users", users(3), QUARTER)
    installation.stage("flowcase_users", users(1), "2026-Q2")
    per_quarter = "select quarter, count(*) from staged.flowcase_users group by 1 order by 1"
    assert installation.rows(per_quarter) == [("2026-Q1", 3), ("2026-Q2", 1)]


def test_a_former_version_can_be_published_again(installation: Installation) -> None:
    installation.stage("flowcase_users", users(3))
    installation.stage("flowcase_users", users(2))
    receipt = installation.stage("flowcase_users", users(3))
    assert receipt.counts == Counts(read=3, inserted=1, unchanged=2)
    assert ids(installation) == ["u1", "u2", "u3"]


def test_a_report_without_rows_is_an_empty_partition(installation: Installation) -> None:
    header, _, _ = report_bytes([{"CV Partner CV ID": "", "Skill name": ""}]).partition(b"\n")
    installation.stage("flowcase_technologies", report_bytes([{"CV Partner CV ID": "cv_u1", "Skill name": "Python"}]))
    receipt = installation.stage("flowcase_technologies", header)
    assert (receipt.status, receipt.counts) == ("published", Counts(removed=1))
    assert installation.one("select count(*) from staged.flowcase_technologies") == 0


def test_bad_rows_are_set_aside_and_every_row_is_accounted_for(installation: Installation) -> None:
    unreadable = a_user(61, **{"Birth Year": "nineteen"})
    rows = [*users(60), unreadable, a_user(1, Department="Twice")]
    content = report_bytes(rows) + b",\r\n" + b"\r\n" * 2
    receipt = installation.stage("flowcase_users", content + report_bytes([a_user(62)]).partition(b"\n")[2])
    assert receipt.counts == Counts(read=66, inserted=61, duplicate=1, set_aside=2, skipped=2)
    assert ids(installation) == [f"u{n}" for n in (*range(1, 61), 62)]
    stages = installation.rows("select row_no, stage, reasons -> 0 ->> 'rule' from ops.dead_letters order by row_no")
    assert stages == [(62, "parse", "birth_year_valid"), (63, "dedupe", "key_unique"), (64, "decode", "too_few_fields")]


def test_a_letter_holds_the_row_as_delivered_and_reasons_without_values(installation: Installation) -> None:
    installation.stage("flowcase_users", [*users(25), a_user(26, **{"Birth Year": "nineteen eighty"})])
    ((reasons, payload),) = installation.rows("select reasons, payload from ops.dead_letters")
    assert reasons == [{"rule": "birth_year_valid", "dimension": "validity", "column": "birth_year"}]
    assert ["Birth Year", "nineteen eighty"] in payload["cells"]


def test_the_same_bad_rows_again_raise_seen_and_a_corrected_file_supersedes(installation: Installation) -> None:
    good, bad = users(25), a_user(26, **{"Birth Year": "nineteen"})
    first = Delivery.of("", report_bytes([*good, bad])).short
    installation.stage("flowcase_users", [*good, bad])
    installation.stage("flowcase_users", [*good, bad])  # already loaded: not even looked at
    assert installation.rows(LETTERS) == [(27, "parse", "open", 1, first)]
    installation.stage("flowcase_users", [*good, a_user(26)])
    assert installation.rows(LETTERS) == [(27, "parse", "superseded", 1, first)]
    installation.stage("flowcase_users", [*good, bad])
    assert installation.rows(LETTERS) == [(27, "parse", "open", 2, first)]


def test_a_held_load_keeps_the_last_good_version(installation: Installation) -> None:
    installation.stage("flowcase_users", users(20))
    mostly_bad = [*users(3), *(a_user(n, **{"Birth Year": "?!"}) for n in range(4, 8))]
    receipt = installation.stage("flowcase_users", mostly_bad)
    assert receipt.status == "held"
    assert receipt.reason is not None
    assert "set_aside: 57.14 %, may be at most 5.00 %" in receipt.reason
    assert ids(installation) == [f"u{n}" for n in range(1, 21)]
    # What was good in it waits outside; the letters of what was not are filed.
    held = installation.column("select cv_partner_user_id from held.staged_flowcase_users_2026_q1 order by row_no")
    assert held == ["u1", "u2", "u3"]
    assert [row[:3] for row in installation.rows(LETTERS)] == [(n, "parse", "open") for n in range(5, 9)]
    assert installation.rows(LEDGER)[-1] == ("held", 7, 0, 0, 0, 0, 7, 0, 0)
    partition = "select load_id < held_load_id, delivery <> held_delivery from ops.partitions where load_id is not null"
    assert installation.rows(partition) == [(True, True)]


def test_a_good_load_ends_the_holding(installation: Installation) -> None:
    installation.stage("flowcase_users", [a_user(1), a_user(2, Email="")])
    bad = [a_user(1), a_user(2, **{"Birth Year": "?!"})]
    assert installation.stage("flowcase_users", bad).status == "held"
    assert installation.stage("flowcase_users", users(2)).status == "published"
    assert installation.one("select to_regclass('held.staged_flowcase_users_2026_q1')") is None
    assert installation.rows("select held_load_id from ops.partitions where asset_key like 'staged/%'") == [(None,)]


def test_holding_the_same_twice_keeps_one_copy(installation: Installation) -> None:
    bad = [a_user(1), a_user(2, **{"Birth Year": "?!"})]
    receipts = [installation.stage("flowcase_users", bad) for _ in range(2)]
    assert [r.status for r in receipts] == ["held", "held"]
    assert installation.one("select count(*) from held.staged_flowcase_users_2026_q1") == 1
    assert [row[3] for row in installation.rows(LETTERS)] == [2]


@pytest.mark.parametrize("spoil", [
    {"name": pl.lit("a\0b")},  # PostgreSQL refuses NUL while it is copied
    {"row_no": pl.lit(2, dtype=pl.Int32)},  # doubled key: refused after the rows are in
    {"cv_partner_user_id": pl.lit(None, dtype=pl.String)},
], ids=["copy", "key", "required"])  # fmt: skip
def test_a_load_that_fails_leaves_the_old_partition_and_no_trace(installation: Installation, spoil) -> None:
    installation.stage("flowcase_users", users(3))
    good = a_publication(users(5))
    before = everything_made(installation)
    with pytest.raises(HRDataError), installation.warehouse.connect("test") as connection:
        publish(connection, PLACE, replace(good, rows=good.rows.with_columns(**spoil)))
    assert everything_made(installation) == before
    assert ids(installation) == ["u1", "u2", "u3"]


def everything_made(installation: Installation) -> list[tuple[object, ...]]:
    relations = (
        "select relnamespace::regnamespace::text, relname from pg_class where relkind in ('r', 'p') order by 1, 2"
    )
    return [*installation.rows(LEDGER), *installation.rows(relations)]


def test_two_runs_at_once_publish_one_version(installation: Installation) -> None:
    installation.stage("flowcase_users", users(3))
    versions = [a_publication(users(6)), a_publication([a_user(n, Department="Design") for n in range(1, 9)])]
    assert installation.warehouse  # opened before the race
    barrier = threading.Barrier(len(versions))

    def race(version: Publication) -> Receipt | SystemUnavailable:
        try:
            with installation.warehouse.connect("race") as connection:
                barrier.wait(timeout=30)
                receipt = publish(connection, PLACE, version)
                connection.execute("select pg_sleep(0.3)")
                return receipt
        except SystemUnavailable as refused:
            return refused

    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(race, versions))
    (winner,) = [v for v, o in zip(versions, outcomes, strict=True) if isinstance(o, Receipt)]
    (refused,) = [o for o in outcomes if isinstance(o, SystemUnavailable)]
    assert "another run is working on it" in str(refused)
    assert len(ids(installation)) == winner.rows.height
    assert installation.rows("select distinct delivery from staged.flowcase_users") == [(winner.delivery,)]
    assert len(installation.rows(LEDGER)) == 2


def test_one_content_published_at_once_many_times_is_one_load(installation: Installation) -> None:
    version, threads = a_publication(users(5)), 4
    assert installation.warehouse
    barrier = threading.Barrier(threads)

    def race(_: int) -> str:
        try:
            with installation.warehouse.connect("race") as connection:
                barrier.wait(timeout=30)
                return publish(connection, PLACE, version).status
        except SystemUnavailable:
            return "refused"

    with ThreadPoolExecutor(threads) as pool:
        outcomes = list(pool.map(race, range(threads)))
    assert outcomes.count("published") == 1
    assert set(outcomes) <= {"published", "already", "refused"}
    assert ids(installation) == ["u1", "u2", "u3", "u4", "u5"]
    assert len(installation.rows(LEDGER)) == 1


def test_readers_see_the_old_version_or_the_new_one(installation: Installation) -> None:
    small, large = a_publication(users(20)), a_publication([a_user(n, Department="New") for n in range(1, 41)])
    with installation.warehouse.connect("first") as connection:
        publish(connection, PLACE, small)
    seen: set[tuple[int, int, int]] = set()
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            sums = "select count(*), count(distinct delivery), count(*) filter (where department = 'New') from "
            seen.update(installation.rows(sums + "staged.flowcase_users"))

    with ThreadPoolExecutor() as pool:
        reader = pool.submit(read)
        for version in (large, small, large, small, large):
            with installation.warehouse.connect("writer") as connection:
                publish(connection, PLACE, version)
        over.set()
        reader.result()
    assert seen <= {(20, 1, 0), (40, 1, 40)}
    assert len(seen) == 2


def test_the_ledger_refuses_counts_that_do_not_add_up(installation: Installation) -> None:
    lost = Counts(read=10, inserted=8, set_aside=1)
    with pytest.raises(SetupError, match="constraint nothing_is_lost"), installation.warehouse.connect("x") as c:
        record_load(c, PLACE, Load("d", "c", lost, now()))
    assert installation.rows(LEDGER) == []


def test_scores_are_kept_as_counts_at_both_points(installation: Installation) -> None:
    rows = [*users(24), a_user(25, **{"Birth Year": "1800"})]
    installation.stage("flowcase_users", rows)
    counted = "select point, units, passed from ops.quality_results where rule = 'birth_year_valid' order by point"
    assert installation.rows(counted) == [("published", 24, 24), ("received", 25, 24)]
    kept = "select units, passed from ops.quality_results where rule = 'rows_kept' and point = 'received'"
    assert installation.rows(kept) == [(25, 24)]


def test_what_is_handed_to_publishing_adds_up_before_it_is_published() -> None:
    load = ToLoad(a_publication([*users(20), a_user(21, **{"Birth Year": "?!"})]))
    assert load.adds_up
    assert not replace(load, publication=replace(load.publication, rows=load.publication.rows.head(5))).adds_up


def test_content_is_known_by_its_bytes_not_its_name(installation: Installation) -> None:
    archived = Archived(
        "Q12026/renamed.csv", Delivery.of("", report_bytes(users(1))).sha256, installation.warehouse.archive
    )
    installation.stage("flowcase_users", users(1))
    assert installation.one("select delivery from ops.partitions where asset_key like 'staged/%'") == archived.short
    deliveries = "select times_seen, bytes from ops.deliveries"
    installation.stage("flowcase_users", users(1))
    assert installation.rows(deliveries) == [(2, len(archived.read()))]


def test_a_partition_keeps_no_value_for_rows_to_come(installation: Installation) -> None:
    """What all rows of a delivery have in common is not sent with each; a row added by hand says it itself."""
    receipt = installation.stage("flowcase_users", users(3))
    assert receipt.counts.inserted == 3
    assert installation.column("select distinct quarter from staged.flowcase_users") == ["2026-Q1"]
    defaults = "select count(*) from information_schema.columns where table_name = %s and column_default is not null"
    assert installation.one(defaults, "flowcase_users_2026_q1") == 0
