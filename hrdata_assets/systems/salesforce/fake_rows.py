"""The shared population as an org keeps it: people as contacts and leads, companies as accounts, jobs as deals."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hrdata_assets.systems.fakes.population import Company, Job, Person, Population
from hrdata_assets.systems.salesforce.fake_ids import record_id
from hrdata_assets.systems.salesforce.fake_objects import LEAD_STATUSES, RATINGS, SOURCES, STAGES
from hrdata_assets.systems.salesforce.fake_store import Store, derived
from hrdata_assets.systems.salesforce.fake_values import Row, whole_second

USERS = ("Integration User", "Randi Recruiter", "Sven Sales", "Petra Placement")
INTEGRATION_USER = record_id("005", 0)
FOUNDED = datetime(2020, 1, 1, tzinfo=UTC)
OPEN_STAGES = tuple(stage for stage in STAGES if not stage.startswith("Closed"))
LEADS_EVERY = 5  # of so many people one has been entered as a lead as well
DEAD_EVERY = 50  # for so many contacts there is one that was deleted or merged into another


@dataclass(frozen=True)
class Rows:
    """Makes any record by its number alone; references between them hold by construction."""

    population: Population

    @property
    def dead(self) -> int:
        """Contacts in the recycle bin."""
        return max(2, len(self.population.people) // DEAD_EVERY)

    def contact(self, number: int) -> Row:
        """Everybody is a contact. Those after the last person were entered twice, or by mistake, and are deleted."""
        people = len(self.population.people)
        person = self.population.people[number % people]
        row = {**self._of_person(person, number), **_address("Mailing", person), "Id": record_id("003", number)}
        row |= {
            "AccountId": record_id("001", person.employer),
            "ReportsToId": record_id("003", number // 2) if 1 < number < people and number % 3 == 0 else None,
            "HomePhone": person.phone if number % 7 == 0 else None,
            "Department": ("Sales", "IT", "HR", "Finance")[number % 4],
            "Birthdate": person.birth_date.isoformat(),
            "Skills__c": ";".join(person.skills) or None,
            "HasOptedOutOfEmail": number % 10 == 0,
            "EmailBouncedDate": whole_second(person.modified) if number % 50 == 49 else None,
            "Legacy_Id__c": f"C-{number:06}",
        }
        if number >= people:
            row |= {"IsDeleted": True, "MasterRecordId": record_id("003", number - people) if number % 2 else None}
        return _complete("Contact", row)

    def lead(self, number: int) -> Row:
        """One in five has been a lead too; half of those were converted to the contact, the others never found."""
        person = self.population.people[number * LEADS_EVERY]
        company = self.population.companies[person.employer]
        converted = number % 2 == 0
        row = {**self._of_person(person, number), **_address("", person), "Id": record_id("00Q", number)}
        row |= {
            "Company": company.name,
            "Website": f"https://{company.domain}",
            "Industry": company.industry,
            "NumberOfEmployees": company.employees,
            "AnnualRevenue": float(company.revenue),
            "Status": LEAD_STATUSES[2 if converted else (0, 1, 3)[number % 3]],
            "Rating": RATINGS[number % 3],
            "Legacy_Id__c": f"L-{number:06}",
            "IsConverted": converted,
        }
        if converted:
            row["ConvertedDate"] = _day(person.modified)
            row["ConvertedContactId"] = record_id("003", number * LEADS_EVERY)
            row["ConvertedAccountId"] = record_id("001", person.employer)
        return _complete("Lead", row)

    def account(self, number: int) -> Row:
        """A company."""
        company = self.population.companies[number]
        row = {
            **_stamps(company.created, company.modified, number),
            "Id": record_id("001", number),
            "Name": company.name,
            "Type": ("Customer - Direct", "Prospect", "Partner")[number % 3],
            "Ownership": ("Private", "Public", "Subsidiary", None)[number % 4],
            "Industry": company.industry,
            "Phone": company.phone,
            "Website": f"https://{company.domain}",
            "AccountNumber": f"A{number:05}",
            "AccountSource": SOURCES[number % len(SOURCES)],
            "NumberOfEmployees": company.employees,
            "AnnualRevenue": float(company.revenue),
            "Legacy_Id__c": f"A-{number:06}",
            **_address("Billing", company),
            **(_address("Shipping", company) if number % 3 else {}),
        }
        return _complete("Account", row)

    def opportunity(self, number: int) -> Row:
        """A job as the deal it is for who fills it."""
        job = self.population.jobs[number]
        lost, closed = number % 4 == 0, job.closed is not None
        stage = ("Closed Lost" if lost else "Closed Won") if closed else OPEN_STAGES[number % len(OPEN_STAGES)]
        row = {
            **self._of_job(job, number),
            "Id": record_id("006", number),
            "Name": f"{job.title} - {self.population.companies[job.company].name}"[:120],
            "AccountId": record_id("001", job.company),
            "ContactId": record_id("003", job.contact),
            "StageName": stage,
            "Amount": round(float(job.salary) * job.openings / 5, 2),
            "Probability": float(STAGES[stage]),
            "CloseDate": _day(job.closed or job.opened + timedelta(days=90)),
            "Type": "Existing Business" if number % 2 else "New Business",
            "LeadSource": SOURCES[number % len(SOURCES)],
            "NextStep": None if closed else "Call back",
            "Legacy_Id__c": f"O-{number:06}",
        }
        return _complete("Opportunity", row)

    def position(self, number: int) -> Row:
        """A job as it is to be filled."""
        job = self.population.jobs[number]
        status = ("Cancelled" if number % 4 == 0 else "Filled") if job.closed else ("Open", "On hold")[number % 5 == 0]
        row = {
            **self._of_job(job, number),
            "Id": record_id("a0B", number),
            "Name": job.title[:80],
            "Account__c": record_id("001", job.company),
            "Hiring_Contact__c": record_id("003", job.contact),
            "Opportunity__c": record_id("006", number),
            "Status__c": status,
            "Opened__c": _day(job.opened),
            "Closed__c": job.closed and _day(job.closed),
            "Salary__c": float(job.salary),
            "Openings__c": float(job.openings),
            "Skills__c": ";".join(job.skills) or None,
            "Is_Remote__c": number % 3 == 0,
            "Legacy_Id__c": f"P-{number:06}",
        }
        return _complete("Position__c", row)

    def _of_person(self, person: Person, number: int) -> Row:
        """What contacts and leads have in common."""
        return {
            **_stamps(person.created, person.modified, number),
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "Salutation": "Dr." if number % 12 == 0 else None,
            "Title": person.title[:128],
            "Email": person.email,
            "Phone": person.phone,
            "MobilePhone": person.mobile,
            "LeadSource": SOURCES[number % len(SOURCES)] if number % 6 else None,
            "Description": f'Met at a fair.\nAsked for "remote, 80 %"; call back\r\n{person.title}'
            if number % 4 == 0
            else None,
        }

    def _of_job(self, job: Job, number: int) -> Row:
        """What opportunities and positions have in common."""
        return {**_stamps(job.opened, job.modified, number), "CurrencyIsoCode": job.currency}


def _complete(name: str, row: Row) -> Row:
    """A row without what is not known, with what Salesforce works out."""
    found = derived(name, {"CurrencyIsoCode": "EUR", **row})
    return {field: value for field, value in found.items() if value is not None}


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _stamps(created: datetime, modified: datetime, number: int) -> Row:
    """When and by whom; of one in seven the last change was the system's own, which users' stamps do not tell of."""
    by_user = created + (modified - created) / 2 if number % 7 == 3 else modified
    owner = record_id("005", 1 + number % (len(USERS) - 1))
    return {
        "IsDeleted": False,
        "OwnerId": owner,
        "CreatedDate": whole_second(created),
        "CreatedById": owner,
        "LastModifiedDate": whole_second(by_user),
        "LastModifiedById": owner,
        "SystemModstamp": whole_second(modified),
    }


def _address(stem: str, of: Person | Company) -> Row:
    return {f"{stem}City": of.city, f"{stem}Country": of.country, f"{stem}Street": f"Station Road {1 + of.number % 90}"}


def fill(store: Store, population: Population) -> None:
    """Fill the tables; a record is made when it is first looked at."""
    rows, people = Rows(population), population.people
    modified = [whole_second(person.modified) for person in people]
    modified += modified[: rows.dead]
    store.tables["Contact"].load(_keys("003", modified), rows.dead, rows.contact)
    store.tables["Lead"].load(_keys("00Q", modified[: len(people) : LEADS_EVERY]), 0, rows.lead)
    companies = [whole_second(company.modified) for company in population.companies]
    store.tables["Account"].load(_keys("001", companies), 0, rows.account)
    jobs = [whole_second(job.modified) for job in population.jobs]
    store.tables["Opportunity"].load(_keys("006", jobs), 0, rows.opportunity)
    store.tables["Position__c"].load(_keys("a0B", jobs), 0, rows.position)
    for number, name in enumerate(USERS):
        first, last = name.split()
        email = f"{first}.{last}@hr.example".lower()
        values: dict[str, Any] = {"Name": name, "FirstName": first, "LastName": last, "Email": email, "Username": email}
        store.insert(store.schema.objects["User"], {**values, "IsActive": True, **_since(number)})
    organization = {
        "Name": "HR Example",
        "IsSandbox": True,
        "InstanceName": "HP1",
        "OrganizationType": "Developer Edition",
    }
    store.insert(store.schema.objects["Organization"], {**organization, **_since(0)})


def _since(number: int) -> Row:
    return {
        name: value for name, value in _stamps(FOUNDED, FOUNDED, number).items() if name.endswith(("Date", "stamp"))
    }


def _keys(prefix: str, stamps: list[str]) -> list[str]:
    return [moment + record_id(prefix, number) for number, moment in enumerate(stamps)]
