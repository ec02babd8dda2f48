"""Settings: where they are read from, what is refused by name, and that no secret is ever shown."""

import os
from pathlib import Path

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import PG_VARIABLES, Settings, described_settings, load_settings, shipped, sql_folder
from hrdata_assets.storage.postgres import database_url

SECRET = "s3cr3t-Zebra"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no .env of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith(("HRDATA_", "PG", "ETL_", "SKIP_DB", "DEBUG"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_everything_has_a_default(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.home, settings.reports_dir) == (tmp_path / ".hrdata", tmp_path / "cv_reports")
    assert (settings.archive_dir, settings.dagster_home) == (settings.home / "archive", settings.home / "dagster")
    assert settings.quarter_folders == {}
    assert not settings.uses_own_server


def test_the_environment_goes_before_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HRDATA_UI_PORT=4000\nHRDATA_HOME=from_file\n", encoding="utf-8")
    monkeypatch.setenv("HRDATA_UI_PORT", "5000")
    settings = load_settings()
    assert (settings.ui_port, settings.home) == (5000, tmp_path / "from_file")


def test_the_env_file_may_hold_what_is_not_ours_and_what_is_empty(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SOMEBODY_ELSES=1\nHRDATA_EMBEDDED_PORT=\nPGHOST=\n", encoding="utf-8")
    settings = load_settings()
    assert settings.embedded_port is None
    assert not settings.uses_own_server


def test_settings_are_read_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_settings()
    monkeypatch.setenv("HRDATA_UI_PORT", "5000")
    assert (before.ui_port, load_settings().ui_port) == (3000, 5000)


def test_folders_are_absolute_whatever_is_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HRDATA_HOME", "~/place")
    monkeypatch.setenv("HRDATA_REPORTS_DIR", "in/here")
    settings = load_settings()
    assert (settings.home, settings.reports_dir) == (tmp_path / "place", tmp_path / "in" / "here")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().ui_port = 4000  # type: ignore[misc]


def test_folders_with_odd_names_are_given_their_quarters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HRDATA_QUARTER_FOLDERS", "QTEST=2026-Q1, odd name = Q22026 ,")
    assert load_settings().quarter_folders == {"QTEST": "2026-Q1", "odd name": "Q22026"}


def test_a_folder_without_a_quarter_is_refused_with_the_right_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HRDATA_QUARTER_FOLDERS", f"QTEST=2026-Q1,{SECRET}")
    with pytest.raises(SetupError, match=r"HRDATA_QUARTER_FOLDERS.*FOLDER=QUARTER") as refused:
        load_settings()
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HRDATA_UI_PORT", f"{SECRET}"),
        ("HRDATA_UI_PORT", "80"),
        ("HRDATA_EMBEDDED_PORT", "65536"),
        ("HRDATA_MAX_REPORT_BYTES", "10"),
        ("PGPORT", SECRET),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SetupError, match=f"^settings cannot be used: {name}: ") as refused:
        load_settings()
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_not_even_the_library_that_reads_a_setting_quotes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", SECRET)
    with pytest.raises(ValueError, match="PGPORT") as refused:
        Settings()
    assert SECRET not in f"{refused.value} {refused.value!r}"


def test_every_setting_that_cannot_be_used_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HRDATA_UI_PORT", "none")
    monkeypatch.setenv("HRDATA_EMBEDDED_PORT", "none")
    with pytest.raises(SetupError, match=r"HRDATA_EMBEDDED_PORT.*HRDATA_UI_PORT"):
        load_settings()


ALL_PG = {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGDATABASE": "hr", "PGUSER": "someone", "PGPASSWORD": SECRET}


@pytest.mark.parametrize("given", [*PG_VARIABLES, ("PGHOST", "PGPASSWORD"), ("PGDATABASE", "PGUSER", "PGPORT")])
def test_every_missing_pg_variable_is_named_before_anything_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, given: str | tuple[str, ...]
) -> None:
    present = {given} if isinstance(given, str) else set(given)
    for name in present:
        monkeypatch.setenv(name, ALL_PG[name])
    settings = load_settings()
    assert settings.uses_own_server
    # Nothing answers on port 1: a connection would be another error.
    with pytest.raises(SetupError) as refused:
        database_url(settings)
    assert {name for name in PG_VARIABLES if name in str(refused.value)} == set(PG_VARIABLES) - present
    assert SECRET not in str(refused.value)


def test_all_five_pg_variables_name_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ALL_PG.items():
        monkeypatch.setenv(name, value)
    assert load_settings().missing_pg_variables() == []
    assert database_url(load_settings()) == f"postgresql://someone:{SECRET}@127.0.0.1:1/hr"


def test_a_url_goes_before_pg_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("HRDATA_DATABASE_URL", "postgresql://somewhere/hr")
    assert database_url(load_settings()) == "postgresql://somewhere/hr"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PGPASSWORD", SECRET),
        ("HRDATA_DATABASE_URL", f"postgresql://someone:{SECRET}@somewhere/hr"),
        ("HRDATA_TEST_DATABASE_URL", f"postgresql://someone:{SECRET}@somewhere/hr"),
    ],
)
def test_a_secret_is_not_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    settings = load_settings()
    shown = [repr(settings), str(settings), f"{settings}", str(settings.model_dump()), settings.model_dump_json()]
    assert not [text for text in shown if SECRET in text]
    # The same settings do hold it.
    held = [settings.pg_password, settings.database_url, settings.test_database_url]
    assert [s.get_secret_value() for s in held if s] == [value]


def test_every_variable_that_sounds_like_a_secret_is_kept_as_one() -> None:
    for name, info in Settings.model_fields.items():
        if any(word in name for word in ("password", "url", "token", "secret")):
            assert "SecretStr" in str(info.annotation), name


def test_every_setting_has_a_variable_and_a_sentence() -> None:
    described = described_settings()
    assert [variable for variable, _, _ in described] == [
        info.validation_alias for info in Settings.model_fields.values()
    ]
    for variable, default, sentence in described:
        assert variable.startswith(("HRDATA_", "ETL_")) or variable in (*PG_VARIABLES, "SKIP_DB", "DEBUG")
        assert sentence.endswith("."), variable
        assert default != "None", variable


def test_sql_is_the_shipped_folder_unless_another_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert sql_folder(load_settings()) == shipped("sql")
    (tmp_path / "own" / "core").mkdir(parents=True)
    monkeypatch.setenv("HRDATA_SQL_DIR", "own")
    assert sql_folder(load_settings()) == tmp_path / "own"


def test_a_folder_that_is_no_sql_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HRDATA_SQL_DIR", str(tmp_path))
    with pytest.raises(SetupError, match=r"HRDATA_SQL_DIR.*'core'"):
        sql_folder(load_settings())


def test_what_was_not_shipped_is_named() -> None:
    with pytest.raises(SetupError, match=r"^nowhere\.txt is missing"):
        shipped("nowhere.txt")
