"""`hrdata excel` as people and programs call it: what was loaded, what is held, and what was taken back."""

from collections.abc import Callable

from hrdata_assets_tests.command import hrdata
from hrdata_assets_tests.excel.conftest import Write
from hrdata_assets_tests.installation import Installation

Configure = Callable[[str], None]


def test_files_lists_every_version_and_whether_its_rows_stand_still(installation: Installation, write: Write) -> None:
    assert hrdata("excel", "files", "--json").told == []
    write("staff/a.xlsx", [["Name"], ["a"], ["b"]])
    write("units/u.xlsx", [["Unit"], ["u"]])
    hrdata("excel", "load")
    write("staff/a.xlsx", [["Name"], ["c"]])
    hrdata("excel", "load")
    hrdata("excel", "revert", "--table", "units", "--source-file", "units/u.xlsx")
    listed = hrdata("excel", "files", "--json").told
    assert [(one["table"], one["file"], one["rows"], one["status"]) for one in listed] == [
        ("excel.staff", "staff/a.xlsx", 2, "replaced"),
        ("excel.staff", "staff/a.xlsx", 1, "imported"),
        ("excel.units", "units/u.xlsx", 1, "reverted"),
    ]
    hashes = installation.column("select left(file_sha256, 16) from ops.etl_imports order by table_name, import_id")
    assert [one["version"] for one in listed] == hashes
    assert all(one["when"] for one in listed)
    assert hrdata("excel", "files", "--table", "excel.units", "--json").told == listed[2:]
    assert hashes[0] in hrdata("excel", "files").out


def test_what_was_taken_back_is_loaded_again_when_that_is_said(installation: Installation, write: Write) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    hrdata("excel", "load")
    hrdata("excel", "revert", "--table", "staff", "--source-file", "staff/a.xlsx")
    (one,) = hrdata("excel", "load", "--json").told["workbooks"]
    assert one["status"] == "taken_back"
    assert "--taken-back" in one["reason"]
    (one,) = hrdata("excel", "load", "--taken-back", "--json").told["workbooks"]
    assert one["status"] == "loaded"
    assert installation.column("select name from excel.staff") == ["a"]
    (one,) = hrdata("excel", "load", "--json").told["workbooks"]
    assert one["status"] == "already"


def test_a_held_workbook_is_listed_and_let_in_whatever_else_is_configured(
    installation: Installation, write: Write, configure: Configure
) -> None:
    configure("staff:\n  policy: propose\nunits:\n  policy: freeze\n")
    write("staff/a.xlsx", [["Name"], ["a"]])
    write("units/u.xlsx", [["Unit"], ["u"]])
    hrdata("excel", "load")
    write("staff/b.xlsx", [["Name", "Unit"], ["b", 1]])
    write("units/v.xlsx", [["Unit"], ["v"]])
    hrdata("excel", "load")
    reason = "the table would have to change: add_column unit (integer)"
    held = [{"table": "excel.staff", "file": "staff/b.xlsx", "reason": reason}]
    assert hrdata("excel", "status", "--json").told["held"] == held
    assert "staff/b.xlsx" in hrdata("excel", "status").out
    told = hrdata("excel", "approve", "--table", "staff", "--reason", "agreed", "--json").told
    assert [(one["file"], one["status"], one["rows"]) for one in told["workbooks"]] == [("staff/b.xlsx", "loaded", 1)]
    assert installation.rows("select name, unit from excel.staff order by 1") == [("a", None), ("b", 1)]
    assert hrdata("excel", "status", "--json").told["held"] == []
    refused = hrdata("excel", "approve", "--table", "staff", "--reason", "agreed")
    assert (refused.code, "no workbook is held" in refused.err) == (1, True)
