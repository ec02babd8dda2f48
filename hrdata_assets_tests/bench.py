"""Speed and memory, in one run on one machine: `make bench`.

Only the ratios travel to another machine. Every size runs in a process of its own on a fresh embedded server with
its usual, durable settings.
"""

import datetime
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hrdata_assets.printing import announce, print_table
from hrdata_assets.quarter import Quarter

QUARTER = Quarter(2026, 2)
SIZES = (500, 20_000)
PHASES = {
    "reading": (("staged", "read_delimited"), ("raw", "read_report")),
    "cleaning": (("staged", "clean"),),
    "scoring": (("staged", "judge"), ("io_managers", "assert_shape")),
    "writing": (
        ("io_managers", "publish"),
        ("releases", "build"),
        ("releases", "publish_group"),
        ("marts", "refresh_profile"),
    ),
}
"""Where the time of a phase is spent: module of hrdata_assets.defs, and the function it calls."""


def main() -> None:
    """Measure every size and print the table."""
    if len(sys.argv) == 3 and sys.argv[1] == "--size":
        sys.stdout.write(json.dumps(_measure(int(sys.argv[2]))) + "\n")
        return
    sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    found = [_in_own_process(size) for size in sizes]
    print_table("One quarter, whole graph, first load", [_seconds(row) for row in found])
    print_table("Staged tables against the server's own COPY", [_against_copy(row) for row in found])
    announce(
        "again: the same quarter a second time, when nothing is to be written. ratio: COPY's seconds / ours, for the"
    )
    announce("same rows into the same typed tables; ours read, clean, score, key, and write the ledger.")
    print_table("One large report, scored alone", [_scored()])
    announce("peak: of the whole process, which holds the report as text and typed before it is scored (before).")


def _in_own_process(size: int) -> dict[str, Any]:
    announce(f"{size} people ...")
    done = subprocess.run(
        [sys.executable, "-m", "hrdata_assets_tests.bench", "--size", str(size)], stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _seconds(row: dict[str, Any]) -> dict[str, object]:
    shown: dict[str, object] = {"people": row["people"], "total s": f"{row['total']:.2f}"}
    shown |= {phase: f"{row['phases'][phase]:.2f}" for phase in PHASES}
    shown["dagster and rest"] = f"{row['total'] - sum(row['phases'].values()):.2f}"
    return shown | {"again s": f"{row['again']:.2f}", "peak MiB": f"{row['peak']:.0f}"}


def _scored() -> dict[str, object]:
    announce("scoring ...")
    module = "hrdata_assets_tests.bench_scoring"
    done = subprocess.run([sys.executable, "-m", module], stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return {
        "rows": f"{found['rows']:,}",
        "rules": found["rules"],
        "seconds": f"{found['seconds']:.2f}",
        "values/s": f"{found['rows'] * found['rules'] / found['seconds']:,.0f}",
        "before MiB": f"{found['before']:.0f}",
        "peak MiB": f"{found['peak']:.0f}",
    }


def _against_copy(row: dict[str, Any]) -> dict[str, object]:
    return {
        "people": row["people"],
        "rows": f"{row['rows']:,}",
        "ours s": f"{row['ours']:.2f}",
        "ours rows/s": f"{row['rows'] / row['ours']:,.0f}",
        "COPY s": f"{row['copy']:.2f}",
        "COPY rows/s": f"{row['rows'] / row['copy']:,.0f}",
        "ratio": f"{row['copy'] / row['ours']:.2f}",
    }


def _measure(people: int) -> dict[str, Any]:
    from hrdata_assets.storage.embedded import EmbeddedServer

    with tempfile.TemporaryDirectory(prefix="hrdata-bench-") as folder:
        home = Path(folder)
        _isolate(home)
        _generate(home / "reports" / QUARTER.folder, people)
        server = EmbeddedServer(home / "home")
        server.start()
        try:
            return _graph(people) | _copies(home / "reports" / QUARTER.folder)
        finally:
            server.stop()


def _isolate(home: Path) -> None:
    for name in [n for n in os.environ if n.startswith(("HRDATA_", "PG", "DAGSTER_"))]:
        del os.environ[name]
    os.environ |= {"HRDATA_HOME": str(home / "home"), "HRDATA_REPORTS_DIR": str(home / "reports")}
    os.chdir(home)


def _generate(folder: Path, people: int) -> None:
    # In a process of its own: its memory is not ours.
    script = (
        "import sys; from pathlib import Path; from hrdata_assets.systems.flowcase.fake import write_quarter;"
        f"from hrdata_assets.quarter import Quarter; write_quarter(Path(sys.argv[1]), {QUARTER!r}, people={people})"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True)


def _graph(people: int) -> dict[str, Any]:
    from hrdata_assets.defs.execution import run_quarter
    from hrdata_assets.defs.instance import dagster_instance
    from hrdata_assets.settings import load_settings

    spent = _watch_phases()
    with dagster_instance(load_settings()) as instance:
        started = time.perf_counter()
        first = run_quarter(instance, QUARTER)
        total, phases = time.perf_counter() - started, dict(spent)
        started = time.perf_counter()
        second = run_quarter(instance, QUARTER)
        again = time.perf_counter() - started
    if not (first.success and second.success and first.changed and not second.changed):
        raise SystemExit("the runs did not do what they should: nothing was measured")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"people": people, "total": total, "again": again, "phases": phases, "peak": peak}


def _watch_phases() -> dict[str, float]:
    """Put a clock around the functions of each phase; nothing else of theirs changes."""
    import importlib

    spent: dict[str, float] = defaultdict(float)
    for phase, places in PHASES.items():
        for module_name, function in places:
            module = importlib.import_module(f"hrdata_assets.defs.{module_name}")
            setattr(module, function, _clocked(getattr(module, function), phase, spent))
    return spent


def _clocked(function: Callable[..., Any], phase: str, spent: dict[str, float]) -> Callable[..., Any]:
    def clocked(*arguments: Any, **options: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            spent[phase] += time.perf_counter() - started

    return clocked


def _copies(folder: Path) -> dict[str, Any]:
    """The staged tables once more, ours without Dagster, and the server's own COPY of the same rows."""
    from hrdata_assets.catalogue import STAGED, TABLES
    from hrdata_assets.settings import load_settings
    from hrdata_assets.storage.warehouse import open_warehouse

    warehouse = open_warehouse(load_settings(), TABLES)
    ours = copy = 0.0
    rows = 0
    for table in STAGED:
        seconds, count = _ours(warehouse, table, (folder / f"{table.origin}.csv").read_bytes())
        ours, rows = ours + seconds, rows + count
        copy += _server_copy(warehouse, table)
    return {"ours": ours, "copy": copy, "rows": rows}


def _ours(warehouse: Any, table: Any, content: bytes) -> tuple[float, int]:
    from hrdata_assets.cleaning.delimited import read_delimited
    from hrdata_assets.cleaning.frames import clean
    from hrdata_assets.defs.loading import load_of
    from hrdata_assets.quality.judge import judge
    from hrdata_assets.storage.archive import Archived, Delivery
    from hrdata_assets.storage.ledger import Place
    from hrdata_assets.storage.publish import publish

    delivery = Delivery.of(f"{table.origin}.csv", content)
    archived = Archived(delivery.file_name, delivery.sha256, warehouse.archive)
    started = time.perf_counter()
    judged = judge(clean(table, read_delimited(content, delivery.file_name), delivery.file_name), QUARTER.last_day)
    load = load_of(judged, archived, datetime.datetime.now(datetime.UTC))
    with warehouse.connect("bench") as connection:
        # A quarter of its own, so that both sides load into an empty place.
        publish(connection, Place(f"bench/{table.name}", "1999-Q1", "bench"), load.publication)
    return time.perf_counter() - started, judged.kept.height


def _server_copy(warehouse: Any, table: Any) -> float:
    from psycopg import sql

    source = sql.Identifier("staged", f"{table.name}_1999_q1")
    with warehouse.connect("bench") as connection, connection.cursor() as cursor:
        ready = io.BytesIO()
        with cursor.copy(sql.SQL("copy {} to stdout (format csv)").format(source)) as copy:
            for part in copy:
                ready.write(part)
        connection.execute(sql.SQL("create table bench_copy (like {})").format(sql.Identifier("staged", table.name)))
        connection.commit()
        content = ready.getbuffer()
        started = time.perf_counter()
        with cursor.copy("copy bench_copy from stdin (format csv)") as copy:
            for start in range(0, len(content), 1 << 20):
                copy.write(content[start : start + (1 << 20)])
        connection.commit()
        seconds = time.perf_counter() - started
        connection.execute("drop table bench_copy")
    return seconds


if __name__ == "__main__":
    main()
