"""How good the data is, over time: drift as a check of every staged table, and the view marts.quality as an asset."""

from collections.abc import Sequence

import dagster as dg

from hrdata_assets.catalogue import CORE, MARTS, STAGED, query
from hrdata_assets.defs.about import OWNERS, definition_of, key_of, table_metadata
from hrdata_assets.defs.checks import spec
from hrdata_assets.defs.releases import Release
from hrdata_assets.quality.drift import MOST_LOADS, Drift, drifts
from hrdata_assets.settings import shipped
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.scores import earlier_cards
from hrdata_assets.storage.warehouse import Warehouse
from hrdata_assets.table import Table
from hrdata_assets.unified.marts import Quality
from hrdata_assets.verdict import Scorecard, percent

DRIFT = "drift"


def drift_spec(table: Table) -> dg.AssetCheckSpec:
    """The check that compares a table's scores with those of its earlier quarters."""
    return spec(key_of(table), DRIFT, "No score left the course that it kept over the earlier quarters.")


def drifts_of(warehouse: Warehouse, place: Place, received: Scorecard) -> tuple[Drift, ...]:
    """Compare what was received with what the asset's earlier quarters received."""
    with warehouse.connect(f"{place.asset_key} {place.partition_key} drift") as connection:
        return drifts(received, earlier_cards(connection, place, MOST_LOADS))


def drift_result(key: dg.AssetKey, found: Sequence[Drift]) -> dg.AssetCheckResult:
    """The check's answer: it warns, and never holds anything."""
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=DRIFT,
        passed=not any(drift.warns for drift in found),
        severity=dg.AssetCheckSeverity.WARN,
        description=_sentence(found),
        metadata={
            **{
                f"{drift.name} change (points)": round(float(drift.change) * 100, 4)
                for drift in found
                if drift.change is not None
            },
            "scores": dg.MetadataValue.md(_table(found)),
        },
    )


def _sentence(found: Sequence[Drift]) -> str:
    warnings = [drift.sentence for drift in found if drift.warns]
    if warnings:
        return "; ".join(warnings)
    if not found:
        return "nothing was measured"
    if all(drift.distance is None for drift in found):
        return found[-1].note
    return "as usual"


def _table(found: Sequence[Drift]) -> str:
    lines = ["| score | now | usual (median) | distance (spreads) | |", "|---|---:|---:|---:|---|"]
    for drift in found:
        far = "" if drift.distance is None else f"{drift.distance:.2f}"
        said = "**drift**" if drift.warns else drift.note
        lines.append(f"| {drift.name} | {percent(drift.share)} | {_usual(drift)} | {far} | {said} |")
    return "\n".join(lines)


def _usual(drift: Drift) -> str:
    return "" if drift.median is None else percent(drift.median)


def scored(release: Release) -> dg.AssetMaterialization:
    """The event that tells how a quarter's tables score now; the view follows the ledger by itself."""
    rows = release.connection.execute(
        "select asset, received, change from marts.quality where quarter = %s and dimension = 'overall'"
        " and received is not null order by received, asset",
        (release.group.partition,),
    ).fetchall()
    lines = ["| table | score | change (points) |", "|---|---:|---:|"]
    for asset, received, change in rows:
        lines.append(f"| {asset} | {received * 100:.2f} % | {'' if change is None else f'{change * 100:+.2f}'} |")
    metadata: dict[str, dg.MetadataValue] = {"scores": dg.MetadataValue.md("\n".join(lines))}
    if rows:
        metadata |= {"lowest score (%)": dg.MetadataValue.float(round(float(rows[0][1]) * 100, 4))}
    return dg.AssetMaterialization(QUALITY.key, metadata={**metadata, "quarter": release.group.partition})


QUALITY = dg.AssetSpec(
    key_of(Quality.table),
    deps=[key_of(table) for table in (*STAGED, *CORE, *MARTS)],
    group_name="marts",
    kinds={"postgres", "view"},
    owners=OWNERS,
    description=f"{Quality.table.description}\n\n{definition_of(query(shipped('sql'), 'marts', Quality.table.name))}",
    metadata=table_metadata(Quality.table),
)
