"""raw: one asset per report: the bytes as delivered, archived under their SHA-256."""

from collections.abc import Iterator

import dagster as dg

from hrdata_assets.catalogue import STAGED
from hrdata_assets.defs.about import OWNERS, raw_key, report_schema
from hrdata_assets.defs.checks import DELIVERED, fact, raw_specs
from hrdata_assets.defs.loading import Parcel
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.defs.resources import WarehouseResource, told_to_dagster
from hrdata_assets.errors import DeliveryError
from hrdata_assets.quarter import Quarter
from hrdata_assets.storage.archive import Delivery
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.systems.files import folder_of, read_report
from hrdata_assets.systems.flowcase.tables import INDISPENSABLE
from hrdata_assets.table import Table


def raw_asset(table: Table) -> dg.AssetsDefinition:
    """The archived report of a staged table."""
    key = raw_key(table)

    @dg.asset(
        key=key,
        partitions_def=QUARTERS,
        group_name="raw",
        kinds={"csv"},
        owners=OWNERS,
        description=f"`{table.origin}.csv` of the quarter's folder, byte for byte, archived under its SHA-256.",
        metadata={"dagster/column_schema": report_schema(table)},
        io_manager_key="archive_io",
        check_specs=raw_specs(table),
    )
    def report(context: dg.AssetExecutionContext, warehouse: WarehouseResource):
        with told_to_dagster():
            delivery = _collect(warehouse.open(), table, Quarter.parse(context.partition_key))
        yield from _delivered(key, table, delivery)
        if delivery is None and table is INDISPENSABLE:
            raise dg.Failure(
                description=f"{table.origin}.csv is not in the folder of {context.partition_key}: no quarter is loaded "
                "without it; put it there, or check HRDATA_REPORTS_DIR",
                allow_retries=False,
            )
        yield dg.Output(None if delivery is None else Parcel(delivery))

    return report


def _collect(warehouse: Warehouse, table: Table, quarter: Quarter) -> Delivery | None:
    settings = warehouse.settings
    folder = folder_of(settings.reports_dir, settings.quarter_folders, quarter)
    if folder is None:
        if (settings.reports_dir / quarter.folder).is_symlink():
            raise DeliveryError(f"{quarter.folder} is a link, which is not followed: put the folder itself there")
        raise DeliveryError(f"no folder for {quarter} in {settings.reports_dir}: put the reports into {quarter.folder}")
    content = read_report(folder, table.origin or table.name, settings.max_report_bytes)
    return None if content is None else Delivery.of(f"{folder.name}/{table.origin}.csv", content)


def _delivered(key: dg.AssetKey, table: Table, delivery: Delivery | None) -> Iterator[dg.AssetCheckResult]:
    indispensable = table is INDISPENSABLE
    yield fact(
        key,
        DELIVERED,
        passed=delivery is not None,
        description=f"{len(delivery.content)} bytes" if delivery else f"{table.origin}.csv is missing",
        severity=dg.AssetCheckSeverity.ERROR if indispensable else dg.AssetCheckSeverity.WARN,
    )


RAW = [raw_asset(table) for table in STAGED]
