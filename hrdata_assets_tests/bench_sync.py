"""`make bench-sync`: 100,000 candidates from a fake Bullhorn, against the bare transfer of the same pages.

Only ratios within one run mean anything. The fake is a process of its own on the same cores. What it makes of its
records it keeps: pages are compared with their like, those that it must make first and those that it has kept.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from hrdata_assets.catalogue import STORED
from hrdata_assets.settings import load_settings
from hrdata_assets.storage.throw_away import throw_away_server
from hrdata_assets.storage.warehouse import Warehouse, open_warehouse
from hrdata_assets.sync.engine import Order, Outcome, sync
from hrdata_assets.sync.pulling import opened
from hrdata_assets.systems.bullhorn.connector import Bullhorn
from hrdata_assets.systems.bullhorn.fake_world import FIRST_ID
from hrdata_assets.systems.bullhorn.tables import Candidate
from hrdata_assets.systems.configuration import SystemSettings

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
CHANGED = PEOPLE // 100
FIRST = FIRST_ID["Candidate"]
PORT = 18_765
URL = f"http://127.0.0.1:{PORT}"
SERVE = (
    "from hrdata_assets.systems.bullhorn.fake import BullhornFake\n"
    "from hrdata_assets.systems.fakes.serving import serve\n"
    f"serve(BullhornFake(people={PEOPLE}), {PORT})"
)
VARIABLES = {
    "BULLHORN_REST_URL": f"{URL}/rest-services",
    "BULLHORN_CLIENT_ID": "fake-client",
    "BULLHORN_CLIENT_SECRET": "fake-secret",
    "BULLHORN_USERNAME": "fake.user",
    "BULLHORN_PASSWORD": "fake-password",
    "BULLHORN_PER_MINUTE": "1000000",
}


@contextmanager
def served() -> Iterator[None]:
    """The fake in a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", SERVE])
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                httpx.get(f"{URL}/rest-services/loginInfo", trust_env=False)
                break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield
    finally:
        process.kill()
        process.wait()


class Bare:
    """A session and a client that do nothing but transfer."""

    def __init__(self) -> None:
        self.http = httpx.Client(trust_env=False, timeout=60)
        form = {"client_id": "fake-client", "response_type": "code", "action": "Login"}
        form |= {"username": "fake.user", "password": "fake-password"}
        asked = self.http.post(f"{URL}/oauth/authorize", data=form)
        form = {"client_id": "fake-client", "client_secret": "fake-secret", "grant_type": "authorization_code"}
        code = httpx.URL(asked.headers["location"]).params["code"]
        access = self.http.post(f"{URL}/oauth/token", data={**form, "code": code}).json()["access_token"]
        told = self.http.post(
            f"{URL}/rest-services/login", params={"version": "*", "access_token": access, "ttl": "60"}
        ).json()
        self.rest, self.http.headers["BhRestToken"] = told["restUrl"], told["BhRestToken"]

    def transfer(self, fields: str) -> tuple[int, float]:
        """Bytes and seconds of all pages, one after the other; nothing is done with them."""
        size, began = 0, time.perf_counter()
        for first in range(FIRST, FIRST + PEOPLE, 500):
            body = {"query": f"id:[{first} TO *]"}
            # So many fields do not fit into an address.
            params = {"fields": fields, "sort": "id", "count": "500", "start": "0", "showTotalMatched": "true"}
            size += len(self.http.post(f"{self.rest}search/Candidate", params=params, json=body).content)
        return size, time.perf_counter() - began

    def change(self, count: int) -> None:
        """Change so many records."""
        for number in range(FIRST, FIRST + count):
            self.http.post(f"{self.rest}entity/Candidate/{number}", json={"occupation": "Changed"})


def timed(warehouse: Warehouse, order: Order) -> tuple[Outcome, float]:
    """One sync, and its seconds."""
    settings = SystemSettings(**VARIABLES)  # type: ignore[arg-type]
    began = time.perf_counter()
    with opened(warehouse, warehouse.settings, settings, "bullhorn") as system:
        outcome = sync(warehouse, system, Candidate.table, order, "bench")
    return outcome, time.perf_counter() - began


def fields_asked(warehouse: Warehouse) -> str:
    """Fields that a sync asks for of every candidate."""
    settings = SystemSettings(**VARIABLES)  # type: ignore[arg-type]
    with opened(warehouse, warehouse.settings, settings, "bullhorn") as system:
        assert isinstance(system, Bullhorn)
        return system.fields_of(Candidate.table)


def tell(what: str, records: int, seconds: float, more: str) -> None:
    """Print one line."""
    print(f"{what:<30}{records:>9,} records {seconds:8.2f} s  {more}")  # noqa: T201 - this is what it is for


@contextmanager
def fresh(home: Path) -> Iterator[Warehouse]:
    """A fake that has made nothing yet, and a warehouse that holds nothing."""
    os.environ["HRDATA_HOME"] = str(home / "home")
    with served(), throw_away_server(home / "server") as server:
        os.environ["HRDATA_DATABASE_URL"] = server.url("hrdata")
        yield open_warehouse(load_settings(), STORED)


def synced(warehouse: Warehouse, pages: str, bare: float) -> None:
    """Sync everything, and tell it beside the seconds that the bare transfer of such pages took."""
    outcome, seconds = timed(warehouse, Order())
    ratio = f"{PEOPLE / seconds:,.0f}/s, ratio {bare / seconds:.2f} to the bare transfer of pages {pages}"
    tell(f"full sync, pages {pages}", outcome.counts.read, seconds, ratio)


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="hrdata-bench-"))
    with fresh(home / "kept") as warehouse:
        bare, fields = Bare(), fields_asked(warehouse)
        size, made = bare.transfer(fields)
        tell("bare transfer, pages made", PEOPLE, made, f"{PEOPLE / made:,.0f}/s, {size / 2**20:.1f} MiB")
        _, kept = bare.transfer(fields)
        tell("bare transfer, pages kept", PEOPLE, kept, f"{PEOPLE / kept:,.0f}/s")
        synced(warehouse, "kept", kept)
    with fresh(home / "made") as warehouse:
        synced(warehouse, "made", made)
        again, nothing = timed(warehouse, Order())
        tell("nothing changed", again.counts.read, nothing, f"{again.calls} calls")
        Bare().change(CHANGED)
        some, changed = timed(warehouse, Order())
        tell(f"{CHANGED:,} changed", some.counts.read, changed, f"{some.calls} calls")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the syncing process {peak:,.0f} MiB")  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    main()
