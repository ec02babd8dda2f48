"""What can be different about a fake Bullhorn; all of it may be changed while it is served."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

ACCESS_SECONDS = 600.0
"""How long an access token lives."""


@dataclass
class Switches:
    """Switches by name."""

    dirt: float = 0.02
    """Share of the records that have something wrong with them; only at the start."""

    username: str = "fake.user"
    password: str = "fake-password"  # noqa: S105 - there is nothing behind it
    client_id: str = "fake-client"
    client_secret: str = "fake-secret"  # noqa: S105 - there is nothing behind it

    consent_given: bool = True
    """Whether a person has agreed to the client once; if not, a page asks for it instead of a redirect."""

    elsewhere: str | None = None
    """Base address of another data centre: everything but loginInfo is redirected there."""

    refused_logins: int = 0
    """So many of the next logins are refused as if the access token were wrong."""

    most_sessions: int = 50
    """Sessions that may be open at the same time."""

    session_minutes: int = 10
    """Life of a session whose login asks for none."""

    longest_session: int = 2880
    """Minutes; who asks for more gets this."""

    calls_per_minute: int | None = None
    """Calls of the last minute after which 429 is answered; None for no limit."""

    page: int = 500
    """Rows of a page, whatever was asked for."""

    default_count: int = 20
    """Rows of a page if nothing was asked for."""

    deepest_row: int | None = None
    """Number of the last row that paging reaches; None for no limit."""

    index_lag: float = 0.0
    """Seconds by the fake's clock after which search sees a write."""

    zone: timedelta = timedelta(0)
    """What dates in Lucene are written in, ahead of UTC."""

    hidden: Sequence[str] = ()
    """Fields whose values the user may not see: `ssn` of any entity, or `Candidate.ssn`."""

    forbidden: Sequence[str] = ()
    """Entities the user may not see at all: 403."""

    may_subscribe: bool = True
    """Whether the user may listen for events; if not: 403."""

    most_subscriptions: int = 50
    subscription_days: float = 30.0
    """After so many days an unused subscription, or an event that nobody read, is gone."""
