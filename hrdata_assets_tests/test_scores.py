"""Scores read back: the view marts.quality, the scorecards of the ledger, and drift over a table's quarters."""

from collections.abc import Iterator
from fractions import Fraction

import dagster as dg
import pytest

from hrdata_assets.defs.quality import drift_result, drifts_of
from hrdata_assets.quarter import Quarter
from hrdata_assets.rule import Dimension
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.scores import ScoredLoad, cards_of, earlier_cards, scored_loads, scored_quarters
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets_tests.builders import Record, a_user, users
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.installation import Installation, table_of

QUARTERS = ("2026-Q1", "2026-Q2")
COURSE = ("2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")


@pytest.fixture(scope="module")
def damaged(new_installation: NewInstallation) -> Iterator[Installation]:
    """Two quarters with known defects; the later one was loaded first."""
    with new_installation() as made:
        for number in (2, 1):
            folder = made.quarter_folder(f"2026-Q{number}")
            write_quarter(folder, Quarter(2026, number), people=300, seed=3 + number, damage=True)
            made.load(f"2026-Q{number}")
        yield made


def loads_of(installation: Installation) -> dict[tuple[str, str], ScoredLoad]:
    with installation.warehouse.connect("test") as connection:
        return {(load.quarter, load.asset): load for load in scored_loads(connection, QUARTERS)}


def shown(installation: Installation, column: str) -> dict[tuple[str, str, str], object]:
    return {
        (q, a, d): v
        for q, a, d, v in installation.rows(f"select quarter, asset, dimension, {column} from marts.quality")
    }


def test_the_view_says_what_the_scorecards_say(damaged: Installation) -> None:
    loads = loads_of(damaged)
    expected: dict[str, dict[tuple[str, str, str], Fraction | None]] = {"received": {}, "published": {}}
    for (quarter, asset), load in loads.items():
        for card in (load.received, load.published):
            scores = {d.value: card.dimension(d) for d in Dimension} | {"overall": card.overall}
            expected[card.point] |= {(quarter, asset, name): score for name, score in scores.items()}
    assert len(expected["received"]) == 2 * (15 + 20 + 1) * 9
    for point, scores in expected.items():
        found = shown(damaged, point)
        assert set(found) == set(scores)
        for place, score in scores.items():
            number = found[place]
            assert (number is None) == (score is None), place
            if score is not None:
                assert abs(Fraction(str(number)) - score) < Fraction(1, 10**15), place
    # It is no test of nothing but 100 %.
    assert len({score for score in expected["received"].values() if score is not None}) > 20


def test_the_view_says_what_a_score_rests_on(damaged: Installation) -> None:
    loads = loads_of(damaged)
    rows, rules, dimensions = (shown(damaged, column) for column in ("rows", "rules", "dimensions"))
    for (quarter, asset), load in loads.items():
        place = (quarter, asset, "overall")
        assert rows[place] == load.received.rows
        assert rules[place] == sum(1 for m in load.received.measures if m.units)
        assert dimensions[place] == len(load.received.dimensions)


def test_the_change_is_against_the_quarter_before_whatever_was_loaded_first(damaged: Installation) -> None:
    received, change = shown(damaged, "received"), shown(damaged, "change")
    previous = shown(damaged, "previous_quarter")
    for quarter, asset, dimension in received:
        place, before = (quarter, asset, dimension), ("2026-Q1", asset, dimension)
        if quarter == "2026-Q1":
            assert (previous[place], change[place]) == (None, None)
            continue
        assert previous[place] == "2026-Q1"
        if received[place] is None or received[before] is None:
            assert change[place] is None
        else:
            assert change[place] == received[place] - received[before]  # type: ignore[operator]
    assert any(change.values())


def test_an_empty_table_has_no_score(installation: Installation) -> None:
    installation._stage(table_of("flowcase_blogs"), None, Place("staged/flowcase_blogs", "2026-Q1", "run"))
    found = installation.rows("select received, published, rows, rules, dimensions from marts.quality")
    assert found == [(None, None, 0, 0, 0)] * 9


def test_what_is_held_is_scored_beside_what_is_published(installation: Installation) -> None:
    installation.stage("flowcase_users", users(40))
    installation.stage("flowcase_users", [*users(30), *(broken(n) for n in range(31, 41))])
    with installation.warehouse.connect("test") as connection:
        published, held = scored_loads(connection, ["2026-Q1"], "staged/flowcase_users")
        assert scored_quarters(connection) == ["2026-Q1"]
        assert scored_loads(connection, ["2026-Q2"]) == []
    assert (published.held, held.held) == (False, True)
    assert (published.received.overall, published.reason) == (1, None)
    assert held.received.set_aside == 10
    assert str(held.reason).startswith("set_aside: 25.00 %")
    # The view is about what readers see.
    assert installation.one("select received from marts.quality where dimension = 'overall'") == 1


def broken(number: int) -> Record:
    return a_user(number, **{"Birth Year": "?!"})


def stale(number: int) -> Record:
    return a_user(number, **{"CV Last updated": "1999-01-01", "CV Last updated by owner": "1999-01-01"})


def place(quarter: str) -> Place:
    return Place("staged/flowcase_users", quarter, "run")


def test_the_course_is_what_earlier_quarters_published_latest_first(installation: Installation) -> None:
    for rows, quarter in enumerate(COURSE, start=40):
        installation.stage("flowcase_users", users(rows), quarter)
    # A correction replaces its quarter; what is held, and what is later, is no part of the course.
    installation.stage("flowcase_users", users(60), "2025-Q2")
    installation.stage("flowcase_users", [broken(1)], "2025-Q4")
    installation.stage("flowcase_users", users(70), "2026-Q2")
    with installation.warehouse.connect("test") as connection:
        found = [card.rows for card in earlier_cards(connection, place("2026-Q1"), 4)]
        assert earlier_cards(connection, place("2024-Q4"), 8) == []
        assert cards_of(connection, []) == {}
    assert found == [44, 43, 60, 41]


def test_a_fall_is_told_by_the_check_and_nothing_is_held_for_it(installation: Installation) -> None:
    for quarter in COURSE:
        installation.stage("flowcase_users", users(60), quarter)
    key = dg.AssetKey(["staged", "flowcase_users"])
    receipt = installation.stage("flowcase_users", [*users(40), *(stale(n) for n in range(41, 61))], "2026-Q1")
    assert receipt.status == "published"
    load = loads_of(installation)["2026-Q1", "staged/flowcase_users"]
    told = drift_result(key, drifts_of(installation.warehouse, place("2026-Q1"), load.received))
    assert (told.passed, told.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "timeliness is 66.67 %, -33.33 points against the usual 100.00 %" in str(told.description)
    assert told.metadata["timeliness change (points)"].value == -33.3333
    table = str(told.metadata["scores"].value)
    assert "| timeliness | 66.67 % | 100.00 % |" in table
    assert "**drift**" in table
    first = drift_result(key, drifts_of(installation.warehouse, place("2025-Q1"), load.received))
    assert (first.passed, first.description) == (
        True,
        "too few loads for drift: 1 earlier ones, at least 5 are needed",
    )
