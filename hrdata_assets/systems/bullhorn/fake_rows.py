"""The shared population as Bullhorn spells it: every person a candidate, every tenth a contact of their employer."""

import datetime
from collections.abc import Iterator
from typing import Any
from zlib import crc32

from hrdata_assets.systems.fakes.population import Company, Job, Person, Population

Record = dict[str, Any]

FIRST_ID = 1_000
"""Ids begin here, as in a customer's system that had records of trying out before."""

STATUSES = ("New Lead", "Active", "Available", "Placed", "Archive")
JOB_STATUSES = ("Accepting Candidates", "Covered", "Filled", "Archive")
SUBMISSION_STATUSES = ("New Lead", "Submitted", "Interview Scheduled", "Client Rejected", "Placed")
_OWNERS = (("Ingrid", "Lund"), ("Callum", "Fraser"), ("Ewa", "Mazur"))


def records_of(population: Population) -> Iterator[tuple[str, Record]]:
    """Every record with the entity that it is of, each entity's in the order of their ids."""
    for number, (first, last) in enumerate(_OWNERS):
        yield "CorporateUser", _user(number, first, last)
    for company in population.companies:
        yield "ClientCorporation", _corporation(company)
    for person in population.people[::10]:
        yield "ClientContact", _contact(person, population.companies[person.employer])
    for person in population.people:
        yield "Candidate", _candidate(person, population.companies[person.employer])
    for job in population.jobs:
        yield "JobOrder", _job(job, population)
    for number, job in enumerate(population.jobs):
        for turn in range(1 + number % 3):
            person = population.people[(number * 7 + turn * 3) % len(population.people)]
            yield "JobSubmission", _submission(number * 3 + turn, job, person)
    for number, job in enumerate(population.jobs[::4]):
        person = population.people[number * 11 % len(population.people)]
        yield "Placement", _placement(number, job, person)


def stamp(moment: datetime.datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def _user(number: int, first: str, last: str) -> Record:
    made = stamp(datetime.datetime(2023, 1, 2, tzinfo=datetime.UTC))
    return {
        "id": number + 1,
        "firstName": first,
        "lastName": last,
        "name": f"{first} {last}",
        "email": f"{first}.{last}@agency.example".lower(),
        "enabled": True,
        "isDeleted": False,
        "userDateAdded": made,
        "dateAdded": made,
        "dateLastModified": made,
    }


def _owner(number: int) -> Record:
    first, last = _OWNERS[number % len(_OWNERS)]
    return {"id": number % len(_OWNERS) + 1, "firstName": first, "lastName": last, "name": f"{first} {last}"}


def _address(city: str, country: str, code: str, number: int) -> Record:
    return {
        "address1": f"Storgata {number % 200 + 1}",
        "address2": None,
        "city": city,
        "state": None,
        "zip": f"{number % 9_000 + 1_000}",
        "countryID": 1,
        "countryName": country,
        "countryCode": code,
    }


def _many(names: tuple[str, ...]) -> Record:
    return {"total": len(names), "data": [{"id": crc32(name.encode()) % 9_000 + 1, "name": name} for name in names]}


def _candidate(person: Person, employer: Company) -> Record:
    number = person.number
    return {
        "id": FIRST_ID + number,
        **_named(person),
        "email": "no address yet" if number % 97 == 41 else person.email,
        "email2": None,
        "email3": None,
        "phone": person.phone,
        "mobile": person.mobile,
        "workPhone": None,
        "address": _address(person.city, person.country, person.country_code, number),
        "status": STATUSES[number % len(STATUSES)],
        "type": None,
        "source": ("Web", "Referral", "LinkedIn")[number % 3],
        "employeeType": "W2",
        "employmentPreference": "Permanent,Contract",
        "occupation": person.title,
        "companyName": employer.name,
        "description": f"{person.title} in {person.city}. Knows {', '.join(person.skills)}.",
        "comments": "",
        "skillSet": ", ".join(person.skills),
        "certifications": None,
        "degreeList": None,
        "educationDegree": ("Bachelor", "Master", None)[number % 3],
        "experience": number % 35,
        **_pay(number),
        "dateAvailable": stamp(person.modified + datetime.timedelta(days=30)),
        "dateAvailableEnd": None,
        "dateOfBirth": stamp(datetime.datetime.combine(person.birth_date, datetime.time(), datetime.UTC)),
        "dateLastComment": None,
        "willRelocate": number % 4 == 0,
        "workAuthorized": True,
        "massMailOptOut": number % 9 == 0,
        "isAnonymized": False,
        "isDeleted": False,
        "travelLimit": number % 5 * 20,
        "externalID": None,
        "customText1": ("A", "B", "C")[number % 3],
        "owner": _owner(number),
        "category": {"id": 1, "name": "Consultants"},
        "primarySkills": _many(person.skills[:3]),
        "secondarySkills": _many(person.skills[3:]),
        "dateAdded": stamp(person.created),
        "dateLastModified": stamp(person.modified),
    }


def _named(person: Person) -> Record:
    return {
        "name": f"{person.first_name} {person.last_name}",
        "firstName": person.first_name,
        "lastName": person.last_name,
        "middleName": None,
        "namePrefix": None,
    }


def _pay(number: int) -> Record:
    """What is expected; now and then the least of it is above the most, as people enter it."""
    salary = 380_000 + number * 1_013 % 500_000
    low = salary + 10_000 if number % 61 == 7 else salary - 40_000
    return {
        "salary": salary,
        "salaryLow": low,
        "hourlyRate": 0,
        "hourlyRateLow": 0,
        "dayRate": 0,
        "dayRateLow": 0,
    }


def _corporation(company: Company) -> Record:
    made = stamp(datetime.datetime(2023, 6, 1, tzinfo=datetime.UTC)) + company.number * 1_000
    return {
        "id": FIRST_ID + company.number,
        "name": company.name,
        "status": "Active Account" if company.number % 5 else "Prospect",
        "address": _address(company.city, company.country, company.country_code, company.number),
        "phone": company.phone,
        "companyURL": f"https://www.{company.domain}",
        "companyDescription": None,
        "industryList": company.industry,
        "businessSectorList": None,
        "annualRevenue": company.revenue,
        "numEmployees": company.employees,
        "numOffices": 1 + company.number % 4,
        "feeArrangement": 0.2,
        "externalID": None,
        "dateFounded": None,
        "parentClientCorporation": None,
        "dateAdded": made,
        "dateLastModified": made + company.number % 700 * 86_400_000,
    }


def _contact(person: Person, employer: Company) -> Record:
    return {
        "id": FIRST_ID + person.number // 10,
        "name": f"{person.first_name} {person.last_name}",
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "email2": None,
        "phone": person.phone,
        "mobile": person.mobile,
        "status": "Active",
        "type": "Contact",
        "occupation": person.title,
        "division": None,
        "clientCorporation": {"id": FIRST_ID + employer.number, "name": employer.name},
        "owner": _owner(person.number),
        "address": _address(person.city, person.country, person.country_code, person.number),
        "source": None,
        "externalID": None,
        "dateLastVisit": None,
        "massMailOptOut": False,
        "isAnonymized": False,
        "isDeleted": False,
        "dateAdded": stamp(person.created),
        "dateLastModified": stamp(person.modified),
    }


def _job(job: Job, population: Population) -> Record:
    company = population.companies[job.company]
    contact = job.contact // 10
    return {
        "id": FIRST_ID + job.number,
        "title": job.title,
        "status": JOB_STATUSES[2 if job.closed else job.number % 2],
        "isOpen": job.closed is None,
        "isPublic": 1 if job.number % 2 else 0,
        "isDeleted": False,
        "employmentType": ("Permanent", "Contract")[job.number % 2],
        "startDate": stamp(job.opened + datetime.timedelta(days=45)),
        "dateEnd": None,
        "dateClosed": stamp(job.closed) if job.closed else None,
        "numOpenings": job.openings,
        "durationWeeks": 26.5 if job.number % 2 else None,
        "hoursPerWeek": 37.5,
        "salary": job.salary,
        "salaryUnit": "Per Year",
        "payRate": 0,
        "clientBillRate": 0,
        "description": f"<p>{job.title} wanted. {', '.join(job.skills)}.</p>",
        "publicDescription": None,
        "skillList": ", ".join(job.skills),
        "benefits": None,
        "yearsRequired": job.number % 8,
        "degreeList": None,
        "educationDegree": None,
        "certificationList": None,
        "onSite": ("On-Site", "Remote", "Hybrid")[job.number % 3],
        "isWorkFromHome": job.number % 3 == 1,
        "willSponsor": False,
        "address": _address(company.city, company.country, company.country_code, job.number),
        "source": None,
        "externalID": None,
        "reasonClosed": "Filled" if job.closed else None,
        "owner": _owner(job.number),
        "clientCorporation": {"id": FIRST_ID + company.number, "name": company.name},
        "clientContact": {"id": FIRST_ID + contact, "firstName": "", "lastName": ""},
        "skills": _many(job.skills),
        "categories": {"total": 1, "data": [{"id": 1, "name": "Consultants"}]},
        "dateAdded": stamp(job.opened),
        "dateLastModified": stamp(job.closed or job.opened),
    }


def _submission(number: int, job: Job, person: Person) -> Record:
    made = stamp(job.opened) + 86_400_000 * (1 + number % 3)
    return {
        "id": FIRST_ID + number,
        "candidate": {"id": FIRST_ID + person.number, "firstName": person.first_name, "lastName": person.last_name},
        "jobOrder": {"id": FIRST_ID + job.number, "title": job.title},
        "sendingUser": _owner(number),
        "status": SUBMISSION_STATUSES[number % len(SUBMISSION_STATUSES)],
        "source": None,
        "dateWebResponse": made,
        "startDate": None,
        "endDate": None,
        "salary": job.salary,
        "payRate": 0,
        "billRate": 0,
        "comments": None,
        "isHidden": False,
        "isDeleted": False,
        "dateAdded": made,
        "dateLastModified": made,
    }


def _placement(number: int, job: Job, person: Person) -> Record:
    begins = stamp(job.opened) + 86_400_000 * 45
    return {
        "id": FIRST_ID + number,
        "candidate": {"id": FIRST_ID + person.number, "firstName": person.first_name, "lastName": person.last_name},
        "jobOrder": {"id": FIRST_ID + job.number, "title": job.title},
        "jobSubmission": {"id": FIRST_ID + job.number * 3},
        "status": "Placed",
        "dateBegin": begins,
        "dateEnd": begins - 86_400_000 if number % 23 == 5 else None,
        "employmentType": "Permanent",
        "employeeType": "W2",
        "salary": job.salary,
        "salaryUnit": "Per Year",
        "payRate": 0,
        "clientBillRate": 0,
        "fee": 0.2,
        "hoursPerDay": 7.5,
        "durationWeeks": 0,
        "terminationReason": None,
        "owner": _owner(number),
        "dateAdded": begins,
        "dateLastModified": begins,
    }
