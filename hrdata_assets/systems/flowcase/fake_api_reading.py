"""What a fake Flowcase answers who reads: users, CVs, searches, word lists and the export of records."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request

from hrdata_assets.systems.flowcase.fake_api_calls import Refused, body_of, number, some, texts
from hrdata_assets.systems.flowcase.fake_api_people import Record, skills
from hrdata_assets.systems.flowcase.fake_api_staff import Staff
from hrdata_assets.systems.flowcase.fake_api_switches import Switches

_MOST = 1_000_000


class Reading:
    """Answers, always by the people as they are now."""

    def __init__(self, staff: Callable[[], Staff], switches: Switches) -> None:
        self._staff, self._switches = staff, switches

    def calls(self) -> Mapping[str, tuple[str, Callable[[Request], Awaitable[Any]]]]:
        """Method and answer by path."""
        return {
            "/api/v1/users": ("GET", self._users),
            "/api/v1/users/find": ("GET", self._find),
            "/api/v2/users/search": ("GET", self._search_users),
            "/api/v3/search": ("GET", self._search),
            "/api/v4/search": ("POST", self._search_by_body),
            "/api/v3/cvs/{user}/{cv}": ("GET", self._cv),
            "/api/v1/masterdata/technologies/tags": ("GET", self._skills),
            "/api/v1/data_export/{category}": ("GET", self._export),
        }

    async def _users(self, request: Request) -> Sequence[Record]:
        return self._page_of(request, self._staff().users())

    async def _find(self, request: Request) -> Record:
        for key in ("email", "external_unique_id"):
            if wanted := request.query_params.get(key, "").casefold():
                for user in self._staff().users():
                    if str(user[key] or "").casefold() == wanted:
                        return user
                break
        raise Refused(404, "There is no such user")

    async def _search_users(self, request: Request) -> Sequence[Record]:
        found = self._staff().users(request.query_params.getlist("office_ids[]"))
        closed = {"true": True, "false": False}.get(request.query_params.get("deactivated", ""))
        if closed is not None:
            found = [user for user in found if user["deactivated"] is closed]
        wanted = request.query_params.get("name", "").casefold()
        found = [user for user in found if wanted in user["name"].casefold()]
        start = number(request, "from", 0, _MOST)
        return some(found, start, number(request, "size", self._switches.page, _MOST))

    async def _search(self, request: Request) -> Record:
        offices = request.query_params.getlist("office_ids[]")
        told = self._found(offices, number(request, "offset", 0, _MOST), number(request, "size", 10, _MOST))
        return {**told, "facets": {}}

    async def _search_by_body(self, request: Request) -> Record:
        body = await body_of(request)
        offset, size, closed = body.get("offset", 0), body.get("size", 10), body.get("deactivated")
        if not isinstance(offset, int) or not isinstance(size, int):
            raise Refused(422, "offset and size are numbers")
        return self._found(texts(body, "office_ids"), offset, size, _wanted(body), closed)

    def _found(
        self, offices: Sequence[str], offset: int, size: int, wanted: Sequence[str] = (), closed: object = None
    ) -> Record:
        if offset + size > self._switches.searched:
            raise Refused(422, f"A search is paged through to {self._switches.searched}")
        found = self._staff().found(offices)
        found = [cv for cv in found if all(word in cv["name"].casefold() for word in wanted)]
        found = [cv for cv in found if closed is None or cv["is_deactivated"] is closed]
        page = some(found, offset, min(size, self._switches.most_found))
        return {"cvs": [{"cv": cv, "preview_url": None, "highlights": {}} for cv in page], "total": len(found)}

    async def _cv(self, request: Request) -> Record:
        cv = self._staff().cv(request.path_params["user"], request.path_params["cv"])
        if cv is None:
            raise Refused(404, "There is no such CV")
        return cv

    async def _skills(self, request: Request) -> Sequence[Record]:
        return self._page_of(request, skills())

    def _page_of(self, request: Request, listed: Sequence[Record]) -> Sequence[Record]:
        size = number(request, "limit", self._switches.page, self._switches.page)
        return some(listed, number(request, "offset", 0, _MOST), size)

    async def _export(self, request: Request) -> Record:
        category = request.path_params["category"]
        if category not in ("users", "skills"):
            raise Refused(404, "There is no such category")
        size, offset = number(request, "limit", 100, 100), number(request, "offset", 0, _MOST)
        listed = skills() if category == "skills" else self._staff().users()
        path = str(request.url).partition("?")[0]
        told = {"href": str(request.url), "values": some(listed, offset, size), "total": len(listed)}
        more = {"next": {"href": f"{path}?limit={size}&offset={offset + size}"}} if offset + size < len(listed) else {}
        return {**told, **more}


def _wanted(body: Mapping[str, Any]) -> list[str]:
    """What names must hold: the one kind of condition that is understood here."""
    found = []
    for one in body.get("must") or []:
        value = one.get("query", {}).get("value") if isinstance(one, dict) else None
        if not isinstance(value, str):
            raise Refused(422, "This fake understands conditions on the name only")
        found.append(value.casefold())
    return found
