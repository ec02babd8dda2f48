"""The file of limits: exact percentages, a table's own before everybody's, and every fault named by file and key."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from hrdata_assets.catalogue import TABLES
from hrdata_assets.errors import SetupError
from hrdata_assets.quality.gates import FLOORS, Limits
from hrdata_assets.quality.policy import Policy, read_policy
from hrdata_assets.rule import Dimension
from hrdata_assets.settings import shipped
from hrdata_assets.systems.flowcase.tables import Usage, User

ADDRESSES = [table.address for table in TABLES]
Write = Callable[[str], Policy]


@pytest.fixture
def policy(tmp_path: Path) -> Write:
    """Reads a file of limits with this text."""

    def read(text: str) -> Policy:
        path = tmp_path / "quality.toml"
        path.write_text(text, encoding="utf-8")
        return read_policy(path, ADDRESSES)

    return read


def test_the_shipped_file_says_what_is_built_in(policy: Write) -> None:
    shipped_policy = read_policy(shipped("quality.toml"), ADDRESSES)
    for table in TABLES:
        assert shipped_policy.of(table) == Limits(floors=dict(FLOORS), policy=shipped_policy.version)
        assert policy("").of(table) == Limits(floors=dict(FLOORS), policy=policy("").version)


def test_a_tables_own_limits_come_before_those_for_all_and_those_before_the_built_in(policy: Write) -> None:
    found = policy(
        """
        [default]
        nulls = 30
        duplicates = 2
        gates = ["validity"]
        floors = { validity = 70, accuracy = 60 }

        [tables."staged.flowcase_users"]
        duplicates = 0.5
        gates = []
        required = ["timeliness", "integrity"]
        expected_rows = 480
        floors = { accuracy = 99.5 }
        """
    )
    own, other = found.of(User.table), found.of(Usage.table)
    assert (own.overall, own.nulls, own.duplicates) == (Fraction(8, 10), Fraction(3, 10), Fraction(5, 1000))
    assert (other.overall, other.nulls, other.duplicates) == (Fraction(8, 10), Fraction(3, 10), Fraction(2, 100))
    assert (own.gated, other.gated) == (frozenset(), {Dimension.VALIDITY})
    assert (own.required, other.required) == ({Dimension.TIMELINESS, Dimension.INTEGRITY}, frozenset())
    assert (own.expected_rows, other.expected_rows) == (480, None)
    changed = {Dimension.VALIDITY: Fraction(7, 10), Dimension.ACCURACY: Fraction(6, 10)}
    assert other.floors == {**FLOORS, **changed}
    assert own.floors == {**FLOORS, **changed, Dimension.ACCURACY: Fraction(995, 1000)}


def test_percentages_are_as_they_are_written_and_no_binary_fraction(policy: Write) -> None:
    limits = policy("[default]\noverall = 79.9\nnulls = 33.333333333333333333\n").of(User.table)
    assert limits.overall == Fraction(799, 1000)
    assert limits.nulls == Fraction(33333333333333333333, 10**20)


def test_the_version_changes_with_the_file(policy: Write) -> None:
    versions = [policy(text).version for text in ("", "[default]\n", "[default]\nnulls = 20\n", "")]
    assert versions[0] == versions[3]
    assert len(set(versions)) == 3
    assert len(versions[0]) == 8


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[default]\nnulls = 101\n", "default.nulls: Input should be less than or equal to 100"),
        ("[default]\nnulls = -1\n", "default.nulls: Input should be greater than or equal to 0"),
        ("[default]\nnulls = 'few'\n", "default.nulls: Input should be a valid decimal"),
        ("[default]\nempty = 3\n", "default.empty: Extra inputs are not permitted"),
        ("[default.floors]\nbeauty = 3\n", "default.floors.beauty"),
        ("[default]\ngates = ['beauty']\n", "default.gates"),
        ("[default]\nexpected_rows = 3\n", "default.expected_rows"),
        ("[tables.users]\nnulls = 3\n", "tables.users: there is no such table"),
        ("[tables.\"core.users\"]\noverall = 'x'\n", "tables.core.users.overall"),
        ("nulls = 3\n", "nulls: Extra inputs are not permitted"),
        ("[default\n", "is no TOML file"),
    ],
)
def test_a_fault_is_named_by_file_and_key(policy: Write, text: str, fault: str) -> None:
    with pytest.raises(SetupError) as told:
        policy(text)
    assert fault in str(told.value)
    assert "quality.toml" in str(told.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"nowhere\.toml cannot be read: No such file"):
        read_policy(tmp_path / "nowhere.toml", ADDRESSES)
