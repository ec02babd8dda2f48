"""What loading tells on stderr: how far it is to whoever looks at a terminal, and with DEBUG what was decided."""

import json
import os
import subprocess

import pytest

from hrdata_assets_tests.excel.conftest import Write
from hrdata_assets_tests.installation import Installation, hrdata_command

SECRET = "Zebra-4711"


@pytest.fixture(autouse=True)
def two(write: Write) -> None:
    """Two workbooks, one of which has a row that is set aside."""
    write("staff/a.xlsx", [["Name", SECRET], [SECRET, 1], ["Total", 1]])
    write("staff/b.xlsx", [["Name", "Unit"], ["b", SECRET]])


def on_terminal(installation: Installation, *arguments: str) -> tuple[str, str]:
    """What goes to a pipe on stdout, and what to a terminal on stderr."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        environment = {**installation.process_environment(), "TERM": "xterm", "COLUMNS": "200"}
        process = subprocess.Popen(
            hrdata_command("excel", "load", *arguments),
            env=environment,
            cwd=installation.folder,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        out, _ = process.communicate(timeout=120)
        told = b""
        # Reading from a terminal that nobody writes to any more is an error, not an end.
        try:
            while read := terminal.read(65536):
                told += read
        except OSError:
            pass
    assert process.returncode == 0
    return out.decode(), told.decode()


def test_a_terminal_shows_how_far_it_is_and_a_pipe_has_the_lines(installation: Installation) -> None:
    out, told = on_terminal(installation)
    assert "staff/a.xlsx: loaded, 1 rows, 1 set aside" in out
    assert "2/2" in told
    assert "2 rows, " in told
    assert "rows/s" in told
    assert "staff/b.xlsx" in told
    assert "loaded" not in told


def test_json_shows_nothing_beside_it(installation: Installation) -> None:
    out, told = on_terminal(installation, "--json")
    assert (len(json.loads(out)["workbooks"]), told) == (2, "")


def test_where_nobody_looks_nothing_is_shown(installation: Installation) -> None:
    assert installation.hrdata("excel", "load").stderr == ""


def test_debug_tells_what_was_decided_and_how_long_it_took_without_a_value(installation: Installation) -> None:
    telling = Installation(installation.url, installation.folder, (("DEBUG", "1"),))
    told = telling.hrdata("excel", "load").stderr
    for file in ("staff/a.xlsx", "staff/b.xlsx"):
        lines = [line for line in told.splitlines() if f"{file}: " in line]
        assert [any(word in line for line in lines) for word in ("reading", "examining", "publishing")] == [True] * 3
    assert "1 kept, 1 set aside (" in told
    assert "A text, B " in told
    assert "add_column 1" in told
    assert SECRET not in told


def test_debug_of_other_programs_is_none_of_ours(installation: Installation) -> None:
    for word in ("express:*", "0", "release"):
        telling = Installation(installation.url, installation.folder, (("DEBUG", word),))
        assert telling.hrdata("excel", "load").stderr == ""
