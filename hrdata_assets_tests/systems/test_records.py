"""From a system's records to rows: every value kept, told where it went, or told why it is none."""

import json
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from hrdata_assets.systems.bullhorn.tables import WITHHELD, Candidate
from hrdata_assets.systems.records import cleaned_records, values_at
from hrdata_assets.table import CursorMode, Row, column

TABLE = Candidate.table


def a_record(**fields: Any) -> dict[str, Any]:
    return {"id": 7, "name": "Ann Lee", "dateLastModified": 1714564800123, "isDeleted": False, **fields}


def read(*records: dict[str, Any]) -> pl.DataFrame:
    return cleaned_records(TABLE, records, WITHHELD).rows


def test_paths_lead_into_objects_and_lists() -> None:
    rows = read(
        a_record(
            address={"city": "Oslo", "countryName": "Norway"},
            owner={"id": 3, "name": "Ewa"},
            primarySkills={"total": 2, "data": [{"id": 1, "name": "SQL"}, {"id": 2, "name": "Go"}]},
        ),
        a_record(address=None, owner=None, primarySkills={"total": 0, "data": []}),
    )
    assert rows["city"].to_list() == ["Oslo", None]
    assert rows["owner_id"].to_list() == [3, None]
    assert rows["primary_skills"].to_list() == [["SQL", "Go"], None]


def test_what_nobody_declared_is_kept_beside_without_what_was_read() -> None:
    rows = read(a_record(owner={"id": 3, "name": "Ewa"}, customText1="A", customInt1=None, categories=[]))
    assert json.loads(rows["extra"][0]) == {"owner": {"name": "Ewa"}, "customText1": "A"}
    assert read(a_record())["extra"].to_list() == [None]


def test_moments_are_read_to_the_millisecond_whatever_their_spelling() -> None:
    spelt = [1714564800123, "2024-05-01T12:00:00.123Z", "2024-05-01T12:00:00.123+0000", "2024-05-01T14:00:00.123+02:00"]
    rows = read(*(a_record(dateLastModified=stamp) for stamp in spelt))
    assert rows["date_last_modified"].n_unique() == 1
    assert rows["date_last_modified"].dt.timestamp("ms")[0] == 1714564800123


def test_numbers_keep_their_digits_and_booleans_are_words() -> None:
    row = read(a_record(salary=Decimal("85000.10"), willRelocate=True, experience=12, massMailOptOut=False))
    assert str(row["salary"][0]) == "85000.10"
    assert (row["will_relocate"][0], row["mass_mail_opt_out"][0], row["experience_years"][0]) == (True, False, 12)


def test_what_is_withheld_is_no_value_and_told() -> None:
    row = read(a_record(dateOfBirth=WITHHELD, comments=WITHHELD), a_record(comments="so"))
    assert row["date_of_birth"].to_list() == [None, None]
    assert row["comments"].to_list() == [None, "so"]
    assert json.loads(row["changes"][0]) == {"date_of_birth": ["withheld"], "comments": ["withheld"]}
    assert row["changes"][1] is None


def test_a_half_of_a_character_is_told_and_harms_nobody_else() -> None:
    rows = read(a_record(comments="broken \ud83d"), a_record(comments="fine 😀"))
    assert rows["undecodable"].to_list() == [True, False]
    assert rows["comments"][1] == "fine 😀"


def test_no_records_are_no_rows() -> None:
    assert read().is_empty()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "city", "data", "x"]), inner)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(["email", "address", "owner", "primarySkills", "salary", "isDeleted", "dateAdded", "odd"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=5))
def test_whatever_a_record_holds_it_is_one_row_that_can_be_stored(fields: list[dict[str, Any]]) -> None:
    records = [{**a_record(), **each, "id": number} for number, each in enumerate(fields)]
    rows = read(*records)
    assert rows["id"].to_list() == list(range(len(records)))
    for extra in rows["extra"]:
        assert extra is None or "\0" not in str(json.loads(extra))


def text_of(value: Any) -> str | None:
    """What a cell is as text: a list's members are texts themselves, those that say nothing left out."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        members = [text for text in map(text_of, value) if text]
        return json.dumps(members, ensure_ascii=False) if members else None
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def left_of(record: dict[str, Any], declared: set[str]) -> dict[str, Any] | None:
    """What is in a record and is neither declared by its first name nor nothing."""
    rest = {name: value for name, value in record.items() if name not in declared and value is not None and value != []}
    return rest or None


class Free(Row, table="free_records", origin="free"):
    """One row per whatever it is."""

    id: int = column("id", key=True, role=CursorMode.ID)
    """Its number."""

    one: str | None = column("one")
    """A text."""

    two: str | None = column("two", missing=())
    """Another."""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("aé😀 ", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
ALIKE = st.lists(st.fixed_dictionaries({"one": ANYTHING, "two": ANYTHING, "x": ANYTHING, "y": ANYTHING}), max_size=4)
UNLIKE = st.lists(st.dictionaries(st.sampled_from(["one", "two", "x", "y"]), ANYTHING), max_size=4)
ONE_KIND = st.sampled_from([st.integers(), st.booleans(), st.integers(-5, 5), st.text("aé", max_size=3)]).flatmap(
    lambda kind: st.lists(st.fixed_dictionaries({"two": st.none() | kind, "x": st.none() | kind}), max_size=5)
)


@settings(deadline=None, max_examples=150)
@given(ALIKE | UNLIKE | ONE_KIND)
def test_a_record_says_the_same_alone_and_among_others(fields: list[dict[str, Any]]) -> None:
    records = [{"id": number, **each} for number, each in enumerate(fields)]
    rows = cleaned_records(Free.table, records).rows
    for place, record in enumerate(records):
        extra = rows["extra"][place]
        assert (json.loads(extra) if extra else None) == left_of(record, {"id", "one", "two"})
        assert values_at(records, "two")[place] == text_of(record.get("two"))
        said = (text_of(record.get("two")) or "").strip()
        if said and " " not in said:
            assert rows["two"][place] == said
