"""What Salesforce says is wrong, by its codes alone: the texts beside them hold values of records."""

import re
from collections.abc import Mapping
from typing import Any

from hrdata_assets.errors import HRDataError
from hrdata_assets.systems.answers import (
    Answer,
    MalformedPageError,
    OutOfQuotaError,
    RefusedError,
    SignInError,
    Unavailable,
)

_CODE = re.compile(r"[A-Za-z_]{3,80}")
_WORTH_REPEATING = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE"})
LIMIT = "REQUEST_LIMIT_EXCEEDED"


def judge(answer: Answer) -> HRDataError | None:
    """What an answer that is no success means; None for what is usual.

    There is no 429: one code says that the day's calls are used up, or that too many long ones run at this moment.
    """
    code, text = _said(answer)
    told = f"salesforce answered {answer.status} for {answer.path}" + (f" ({code})" if code else "")
    if code == LIMIT:
        if "concurrent" in text.casefold():
            return Unavailable(f"{told}: too many long calls at once")
        return OutOfQuotaError(f"{told}: the day's calls are used up; the next pull goes on here")
    if code in _WORTH_REPEATING or answer.status == 406:
        return Unavailable(told)
    if not code or answer.status >= 500:
        return None
    if answer.status == 401:
        return SignInError(f"{told}: check the credentials", 401, code)
    return RefusedError(told, answer.status, code)


def row_refusal(errors: object) -> str:
    """What is wrong with one record of many: codes, each with its fields."""
    listed = errors if isinstance(errors, list) else []
    return ", ".join(sorted(filter(None, map(_of_row, listed)))) or "refused"


def codes(errors: object) -> set[str]:
    """The codes alone."""
    listed = errors if isinstance(errors, list) else []
    return {str(error.get("statusCode")) for error in listed if isinstance(error, Mapping)}


def _of_row(error: Any) -> str:
    if not isinstance(error, Mapping) or not _CODE.fullmatch(str(error.get("statusCode"))):
        return ""
    fields = error.get("fields")
    named = [name for name in fields if isinstance(name, str)] if isinstance(fields, list) else []
    return f"{error['statusCode']}: {' '.join(named)}" if named else str(error["statusCode"])


def _said(answer: Answer) -> tuple[str, str]:
    """Code and text of an answer's error: the token endpoint gives an object, all others a list."""
    try:
        told = answer.json()
    except MalformedPageError:
        return "", ""
    first = told[0] if isinstance(told, list) and told else told
    if not isinstance(first, Mapping):
        return "", ""
    code, text = first.get("errorCode") or first.get("error"), first.get("message")
    known = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
    return known, (text if isinstance(text, str) else "")
