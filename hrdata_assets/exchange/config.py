"""Moves that are declared as JSON: the same calls, with everything they are told in a file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hrdata_assets.errors import SetupError
from hrdata_assets.exchange.calls import Options, pull_jobs, pull_profiles, push_jobs, push_profiles
from hrdata_assets.exchange.ends import object_of
from hrdata_assets.exchange.order import MOST_AT_ONCE, WAREHOUSE, Transferred
from hrdata_assets.query import Condition, field
from hrdata_assets.table import CursorMode, Operator, Row, Table
from hrdata_assets.unified.records import UnifiedJob, UnifiedProfile

Config = Mapping[str, Any] | Path | str
"""A configuration: as it is, or a file that holds it as JSON."""


class ConditionConfig(BaseModel):
    """``{"field": "status", "op": "EQ", "value": "Active"}``: a column of the origin's table, and a comparison."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    op: Literal["EQ", "GT", "LT", "GTE", "LTE", "IN", "CONTAINS"]
    value: str | bool | int | float | list[str | bool | int | float]

    def condition(self, table: Table) -> Condition:
        """The condition. SetupError if the table has no such column, or it cannot be compared so."""
        value = str(self.value) if isinstance(self.value, float) else self.value
        return field(table, self.field).where(Operator[self.op], value)


class TransferConfig(BaseModel):
    """A move as JSON. ``origin`` and ``target`` are systems, or ``warehouse``; the rest is as in `calls.Options`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str = WAREHOUSE
    target: str = WAREHOUSE
    source: str | None = None
    object: str | None = None
    external: str | None = None
    cursor_mode: Literal["id", "created_at", "updated_at"] | None = None
    where: tuple[ConditionConfig, ...] = ()
    having: tuple[ConditionConfig, ...] = ()
    format_fn: str | None = None
    formatter_id: str | None = None
    formatter_version: int | None = Field(None, ge=1)
    batch_size: int = Field(200, ge=1, le=MOST_AT_ONCE)
    full: bool = False
    dry_run: bool = False

    def options(self, kind: type[Row]) -> Options:
        """What the call is told. SetupError for a condition that the origin's table does not know."""
        told: dict[str, Any] = self.model_dump(
            exclude_none=True, exclude={"origin", "target", "where", "having", "cursor_mode"}
        )
        if self.cursor_mode is not None:
            told["cursor_mode"] = CursorMode(self.cursor_mode)
        if self.where or self.having:
            table = object_of(self.origin, kind, self.source)
            told["where"] = tuple(each.condition(table) for each in self.where)
            told["having"] = tuple(each.condition(table) for each in self.having)
        options: Options = told  # type: ignore[assignment] # the fields are called as the options are
        return options


def run_pull_profiles_from_config(config: Config) -> Transferred:
    """Do what `pull_profiles` does, as a configuration says. SetupError says what is wrong with it, all of it."""
    read = read_config(config)
    return pull_profiles(read.origin, read.target, **read.options(UnifiedProfile))


def run_pull_jobs_from_config(config: Config) -> Transferred:
    """Do what `pull_jobs` does, as a configuration says. SetupError says what is wrong with it, all of it."""
    read = read_config(config)
    return pull_jobs(read.origin, read.target, **read.options(UnifiedJob))


def run_push_profiles_from_config(config: Config) -> Transferred:
    """Do what `push_profiles` does, as a configuration says. SetupError says what is wrong with it, all of it."""
    read = read_config(config)
    return push_profiles(read.target, read.origin, **read.options(UnifiedProfile))


def run_push_jobs_from_config(config: Config) -> Transferred:
    """Do what `push_jobs` does, as a configuration says. SetupError says what is wrong with it, all of it."""
    read = read_config(config)
    return push_jobs(read.target, read.origin, **read.options(UnifiedJob))


def read_config(config: Config) -> TransferConfig:
    """Read a configuration. SetupError says what is wrong with it, all of it, and never a value."""
    try:
        said = config if isinstance(config, Mapping) else json.loads(Path(config).read_text(encoding="utf-8"))
        return TransferConfig.model_validate(said)
    except OSError as error:
        raise SetupError(f"{config} cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise SetupError(f"{config} is no JSON: line {error.lineno}, column {error.colno}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False)
        )
        raise SetupError(f"this configuration cannot be used: {wrong}") from None
