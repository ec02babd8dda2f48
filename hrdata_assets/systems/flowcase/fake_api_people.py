"""Countries with their offices, users, CVs and skills as JSON: the same people as in the reports."""

import copy
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from hrdata_assets.systems.flowcase import fake_files as words
from hrdata_assets.systems.flowcase.fake_api_company import SPOKEN, Company, identifier
from hrdata_assets.systems.flowcase.fake_cvs import SECTIONS
from hrdata_assets.systems.flowcase.fake_people import CULTURES, Ints

Record = dict[str, Any]

CHUNK = 100
"""People whose CVs are made together."""

_LANGUAGE = re.compile(r" \((?:in )?(?:#\{lang\}|multilang|no|int)\)$")
_OTHERWISE = {  # fields that JSON calls otherwise than the reports
    "place_of_study": "school",
    "project_extent_individual_hours": "extent_hours",
    "summary_of_qualifications": "long_description",
    "short_description": "tag_line",
    "language": "name",
    "highlighted": "starred",
    "cv_partner_section_id": "_id",
    "updated": "updated_at",
    "updated_by_owner": "owner_updated_at",
}
_SPOKEN = frozenset(
    (
        *("customer", "customer_anonymized", "description", "long_description", "industry", "project_type"),
        *("employer", "school", "degree", "name", "organiser", "label", "tag_line", "level"),
    )
)
"""Fields that are told by language."""


def countries(company: Company) -> list[Record]:
    """Every country with its offices; one of them, in which nobody works, has no id yet."""
    counts = np.bincount(company.office_of, minlength=len(company.offices)).tolist()
    told = []
    for number, culture in enumerate(CULTURES):
        offices = [
            {
                **_ids(office.id),
                "name": office.name,
                "selected": True,
                "country_code": culture.code,
                "num_users": counts[office.number],
                "num_users_activated": counts[office.number],
                "num_users_deactivated": 0,
            }
            for office in company.offices
            if office.country == number
        ]
        if number == 0:
            offices.append({"name": "To be opened", "country_code": culture.code, "num_users": 0})
        country = identifier("country", number)
        told.append({**_ids(country), "code": culture.code, "native_language_code": culture.code, "offices": offices})
    return told


@dataclass(frozen=True)
class People:
    """Users and CVs of a company."""

    company: Company

    def users(self, members: Sequence[int]) -> list[Record]:
        """Users by their place among the people."""
        places = np.asarray(members, dtype=np.int64)
        rows, spoken = self.company.named("user_report", places), self._languages("user_report", places)
        titles = [{code: told[n]["Title"] for code, told in spoken.items()} for n in range(len(rows))]
        return [self._user(*one) for one in zip(members, rows, titles, strict=True)]

    def sections(self, user: str) -> Record:
        """What stands on the CV of an account, section by section."""
        place = self.company.accounts[user]
        return copy.deepcopy(dict(_sections_of(self.company, place // CHUNK)[user]))

    def _user(self, place: int, row: Mapping[str, Any], title: Mapping[str, Any]) -> Record:
        office, user = self.company.offices[self.company.office_of[place]], str(row["CV Partner User ID"])
        return {
            **_ids(user),
            "user_id": user,
            "company_id": identifier("company"),
            "email": row["Email"],
            "external_unique_id": row["External User ID"] or None,
            "upn": row["UPN"] or None,
            "deactivated": False,
            "deactivated_at": False,
            "created_at": told_at(row["User created at"]),
            "updated_at": told_at(row["CV Last updated"] or row["User created at"]),
            "role": str(row["Access roles"]).split(", ")[-1],
            "office_id": office.id,
            "office_name": office.name,
            "country_id": identifier("country", office.country),
            "country_code": CULTURES[office.country].code,
            "language_code": "no",
            "name": row["Name"],
            "title": {code: text for code, text in title.items() if text},
            "telephone": str(row["Phone Number"] or "").removeprefix("'") or None,
            "default_cv_id": str(row["CV Partner CV ID"]),
        }

    def _languages(self, report: str, places: Ints) -> dict[str, list[Record]]:
        """People's rows by language and bare heading, whatever the dialect of the reports."""
        exported = self.company.spelling().exported
        found: dict[str, list[Record]] = {}
        for code in SPOKEN:
            rows = self.company.named(report, places, code)
            # Of a text and its English one beside it, the first is in the language that is meant.
            found[code] = [
                {_bare(h): value if exported else _spoken_in(code, h, value) for h, value in reversed(row.items())}
                for row in rows
            ]
        return found

    def section(self, report: str, places: Ints) -> Iterator[tuple[str, Record]]:
        """Rows of some people with the account of each; ids and stamps as the reports have them, texts by language."""
        rows, languages = self.company.named(report, places), self._languages(report, places)
        order = Counter[str]()
        for number, row in enumerate(rows):
            user = str(row["CV Partner User ID"])
            record: Record = {"order": order[user], "disabled": False}
            order[user] += 1
            for heading in _own(self.company, report):
                bare = _bare(heading)
                name = _snake(bare)
                spoken = {code: rows_[number][bare] for code, rows_ in languages.items()}
                record[name] = _told(name, row[heading], spoken)
            yield user, record

    def technologies(self, places: Ints) -> Iterator[tuple[str, Record]]:
        """Categories of some people with their skills and the account of each."""
        told: dict[tuple[str, str], Record] = {}
        for row in self.company.named("technologies", places):
            key = (str(row["CV Partner User ID"]), str(row["CV Partner skill category ID"]))
            category = told.setdefault(key, {**_ids(key[1]), "uncategorized": False, "technology_skills": []})
            category["technology_skills"].append(
                {
                    **_ids(str(row["CV Partner skill ID"])),
                    "tags": {"int": row["Skill name"]},
                    "proficiency": row["Proficiency (0-5)"],
                    "total_duration_in_years": row["Year experience"],
                }
            )
        for (user, _), category in told.items():
            yield user, category


@lru_cache(maxsize=64)
def _sections_of(company: Company, chunk: int) -> Mapping[str, Mapping[str, list[Record]]]:
    """What stands on the CVs of a chunk of the people, by account: made together, for each alone takes as long."""
    people, members = People(company), company.members()
    places = members[chunk * CHUNK : (chunk + 1) * CHUNK]
    found: dict[str, dict[str, list[Record]]] = {
        str(row["CV Partner User ID"]): {section: [] for section in SECTIONS}
        for row in company.named("user_report", places)
    }
    for section in SECTIONS:
        rows = people.technologies(places) if section == "technologies" else people.section(section, places)
        for user, record in rows:
            found[user][section].append(record)
    return found


def told_at(text: object) -> str | None:
    """A day or a time of a report as JSON has it."""
    found = re.match(r"(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?", str(text or ""))
    return f"{found[1]}T{found[2] or '00:00:00'}.000Z" if found else None


def skills() -> list[Record]:
    """The company's own word list of skills."""
    return [
        {
            **_ids(identifier("skill", skill)),
            "section_type": "technologies",
            "field_name": "tags",
            "values": {"int": skill},
        }
        for skill in words.SKILLS
    ]


def _ids(found: str) -> Record:
    return {"_id": found, "id": found}


def _own(company: Company, report: str) -> Iterable[str]:
    """Headings that are about the row; who it belongs to and where they come from is told elsewhere."""
    return [h for h in company.spelling().header(report)[len(words.BASE) :] if h != "Nationality"]


def _spoken_in(code: str, heading: str, value: Any) -> Any:
    """One language's text out of a cell that holds all of them; what stands there alone is English."""
    if "#{lang}" not in heading:
        return value if code == "int" else None
    return dict(part.split(":", 1) for part in str(value or "").split("|") if ":" in part).get(code)


def _bare(heading: str) -> str:
    return _LANGUAGE.sub("", heading)


def _snake(heading: str) -> str:
    name = re.sub(r"\W+", "_", heading).strip("_").lower()
    return _OTHERWISE.get(name, name)


def _told(name: str, value: Any, spoken: Mapping[str, Any]) -> Any:
    """A value as JSON has it: texts by language, months and years as text, yes and no as booleans."""
    if name in _SPOKEN:
        return {code: text for code, text in spoken.items() if text}
    if name == "starred":
        return str(value).lower() == "true"
    if name in ("updated_at", "owner_updated_at"):
        return told_at(value)
    return str(value) if isinstance(value, int) and name.startswith(("month", "year")) else value
