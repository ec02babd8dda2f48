"""What a sync with conditions is called: it has a cursor of its own, beside that of all records."""

import hashlib
from collections.abc import Sequence

from hrdata_assets.query import Condition


def scope_of(where: Sequence[Condition]) -> str:
    """Eight hex digits of the conditions, whatever their order; empty without any."""
    if not where:
        return ""
    words = sorted(f"{c.column.name}|{c.operator}|{'|'.join(map(str, c.values))}" for c in where)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]
