"""Declared sources in Dagster: what is wrong in their file is shown, and hides nothing else."""

import dagster as dg

from hrdata_assets.errors import SetupError
from hrdata_assets.settings import load_settings
from hrdata_assets.systems.registry import all_systems
from hrdata_assets.systems.sources.loading import sources_of

Tables = frozenset[tuple[str, str]]


def declared_tables() -> Tables:
    """Address and contract of every table that is declared now. SetupError where the file cannot be used."""
    settings = load_settings()
    all_systems(settings)
    systems = sources_of(settings).systems.values()
    return frozenset((row.table.address, row.table.contract) for system in systems for row in system.rows)


def loaded_tables() -> Tables:
    """Those with which definitions are loaded; none where the file cannot be used."""
    try:
        return declared_tables()
    except SetupError:
        return frozenset()


def sources_sensor(loaded: Tables) -> dg.SensorDefinition:
    """Tells of a sources file that cannot be used, and of one that says something else than what was loaded."""

    @dg.sensor(
        name="declared_sources",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Fails while the file of HRDATA_SOURCES cannot be used, with what is wrong in it; says when the "
        "code location is to be reloaded because it declares something else. Starts nothing.",
    )
    def declared_sources():
        try:
            now = declared_tables()
        except SetupError as error:
            raise dg.Failure(description=str(error)) from None
        if now != loaded:
            raise dg.Failure(description="HRDATA_SOURCES declares something else by now: reload the code location")
        return dg.SkipReason(f"{len(now)} objects are declared")

    return declared_sources
