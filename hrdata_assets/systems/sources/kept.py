"""What a database said of its columns, kept in a file per source: nobody is asked when definitions are loaded."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from hrdata_assets.errors import SetupError
from hrdata_assets.systems.sources.declaration import ColumnOf

Known = Mapping[str, Mapping[str, ColumnOf]]
"""Columns by name, by object."""

_FORM: TypeAdapter[dict[str, dict[str, ColumnOf]]] = TypeAdapter(dict[str, dict[str, ColumnOf]])


def kept_file(home: Path, source: str) -> Path:
    """Where it is kept."""
    return home / "sources" / f"{source}.json"


def read_kept(home: Path, source: str) -> Known:
    """What is kept of a source; nothing where it was never asked. SetupError for a file that cannot be read."""
    path = kept_file(home, source)
    try:
        return _FORM.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError):
        raise SetupError(f"{path} cannot be read: delete it, then `hrdata sources reflect {source}`") from None


def keep(home: Path, source: str, known: Known) -> None:
    """Keep this in place of what was kept before. SetupError where that cannot be."""
    path = kept_file(home, source)
    plain = {
        name: {c: told.model_dump(by_alias=True, exclude_defaults=True) for c, told in columns.items()}
        for name, columns in known.items()
    }
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(plain, indent=1), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SetupError(f"{path} cannot be written: {error.strerror}") from None
