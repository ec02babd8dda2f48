"""Every known defect that the generator plants meets the fate that its manifest names, in both dialects."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.catalogue import STAGED
from hrdata_assets.quarter import Quarter
from hrdata_assets.systems.flowcase.fake import write_quarter
from hrdata_assets.table import Table
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.independent import records
from hrdata_assets_tests.installation import Installation

QUARTER, FOLDER, PEOPLE = "2026-Q2", "Q22026", 300
BY_REPORT = {table.origin: table for table in STAGED}
CODES = {"padded_text": "trimmed", "nul_byte": "nul_removed", "apostrophe_guard": "guard_removed"}

Damage = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A damaged quarter and the same one undamaged, both loaded."""

    folder: Path
    damaged: Installation
    sound: Installation
    damage: list[Damage]

    def of(self, expected: str) -> list[Damage]:
        found = [entry for entry in self.damage if entry["expected"] == expected]
        assert found
        return found

    def staged(self, entry: Damage, column: str) -> Any:
        """What a record became; None also if it is not published."""
        table = BY_REPORT[entry["report"]]
        found = self.damaged.column(f"select to_jsonb({column}) from {table.address} where row_no = %s", entry["row"])
        return found[0] if found else None

    def letters(self, entry: Damage) -> list[tuple[str, str, str]]:
        """Asset, stage and status of every letter about a record, whichever layer kept it out."""
        table = BY_REPORT[entry["report"]]
        return self.damaged.rows(
            "select d.asset_key, d.stage, d.status from ops.dead_letters d where d.row_no = %s"
            " and d.delivery = (select delivery from ops.partitions where asset_key = %s and partition_key = %s)"
            " and d.payload is not null order by 1",
            *(entry["row"], f"staged/{table.name}", QUARTER),
        )


@pytest.fixture(scope="module", params=["seed", "export"])
def case(
    request: pytest.FixtureRequest, new_installation: NewInstallation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("damage")
    with new_installation() as damaged, new_installation() as sound:
        for made, name in ((damaged, "damaged"), (sound, "sound")):
            write_quarter(
                folder / name,
                Quarter.parse(QUARTER),
                people=PEOPLE,
                seed=3,
                dialect=request.param,
                damage=made is damaged,
            )
            shutil.copytree(folder / name, made.reports / FOLDER)
            made.load(QUARTER)
        manifest = json.loads((folder / "damaged" / "damage.json").read_text(encoding="utf-8"))
        yield Case(folder / "damaged", damaged, sound, manifest["damage"])


def column_of(table: Table, heading: str) -> str:
    """The column that is read from a heading, whatever language the heading names."""
    bare = heading.partition(" (#")[0].removesuffix(" (no)")
    named = {column.header: column.name for column in table.columns}
    return named.get(heading) or named[bare]


def test_everything_that_must_not_be_kept_is_an_open_letter(case: Case) -> None:
    lost = [entry for entry in case.of("set_aside") if [s for _, _, s in case.letters(entry)] != ["open"]]
    assert lost == []
    for entry in case.of("set_aside"):
        ((asset, stage, _),) = case.letters(entry)
        orphan = entry["defect"].startswith(("orphan", "clearance_unknown"))
        assert asset.startswith("core/" if orphan else "staged/"), entry
        assert stage == {"unreadable_cell": "parse", "wrong_encoding": "decode"}.get(
            entry["defect"], "load" if orphan else "decode" if "ragged" in entry["defect"] else "validate"
        ), entry


def test_every_duplicate_is_a_letter_of_its_own_kind(case: Case) -> None:
    kinds = {entry["defect"]: case.letters(entry) for entry in case.of("duplicate")}
    assert {stage for found in kinds.values() for _, stage, _ in found} == {"dedupe"}
    assert [entry for entry in case.of("duplicate") if len(case.letters(entry)) != 1] == []


def test_nothing_else_is_kept_out(case: Case) -> None:
    planted = {(e["report"], e["row"]) for e in case.damage if e["expected"] in ("set_aside", "duplicate")}
    found = case.damaged.rows("select distinct delivery, row_no from ops.dead_letters")
    assert len(found) == len(planted)
    assert case.sound.one("select count(*) from ops.dead_letters") == 0


def test_what_is_only_flagged_is_published_and_lowers_its_dimension(case: Case) -> None:
    dimensions = {"span_ends_before_it_begins": "consistency", "day_first_date": "conformity"}
    planted = Counter((BY_REPORT[e["report"]].name, dimensions[e["defect"]]) for e in case.of("flagged"))
    for entry in case.of("flagged"):
        value = case.staged(entry, column_of(BY_REPORT[entry["report"]], entry["column"]))
        assert value is not None, entry
        assert str(value).startswith(entry.get("value", "")), entry
    broken = (
        "select coalesce(sum(units - passed), 0)::int from ops.quality_results q join ops.partitions p using (load_id)"
        " where q.point = 'published' and q.asset_key = %s and q.dimension = %s"
    )
    for (name, dimension), count in planted.items():
        damaged, sound = (made.one(broken, f"staged/{name}", dimension) for made in (case.damaged, case.sound))
        assert damaged == sound + count, (name, dimension)


def test_what_was_altered_on_the_way_says_so(case: Case) -> None:
    for entry in case.of("changed"):
        if entry["defect"] == "clearance_ends_before_it_begins":
            found = case.damaged.rows(
                "select valid_to, changes from core.user_clearance where row_no = %s", entry["row"]
            )
            assert found == [(None, {"valid_to": "end_before_start"})]
            continue
        column = column_of(BY_REPORT[entry["report"]], entry["column"])
        assert case.staged(entry, column) == entry["value"], entry
        assert CODES[entry["defect"]] in case.staged(entry, "changes")[column], entry


def test_what_is_odd_and_sound_is_loaded_as_it_is(case: Case) -> None:
    for entry in case.of("loaded"):
        table = BY_REPORT[entry["report"]]
        if entry["defect"] == "unknown_column":
            moods = case.damaged.column(f"select distinct extra ->> 'Mood' from {table.address} order by 1")
            assert moods == ["calm", "glad", "tired"]
        elif entry["defect"] == "blank_clearance":
            found = case.damaged.rows(
                "select clearance, changes from core.user_clearance where row_no = %s", entry["row"]
            )
            assert found == [(entry["value"], {"clearance": "blank_name"})]
        else:
            assert case.staged(entry, column_of(table, entry["column"])) == entry["value"], entry


def test_every_record_of_every_report_is_accounted_for(case: Case) -> None:
    counted = {
        asset: rest
        for asset, *rest in case.damaged.rows(
            "select asset_key, read, inserted, duplicate, set_aside, skipped from ops.loads"
            " where asset_key like 'staged/%'"
        )
    }
    for report, table in BY_REPORT.items():
        read, inserted, duplicate, set_aside, skipped = counted[f"staged/{table.name}"]
        delivered = records(case.folder / f"{report}.csv")
        assert read == len(delivered), report
        assert skipped == sum(not cells for cells in delivered), report
        assert skipped == sum(e["report"] == report and e["expected"] == "skipped" for e in case.damage), report
        assert read == inserted + duplicate + set_aside + skipped, report
        assert inserted == case.damaged.one(f"select count(*) from {table.address}"), report


def test_every_row_of_core_is_accounted_for(case: Case) -> None:
    unequal = (
        "select asset_key from ops.loads where read <> inserted + updated + unchanged + duplicate + set_aside + skipped"
    )
    assert case.damaged.column(unequal) == []
    loads = case.damaged.rows("select asset_key, read, inserted from ops.loads where asset_key like 'core/%'")
    for asset, _, inserted in loads:
        assert inserted == case.damaged.one(f"select count(*) from {asset.replace('/', '.')}"), asset


def test_the_damage_is_taken_out_of_the_kpis(case: Case) -> None:
    kpis = "select kpi, value, detail from marts.kpis order by 1"
    assert case.damaged.rows(kpis) == case.sound.rows(kpis)


def test_the_people_and_their_cvs_are_those_of_the_sound_quarter(case: Case) -> None:
    keys = {
        "users": "cv_partner_user_id, email, birth_year, department",
        "cvs": "cv_partner_cv_id, cv_partner_user_id, sfia_level",
        "project_experience": "cv_partner_cv_id, cv_partner_section_id, year_from, customer_int",
        "cv_technology": "cv_partner_cv_id, technology, years_experience, proficiency",
        "user_availability": "cv_partner_user_id, date, percent_available",
    }
    for table, columns in keys.items():
        statement = f"select {columns} from core.{table} order by {columns}"
        assert case.damaged.rows(statement) == case.sound.rows(statement), table
