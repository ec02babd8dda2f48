"""A delivery read again from the archive by today's declaration, and what its rules say of one record today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hrdata_assets.cleaning.corrections import corrected
from hrdata_assets.cleaning.delimited import Delivered, read_delimited
from hrdata_assets.cleaning.frames import Cleaned, clean
from hrdata_assets.errors import DeliveryError
from hrdata_assets.quality.records import Outcome, changes_of, delivered_cells, outcomes_of
from hrdata_assets.quality.references import References, read_references
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.decisions import corrections_of, digest
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.lines import File, file_of
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.selections import asset_key
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table, effective_contract


@dataclass(frozen=True)
class Reread:
    """A delivery read again: as it came, and by today's declaration, with what was put right since.

    ``contract`` is what the pipeline would read and judge it by today.
    """

    delivered: Delivered
    cleaned: Cleaned
    references: References
    contract: str


@dataclass(frozen=True)
class Judgement:
    """What every rule says of one record today; ``problem`` tells why they could not be asked."""

    contract: str
    outcomes: Sequence[Outcome] = ()
    changes: Mapping[str, object] = field(default_factory=dict)
    problem: str | None = None


class Rereading:
    """The deliveries of one staged table and quarter, each read once."""

    def __init__(self, connection: Connection, warehouse: Warehouse, table: Table, quarter: Quarter) -> None:
        self.table = table
        self._connection = connection
        self._warehouse = warehouse
        self._quarter = quarter
        self._read: dict[str, Reread | str] = {}

    @property
    def problems(self) -> list[str]:
        """Why deliveries that were asked for could not be read."""
        return [read for read in self._read.values() if isinstance(read, str)]

    def file(self, delivery: str) -> File | None:
        """The file that a delivery came in; None if it came in none."""
        return file_of(self._connection, f"raw/{self.table.name}", self._quarter.key, delivery)

    def read(self, delivery: str) -> Reread | str:
        """A delivery read again, or why it cannot be."""
        if delivery not in self._read:
            try:
                self._read[delivery] = self._from_archive(delivery)
            except DeliveryError as error:
                self._read[delivery] = str(error)
        return self._read[delivery]

    def _from_archive(self, delivery: str) -> Reread:
        file = self.file(delivery)
        if file is None:
            raise DeliveryError("what it was made from came from no file")
        delivered = read_delimited(self._warehouse.archive.content(file.sha256), file.file_name)
        place = Place(asset_key(self.table), self._quarter.key, "")
        corrections = corrections_of(self._connection, place, delivery)
        references = read_references(self._warehouse.settings.references_dir, self.table)
        return Reread(
            delivered,
            clean(self.table, corrected(delivered, corrections), file.file_name),
            references,
            effective_contract(self.table, *references.versions, digest(corrections)),
        )

    def judge(self, delivery: str, row_no: int) -> Judgement:
        """Ask every rule of one record."""
        read = self.read(delivery)
        if isinstance(read, str):
            return Judgement(self.table.contract, problem=read)
        try:
            outcomes = outcomes_of(read.cleaned, self._quarter.last_day, read.references, row_no)
        except LookupError as error:
            return Judgement(read.contract, problem=str(error))
        return Judgement(read.contract, outcomes, changes_of(read.cleaned, row_no))

    def cells(self, delivery: str, row_no: int) -> list[tuple[str, str | None, object]]:
        """Heading, column and cell of one record as it was delivered; nothing if it cannot be read."""
        read = self.read(delivery)
        return [] if isinstance(read, str) else delivered_cells(read.delivered, read.cleaned.headers, row_no)
