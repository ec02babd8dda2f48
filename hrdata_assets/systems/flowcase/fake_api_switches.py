"""What can be different about a fake Flowcase; all of it may be changed while it is served."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass
class Switches:
    """Switches by name."""

    token: str = "fake-flowcase-token"  # noqa: S105 - there is nothing behind it
    subdomain: str = "fake"

    dialect: str = "export"
    """How reports are written: `export` as Flowcase writes them, `seed` with commas and all languages in a cell."""

    polls: int = 2
    """How often an order is looked at before it is finished: the first time it is pending, then processing."""

    stuck: Collection[str] = ()
    """Types of report that never get finished."""

    failed: Mapping[str, str] = field(default_factory=dict)
    """Types of report that come to nothing, and the state that says so: no list of such states is known."""

    forbidden: Collection[str] = ()
    """Types of report that the token may not order: 403."""

    without_url: int = 0
    """How often a finished report is shown without its file."""

    url_seconds: float = 300
    """How long a signed address holds, by the fake's clock."""

    most_cvs: int = 5_000
    """People that a report is about at most; the others are silently left out."""

    countries_hidden: bool = False
    """Whether the token may not see the list of offices: 403."""

    page: int = 100
    """Most users of a page."""

    most_found: int = 1_000
    """Most CVs of a page of a search."""

    searched: int = 10_000
    """How far a search is paged through: beyond it, 422."""
