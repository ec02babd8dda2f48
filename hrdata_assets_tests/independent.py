"""KPIs and search profile worked out again from the CSV files, in plain Python: shares no code with the package."""

import csv
import datetime
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path

EMAIL, UPN, EXTERNAL, USER, CV = "Email", "UPN", "External User ID", "CV Partner User ID", "CV Partner CV ID"
LAST_DAYS = {"1": (3, 31), "2": (6, 30), "3": (9, 30), "4": (12, 31)}
RANKS = ("None", "BPSS", "NPPV1", "NPPV2", "NPPV3", "CTC", "SC", "eSC", "DV", "eDV")
EVER = datetime.date(1900, 1, 1)

Row = Mapping[str, str]
Clearance = tuple[str, datetime.date, datetime.date | None]


def records(path: Path) -> list[list[str]]:
    """Every record below the header, whatever it looks like; blank ones are empty lists. Bytes stay apart."""
    lines = path.read_bytes().decode("latin-1")
    separator = ";" if lines.partition("\n")[0].count(";") > lines.partition("\n")[0].count(",") else ","
    return list(csv.reader(io.StringIO(lines, newline=""), delimiter=separator))[1:]


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        separator = ";" if ";" in file.readline() else ","
        file.seek(0)
        reader = csv.reader(file, delimiter=separator)
        header: list[str] = []
        for heading in next(reader):
            # Of two columns of one name the second is the section's own.
            header.append(f"{heading} of its own" if heading in header else heading)
        for cells in reader:
            assert len(cells) == len(header)
            yield dict(zip(header, (cell.strip() for cell in cells), strict=True))


def _texts(row: Row, base: str) -> dict[str, str]:
    """One text by language, as the seed writes it in one cell or an export in a column of its language."""
    for heading, cell in row.items():
        if heading in (f"{base} (#{{lang}})", f"{base} (multilang)"):
            parts = [part.split(":", 1) for part in cell.split("|") if part]
            return {code: text.strip() for code, text in parts}
    exported = {h.removeprefix(f"{base} (").removesuffix(")"): c for h, c in row.items() if h.startswith(f"{base} (")}
    return {code: text for code, text in exported.items() if text}


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text[:10]) if text else None


@dataclass(frozen=True)
class QuarterFiles:
    """The reports of one quarter, such as 2026-Q2, in a folder."""

    folder: Path
    quarter: str

    def rows(self, report: str) -> list[Row]:
        return list(_rows(self.folder / f"{report}.csv"))

    @property
    def last_day(self) -> datetime.date:
        return datetime.date(int(self.quarter[:4]), *LAST_DAYS[self.quarter[-1]])

    @cached_property
    def users(self) -> dict[str, Row]:
        return {row[USER]: row for row in self.rows("user_report")}

    @cached_property
    def cvs(self) -> dict[str, Row]:
        return {row[CV]: row for row in self.users.values() if row[CV]}

    @cached_property
    def _named(self) -> dict[tuple[str, str], set[str]]:
        named: dict[tuple[str, str], set[str]] = defaultdict(set)
        for user, row in self.users.items():
            for kind in (EMAIL, UPN, EXTERNAL, USER):
                named[kind, _folded(kind, row[kind])].add(user)
        return named

    def person(self, row: Row) -> str | None:
        """Whom a row of a side file is about: the first identifier that names exactly one person decides."""
        for kind in (EMAIL, UPN, EXTERNAL, USER):
            found = self._named.get((kind, _folded(kind, row[kind])), set()) if row[kind] else set()
            if len(found) == 1:
                return next(iter(found))
        return None

    @cached_property
    def skills(self) -> dict[str, dict[str, Decimal | None]]:
        """Years with every technology, by CV."""
        skills: dict[str, dict[str, Decimal | None]] = defaultdict(dict)
        for row in self.rows("technologies"):
            if row[CV] in self.cvs:
                years = row["Year experience"]
                skills[row[CV]].setdefault(row["Skill name"], Decimal(years) if years else None)
        return skills

    @cached_property
    def clearances(self) -> dict[str, list[Clearance]]:
        found: dict[str, list[Clearance]] = defaultdict(list)
        for row in self.rows("sc_clearance"):
            user, begin, end = self.person(row), _day(row["Valid From"]) or EVER, _day(row["Valid To"])
            if user is not None:
                end = None if end is not None and end < begin else end
                found[user].append((row["Clearance"] or "None", begin, end))
        return found

    @cached_property
    def availability(self) -> dict[str, dict[datetime.date, int]]:
        found: dict[str, dict[datetime.date, int]] = defaultdict(dict)
        for row in self.rows("availability_report"):
            user, day = self.person(row), _day(row["Date"])
            if user is not None and day is not None:
                found[user].setdefault(day, int(row["Percent Available"]))
        return found

    def valid_clearances(self, user: str) -> list[str]:
        """Names of those valid on the quarter's last day."""
        day = self.last_day
        return [name for name, begin, end in self.clearances[user] if begin <= day and (end is None or end >= day)]

    def latest_availability(self, user: str) -> tuple[datetime.date, int] | None:
        """The last one on or before the quarter's last day."""
        past = {day: percent for day, percent in self.availability[user].items() if day <= self.last_day}
        return max(past.items()) if past else None

    def kpis(self, previous: "QuarterFiles | None") -> dict[str, tuple[Decimal | None, object]]:
        """Every KPI with its detail."""
        technologies = Counter(name for names in self.skills.values() for name in names)
        top = sorted(technologies.items(), key=lambda item: (-item[1], item[0].encode()))[:5]
        detail = [{"rank": n, "technology": name, "cvs": cvs} for n, (name, cvs) in enumerate(top, start=1)]
        everything = [(day, p) for days in self.availability.values() for day, p in days.items()]
        before, now = set(previous.users) if previous else set(), set(self.users)
        compared = {"compared_with": previous.quarter if previous else None}
        return {
            "users": (Decimal(len(now)), None),
            "cvs": (Decimal(len(self.cvs)), None),
            "top_technologies": (Decimal(top[0][1]) if top else None, detail or None),
            "sc_cleared_available": (Decimal(sum(map(self._cleared_and_free, now))), None),
            "average_availability": (_mean([p for _, p in everything]), None),
            "average_availability_weekdays": (_mean([p for day, p in everything if day.weekday() < 5]), None),
            "joiners": (Decimal(len(now - before)) if previous else None, compared),
            "leavers": (Decimal(len(before - now)) if previous else None, compared),
        }

    def _cleared_and_free(self, user: str) -> bool:
        latest = self.latest_availability(user)
        return "SC" in self.valid_clearances(user) and latest is not None and latest[1] >= 50

    def profiles(self) -> dict[str, tuple[object, ...]]:
        """Per CV what people search for, in the order of PROFILE_COLUMNS."""
        roles: dict[str, set[str]] = defaultdict(set)
        for row in self.rows("cv_roles"):
            roles[row[CV]].add(row["Name of its own"])
        profiles = {}
        for cv, user in self.cvs.items():
            titles, names = _texts(user, "Title"), _texts(user, "Name")
            skills, day = self.skills[cv], self.latest_availability(user[USER])
            years = [y for y in skills.values() if y is not None]
            grade = user.get("SFIA Level")
            profiles[cv] = (
                user[USER],
                names.get("int", user["Name"]),
                user[EMAIL],
                user["Department"],
                user["Country"],
                titles.get("int") or (titles[min(titles)] if titles else None),
                int(grade) if grade else None,
                user.get("CPD Label") or None,
                ", ".join(sorted(skills, key=str.encode)) or None,
                max(years, default=None),
                max([*self.valid_clearances(user[USER]), "None"], key=RANKS.index),
                day[0] if day else None,
                day[1] if day else None,
                ", ".join(sorted(roles[cv], key=str.encode)) or None,
            )
        return profiles


PROFILE_COLUMNS = (
    "user_id, user_name, email, department, country, cv_title, sfia_level, cpd_label, technologies,"
    " max_years_experience, clearance, latest_availability_date, latest_percent_available, roles"
)


def _folded(kind: str, text: str) -> str:
    return text.lower() if kind in (EMAIL, UPN) else text


def _mean(percents: list[int]) -> Decimal | None:
    if not percents:
        return None
    return (Decimal(sum(percents)) / len(percents)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
