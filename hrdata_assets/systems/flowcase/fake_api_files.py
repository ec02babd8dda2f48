"""Where a fake Flowcase offers its files: a signed address opens them, and nothing else may be said with it."""

from collections.abc import Callable
from datetime import datetime
from threading import RLock

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hrdata_assets.systems.fakes.serving import Fake
from hrdata_assets.systems.flowcase.fake_api_orders import FILES, KINDS, Orders


class FlowcaseFiles(Fake):
    """A store of files on another host, as seen by whoever has an address of it."""

    def __init__(self, orders: Orders, now: Callable[[], datetime], lock: RLock) -> None:
        super().__init__()
        self.orders, self.lock, self._now = orders, lock, now
        self.url = ""
        self.told_who_asks = 0
        """How often somebody said who they are, which is none of its business."""

    def routes(self) -> list[Route]:
        """Only files."""
        return [Route(FILES + "{name}", self._file)]

    def error(self, status: int) -> Response:
        """An error, as such stores write it."""
        return _refused(status, "InternalError")

    def _file(self, request: Request) -> Response:
        if "authorization" in request.headers:
            self.told_who_asks += 1
            return _refused(400, "InvalidArgument")
        name = request.path_params["name"]
        key, _, kind = name.partition(".")
        with self.lock:
            if not self.orders.admits(name, request.query_params):
                return _refused(403, "AccessDenied")
            order = self.orders.taken.get(key)
            if order is None or order.kind != kind:
                return _refused(404, "NoSuchKey")
            return Response(self.orders.content(order), media_type=KINDS[kind])


def _refused(status: int, code: str) -> Response:
    return Response(f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>", status, media_type="application/xml")
