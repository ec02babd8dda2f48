"""People as an agency keeps them: candidates, contacts at clients, its own recruiters."""

from datetime import UTC, datetime

from hrdata_assets.systems.bullhorn import fake_words as words
from hrdata_assets.systems.bullhorn.fake_world import (
    CATEGORY_OF,
    DAY,
    FIRST_ID,
    FOUNDED,
    LATEST,
    Record,
    World,
    address,
    called,
    category_of,
    is_deleted,
    items,
    milliseconds,
    recruiter,
    sectors,
    skill_id,
)
from hrdata_assets.systems.fakes.places import CURRENCIES
from hrdata_assets.systems.fakes.population import Company, Person


def candidate(world: World, number: int) -> Record:
    """Everybody is a candidate."""
    person, dice = world.population.people[number], world.dice("candidate", number)
    company = world.population.companies[person.employer]
    added, modified = milliseconds(person.created), milliseconds(person.modified)
    return {
        **called(person),
        "email": person.email,
        "email2": f"{person.first_name[0].lower()}.{number}@{company.domain}" if dice[1] < 40 else None,
        "phone": person.phone,
        "mobile": person.mobile if dice[2] < 200 else None,
        "address": address(person, dice),
        "status": words.CANDIDATE_STATUSES[dice[3] % len(words.CANDIDATE_STATUSES)],
        "type": "Consultant" if person.in_flowcase else "Candidate",
        "source": words.SOURCES[dice[4] % len(words.SOURCES)],
        "employeeType": "1099" if dice[5] < 30 else "W2",
        "employmentPreference": words.EMPLOYMENT_TYPES[dice[6] % len(words.EMPLOYMENT_TYPES)],
        "occupation": person.title,
        "companyName": company.name,
        "description": _resume(person, company),
        "comments": "" if dice[7] < 180 else "Called, interested. Prefers <b>remote</b> work.",
        "skillSet": ", ".join(person.skills),
        "degreeList": ("BSc", "MSc", "MSc, PhD", "")[dice[8] % 4],
        "experience": max(0, 2026 - person.birth_date.year - 25),
        **_wages(person, dice),
        "dateAvailable": LATEST + dice[10] * DAY if dice[11] < 150 else None,
        "dateOfBirth": milliseconds(datetime.combine(person.birth_date, datetime.min.time(), UTC)),
        "dateAdded": added,
        "dateLastModified": modified,
        "dateLastComment": (added + modified) // 2 if dice[12] < 128 else None,
        "willRelocate": dice[13] < 80,
        "workAuthorized": dice[14] < 240,
        "massMailOptOut": dice[15] < 20,
        "isDeleted": is_deleted("Candidate", number),
        "isAnonymized": False,
        "isEditable": True,
        "travelLimit": dice[16] % 5 * 25,
        "externalID": f"FC-{number // 3 + 1:06}" if person.in_flowcase else None,
        "owner": recruiter(dice[17]),
        "category": category_of(person.skills[0]),
        "categories": tuple(sorted({category_of(skill) for skill in person.skills})),
        "businessSectors": sectors(dice[18]),
        "primarySkills": tuple(skill_id(name) for name in person.skills),
        "secondaryOwners": (FIRST_ID["CorporateUser"],) if dice[19] < 30 else (),
        **_custom(person, dice, number, added),
    }


def _wages(person: Person, dice: bytes) -> Record:
    """What is asked for, in the currency of the country, which no field names."""
    salary = CURRENCIES[person.country_code][1] * (60 + dice[0] % 90) * 10
    return {
        "salary": salary,
        "salaryLow": salary * (80 + dice[9] % 20) // 100,
        "hourlyRate": round(salary / 1700, 2),
    }


def _custom(person: Person, dice: bytes, number: int, added: int) -> Record:
    """Fields that this agency has given a meaning."""
    sector = words.SECTORS[CATEGORY_OF[person.skills[0]]]
    return {
        "customText1": f"{1 + dice[20] % 3} months",
        "customText2": f"{person.city}; {sector}" if dice[21] < 90 else person.city,
        "customText3": f"https://linked.example/in/{number}" if dice[22] < 128 else None,
        "customText4": person.country,
        "customText5": person.title.split()[0],
        "customInt1": dice[23] % 11 * 10,
        "customFloat1": round(dice[24] / 51, 1),
        "customDate1": added + DAY,
        "customTextBlock1": f"English, {person.country}" if dice[25] < 60 else None,
    }


def contact(world: World, number: int) -> Record:
    """The n-th of those who are contacts."""
    person, dice = world.population.people[world.contacts[number]], world.dice("contact", number)
    company = world.population.companies[person.employer]
    added, modified = milliseconds(person.created), milliseconds(person.modified)
    return {
        **called(person),
        "email": f"{person.email.partition('@')[0]}@{company.domain}"[:60],
        "email2": person.email if dice[0] < 60 else None,
        "phone": company.phone,
        "mobile": person.mobile if dice[1] < 128 else None,
        "status": ("New Lead", "Active", "Active", "Archive")[dice[2] % 4],
        "type": words.CONTACT_TYPES[dice[3] % len(words.CONTACT_TYPES)],
        "occupation": person.title,
        "division": ("IT", "HR", "Finance", None)[dice[4] % 4],
        "clientCorporation": FIRST_ID["ClientCorporation"] + company.number,
        "owner": recruiter(dice[5]),
        "category": category_of(person.skills[0]),
        "categories": (category_of(person.skills[0]),),
        "address": address(company, dice),
        "source": words.SOURCES[dice[6] % len(words.SOURCES)],
        "dateAdded": added,
        "dateLastModified": modified,
        "dateLastVisit": (added + modified) // 2 if dice[7] < 100 else None,
        "isDeleted": is_deleted("ClientContact", number),
        "massMailOptOut": dice[8] < 25,
        "isAnonymized": False,
    }


def user(number: int) -> Record:
    """Somebody who works with the system."""
    first, last = words.RECRUITERS[number]
    login = f"{first}.{last}".lower().translate(str.maketrans("öś", "os")).replace(" ", "")
    return {
        "name": f"{first} {last}",
        "firstName": first,
        "lastName": last,
        "email": f"{login}@agency.example",
        "username": login,
        "enabled": True,
        "isDeleted": False,
        "occupation": "Recruiter" if last != "User" else "Integration",
        "dateLastModified": FOUNDED + number * DAY,
        "userDateAdded": FOUNDED,
    }


def _resume(person: Person, company: Company) -> str:
    """A résumé as it is pasted: HTML, the name on top."""
    return (
        f"<h1>{person.first_name} {person.last_name}</h1><p>{person.title}, {person.city}, {person.country}</p>"
        f"<h2>Summary</h2><p>{person.title} with experience in {', '.join(person.skills)}. Turns loose wishes into "
        f"running systems, and says early what will not work.</p><h2>Employment</h2><p>{company.name}, {company.city}:"
        f" {person.title}. Built &quot;one source of truth&quot; for sales &amp; stock; moved services without an hour "
        f"of downtime.</p><h2>Skills</h2><ul>{items(person.skills)}</ul>"
    )
