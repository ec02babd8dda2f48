"""Words of the account: owners, pipelines, options."""

from collections.abc import Mapping
from dataclasses import dataclass

from hrdata_assets.systems.flowcase.fake_files import SKILLS


@dataclass(frozen=True)
class Owner:
    """A user that records belong to."""

    id: int
    first_name: str
    last_name: str
    team: str
    archived: bool = False

    @property
    def email(self) -> str:
        """Work address."""
        return f"{self.first_name}.{self.last_name}@recruiting.example".lower()


OWNERS = (
    Owner(8_412_301, "Ingrid", "Moen", "Nordics"),
    Owner(8_412_355, "Pawel", "Nowicki", "Central Europe"),
    Owner(8_412_360, "Sofia", "Lindqvist", "Nordics"),
    Owner(9_730_118, "Arjun", "Mehta", "India"),
    Owner(9_730_204, "Grace", "Holloway", "United Kingdom"),
    Owner(12_004_417, "Jonas", "Becker", "Central Europe"),
    Owner(8_411_020, "Kirsten", "Dahl", "Nordics", archived=True),
    Owner(8_411_021, "Tomasz", "Wrona", "Central Europe", archived=True),
)
TEAMS: Mapping[str, int] = {"Nordics": 5_501, "Central Europe": 5_502, "India": 5_503, "United Kingdom": 5_504}


@dataclass(frozen=True)
class Stage:
    """A step of a pipeline; at 1 a deal is won, at 0 it is lost."""

    id: str
    label: str
    probability: float

    @property
    def closed(self) -> bool:
        """Whether nothing comes after it."""
        return self.probability in (0.0, 1.0)


@dataclass(frozen=True)
class Pipeline:
    """Stages in their order."""

    id: str
    label: str
    stages: tuple[Stage, ...]


PIPELINES = (
    Pipeline(
        "default",
        "Sales Pipeline",
        (
            Stage("appointmentscheduled", "Appointment Scheduled", 0.2),
            Stage("qualifiedtobuy", "Qualified To Buy", 0.4),
            Stage("presentationscheduled", "Presentation Scheduled", 0.6),
            Stage("decisionmakerboughtin", "Decision Maker Bought-In", 0.8),
            Stage("contractsent", "Contract Sent", 0.9),
            Stage("closedwon", "Closed Won", 1.0),
            Stage("closedlost", "Closed Lost", 0.0),
        ),
    ),
    Pipeline(
        "87543210",
        "Staffing",
        (
            Stage("164530001", "Request received", 0.1),
            Stage("164530002", "CVs sent", 0.3),
            Stage("164530003", "Interviews", 0.6),
            Stage("164530004", "Staffed", 1.0),
            Stage("164530005", "Declined", 0.0),
        ),
    ),
)
"""Stages that an account made itself have numbers for names."""

STAGES: Mapping[str, Stage] = {stage.id: stage for pipeline in PIPELINES for stage in pipeline.stages}

LIFECYCLE_STAGES: Mapping[str, str] = {
    "subscriber": "Subscriber", "lead": "Lead", "marketingqualifiedlead": "Marketing Qualified Lead",
    "salesqualifiedlead": "Sales Qualified Lead", "opportunity": "Opportunity", "customer": "Customer",
    "evangelist": "Evangelist", "other": "Other", "71235498": "Talent pool",
}  # fmt: skip
LEAD_STATUSES: Mapping[str, str] = {
    "NEW": "New", "OPEN": "Open", "IN_PROGRESS": "In Progress", "OPEN_DEAL": "Open Deal",
    "UNQUALIFIED": "Unqualified", "ATTEMPTED_TO_CONTACT": "Attempted to Contact", "CONNECTED": "Connected",
    "BAD_TIMING": "Bad Timing",
}  # fmt: skip
INDUSTRIES: Mapping[str, str] = {
    "Energy": "OIL_ENERGY", "Banking": "BANKING", "Health Care": "HOSPITAL_HEALTH_CARE",
    "Public Sector": "GOVERNMENT_ADMINISTRATION", "Transport": "TRANSPORTATION_TRUCKING_RAILROAD", "Retail": "RETAIL",
    "Telecom": "TELECOMMUNICATIONS", "Seafood": "FISHERY", "Insurance": "INSURANCE",
    "Manufacturing": "MACHINERY", "Education": "EDUCATION_MANAGEMENT", "Software": "COMPUTER_SOFTWARE",
}  # fmt: skip
"""The population's industries as HubSpot spells them."""

LANGUAGES: Mapping[str, str] = {
    "NO": "nb-no", "SE": "sv-se", "DK": "da-dk", "FI": "fi", "PL": "pl", "GB": "en-gb", "DE": "de", "IN": "en-in",
}  # fmt: skip
STREETS = ("Storgata", "High Street", "Hauptstraße", "ul. Długa", "Kungsgatan", "Main Road")
DEAL_TYPES: Mapping[str, str] = {"newbusiness": "New Business", "existingbusiness": "Existing Business"}
SKILL_OPTIONS: Mapping[str, str] = {skill.lower().replace(" ", "_").replace(";", ""): skill for skill in SKILLS}
SKILL_VALUES: Mapping[str, str] = {label: value for value, label in SKILL_OPTIONS.items()}
