"""Batches: up to a hundred inputs in one call, each with an outcome of its own.

Results come in the order of ids, not in that of the inputs: who wants to know which is which has to look at what the
results say, or give each input an `objectWriteTraceId`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hrdata_assets.systems.hubspot.fake_errors import Refused, bad_request
from hrdata_assets.systems.hubspot.fake_reading import Reading, Wanted
from hrdata_assets.systems.hubspot.fake_schema import ID, ObjectType, Record
from hrdata_assets.systems.hubspot.fake_shown import shown
from hrdata_assets.systems.hubspot.fake_store import Store
from hrdata_assets.systems.hubspot.fake_writing import Writing

MOST_INPUTS = 100
TRACE = "objectWriteTraceId"

Input = Mapping[str, Any]
Outcome = tuple[Record, dict[str, Any]]


class Batches:
    """Answers batch calls with status and body."""

    def __init__(self, store: Store, reading: Reading, writing: Writing) -> None:
        self._store = store
        self._reading = reading
        self._writing = writing

    def answer(self, kind: ObjectType, verb: str, body: Mapping[str, Any], *, archived: bool) -> tuple[int, Any]:
        """Answer one of the five batch calls; Refused where the batch as a whole is wrong."""
        inputs = inputs_of(body, MOST_INPUTS)
        match verb:
            case "read":
                names = body.get("properties") or (), body.get("propertiesWithHistory") or ()
                return self._reading.batch(kind, inputs, body, Wanted(*names, archived=archived))
            case "create":
                return self._create(kind, inputs)
            case "update":
                _check_distinct(inputs)
                return self._each(kind, inputs, lambda one: (self._updated(kind, one), {}), 200)
            case "upsert":
                _check_distinct(inputs)
                return self._each(kind, inputs, lambda one: self._upserted(kind, one), 200)
            case "archive":
                for one in inputs:
                    self._writing.archive(kind, str(one.get("id")))
                return 204, None
        raise Refused(404, "resource not found", "OBJECT_NOT_FOUND")

    def _create(self, kind: ObjectType, inputs: Sequence[Input]) -> tuple[int, Any]:
        """With a trace id on every input, each is on its own; else one that is wrong stops them all."""
        if not all(one.get(TRACE) for one in inputs):
            self._check_all(kind, inputs)
        return self._each(kind, inputs, lambda one: (self._writing.create(kind, one), {}), 201)

    def _check_all(self, kind: ObjectType, inputs: Sequence[Input]) -> None:
        seen: set[str] = set()
        for one in inputs:
            value = self._writing.check_new(kind, one)
            if value and value in seen:
                raise Refused(409, f"{kind.singular.capitalize()} is twice in the batch: {value}", "CONFLICT")
            seen.add(value)

    def _updated(self, kind: ObjectType, one: Input) -> Record:
        return self._writing.update(kind, str(one.get("id")), one.get("idProperty"), one)

    def _upserted(self, kind: ObjectType, one: Input) -> Outcome:
        record, new = self._writing.upsert(kind, one)
        return record, {"new": new}

    def _each(
        self, kind: ObjectType, inputs: Sequence[Input], act: Callable[[Input], Outcome], status: int
    ) -> tuple[int, Any]:
        now = self._store.moment
        outcomes: list[tuple[int, dict[str, Any]]] = []
        errors = []
        for one in inputs:
            trace = one.get(TRACE)
            try:
                record, more = act(one)
            except Refused as no:
                errors.append(no.of_input(trace))
                continue
            traced = {TRACE: trace} if trace is not None else {}
            outcomes.append((int(record[ID]), shown(kind, record, _told(kind, one), **more, **traced)))
        results = [told for _, told in sorted(outcomes, key=lambda outcome: outcome[0])]
        body = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": self._store.moment}
        return (207, {**body, "numErrors": len(errors), "errors": errors}) if errors else (status, body)


def inputs_of(body: Mapping[str, Any], most: int) -> list[Input]:
    """A batch's inputs; Refused for too many."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, Mapping) for one in inputs):
        raise bad_request("Invalid input JSON: inputs must be a list of objects", "inputs")
    if len(inputs) > most:
        message = f"The maximum number of inputs supported in a batch request is {most}, received {len(inputs)}"
        raise bad_request(message, "inputs")
    return inputs


def _check_distinct(inputs: Sequence[Input]) -> None:
    ids = [str(one.get("id")).lower() for one in inputs]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise bad_request(f"Duplicate IDs found in batch input: [{', '.join(twice)}]. Must be unique.", "inputs")


def _told(kind: ObjectType, one: Input) -> list[str]:
    """What is told of a record that was written: what was written, and what it is known by."""
    written = [name for name in one.get("properties") or {} if name in kind.properties]
    return sorted({*written, *kind.always, *([kind.unique] if kind.unique in kind.properties else [])})
