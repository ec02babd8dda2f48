"""Good rows by exact Flowcase heading, and report files made of them; a test changes the one thing it is about."""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

Record = dict[str, str]
Reports = dict[str, list[Record]]

PERSON_NAME = "Name of the person"
"""Stands for the first of two columns named ``Name``; a report writes both as ``Name``."""

LANGUAGE = " (#{lang})"
MASTERDATA = "Is official masterdata (in #{lang})"

_SPAN = {"Month from": "2", "Year from": "2019", "Month to": "11", "Year to": "2021", "Highlighted": "True"}
_OWN: Mapping[str, Record] = {
    "user_report": {
        "User created at": "2020-01-15",
        "CV Last updated by owner": "2026-01-10",
        "CV Last updated": "2026-01-11",
        "Years of education": "17",
        "Years since first work experience": "12",
        "Access roles": "User",
        "Has profile image": "True",
        "Owns a reference project": "False",
        "Read and understood privacy notice": "True",
        "SFIA Level": "4",
        "CPD Level": "3",
        "CPD Band": "E",
        "CPD Label": "CPD3E",
    },
    "usage_report": {
        "Nationality (#{lang})": "int:Norwegian",
        "Owner last updated CV": "2026-01-10",
        "Last updated CV": "2026-01-11",
        "Project Experiences": "1",
        "Languages": "1",
    },
    "project_experiences": {
        **_SPAN,
        "Customer (#{lang})": "int:Nordlys Energy|no:Nordlys Energi",
        "Customer (int)": "Nordlys Energy",
        "Customer Anonymized (#{lang})": "int:Customer in Energy",
        "Customer Anonymized (int)": "Customer in Energy",
        "Description (#{lang})": "int:Data platform",
        "Description (int)": "Data platform",
        "Long description (#{lang})": "int:Built it, tested it",
        "Long description (int)": "Built it, tested it",
        "Industry (#{lang})": "int:Energy",
        "Industry (int)": "Energy",
        "Project type (#{lang})": "int:Advisory",
        "Project type (int)": "Advisory",
        "Percent allocated": "80",
        "Project extent (individual hours)": "100",
        "Project extent (hours)": "400",
        "Project extent total (hours)": "1200",
        "Project extent": "Hours",
        "Project extent (currency)": "NOK",
        "Project extent total": "440000",
        "Project extent total (currency)": "NOK",
        "Project area": "100",
        "Project area (unit)": "sqm",
    },
    "work_experiences": {**_SPAN, "Employer": "Lumen Systems", "Description": "Reports", "Long Description": "Many"},
    "educations": {
        **_SPAN,
        "Attachments": "diploma.pdf",
        "Place of study": "Hill College",
        "Degree": "BSc",
        "Description": "Queues",
    },
    "certifications": {"Month": "5", "Year": "2022", "Month expire": "5", "Year expire": "2027"},
    "courses": {
        "Month": "3",
        "Year": "2023",
        "Name": "Secure Coding",
        "Organiser": "Owl Academy",
        "Long description": "Two evenings",
        "Highlighted": "False",
        MASTERDATA: "int:Yes",
        "Attachments": "certificate.pdf",
    },
    "languages": {"Highlighted": "True", MASTERDATA: "int:Yes", "Language": "Norwegian", "Level": "Native"},
    "technologies": {
        "CV Partner skill category ID": "category-1",
        "Skill name": "Python",
        "Year experience": "6",
        "Proficiency (0-5)": "4",
        MASTERDATA: "int:Yes",
    },
    "key_qualifications": {
        "Label": "Profile",
        "Summary of Qualifications": "Explains, asks, decides",
        "Short description": "Builder",
    },
    "positions": {
        "Year from": "2019",
        "Year to": "2022",
        "Highlighted": "False",
        "Name": "Team lead",
        "Description": "A team of five",
    },
    "blogs": {"Name": "Streaming 101", "Description": "On streams", "Highlighted": "False"},
    "cv_roles": {"Name": "Architect", "Description": "Draws and decides", "Highlighted": "True"},
    "sc_clearance": {
        "Clearance": "SC",
        "Valid From": "2024-02-01",
        "Valid To": "",
        "Verified By": "Security",
        "Notes": "Seen",
    },
    "availability_report": {"Date": "2026-01-15", "Percent Available": "60", "Source": "Resource plan"},
}
REPORTS = tuple(_OWN)
OF_PEOPLE = ("user_report", "usage_report")
SIDE_FILES = ("sc_clearance", "availability_report")


def a_person(number: int = 1) -> Record:
    """The thirteen columns that stand before every report's own."""
    return {
        PERSON_NAME: f"Person {number}",
        "Name (multilang)": f"int:Person {number}|no:Menneske {number}",
        "Title (#{lang})": "int:Engineer",
        **identifiers(number),
        "CV Partner CV ID": f"cv_u{number}",
        "Phone Number": f"+47 900 00 {number:03}",
        "Landline": f"+47 220 00 {number:03}",
        "Birth Year": "1984",
        "Department": "Data Engineering",
        "Country": "Norway",
    }


def identifiers(number: int = 1) -> Record:
    """The four columns by which the customer's own files name a person."""
    return {
        "Email": f"Person{number}@example.org",
        "UPN": f"person{number}",
        "External User ID": f"ext_{number}",
        "CV Partner User ID": f"u{number}",
    }


def a_row(report: str, number: int = 1, **changes: str) -> Record:
    """One good row of a report about the person of that number."""
    return {**_about(report, number), **_OWN[report], **changes}


def _about(report: str, number: int) -> Record:
    if report in SIDE_FILES:
        return identifiers(number)
    if report in OF_PEOPLE:
        return a_person(number)
    about = {**a_person(number), "Nationality": "Norwegian"}
    if report == "technologies":
        return {**about, "CV Partner skill ID": f"skill-{number}"}
    if report != "cv_roles":
        about |= {"CV Partner section ID": f"{report}-{number}", "External unique ID": f"own-{report}-{number}"}
    return {**about, "Updated": "2025-12-02", "Updated by owner": "2025-12-01"}


a_user = partial(a_row, "user_report")
a_technology = partial(a_row, "technologies")
a_clearance = partial(a_row, "sc_clearance")
an_availability = partial(a_row, "availability_report")
a_project = partial(a_row, "project_experiences")
a_certification = partial(a_row, "certifications")
a_course = partial(a_row, "courses")


def users(count: int) -> list[Record]:
    """So many good rows of the user report: one bad one beside twenty of them does not hold a delivery."""
    return [a_user(number) for number in range(1, count + 1)]


def a_quarter(*people: int, of: Sequence[str] = REPORTS) -> Reports:
    """All fifteen reports, or some of them, with one row for each of these people."""
    return {report: [a_row(report, number) for number in people] for report in of}


def report_bytes(rows: Sequence[Record], *, dialect: str = "seed") -> bytes:
    """A report as a file, with the columns of its first row, as the seed writes it or as Flowcase exports it."""
    exported = dialect == "export"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if exported else ",", lineterminator="\n" if exported else "\r\n")
    writer.writerow([_heading(name, exported=exported) for name in rows[0]])
    for row in rows:
        writer.writerow([_cell(name, row.get(name, ""), exported=exported) for name in rows[0]])
    return text.getvalue().removesuffix("\n" if exported else "").encode()


def _heading(name: str, *, exported: bool) -> str:
    name = "Name" if name == PERSON_NAME else name
    return name.replace("#{lang}", "no") if exported else name


def _cell(name: str, text: str, *, exported: bool) -> str:
    if not exported:
        return text
    if name.endswith((LANGUAGE, "#{lang})")):
        return text.removeprefix("int:").partition("|no:")[0]
    if name == "Phone Number" and text.startswith("+"):
        return f"'{text}"
    return text


def write_report(folder: Path, report: str, rows: Sequence[Record], *, dialect: str = "seed") -> Path:
    """Write one report into a quarter's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report}.csv"
    path.write_bytes(report_bytes(rows, dialect=dialect))
    return path


def write_reports(folder: Path, reports: Mapping[str, Sequence[Record]], *, dialect: str = "seed") -> Path:
    """Write a whole quarter's folder."""
    for report, rows in reports.items():
        write_report(folder, report, rows, dialect=dialect)
    return folder
