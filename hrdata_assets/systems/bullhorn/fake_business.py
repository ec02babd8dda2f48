"""Business as an agency keeps it: client corporations, job orders, submissions of candidates, placements."""

from hrdata_assets.systems.bullhorn import fake_words as words
from hrdata_assets.systems.bullhorn.fake_world import (
    DAY,
    FIRST_ID,
    FOUNDED,
    PER_JOB,
    Record,
    World,
    address,
    category_of,
    is_deleted,
    items,
    milliseconds,
    recruiter,
    skill_id,
)


def corporation(world: World, number: int) -> Record:
    """Every company is a client, or may become one."""
    company, dice = world.population.companies[number], world.dice("corporation", number)
    return {
        "name": company.name,
        "status": words.CORPORATION_STATUSES[dice[0] % len(words.CORPORATION_STATUSES)],
        "address": address(company, dice),
        "phone": company.phone,
        "companyURL": f"https://www.{company.domain}",
        "companyDescription": f"<p>{company.name} of {company.city}: {company.industry.lower()}.</p>",
        "industryList": company.industry,
        "businessSectorList": company.industry,
        "annualRevenue": company.revenue,
        "numEmployees": company.employees,
        "numOffices": 1 + dice[1] % 5,
        "feeArrangement": round(0.1 + dice[2] % 20 / 100, 2),
        "externalID": f"{900_000_000 + number * 7}",
        "dateAdded": milliseconds(company.created),
        "dateFounded": FOUNDED - dice[3] * 90 * DAY,
        "dateLastModified": milliseconds(company.modified),
        "parentClientCorporation": FIRST_ID["ClientCorporation"] + number // 2 if number and dice[4] < 25 else None,
        "owners": (recruiter(dice[5]),),
        "customText1": "ABC"[dice[6] % 3],
        "customText2": company.domain,
    }


def job(world: World, number: int) -> Record:
    """A job order, open or not."""
    job, dice = world.population.jobs[number], world.dice("job", number)
    company = world.population.companies[job.company]
    opened, modified = milliseconds(job.opened), milliseconds(job.modified)
    place = "Placed" if job.closed and number % 3 else "Closed"
    owner = recruiter(dice[1])
    return {
        "title": job.title,
        "status": place if job.closed else words.JOB_STATUSES[dice[0] % 4],
        "isOpen": job.closed is None,
        "isDeleted": is_deleted("JobOrder", number),
        "isPublic": dice[2] % 3 - 1,
        "employmentType": words.EMPLOYMENT_TYPES[dice[3] % len(words.EMPLOYMENT_TYPES)],
        "startDate": opened + (30 + dice[4]) * DAY,
        "dateEnd": opened + (200 + dice[4] * 2) * DAY if dice[5] < 100 else None,
        "dateAdded": opened,
        "dateClosed": modified if job.closed else None,
        "dateLastModified": modified,
        "numOpenings": job.openings,
        "durationWeeks": float(dice[6] % 52) if dice[5] < 100 else None,
        "hoursPerWeek": 37.5,
        "salary": job.salary,
        "salaryUnit": "Yearly",
        "payRate": round(job.salary / 1700, 2),
        "clientBillRate": round(job.salary / 1100, 2),
        "description": f"<p>{company.name} seeks a {job.title}.</p><ul>{items(job.skills)}</ul>",
        "publicDescription": f"A client in {company.city} seeks a {job.title}.",
        "skillList": ", ".join(job.skills),
        "yearsRequired": dice[7] % 11,
        "onSite": ("On-Site", "Off-Site", "Hybrid")[dice[8] % 3],
        "isWorkFromHome": dice[8] % 3 == 1,
        "willRelocateInt": dice[9] % 2,
        "willSponsor": dice[9] < 40,
        "address": address(company, dice),
        "source": words.SOURCES[dice[10] % len(words.SOURCES)],
        "externalID": f"J-{number:05}",
        "reasonClosed": place if job.closed else None,
        "owner": owner,
        "clientCorporation": FIRST_ID["ClientCorporation"] + job.company,
        "clientContact": world.contact_ids[job.contact],
        "responseUser": owner,
        "categories": (category_of(job.skills[0]),),
        "skills": tuple(skill_id(name) for name in job.skills),
        "assignedUsers": (owner,),
        "customText1": ("Junior", "Mid", "Senior")[dice[11] % 3],
        "customText2": ", ".join(job.skills[-2:]),
        "customText3": job.currency,
    }


def submission(world: World, number: int) -> Record:
    """The n-th submission: each job has three, of anybody."""
    job, dice = world.population.jobs[number // PER_JOB], world.dice("submission", number)
    opened, modified = milliseconds(job.opened), milliseconds(job.modified)
    added = opened + (modified - opened) * (1 + number % PER_JOB) // 8
    changed = added + (modified - added) * (1 + dice[1] % 8) // 8
    placed = bool(job.closed and job.number % 3 and number % PER_JOB == 0)
    return {
        "candidate": FIRST_ID["Candidate"] + int.from_bytes(dice[8:12]) % len(world.population.people),
        "jobOrder": FIRST_ID["JobOrder"] + job.number,
        "sendingUser": recruiter(dice[2]),
        "status": "Placed" if placed else words.SUBMISSION_STATUSES[dice[3] % len(words.SUBMISSION_STATUSES)],
        "source": words.SOURCES[dice[4] % len(words.SOURCES)],
        "dateAdded": added,
        "dateLastModified": changed,
        "dateWebResponse": added,
        "salary": job.salary if dice[5] < 100 else None,
        "payRate": round(job.salary / 1700, 2),
        "comments": "Strong profile." if dice[6] < 100 else None,
        "isDeleted": is_deleted("JobSubmission", number) and not placed,
        "isHidden": False,
    }


def placement(world: World, number: int) -> Record:
    """The n-th of the jobs that were filled, by whoever was submitted first."""
    job, dice = world.population.jobs[world.placed[number]], world.dice("placement", number)
    opened, modified = milliseconds(job.opened), milliseconds(job.modified)
    begin = modified + (10 + dice[0] % 60) * DAY
    return {
        "candidate": submission(world, job.number * PER_JOB)["candidate"],
        "jobOrder": FIRST_ID["JobOrder"] + job.number,
        "jobSubmission": FIRST_ID["JobSubmission"] + job.number * PER_JOB,
        "status": words.PLACEMENT_STATUSES[dice[1] % len(words.PLACEMENT_STATUSES)],
        "dateBegin": begin,
        "dateEnd": begin + dice[2] * 4 * DAY if dice[3] < 160 else None,
        "dateAdded": opened + (modified - opened) * 7 // 8,
        "dateLastModified": modified,
        "employmentType": words.EMPLOYMENT_TYPES[dice[4] % len(words.EMPLOYMENT_TYPES)],
        "employeeType": "W2",
        "salary": job.salary,
        "salaryUnit": "Yearly",
        "payRate": round(job.salary / 1700, 2),
        "clientBillRate": round(job.salary / 1100, 2),
        "fee": round(0.1 + dice[5] % 20 / 100, 2),
        "hoursPerDay": 7.5,
        "durationWeeks": float(dice[6] % 52),
        "daysGuaranteed": 90,
        "daysProRated": 0,
        "referralFee": 0,
        "referralFeeType": "Flat",
        "owner": recruiter(dice[7]),
        "customText1": f"CC-{dice[8]:03}",
    }
