"""Exceptions named by what to do next. No message of theirs ever carries a value out of a delivered row."""


class HRDataError(Exception):
    """Any failure this package understands; its text says what went wrong, where, and what to do."""


class SetupError(HRDataError):
    """A person must change settings or code; trying again is useless."""


class DeliveryError(HRDataError):
    """What arrived cannot be used; this partition stops, the others go on."""


class SystemUnavailable(HRDataError):  # noqa: N818 - the word for it, as httpx says Timeout
    """Worth trying again later: a timeout, a lock held by another run, a server that is starting."""
