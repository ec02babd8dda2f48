"""What can be set about the fake org, at its start and while it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


@dataclass
class Fate:
    """What becomes of one Bulk job."""

    polls: int = 2
    """Asked so many times it still says it is not done; then it is."""
    fails: str | None = None
    """Ends as Failed, with this errorMessage."""
    rows_before_failure: int = 0
    """An ingest job that fails has written so many rows by then."""
    stuck: bool = False
    """Stays InProgress for ever."""
    part: int | None = None
    """Most rows in one part of the results, whatever the client asks for."""
    cut_part: int | None = None
    """The n-th answer with results (from 1) ends in the middle of a row; its headers tell of all rows."""
    nul_byte: bool = False
    """A NUL byte stands in the first text of the first row."""


@dataclass
class Switches:
    """Every switch of the fake org; all may be set while it runs."""

    client_id: str = "3MVG9fake.hrdata"
    client_secret: str = "fake-client"  # noqa: S105 - opens nothing but the fake
    username: str = "integration@hr.example"
    password: str = "fake-user"  # noqa: S105 - opens nothing but the fake
    security_token: str = ""
    """Has to stand behind the password where it is not empty."""
    refresh_token: str = "5Aep861fake"  # noqa: S105 - opens nothing but the fake
    public_key: str | None = None
    """PEM that JWT assertions are verified with; None refuses all of them."""
    approved: bool = True
    """Off: the user has not approved the app, which JWT assertions then find out."""
    client_credentials_flow: bool = True
    """Off: this is login.salesforce.com, where only users sign in."""
    password_flow: bool = True
    """Off, as in new orgs: user names and passwords are refused."""
    rotate_refresh_tokens: bool = False
    """A refresh token is good once; the answer brings the next."""
    instance_url: str | None = None
    """What the token endpoint names as the instance; None for itself."""
    session_life: timedelta = timedelta(hours=2)
    """A session not used for so long is over."""
    session_calls: int | None = None
    """A session is over after so many calls."""

    batch_size: int = 2_000
    """Most rows in one answer to a query; clients may ask for fewer."""
    cursor_life: timedelta = timedelta(days=2)
    cursors: int = 10
    """Cursors a user may have open; a further one closes the oldest."""
    cursor_pages: int | None = None
    """A cursor is lost after so many further pages."""
    timeout_rows: int | None = None
    """A query that finds more rows than this takes too long."""
    daily_calls: int = 100_000
    daily_query_jobs: int = 10_000
    busy: int = 0
    """So many of the next calls are refused because too many long ones run."""
    multi_currency: bool = False
    """Records have a currency of their own. Read at the start only."""

    fate: Fate = field(default_factory=Fate)
    """What becomes of Bulk jobs for which nothing else was ordered."""
    fates: list[Fate] = field(default_factory=list)
    """What becomes of the next Bulk jobs, each taken once."""

    duplicate_rule: bool = False
    """A record with an e-mail address that another one has is refused, unless the client insists."""
    validation: Callable[[str, dict[str, Any]], str | None] | None = None
    """A rule of the org: takes the object and the record to be, answers what is wrong with it."""
    locked: dict[str, int] = field(default_factory=dict)
    """Ids of records that somebody else holds, and for how many attempts to write them."""

    def next_fate(self) -> Fate:
        """Take what was ordered for the next Bulk job."""
        return self.fates.pop(0) if self.fates else self.fate
