"""What assets are given: the warehouse, opened late so that definitions load without a database."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import polars as pl
import psycopg
import pyarrow as pa

from hrdata_assets.catalogue import stored_tables
from hrdata_assets.errors import DeliveryError, SetupError, SystemUnavailable
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.ledger import Place
from hrdata_assets.storage.warehouse import Warehouse, open_warehouse

log = logging.getLogger("hrdata")

RETRIES = 3
RETRY_SECONDS = 5


class WarehouseResource(dg.ConfigurableResource):
    """Opens the warehouse that the environment names. It has no configuration, so no secret can stand in a run's."""

    def open(self) -> Warehouse:
        """Open the warehouse; the server is started and the schema applied where that is still to do."""
        settings = load_settings()
        return open_warehouse(settings, stored_tables(settings))


def place_of(context: dg.AssetExecutionContext | dg.OutputContext, key: dg.AssetKey) -> Place:
    """Where an asset's partition is loaded, and by which run."""
    run_id = context.run_id if isinstance(context, dg.OutputContext) else context.run.run_id
    return Place(key.to_user_string(), context.partition_key, run_id)


@contextmanager
def told_to_dagster() -> Iterator[None]:
    """Turn our errors into Dagster's: worth retrying or not, and only with texts that hold no value of a row."""
    try:
        yield
    except SystemUnavailable as error:
        # All that Dagster says in the end is that it tried often enough.
        log.warning("%s", error)
        raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=RETRY_SECONDS) from error
    except (DeliveryError, SetupError) as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
    except (pl.exceptions.PolarsError, pa.ArrowException, psycopg.Error) as error:
        # A fault of ours, and these libraries quote cells in their texts: only the kind and the place are passed on.
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: a fault in the platform"
        raise dg.Failure(description=told, allow_retries=False) from None
