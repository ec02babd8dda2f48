"""What leads from one table to another: every system's own mappings, and what two of them make together."""

import pytest

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.bullhorn.tables import Candidate, ClientContact, JobOrder
from hrdata_assets.systems.formatting import (
    formatter_between,
    from_unified,
    mappings,
    table_named,
    to_unified,
)
from hrdata_assets.systems.registry import SYSTEMS
from hrdata_assets.table import CursorMode
from hrdata_assets.unified.formatter import Composed
from hrdata_assets.unified.mapping import RowMapping, mapping, renamed
from hrdata_assets.unified.records import TABLES, UnifiedCompany, UnifiedJob, UnifiedProfile
from hrdata_assets_tests.unified.builders import Applicant

every_mapping = pytest.mark.parametrize("built", list(mappings()), ids=lambda built: built.name)


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_unifies_its_people_and_takes_them_back(name: str) -> None:
    kind = SYSTEMS[name].kind
    people = [m.source for m in kind.unifies if m.target == UnifiedProfile.table]
    assert people
    assert [m.target for m in kind.unifies if m.source == UnifiedProfile.table] != []
    assert all(to_unified(table).target == UnifiedProfile.table for table in people)


@every_mapping
def test_a_mapping_leads_into_the_unified_model_or_out_of_it(built: RowMapping) -> None:
    assert (built.source in TABLES) != (built.target in TABLES)


@every_mapping
def test_what_comes_in_names_its_system_its_id_and_its_stamps(built: RowMapping) -> None:
    if built.target in TABLES:
        stamps = {mode.value for mode in (CursorMode.CREATED_AT, CursorMode.UPDATED_AT) if built.source.in_role(mode)}
        assert {"system", "source_id", "updated_at", *stamps} <= set(built.filled)
        assert ("status" in built.filled) == ("status_original" in built.filled)
    else:
        own = {column.name for column in built.target.columns if column.role is not None}
        assert not own & set(built.filled)


def test_no_two_mappings_lead_the_same_way() -> None:
    ways = [(m.source.address, m.target.address) for m in mappings()]
    assert len(ways) == len(set(ways))


def test_to_and_from_the_unified_model() -> None:
    assert to_unified(Candidate).target == UnifiedProfile.table
    assert to_unified(Candidate.table) is to_unified(Candidate)
    assert from_unified(JobOrder).source == UnifiedJob.table
    with pytest.raises(SetupError, match="no mapping leads from bullhorn_client_contacts into the unified model"):
        to_unified(ClientContact)
    with pytest.raises(SetupError, match="no mapping leads from the unified model into bullhorn_client_contacts"):
        from_unified(ClientContact)


def test_between_two_tables_the_unified_model_is_the_way() -> None:
    assert formatter_between(Candidate, UnifiedProfile) is to_unified(Candidate)
    assert formatter_between(UnifiedProfile.table, Candidate) is from_unified(Candidate)
    for source, target in ((Candidate, JobOrder), (Candidate, UnifiedJob), (UnifiedCompany, JobOrder)):
        with pytest.raises(SetupError, match="are not the same in the unified model: name a formatter"):
            formatter_between(source, target)
    with pytest.raises(SetupError, match="on both sides"):
        formatter_between(Candidate, Candidate)


def test_by_way_of_the_unified_model_a_record_keeps_where_it_came_from() -> None:
    from_elsewhere = mapping(
        Applicant,
        UnifiedProfile,
        {"constant": "elsewhere", "to": "system"},
        {"from": "id", "to": "source_id", "transform": "text"},
        renamed(name="full_name", title="job_title", skills="skills"),
    )
    both = Composed(from_elsewhere, from_unified(Candidate))
    made = both.apply({"id": 7, "full_name": "Ann Example", "job_title": "Cook", "skills": ["a", "b"]})
    assert isinstance(made, Candidate)
    assert (made.external_id, made.name, made.occupation) == ("elsewhere:7", "Ann Example", "Cook")
    assert made.skill_set == "a, b"
    assert "id" not in made.model_fields_set


def test_a_table_is_found_by_its_name_and_its_address() -> None:
    assert table_named("bullhorn_candidates") == table_named("staged.bullhorn_candidates") == Candidate.table
    assert table_named("candidates") == table_named("core.candidates") == UnifiedProfile.table
    with pytest.raises(SetupError, match="no table bullhorn_candidate to format: there is bullhorn_candidates"):
        table_named("bullhorn_candidate")
