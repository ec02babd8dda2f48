"""Speed and memory of loading workbooks, in one run on one machine: `make bench-excel`.

Only the ratios travel to another machine. Every measurement runs in a process of its own, against one fresh embedded
server with its usual, durable settings. Numbers are rows of sheets to measure in place of the usual ones; ``--all``
gives the largest sheet to the slow ones too, ``--small`` leaves large sheets out.
"""

import contextlib
import datetime
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hrdata_assets.printing import announce, print_table

SIZES = (100_000, 500_000)
SMALL_FILES, SMALL_ROWS = 2_000, 50
BY_COMMAND, THROUGH_DAGSTER = "by command", "through Dagster"
FOLDERS = {BY_COMMAND: 20, THROUGH_DAGSTER: 1}
"""Folders that the small files stand in; through Dagster, each is a run with a partition for each of its files."""
LARGEST_OF_SLOW_ONES = 100_000

COLUMNS = (
    ("number", "integer"),
    ("code", "text"),
    ("name", "text"),
    ("unit", "text"),
    ("hired", "date"),
    ("changed", "timestamp"),
    ("pay", "numeric"),
    ("fte", "numeric"),
    ("active", "boolean"),
    ("cost_centre", "integer"),
    ("note", "text"),
    ("points", "integer"),
)
OURS = "ours"
CALLED = {
    OURS: "load_workbook",
    "openpyxl": "openpyxl read-only, INSERT by thousands",
    "pandas": "pandas.read_excel, to_sql",
    "calamine": "calamine, read only",
}
SLOW = ("openpyxl", "pandas")


def main() -> None:
    """Measure everything and print the tables."""
    if len(sys.argv) == 4 and sys.argv[1] == "--measure":
        sys.stdout.write(json.dumps(MEASURES[sys.argv[2]](Path(sys.argv[3]))) + "\n")
        return
    with tempfile.TemporaryDirectory(prefix="hrdata-bench-") as folder:
        home = Path(folder)
        _isolate(home)
        from hrdata_assets.storage.embedded import EmbeddedServer

        server = EmbeddedServer(home / "home")
        server.start()
        try:
            if "--small" not in sys.argv:
                _sheets(home)
            _small_files(home)
        finally:
            server.stop()


def _isolate(home: Path) -> None:
    for name in [n for n in os.environ if n.startswith(("HRDATA_", "ETL_", "PG", "DAGSTER_"))]:
        del os.environ[name]
    os.environ |= {"HRDATA_HOME": str(home / "home"), "HRDATA_WORKBOOKS_DIR": str(home / "data")}
    # The processes that measure look for this module where this one was found.
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    os.chdir(home)


def _in_own_process(measure: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "hrdata_assets_tests.bench_excel", "--measure", measure, str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _sheets(home: Path) -> None:
    for rows in [int(given) for given in sys.argv[1:] if given.isdigit()] or SIZES:
        path = home / "data" / f"sheet of {rows}" / "a.xlsx"
        announce(f"{rows:,} rows of {len(COLUMNS)} columns ...")
        _in_own_process("write", path)
        found = {}
        for measure in CALLED:
            if measure in SLOW and rows > LARGEST_OF_SLOW_ONES and "--all" not in sys.argv:
                announce(f"{CALLED[measure]}: left out at {rows:,} rows; --all measures it")
                continue
            found[measure] = _in_own_process(measure, path)
        title = f"One sheet of {rows:,} rows × {len(COLUMNS)} columns, {path.stat().st_size / 1024**2:.0f} MiB"
        print_table(title, [_of_sheet(name, one, found[OURS], rows) for name, one in found.items()])
    announce("ratio: seconds / ours. peak: of the process, and for ours of its reader beside it.")


def _of_sheet(name: str, one: dict[str, Any], ours: dict[str, Any], rows: int) -> dict[str, object]:
    return {
        "by": CALLED[name],
        "seconds": f"{one['seconds']:.2f}",
        "rows/s": f"{rows / one['seconds']:,.0f}",
        "ratio": f"{one['seconds'] / ours['seconds']:.2f}",
        "peak MiB": f"{one['peak']:.0f}",
        "reader MiB": f"{one['reader']:.0f}" if name == OURS else "",
    }


def _small_files(home: Path) -> None:
    found = {}
    for way in FOLDERS:
        announce(f"{SMALL_FILES:,} files of {SMALL_ROWS} rows, {way} ...")
        path = home / "small" / way
        _in_own_process("write_small", path)
        os.environ["HRDATA_WORKBOOKS_DIR"] = str(path)
        found[way] = _in_own_process(way, path)
    title = f"{SMALL_FILES:,} files of {SMALL_ROWS} rows × {len(COLUMNS)} columns"
    print_table(title, [_of_small(way, one, found[BY_COMMAND]) for way, one in found.items()])
    announce("cpu: of the process with its reader, without the server's. again: the same files a second time.")


def _of_small(way: str, one: dict[str, Any], by_command: dict[str, Any]) -> dict[str, object]:
    return {
        "loaded": way,
        "folders": FOLDERS[way],
        "seconds": f"{one['seconds']:.2f}",
        "ms/file": f"{one['seconds'] / SMALL_FILES * 1000:.1f}",
        "cpu ms/file": f"{one['cpu'] / SMALL_FILES * 1000:.1f}",
        "rows/s": f"{SMALL_FILES * SMALL_ROWS / one['seconds']:,.0f}",
        "ratio": f"{one['seconds'] / by_command['seconds']:.2f}",
        "again s": f"{one['again']:.2f}",
        "peak MiB": f"{one['peak']:.0f}",
        "reader MiB": f"{one['reader']:.0f}",
    }


def _row(number: int) -> tuple[object, ...]:
    """Values of a row, of all kinds; a few are missing."""
    day = datetime.date(2000, 1, 1) + datetime.timedelta(days=number * 7 % 9000)
    moment = datetime.datetime(2024, 1, 1, 8) + datetime.timedelta(minutes=number)
    return (
        *(number, f"{number * 31 % 1_000_000:08d}", f"Employee number {number}", f"Unit {number % 40}", day, moment),
        *(30_000 + number % 5_000 + (number % 100) / 100, (number % 5 + 1) / 4, number % 3 == 0),
        *(4_000 + number % 90, None if number % 4 else f"remark {number % 500}", number % 1_000_003),
    )


def _write(path: Path, numbers: range) -> None:
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [name for name, _ in COLUMNS])
        for line, number in enumerate(numbers, start=1):
            sheet.write_row(line, 0, _row(number))


def _write_sheet(path: Path) -> dict[str, Any]:
    _write(path, range(int(path.parent.name.rpartition(" ")[2])))
    return {}


def _write_small_files(path: Path) -> dict[str, Any]:
    # Nothing of one way is known already to the other.
    before = list(FOLDERS).index(path.name) * SMALL_FILES
    for number in range(SMALL_FILES):
        first = (before + number) * SMALL_ROWS
        folder = path / f"{path.name} {number % FOLDERS[path.name]}"
        _write(folder / f"{number}.xlsx", range(first, first + SMALL_ROWS))
    return {}


def _measured(started: float) -> dict[str, Any]:
    seconds = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, children = (one.ru_maxrss / 1024 for one in used)
    return {"seconds": seconds, "cpu": _cpu(used), "peak": own, "reader": children}


def _cpu(used: Sequence[resource.struct_rusage]) -> float:
    """Seconds that processors worked."""
    return sum(one.ru_utime + one.ru_stime for one in used)


def _warehouse() -> tuple[Any, Any]:
    from hrdata_assets.catalogue import TABLES
    from hrdata_assets.settings import load_settings
    from hrdata_assets.storage.warehouse import open_warehouse

    settings = load_settings()
    return open_warehouse(settings, TABLES), settings


def _ours(path: Path) -> dict[str, Any]:
    from hrdata_assets.excel.folders import tasks_of
    from hrdata_assets.excel.load import load_workbook
    from hrdata_assets.systems.workbooks.discovery import find_workbooks
    from hrdata_assets.systems.workbooks.reading import Reader

    warehouse, settings = _warehouse()
    (task,) = (
        t for t in tasks_of(settings, find_workbooks(path.parent.parent), "bench") if t.root / t.file.path == path
    )
    started = time.perf_counter()
    with Reader() as reader:
        outcome = load_workbook(warehouse, reader, task)
    measured = _measured(started)
    if outcome.counts.inserted != int(path.parent.name.rpartition(" ")[2]):
        raise SystemExit(f"not everything was loaded, nothing was measured: {outcome.reason}")
    return measured


def _by_command(path: Path) -> dict[str, Any]:
    """`hrdata excel load` without its start."""
    from hrdata_assets.commands.excel_load import load

    def loaded() -> set[str]:
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            load(path, as_json=True)
        return {one["status"] for one in json.loads(told.getvalue())["workbooks"]}

    _warehouse()
    return _twice(loaded, [{"loaded"}, {"already"}])


def _through_dagster(path: Path) -> dict[str, Any]:
    """The run that the sensor asks for once the files have settled, recorded in the product's own instance."""
    import dagster as dg

    from hrdata_assets.defs.execution import QUIET
    from hrdata_assets.defs.instance import dagster_instance
    from hrdata_assets.defs.resources import WarehouseResource
    from hrdata_assets.defs.workbooks import key_of_table, tables_below_root, workbook_asset, workbook_job

    _, settings = _warehouse()
    with dagster_instance(settings) as instance:
        tables = tables_below_root()
        defs = dg.Definitions(
            assets=[workbook_asset(table) for table in tables],
            jobs=[workbook_job(table) for table in tables],
            resources={"warehouse": WarehouseResource()},
        )
        requests = _asked_for(instance, tables)

        def loaded() -> set[str]:
            for request in requests:
                job = defs.resolve_job_def(str(request.job_name))
                job.execute_in_process(instance=instance, tags=dict(request.tags), run_config=QUIET)
            made = sum(len(instance.get_materialized_partitions(key_of_table(table))) for table in tables)
            return {f"{made} partitions"}

        all_of_them = {f"{SMALL_FILES} partitions"}
        return _twice(loaded, [all_of_them, all_of_them])


def _asked_for(instance: Any, tables: Sequence[str]) -> list[Any]:
    """What the sensor asks for; partitions that it wants are registered."""
    import dagster as dg

    from hrdata_assets.defs.workbook_sensor import workbook_folders_sensor

    sensor, requests = workbook_folders_sensor(tables), []
    while True:
        found = sensor(dg.build_sensor_context(instance=instance))
        for wish in found.dynamic_partitions_requests or []:
            instance.add_dynamic_partitions(wish.partitions_def_name, list(wish.partition_keys))
        requests += found.run_requests or []
        if found.skip_reason and "nothing new" in found.skip_reason.skip_message:
            return requests


def _twice(load: Callable[[], set[str]], expected: Sequence[set[str]]) -> dict[str, Any]:
    """Measure loading everything for the first time, and again."""
    before = _cpu([resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)])
    started = time.perf_counter()
    first = load()
    measured = _measured(started)
    started = time.perf_counter()
    second = load()
    if [first, second] != list(expected):
        raise SystemExit("the loads did not do what they should: nothing was measured")
    return measured | {"cpu": measured["cpu"] - before, "again": time.perf_counter() - started}


def _openpyxl(path: Path) -> dict[str, Any]:
    """What is written when nobody thinks of it; the table's types are known beforehand."""
    import itertools

    import openpyxl

    warehouse, _ = _warehouse()
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS)
    insert = f"insert into by_openpyxl values ({', '.join(['%s'] * len(COLUMNS))})"
    with warehouse.connect("bench") as connection:
        connection.execute("drop table if exists by_openpyxl")
        connection.execute(f"create table by_openpyxl ({columns})")
    started = time.perf_counter()
    with warehouse.connect("bench") as connection, connection.cursor() as cursor:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(min_row=2, values_only=True)
        while batch := list(itertools.islice(rows, 1_000)):
            cursor.executemany(insert, batch)
    return _measured(started)


def _pandas(path: Path) -> dict[str, Any]:
    import pandas as pd
    import sqlalchemy

    warehouse, _ = _warehouse()
    engine = sqlalchemy.create_engine(warehouse.url.replace("postgresql://", "postgresql+psycopg://", 1))
    started = time.perf_counter()
    frame = pd.read_excel(path, engine="openpyxl", dtype={"code": str})
    with engine.begin() as connection:
        frame.to_sql("by_pandas", connection, if_exists="replace", index=False, chunksize=1_000)
    return _measured(started)


def _calamine(path: Path) -> dict[str, Any]:
    import python_calamine

    started = time.perf_counter()
    rows = python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()
    measured = _measured(started)
    assert len(rows) > 1
    return measured


MEASURES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "write": _write_sheet,
    "write_small": _write_small_files,
    OURS: _ours,
    BY_COMMAND: _by_command,
    THROUGH_DAGSTER: _through_dagster,
    "openpyxl": _openpyxl,
    "pandas": _pandas,
    "calamine": _calamine,
}


if __name__ == "__main__":
    main()
