"""Flowcase's CVs in the unified model: one profile per CV, known by the CV's id and by the account that it belongs to.

Whoever has a CV works for the company; whether they are free nobody says, so a profile has no status. Back, a profile
is spelled as a CV; Flowcase's API takes none, so that nothing is written there.
"""

from hrdata_assets.systems.flowcase.api_tables import CV
from hrdata_assets.unified.mapping import RowMapping, constants, mapping, renamed, same, transformed
from hrdata_assets.unified.records import UnifiedProfile

CV_TO_PROFILE = mapping(
    CV,
    UnifiedProfile,
    constants(system="flowcase_api"),
    renamed(source_id="id", external_id="user_id", city="residence"),
    same("name", "email", "phone", "title", "summary", "skills", "languages", "certifications", "nationality"),
    same("updated_at"),
    transformed({"country": ""}, country_code="country_code"),
    renamed(country="country_code"),
)

PROFILE_TO_CV = mapping(
    UnifiedProfile,
    CV,
    renamed(user_id="source_id", residence="city", country_code="country_code"),
    same("name", "email", "phone", "title", "summary", "skills", "languages", "certifications", "nationality"),
)

UNIFIES: tuple[RowMapping, ...] = (CV_TO_PROFILE, PROFILE_TO_CV)
"""Every one of them."""
