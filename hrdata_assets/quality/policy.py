"""Policy: the limits of every table, read from one file; its version stands beside every load that was held to it."""

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hrdata_assets.errors import SetupError
from hrdata_assets.quality.gates import FLOORS, Limits
from hrdata_assets.rule import Dimension
from hrdata_assets.table import Table

# From the digits as they are written: 79.9 is 799/1000, which no binary fraction is.
Percent = Annotated[Decimal, Field(ge=0, le=100)]


class _Named(BaseModel):
    """What one table, or all of them, are held to; None is "as for all"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    overall: Percent | None = None
    nulls: Percent | None = None
    duplicates: Percent | None = None
    set_aside: Percent | None = None
    gates: frozenset[Dimension] | None = None
    required: frozenset[Dimension] | None = None
    floors: dict[Dimension, Percent] = Field(default_factory=dict)
    expected_rows: Annotated[int, Field(ge=1)] | None = None


class _File(BaseModel):
    """The file as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: _Named = _Named()
    tables: dict[str, _Named] = Field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """Limits for all tables and for single ones; ``version`` is eight hex digits of the file."""

    version: str = ""
    default: _Named = field(default_factory=_Named)
    tables: Mapping[str, _Named] = field(default_factory=dict)

    def of(self, table: Table) -> Limits:
        """Limits of one table: its own, then those for all, then the platform's."""
        own, shared, built_in = self.tables.get(table.address, _Named()), self.default, Limits()
        floors = {dimension: _share(percent) for dimension, percent in (shared.floors | own.floors).items()}
        return Limits(
            overall=_first(own.overall, shared.overall, built_in.overall),
            nulls=_first(own.nulls, shared.nulls, built_in.nulls),
            duplicates=_first(own.duplicates, shared.duplicates, built_in.duplicates),
            set_aside=_first(own.set_aside, shared.set_aside, built_in.set_aside),
            floors={**FLOORS, **floors},
            gated=_chosen(own.gates, shared.gates),
            required=_chosen(own.required, shared.required),
            expected_rows=own.expected_rows,
            policy=self.version,
        )


def read_policy(path: Path, addresses: Collection[str]) -> Policy:
    """Read the file of limits. SetupError names it, and every key that cannot be used."""
    try:
        content = path.read_bytes()
        found = _File.model_validate(tomllib.loads(content.decode(), parse_float=Decimal))
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} is no TOML file: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise SetupError(f"{path} cannot be used: {faults}") from None
    unknown = sorted(set(found.tables) - set(addresses))
    if unknown:
        raise SetupError(f"{path} cannot be used: tables.{unknown[0]}: there is no such table")
    if found.default.expected_rows is not None:
        raise SetupError(f"{path} cannot be used: default.expected_rows: only a single table is known to have so many")
    return Policy(hashlib.sha256(content).hexdigest()[:8], found.default, found.tables)


def _share(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100


def _first(own: Decimal | None, shared: Decimal | None, built_in: Fraction) -> Fraction:
    chosen = own if own is not None else shared
    return built_in if chosen is None else _share(chosen)


def _chosen(own: frozenset[Dimension] | None, shared: frozenset[Dimension] | None) -> frozenset[Dimension]:
    return own if own is not None else shared or frozenset()
