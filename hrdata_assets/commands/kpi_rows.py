"""`hrdata trace marts.kpis`: the rows that make a KPI up, each with its line."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hrdata_assets.commands.installation import warehouse_of
from hrdata_assets.errors import SetupError
from hrdata_assets.printing import announce, kpi_value, print_json, print_table
from hrdata_assets.quarter import Quarter
from hrdata_assets.settings import load_settings

if TYPE_CHECKING:
    from hrdata_assets.storage.kpi_rows import KPIRow

MOST_SHOWN = 100
"""Rows that a person is shown; a program gets all."""

FileName = Callable[[str, str, str], str | None]
"""Name of a file by the core table its row stands in, the quarter and the delivery."""


def newest(connection: Any, layer: str, name: str) -> Quarter:
    """The newest quarter that is published of a table. SetupError if there is none."""
    from hrdata_assets.storage.lines import published_partitions

    published = published_partitions(connection, f"{layer}/{name}")
    if not published:
        raise SetupError(f"nothing is published of {layer}.{name} yet: hrdata run, or say which --quarter")
    return Quarter.parse(published[-1])


def trace_kpi(table: str, key: Sequence[str], quarter: Quarter | None, *, as_json: bool) -> None:
    """Print the rows behind a KPI, and what they come to."""
    from hrdata_assets.catalogue import KPIS, kpi_definition
    from hrdata_assets.storage.kpi_rows import number_of, rows_behind, view_of

    kpi = _kpi_named(table, key, KPIS)
    warehouse = warehouse_of(load_settings())
    with warehouse.connect("trace marts.kpis") as connection:
        chosen = quarter or newest(connection, "marts", "kpis")
        value = _value(connection, kpi, chosen)
        behind = rows_behind(connection, kpi, chosen.key)
        if behind is None:
            raise SetupError(f"the view {view_of(kpi)} is not there: the SQL folder must look like sql/")
        file_name = _file_name(connection, behind)
    rows = [_row(row, file_name) for row in behind]
    counted = None if value is None else float(number_of(behind))
    if as_json:
        print_json({"kpi": kpi, "quarter": chosen.key, "value": value, "from_rows": counted, "rows": rows})
        return
    announce(f"{kpi} {chosen}: {kpi_value(value)}")
    announce(kpi_definition(warehouse.sql, kpi))
    parts = Counter(row.part for row in behind if row.part is not None)
    if parts:
        print_table("Rows of each part", [{"part": part, "rows": count} for part, count in parts.most_common()])
    print_table(f"{len(rows):,} rows make it up", [_with_lines(row) for row in rows[:MOST_SHOWN]], empty="none")
    if len(rows) > MOST_SHOWN:
        announce(f"{len(rows) - MOST_SHOWN:,} more are not shown: --json lists all, as does the view {view_of(kpi)}.")
    if counted is not None:
        equal = "as in marts.kpis" if counted == value else f"but marts.kpis says {kpi_value(value)}: hrdata run"
        announce(f"Worked out again from these rows: {kpi_value(counted)}, {equal}.")


def _kpi_named(table: str, key: Sequence[str], kpis: Sequence[str]) -> str:
    if table.replace("/", ".") not in ("marts.kpis", "kpis"):
        raise SetupError(f"{table} is made of core.cvs and what belongs to it: hrdata trace core.cvs, or marts.kpis")
    if len(key) != 1 or key[0] not in kpis:
        raise SetupError(f"say which KPI: {', '.join(kpis)}")
    return key[0]


def _value(connection: Any, kpi: str, quarter: Quarter) -> float | None:
    told = connection.execute(
        "select value from marts.kpis where quarter = %s and kpi = %s", (quarter.key, kpi)
    ).fetchone()
    if told is None:
        raise SetupError(f"{kpi} of {quarter} is not there: hrdata run --quarter {quarter}")
    return None if told[0] is None else float(told[0])


def _file_name(connection: Any, rows: Sequence["KPIRow"]) -> FileName:
    from hrdata_assets.catalogue import SOURCES
    from hrdata_assets.storage.lines import file_names

    names = file_names(connection, sorted({row.row_quarter for row in rows}))

    def named(source: str, quarter: str, delivery: str) -> str | None:
        return names.get((f"raw/{SOURCES[source.partition('.')[2]].name}", quarter, delivery))

    return named


def _row(row: "KPIRow", file_name: FileName) -> dict[str, object]:
    shown: dict[str, object] = {} if row.part is None else {"part": row.part}
    shown |= {
        "table": row.source,
        "key": row.key,
        "file": file_name(row.source, row.row_quarter, row.delivery),
        "record": row.row_no,
    }
    if row.value is not None:
        shown["value"] = float(row.value)
    if row.also is not None:
        shown["because of"] = [
            {**line, "file": file_name(str(line["source"]), row.row_quarter, str(line["delivery"]))}
            for line in row.also
        ]
    return shown


def _with_lines(row: Mapping[str, Any]) -> dict[str, object]:
    """A row for people: the lines that it counts for are told by file and record."""
    if "because of" not in row:
        return dict(row)
    return {**row, "because of": "\n".join(f"{line['file']} {line['row_no']}" for line in row["because of"])}
