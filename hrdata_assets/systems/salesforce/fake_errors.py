"""Errors as the API words them: an array of objects with code, message and fields."""

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """A request that is refused; the answer's body is an array with this one error."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    @property
    def body(self) -> list[dict[str, Any]]:
        """What a REST call answers."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]

    @property
    def of_row(self) -> dict[str, Any]:
        """What stands among the errors of one row of a collection."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}

    @property
    def in_csv(self) -> str:
        """What stands in the column ``sf__Error`` of a Bulk job."""
        return f"{self.code}:{self.message}:{','.join(self.fields or ())} --"


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """404: no such record, object or address."""
    return ApiError(404, "NOT_FOUND", message)


def bad_request(code: str, message: str, fields: Sequence[str] | None = None) -> ApiError:
    """400, which most refusals are."""
    return ApiError(400, code, message, fields)


def rolled_back() -> ApiError:
    """What the good rows of a collection are told when others were not."""
    return bad_request(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
    )


def halted() -> ApiError:
    """What the other requests of a composite are told when one of them failed."""
    return bad_request(
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )


def session_expired() -> ApiError:
    """401: sign in again."""
    return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def daily_limit() -> ApiError:
    """403: all calls of the last 24 hours are used."""
    return ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def concurrent_limit() -> ApiError:
    """403: too many long requests run at this moment."""
    return ApiError(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API) Limit exceeded.")


def unavailable(status: int) -> ApiError:
    """An error the request is not to blame for."""
    if status == 503:
        return ApiError(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable. Try again later.")
    return ApiError(status, "UNKNOWN_EXCEPTION", "An unexpected error occurred. ErrorId: 1234567890-12345 (-123456789)")
