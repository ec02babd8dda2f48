"""Reports on reference projects: another call with other names for the same steps, and always a workbook."""

from collections.abc import Callable

from starlette.requests import Request

from hrdata_assets.systems.flowcase.fake_api_calls import Refused, body_of
from hrdata_assets.systems.flowcase.fake_api_company import Company
from hrdata_assets.systems.flowcase.fake_api_orders import Orders

REPORT = "project_experiences"


class References:
    """Orders of such reports; their files are offered like all others."""

    def __init__(self, company: Callable[[], Company], orders: Orders) -> None:
        self._company, self._orders = company, orders

    async def order(self, request: Request) -> dict[str, str]:
        """Take an order; only its id is told."""
        body = await body_of(request)
        if body.get("output_format", "xlsx") != "xlsx":
            raise Refused(422, "Reference reports are workbooks")
        return {"id": self._orders.take(REPORT, (), (), "xlsx").id}

    def look(self, order_id: str, base: str) -> dict[str, object]:
        """How far an order is."""
        order = self._orders.taken.get(order_id)
        if order is None or order.kind != "xlsx":
            raise Refused(404, "There is no such report")
        order.looks += 1
        state = self._orders.state(order)
        done = state == "finished"
        told: dict[str, object] = {"status": state, "percentProcessed": 100 if done else 50}
        return {**told, "file": {"url": self._orders.signed(f"{order.id}.xlsx", base)}} if done else told
