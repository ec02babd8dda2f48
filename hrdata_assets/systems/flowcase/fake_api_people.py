"""Countries with their offices, users, CVs and skills as JSON: the same people as in the reports."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hrdata_assets.systems.flowcase import fake_files as words
from hrdata_assets.systems.flowcase.fake_api_company import SPOKEN, Company, identifier
from hrdata_assets.systems.flowcase.fake_cvs import SECTIONS
from hrdata_assets.systems.flowcase.fake_people import CULTURES, Ints

Record = dict[str, Any]

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

    def found(self, key: str, value: str) -> Record | None:
        """The user who has that address or that id of the company's own."""
        heading = {"email": "Email", "external_unique_id": "External User ID"}[key]
        for place, row in enumerate(self.company.named("user_report", self.company.members())):
            if value and str(row[heading]).casefold() == value.casefold():
                return self.users([place])[0]
        return None

    def cv(self, user: str, cv: str) -> Record | None:
        """A whole CV; None where the two ids are not one person's."""
        place = self.company.accounts.get(user)
        (about,) = self.users([place]) if place is not None else ({},)
        if place is None or about["default_cv_id"] != cv:
            return None
        sections = {report: self._section(report, place) for report in SECTIONS if report != "technologies"}
        return {
            **_ids(cv),
            **{name: about[name] for name in ("email", "name", "country_code", "language_code", "title")},
            "user_id": user,
            "bruker_id": user,
            "navn": about["name"],
            **sections,
            "technologies": self._technologies(place),
        }

    def search_results(self, members: Sequence[int]) -> list[Record]:
        """CVs as a search shows them."""
        return [
            {
                "cv": {
                    **_ids(user["default_cv_id"]),
                    "user_id": user["user_id"],
                    "name": user["name"],
                    "email": user["email"],
                    "titles": user["title"],
                    "office_id": user["office_id"],
                    "country_id": user["country_id"],
                    "is_external": False,
                    "is_deactivated": False,
                    "updated_at": user["updated_at"],
                },
                "preview_url": None,
                "highlights": {},
            }
            for user in self.users(members)
        ]

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
            "created_at": row["User created at"],
            "updated_at": row["CV Last updated"] or row["User created at"],
            "role": str(row["Access roles"]).split(", ")[-1],
            "office_id": office.id,
            "office_name": office.name,
            "country_id": identifier("country", office.country),
            "country_code": CULTURES[office.country].code,
            "language_code": "no",
            "name": row["Name"],
            "title": {code: text for code, text in title.items() if text},
            "telephone": row["Phone Number"] or None,
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

    def _section(self, report: str, place: int) -> list[Record]:
        """A section's rows; ids and stamps as the reports have them, texts in every language."""
        rows = self.company.named(report, np.array([place]))
        languages = self._languages(report, np.array([place]))
        told = []
        for number, row in enumerate(rows):
            record: Record = {"order": number, "disabled": False}
            for heading in _own(self.company, report):
                value = row[heading]
                bare = _bare(heading)
                name = _snake(bare)
                record[name] = _told(name, value, {code: rows_[number][bare] for code, rows_ in languages.items()})
            told.append(record)
        return told

    def _technologies(self, place: int) -> list[Record]:
        """Skills below their categories."""
        told: dict[str, Record] = {}
        for row in self.company.named("technologies", np.array([place])):
            key = str(row["CV Partner skill category ID"])
            category = told.setdefault(key, {**_ids(key), "uncategorized": False, "technology_skills": []})
            category["technology_skills"].append(
                {
                    **_ids(str(row["CV Partner skill ID"])),
                    "tags": {"int": row["Skill name"]},
                    "proficiency": row["Proficiency (0-5)"],
                    "total_duration_in_years": row["Year experience"],
                }
            )
        return list(told.values())


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
    return str(value) if isinstance(value, int) and name.startswith(("month", "year")) else value
