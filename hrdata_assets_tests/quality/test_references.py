"""References: what is not in a list or says something else than the reference is told; without a file, nothing is."""

from pathlib import Path

import pytest

from hrdata_assets.cleaning.delimited import read_delimited
from hrdata_assets.cleaning.frames import clean
from hrdata_assets.errors import SetupError
from hrdata_assets.quality.implied import rules_of
from hrdata_assets.quality.judge import Circumstances, Judged, judge
from hrdata_assets.quality.references import Reference, References, read_references
from hrdata_assets.rule import Action, Dimension
from hrdata_assets.table import Row, column
from hrdata_assets_tests.cleaning.builders import csv_of
from hrdata_assets_tests.quality.breaking import Record, judged_record
from hrdata_assets_tests.quality.builders import AS_OF, broken, counts, rules_in


class Contact(Row, table="contacts"):
    """One row per contact."""

    contact_id: str = column("Contact ID", key=True)
    """Id."""

    email: str | None = column("Email", agrees_with="emails", by="contact_id", weight=2.0)
    """Address."""

    country: str | None = column("Country", listed_in="countries", missing=())
    """Country."""

    office: str | None = column("Office", listed_in="offices", unlisted=Action.FLAG)
    """Office."""


RULES = {r.name: r for r in rules_of(Contact.table)}


def contacts(*rows: tuple[str, str, str], references: References | None = None) -> Judged:
    content = csv_of(["Contact ID", "Email", "Country"], *rows)
    cleaned = clean(Contact.table, read_delimited(content, "contacts.csv"), "contacts.csv")
    return judge(cleaned, AS_OF, circumstances=Circumstances(references or References()))


COUNTRIES = Reference({"NO": "", "GB": "", "NA": ""})


def test_a_list_and_a_second_source_are_rules_of_integrity_and_accuracy() -> None:
    told = {name: (r.dimension, r.action, r.weight, r.column) for name, r in RULES.items()}
    assert told["country_listed"] == (Dimension.INTEGRITY, Action.SET_ASIDE, 1.0, "country")
    assert told["office_listed"] == (Dimension.INTEGRITY, Action.FLAG, 1.0, "office")
    assert told["email_agrees"] == (Dimension.ACCURACY, Action.FLAG, 2.0, "email")


@pytest.mark.parametrize("name", ["country_listed", "office_listed", "email_agrees"])
def test_the_reference_saying_otherwise_breaks_exactly_its_rule(name: str) -> None:
    good = {"Contact ID": "c1", "Email": "a@example.org", "Country": "NO", "Office": "Oslo"}
    found = judged_record(Record.of(Contact.table, good), RULES[name])
    assert broken(found.received) == {name: 1}
    assert broken(judged_record(Record.of(Contact.table, good)).received) == {}


@pytest.mark.parametrize(
    ("country", "listed"), [("NO", True), (" NO ", True), ("NA", True), ("no", False), ("N", False), ("UK", False)]
)
def test_a_list_must_hold_a_value_exactly(country: str, listed: bool) -> None:
    found = contacts(("c1", "", country), references=References({"countries": COUNTRIES}))
    assert counts(found.received)["country_listed"] == (int(listed), 1)
    assert [rules_in(letter) for letter in found.letters] == ([] if listed else [{"country_listed"}])


def test_an_empty_cell_is_neither_listed_nor_unlisted() -> None:
    found = contacts(("c1", "", ""), references=References({"countries": COUNTRIES}))
    assert counts(found.received)["country_listed"] == (0, 0)


def test_agreement_is_asked_only_of_rows_for_which_the_reference_has_a_value_and_is_blind_to_case() -> None:
    emails = Reference({"c1": "A@example.org", "c2": "b@example.org", "c3": "", "c9": "z@example.org"})
    rows = [
        ("c1", "a@EXAMPLE.org", ""),
        ("c2", "x@example.org", ""),
        ("c3", "c@example.org", ""),
        ("c4", "d@x.org", ""),
    ]
    found = contacts(*rows, references=References({"emails": emails}))
    assert counts(found.received)["email_agrees"] == (1, 2)
    assert (found.letters, found.kept.height) == ((), 4)


@pytest.mark.parametrize("there", [None, "countries", "emails"])
def test_a_reference_that_is_not_there_is_not_measured_and_never_counts_as_perfect(there: str | None) -> None:
    held = {"countries": COUNTRIES, "emails": Reference({"c1": "a@example.org"})}
    found = contacts(("c1", "a@example.org", "NO"), references=References({there: held[there]} if there else {}))
    units = {name: counts(found.received)[name][1] for name in ("country_listed", "email_agrees", "office_listed")}
    assert units == {"country_listed": there == "countries", "email_agrees": there == "emails", "office_listed": 0}
    assert (found.received.dimension(Dimension.INTEGRITY) is None) == (there != "countries")
    assert (found.received.dimension(Dimension.ACCURACY) is None) == (there != "emails")


def test_an_empty_list_lists_nothing() -> None:
    found = contacts(("c1", "", "NO"), references=References({"countries": Reference({})}))
    assert counts(found.received)["country_listed"] == (0, 1)


def test_references_are_read_from_a_folder_as_far_as_they_are_there(tmp_path: Path) -> None:
    assert read_references(tmp_path / "nowhere", Contact.table) == References()
    (tmp_path / "emails.csv").write_bytes('\ufeffkey,value\r\nc1, a@example.org \r\nc2,"b, c"\r\n,nobody\r\n'.encode())
    (tmp_path / "others.csv").write_text("key\nx\n")
    found = read_references(tmp_path, Contact.table)
    assert {name: dict(reference.values) for name, reference in found.by_name.items()} == {
        "emails": {"c1": "a@example.org", "c2": "b, c"}
    }
    (version,) = found.versions
    assert version.startswith("emails ")
    (tmp_path / "emails.csv").write_text("key,value\nc1,other@example.org\n")
    assert read_references(tmp_path, Contact.table).versions != found.versions


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "has no column key"),
        (b"zebra\nNO\n", "has no column key"),
        (b"key\n\xff\xfe\n", "is no UTF-8 text"),
        (b"key,value\nzebra,1\nzebra,2\n", "line 3: its key stands there already, with another value"),
        (b'key\n"zebra\n', "is no CSV file"),
    ],
)
def test_a_file_that_is_no_reference_is_named_and_not_quoted(tmp_path: Path, content: bytes, fault: str) -> None:
    (tmp_path / "countries.csv").write_bytes(content)
    with pytest.raises(SetupError) as told:
        read_references(tmp_path, Contact.table)
    assert fault in str(told.value)
    assert "countries.csv" in str(told.value)
    assert "zebra" not in str(told.value)
