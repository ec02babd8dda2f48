"""How a quarter's reports read: exact headers, people's words, the two dialects, and files that appear whole."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import numpy as np
import polars as pl
import polars.selectors as cs
import pyarrow as pa

from hrdata_assets.systems.flowcase.fake_people import (
    CULTURES,
    Flags,
    Ints,
    Keys,
    scramble,
    stir,
)

BASE = (
    *("Name", "Name (multilang)", "Title (#{lang})", "Email", "UPN", "External User ID", "CV Partner User ID"),
    *("CV Partner CV ID", "Phone Number", "Landline", "Birth Year", "Department", "Country"),
)
SECTION = (*BASE, "Nationality", "CV Partner section ID", "External unique ID", "Updated", "Updated by owner")
SPAN = ("Month from", "Year from", "Month to", "Year to")
PERSON = ("Email", "UPN", "External User ID", "CV Partner User ID")
GRADES = ("SFIA Level", "CPD Level", "CPD Band", "CPD Label")  # a company's own addition: no genuine export has them
MASTERDATA = "Is official masterdata (in #{lang})"
COUNTED = (
    *("Certifications", "Courses", "Presentations", "Recommendations", "Positions", "Mentoring", "Publications"),
    *("Honors and awards", "Languages"),
)

HEADERS: Mapping[str, tuple[str, ...]] = {
    "user_report": (
        *(*BASE, "User created at", "CV Last updated by owner", "CV Last updated", "Years of education"),
        *("Years since first work experience", "Access roles", "Has profile image", "Owns a reference project"),
        *("Read and understood privacy notice", *GRADES),
    ),
    "usage_report": (
        *(*BASE, "Nationality (#{lang})", "Owner last removed or added a section", "Owner last updated CV"),
        *("Last updated CV", "Summary Of Qualifications", "Owner last updated Qualifications", "Project Experiences"),
        *("Unique roles", "Owner last updated Project Experiences", "Highlighted roles"),
        *("Owner last updated Highlighted roles", "Skill categories", "Owner last updated Skill categories"),
        *("Educations", "Years of education", "Owner last updated Educations", "Work experiences"),
        *("Years since first work experience", "Owner last updated Work experiences"),
        *chain.from_iterable((counter, f"Owner last updated {counter}") for counter in COUNTED),
        "Owner last updated Unique roles",
    ),
    "project_experiences": (
        *(*SECTION, *SPAN, "Customer (#{lang})", "Customer (int)", "Customer Anonymized (#{lang})"),
        *("Customer Anonymized (int)", "Description (#{lang})", "Description (int)", "Long description (#{lang})"),
        *("Long description (int)", "Industry (#{lang})", "Industry (int)", "Project type (#{lang})"),
        *("Project type (int)", "Percent allocated", "Project extent (individual hours)", "Project extent (hours)"),
        *("Project extent total (hours)", "Project extent", "Project extent (currency)", "Project extent total"),
        *("Project extent total (currency)", "Project area", "Project area (unit)", "Highlighted"),
    ),
    "work_experiences": (*SECTION, *SPAN, "Highlighted", "Employer", "Description", "Long Description"),
    "educations": (*SECTION, *SPAN, "Highlighted", "Attachments", "Place of study", "Degree", "Description"),
    "certifications": (*SECTION, "Month", "Year", "Month expire", "Year expire"),
    "courses": (
        *(*SECTION, "Month", "Year", "Name", "Organiser", "Long description", "Highlighted", MASTERDATA, "Attachments"),
    ),
    "languages": (*SECTION, "Highlighted", MASTERDATA, "Language", "Level"),
    "technologies": (
        *(*BASE, "Nationality", "CV Partner skill ID", "CV Partner skill category ID", "Skill name", "Year experience"),
        *("Proficiency (0-5)", MASTERDATA),
    ),
    "key_qualifications": (*SECTION, "Label", "Summary of Qualifications", "Short description"),
    "positions": (*SECTION, "Year from", "Year to", "Highlighted", "Name", "Description"),
    "blogs": (*SECTION, "Name", "Description", "Highlighted"),
    "cv_roles": (*BASE, "Nationality", "Updated", "Updated by owner", "Name", "Description", "Highlighted"),
    "sc_clearance": (*PERSON, "Clearance", "Valid From", "Valid To", "Verified By", "Notes"),
    "availability_report": (*PERSON, "Date", "Percent Available", "Source"),
}


def listed(text: str) -> list[str]:
    """Texts apart from each other by slashes with blanks around."""
    return text.split(" / ")


class Phrases:
    """Texts in two languages, `English = norsk / English = norsk`, to be written by number."""

    def __init__(self, text: str) -> None:
        self.text = text
        pairs = [pair.split(" = ") for pair in listed(text)]
        self.count = len(pairs)
        self.plain = pl.Series([english for english, _ in pairs])
        self.norwegian = pl.Series([norwegian for _, norwegian in pairs])
        self._cells = pl.concat(["int:" + self.plain, "int:" + self.plain + "|no:" + self.norwegian])

    def cells(self, which: Ints, both: Flags) -> pl.Series:
        """`int:Text`, or `int:Text|no:Tekst` where a row has both."""
        return self._cells.gather(which + self.count * both)


# What people write. Customers, employers, schools and organisers are invented.
DEPARTMENTS = (  # where in SKILLS its people begin, its two roles
    ("Data Engineering", 0, "Data Engineer = dataingeniør / Analytics Engineer = analyseingeniør"),
    ("AI/ML", 9, "ML Engineer = maskinlæringsingeniør / Data Scientist = dataforsker"),
    ("Cloud Engineering", 14, "Cloud Engineer = skyingeniør / Platform Engineer = plattformingeniør"),
    ("Software Engineering", 22, "C# Developer = C#-utvikler / Full-stack Developer = fullstackutvikler"),
    ("Architecture", 28, "Solution Architect = løsningsarkitekt / Enterprise Architect = virksomhetsarkitekt"),
    ("Delivery Management", 34, "Project Manager = prosjektleder / Scrum Master = scrummaster"),
    ("Design, Quality", 39, "UX Designer = UX-designer / Test Engineer = testingeniør"),
)
ROLES = [role.split(" = ") for *_, roles in DEPARTMENTS for role in listed(roles)]
RANKS = listed(
    "Associate {} = Junior {} / {} = {} / Senior {} = Senior {} / Principal {} = Ledende {} / Chief {} = Øverste {}"
)
TITLES = Phrases(" / ".join(rank.format(*role) for role in ROLES for rank in RANKS))
SKILL_AREAS = (  # 43 skills: steps through a prime number of them never meet one twice
    "Python / SQL / Databricks / Snowflake / Apache Spark / dbt / Power BI / Kafka / Airflow",
    "PyTorch / scikit-learn / MLflow / R / pandas",
    "Azure / AWS / Google Cloud / Terraform / Kubernetes / Docker / Linux / Ansible",
    "C# / .NET / TypeScript / JavaScript / React / Angular / Node.js / Java / Spring Boot / Go / GraphQL / PostgreSQL",
    "Scrum / Kanban / Jira / UML / TOGAF / Figma / Playwright / Selenium / Facilitation",
)
SKILLS = [skill for area in SKILL_AREAS for skill in listed(area)]
SKILL_CATEGORIES = np.array([number for number, area in enumerate(SKILL_AREAS) for _ in listed(area)])
INDUSTRIES = Phrases(
    "Energy = Energi / Banking = Bank / Health = Helse / Public sector = Offentlig sektor / Transport = Samferdsel / "
    "Retail = Varehandel / Telecom = Telekom / Seafood = Sjømat"
)
ANONYMOUS = Phrases(
    " / ".join(f"Customer in {pair.replace(' = ', ' = Kunde innen ')}" for pair in listed(INDUSTRIES.text))
)
CUSTOMERS = Phrases(  # the industry of customer n is n % 8
    "Nordlys Energy = Nordlys Energi / Fjord Bank = Fjordbanken / Western Hospitals = Sykehusene i vest / "
    "Agency for Forms = Skjemadirektoratet / Kestrel Rail = Tårnfalk Jernbane / Amber & Ash = Rav og Ask / "
    "Tundra Mobile = Tundra Mobil / Saltwater Farms = Saltvann Oppdrett / Waterfall Power = Fossekraft / "
    "Granite Mutual = Granitt Forsikring / Clinic Network = Klinikknettet / Solvik County = Solvik fylke / "
    "Skerry Ferries = Skjærgårdsferjene / Blue Heron Stores = Blåhegre-butikkene / Echo Net = Ekkonett / "
    "Cold Coast Fish = Kaldkyst Fisk"
)
PROJECT_TYPES = Phrases("Advisory = Rådgivning / Implementation = Gjennomføring / Support = Forvaltning")
PROJECTS = Phrases(
    "Data platform = Dataplattform / Reporting, rebuilt = Rapportering, bygget på nytt / Move to cloud = Til sky / "
    "Self-service portal = Selvbetjeningsportal / Forecasting of demand = Prognoser for etterspørsel / "
    "Case system; second phase = Saksbehandling; andre fase / Security review = Sikkerhetsgjennomgang"
)
STORIES = Phrases(
    'Built "one source of truth" for sales and stock. = Bygget "én kilde til sannhet" for salg og lager. / '
    "Led a team of five; design, build and handover. = Ledet et team på fem; design, bygging og overlevering. / "
    "Replaced nightly jobs with streams, well tested. = Byttet nattjobber med strømmer, godt testet. / "
    "Moved forty services without an hour of downtime. = Flyttet førti tjenester uten en times nedetid. / "
    "Worked with users weekly, measured, improved. = Jobbet med brukerne ukentlig, målte, forbedret. / "
    "Set up tests, monitoring and on-call. = Satte opp tester, overvåking og vaktordning."
)
TASKS = "Data platforms, reports, people's trust in them. / Delivery from first talk to handover. / Advice; reviews."
SUMMARIES = (
    "Turns loose wishes into running systems, and says early what will not work. / "
    "Many years of data, cloud and people; at home in Python, SQL and workshops. / "
    'Known for plain words. Writes "why" before "how".'
)
TONGUES = listed(
    "English / French / Norwegian / Swedish / Danish / Finnish / Polish / German / Hindi / Spanish / Dutch"
)
EMPLOYERS = "Lumen Systems / Bekk & Bro / Havbris Data / Oak Street Software / Młyn Tech / Perch Labs / Tåke AS"
SCHOOLS = (
    "Fjord University / Lakeside University / Høgskolen Nord / Politechnika Zatoka / Hill College / Moor Institute"
)
DEGREES = "BSc Computer Science / BEng Software Engineering / BA Design / BSc Mathematics"
HIGHER_DEGREES = "MSc Informatics / MSc Data Science / MA Interaction Design / MSc Cybernetics"
COURSES = "Cloud Fundamentals / Lakehouse Basics / Secure Coding / Facilitating Workshops / Power BI in a Day"
ORGANISERS = "Owl Academy / In-house / Kursverket / Open Campus / "
TOPICS = (
    "Data mesh in practice / Streaming 101 / What tests are for / Costs in the cloud / On being wrong / Small teams"
)
CV_ROLES = listed(  # 11, again a prime number
    "Architect / Developer / Tech Lead / Analyst / Advisor / Tester / Team Lead / Designer / Trainer / DBA / DevOps"
)
NATIONALITIES = Phrases(" / ".join(f"{culture.nationality} = {culture.nasjonalitet}" for culture in CULTURES))


@cache
def _days() -> pl.Series:
    """Every day a report may speak of, from 1970 on, as ISO text."""
    return pl.Series(np.datetime_as_string(np.arange("1970-01-01", "2120-01-01", dtype="datetime64[D]")).tolist())


@cache
def _times() -> pl.Series:
    """Office hours in steps of five minutes, as an export writes them behind a day."""
    return pl.Series([f" {7 + m // 60:02}:{m % 60:02}:{m * 7 % 60:02} UTC" for m in range(0, 600, 5)])


def whole(values: Ints, missing: Flags | None = None) -> pl.Series:
    """Whole numbers, nothing where missing."""
    numbers = pl.Series(values)
    return numbers if missing is None else numbers.zip_with(pl.Series(~missing), numbers.clear(len(numbers)))


def iso(days: Ints, missing: Flags | None = None) -> pl.Series:
    """Days since 1970 as ISO text."""
    return _days().gather(whole(days, missing))


def _hexadecimal(*parts: Keys) -> pl.Series:
    """Numbers below 2^32 side by side, eight digits each."""
    width, count = 8 * len(parts), len(parts[0])
    digits = np.stack(parts, axis=1).astype(">u4").tobytes().hex().encode()
    ends = np.arange(count + 1, dtype=np.int32) * width
    return pl.Series(values=pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(digits)))


@dataclass(frozen=True)
class Dialect:
    """One way of spelling the same facts. In what it makes, "" is an empty text and null any other empty cell."""

    separator: str
    line_end: str
    ends_last_line: bool
    language: str

    @property
    def exported(self) -> bool:
        """Whether this is how Flowcase itself writes, with one language filled in."""
        return self.language != "#{lang}"

    @property
    def left_out(self) -> tuple[str, ...]:
        """Headers this spelling does not have."""
        return GRADES if self.exported else ()

    def header(self, report: str) -> tuple[str, ...]:
        """The columns of a report in this spelling."""
        return tuple(h.replace("#{lang}", self.language) for h in HEADERS[report] if h not in self.left_out)

    def phrase(self, phrases: Phrases, which: Ints, both: Flags) -> pl.Series:
        """A `(#{lang})` cell: all languages in it, or the plain text of the one asked for."""
        if not self.exported:
            return phrases.cells(which, both)
        return (phrases.plain if self.language == "int" else phrases.norwegian).gather(which)

    def stamp(self, days: Ints, times: Ints, missing: Flags | None = None) -> pl.Series:
        """When something was touched: the day, in an export with the time; times are any numbers."""
        text = iso(days, missing)
        return text + _times().gather(times % len(_times())) if self.exported else text

    def flag(self, values: Flags, missing: Flags | None = None) -> pl.Series:
        """Yes and no."""
        words = pl.Series(["false", "true"] if self.exported else ["False", "True"])
        return words.gather(whole(values.astype(np.int64), missing))

    def blank(self, text: pl.Series) -> pl.Series:
        """A column that every genuine export leaves empty."""
        return pl.repeat("", len(text), eager=True) if self.exported else text

    def identifier(self, seed: int, kind: str, ordinals: Keys, days: Ints) -> pl.Series:
        """Ids never dealt twice within a kind; in an export the first third is a time, as MongoDB makes them."""
        unique = scramble(ordinals, seed, kind)
        if not self.exported:
            return _hexadecimal(unique)
        return _hexadecimal((days * 86400).astype(np.uint64), stir(unique, kind) >> np.uint64(32), unique)

    def person_identifiers(self, seed: int, ordinals: Keys, days: Ints) -> tuple[pl.Series, pl.Series]:
        """A person's id and that of the CV: the same with a prefix, in an export another one."""
        user = self.identifier(seed, "user", ordinals, days)
        return user, self.identifier(seed, "cv", ordinals, days) if self.exported else "cv_" + user


DIALECTS: Mapping[str, Dialect] = {
    "seed": Dialect(",", "\r\n", ends_last_line=True, language="#{lang}"),
    "export": Dialect(";", "\n", ends_last_line=False, language="no"),
}


def append(file: IO[bytes], frame: pl.DataFrame, dialect: Dialect) -> None:
    """Write rows; every line gets its end, `finish` takes off the last one where the dialect has none."""
    if not dialect.exported:
        frame = frame.with_columns(cs.string().replace("", None))  # polars writes "" quoted and null bare
    text = BytesIO()
    frame.write_csv(
        text,
        include_header=False,
        separator=dialect.separator,
        line_terminator=dialect.line_end,
        quote_style="necessary",
    )
    file.write(text.getbuffer())


def finish(path: Path, dialect: Dialect) -> None:
    """Leave the end of a file as the dialect has it."""
    if not dialect.ends_last_line:
        os.truncate(path, path.stat().st_size - len(dialect.line_end))


@contextmanager
def written_aside(folder: Path) -> Iterator[Path]:
    """A place to write in; unless there is an error, what stands there at the end moves into the folder by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".writing-", dir=folder) as aside:
        yield Path(aside)
        for file in sorted(Path(aside).iterdir()):
            file.replace(folder / file.name)
