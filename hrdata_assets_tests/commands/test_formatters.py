"""`hrdata formatters` as people and programs call it."""

import json
from pathlib import Path
from typing import Any

import pytest

from hrdata_assets.unified.transforms import TRANSFORMS
from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.installation import Installation


def written(folder: Path, *fields: dict[str, Any], **other: Any) -> str:
    path = folder / "mapping.json"
    identity = [{"constant": "bullhorn", "to": "system"}, {"from": "id", "to": "source_id", "transform": "text"}]
    told = {"id": "profiles", "source": "bullhorn_candidates", "target": "candidates", "fields": [*identity, *fields]}
    path.write_text(json.dumps({**told, **other}))
    return str(path)


def test_a_mapping_is_checked_saved_listed_and_shown(installation: Installation, tmp_path: Path) -> None:
    file = written(tmp_path, {"from": "occupation", "to": "title", "transform": "upper"}, name="for the board")
    assert "makes candidates of bullhorn_candidates: 3 fields are filled" in hrdata("formatters", "check", file).out
    assert hrdata("formatters", "list", "--json").told == []
    assert hrdata("formatters", "save", file, "--json").told == {"id": "profiles", "version": 1, "new": True}
    assert "version 1 says the same already" in hrdata("formatters", "save", file).out
    (listed,) = hrdata("formatters", "list", "--json").told
    assert (listed["id"], listed["version"], listed["name"], listed["fields"]) == ("profiles", 1, "for the board", 3)
    shown = hrdata("formatters", "show", "profiles").told
    assert shown["fields"][2] == {"from": "occupation", "to": "title", "transform": ["upper@1"]}
    file = written(tmp_path, fields=shown["fields"])
    assert not hrdata("formatters", "save", file, "--json").told["new"]


def test_a_former_version_is_shown(installation: Installation, tmp_path: Path) -> None:
    for city in ("Oslo", "Leeds"):
        hrdata("formatters", "save", written(tmp_path, {"constant": city, "to": "city"}))
    cities = [hrdata("formatters", "show", "profiles", *more).told["fields"][2] for more in (("--version", "1"), ())]
    assert [one["constant"] for one in cities] == ["Oslo", "Leeds"]
    refused = hrdata("formatters", "show", "profiles", "--version", "3")
    assert (refused.code, "has versions 1 to 2, and no 3" in refused.err) == (1, True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "the whole: Input should be an object"),
        ('{"id": "a b"}', "id: String should match pattern"),
        ("{", "Invalid JSON"),
        ('{"id": "a", "source": "bullhorn_candidates", "target": "candidates", "fields": []}', "fields: List should"),
        (
            '{"id": "a", "source": "bullhorn_candidate", "target": "candidates", "fields": [{"to": "x"}]}',
            "no table bullhorn_candidate to format: there is bullhorn_candidates",
        ),
        (
            '{"id": "a", "source": "bullhorn_candidates", "target": "candidates",'
            ' "fields": [{"to": "title", "from": "id", "form": "hidden"}]}',
            "fields 1 form: Extra inputs are not permitted",
        ),
    ],
)
def test_a_file_that_is_no_mapping_is_told_why_without_its_values(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "m.json").write_text(content)
    refused = hrdata("formatters", "check", str(tmp_path / "m.json"))
    assert refused.code == 1
    assert told in refused.err
    assert "hidden" not in refused.err


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused = hrdata("formatters", "check", str(tmp_path / "none.json"))
    assert (refused.code, "none.json cannot be read: No such file" in refused.err) == (1, True)


def test_what_every_system_brings_is_listed_on_demand(installation: Installation) -> None:
    found = hrdata("formatters", "list", "--built-in", "--json").told
    assert {("staged.bullhorn_candidates", "core.candidates"), ("core.jobs", "staged.bullhorn_job_orders")} <= {
        (one["source"], one["target"]) for one in found
    }
    assert "bullhorn_placements" in hrdata("formatters", "list", "--built-in").out


def test_every_transform_is_told() -> None:
    told = hrdata("formatters", "transforms", "--json").told
    assert {one["name"] for one in told} == {one.name for one in TRANSFORMS.values()}
    assert all(one["what"] for one in told)
