"""Every report of an account: about so many offices at a time that Flowcase leaves nobody out."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hrdata_assets.errors import DeliveryError, SetupError
from hrdata_assets.systems.answers import RefusedError, SignInError
from hrdata_assets.systems.flowcase.client import ORDERED, FlowcaseReports, Office, Offices
from hrdata_assets.systems.flowcase.gathering import Gathering, Pace
from hrdata_assets.systems.flowcase.joining import joined, looked_at
from hrdata_assets.systems.flowcase.orders import OrderBook, Piece

log = logging.getLogger("hrdata")

PEOPLE = ORDERED[0]
"""The report that everybody is in: it tells how many a part is about."""

_NO_LIST = frozenset({403, 404})


@dataclass(frozen=True)
class Wanted:
    """What to collect: of which offices (none: all), and how many people a report may be about."""

    offices: Offices = ()
    most: int = 5_000


@dataclass(frozen=True)
class Collected:
    """Reports that lie ready in the order book, those that cannot be had, and what else a person should know."""

    book: OrderBook
    shares: list[Offices]
    failed: dict[str, DeliveryError]
    warnings: list[str] = field(default_factory=list)

    def reports(self) -> Iterator[tuple[str, bytes]]:
        """Every report with its content, one in memory at a time; what cannot be joined joins those that failed."""
        for report in ORDERED:
            if report in self.failed:
                continue
            try:
                content = joined(report, [self.book.content(Piece(report, share)) for share in self.shares])
            except DeliveryError as error:
                if report == PEOPLE:
                    raise
                log.warning("%s", error)
                self.failed[report] = error
                continue
            yield report, content


def collect(api: FlowcaseReports, book: OrderBook, wanted: Wanted, pace: Pace) -> Collected:
    """Gather every report. DeliveryError if the people themselves cannot be had: nothing is of use without them."""
    gathering = Gathering(api, book, pace)
    collected = Collected(book, [], gathering.failed)
    shares = shares_of(_offices(api, wanted.offices), wanted.most)
    while shares:
        gathering.gather([Piece(PEOPLE, share) for share in shares])
        if PEOPLE in gathering.failed:
            raise gathering.failed[PEOPLE]
        shares = _too_large(collected, shares, wanted.most)
    gathering.gather([Piece(report, share) for report in ORDERED[1:] for share in collected.shares])
    return collected


def shares_of(offices: Sequence[Office], most: int) -> list[Offices]:
    """Offices in groups that have fewer people together; one that has as many, or does not tell, is alone.

    Fewer, for a report about exactly so many does not say whether it was cut off.
    """
    shares: list[list[str]] = []
    room = 0
    for office in offices:
        people = most if office.people is None else office.people
        if shares and people <= room:
            shares[-1].append(office.id)
            room -= people
        else:
            shares.append([office.id])
            room = most - 1 - people
    return [tuple(share) for share in shares]


def _offices(api: FlowcaseReports, chosen: Offices) -> list[Office]:
    """Offices to ask for. SetupError where one that was chosen is not there, or there is none at all."""
    try:
        known = api.offices()
    except SignInError:
        raise
    except RefusedError as error:
        if not chosen or error.status not in _NO_LIST:
            raise
        # Who may not see the list can still have reports, an office at a time.
        return [Office(one, None) for one in chosen]
    if not chosen:
        if not known:
            raise SetupError("flowcase tells of no office: see what the token may read")
        return known
    if strange := set(chosen) - {office.id for office in known}:
        raise SetupError(
            f"FLOWCASE_OFFICE_IDS: flowcase has no office {', '.join(sorted(strange))}; it has {len(known)} others"
        )
    return [office for office in known if office.id in chosen]


def _too_large(collected: Collected, shares: Sequence[Offices], most: int) -> list[Offices]:
    """Halves of the shares from which somebody was left out; the others are settled.

    An office by itself cannot be divided: who is missing there can only be told.
    """
    again: list[Offices] = []
    for share in shares:
        people = looked_at(collected.book.content(Piece(PEOPLE, share)), PEOPLE).records
        if people >= most and len(share) > 1:
            half = len(share) // 2
            again += [share[:half], share[half:]]
            continue
        if people >= most:
            told = f"an office has {people} people or more, the most that a report holds: some may be missing"
            log.warning("flowcase: %s", told)
            collected.warnings.append(told)
        collected.shares.append(share)
    return again
