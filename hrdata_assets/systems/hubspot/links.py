"""Links between records, which no property holds: a deal's companies and contacts, asked for beside each page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hrdata_assets.systems.answers import Answer, MalformedPageError
from hrdata_assets.systems.http import Client, Request
from hrdata_assets.systems.hubspot.addresses import Addresses

TARGETS: Mapping[str, tuple[str, ...]] = {"deals": ("companies", "contacts")}
"""What an object's records are asked for links to."""

_PRIMARY = 5
"""Type of the link to the company that is a deal's primary one."""

_AT_ONCE = 1_000


@dataclass
class Links:
    """Ids that records lead to, by the record's id and the object."""

    ids: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    primary: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, answers: Sequence[Mapping[str, Any]]) -> "Links":
        """Read answers, each under the object's name. KeyError or TypeError for what has no links."""
        found = cls()
        for answer in answers:
            for target, told in answer.items():
                for result in told["results"]:
                    found._add(target, str(result["from"]["id"]), result["to"])
        return found

    def of_record(self, key: str) -> dict[str, Any]:
        """Links of one record; of companies the primary one, or the only one."""
        companies = self.ids.get((key, "companies"), [])
        primary = self.primary.get(key) or (companies[0] if len(companies) == 1 else None)
        contacts = self.ids.get((key, "contacts"), [])
        return {"companies": companies, "contacts": contacts, "primary_company": primary}

    def _add(self, target: str, key: str, others: Sequence[Mapping[str, Any]]) -> None:
        for other in others:
            number = str(other["toObjectId"])
            self.ids.setdefault((key, target), []).append(number)
            types = {one.get("typeId") for one in other.get("associationTypes") or ()}
            if target == "companies" and _PRIMARY in types:
                self.primary[key] = number


def with_links(client: Client, addresses: Addresses, source: str, page: Answer, ids: Sequence[str]) -> bytes:
    """A page's content with the links of its records beside it, each answer as it was received."""
    answers = []
    for target in TARGETS[source] if ids else ():
        wanted = [{"id": one} for one in ids]
        while wanted:
            url = addresses.links(source, target)
            answer = client.ask(Request("POST", url, json={"inputs": wanted[:_AT_ONCE]}))
            # Records without any are errors to HubSpot; who has more of them than one answer holds is asked for again.
            wanted = [*wanted[_AT_ONCE:], *_further(answer)]
            answers.append(b'{"%b":%b}' % (target.encode(), answer.content))
    return b'{"page":%b,"links":[%b]}' % (page.content, b",".join(answers))


def _further(answer: Answer) -> list[dict[str, str]]:
    try:
        results = answer.json()["results"]
        paged = [(str(one["from"]["id"]), one["paging"]["next"]["after"]) for one in results if one.get("paging")]
        return [{"id": key, "after": str(after)} for key, after in paged]
    except (KeyError, TypeError, AttributeError):
        raise MalformedPageError(f"{answer.path} answered with JSON of another shape") from None
