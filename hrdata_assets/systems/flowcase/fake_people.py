"""Who works here in a quarter, worked out from the seed alone.

Every fact is a hash of (seed, person, fact), never of what was drawn before it: any quarter and any slice of the staff
can be made by itself, in any order, and always comes out the same. A person fills a slot for some quarters, then the
next one does.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SLOTS = 1 << 20
FIRST_STRANGER = SLOTS // 2  # slots from here on are never filled: whatever id is made for them is nobody's
TOP_LEVEL = 6


class Culture(NamedTuple):
    """Where a person comes from: how people there are called, what they speak, how their telephones are written."""

    nationality: str
    nasjonalitet: str
    country: str
    code: str
    dial: str
    language: str
    first: str
    last: str


FIRST, LAST = 16, 20  # names a culture has, so that one flat list serves all
CULTURES = (
    Culture(
        *("Norwegian", "norsk", "Norway", "no", "+47", "Norwegian"),
        "Kari Ola Ingrid Bjørn Åse Håkon Sølvi Magnus Solveig Øyvind Ragnhild Sindre Anne-Grethe Torbjørn Marte Eirik",
        "Hansen Berg Haugen Bakken Solberg Østby Ødegård Nygård Fjellstad Sæther Lund Strand Moen Dahl Brekke Aasen "
        "Myhre Tangen Holm Bergstrøm-Lie",
    ),
    Culture(
        *("Swedish", "svensk", "Sweden", "se", "+46", "Swedish"),
        "Astrid Gustav Elsa Åke Märta Oskar Linnéa Göran Ebba Sören Karin Björn Anna-Lena Nils Saga Håkan",
        "Andersson Lindqvist Sjöberg Åkesson Öberg Nyström Hedlund Bergström Ekdahl Forsgren Wallin Sandström Björk "
        "Lindgård Söderlund Hallén Norén Dahlgren Fransson Sjögren-Palm",
    ),
    Culture(
        *("Danish", "dansk", "Denmark", "dk", "+45", "Danish"),
        "Mette Søren Kirsten Jens Bodil Rasmus Anne-Sofie Henrik Freja Mads Signe Kåre Lærke Troels Birgitte Asger",
        "Jensen Nielsen Kjær Mørk Østergaard Vestergård Bæk Thomsen Skov Lauritsen Krogh Dalsgaard Højlund Søgaard "
        "Møller Brandt Toft Winther Ravn Kragh-Holm",
    ),
    Culture(
        *("Finnish", "finsk", "Finland", "fi", "+358", "Finnish"),
        "Aino Eero Päivi Jyrki Väinö Tuulikki Kaisa Antti Sanna Mikko Elina Pekka Anna-Liisa Ville Minna Jouko",
        "Korhonen Mäkinen Hämäläinen Väisänen Laine Niemelä Kärkkäinen Pöyry Salo Rantanen Lehtonen Jääskeläinen "
        "Ahola Heikkilä Sipilä Kivelä Mustonen Räsänen Toivonen Mäki-Torkko",
    ),
    Culture(
        *("Polish", "polsk", "Poland", "pl", "+48", "Polish"),
        "Małgorzata Łukasz Agnieszka Paweł Zofia Wojciech Grażyna Krzysztof Świętosława Bartłomiej Ewa Rafał Joanna "
        "Michał Elżbieta Stanisław",
        "Kowalski Wiśniewski Kamiński Zieliński Śliwa Wójcik Dąbrowski Kozłowski Mazur Krawczyk Łuczak Grabarczyk "
        "Jabłoński Król Wróbel Pawlak Górski Rutkowski Ćwiek Nowak-Cieślik",
    ),
    Culture(
        *("British", "britisk", "United Kingdom", "gb", "+44", "English"),
        "Olivia George Amelia Harry Charlotte Oliver Imogen Edward Poppy Rhys Siobhán Callum Mary-Jane Alistair Gwen "
        "Seán",
        "O'Neill Taylor Ashworth Whitfield Lloyd-Hughes Bennett Harrow Pemberton Davies Fraser MacLeod Campbell "
        "Turner Blackwood Hargreaves Thornton Wakefield McGrath O'Brien Ó'Súilleabháin",
    ),
    Culture(
        *("German", "tysk", "Germany", "de", "+49", "German"),
        "Jürgen Ursula Käthe Günther Anneliese Björg-Maria Matthias Sabine Jörg Heike Wolfgang Katrin Rüdiger Monika "
        "Bärbel Karl-Heinz",
        "Groß Weiß Müller Schäfer Strauß Köhler Brandmann Vogel Krüger Lindner Böhm Jäger Hartwig Seidel Pfeiffer "
        "Kühn Baumgärtner Voß Winkler Kaiser-Frank",
    ),
    Culture(
        *("Indian", "indisk", "India", "in", "+91", "Hindi"),
        "Aarav Priya Rohan Ananya Vikram Lakshmi Arjun Meera Sanjay Divya Rahul Kavita Suresh Nisha Anil Pooja",
        "Sharma Iyer Patel Reddy Nair Banerjee Gupta Kulkarni Menon Chatterjee Desai Joshi Krishnan Mehta Rao Singh "
        "Pillai Deshpande Bhattacharya Verma",
    ),
)
CULTURE_WEIGHTS = (0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 5, 5, 6, 7, 7)  # one is drawn


def stir(keys: Keys, fact: str, turn: Ints | int = 0) -> Keys:
    """Well-mixed bits for one fact of each key (the finaliser of splitmix64)."""
    offset = np.asarray(turn, dtype=np.int64).astype(np.uint64) * np.array([0x9E3779B97F4A7C15], dtype=np.uint64)
    bits = keys + offset + np.array([crc32(fact.encode()) * 0xD1B54A32D192ED03 & (1 << 64) - 1], dtype=np.uint64)
    bits = (bits ^ bits >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ bits >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    mixed: Keys = bits ^ bits >> np.uint64(31)
    return mixed


def draw(keys: Keys, fact: str, below: Ints | int, turn: Ints | int = 0) -> Ints:
    """A number from 0 to below it, one per key."""
    return (stir(keys, fact, turn) >> np.uint64(33)).astype(np.int64) % below


def chance(keys: Keys, fact: str, percent: int) -> Flags:
    """True for so many in a hundred."""
    return draw(keys, fact, 100) < percent


def pick(keys: Keys, fact: str, options: Sequence[int]) -> Ints:
    """One of the options per key; an option listed twice comes up twice as often."""
    return np.asarray(options, dtype=np.int64)[draw(keys, fact, len(options))]


def scramble(ordinals: Keys, seed: int, kind: str) -> Keys:
    """32 bits that look random and are never the same for two ordinals of one kind: each step can be undone."""
    low = np.uint64(0xFFFFFFFF)
    bits = ordinals + np.uint64(crc32(f"{seed}/{kind}".encode())) & low
    bits = (bits ^ bits >> np.uint64(16)) * np.uint64(0x7FEB352D) & low
    bits = (bits ^ bits >> np.uint64(15)) * np.uint64(0x846CA68B) & low
    return bits ^ bits >> np.uint64(16)


def person_ordinals(generations: Ints, slots: Ints) -> Keys:
    """A number below 2^32 that no other person has in any quarter."""
    return (generations << 20 | slots).astype(np.uint64)


def row_ordinals(generations: Ints, slots: Ints, numbers: Ints) -> Keys:
    """A number below 2^32 that no other row of a report has while a slot sees 128 people and a person has 32 rows."""
    return ((generations & 127) << 25 | slots << 5 | numbers).astype(np.uint64)


def first_day(quarters: Ints) -> Ints:
    """Days since 1970 at which quarters (counted from year 0) begin."""
    months = (quarters - 1970 * 4) * 3
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def fold(name: str) -> str:
    """A name as e-mail addresses spell it."""
    plain = name.lower().translate(
        {ord(a): b for a, b in zip("æøåäöüßłđ", ["ae", "o", "aa", "a", "o", "u", "ss", "l", "d"], strict=True)}
    )
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if c.isascii() and (c.isalnum() or c == "-"))


@dataclass(frozen=True)
class People:
    """One quarter's staff or a slice of it. Months and quarters are counted from year 0, days from 1970."""

    seed: int
    quarter: int
    slots: Ints
    generations: Ints
    keys: Keys
    joined: Ints
    culture: Ints
    first_name: Ints
    country: Ints
    role: Ints
    degrees: Ints
    first_work: Ints
    birth_year: Ints
    entry_level: Ints
    pace: Ints  # quarters between two promotions
    merit: Ints  # quarters of that already served when joining
    invited: Flags  # has an account, never logged in: no CV

    @property
    def tenure(self) -> Ints:
        """Full quarters since joining."""
        return self.quarter - self.joined

    @property
    def level(self) -> Ints:
        """SFIA level today."""
        return np.minimum(self.entry_level + (self.tenure + self.merit) // self.pace, TOP_LEVEL)

    @property
    def joined_month(self) -> Ints:
        """First month of the quarter of joining."""
        return self.joined * 3

    @property
    def last_month(self) -> int:
        """Month in which the quarter ends."""
        return self.quarter * 3 + 2

    @property
    def created(self) -> Ints:
        """Day the account was made; nothing on the CV is older."""
        return first_day(self.joined) + draw(self.keys, "created", 14)

    @property
    def last_day(self) -> int:
        """Last day of the quarter."""
        return int(first_day(np.array([self.quarter + 1]))[0]) - 1


def employed(seed: int, quarter: int, slots: Ints, *, invitations: bool) -> People:
    """Who fills these slots in that quarter; with invitations a few of them have no CV yet."""
    places = stir(slots.astype(np.uint64), f"slot {seed}")
    short = chance(places, "short", 15)
    length = np.where(short, 6 + draw(places, "short stay", 11), 24 + draw(places, "stay", 37))
    generations = (quarter + draw(places, "phase", length)) // length
    joined = generations * length - draw(places, "phase", length)
    keys = stir(places, "person", generations)
    # The slot, not the person, has the culture: names then differ from one generation to the next, and so do addresses.
    culture = pick(places, "culture", CULTURE_WEIGHTS)
    degrees = pick(keys, "degrees", (0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3))
    started = np.array([20, 22, 24, 28])[degrees]
    birth_year = joined // 4 - started - 1 - draw(keys, "age", 25)
    pace = 12 + draw(keys, "pace", 17)
    return People(
        seed=seed,
        quarter=quarter,
        slots=slots,
        generations=generations,
        keys=keys,
        joined=joined,
        culture=culture,
        first_name=(draw(places, "first", FIRST) + generations) % FIRST,
        country=np.where(chance(keys, "abroad", 25), pick(keys, "country", CULTURE_WEIGHTS), culture),
        role=draw(keys, "role", 14),
        degrees=degrees,
        first_work=(birth_year + started) * 12 + 7,
        birth_year=birth_year,
        entry_level=pick(keys, "entry", (2, 2, 2, 3, 3, 3, 4, 4)),
        pace=pace,
        merit=draw(keys, "merit", pace),
        invited=chance(keys, "invited", 2) & invitations,
    )


@cache
def _names() -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
    """First and last names of all cultures, and the same as addresses spell them."""
    first = [name for culture in CULTURES for name in culture.first.split()]
    last = [name for culture in CULTURES for name in culture.last.split()]
    return pl.Series(first), pl.Series(last), pl.Series([fold(n) for n in first]), pl.Series([fold(n) for n in last])


def names(people: People) -> tuple[pl.Series, pl.Series]:
    """Full names, and the part of their addresses before the @: nobody else's, not even in the decades around."""
    first, last, first_folded, last_folded = _names()
    one = people.culture * FIRST + people.first_name
    two = people.culture * LAST + draw(people.keys, "last", LAST)
    local = first_folded.gather(one) + "." + last_folded.gather(two) + pl.Series(people.slots + 1).cast(pl.String)
    return first.gather(one) + " " + last.gather(two), local


def telephones(people: People, fact: str) -> pl.Series:
    """Numbers with the country's prefix, in the free spacing people use."""
    digits = pl.Series(10_000_000 + draw(people.keys, fact, 90_000_000)).cast(pl.String)
    dial = pl.Series([culture.dial for culture in CULTURES]).gather(people.country)
    return dial + " " + digits.str.slice(0, 3) + " " + digits.str.slice(3, 2) + " " + digits.str.slice(5, 3)


# Report: rows a person brings along (one is drawn), least quarters from one new row to the next, most rows.
GROWTH: Mapping[str, tuple[tuple[int, ...], int, int]] = {
    "project_experiences": ((0, 1, 1, 2, 2), 6, 20),
    "certifications": ((0, 0, 0, 1, 1, 2), 9, 12),
    "courses": ((0, 1, 1, 2), 6, 16),
    "languages": ((1, 1, 2, 2, 2), 40, 6),
    "technologies": ((2, 3, 3, 4, 4, 5), 12, 16),
    "key_qualifications": ((0, 1, 1, 1, 1), 60, 3),
    "blogs": ((0, 0, 0, 1), 11, 12),
    "cv_roles": ((1, 1, 2), 14, 8),
}


@dataclass(frozen=True)
class Rows:
    """The rows of one report, in the order of its people."""

    person: Ints  # position among the people
    number: Ints  # 0, 1, 2 … within the person
    keys: Keys
    early: Flags  # came with the person, so tells of the time before joining
    begun: Ints  # quarter the row was put on the CV
    touched: Ints  # day of the owner's last change
    updated: Ints  # day of anybody's last change

    def ordinals(self, people: People) -> Keys:
        """What the rows' ids are made of."""
        return row_ordinals(people.generations[self.person], people.slots[self.person], self.number)


def _rows(people: People, report: str, counts: Ints, early: Ints, later: Callable[[Ints, Ints], Ints]) -> Rows:
    """Lay rows out; `later` says in which quarter the n-th row after the early ones was added to a person's CV."""
    counts = np.where(people.invited, 0, counts)
    person = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(person)) - np.repeat(np.cumsum(counts) - counts, counts)
    nth = number - early[person]
    begun = people.joined[person] + np.where(nth < 0, 0, later(person, nth))
    keys = stir(people.keys[person], report, number)
    pace = 1 + draw(keys, "pace", 6)
    turn = begun + (people.quarter - begun) // pace * pace
    touched = first_day(turn) + 14 + draw(keys, "touched", 45, turn)
    return Rows(person, number, keys, nth < 0, begun, touched, touched + draw(keys, "updated", 25, turn))


def _growing(people: People, report: str) -> Rows:
    """A report whose rows become more at a person's own pace."""
    early_counts, least, most = GROWTH[report]
    early = pick(people.keys, f"{report} early", early_counts)
    pace = least + draw(people.keys, f"{report} pace", least)
    head_start = draw(people.keys, f"{report} start", least)
    counts = np.minimum(early + (people.tenure + head_start) // pace, most)
    return _rows(people, report, counts, early, lambda who, nth: (nth + 1) * pace[who] - head_start[who])


def _earlier_jobs(people: People) -> Ints:
    """How many employers came before this one: at most one for each full year."""
    years: Ints = (people.joined_month - people.first_work) // 12
    return np.minimum(draw(people.keys, "jobs", 4), years)


def _earlier_positions(people: People) -> Ints:
    return np.minimum(pick(people.keys, "positions", (0, 0, 1, 1, 2)), _earlier_jobs(people))


def sections(people: People) -> dict[str, Rows]:
    """All rows of all CV reports."""
    at_joining = np.zeros_like(people.joined)
    jobs, posts = _earlier_jobs(people), _earlier_positions(people)
    pace, merit = people.pace, people.merit
    return {
        **{report: _growing(people, report) for report in GROWTH},
        "work_experiences": _rows(people, "work_experiences", jobs + 1, jobs, lambda who, _: at_joining[who]),
        "educations": _rows(people, "educations", people.degrees, people.degrees, lambda who, _: at_joining[who]),
        "positions": _rows(
            *(people, "positions", posts + people.level - people.entry_level + 1, posts),
            lambda who, nth: np.where(nth > 0, nth * pace[who] - merit[who], 0),
        ),
    }
