"""What HubSpot says no by: limits by their policy, accounts on the move, and refusals in its own words.

Retry-After is in milliseconds with 429 and in seconds with 477; more than a minute is read as milliseconds.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hrdata_assets.errors import HRDataError, SystemUnavailable
from hrdata_assets.systems.answers import (
    MOST_PATIENCE,
    Answer,
    MalformedPageError,
    OutOfQuotaError,
    RefusedError,
    Unavailable,
    seconds_of,
)

_LOCKED_FOR = 2.0
_WITHOUT_A_WORD: Mapping[str, float] = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 2.5}
"""Seconds to wait where a limit's answer does not say: five attempts outlast either."""

_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_SCOPE = re.compile(r"[a-z0-9_.-]{1,60}")


def judge(answer: Answer) -> HRDataError | None:
    """What an answer that is no success means; None for what it means everywhere."""
    if answer.status == 429:
        return _limited(answer)
    if answer.status == 477:
        return _moving(answer)
    if answer.status == 423:
        return Unavailable(f"hubspot has {answer.path} locked", max(answer.wait or 0.0, _LOCKED_FOR))
    if answer.status in (400, 403, 404, 409, 415):
        return refusal(answer)
    return None


def _limited(answer: Answer) -> HRDataError:
    policy = _word(_told(answer).get("policyName"))
    if policy == "DAILY":
        return OutOfQuotaError("hubspot has no calls left today: the next pull goes on from here")
    wait = wait_of(answer.headers.get("retry-after"))
    if wait is None:
        wait = _WITHOUT_A_WORD.get(policy)
    return Unavailable(f"hubspot is asked too often ({policy or 'no policy'}, {answer.path})", wait)


def wait_of(text: str | None) -> float | None:
    """Seconds that a 429 asks to wait: a number above sixty counts milliseconds."""
    try:
        number = float(text or "")
    except ValueError:
        return seconds_of(text)
    return seconds_of(str(number / 1000 if number > MOST_PATIENCE else number))


def _moving(answer: Answer) -> HRDataError:
    """An account on the move is back within a minute, or is left alone until the next pull."""
    try:
        seconds = float(answer.headers.get("retry-after", ""))
    except ValueError:
        seconds = MOST_PATIENCE
    if seconds < MOST_PATIENCE:
        return Unavailable("hubspot is moving the account", seconds)
    return SystemUnavailable(f"hubspot is moving the account: pull again in {seconds / 60:.0f} minutes")


def refusal(answer: Answer) -> RefusedError:
    """A refusal with HubSpot's words for it; the sentences beside them may hold values of records."""
    told = _told(answer)
    path, code = answer.path, reason(told)
    if answer.status == 403:
        needed = sorted({scope for scope in _scopes(told) if _SCOPE.fullmatch(scope)})
        scopes = f": give the app one of the scopes {', '.join(needed)}" if needed else ": the app lacks a scope"
        return RefusedError(f"hubspot answered 403 for {path}{scopes}", 403, code)
    said = f" ({code})" if code else ""
    return RefusedError(f"hubspot answered {answer.status} for {path}{said}", answer.status, code)


def reason(error: Mapping[str, Any]) -> str:
    """What is wrong, in words that are never a value: codes by their properties, or what kind of error it is."""
    found = []
    for one in _errors(error):
        names = [_word(name) for name in _listed(_context(one).get("propertyName"))]
        if code := _word(one.get("code")) or _word(one.get("subCategory")):
            found.append(": ".join([*filter(None, names[:1]), code]))
    return ", ".join(sorted(set(found))) or _word(error.get("subCategory")) or _word(error.get("category"))


def _errors(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in _listed(error.get("errors")):
        if isinstance(one, Mapping):
            yield one


def _scopes(told: Mapping[str, Any]) -> Iterator[str]:
    for one in _errors(told):
        for name in ("requiredGranularScopes", "requiredScopes"):
            yield from map(str, _listed(_context(one).get(name)))


def _context(error: Mapping[str, Any]) -> Mapping[str, Any]:
    context = error.get("context")
    return context if isinstance(context, Mapping) else {}


def _told(answer: Answer) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except MalformedPageError:
        return {}
    return told if isinstance(told, Mapping) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(value: Any) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""
