"""Event subscriptions: what changed, told once, and again only to who asks for the same request."""

import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from hrdata_assets.systems.bullhorn.fake_errors import answer, refused
from hrdata_assets.systems.bullhorn.fake_schema import Schema
from hrdata_assets.systems.bullhorn.fake_switches import Switches
from hrdata_assets.systems.bullhorn.fake_world import API_USER, milliseconds

KINDS = ("INSERTED", "UPDATED", "DELETED")


@dataclass(frozen=True)
class Event:
    """Something that happened to a record."""

    number: int
    at: datetime
    entity: str
    id: int
    kind: str
    properties: tuple[str, ...]
    user: int

    def told(self) -> dict[str, Any]:
        """As a subscriber reads it."""
        told: dict[str, Any] = {
            "eventId": f"ID:JBM-{self.number}",
            "eventType": "ENTITY",
            "eventTimestamp": milliseconds(self.at),
            "eventMetadata": {"PERSON_ID": str(self.user), "TRANSACTION_ID": f"t-{self.number}"},
            "entityName": self.entity,
            "entityId": self.id,
            "entityEventType": self.kind,
        }
        return told | ({"updatedProperties": list(self.properties)} if self.kind == "UPDATED" else {})


@dataclass
class Subscription:
    """Who is told about what."""

    id: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    created: datetime
    used: datetime
    waiting: deque[Event] = field(default_factory=deque)
    told: dict[int, list[Event]] = field(default_factory=dict)

    @property
    def last_request(self) -> int:
        """Number of the last batch that was read; 0 before the first."""
        return max(self.told, default=0)

    def described(self) -> dict[str, Any]:
        """As it is answered when it is made."""
        names, kinds = (",".join(f"'{one}'" for one in values) for values in (self.names, self.kinds))
        selector = f"JMSType='ENTITY' AND BhCorpId=44 AND BhEntityName IN ({names}) AND BhEntityEventType IN ({kinds})"
        return {
            "subscriptionId": self.id,
            "createdOn": milliseconds(self.created),
            "lastRequestId": self.last_request,
            "jmsSelector": selector,
        }


class Events:
    """All subscriptions."""

    def __init__(self, schema: Schema, switches: Switches, now: Callable[[], datetime]) -> None:
        self.schema = schema
        self.switches = switches
        self.now = now
        self.subscriptions: dict[str, Subscription] = {}
        self._numbers = itertools.count(40_004_219)

    def happened(self, entity: str, record_id: int, kind: str, properties: Sequence[str] = ()) -> None:
        """Tell every subscription that wants to know."""
        event = Event(next(self._numbers), self.now(), entity, record_id, kind, tuple(properties), API_USER)
        for one in self.subscriptions.values():
            if entity in one.names and kind in one.kinds:
                one.waiting.append(event)

    def subscribe(self, name: str, params: Mapping[str, Any]) -> Response:
        """Make a subscription; the same one again is answered as it is."""
        if not self.switches.may_subscribe:
            raise refused(403, "You do not have permission to subscribe to events")
        kind = params.get("type")
        names = tuple(one for one in str(params.get("names") or "").split(",") if one)
        kinds = tuple(one for one in str(params.get("eventTypes") or "").split(",") if one)
        if kind != "entity" or not names or not kinds or not set(kinds) <= set(KINDS):
            raise refused(400, "A subscription needs type=entity, names and eventTypes", "errors.invalidParameter")
        if unknown := set(names) - set(self.schema.entities):
            raise refused(400, f"Unknown entities: {', '.join(sorted(unknown))}", "errors.invalidParameter")
        self._forget_unused()
        known = self.subscriptions.get(name)
        if known is None:
            if len(self.subscriptions) >= self.switches.most_subscriptions:
                raise refused(400, "The maximum number of subscriptions has been reached.", "errors.subscription.limit")
            known = self.subscriptions[name] = Subscription(name, names, kinds, self.now(), self.now())
        elif (known.names, known.kinds) != (names, kinds):
            raise refused(400, f"Subscription {name} exists already", "errors.subscription.exists")
        return answer(known.described())

    def read(self, name: str, params: Mapping[str, Any]) -> Response:
        """Events that wait, which then wait no more; or an earlier batch again. Nothing at all is an empty body."""
        subscription = self._known(name)
        subscription.used = self.now()
        again, most = str(params.get("requestId") or ""), str(params.get("maxEvents") or "")
        if again.isdecimal():
            number, events = int(again), subscription.told.get(int(again), [])
        elif most.isdecimal() and int(most):
            number, events = subscription.last_request + 1, self._taken(subscription, int(most))
        else:
            raise refused(400, "The parameter maxEvents is missing", "errors.missingParameter")
        if not events:
            return Response(status_code=200, media_type="application/json")
        subscription.told[number] = events
        return answer({"requestId": number, "events": [event.told() for event in events]})

    def last_request(self, name: str) -> Response:
        """Number of the last batch that was read."""
        return answer({"result": self._known(name).last_request})

    def unsubscribe(self, name: str) -> Response:
        """End a subscription."""
        self._known(name)
        del self.subscriptions[name]
        return answer({"result": True})

    def _known(self, name: str) -> Subscription:
        self._forget_unused()
        found = self.subscriptions.get(name)
        if found is None:
            raise refused(404, f"Subscription not found: {name}", "errors.subscription.notFound")
        return found

    def _taken(self, subscription: Subscription, most: int) -> list[Event]:
        waiting, oldest = subscription.waiting, self._oldest()
        while waiting and waiting[0].at < oldest:
            waiting.popleft()
        return [waiting.popleft() for _ in range(min(most, len(waiting)))]

    def _forget_unused(self) -> None:
        oldest = self._oldest()
        self.subscriptions = {name: one for name, one in self.subscriptions.items() if one.used >= oldest}

    def _oldest(self) -> datetime:
        return self.now() - timedelta(days=self.switches.subscription_days)
