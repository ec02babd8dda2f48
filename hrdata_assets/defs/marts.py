"""marts: what people look at: the search profile of every consultant, and each quarter's KPIs."""

import datetime
from collections.abc import Mapping
from decimal import Decimal

import dagster as dg

from hrdata_assets.catalogue import KPIS, kpi_definition, kpi_step, query
from hrdata_assets.defs.about import OWNERS, assets_read_by, definition_of, key_of, table_metadata
from hrdata_assets.defs.checks import dimension_results, fact, spec
from hrdata_assets.defs.partitions import QUARTERS
from hrdata_assets.defs.releases import Member, released
from hrdata_assets.defs.resources import WarehouseResource, told_to_dagster
from hrdata_assets.defs.trend import sparkline, trend_markdown
from hrdata_assets.errors import DeliveryError
from hrdata_assets.faults import fault
from hrdata_assets.printing import kpi_detail, kpi_value
from hrdata_assets.quarter import Quarter
from hrdata_assets.rule import Dimension
from hrdata_assets.settings import shipped
from hrdata_assets.storage.postgres import Connection
from hrdata_assets.storage.selections import Group, fingerprint
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.unified.marts import KPI, SearchProfile

SQL = shipped("sql")
KPI_KEY = key_of(KPI.table)
PROFILE_KEY = key_of(SearchProfile.table)
PROFILE = query(SQL, "marts", SearchProfile.table.name)
COMPLETE = "complete"

Values = Mapping[str, Mapping[str, tuple[Decimal | None, object]]]


def _kpi_description() -> str:
    lines = [f"- `{kpi}`: {kpi_definition(SQL, kpi)}" for kpi in KPIS]
    return "\n".join([KPI.table.description, "", *lines])


@dg.asset(
    key=KPI_KEY,
    deps=assets_read_by([query(SQL, "marts/kpis", kpi) for kpi in KPIS]),
    partitions_def=QUARTERS,
    group_name="marts",
    kinds={"postgres", "sql"},
    owners=OWNERS,
    description=_kpi_description(),
    metadata=table_metadata(KPI.table),
    io_manager_key="warehouse_io",
    check_specs=[
        spec(KPI_KEY, Dimension.UNIQUENESS.value, "Each KPI stands there once."),
        spec(KPI_KEY, COMPLETE, "Every KPI is there."),
    ],
)
def kpis(context: dg.AssetExecutionContext, warehouse: WarehouseResource):
    """Compute a quarter's KPIs, and those of the quarter after it, whose joiners and leavers compare with this one."""
    with told_to_dagster():
        opened = warehouse.open()
        with opened.connect(f"marts/kpis {context.partition_key}") as connection:
            groups = kpi_groups(connection, opened, context.partition_key, context.run.run_id)
        with released(opened, groups) as (release, *also):
            cards = release.cards(KPI.table)
            yield from dimension_results(KPI_KEY, [Dimension.UNIQUENESS.value], cards)
            rows = cards[-1].rows
            yield fact(
                KPI_KEY,
                COMPLETE,
                passed=rows == len(KPIS),
                description=f"{rows} of {len(KPIS)}",
                severity=dg.AssetCheckSeverity.ERROR,
            )
            member = Member(release, KPI.table, tuple(also))
            # Published here as well as in the IO manager (the second time is nothing), so that the picture shows it.
            member.publish()
            yield dg.Output(member, metadata=_picture(opened, context.partition_key))
            for other in also:
                context.log_event(dg.AssetMaterialization(KPI_KEY, partition=other.group.partition))


def kpi_groups(
    connection: Connection, warehouse: Warehouse, partition: str, run_id: str
) -> list[tuple[Group, dict[str, object]]]:
    """A quarter's KPIs, and those of the one after it, which compare with it."""
    rows = connection.execute(
        "select partition_key, string_agg(concat_ws(' ', asset_key, delivery, contract), ',' order by asset_key)"
        " from ops.partitions where asset_key like 'core/%' and load_id is not null"
        " group by partition_key order by partition_key"
    ).fetchall()
    inputs = {key: f"{key} {contents}" for key, contents in rows}
    if partition not in inputs:
        raise DeliveryError(f"core of {partition} is not published: load the quarter first")
    loaded = list(inputs)
    place = loaded.index(partition)
    step = kpi_step(warehouse.sql)
    groups: list[tuple[Group, dict[str, object]]] = []
    for i in range(place, min(place + 2, len(loaded))):
        previous = loaded[i - 1] if i else None
        words = [inputs[loaded[i]], inputs[previous] if previous else "first"]
        group = Group((step,), loaded[i], run_id, fingerprint(words))
        groups.append((group, {"last_day": Quarter.parse(loaded[i]).last_day, "previous": previous}))
    return groups


def _picture(warehouse: Warehouse, partition: str) -> dict[str, dg.MetadataValue]:
    with warehouse.connect("marts/kpis picture") as connection:
        values = kpi_values(connection)
    return {
        "trend": dg.MetadataValue.md(trend_markdown({kpi: _course(values, kpi) for kpi in KPIS})),
        "kpis": dg.MetadataValue.md(kpi_table(values, partition)),
        **{
            kpi: dg.MetadataValue.float(float(value))
            for kpi, (value, _) in values.get(partition, {}).items()
            if value is not None
        },
    }


def _course(values: Values, kpi: str) -> list[tuple[str, float]]:
    measured = [(quarter, found[kpi][0]) for quarter, found in values.items() if kpi in found]
    return [(quarter, float(value)) for quarter, value in measured if value is not None]


def kpi_values(connection: Connection) -> Values:
    """Value and detail of every KPI, by quarter, oldest first."""
    values: dict[str, dict[str, tuple[Decimal | None, object]]] = {}
    for quarter, kpi, value, detail in connection.execute(
        "select quarter, kpi, value, detail from marts.kpis order by quarter"
    ):
        values.setdefault(quarter, {})[kpi] = (value, detail)
    return values


def kpi_table(values: Values, partition: str) -> str:
    """A quarter's KPIs as a markdown table."""
    lines = ["| KPI | value | quarters | detail |", "|---|---:|---|---|"]
    for kpi in KPIS:
        value, detail = values.get(partition, {}).get(kpi, (None, None))
        course = sparkline([v for _, v in _course(values, kpi)])
        lines.append(f"| {kpi} | {kpi_value(value)} | {course} | {kpi_detail(detail)} |")
    return "\n".join(lines)


@dg.asset(
    key=PROFILE_KEY,
    deps=assets_read_by([PROFILE]),
    partitions_def=QUARTERS,
    group_name="marts",
    kinds={"postgres", "sql"},
    owners=OWNERS,
    description=f"{SearchProfile.table.description}\n\n{definition_of(PROFILE)}",
    metadata=table_metadata(SearchProfile.table),
    check_specs=[spec(PROFILE_KEY, COMPLETE, "Every CV of the newest quarter has its profile.")],
)
def cv_search_profile_mv(context: dg.AssetExecutionContext, warehouse: WarehouseResource):
    """Refresh the search profile while it stays readable; a quarter that is not the newest changes nothing."""
    with told_to_dagster():
        with warehouse.open().connect("marts/cv_search_profile_mv") as connection:
            newest = _one(connection, "select quarter from current.quarter")
            refreshed = newest == context.partition_key
            if refreshed:
                refresh_profile(connection)
            fault("before_commit", PROFILE_KEY.to_user_string())
        fault("after_commit", PROFILE_KEY.to_user_string())
        with warehouse.open().connect("marts/cv_search_profile_mv") as connection:
            filled = _one(
                connection, "select relispopulated from pg_class where oid = 'marts.cv_search_profile_mv'::regclass"
            )
            profiles = _one(connection, "select count(*) from marts.cv_search_profile_mv") if filled else 0
            cvs = _one(connection, "select count(*) from current.cvs")
        fault("before_event", PROFILE_KEY.to_user_string())
    complete = fact(
        PROFILE_KEY,
        COMPLETE,
        passed=not refreshed or profiles == cvs,
        description=f"{profiles} profiles, {cvs} CVs",
        severity=dg.AssetCheckSeverity.ERROR,
    )
    return dg.MaterializeResult(
        check_results=[complete],
        metadata={
            "dagster/row_count": dg.MetadataValue.int(int(str(profiles))),
            "refreshed": dg.MetadataValue.bool(refreshed),
            "newest quarter": str(newest),
            "loaded at": dg.MetadataValue.timestamp(datetime.datetime.now(datetime.UTC).timestamp()),
        },
    )


def refresh_profile(connection: Connection) -> None:
    """Make the search profile anew from the newest quarter."""
    filled = _one(connection, "select relispopulated from pg_class where oid = 'marts.cv_search_profile_mv'::regclass")
    # The first time there is nothing to keep readable, and PostgreSQL refuses to do it concurrently.
    if filled:
        connection.execute("refresh materialized view concurrently marts.cv_search_profile_mv")
    else:
        connection.execute("refresh materialized view marts.cv_search_profile_mv")


def _one(connection: Connection, statement: str) -> object:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None
