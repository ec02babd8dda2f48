"""What the account has beside records: owners, pipelines, property definitions."""

from collections.abc import Mapping
from typing import Any

from hrdata_assets.systems.hubspot.fake_errors import bad_request, not_found
from hrdata_assets.systems.hubspot.fake_schema import ObjectType
from hrdata_assets.systems.hubspot.fake_words import OWNERS, PIPELINES, TEAMS, Owner, Pipeline

SINCE = "2015-01-01T09:00:00Z"
MOST_OWNERS = 500


def owners(params: Mapping[str, str]) -> dict[str, Any]:
    """A page of owners by id, the active or the archived ones, or the one with an address."""
    limit, after = params.get("limit", "100"), params.get("after") or "0"
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST_OWNERS or not after.isdecimal():
        raise bad_request(f"limit must be between 1 and {MOST_OWNERS}, not {limit}", "limit")
    archived, email = params.get("archived") == "true", params.get("email")
    found = sorted((one for one in OWNERS if one.archived == archived and one.id > int(after)), key=lambda one: one.id)
    found = [one for one in found if email in (None, "", one.email)]
    answer: dict[str, Any] = {"results": [_owner(one) for one in found[: int(limit)]]}
    if len(found) > int(limit):
        answer["paging"] = {"next": {"after": str(found[int(limit) - 1].id)}}
    return answer


def owner(given_id: str, params: Mapping[str, str]) -> dict[str, Any]:
    """One owner."""
    archived = params.get("archived") == "true"
    for one in OWNERS:
        known = _user_id(one) if params.get("idProperty") == "userId" else one.id
        if str(known) == given_id and one.archived == archived:
            return _owner(one)
    raise not_found()


def pipelines() -> dict[str, Any]:
    """The deals' pipelines with their stages."""
    return {"results": [_pipeline(order, one) for order, one in enumerate(PIPELINES)]}


def pipeline(pipeline_id: str) -> dict[str, Any]:
    """One pipeline."""
    for found in pipelines()["results"]:
        if found["id"] == pipeline_id:
            return dict(found)
    raise not_found()


def properties(kind: ObjectType, *, archived: bool) -> dict[str, Any]:
    """Definitions of all properties, or of those that were removed."""
    listed = kind.removed if archived else kind.properties
    return {"results": [{**one.definition, "archived": archived} for one in listed.values()]}


def one_property(kind: ObjectType, name: str) -> dict[str, Any]:
    """One definition."""
    if name not in kind.properties:
        raise not_found(f"Property {name} does not exist on {kind.name}")
    return kind.properties[name].definition


def _user_id(one: Owner) -> int:
    return one.id // 7


def _owner(one: Owner) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "email": one.email,
        "type": "PERSON",
        "firstName": one.first_name,
        "lastName": one.last_name,
        "userId": None if one.archived else _user_id(one),
        "userIdIncludingInactive": _user_id(one),
        "createdAt": SINCE,
        "updatedAt": SINCE,
        "archived": one.archived,
        "teams": [{"id": str(TEAMS[one.team]), "name": one.team, "primary": True}],
    }


def _pipeline(order: int, one: Pipeline) -> dict[str, Any]:
    stamps = {"createdAt": SINCE, "updatedAt": SINCE, "archived": False}
    stages = [
        {
            "id": stage.id,
            "label": stage.label,
            "displayOrder": number,
            "metadata": {"isClosed": str(stage.closed).lower(), "probability": str(stage.probability)},
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            **stamps,
        }
        for number, stage in enumerate(one.stages)
    ]
    return {"id": one.id, "label": one.label, "displayOrder": order, "stages": stages, **stamps}
