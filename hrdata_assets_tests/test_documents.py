"""README.md and docs/systems.md are true: settings, commands, targets, promises and examples are held to the code."""

import re
import shlex
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer

from hrdata_assets.cli import app
from hrdata_assets.commands.systems import conditions
from hrdata_assets.exchange.ends import object_of
from hrdata_assets.exchange.order import WAREHOUSE
from hrdata_assets.rule import Rule
from hrdata_assets.settings import described_settings
from hrdata_assets.systems.configuration import SystemSettings
from hrdata_assets.systems.formatting import mapping_of
from hrdata_assets.systems.registry import entry
from hrdata_assets.table import Table
from hrdata_assets.unified.records import UnifiedJob, UnifiedProfile
from hrdata_assets.unified.spec import read_mapping

TOP = Path(__file__).resolve().parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
SYSTEMS = (TOP / "docs" / "systems.md").read_text(encoding="utf-8")
BOTH = README + SYSTEMS
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", BOTH, re.DOTALL))
MAPPING, TRANSFER = re.findall(r"```json\n(.*?)```", SYSTEMS, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
(MOVING,) = re.findall(r"```python\n(.*?)```", SYSTEMS, re.DOTALL)
COMMANDS = sorted(set(re.findall(r"(?:\.venv/bin/|`)hrdata (?!_)([^#`\n]+)", BOTH)))


def _section(title: str, text: str = README) -> str:
    return text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_settings_table_is_what_settings_declare():
    rows = re.findall(r"^\| `(\w+)` \| (?:`(.*?)`)? ?\| (.*?) \|$", _section("Settings"), re.MULTILINE)
    assert rows == described_settings()


def test_the_table_of_systems_is_what_their_settings_declare():
    rows = re.findall(
        r"^\| `(\w+)` \| (?:`(.*?)`)? ?\| (.*?) \|$", _section("How each is reached", SYSTEMS), re.MULTILINE
    )
    assert rows == described_settings(SystemSettings)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_in_readme_exists_with_its_options(line: str):
    command: Any = typer.main.get_command(app)
    words = shlex.split(line)
    while words and hasattr(command, "commands"):
        if words[0] not in command.commands and hasattr(command, "default"):
            words.insert(0, command.default)
        assert words[0] in command.commands, f"README names `hrdata {line}`, which is no command"
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    strange = [w for w in words if w.startswith("--") and w not in options]
    assert not strange or command.name == "psql"


def test_readme_names_most_commands():
    assert {line.split()[0] for line in COMMANDS} >= {"run", "status", "kpis", "db", "doctor", "url", "fake", "quality"}


def test_every_make_target_in_readme_exists():
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", BOTH))
    assert {"demo", "dev", "test"} <= named <= targets


def test_ci_runs_exactly_the_test_command_of_readme():
    assert "make test" in SHELL
    assert re.search(r"^make test$", (TOP / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_promise_names_a_proof_that_exists():
    promises = re.findall(r"^\| (P\d) \| .*? \| `(.*?)` \|$", _section("Promises"), re.MULTILINE)
    assert [number for number, _ in promises] == [f"P{n}" for n in range(1, 9)]
    for _, proof in promises:
        assert proof.startswith("make ") or (TOP / "hrdata_assets_tests" / proof).is_file(), proof


def test_every_picture_and_file_in_readme_exists():
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    files = re.findall(r"`(hrdata_assets/[\w/.]+)`", BOTH) + re.findall(r"\]\((docs/.*?)\)", README)
    assert pictures
    assert files
    for name in pictures + files:
        assert (TOP / name).exists(), name


def test_the_examples_of_readme_run():
    import hrdata_assets.systems.flowcase.tables as flowcase
    from hrdata_assets.rule import Dimension, rule

    names = {**vars(flowcase), "Dimension": Dimension, "rule": rule}
    rule_example, report_example = PYTHON
    exec(compile(rule_example, "README.md", "exec"), names)
    assert isinstance(names["accounts_are_for_grown_ups"], Rule)
    # Column descriptions are docstrings, which are read from a file's source.
    source = "import hrdata_assets.systems.flowcase.tables as t\nfrom hrdata_assets.systems.flowcase.tables import *\n"
    module = _imported(source + report_example)
    assert module["Reference"].table.address == "staged.flowcase_references"
    assert module["Reference"].table.column("referee").personal


def test_the_mapping_of_the_documents_makes_rows(tmp_path: Path):
    (tmp_path / "our_candidates.json").write_text(MAPPING, encoding="utf-8")
    built = mapping_of(read_mapping(tmp_path / "our_candidates.json"))
    candidate = {
        "id": 17,
        "first_name": "Ann",
        "last_name": "Example",
        "occupation": "Head  of\nkitchen",
        "status": "On leave",
        "day_rate": Decimal(700),
        "hourly_rate": Decimal(90),
        "extra": {"customText3": "https://people.example/17"},
    }
    done = built.apply_all([candidate, {**candidate, "country": "Atlantis"}])
    assert done.rows == [
        {
            "system": "bullhorn",
            "source_id": "17",
            "name": "Ann Example",
            "title": "Head of kitchen",
            "status": "other",
            "status_original": "On leave",
            "url": "https://people.example/17",
            "rate": Decimal(700),
            "rate_currency": "NOK",
            "country_code": "NO",
        }
    ]
    assert [(failure.place, str(failure.reasons[0])) for failure in done.failures] == [
        (1, "country_code is no country that is known by that name")
    ]


def test_the_conditions_of_the_documents_are_conditions_on_what_they_name():
    lines = [shlex.split(line, comments=True) for line in SHELL.splitlines() if re.search("--(where|having)", line)]
    assert len(lines) > 3
    for words in lines:
        texts = [words[place + 1] for place, word in enumerate(words) if word in ("--where", "--having")]
        assert len(conditions(_asked(words), texts)) == len(texts)


def _asked(words: list[str]) -> Table:
    """The table that a command's conditions are about."""
    if "pull" in words:
        system, name = words[words.index("pull") + 1 :][:2]
        return entry(system).kind.table(name)
    kind = UnifiedJob if "jobs" in words else UnifiedProfile
    return object_of(words[words.index("--from") + 1] if "--from" in words else WAREHOUSE, kind)


def _imported(source: str) -> dict[str, type]:
    import importlib.util
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readme_example.py"
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("readme_example", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return vars(module)


def test_the_project_speaks_of_itself_alone():
    forbidden = re.compile(r"\b(issue #?\d+|session|grading|AI assistant|language model)\b", re.IGNORECASE)
    assert not forbidden.findall(BOTH)
