"""What stands on CVs: the own columns of the eleven reports with a row per project, job, course and so on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from hrdata_assets.systems.flowcase import fake_files as words
from hrdata_assets.systems.flowcase.fake_files import MASTERDATA, Dialect, Phrases, listed, whole
from hrdata_assets.systems.flowcase.fake_people import (
    CULTURES,
    Flags,
    Ints,
    People,
    Rows,
    chance,
    draw,
    first_day,
    pick,
)

Columns = Mapping[str, pl.Series]


@dataclass(frozen=True)
class Page:
    """One report in the making: makes a column's cells for all its rows."""

    people: People
    rows: Rows
    dialect: Dialect

    def draw(self, fact: str, below: int) -> Ints:
        """A number from 0 to below it for each row."""
        return draw(self.rows.keys, fact, below)

    def one_of(self, fact: str, text: str) -> pl.Series:
        """One of the texts for each row."""
        options = pl.Series(listed(text))
        return options.gather(self.draw(fact, len(options)))

    def phrase(self, phrases: Phrases, which: Ints) -> pl.Series:
        """The cell of a `(#{lang})` column; two rows in five have both languages."""
        return self.dialect.phrase(phrases, which, chance(self.rows.keys, "both", 40))

    def each(self, facts: Ints) -> Ints:
        """A fact of the people, for each of their rows."""
        return facts[self.rows.person]

    def flag(self, fact: str, percent: int) -> pl.Series:
        """Yes for so many in a hundred."""
        return self.dialect.flag(chance(self.rows.keys, fact, percent))

    def official(self) -> pl.Series:
        """Whether the company's own word list has it: a text in languages, not a boolean."""
        words = pl.Series(["No", "Yes"] if self.dialect.exported else ["int:No", "int:Yes"])
        return words.gather(chance(self.rows.keys, "official", 60).astype(np.int64))

    def identifier(self, kind: str) -> pl.Series:
        """An id for each row, the same in every quarter."""
        ordinals = self.rows.ordinals(self.people)
        return self.dialect.identifier(self.people.seed, kind, ordinals, first_day(self.rows.begun))


def constant(text: str, count: int) -> pl.Series:
    """The same text in every row."""
    return pl.repeat(text, count, eager=True)


def either(condition: Flags, then: pl.Series | str, otherwise: pl.Series | str) -> pl.Series:
    """The one column or text where the condition holds, the other where not."""
    one, other = (c if isinstance(c, pl.Series) else constant(c, len(condition)) for c in (then, otherwise))
    return one.zip_with(pl.Series(condition), other)


def _span(start: Ints, end: Ints, endless: Flags, vague: Flags) -> Columns:
    """Months counted from year 0 as a span; a vague one has years only."""
    return {
        "Month from": whole(start % 12 + 1, vague),
        "Year from": whole(start // 12),
        "Month to": whole(end % 12 + 1, vague | endless),
        "Year to": whole(end // 12, endless),
    }


def _month(page: Page) -> Ints:
    """When it happened: between first work and joining, or in the quarter its row was added."""
    first_work, joined = page.each(page.people.first_work), page.each(page.people.joined_month)
    before = first_work + draw(page.rows.keys, "before", joined - first_work - 2)
    return np.where(page.rows.early, before, page.rows.begun * 3 + page.draw("after", 3))


def _project_experiences(page: Page) -> Columns:
    start, customer, hours = _month(page), page.draw("customer", words.CUSTOMERS.count), 100 + page.draw("hours", 900)
    industry, kind = customer % words.INDUSTRIES.count, page.draw("kind", words.PROJECT_TYPES.count)
    end = start + 2 + page.draw("months", 20)
    end = np.where(page.rows.early, np.minimum(end, page.each(page.people.joined_month)), end)
    both = {
        "Customer": (words.CUSTOMERS, customer),
        "Customer Anonymized": (words.ANONYMOUS, industry),
        "Description": (words.PROJECTS, page.draw("project", words.PROJECTS.count)),
        "Long description": (words.STORIES, page.draw("story", words.STORIES.count)),
        "Industry": (words.INDUSTRIES, industry),
        "Project type": (words.PROJECT_TYPES, kind),
    }
    return {
        **_span(start, end, end > page.people.last_month, chance(page.rows.keys, "vague", 3)),
        **{f"{name} (#{{lang}})": page.phrase(phrases, which) for name, (phrases, which) in both.items()},
        **{f"{name} (int)": phrases.plain.gather(which) for name, (phrases, which) in both.items()},
        "Percent allocated": whole(20 + 20 * page.draw("percent", 5)),
        "Project extent (individual hours)": whole(hours // 4),
        "Project extent (hours)": whole(hours),
        "Project extent total (hours)": whole(hours * 3),
        "Project extent": page.one_of("extent", "Hours / Budget"),
        "Project extent (currency)": page.one_of("currency", "NOK / SEK / GBP / EUR"),
        "Project extent total": whole(hours * 1100),
        "Project extent total (currency)": page.one_of("currency", "NOK / SEK / GBP / EUR"),
        "Project area": whole(100 + 100 * page.draw("area", 10)),
        "Project area (unit)": constant("sqm", len(start)),
        "Highlighted": page.flag("highlighted", 25),
    }


def _work_experiences(page: Page) -> Columns:
    """One employer after the other, the last one still."""
    rows, certain = page.rows, np.zeros_like(page.rows.early)
    first_work, joined = page.each(page.people.first_work), page.each(page.people.joined_month)
    jobs = np.maximum(page.each(np.bincount(rows.person, rows.early, len(page.people.keys)).astype(np.int64)), 1)
    start, end = (first_work + (rows.number + n) * (joined - first_work) // jobs for n in (0, 1))
    return {
        **_span(np.where(rows.early, start, joined), end, ~rows.early, certain),
        "Highlighted": page.flag("highlighted", 40),
        "Employer": either(rows.early, page.one_of("employer", words.EMPLOYERS), "Our Own House"),
        "Description": page.one_of("tasks", words.TASKS),
        "Long Description": page.one_of("summary", words.SUMMARIES + " / "),
    }


def _educations(page: Page) -> Columns:
    """Bachelor, master, doctor, in this order and before the first work."""
    number, january = page.rows.number, page.each(page.people.birth_year) * 12
    start, end = january + np.array([235, 271, 295])[number], january + np.array([269, 293, 341])[number]
    return {
        **_span(start, end, np.zeros_like(page.rows.early), chance(page.rows.keys, "vague", 5)),
        "Highlighted": page.flag("highlighted", 50),
        "Attachments": page.one_of("attachment", "diploma.pdf / "),
        "Place of study": page.one_of("school", words.SCHOOLS),
        "Degree": either(
            number == 0, page.one_of("degree", words.DEGREES), page.one_of("degree", words.HIGHER_DEGREES)
        ),
        "Description": page.one_of("thesis", "Thesis on queues. / Half a year abroad, in English. / "),
    }


def _certifications(page: Page) -> Columns:
    month = _month(page)
    end, endless = month + 12 * pick(page.rows.keys, "valid", (1, 2, 3, 3)), chance(page.rows.keys, "endless", 30)
    span = _span(month, end, endless, chance(page.rows.keys, "vague", 4))
    return dict(zip(("Month", "Year", "Month expire", "Year expire"), span.values(), strict=True))


def _courses(page: Page) -> Columns:
    month = _month(page)
    return {
        "Month": whole(month % 12 + 1),
        "Year": whole(month // 12),
        "Name": page.one_of("course", words.COURSES),
        "Organiser": page.one_of("organiser", words.ORGANISERS),
        "Long description": page.one_of("story", "Three days, hands on. / Two evenings; own project. / "),
        "Highlighted": page.flag("highlighted", 30),
        MASTERDATA: page.official(),
        "Attachments": page.one_of("attachment", "certificate.pdf /  / "),
    }


def _languages(page: Page) -> Columns:
    """The mother tongue, then English (French for the English), then others, none of them twice."""
    number, count = page.rows.number, len(words.TONGUES)
    mothers = [words.TONGUES.index(culture.language) for culture in CULTURES]
    orders = np.array([[mother, *(n for n in range(count) if n != mother)] for mother in mothers])
    turn = page.each(draw(page.people.keys, "tongues", count - 2))
    place = np.where(number < 2, number, 2 + (number + turn) % (count - 2))
    return {
        "Highlighted": page.flag("highlighted", 40),
        MASTERDATA: page.official(),
        "Language": pl.Series(words.TONGUES).gather(orders[page.each(page.people.culture), place]),
        "Level": either(
            number == 0, "Native", page.one_of("level", "Fluent / Professional / Professional / Intermediate")
        ),
    }


def skills(people: People, rows: Rows) -> Ints:
    """Numbers of skills: from where the department begins, in steps of one to three."""
    first = np.array([start for _, start, _ in words.DEPARTMENTS])[people.role // 2] + draw(people.keys, "skill", 5)
    step = pick(people.keys, "skill step", (1, 1, 2, 3))
    return (first[rows.person] + step[rows.person] * rows.number) % len(words.SKILLS)


def _technologies(page: Page) -> Columns:
    people, rows, skill = page.people, page.rows, skills(page.people, page.rows)
    since, working = people.quarter - rows.begun, people.quarter // 4 - page.each(people.first_work) // 12
    category = words.SKILL_CATEGORIES[skill]
    ids = page.dialect.identifier(people.seed, "category", category.astype(np.uint64), np.full_like(category, 16000))
    return {
        "CV Partner skill ID": page.identifier("technologies"),
        "CV Partner skill category ID": ids,
        "Skill name": pl.Series(words.SKILLS).gather(skill),
        "Year experience": whole(np.minimum(working, 1 + page.draw("years", 6) + since // 4)),
        "Proficiency (0-5)": whole(np.minimum(5, 1 + page.draw("proficiency", 4) + since // 8)),
        MASTERDATA: page.official(),
    }


def _key_qualifications(page: Page) -> Columns:
    return {
        "Label": page.one_of("label", "Summary / Profile / Key strengths"),
        "Summary of Qualifications": page.one_of("summary", words.SUMMARIES),
        "Short description": page.one_of("short", "Builder. / Explains, asks, decides. / Data; people; patience. / "),
    }


def _positions(page: Page) -> Columns:
    """Posts before joining, then one post per level."""
    people, rows = page.people, page.rows
    early = page.each(np.bincount(rows.person, rows.early, len(people.keys)).astype(np.int64))
    nth, first_work, joined = rows.number - early, page.each(people.first_work) // 12, page.each(people.joined)
    step = (joined // 4 - first_work) // np.maximum(early, 1)
    promoted = (joined + (nth + 1) * page.each(people.pace) - page.each(people.merit)) // 4
    level = np.where(rows.early, 2, page.each(people.entry_level) + nth)
    return {
        "Year from": whole(np.where(rows.early, first_work + rows.number * step, rows.begun // 4)),
        "Year to": whole(
            np.where(rows.early, first_work + (rows.number + 1) * step, promoted),
            nth == page.each(people.level - people.entry_level),
        ),
        "Highlighted": page.flag("highlighted", 30),
        "Name": words.TITLES.plain.gather(page.each(people.role) * 5 + level - 2),
        "Description": page.one_of("post", "Grown with the tasks, then past them. / Staffing; plans; budget. / "),
    }


def _blogs(page: Page) -> Columns:
    return {
        "Name": page.one_of("topic", words.TOPICS),
        "Description": page.one_of(
            "blog", "Talk and article. / Conference talk; slides on request. / Series of notes."
        ),
        "Highlighted": page.flag("highlighted", 30),
    }


def _cv_roles(page: Page) -> Columns:
    """Roles never repeat on a CV: steps through a prime number of them."""
    first, step = draw(page.people.keys, "cv role", 11), 1 + draw(page.people.keys, "cv role step", 10)
    which = (page.each(first) + page.each(step) * page.rows.number) % len(words.CV_ROLES)
    return {
        "Name": pl.Series(words.CV_ROLES).gather(which),
        "Description": page.one_of("role", "Part of most projects. / In two larger projects, with the customer. / "),
        "Highlighted": page.flag("highlighted", 30),
    }


SECTIONS: Mapping[str, Callable[[Page], Columns]] = {
    "project_experiences": _project_experiences,
    "work_experiences": _work_experiences,
    "educations": _educations,
    "certifications": _certifications,
    "courses": _courses,
    "languages": _languages,
    "technologies": _technologies,
    "key_qualifications": _key_qualifications,
    "positions": _positions,
    "blogs": _blogs,
    "cv_roles": _cv_roles,
}
