"""How HubSpot says no."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from starlette.responses import HTMLResponse, Response

from hrdata_assets.systems.hubspot.fake_switches import Policy

JSON = "application/json;charset=utf-8"


class Refused(Exception):  # noqa: N818 - what the caller is told, not a failure of the fake
    """A request, or one input of a batch, is answered with an error."""

    def __init__(self, status: int, message: str, category: str = "VALIDATION_ERROR", **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.more = {name: value for name, value in more.items() if value is not None}

    @property
    def response(self) -> Response:
        """The error as an answer."""
        correlation = str(uuid4())
        body = {"status": "error", "message": self.message, "correlationId": correlation, "category": self.category}
        return answer({**body, **self.more}, self.status, {"X-HubSpot-Correlation-Id": correlation})

    def of_input(self, trace: str | None = None) -> dict[str, Any]:
        """The error as it stands among those of a batch."""
        context = {**self.more.get("context", {}), **({"objectWriteTraceId": [trace]} if trace is not None else {})}
        rest = {name: value for name, value in self.more.items() if name != "context"}
        found = {"status": "error", "category": self.category, "message": self.message, **rest}
        return {**found, "context": context} if context else found


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Anything as JSON; bytes are JSON already."""
    text = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(text, status, {**(headers or {}), "Content-Type": JSON})


def bad_request(message: str, name: str | None = None) -> Refused:
    """400 for what stands in a request."""
    return Refused(400, message, errors=None if name is None else [{"message": message, "in": name}])


def invalid_values(flaws: Sequence[Mapping[str, Any]]) -> Refused:
    """400 for values that properties do not take; the message has them as JSON in it."""
    errors = [
        {"message": one["message"], "code": one["error"], "context": {"propertyName": [one["name"]]}} for one in flaws
    ]
    return Refused(400, f"Property values were not valid: {json.dumps(list(flaws), ensure_ascii=False)}", errors=errors)


def not_found(message: str = "resource not found", **context: list[str]) -> Refused:
    """404 for a record, or an address."""
    return Refused(404, message, "OBJECT_NOT_FOUND", context=context or None)


def conflict(message: str) -> Refused:
    """409 for what is there already."""
    return Refused(409, message, "CONFLICT")


def nobody() -> Refused:
    """401 for a token that is missing or unknown."""
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return Refused(401, message, "INVALID_AUTHENTICATION")


def expired(seconds: float) -> Refused:
    """401 for a token of OAuth whose time is over."""
    return Refused(
        401,
        f"The OAuth token used to make this call expired {int(seconds)} second(s) ago.",
        "EXPIRED_AUTHENTICATION",
        context={"expireTime": [str(int(seconds))]},
    )


def missing_scopes(scopes: Sequence[str]) -> Refused:
    """403 for an app that would need one of these scopes."""
    page = "https://developers.hubspot.com/scopes"
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {page}."
    )
    needed = {"requiredGranularScopes": list(scopes)}
    errors = [{"message": "One or more of the following scopes are required.", "context": needed}]
    return Refused(403, message, "MISSING_SCOPES", errors=errors, links={"scopes": page})


def too_many(policy: Policy, headers: Mapping[str, str]) -> Response:
    """429 for one of the three limits."""
    reached = {"SECONDLY": "secondly", "TEN_SECONDLY_ROLLING": "ten_secondly_rolling", "DAILY": "daily"}[policy]
    body = {
        "status": "error",
        "message": f"You have reached your {reached} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": str(uuid4()),
        "policyName": policy,
        "requestId": str(uuid4()),
    }
    return answer(body, 429, headers)


_MESSAGES: Mapping[int, tuple[str, str]] = {
    423: ("The record is locked by another operation. Wait two seconds and try again.", "LOCKED"),
    477: ("This account is being moved to another hosting location. Try again later.", "MIGRATION_IN_PROGRESS"),
    503: ("Service temporarily unavailable", "SERVICE_UNAVAILABLE"),
}
_GATEWAY: Mapping[int, str] = {
    502: "Bad gateway", 504: "Gateway time-out", 521: "Web server is down", 522: "Connection timed out",
    523: "Origin is unreachable", 524: "A timeout occurred",
}  # fmt: skip


def of_status(status: int) -> Response:
    """An error that the request is not to blame for; what the proxies in front of HubSpot say is a page."""
    if status in _GATEWAY:
        title = f"{status}: {_GATEWAY[status]}"
        return HTMLResponse(
            f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>", status
        )
    return Refused(status, *_MESSAGES.get(status, ("internal error", "INTERNAL_ERROR"))).response
