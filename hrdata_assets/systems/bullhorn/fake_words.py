"""What the fake Bullhorn consists of, in words: fields of entities, labels of custom fields, and what lists offer."""

from collections.abc import Mapping

CANDIDATE_STATUSES = ("New Lead", "Active", "Available", "Placed", "Inactive", "Archive")
JOB_STATUSES = ("Accepting Candidates", "Currently Interviewing", "Covered", "Offer Out", "Placed", "Filled", "Closed")
SUBMISSION_STATUSES = ("New Lead", "Submitted", "Interview Scheduled", "Offer Extended", "Rejected")
"""But for the one who is placed."""

PLACEMENT_STATUSES = ("Submitted", "Approved", "Placed", "Completed", "Terminated")
EMPLOYMENT_TYPES = ("Permanent", "Contract", "Contract To Hire", "Temporary")
SOURCES = ("Job board", "Referral", "LinkedIn", "Career site", "Agency", "Event")
CORPORATION_STATUSES = ("Prospect", "Active Account", "Passive Account", "Archive")
CONTACT_TYPES = ("Hiring Manager", "HR", "Procurement", "Unknown")

CATEGORIES = ("Data", "AI and ML", "Cloud", "Software", "Architecture", "Delivery", "Design and Quality")
SECTORS = ("Energy", "Banking", "Health Care", "Public Sector", "Transport", "Retail", "Telecom", "Manufacturing")
RECRUITERS = (
    ("Randi", "Hovland"), ("Sven", "Ekström"), ("Petra", "Nilsen"), ("Jonas", "Lund"), ("Maja", "Wiśniewska"),
    ("Tom", "Bradley"), ("Leena", "Korpela"), ("API", "User"),
)  # fmt: skip
"""Corporate users: the last one is whom the API is used as."""

ENTITY_WORDS: Mapping[str, tuple[bool, str | None, str]] = {
    "Candidate": (
        True,
        "soft",
        """id: ID name*: String(100) firstName*: String(50) lastName*: String(50) middleName: String(50)
        nickName: String(50) namePrefix: String(5) nameSuffix: String(5) email: String(100) email2: String(100)
        email3: String(100) phone: String(20) phone2: String(20) mobile: String(20) workPhone: String(20)
        address: Address secondaryAddress: Address status*: String(100) type: String(100) source: String(200)
        employeeType*: String(30) employmentPreference: String(200) occupation: String(100) companyName: String(100)
        description: String(2147483647) comments*: String(2147483647) skillSet: String(2147483647)
        certifications: String(2147483647) degreeList: String(2147483647) educationDegree: String(50)
        experience: Integer salary: BigDecimal salaryLow: BigDecimal hourlyRate: BigDecimal hourlyRateLow: BigDecimal
        dayRate: BigDecimal dayRateLow: BigDecimal dateAvailable: Timestamp dateAvailableEnd: Timestamp
        dateOfBirth: Timestamp dateAdded*!: Timestamp dateLastModified*!: Timestamp dateLastComment!: Timestamp
        willRelocate: Boolean workAuthorized: Boolean massMailOptOut: Boolean isDeleted*: Boolean isAnonymized: Boolean
        isEditable!: Boolean travelLimit: Integer externalID: String(50) ssn: String(18) taxID: String(18)
        gender: String(6) username: String(100) owner*: CorporateUser category*: Category categories: [Category]
        businessSectors: [BusinessSector] primarySkills: [Skill] secondarySkills: [Skill]
        secondaryOwners: [CorporateUser] submissions!: [JobSubmission.candidate] placements!: [Placement.candidate]
        customText1-40: String(100) customInt1-23: Integer customFloat1-23: Double customDate1-13: Timestamp
        customTextBlock1-10: String(2147483647)""",
    ),
    "JobOrder": (
        True,
        "soft",
        """id: ID title: String(100) status: String(200) isOpen: Boolean isDeleted: Boolean isPublic: Integer
        employmentType*: String(200) startDate*: Timestamp dateEnd: Timestamp dateAdded*: Timestamp
        dateClosed: Timestamp dateLastModified*!: Timestamp numOpenings: Integer durationWeeks: Double
        hoursPerWeek: Double salary: BigDecimal salaryUnit: String(12) payRate: BigDecimal clientBillRate: BigDecimal
        description: String(2147483647) publicDescription: String(2147483647) skillList: String(2147483647)
        benefits: String(2147483647) yearsRequired: Integer degreeList: String(2147483647) educationDegree: String(50)
        certificationList: String(255) onSite*: String(20) isWorkFromHome: Boolean willRelocateInt*: Integer
        willSponsor: Boolean address: Address source: String(100) externalID: String(100) reasonClosed: String(100)
        owner*: CorporateUser clientCorporation*: ClientCorporation clientContact*: ClientContact
        responseUser: CorporateUser categories: [Category] skills: [Skill] businessSectors: [BusinessSector]
        assignedUsers: [CorporateUser] submissions!: [JobSubmission.jobOrder] placements!: [Placement.jobOrder]
        customText1-40: String(100) customInt1-8: Integer customFloat1-3: Double customDate1-3: Timestamp
        customTextBlock1-5: String(2147483647)""",
    ),
    "JobSubmission": (
        False,
        "soft",
        """id: ID candidate*: Candidate jobOrder*: JobOrder sendingUser*: CorporateUser status*: String(30)
        source: String(100) dateAdded*!: Timestamp dateLastModified*!: Timestamp dateWebResponse*: Timestamp
        startDate: Timestamp endDate: Timestamp salary: BigDecimal payRate: BigDecimal billRate: BigDecimal
        comments: String(2147483647) isDeleted*: Boolean isHidden: Boolean owners: [CorporateUser]
        customText1-25: String(100)""",
    ),
    "Placement": (
        True,
        "hard",
        """id: ID candidate*: Candidate jobOrder*: JobOrder jobSubmission: JobSubmission status*: String(30)
        dateBegin*: Timestamp dateEnd: Timestamp dateAdded*!: Timestamp dateLastModified*!: Timestamp
        employmentType*: String(200) employeeType: String(30) salary*: BigDecimal salaryUnit*: String(20)
        payRate*: BigDecimal clientBillRate: BigDecimal fee*: Double hoursPerDay*: Double durationWeeks*: Double
        daysGuaranteed*: Integer daysProRated*: Integer referralFee*: BigDecimal referralFeeType*: String(20)
        terminationReason: String(100) comments: String(2147483647) owner: CorporateUser
        customText1-60: String(100) customInt1-23: Integer customFloat1-23: Double customDate1-13: Timestamp""",
    ),
    "ClientCorporation": (
        True,
        None,
        """id: ID name*: String(100) status*: String(30) address*: Address billingAddress: Address phone: String(20)
        fax: String(20) companyURL: String(100) companyDescription: String(2147483647) industryList: String(2147483647)
        businessSectorList: String(2147483647) annualRevenue*: BigDecimal numEmployees*: Integer numOffices*: Integer
        feeArrangement*: Double externalID: String(30) notes: String(2147483647) dateAdded*!: Timestamp
        dateFounded: Timestamp dateLastModified*!: Timestamp parentClientCorporation: ClientCorporation
        owners: [CorporateUser] clientContacts!: [ClientContact.clientCorporation] customText1-20: String(100)""",
    ),
    "ClientContact": (
        True,
        "soft",
        """id: ID name: String(100) firstName: String(50) lastName: String(50) email*: String(60) email2: String(100)
        email3: String(100) phone: String(20) mobile: String(20) status*: String(30) type*: String(30)
        occupation: String(100) division: String(40) clientCorporation*: ClientCorporation owner*: CorporateUser
        category*: Category address: Address source: String(200) externalID: String(30) comments: String(2147483647)
        dateAdded*!: Timestamp dateLastModified*!: Timestamp dateLastVisit: Timestamp isDeleted*: Boolean
        massMailOptOut*: Boolean isAnonymized: Boolean categories: [Category] skills: [Skill]
        businessSectors: [BusinessSector] secondaryOwners: [CorporateUser] customText1-20: String(100)""",
    ),
    "CorporateUser": (
        False,
        "hard",
        """id: ID name*: String(100) firstName*: String(50) lastName*: String(50) email: String(100)
        username*: String(100) enabled: Boolean isDeleted: Boolean occupation: String(50) phone: String(20)
        dateLastModified!: Timestamp userDateAdded!: Timestamp""",
    ),
    "Skill": (False, None, "id: ID name*: String(100) enabled: Boolean categories: [Category]"),
    "Category": (False, None, "id: ID name*: String(100) enabled: Boolean occupation: String(50)"),
    "BusinessSector": (False, None, "id: ID name*: String(100)"),
}
"""Whether search knows it, what DELETE does, its fields."""

LABELS: Mapping[str, Mapping[str, str]] = {
    "Candidate": {
        "customText1": "Notice period",
        "customText2": "Preferred locations",
        "customText3": "LinkedIn",
        "customText4": "Nationality",
        "customText5": "Seniority",
        "customInt1": "Availability %",
        "customDate1": "Consent given",
        "customTextBlock1": "Languages",
        "occupation": "Current Title",
        "companyName": "Current Company",
        "externalID": "Flowcase id",
    },
    "JobOrder": {
        "customText1": "Experience level",
        "customText2": "Preferred skills",
        "customText3": "Currency",
        "yearsRequired": "Minimum Experience",
    },
    "Placement": {"customText1": "Cost centre"},
    "ClientCorporation": {"customText1": "Account tier", "customText2": "Domain"},
}

OPTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Candidate": {"status": CANDIDATE_STATUSES, "source": SOURCES, "employmentPreference": EMPLOYMENT_TYPES},
    "JobOrder": {"status": JOB_STATUSES, "employmentType": EMPLOYMENT_TYPES},
    "JobSubmission": {"status": (*SUBMISSION_STATUSES, "Placed")},
    "Placement": {"status": PLACEMENT_STATUSES, "employmentType": EMPLOYMENT_TYPES},
    "ClientCorporation": {"status": CORPORATION_STATUSES},
    "ClientContact": {"status": ("New Lead", "Active", "Archive"), "type": CONTACT_TYPES},
}
