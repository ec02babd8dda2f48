"""How Bullhorn says no."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response


class Refused(Exception):  # noqa: N818 - what the caller is told, not a failure of the fake
    """A request is answered with an error."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.body = body

    @property
    def response(self) -> Response:
        """The error as an answer."""
        return answer(self.body, self.status)


def answer(body: Any, status: int = 200) -> Response:
    """Anything as JSON; bytes are JSON already."""
    text = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(text, status, {"Content-Type": "application/json;charset=UTF-8"})


def refused(status: int, message: str, key: str = "") -> Refused:
    """An error in the usual form."""
    return Refused(status, {"errorMessage": message, "errorMessageKey": key or _KEYS[status], "errorCode": status})


_KEYS: Mapping[int, str] = {
    400: "errors.badRequest",
    401: "errors.authentication.invalidRestToken",
    403: "errors.authorization.notAllowed",
    404: "errors.entityNotFound",
    405: "errors.methodNotAllowed",
    412: "errors.authentication.missingRestToken",
    429: "errors.tooManyRequests",
    500: "errors.internalError",
    502: "errors.internalError",
    503: "errors.serviceUnavailable",
    504: "errors.internalError",
}
MESSAGES: Mapping[int, str] = {
    429: "API rate limit exceeded. Please try again later.",
    500: "An internal error has occurred",
    503: "The service is temporarily unavailable.",
}


def of_status(status: int) -> Refused:
    """An error that the request is not to blame for."""
    return refused(status, MESSAGES.get(status, "An internal error has occurred"), _KEYS.get(status, _KEYS[500]))


def session_over() -> Refused:
    """An unknown or expired BhRestToken."""
    return refused(401, "Bad 'BhRestToken' or timed-out.")


def session_missing() -> Refused:
    """No BhRestToken at all."""
    return refused(412, "BhRestToken is required.")


def unknown_fields(entity: str, names: Sequence[str]) -> Refused:
    """Fields that an entity has not, or not any more."""
    listed = ", ".join(names)
    body = {
        "errorMessage": f"Invalid field(s) for entity {entity}: {listed}",
        "errorMessageKey": "errors.invalidFields",
        "errorCode": 400,
        "errors": [flaw(name, "UNKNOWN_PROPERTY", f"{entity} has no field {name}") for name in names],
    }
    return Refused(400, body)


def flaw(name: str | None, kind: str, detail: str) -> dict[str, Any]:
    """One thing that is wrong with a field."""
    return {"propertyName": name, "severity": "ERROR", "detailMessage": detail, "type": kind}


def not_persisted(entity: str, flaws: Sequence[Mapping[str, Any]]) -> Refused:
    """A record that may not be written."""
    body = {
        "errorMessage": f"error persisting an entity of type: {entity}",
        "errorMessageKey": "errors.persistence",
        "errorCode": 400,
        "errors": list(flaws),
        "entityName": entity,
    }
    return Refused(400, body)


def not_found(entity: str, record_id: object) -> Refused:
    """A record that is not there."""
    return refused(404, f"Entity not found: {entity} {record_id}")
