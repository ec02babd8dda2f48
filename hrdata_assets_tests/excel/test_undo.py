"""Taking workbooks back: rows, the version before, columns and types; whatever the order, only what is left counts."""

import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hrdata_assets.errors import SetupError
from hrdata_assets.excel.approval import approve_waiting
from hrdata_assets.excel.folders import load_all
from hrdata_assets.excel.undo import Reverted, SchemaReverted, find_standing, revert, revert_schema
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.decisions import Approval
from hrdata_assets.systems.workbooks.discovery import find_workbooks
from hrdata_assets.verify.answers import verify
from hrdata_assets_tests.conftest import NewInstallation
from hrdata_assets_tests.excel.conftest import Load, Write
from hrdata_assets_tests.excel.sheets import workbook
from hrdata_assets_tests.excel.test_load import statuses
from hrdata_assets_tests.installation import Installation
from hrdata_assets_tests.victim import grave

TakeBack = Callable[..., Reverted]
NarrowBack = Callable[..., SchemaReverted]


@pytest.fixture
def take_back(installation: Installation) -> TakeBack:
    """Take a workbook's rows out of excel.staff."""

    def taken_back(source_file: str | None = None, sha256: str | None = None, **options: bool) -> Reverted:
        with installation.environment():
            chosen = load_settings()
        with installation.warehouse.connect("test") as connection:
            standing = find_standing(connection, "staff", source_file, sha256)
        return revert(installation.warehouse, chosen, standing, **options)

    return taken_back


@pytest.fixture
def narrow_back(installation: Installation) -> NarrowBack:
    """Take back what a workbook brought into excel.staff."""

    def narrowed(source_file: str, **options: bool) -> SchemaReverted:
        return revert_schema(installation.warehouse, "staff", source_file, **options)

    return narrowed


def columns(installation: Installation) -> dict[str, str]:
    """Columns of excel.staff with their types, those of the platform left out."""
    return dict(
        installation.rows(
            "select c.column_name, c.data_type from information_schema.columns c join ops.columns o"
            " using (table_name, column_name) where c.table_schema = 'excel' and table_name = 'staff'"
        )
    )


def test_a_workbook_taken_back_leaves_no_row_and_stays_out_until_it_is_asked_for(
    installation: Installation, write: Write, load: Load, take_back: TakeBack
) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    write("staff/b.xlsx", [["Name"], ["b"]])
    load()
    assert take_back("staff/a.xlsx").taken_out.row_count == 1
    assert installation.column("select name from excel.staff") == ["b"]
    assert statuses(load()) == {"staff/a.xlsx": "taken_back", "staff/b.xlsx": "already"}
    assert installation.column("select status from ops.etl_imports order by import_id") == ["reverted", "imported"]
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def test_the_version_before_comes_back_with_the_rows_it_had(
    installation: Installation, write: Write, load: Load, take_back: TakeBack
) -> None:
    write("staff/a.xlsx", [["Name", "FTE"], ["a", 50], ["b", 100]])
    load()
    before = installation.rows("select row_no, name, fte, delivery from excel.staff order by row_no")
    write("staff/a.xlsx", [["Name", "FTE"], ["z", "half"]])
    load()
    done = take_back("staff/a.xlsx", restore=True)
    assert done.restored is not None
    assert done.restored.counts.inserted == 2
    after = installation.rows("select row_no, name, fte::integer, delivery from excel.staff order by row_no")
    assert after == before
    assert statuses(load()) == {"staff/a.xlsx": "taken_back"}


def test_a_version_that_is_the_first_has_none_before(write: Write, load: Load, take_back: TakeBack) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    load()
    with pytest.raises(SetupError, match="no version before"):
        take_back("staff/a.xlsx", restore=True)


def test_exactly_the_version_asked_for_is_taken_back(
    installation: Installation, write: Write, load: Load, take_back: TakeBack
) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    load()
    (first,) = installation.column("select file_sha256 from ops.etl_imports")
    write("staff/a.xlsx", [["Name"], ["b"]])
    load()
    with pytest.raises(SetupError, match="nothing to take back"):
        take_back(sha256=first)
    second = installation.one("select file_sha256 from ops.etl_imports where status = 'imported'")
    take_back(sha256=second[:12])
    assert installation.one("select count(*) from excel.staff") == 0


def test_looking_first_changes_nothing(
    installation: Installation, write: Write, load: Load, take_back: TakeBack, narrow_back: NarrowBack
) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    load()
    assert take_back("staff/a.xlsx", dry_run=True).taken_out.row_count == 1
    assert installation.one("select count(*) from excel.staff") == 1
    take_back("staff/a.xlsx")
    assert narrow_back("staff/a.xlsx", dry_run=True).statements == ('drop table "excel"."staff";',)
    assert columns(installation) == {"name": "text"}


def test_a_schema_that_others_need_is_not_taken_back_and_they_are_named(
    installation: Installation, write: Write, load: Load, take_back: TakeBack, narrow_back: NarrowBack
) -> None:
    write("staff/a.xlsx", [["Name", "FTE"], ["a", 50]])
    load()
    write("staff/b.xlsx", [["Name", "FTE", "Unit"], ["b", "half", "x"]])
    load()
    write("staff/c.xlsx", [["Name", "Unit"], ["c", "y"]])
    load()
    with pytest.raises(SetupError, match=r"fte.*staff/b.xlsx"):
        narrow_back("staff/b.xlsx")
    take_back("staff/b.xlsx")
    with pytest.raises(SetupError, match=r"unit.*staff/c.xlsx"):
        narrow_back("staff/b.xlsx")
    done = narrow_back("staff/b.xlsx", partial=True)
    assert done.kept == {"unit": ("staff/c.xlsx",)}
    assert len(done.statements) == 1
    assert columns(installation) == {"name": "text", "fte": "integer", "unit": "text"}
    assert installation.rows("select name, fte from excel.staff order by 1") == [("a", 50), ("c", None)]


@pytest.mark.parametrize("kind", ["view", "materialized view"])
def test_a_schema_that_a_view_depends_on_is_not_taken_back_and_the_view_is_named(
    installation: Installation, write: Write, load: Load, take_back: TakeBack, narrow_back: NarrowBack, kind: str
) -> None:
    write("staff/a.xlsx", [["Name"], ["a"]])
    load()
    write("staff/b.xlsx", [["Name", "Unit"], ["b", 1]])
    load()
    take_back("staff/b.xlsx")
    with installation.warehouse.connect("test") as connection:
        connection.execute(f"create {kind} marts.of_a_user as select unit from excel.staff".encode())
    with pytest.raises(SetupError, match=r"excel.staff .*marts.of_a_user depends on it; drop that"):
        narrow_back("staff/b.xlsx")
    assert columns(installation) == {"name": "text", "unit": "integer"}
    with installation.warehouse.connect("test") as connection:
        connection.execute(f"drop {kind} marts.of_a_user".encode())
    narrow_back("staff/b.xlsx")
    assert columns(installation) == {"name": "text"}


def test_content_of_another_path_makes_the_former_rows_go(installation: Installation, write: Write, load: Load) -> None:
    content = write("staff/a.xlsx", [["Name"], ["a"]])
    write("staff/b.xlsx", [["Name"], ["b"]])
    load()
    (installation.folder / "data" / "staff" / "b.xlsx").write_bytes(content.read_bytes())
    loaded = load()
    assert statuses(loaded) == {"staff/a.xlsx": "already", "staff/b.xlsx": "duplicate"}
    assert loaded["staff/b.xlsx"].outcome.counts.removed == 1
    assert installation.column("select name from excel.staff") == ["a"]
    assert grave(verify(installation.warehouse, read_archive=True)) == []


def test_a_table_whose_changes_are_proposed_waits_for_approval(
    installation: Installation, write: Write, load: Load, configure: Callable[[str], None]
) -> None:
    configure("staff:\n  policy: propose\n")
    write("staff/a.xlsx", [["Name"], ["a"]])
    assert statuses(load()) == {"staff/a.xlsx": "loaded"}
    write("staff/b.xlsx", [["Name", "Unit"], ["b", 1]])
    for _ in range(2):
        held = load()["staff/b.xlsx"].outcome
        assert (held.status, held.reason) == ("held", "the table would have to change: add_column unit (integer)")
    assert columns(installation) == {"name": "text"}
    assert installation.one("select count(*) from ops.loads where status = 'held'") == 1
    with installation.warehouse.connect("test") as connection:
        (one,) = approve_waiting(connection, "staff", None, Approval("agreed", "test"))
    assert one.source_file == "staff/b.xlsx"
    assert statuses(load())["staff/b.xlsx"] == "loaded"
    assert columns(installation) == {"name": "text", "unit": "integer"}


CELLS = st.sampled_from([None, 1, 7, 3_000_000_000, 1.5, 0.1, "x", "007", True, "2024-01-31", 1e300, "TRUE"])
VERSIONS = st.lists(
    st.tuples(st.sets(st.sampled_from(["A", "B", "C"]), min_size=1), st.lists(CELLS, min_size=3, max_size=3)),
    min_size=1,
    max_size=6,
)
Version = Sequence[tuple[set[str], Sequence[object]]]
Step = tuple[str, str, Version]
FILES = ("f0.xlsx", "f1.xlsx", "f2.xlsx")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), st.sampled_from(FILES), VERSIONS),
        st.tuples(st.sampled_from(["revert", "restore", "schema"]), st.sampled_from(FILES), st.just([])),
    ),
    min_size=2,
    max_size=9,
)


def table(installation: Installation) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Headings with column and type, and the rows as texts, however the columns stand."""
    if installation.one("select to_regclass('excel.staff')") is None:
        return {}, []
    described = {
        heading: (name, kind)
        for heading, name, kind in installation.rows(
            "select heading, column_name, type from ops.columns where table_name = 'staff'"
        )
    }
    rows = installation.column(
        "select (to_jsonb(s) - 'load_id' - 'load_timestamp')::text from excel.staff s order by source_file, row_no"
    )
    return described, rows


def behind(installation: Installation) -> list[tuple[object, ...]]:
    """Rows whose place newer ones of their key have taken."""
    return installation.rows(
        "select key, cells::text, extra::text, source_file, row_no from ops.row_versions where stands"
        " order by source_file, row_no"
    )


def sheet_of(version: Version) -> list[list[object]]:
    headings = sorted({name for names, _ in version for name in names})
    rows = [[cells["ABC".index(name)] if name in names else None for name in headings] for names, cells in version]
    # A text in the first column keeps rows of blanks from counting for nothing; several rows have the same.
    return [["Key", *headings], *([f"k{cells[0]}", *row] for row, (_, cells) in zip(rows, version, strict=True))]


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, keyed=st.booleans())
def test_any_series_of_loads_and_reversals_equals_loading_only_what_is_left(
    new_installation: NewInstallation, steps: Sequence[Step], keyed: bool
) -> None:
    with new_installation() as installation, new_installation() as another:
        tried, fresh = Series(installation, keyed=keyed), Series(another, keyed=keyed)
        for action, file, version in steps:
            tried.step(action, file, version)
        tried.take_back_schemas()
        for path, content in tried.left().items():
            fresh.put(path, content)
            fresh.load()
        assert table(installation) == table(another)
        assert behind(installation) == behind(another)
        assert grave(verify(installation.warehouse, read_archive=True)) == []


class Series:
    """An installation on which steps are tried, and what should be left by them."""

    def __init__(self, installation: Installation, *, keyed: bool) -> None:
        self.installation = installation
        self.root = installation.folder / "data"
        (self.root / "staff").mkdir(parents=True)
        if keyed:
            configuration = installation.folder / "config" / "etl_config.yaml"
            configuration.parent.mkdir()
            configuration.write_text("staff:\n  key: Key\n", encoding="utf-8")
        self.loaded: dict[str, list[bytes]] = {}
        self.numbers = 0

    def put(self, file: str, content: bytes) -> None:
        (self.root / "staff" / file).write_bytes(content)

    def load(self) -> dict[str, str]:
        found = find_workbooks(self.root)
        with self.installation.environment():
            chosen = load_settings()
        return {
            one.file.path.name: one.outcome.status
            for one in load_all(self.installation.warehouse, chosen, found, "test")
        }

    def step(self, action: str, file: str, version: Version) -> None:
        if action == "load":
            self._load(file, version)
        elif action == "schema":
            revert_partly(self.installation, file)
        elif self.loaded.get(file):
            self._revert(file, restore=action == "restore")

    def _load(self, file: str, version: Version) -> None:
        self.numbers += 1
        content = workbook(sheet_of(version), self.numbers)
        self.put(file, content)
        assert self.load()[file] == "loaded"
        self._newest(file, [*self.loaded.get(file, []), content])

    def _revert(self, file: str, *, restore: bool) -> None:
        with self.installation.environment():
            chosen = load_settings()
        with self.installation.warehouse.connect("test") as connection:
            standing = find_standing(connection, "staff", f"staff/{file}", None)
        restore = restore and len(self.loaded[file]) > 1
        revert(self.installation.warehouse, chosen, standing, restore=restore)
        self._newest(file, self.loaded[file][:-1] if restore else [])

    def _newest(self, file: str, versions: list[bytes]) -> None:
        """In the order in which the last version of each came to stand."""
        self.loaded.pop(file, None)
        self.loaded[file] = versions

    def left(self) -> dict[str, bytes]:
        return {file: versions[-1] for file, versions in self.loaded.items() if versions}

    def take_back_schemas(self) -> None:
        """What was brought by anybody and is needed by nobody, until nothing is left of it."""
        for file in FILES * 2:
            revert_partly(self.installation, file)


def revert_partly(installation: Installation, file: str) -> None:
    try:
        revert_schema(installation.warehouse, "staff", f"staff/{file}", partial=True)
    except SetupError as error:
        if not re.search("brought nothing|no table", str(error)):
            raise
