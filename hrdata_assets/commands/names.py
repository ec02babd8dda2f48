"""What people call tables and quarters on the command line, found in the catalogue."""

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hrdata_assets.errors import SetupError

if TYPE_CHECKING:
    from hrdata_assets.table import Table


def table_named(name: str, among: "Sequence[Table]") -> "Table":
    """The table of that name: ``staged/flowcase_users``, ``staged.flowcase_users``, ``flowcase_users``, or its report.

    SetupError names the nearest there are.
    """
    wanted = name.strip().replace(".", "/").lower()
    for table in among:
        if wanted in (f"{table.layer}/{table.name}", f"raw/{table.name}", table.name, table.origin):
            return table
    near = difflib.get_close_matches(wanted.rpartition("/")[2], [t.name for t in among], n=3, cutoff=0.4)
    said = f"did you mean {' or '.join(near)}?" if near else "`hrdata quality` lists those that hold something"
    raise SetupError(f"{name} is no table: {said}")
