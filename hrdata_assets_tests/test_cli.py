"""The `hrdata` command as people and programs call it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from hrdata_assets.cli import app, main
from hrdata_assets_tests.builders import a_user, users
from hrdata_assets_tests.conftest import Used
from hrdata_assets_tests.installation import Installation

KPIS = {
    *("users", "cvs", "top_technologies", "sc_cleared_available"),
    *("average_availability", "average_availability_weekdays", "joiners", "leavers"),
}


@dataclass(frozen=True)
class Answer:
    """What a command said, and the code it ended with."""

    code: int
    out: str
    err: str


Hrdata = Callable[..., Answer]


@pytest.fixture
def hrdata(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hrdata:
    """The command in this process, for starting another takes seconds."""

    def call(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["hrdata", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Answer(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def in_use(used: Used):
    """The installation in which the command has loaded one quarter."""
    with used.installation.environment():
        yield used


def commands(group: typer.core.TyperGroup, before: str = "") -> dict[str, str]:
    """What every command says of itself."""
    found: dict[str, str] = {}
    for name, command in group.commands.items():
        found[f"{before} {name}".strip()] = command.help or ""
        if isinstance(command, typer.core.TyperGroup):
            found |= commands(command, name)
    return found


COMMANDS = commands(typer.main.get_command(app))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(hrdata: Hrdata, command: str) -> None:
    answer = hrdata(*command.split(), "--help")
    assert (answer.code, answer.err) == (0, "")
    # Called from pytest it takes pytest for a part of its name.
    assert re.search(rf"Usage: .*\bhrdata {command}\b", answer.out)
    said = COMMANDS[command].split()
    assert len(said) >= 5
    assert " ".join(said) in " ".join(answer.out.split())


def test_without_a_command_it_shows_them(hrdata: Hrdata) -> None:
    answer = hrdata()
    assert {"demo", "dev", "run", "status", "kpis", "url", "doctor", "fake", "db"} <= set(
        re.findall(r"\w+", answer.out)
    )


def test_a_run_says_what_it_loaded(used: Used) -> None:
    told = json.loads(used.first.stdout)
    assert (told["quarter"], told["success"], told["changed"], told["faults"]) == ("2026-Q1", True, True, [])
    assert set(told["kpis"]) == KPIS
    assert told["kpis"]["users"] == {"value": 3.0, "detail": None}
    assert "staged.flowcase_users 2026-Q1: published, 3 read, 0 set aside" in used.first.stderr


def test_run_twice_there_is_nothing_to_do(used: Used) -> None:
    # Without --quarter it is the newest folder.
    assert "2026-Q1 is loaded already, nothing to do. Run " in used.again.stdout
    assert "sc_cleared_available" in used.again.stdout
    assert "published" not in used.again.stderr


def test_status_shows_every_quarter(hrdata: Hrdata, in_use: Used) -> None:
    told = json.loads(hrdata("status", "--json").out)
    shown = ("quarter", "folder", "reports_published", "core_published", "rows_set_aside", "score")
    assert [tuple(quarter[name] for name in shown) for quarter in told["quarters"]] == [
        ("2026-Q1", "Q12026", 15, True, 0, 100.0),
        ("2026-Q2", "Q22026", 0, False, 0, None),
    ]
    assert len(told["loads"]) == 10
    assert told["held"] == []
    table = hrdata("status")
    assert table.code == 0
    assert re.search(r"2026-Q1\b.*\b15\b.*yes", table.out)


def test_status_shows_what_is_held(hrdata: Hrdata, installation: Installation) -> None:
    installation.stage("flowcase_users", [a_user(1), a_user(2, **{"Birth Year": "?!"})])
    (held,) = json.loads(hrdata("status", "--json").out)["held"]
    assert (held["asset"], held["quarter"]) == ("staged/flowcase_users", "2026-Q1")
    assert held["reason"].startswith("set_aside: 50.00 %, may be at most 5.00 %")
    examined = hrdata("doctor")
    assert examined.code == 1
    assert "held deliveries: correct the report and drop it again" in examined.out


def test_kpis_of_every_quarter_or_one(hrdata: Hrdata, in_use: Used) -> None:
    every = json.loads(hrdata("kpis", "--json").out)
    assert list(every) == ["2026-Q1"]
    assert set(every["2026-Q1"]) == KPIS
    assert json.loads(hrdata("kpis", "--quarter", "q12026", "--json").out) == every
    assert "1. Python (3)" in hrdata("kpis").out


@pytest.mark.parametrize(("arguments", "told"), [
    (("kpis", "--quarter", "2031-Q4"), "2031-Q4 is not loaded: hrdata run --quarter 2031-Q4"),
    (("kpis", "--quarter", "soon"), "'soon' is no quarter: write 2026-Q2 or Q22026"),
    (("run", "--quarter", "Q52026"), "'Q52026' is no quarter"),
    (("run", "--data-folder", "nowhere"), "no quarter folder in "),
    (("run", "--quarter", "2031-Q4", "--data-folder", "nowhere"), "no folder for 2031-Q4 in "),
    (("fake", "flowcase", "--quarter", "2026"), "'2026' is no quarter"),
    (("db", "start"), "the settings name a server of your own"),
])  # fmt: skip
def test_what_cannot_be_done_is_one_line(
    hrdata: Hrdata, installation: Installation, arguments: tuple[str, ...], told: str
) -> None:
    answer = hrdata(*arguments)
    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert line.startswith(f"hrdata: {told}")


def test_the_demo_keeps_its_invented_people_away_from_real_ones(hrdata: Hrdata, installation: Installation) -> None:
    # In the very quarter that the demo would load.
    installation.stage("flowcase_users", users(3), "2026-Q1")
    answer = hrdata("demo")
    assert answer.code == 1
    assert answer.err.startswith("hrdata: this database holds other people already")
    assert installation.column("select cv_partner_user_id from staged.flowcase_users order by 1") == ["u1", "u2", "u3"]
    assert installation.rows("select distinct partition_key from ops.deliveries") == [("2026-Q1",)]


def test_settings_that_cannot_be_used_are_one_line_without_their_value(
    hrdata: Hrdata, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HRDATA_UI_PORT", "zqx7")
    answer = hrdata("status")
    assert answer.code == 1
    assert re.fullmatch(r"hrdata: settings cannot be used: HRDATA_UI_PORT: .*\n", answer.err)
    assert "zqx7" not in answer.err


def test_a_process_of_its_own_ends_without_a_traceback(installation: Installation) -> None:
    done = installation.hrdata("run", "--quarter", "Q5", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hrdata: 'Q5' is no quarter: write 2026-Q2 or Q22026\n"


def test_the_installed_command_is_the_same(installation: Installation) -> None:
    script = shutil.which("hrdata", path=str(Path(sys.executable).parent))
    if script is None:
        pytest.skip("the package is not installed beside this Python")
    done = subprocess.run([script, "url"], env=installation.process_environment(), text=True, capture_output=True)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, installation.url, "")


def test_url_is_that_of_the_database(hrdata: Hrdata, installation: Installation) -> None:
    assert hrdata("url").out.strip() == installation.url
    assert json.loads(hrdata("url", "--json").out) == {"url": installation.url}


def test_the_doctor_finds_a_good_installation_well(hrdata: Hrdata, in_use: Used) -> None:
    answer = hrdata("doctor", "--json")
    findings = {finding["what"]: finding for finding in json.loads(answer.out)}
    assert [what for what, finding in findings.items() if not finding["well"]] == []
    assert answer.code == 0
    assert findings["database"]["told"].startswith("PostgreSQL ")
    assert findings["quarter folders"]["told"] == "Q12026, Q22026"
    assert findings["ledger"]["told"] == "adds up"
    assert findings["systems"]["told"] == "configured: none"
    assert hrdata("doctor").code == 0


@pytest.mark.parametrize(("variable", "value", "what"), [
    ("HRDATA_DATABASE_URL", "postgresql://nobody:zqx7@127.0.0.1:1/x", "database"),
    ("HRDATA_REPORTS_DIR", "nowhere", "HRDATA_REPORTS_DIR"),
    ("HRDATA_SQL_DIR", "nowhere", "settings"),
    ("HRDATA_SOURCES", "nowhere.yaml", "systems"),
    ("SALESFORCE_OBJECTS", "no name", "systems"),
])  # fmt: skip
def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(
    hrdata: Hrdata, installation: Installation, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, what: str
) -> None:
    installation.reports.mkdir()
    monkeypatch.setenv(variable, value)
    answer = hrdata("doctor", "--json")
    wrong = [finding for finding in json.loads(answer.out) if not finding["well"]]
    assert answer.code == 1
    assert [finding["what"] for finding in wrong] == [what]
    assert wrong[0]["mend"]
    assert "zqx7" not in answer.out


def test_the_doctor_names_the_systems_that_can_be_asked(hrdata: Hrdata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", "zqx7")
    answer = hrdata("doctor", "--json")
    told = {finding["what"]: finding["told"] for finding in json.loads(answer.out)}
    assert told["systems"] == "configured: hubspot"
    assert "zqx7" not in answer.out


def test_generated_reports_stand_in_the_quarters_folder(hrdata: Hrdata, installation: Installation) -> None:
    answer = hrdata("fake", "flowcase", "--quarter", "Q32025", "--people", "10", "--json")
    told = json.loads(answer.out)
    assert told["folder"] == str(installation.quarter_folder("2025-Q3"))
    assert told["rows"]["user_report"] == 10
    assert {p.stem for p in installation.quarter_folder("2025-Q3").iterdir()} == set(told["rows"])
    assert hrdata("fake", "flowcase", "--people", "9").code == 2


def test_an_empty_installation_says_what_to_do_next(hrdata: Hrdata, installation: Installation) -> None:
    assert "hrdata demo" in hrdata("status").out
    assert "hrdata run" in hrdata("kpis").out
    assert json.loads(hrdata("kpis", "--json").out) == {}
