"""Writing single records: create, update, archive, merge, delete for good."""

from collections.abc import Mapping
from typing import Any

from hrdata_assets.systems.hubspot.fake_associations import DEFAULT_TYPES, PRIMARY_TYPES, Associations
from hrdata_assets.systems.hubspot.fake_errors import bad_request, conflict, invalid_values, not_found
from hrdata_assets.systems.hubspot.fake_reading import Reading
from hrdata_assets.systems.hubspot.fake_schema import ID, ObjectType, Record
from hrdata_assets.systems.hubspot.fake_store import ADDITIONAL, Store
from hrdata_assets.systems.hubspot.fake_values import SEPARATOR, checked

MERGED = "hs_merged_object_ids"


class Writing:
    """Changes records as the API does; what is wrong with a request is Refused, and nothing is changed."""

    def __init__(self, store: Store, associations: Associations, reading: Reading) -> None:
        self._store = store
        self._associations = associations
        self._reading = reading
        self._blocked: set[str] = set()

    def check_new(self, kind: ObjectType, given: Mapping[str, Any]) -> str:
        """Check what is to be created, and give the value that must be unique."""
        values = self._values(kind, given)
        self._check_unique(kind, values, None)
        return values.get(kind.unique, "").lower()

    def create(self, kind: ObjectType, given: Mapping[str, Any]) -> Record:
        """Create a record with its associations."""
        self.check_new(kind, given)
        links = [self._link(kind, one) for one in given.get("associations") or []]
        record = self._store.create(kind, {name: value for name, value in self._values(kind, given).items() if value})
        for target, other in links:
            record = self.associate(kind, int(record[ID]), target, other) or record
        return record

    def update(self, kind: ObjectType, given_id: str, id_property: str | None, given: Mapping[str, Any]) -> Record:
        """Change properties of a record that is live."""
        record = self._reading.find(kind, given_id, id_property)
        if record is None:
            raise not_found(ids=[given_id])
        values = self._values(kind, given)
        self._check_unique(kind, values, int(record[ID]))
        return self._store.change(kind, record, values)

    def upsert(self, kind: ObjectType, given: Mapping[str, Any]) -> tuple[Record, bool]:
        """Change the record that has a unique value, or create it; also whether it is new."""
        name, value = str(given.get("idProperty") or ID), str(given.get("id") or "")
        if not value:
            raise bad_request("id must not be blank", "id")
        found = self._reading.find(kind, value, name)
        if found is not None:
            return self.update(kind, found[ID], None, given), False
        if name == ID:
            raise not_found(ids=[value])
        return self.create(kind, {**given, "properties": {name: value, **(given.get("properties") or {})}}), True

    def archive(self, kind: ObjectType, given_id: str) -> None:
        """Put a record into the archive; one that is not there is as good as archived."""
        if given_id.isdecimal():
            self._store[kind].take(int(given_id), self._store.moment)

    def merge(self, kind: ObjectType, given: Mapping[str, Any]) -> Record:
        """Merge one record into another: its values fill the gaps, its address is kept, its id leads to the other."""
        winner_id, loser_id = (str(given.get(name) or "") for name in ("primaryObjectId", "objectIdToMerge"))
        winner, loser = (self._reading.find(kind, one, None) for one in (winner_id, loser_id))
        if winner is None or loser is None:
            raise not_found(ids=[winner_id if winner is None else loser_id])
        if winner[ID] == loser[ID]:
            raise bad_request("A record cannot be merged with itself", "objectIdToMerge")
        shelf = self._store[kind]
        values = self._merged(kind, winner, loser)
        shelf.take(int(loser[ID]))
        if self._store.switches.merge_makes_new_id:
            shelf.take(int(winner[ID]))
            merged = self._store.create(kind, {**values, ID: str(shelf.next_id())})
        else:
            merged = self._store.change(kind, winner, values)
        for old in {winner[ID], loser[ID]} - {merged[ID]}:
            shelf.aliases[int(old)] = int(merged[ID])
            self._associations.move(kind, int(old), int(merged[ID]))
            if kind.name == "companies":
                self._follow(old, merged[ID])
        return merged

    def erase(self, kind: ObjectType, given: Mapping[str, Any]) -> None:
        """Delete a record for good, archived or not; an address nobody has is barred from now on."""
        value, by_email = str(given.get("objectId") or ""), given.get("idProperty") == "email"
        record = self._reading.find(kind, value, "email" if by_email else None)
        record = record or self._reading.find(kind, value, None, archived=True)
        if record is not None:
            shelf = self._store[kind]
            shelf.take(int(record[ID]))
            shelf.archived.drop(int(record[ID]))
        elif by_email:
            self._blocked.add(value.lower())

    def associate(
        self, kind: ObjectType, one: int, target: ObjectType, other: int, *, primary: bool = False
    ) -> Record | None:
        """Link two live records; a contact that it gives its first company changes by that, and is answered."""
        pair = (kind.name, target.name)
        self._associations.link(pair, one, other, primary=primary)
        if {kind.name, target.name} != {"contacts", "companies"}:
            return None
        contact, company = (one, other) if kind.name == "contacts" else (other, one)
        contacts = kind if kind.name == "contacts" else target
        record = self._store[contacts].live[contact]
        if self._associations.primary(("contacts", "companies"), contact) != company:
            return None
        if record.get("associatedcompanyid") == str(company):
            return None
        return self._store.change(contacts, record, {"associatedcompanyid": str(company)})

    def _follow(self, old: str, new: str) -> None:
        """Contacts of a company that was merged away are now the other's."""
        contacts = self._store.schema["contacts"]
        for contact in self._associations.linked(("companies", "contacts"), int(new)):
            record = self._store[contacts].live.find(contact)
            if record is not None and record.get("associatedcompanyid") == old:
                self._store.change(contacts, record, {"associatedcompanyid": new})

    def _values(self, kind: ObjectType, given: Mapping[str, Any]) -> dict[str, str]:
        """What is stored for a request's properties."""
        properties = given.get("properties")
        if not isinstance(properties, Mapping):
            raise bad_request("Invalid input JSON: properties must be an object", "properties")
        try:
            return checked(kind.properties, properties)
        except ValueError as error:
            raise invalid_values(error.args[0]) from None

    def _check_unique(self, kind: ObjectType, values: Mapping[str, str], own: int | None) -> None:
        for name in (name for name in values if name != kind.unique and kind.properties[name].unique):
            holder = self._store[kind].holder_of(name, values[name])
            if holder is not None and holder != own:
                raise conflict(f"{kind.singular.capitalize()} already exists. Existing ID: {holder}")
        value = values.get(kind.unique, "").lower()
        if not value or (kind.unique == "domain" and not self._store.switches.unique_domains):
            return
        if value in self._blocked:
            raise bad_request(f"{value} was deleted for good and cannot be used", kind.unique)
        other = self._store[kind].owner_of(value)
        if other is not None and other != own:
            raise conflict(f"{kind.singular.capitalize()} already exists. Existing ID: {other}")

    def _link(self, kind: ObjectType, given: Mapping[str, Any]) -> tuple[ObjectType, int]:
        """What an association of a new record leads to."""
        types = {one.get("associationTypeId") for one in given.get("types") or []}
        other = str((given.get("to") or {}).get("id") or "")
        for (source, name), number in [*DEFAULT_TYPES.items(), *PRIMARY_TYPES.items()]:
            if source == kind.name and number in types:
                target = self._store.schema[name]
                if not other.isdecimal() or not self._store[target].live.has(int(other)):
                    raise bad_request(f"{target.singular} {other} does not exist", "associations")
                return target, int(other)
        raise bad_request(
            f"No association of {kind.singular} has one of the types {sorted(map(str, types))}", "associations"
        )

    def _merged(self, kind: ObjectType, winner: Record, loser: Record) -> dict[str, str]:
        """What is changed in the record that is left."""
        own = {ID, "createdate", kind.modified, MERGED, ADDITIONAL}
        gaps = {name: value for name, value in loser.items() if value and name not in own and not winner.get(name)}
        ids = [winner.get(MERGED), loser.get(MERGED), loser[ID]]
        if self._store.switches.merge_makes_new_id:
            base, ids = {**winner, **gaps}, [*ids, winner[ID]]
        else:
            base = gaps
        base[MERGED] = SEPARATOR.join(one for one in ids if one)
        if kind.unique == "email":
            addresses = [
                winner.get(ADDITIONAL),
                loser.get(ADDITIONAL),
                loser.get("email") if winner.get("email") else None,
            ]
            known = [one for one in addresses if one]
            base |= {ADDITIONAL: SEPARATOR.join(known)} if known else {}
        base.pop(kind.modified, None)
        return base
