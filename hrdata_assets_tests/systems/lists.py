"""A server with a list of people that pages in each of four ways, and whose list changes when a test says so."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hrdata_assets.systems.fakes.serving import Fake

BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
TOKEN = "planted-secret"


class Lists(Fake):
    """People below /v1/<style>; each answer holds ``size`` of them at most."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.people = {number: self.person(number) for number in range(1, people + 1)}
        self.broken: str | None = None

    @staticmethod
    def person(number: int, **more: Any) -> dict[str, Any]:
        changed = BEGAN + timedelta(minutes=number)
        known = {"id": number, "mail": f"ada{number}@example.org", "pay": {"yearly": 50_000.25 + number}}
        return {**known, "city": ("Oslo", "Leeds")[number % 2], "changed": changed.isoformat(), "shoe": 40, **more}

    def routes(self) -> Sequence[Route]:
        pages: dict[str, Callable[[Request, list[dict[str, Any]]], Response]] = {
            "link_header": self._linked,
            "page_number": self._numbered,
            "offset": self._at_offset,
            "cursor": self._led,
        }
        return [
            Route("/v1/people/{style}", lambda request: self._answer(request, pages[request.path_params["style"]])),
            Route("/token", self._token, methods=["POST"]),
        ]

    def change(self, number: int, **fields: Any) -> None:
        """A person changed now, by the fake's clock."""
        with self.lock:
            self.people[number] = {
                **self.people.get(number, self.person(number)),
                "changed": self.now().isoformat(),
                **fields,
            }

    def remove(self, *numbers: int) -> None:
        with self.lock:
            for number in numbers:
                del self.people[number]

    def _token(self, request: Request) -> Response:
        return JSONResponse({"access_token": TOKEN, "expires_in": 3600})

    def _answer(self, request: Request, page: Callable[[Request, list[dict[str, Any]]], Response]) -> Response:
        told = (request.headers.get("authorization", ""), request.headers.get("x-key"))
        if TOKEN not in (told[0].removeprefix("Bearer "), told[1]) and not told[0].startswith("Basic "):
            return JSONResponse({"message": "who are you?"}, 401)
        with self.lock:
            people = [person for _, person in sorted(self.people.items()) if _meets(request, person)]
        return page(request, people)

    def _linked(self, request: Request, people: list[dict[str, Any]]) -> Response:
        after, size = int(request.query_params.get("after", "-1")), int(request.query_params.get("size", "20"))
        found = [person for person in people if person["id"] > after][:size]
        headers = {}
        if found and found[-1] != people[-1]:
            url = request.url.include_query_params(after=found[-1]["id"]).path
            query = request.url.include_query_params(after=found[-1]["id"]).query
            headers["Link"] = f'<{url}>; rel="first", <{url}?{query}>; title="a, b"; rel="next"'
        return JSONResponse(found, headers=headers)

    def _numbered(self, request: Request, people: list[dict[str, Any]]) -> Response:
        number = int(request.query_params.get("page", "1"))
        if self.broken == "stuck":
            number = 1
        size = int(request.query_params.get("size", "20"))
        found = people[(number - 1) * size : number * size]
        if not found and self.broken == "strict":
            return JSONResponse({"message": "no such page"}, 404)
        return JSONResponse({"total": len(people), "items": found})

    def _at_offset(self, request: Request, people: list[dict[str, Any]]) -> Response:
        offset, size = int(request.query_params.get("offset", "0")), int(request.query_params.get("limit", "20"))
        if self.broken == "stuck":
            offset = 0
        return JSONResponse({"total": len(people), "items": people[offset : offset + size]})

    def _led(self, request: Request, people: list[dict[str, Any]]) -> Response:
        told = request.query_params.get("cursor")
        if self.broken == "forgetful" and told is not None:
            return JSONResponse({"message": "no such cursor"}, 410)
        after = int(told or "-1")
        found = [person for person in people if person["id"] > after][:20]
        more = bool(found) and found[-1] != people[-1]
        cursor = str(found[-1]["id"]) if found else None
        if self.broken == "stuck":
            more, cursor = True, "20"
        return JSONResponse({"data": {"items": found, "count": len(people)}, "next": {"cursor": cursor, "more": more}})


def _meets(request: Request, person: dict[str, Any]) -> bool:
    asked = request.query_params
    since = asked.get("changed_since")
    if since and datetime.fromisoformat(person["changed"]) < datetime.fromisoformat(since):
        return False
    if (least := asked.get("pay_from")) and person["pay"]["yearly"] < float(least):
        return False
    cities = [city for told in asked.getlist("city") for city in told.split(",")]
    return not cities or person["city"] in cities


def as_text(told: Any) -> str:
    """Anything as JSON, to look for words in."""
    return json.dumps(told, default=str)
