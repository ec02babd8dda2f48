"""Record ids: 15 characters in which case matters, or 18, of which the last three tell the case of the others."""

_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT = 15


def whole_id(one: str) -> str:
    """The id with 18 characters, by which records are known here; anything but a short one stays as it is."""
    if len(one) != _SHORT:
        return one
    return one + "".join(_told(one[first : first + 5]) for first in range(0, _SHORT, 5))


def _told(five: str) -> str:
    return _CASES[sum(1 << place for place, letter in enumerate(five) if "A" <= letter <= "Z")]
