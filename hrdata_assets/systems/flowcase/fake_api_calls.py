"""Requests to a fake Flowcase, read, and the ways in which it says no."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Refused(Exception):  # noqa: N818 - what the caller is told, not a failure of the fake
    """A request is answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    @property
    def response(self) -> Response:
        """The error as an answer. How a genuine one looks is not known."""
        return JSONResponse({"error": self.message}, self.status)


def admitted(request: Request, token: str) -> None:
    """Refuse who does not know the token, which may be given in either of the two spellings in use."""
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    given = said.strip()
    if scheme == "Token":
        given = given.removeprefix("token=").strip('"')
    if scheme not in ("Bearer", "Token") or given != token:
        raise Refused(401, "The token is not known")


def number(request: Request, name: str, default: int, most: int) -> int:
    """A number of the query, within bounds."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise Refused(422, f"{name} is no number")
    return min(int(text), most)


async def body_of(request: Request) -> Mapping[str, Any]:
    """The JSON object that was sent; an empty one for nothing."""
    if not await request.body():
        return {}
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(422, "The body is no JSON object")
    return body


def texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts out of a body."""
    listed = body.get(name) or []
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise Refused(422, f"{name} is no list of texts")
    return tuple(listed)


def some(listed: Sequence[Any], offset: int, size: int) -> Sequence[Any]:
    """A page of a list."""
    return listed[offset : offset + size]
