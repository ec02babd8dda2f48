"""What can be different about a fake HubSpot; all of it may be changed while it is served."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Policy = Literal["SECONDLY", "TEN_SECONDLY_ROLLING", "DAILY"]


@dataclass
class Switches:
    """Switches by name."""

    dirt: float = 0.02
    """Share of the records that have something wrong with them; only at the start."""

    archived: bool = True
    """Whether one record in forty is in the recycle bin already; only at the start."""

    access_token: str = "pat-eu1-fake"  # noqa: S105 - there is nothing behind it
    """Of the private app; another one takes its place at once."""

    private_app: bool = True
    """Whether the settings that the fake names are the private app's; if not, those of OAuth."""

    client_id: str = "fake-client"
    client_secret: str = "fake-secret"  # noqa: S105 - there is nothing behind it
    refresh_token: str = "fake-refresh"  # noqa: S105 - there is nothing behind it
    """Good for ever: using it does not change it."""

    redirect_uri: str | None = None
    """The only one that is good; None for any."""

    token_seconds: int = 1800
    """Life of an access token of OAuth."""

    missing_scopes: Collection[str] = ()
    """Scopes that the app was not given, such as `crm.objects.deals.read`: 403."""

    page: int | None = None
    """Most records of a page of a list or a search, whatever is asked for; None for no such limit."""

    index_delay: float = 0.0
    """Seconds by the fake's clock until search sees a write; a record that is archived it loses at once."""

    most_results: int = 10_000
    """Of one search; a page that would reach beyond: 400."""

    longest_search: int = 3_000
    """Characters of a search's body; more: 400."""

    ties_by_id: bool = True
    """Whether what a search's sort finds equal comes by id; if not: in an order of its own, always the same."""

    search_refuses_unknown: bool = True
    """Whether a search that asks for a property there is not is refused: 400; if not, it is left out of the answer.
    Filters and sorts by such a property are always refused."""

    read_refuses_unknown: bool = False
    """The same for lists, single records and batch reads."""

    unique_domains: bool = True
    """Whether there can be no two companies of one domain."""

    merge_makes_new_id: bool = False
    """Whether what two records were merged into has an id of its own instead of the winner's."""

    merged_ids_lead_on: bool = True
    """Whether the id of a record that was merged away finds the one that is left; if not: 404."""

    rates: bool = False
    """Whether the three limits below are kept: 429."""

    calls_per_ten_seconds: int = 190
    searches_per_second: int = 5
    calls_per_day: int = 1_000_000

    zone: timedelta = timedelta(0)
    """Of the account, ahead of UTC: when its day begins."""

    retry_after: Literal["seconds", "milliseconds"] = "milliseconds"
    """What the Retry-After of a 429 counts."""

    policy: Policy = "TEN_SECONDLY_ROLLING"
    """The limit that a `rate_limited` fault says was reached; DAILY comes without a Retry-After."""

    migration_seconds: int = 3_600
    """Retry-After of a 477, always in seconds."""
