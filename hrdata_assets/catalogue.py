"""Every system and table by name: what assets, checks, the schema and the tests are made from."""

from collections.abc import Iterator
from pathlib import Path

from psycopg import sql

from hrdata_assets.errors import SetupError
from hrdata_assets.rule import NORMAL_WEIGHT, PROXY_WEIGHT, Dimension
from hrdata_assets.settings import Settings
from hrdata_assets.storage.ddl import identifier
from hrdata_assets.storage.selections import Count, Helper, Step
from hrdata_assets.systems.flowcase import tables as flowcase
from hrdata_assets.systems.registry import SYSTEMS, usable_systems
from hrdata_assets.table import Table
from hrdata_assets.unified import marts, models, records

STAGED: tuple[Table, ...] = flowcase.TABLES
CORE: tuple[Table, ...] = models.TABLES
MARTS: tuple[Table, ...] = marts.TABLES
TABLES: tuple[Table, ...] = STAGED + CORE + MARTS
SYNCED: tuple[Table, ...] = tuple(row.table for entry in SYSTEMS.values() for row in entry.kind.rows)
UNIFIED: tuple[Table, ...] = records.TABLES
STORED: tuple[Table, ...] = TABLES + SYNCED + UNIFIED
"""Tables that need no sources file: see `stored_tables` for all of them."""
VIEWS: tuple[Table, ...] = marts.VIEWS

SOURCES: dict[str, Table] = {
    "users": flowcase.User.table,
    "cvs": flowcase.User.table,
    "cv_technology": flowcase.TechnologySkill.table,
    "cv_language": flowcase.SpokenLanguage.table,
    "project_experience": flowcase.ProjectExperience.table,
    "work_experience": flowcase.WorkExperience.table,
    "certification": flowcase.Certification.table,
    "course": flowcase.Course.table,
    "education": flowcase.Education.table,
    "position": flowcase.Position.table,
    "blog_publication": flowcase.Blog.table,
    "key_qualification": flowcase.KeyQualification.table,
    "cv_role": flowcase.CVRole.table,
    "user_clearance": flowcase.Clearance.table,
    "user_availability": flowcase.Availability.table,
}
"""Staged table whose every row a core table accounts for."""

HELPERS = {"users": ("person_identifiers",)}
"""Queries that run after a core table and are read by later ones, but not published."""

COUNTED = {
    "users": ("email_agrees", Dimension.ACCURACY),
    "cvs": ("people_have_cvs", Dimension.COMPLETENESS),
}
"""What is counted about a core table as a whole, by a query of its own in sql/core/measures."""

COUNTERS = {
    "project_experience": "project_experiences",
    "work_experience": "work_experiences",
    "certification": "certifications",
    "course": "courses",
    "education": "educations",
    "position": "positions",
    "blog_publication": "publications",
    "cv_language": "languages",
    "cv_role": "unique_roles",
}
"""Column of the usage report that says how many rows of a core table a person's CV has."""

USAGE_AGREES = "usage_agrees"

OUTCOMES = {
    "cv_known": "The CV that the row belongs to is among the quarter's CVs.",
    "user_known": "The person that the row names is among the quarter's people, and is one person only.",
}
"""What core's queries ask of a staged row, by the outcome of one that fails."""

KPIS = (
    "users",
    "cvs",
    "top_technologies",
    "sc_cleared_available",
    "average_availability",
    "average_availability_weekdays",
    "joiners",
    "leavers",
)
"""Every KPI, in the order in which they are shown; each is a file in sql/marts/kpis."""


def synced_tables(settings: Settings) -> tuple[Table, ...]:
    """Tables that follow a system's records, those of declared sources too."""
    return tuple(row.table for entry in usable_systems(settings).values() for row in entry.kind.rows)


def stored_tables(settings: Settings) -> tuple[Table, ...]:
    """Every table of the warehouse, those of declared sources too."""
    return TABLES + synced_tables(settings) + UNIFIED


def core_queries(folder: Path) -> tuple[Step | Helper, ...]:
    """The queries that make a quarter's core tables, in order."""
    steps: list[Step | Helper] = []
    for table in CORE:
        counts = tuple(_counts(folder, table))
        steps.append(Step(query(folder, "core", table.name), table, SOURCES.get(table.name), counts))
        steps += [Helper(name, query(folder, "core", name)) for name in HELPERS.get(table.name, ())]
    return tuple(steps)


def _counts(folder: Path, table: Table) -> Iterator[Count]:
    """What is counted about a core table as a whole."""
    if table.name in COUNTED:
        rule, dimension = COUNTED[table.name]
        text = query(folder, "core/measures", f"{table.name}__{rule}")
        yield Count(rule, dimension, NORMAL_WEIGHT, definition(text), text)
    if table.name in COUNTERS:
        text = query(folder, "core/measures", USAGE_AGREES)
        names = {
            "core": sql.Identifier(table.name),
            "staged": identifier(SOURCES[table.name]),
            "counter": sql.Identifier(COUNTERS[table.name]),
        }
        counting = sql.SQL(text).format(**names).as_string(None)
        # A counter is no second source, only a sign: the same system wrote both.
        yield Count(USAGE_AGREES, Dimension.ACCURACY, PROXY_WEIGHT, definition(text), counting)


def kpi_step(folder: Path) -> Step:
    """The query that makes a quarter's KPIs."""
    parts = [
        f"select %(quarter)s::text as quarter, '{kpi}' as kpi, value, detail from (\n{text}\n) k"  # noqa: S608 - our files
        for kpi, text in ((kpi, query(folder, "marts/kpis", kpi)) for kpi in KPIS)
    ]
    return Step("\nunion all\n".join(parts), marts.KPI.table)


def kpi_definition(folder: Path, kpi: str) -> str:
    """A KPI's definition: the comment at the top of its file."""
    return definition(query(folder, "marts/kpis", kpi))


def definition(text: str) -> str:
    """The comment in a query that says what it gives."""
    return " ".join(line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--"))


def query(folder: Path, part: str, name: str) -> str:
    """Text of one SQL file. SetupError names a file that is not there."""
    path = folder / part / f"{name}.sql"
    try:
        return path.read_text(encoding="utf-8").strip().rstrip(";")
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}; the SQL folder must look like sql/") from None
