"""What a workbook's score says, and what its folder's gate does about it."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

import pytest

from hrdata_assets.excel.approval import approve_waiting, waiting
from hrdata_assets.excel.plan import plan_all
from hrdata_assets.rule import Dimension
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.decisions import Approval
from hrdata_assets.storage.ledger import scorecards_of
from hrdata_assets.systems.workbooks.discovery import find_workbooks
from hrdata_assets.verdict import Scorecard
from hrdata_assets.verify.answers import verify
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.excel.conftest import Load, Write
from hrdata_assets_tests.excel.test_load import statuses
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.victim import grave

Configure = Callable[[str], None]
Row = Sequence[object]

SOUND: list[Row] = [["Name", "FTE"], ["a", 50], ["b", 100]]
HALF_EMPTY: list[Row] = [["Name", "FTE"], ["a", None], ["b", None]]


def cards(installation: Installation) -> tuple[Scorecard, Scorecard]:
    """Scorecards of the last load, as stored."""
    with installation.warehouse.connect("test") as connection:
        row = connection.execute("select max(load_id) from ops.loads").fetchone()
        assert row is not None
        return scorecards_of(connection, row[0])


def counted(card: Scorecard) -> dict[str, tuple[int, int]]:
    """How many units each rule has, and how many pass."""
    return {m.rule: (m.units, m.passed) for m in card.measures}


def test_every_rule_counts_what_it_says(
    installation: Installation, write: Write, load: Load, configure: Configure
) -> None:
    configure("staff:\n  types: {FTE: integer}\n  key: No\n")
    write("staff/a.xlsx", [
        ["No", "Name", "FTE"],
        [1, "a", 50],
        [2, "b", None],
        [2, "b", None],
        [3, "#N/A", 70],
        [4, "d", "half"],
        [None, "e", 90],
        [None, None, None],
        [5, "f", 10],
    ])  # fmt: skip
    assert statuses(load()) == {"staff/a.xlsx": "loaded"}
    received, published = cards(installation)
    assert (received.rows, received.set_aside, published.rows, published.set_aside) == (7, 3, 4, 0)
    assert counted(received) == {
        "cells_are_filled": (21, 18), "has_its_key": (7, 6), "no_error_value": (18, 17),
        "of_declared_type": (5, 4), "rows_are_unlike": (7, 6),
    }  # fmt: skip
    assert counted(published) == {
        "cells_are_filled": (12, 10), "has_its_key": (4, 4), "no_error_value": (10, 10),
        "of_declared_type": (2, 2), "rows_are_unlike": (4, 3),
    }  # fmt: skip
    # Weights: filled 1, key 3; errors 2, types 1; alike 1.
    assert received.dimensions == {
        Dimension.COMPLETENESS: (Fraction(18, 21) + 3 * Fraction(6, 7)) / 4,
        Dimension.VALIDITY: (2 * Fraction(17, 18) + Fraction(4, 5)) / 3,
        Dimension.UNIQUENESS: Fraction(6, 7),
    }
    overall = received.overall
    assert overall is not None
    assert installation.one("select score from ops.loads") == Decimal(round(overall * 10**6)) / 10**6


def test_what_is_not_said_is_not_measured(installation: Installation, write: Write, load: Load) -> None:
    write("staff/a.xlsx", SOUND)
    load()
    received, _ = cards(installation)
    assert set(counted(received)) == {"cells_are_filled", "no_error_value", "rows_are_unlike"}
    assert received.overall == 1
    assert grave(verify(installation.warehouse)) == []


def test_totals_and_footers_are_none_of_the_rows_that_count(
    installation: Installation, write: Write, load: Load
) -> None:
    write("staff/a.xlsx", [["Name", "FTE", "Pay"], ["a", 50, 1], ["b", 100, 2], ["Total", 150, 3], [], ["Source: us"]])
    load()
    received, _ = cards(installation)
    assert (received.rows, received.overall) == (2, 1)


def test_a_sheet_without_rows_has_no_score_and_passes_every_gate(
    installation: Installation, write: Write, load: Load, configure: Configure
) -> None:
    configure("staff:\n  gate: 100\n")
    write("staff/a.xlsx", [["Name", "FTE"]])
    assert statuses(load()) == {"staff/a.xlsx": "loaded"}
    assert installation.one("select score from ops.loads") is None
    assert grave(verify(installation.warehouse)) == []


def test_rows_alike_in_parts_far_from_each_other_are_found(
    installation: Installation, write: Write, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ETL_CHUNK_SIZE", "2")
    write("staff/a.xlsx", [["Name", "FTE"], *([f"n{number % 9}", number % 9] for number in range(20))])
    load()
    received, _ = cards(installation)
    assert counted(received)["rows_are_unlike"] == (20, 9)


def test_a_workbook_below_the_gate_is_held_and_what_stood_there_stays(
    installation: Installation, write: Write, load: Load, configure: Configure
) -> None:
    configure("staff:\n  gate: 95\n")
    write("staff/a.xlsx", SOUND)
    load()
    write("staff/a.xlsx", HALF_EMPTY)
    for _ in range(2):
        held = load()["staff/a.xlsx"].outcome
        assert (held.status, held.reason) == (
            "held", "its score is 83.33 %, below its folder's gate of 95 %",
        )  # fmt: skip
    assert installation.column("select fte from excel.staff order by 1") == [50, 100]
    assert installation.rows("select status, policy, score from ops.loads order by load_id") == [
        ("published", "gate 95", 1), ("held", "gate 95", Decimal("0.833333")),
    ]  # fmt: skip
    assert cards(installation)[0].rows == 2
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def test_what_is_held_goes_in_once_it_is_approved(
    installation: Installation, write: Write, load: Load, configure: Configure
) -> None:
    configure("staff:\n  gate: 95\n")
    write("staff/a.xlsx", HALF_EMPTY)
    load()
    with installation.warehouse.connect("test") as connection:
        approve_waiting(connection, "staff", None, Approval("known", "test"))
    outcome = load()["staff/a.xlsx"].outcome
    assert (outcome.status, outcome.counts.inserted) == ("loaded", 2)
    with installation.warehouse.connect("test") as connection:
        assert waiting(connection) == []


@pytest.mark.parametrize("changed", ["staff:\n  gate: 80\n", "", "staff:\n  policy: propose\n"])
def test_another_gate_is_asked_at_the_next_load(write: Write, load: Load, configure: Configure, changed: str) -> None:
    configure("staff:\n  gate: 95\n")
    write("staff/a.xlsx", HALF_EMPTY)
    assert statuses(load()) == {"staff/a.xlsx": "held"}
    configure(changed)
    assert statuses(load()) == {"staff/a.xlsx": "loaded"}
    configure("staff:\n  gate: 95\n")
    assert statuses(load()) == {"staff/a.xlsx": "already"}


def test_a_gate_of_the_folder_above_holds_below_and_a_gate_and_a_proposal_are_told_together(
    write: Write, load: Load, configure: Configure
) -> None:
    configure("staff:\n  gate: 90\n  policy: propose\n")
    write("staff/new/a.xlsx", SOUND)
    load()
    write("staff/new/b.xlsx", [["Name", "Unit"], ["a", None], [None, 1]])
    reason = str(load()["staff/new/b.xlsx"].outcome.reason)
    assert reason.startswith("the table would have to change: add_column unit (integer); its score is 83.33 %")


def test_a_score_that_is_the_gate_exactly_is_not_below_it(write: Write, load: Load, configure: Configure) -> None:
    configure('staff:\n  gate: "75.0"\n')
    write("staff/a.xlsx", [["A", "B"], ["x", None], ["y", None], ["y", None], ["y", None], ["x", None]])
    # 1/2 of the cells, 1 of 1 without errors, 2 of 5 unlike: (0.5 + 1 + 0.4) / 3 is below; one more unlike is not.
    assert statuses(load()) == {"staff/a.xlsx": "held"}
    write("staff/a.xlsx", [["A", "B"], ["x", None], ["y", None], ["z", None], ["z", None]])
    assert statuses(load()) == {"staff/a.xlsx": "loaded"}


def test_the_plan_shows_what_would_be_held(installation: Installation, write: Write, configure: Configure) -> None:
    configure("staff:\n  gate: 95\n")
    write("staff/a.xlsx", HALF_EMPTY)
    write("staff/b.xlsx", SOUND)
    with installation.environment():
        settings = load_settings()
    plan = plan_all(settings, find_workbooks(settings.workbooks_dir))
    assert [(f.path, f.status, bool(f.reason)) for f in plan.files] == [
        ("staff/a.xlsx", "held", True), ("staff/b.xlsx", "loads", False),
    ]  # fmt: skip
    assert plan.tables["staff"].rows == 2


def test_status_and_explain_show_the_score(installation: Installation, write: Write, load: Load) -> None:
    path = write("staff/a.xlsx", HALF_EMPTY)
    load()
    with installation.environment():
        (table,) = hrdata("excel", "status", "--json").told["tables"]
        told = hrdata("excel", "explain", str(path), "--json").told
    assert float(table["lowest_score_percent"]) == 83.33
    assert told["score"] == "83.33 %"
    assert {r["rule"]: (r["of"], r["broken"]) for r in told["rules"]}["cells_are_filled"] == (4, 2)
