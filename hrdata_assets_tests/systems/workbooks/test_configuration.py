"""The configuration of folders: what is written there holds, or is told off by its line."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path, PurePosixPath

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.cleaning.lattice import Exact
from hrdata_assets.errors import SetupError
from hrdata_assets.systems.workbooks.cells import Area
from hrdata_assets.systems.workbooks.configuration import Configuration, FolderOptions, load_configuration

Read = Callable[[str], Configuration]
FILE = "config/etl_config.yaml"

EVERYTHING = """\
default_sheet: Data
hr:
  sheet: Employees
  header_row: 3
  range: B3:H200
  locale: nb-no
  day_first: true
  decimal: ","
  hidden: skip
  footer: 2
  types: {Salary: numeric, "Born ": Date}
  key: [Employee no, Month]
  policy: freeze
  gate: 95
"""


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.chdir(tmp_path)
    Path(FILE).parent.mkdir()

    def write_and_read(text: str) -> Configuration:
        Path(FILE).write_text(text, encoding="utf-8", newline="")
        return load_configuration(Path(FILE))

    return write_and_read


def options(configuration: Configuration, folder: str) -> FolderOptions:
    return configuration.options(PurePosixPath(folder))


def of_hr(read: Read, *lines: str) -> FolderOptions:
    """Options of a folder that is configured by these lines."""
    return options(read("hr:\n" + "".join(f"  {line}\n" for line in lines)), "hr")


def told_off(read: Read, text: str) -> str:
    with pytest.raises(SetupError) as refused:
        read(text)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    return str(refused.value)


def test_every_option_is_read(read: Read) -> None:
    assert options(read(EVERYTHING), "hr") == FolderOptions(
        sheet="Employees",
        header_row=(3, 3),
        range=Area(3, 2, 200, 8),
        locale="nb_NO",
        day_first=True,
        decimal=",",
        hidden="skip",
        footer=2,
        types={"Salary": Exact.NUMERIC, "Born": Exact.DATE},
        key=("Employee no", "Month"),
        policy="freeze",
        gate=Decimal(95),
    )


def test_the_example_names_every_option_there_is() -> None:
    assert set(yaml.safe_load(EVERYTHING)["hr"]) == set(FolderOptions.model_fields)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "---\n", "\ufeff", "hr:\n", "hr: {}\n"])
def test_a_configuration_without_options_is_none(read: Read, text: str) -> None:
    assert options(read(text), "hr") == FolderOptions()


def test_a_file_that_is_not_there_configures_nothing(tmp_path: Path) -> None:
    assert load_configuration(tmp_path / "config" / "etl_config.yaml") == Configuration()


def test_the_default_sheet_is_that_of_all_folders_that_name_none(read: Read) -> None:
    found = read("default_sheet: Data\nhr: {sheet: Staff}\n")
    assert [options(found, f).sheet for f in (".", "hr", "hr/2024", "it")] == ["Data", "Staff", "Staff", "Data"]


def test_null_takes_back_what_would_be_inherited(read: Read) -> None:
    found = read("default_sheet: Data\nhr: {sheet: null, hidden: skip, new: {hidden: ~}}\n")
    assert (options(found, "hr").sheet, options(found, "hr/new").hidden) == (None, "include")


@pytest.mark.parametrize("text", ["hr:\n  new:\n    footer: 1\n", "hr/new: {footer: 1}\n", "hr: {new/: {footer: 1}}\n"])
def test_folders_stand_inside_each_other_or_as_a_path(read: Read, text: str) -> None:
    found = read(text)
    assert [options(found, f).footer for f in ("hr", "hr/new", "new")] == [None, 1, None]


@pytest.mark.parametrize("folder", ["hr/Løn 2024", "HR/LØN 2024", "Hr/lo\u0338n  2024", "hr/LØN 2024/deeper"])
def test_a_folder_is_the_same_in_any_case(read: Read, folder: str) -> None:
    # A stroke through a letter is a letter of its own; it does not come apart as accents do.
    expected = None if "\u0338" in folder else 4
    assert options(read("HR:\n  løn 2024:\n    footer: 4\n"), folder).footer == expected


def test_an_accent_may_be_written_apart_from_its_letter(read: Read) -> None:
    assert options(read("Prénoms: {footer: 1}\n"), "Pre\u0301noms").footer == 1


def test_habits_are_inherited_and_what_names_rows_or_headings_is_not(read: Read) -> None:
    above, below = (options(read(EVERYTHING), folder) for folder in ("hr", "hr/2024/new"))
    alike = {name for name in FolderOptions.model_fields if getattr(above, name) == getattr(below, name)}
    assert alike == {"sheet", "locale", "day_first", "decimal", "hidden", "footer", "policy", "gate"}
    assert (below.header_row, below.range, below.types, below.key) == (None, None, {}, None)


def test_a_folder_says_otherwise_than_the_one_above_even_with_the_default(read: Read) -> None:
    found = read("hr: {hidden: skip, policy: freeze, new: {hidden: include}}\n")
    assert (options(found, "hr/new").hidden, options(found, "hr/new").policy) == ("include", "freeze")


def test_a_dot_is_the_root_itself(read: Read) -> None:
    found = read('".": {decimal: ",", header_row: 2}\n')
    assert (options(found, ".").header_row, options(found, "hr").header_row) == ((2, 2), None)
    assert (options(found, ".").decimal, options(found, "hr").decimal) == (",", ",")


def test_a_folder_called_like_an_option_is_written_with_a_slash(read: Read) -> None:
    found = read("hr:\n  sheet: Staff\n  sheet/:\n    footer: 3\ntypes/: {footer: 4}\ndefault_sheet/: {footer: 5}\n")
    assert (options(found, "hr").sheet, options(found, "hr/sheet").footer) == ("Staff", 3)
    assert (options(found, "types").footer, options(found, "default_sheet").footer) == (4, 5)


@pytest.mark.parametrize("name", ["no", "2024", "2024-01-31", "1:30", "null", "~", "0x1F", "on"])
def test_names_that_yaml_takes_for_something_else_are_names(read: Read, name: str) -> None:
    found = read(
        f"{name}:\n  footer: 1\n  sheet: {'x' if name in ('null', '~') else name}\n  types: {{{name!r}: text}}\n"
    )
    assert options(found, name).footer == 1
    assert list(options(found, name).types) == [name]
    assert options(found, name).sheet in (name, "x")


def test_norwegian_is_no_refusal(read: Read) -> None:
    assert of_hr(read, "locale: no").locale == "no"


@pytest.mark.parametrize(
    ("written", "rows"), [("1", (1, 1)), ('"1-2"', (1, 2)), ("4 - 6", (4, 6)), ("[2, 3]", (2, 3)), ("[7]", (7, 7))]
)
def test_headings_stand_in_one_row_or_several(read: Read, written: str, rows: tuple[int, int]) -> None:
    assert of_hr(read, f"header_row: {written}").header_row == rows


def test_a_key_is_one_heading_or_several_and_another_reading(read: Read) -> None:
    one, several = of_hr(read, "key: No"), of_hr(read, "key: [No, Month]")
    assert (one.key, several.key) == (("No",), ("No", "Month"))
    assert len({one.version, several.version, FolderOptions().version}) == 3


@pytest.mark.parametrize("written", ["[]", "[No, no]", "{No: 1}", "[[No]]", "''"])
def test_a_key_that_names_nothing_or_one_thing_twice_is_refused(read: Read, written: str) -> None:
    assert "line 2: key must be a heading" in told_off(read, f"hr:\n  key: {written}\n")


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("B3:H200", Area(3, 2, 200, 8)),
        ("'B3:'", Area(3, 2, 1_048_576, 16_384)),
        (":h200", Area(1, 1, 200, 8)),
        ("B:H", Area(1, 2, 1_048_576, 8)),
        ("$AA$10:XFD1048576", Area(10, 27, 1_048_576, 16_384)),
        ('"3:200"', Area(3, 1, 200, 16_384)),
        ("C3:C3", Area(3, 3, 3, 3)),
    ],
)
def test_a_range_may_be_open(read: Read, written: str, area: Area) -> None:
    assert of_hr(read, f"range: {written}").range == area


def test_a_footer_is_known_by_its_words_or_its_length(read: Read) -> None:
    assert of_hr(read, "footer: [Source, Kilde]").footer == ("Source", "Kilde")
    assert of_hr(read, "footer: 0").footer == 0


def test_the_type_of_a_column_is_found_however_its_heading_is_written(read: Read) -> None:
    found = of_hr(read, "types: {Base  Salary: double  precision}")
    assert found.type_of(" base SALARY") is Exact.DOUBLE
    assert found.type_of("salary") is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("header_row: 0", 'header_row must be a row number such as 1, or rows such as "1-2"'),
        ("header_row: 1:2", "header_row must be"),
        ("header_row: true", "header_row must be"),
        ('header_row: "3-2"', "header_row must be"),
        ("header_row: [1, 3]", "header_row must be"),
        ("header_row: []", "header_row must be"),
        ("header_row: 1048577", "header_row must be"),
        ("range: B3", 'range must be cells such as "B3:H200"'),
        ('range: ":"', "range must be"),
        ("range: H3:B200", "range must be"),
        ("range: A1:XFE9", "range must be"),
        ("range: A1:B1048577", "range must be"),
        ("sheet: [Data]", "sheet must be the name of a sheet"),
        ('sheet: " "', "sheet must be"),
        ("sheet:", "sheet must be the name of a sheet, or null"),
        ("sheet: {footer: 1}", "sheet must be the name of a sheet (sheet/ is a folder called that)"),
        ("locale: norsk", "locale must be a language such as nb"),
        ("day_first: first", "day_first must be true or false"),
        ('decimal: ";"', 'decimal must be "," or "."'),
        ("hidden: yes", "hidden must be include or skip"),
        ("footer: -1", "footer must be a number of rows up to 50"),
        ("footer: 51", "footer must be"),
        ("footer: Total", "footer must be"),
        ("footer: []", "footer must be"),
        ("types: numeric", "types must give each heading"),
        ("types: [numeric]", "types must give"),
        ("types: {Salary: money}", "types must give each heading, named once, one of boolean, integer"),
        ("types: {Salary: text, ' salary': text}", "types must give"),
        ("policy: ask", "policy must be evolve, freeze or propose"),
    ],
)
def test_what_no_option_can_be_is_told_off_by_its_line(read: Read, line: str, says: str) -> None:
    assert told_off(read, f"hr:\n  # a comment\n\n  {line}\n").startswith(f"{FILE}, line 4: {says}")


def test_a_type_that_is_none_is_told_off_by_its_own_line(read: Read) -> None:
    assert told_off(read, "hr:\n  types:\n    Born: date\n    Salary: money\n").startswith(f"{FILE}, line 4: ")


def test_an_unknown_option_is_told_off_with_the_one_that_was_meant(read: Read) -> None:
    text = told_off(read, "hr:\n  sheet: Data\n  Heder_row: 2\n")
    assert text.startswith(
        f"{FILE}, line 3: there is no option Heder_row (did you mean header_row?): take one of sheet, "
    )
    assert text.endswith("or write Heder_row/ for a folder")
    assert "did you mean" not in told_off(read, "hr: {xyz: 1}\n")


def test_an_option_that_is_misspelt_and_holds_a_mapping_is_told_off_too(read: Read) -> None:
    assert "line 3: there is no option Salary:" in told_off(read, "hr:\n  type:\n    Salary: numeric\n")


@pytest.mark.parametrize("text", ["header_row: 2\n", "sheet: {footer: 1}\n"])
def test_an_option_belongs_to_a_folder(read: Read, text: str) -> None:
    assert "is an option: write it below a folder" in told_off(read, text)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("hr: 1\n", 1, "only default_sheet and folders stand at the top"),
        ("- hr\n", 1, "options and folders are expected here"),
        ("hr: {a/: 3}\n", 1, "options and folders are expected here"),
        ("? [a]\n: {}\n", 1, "a name is expected here"),
        ("default_sheet: [a]\n", 1, "default_sheet must be the name of a sheet"),
        ("default_sheet:\n", 1, "default_sheet must be the name of a sheet"),
        ("a: {}\n../b: {}\n", 2, "a folder is named by its path below the root"),
        ("/: {}\n", 1, "a folder is named by its path"),
        ("hr:\n  sheet: A\n  policy: freeze\n  sheet: B\n", 4, "sheet stands in line 2 already"),
        ("hr: {}\nit: {}\nhr: {}\n", 3, "hr stands in line 1 already"),
        ("hr: {}\nit: {}\nHR: {}\n", 3, "this folder stands in line 1 already"),
        ("hr:\n  new: {}\nhr/new: {}\n", 3, "this folder stands in line 2 already"),
        ("hr:\n  types:\n    a: text\n    a: date\n", 4, "a stands in line 3 already"),
        ("hr: &x {}\nit: *x\n", 2, "references (*) and tags (!) are not read"),
        ("hr:\n  sheet: !!python/object/apply:os.getcwd []\n", 2, "references (*) and tags (!) are not read"),
        ("hr:\n  range: B3:\n  footer: 1\n", 2, "this is no YAML: mapping values are not allowed here"),
        ("hr:\n\tfooter: 1\n", 2, "this is no YAML: "),
        ("a: {}\n---\nb: {}\n", 2, "this is no YAML: "),
        ("a: {}\nb\x07: {}\n", 2, "a character that no YAML may hold"),
        ('hr:\n  sheet: "\\U00110000"\n', 2, "an escape stands for no character"),
        ('hr:\n  sheet: "\\UFFFFFFFF"\n', 2, "an escape stands for no character"),
        ('hr:\n  sheet: "\\ud800"\n', 2, "sheet must be the name of a sheet"),
        ("[" * 2000, 1, "more than 100 levels"),
    ],
)
def test_what_is_no_tree_of_folders_is_told_off_by_its_line(read: Read, text: str, line: int, says: str) -> None:
    assert told_off(read, text).startswith(f"{FILE}, line {line}: {says}")


def test_a_file_in_another_encoding_is_told_off_by_its_line(read: Read) -> None:
    Path(FILE).write_bytes("hr: {}\nlønn: {}\n".encode("latin-1"))
    with pytest.raises(SetupError, match=f"^{FILE}, line 2: this is no UTF-8"):
        load_configuration(Path(FILE))


def test_a_folder_in_place_of_the_file_is_for_a_person_to_mend(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read: Is a directory"):
        load_configuration(tmp_path)


def test_a_file_of_more_than_a_mebibyte_is_not_read(read: Read) -> None:
    assert "more than 1048576 bytes" in told_off(read, "#" * (1024**2 + 1))


def test_a_configured_folder_that_is_not_there_is_told(read: Read) -> None:
    found = read("hr: {new: {}}\nit: {}\nhr/old/older: {}\n")
    folders = [PurePosixPath("HR/new/2024"), PurePosixPath(".")]
    assert found.unmatched(folders) == ["hr/old/older", "it"]


CHANGES = {
    "sheet": "A",
    "header_row": (1, 1),
    "range": Area(1, 1, 2, 2),
    "locale": "nb",
    "day_first": False,
    "decimal": ".",
    "hidden": "skip",
    "footer": 0,
    "types": {"a": "text"},
    "key": "No",
}


def test_the_version_changes_with_every_option_that_changes_how_a_workbook_is_read() -> None:
    changed = [FolderOptions.model_validate({name: value}).version for name, value in CHANGES.items()]
    assert len({FolderOptions().version, *changed}) == len(CHANGES) + 1
    assert {len(version) for version in changed} == {8}
    assert set(CHANGES) | {"policy", "gate"} == set(FolderOptions.model_fields)


def test_the_version_does_not_change_with_what_happens_afterwards() -> None:
    assert FolderOptions(policy="freeze", gate=Decimal(95)).version == FolderOptions().version


@pytest.mark.parametrize("written", ["101", "-1", "most", "95 %", "[95]"])
def test_a_gate_that_is_no_percentage_is_refused(read: Read, written: str) -> None:
    assert "line 2: gate must be a number of percent from 0 to 100" in told_off(read, f"hr:\n  gate: {written}\n")


def test_the_version_is_the_same_however_the_options_came_about(read: Read) -> None:
    found = read("hr: {hidden: include, types: {a: text, b: date}}\nit: {types: {b: date, a: text}}\n")
    assert options(found, "hr").version == options(found, "it").version
    assert options(found, "none").version == FolderOptions().version == "44136fa3"


lines = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(
            ["hr", "HR/new", "sheet", "sheet/", "header_row", "range", "types", "policy", "default_sheet", "?"]
        ),
        st.sampled_from(["", "", "1", "1-2", "B3:", "{a: text}", "[1, 2]", "~", "*a", "'", "!x y", "\x07", "null"]),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(lines.map(lambda ls: "".join(f"{'  ' * n}{key}: {value}\n" for n, key, value in ls)), st.text()))
def test_any_text_is_a_configuration_or_told_off_by_name(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode(errors="replace"))
    try:
        found = load_configuration(path)
    except SetupError as error:
        told = str(error)
    else:
        told = f"{path.as_posix()}, line {len(options(found, 'hr/new').version)}"
    assert told.startswith(f"{path.as_posix()}, line ")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ab CDé2:-#'\"[]", min_size=1, max_size=8), min_size=1, max_size=3), st.integers(0, 50))
def test_a_folder_of_any_name_gets_its_options(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], footer: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "named.yaml"
    named = [name if name.strip() else "x" for name in names]
    path.write_text(yaml.safe_dump({f"{'/'.join(named)}/": {"footer": footer}}, allow_unicode=True), encoding="utf-8")
    found = load_configuration(path)
    assert found.options(PurePosixPath(*named)).footer == footer
    assert found.options(PurePosixPath(*(name.upper() for name in named), "below")).footer == footer
