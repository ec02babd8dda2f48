"""Bullhorn's event queue: which records were deleted. Reading takes events out, so what was read is counted."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hrdata_assets.systems.answers import Answer, MalformedPageError, RefusedError
from hrdata_assets.systems.bullhorn.asking import moment_of
from hrdata_assets.systems.http import Client, Request
from hrdata_assets.systems.system import Gone

_MOST = "100"
_NONE_SUCH = (403, 404)


class Events:
    """The deletions of one entity, by a subscription of our own."""

    def __init__(self, client: Client, rest_url: str, entity: str) -> None:
        self._client, self._entity = client, entity
        self._url = f"{rest_url}event/subscription/hrdata{entity}"

    def deleted(self, state: Mapping[str, Any]) -> Iterator[Gone]:
        """Yield what was deleted since the last request stored; subscribes where nobody did yet.

        Batches handed out and not stored, because whoever read them was cut off, are read again by their number.
        Where the user may not subscribe, there is nothing: the sweep of keys finds them.
        """
        stored = state.get("request")
        last = self._last()
        if last is None:
            if self._subscribed():
                yield Gone((), {"request": 0})
            return
        for number in range(int(stored) + 1 if stored is not None else last + 1, last + 1):
            yield self._gone(self._client.get(self._url, {"maxEvents": _MOST, "requestId": str(number)}), number)
        while True:
            answer = self._client.get(self._url, {"maxEvents": _MOST})
            if not answer.content.strip():
                return
            yield self._gone(answer, _number(answer))

    def _last(self) -> int | None:
        """Number of the last batch that was handed out; None where there is no subscription."""
        try:
            told = self._client.get(f"{self._url}/lastRequestId").json()
        except RefusedError:
            return None
        return int(told["result"]) if isinstance(told, dict) and "result" in told else None

    def _subscribed(self) -> bool:
        wanted = {"type": "entity", "names": self._entity, "eventTypes": "DELETED"}
        try:
            self._client.ask(Request("PUT", self._url, wanted))
        except RefusedError as error:
            if error.status in _NONE_SUCH:
                return False
            raise
        return True

    def _gone(self, answer: Answer, number: int) -> Gone:
        if not answer.content.strip():
            return Gone((), {"request": number})
        told = answer.json()
        if not isinstance(told, dict) or not isinstance(told.get("events"), list):
            raise MalformedPageError(f"{answer.path} answered with JSON of another shape")
        moments = _deleted(told["events"])
        return Gone(list(moments), {"request": number}, moments)


def _number(answer: Answer) -> int:
    told = answer.json()
    if not isinstance(told, dict) or not isinstance(told.get("requestId"), int):
        raise MalformedPageError(f"{answer.path} answered without the number of what it handed out")
    return int(told["requestId"])


def _deleted(events: Sequence[Mapping[str, Any]]) -> dict[str, datetime.datetime | None]:
    """Which records were deleted, and when each was for the last time."""
    return {
        str(event.get("entityId")): moment_of(event.get("eventTimestamp"))
        for event in events
        if event.get("entityEventType") == "DELETED"
    }
