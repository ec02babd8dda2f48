"""Stamps that systems spell as ISO 8601."""

import datetime


def moment_of(text: object) -> datetime.datetime | None:
    """The moment that a text tells, in UTC where it names no zone or says so in letters; None for what is none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
