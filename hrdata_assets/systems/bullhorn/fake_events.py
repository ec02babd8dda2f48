"""The event queue of a fake Bullhorn: reading takes events out, and a batch that was read can be read again."""

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from hrdata_assets.systems.bullhorn.fake_store import Event


@dataclass
class Subscription:
    """What is listened for, what waits, and what was handed out under which number."""

    entities: frozenset[str]
    kinds: frozenset[str]
    waiting: list[Event] = field(default_factory=list)
    given: dict[int, list[Event]] = field(default_factory=dict)


class Queue:
    """All subscriptions."""

    def __init__(self) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self._lock = threading.Lock()

    def hear(self, event: Event) -> None:
        """Keep an event for those who listen for it."""
        with self._lock:
            for one in self.subscriptions.values():
                if event.entity in one.entities and event.kind in one.kinds:
                    one.waiting.append(event)

    def subscribe(self, name: str, entities: str, kinds: str) -> dict[str, Any]:
        """Listen from now on."""
        with self._lock:
            self.subscriptions[name] = Subscription(frozenset(entities.split(",")), frozenset(kinds.split(",")))
        return {"subscriptionId": name, "createdOn": 0, "lastRequestId": 0, "jmsSelector": f"BhEntity in ({entities})"}

    def read(self, name: str, most: int, again: int | None) -> dict[str, Any] | None:
        """Hand out what waits, or once more what was handed out; None where there is nothing. KeyError without one."""
        with self._lock:
            one = self.subscriptions[name]
            if again is not None:
                return None if again not in one.given else _told(again, one.given[again])
            if not one.waiting:
                return None
            number = len(one.given) + 1
            one.given[number], one.waiting = one.waiting[:most], one.waiting[most:]
            return _told(number, one.given[number])

    def last(self, name: str) -> int:
        """Number of the last batch that was handed out. KeyError without a subscription."""
        return len(self.subscriptions[name].given)


def _told(number: int, events: list[Event]) -> dict[str, Any]:
    return {"requestId": number, "events": [_event(event) for event in events]}


def _event(event: Event) -> dict[str, Any]:
    told: dict[str, Any] = {
        "eventId": f"ID:JBM-{secrets.token_hex(6)}",
        "eventType": "ENTITY",
        "eventTimestamp": event.at,
        "eventMetadata": {"PERSON_ID": "1", "TRANSACTION_ID": secrets.token_hex(6)},
        "entityName": event.entity,
        "entityId": event.number,
        "entityEventType": event.kind,
    }
    return told | ({"updatedProperties": list(event.fields)} if event.kind == "UPDATED" else {})
