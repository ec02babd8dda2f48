"""Every system and table by name: what assets, checks, the schema and the tests are made from."""

from pathlib import Path

from hrdata_assets.errors import SetupError
from hrdata_assets.storage.selections import Helper, Step
from hrdata_assets.systems.flowcase import tables as flowcase
from hrdata_assets.table import Table
from hrdata_assets.unified import marts, models

STAGED: tuple[Table, ...] = flowcase.TABLES
CORE: tuple[Table, ...] = models.TABLES
MARTS: tuple[Table, ...] = marts.TABLES
TABLES: tuple[Table, ...] = STAGED + CORE + MARTS

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


def core_queries(folder: Path) -> tuple[Step | Helper, ...]:
    """The queries that make a quarter's core tables, in order."""
    steps: list[Step | Helper] = []
    for table in CORE:
        steps.append(Step(query(folder, "core", table.name), table, SOURCES.get(table.name)))
        steps += [Helper(name, query(folder, "core", name)) for name in HELPERS.get(table.name, ())]
    return tuple(steps)


def kpi_step(folder: Path) -> Step:
    """The query that makes a quarter's KPIs."""
    parts = [
        f"select %(quarter)s::text as quarter, '{kpi}' as kpi, value, detail from (\n{text}\n) k"  # noqa: S608 - our files
        for kpi, text in ((kpi, query(folder, "marts/kpis", kpi)) for kpi in KPIS)
    ]
    return Step("\nunion all\n".join(parts), marts.KPI.table)


def kpi_definition(folder: Path, kpi: str) -> str:
    """A KPI's definition: the comment at the top of its file."""
    lines = query(folder, "marts/kpis", kpi).splitlines()
    return " ".join(line.removeprefix("--").strip() for line in lines if line.startswith("--"))


def query(folder: Path, part: str, name: str) -> str:
    """Text of one SQL file. SetupError names a file that is not there."""
    path = folder / part / f"{name}.sql"
    try:
        return path.read_text(encoding="utf-8").strip().rstrip(";")
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}; the SQL folder must look like sql/") from None
