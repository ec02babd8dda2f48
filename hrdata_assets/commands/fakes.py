"""`hrdata fake`: systems of our own to try things out with, each served until Ctrl-C."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hrdata_assets.printing import announce

Port = Annotated[int, typer.Option(min=1024, max=65535, help="Port on localhost.")]
TwoPorts = Annotated[int, typer.Option(min=1024, max=65534, help="Port on localhost; the next one is used as well.")]
People = Annotated[int, typer.Option(min=10, max=200_000, help="How many people are in it.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same people; a third of them are Flowcase's.")]
FaultsFile = Annotated[
    Path | None, typer.Option("--faults", help="YAML list of what goes wrong: kind, path, after, times …")
]


def bullhorn(port: Port = 8701, people: People = 500, seed: Seed = 1, faults: FaultsFile = None) -> None:
    """Serve a fake Bullhorn, and say how it is configured."""
    from hrdata_assets.systems.bullhorn.fake import BullhornFake

    _serve("Bullhorn", BullhornFake(people=people, seed=seed), port, faults)


def salesforce(port: Port = 8703, people: People = 500, seed: Seed = 1, faults: FaultsFile = None) -> None:
    """Serve a fake Salesforce, and say how it is configured."""
    from hrdata_assets.systems.salesforce.fake import SalesforceFake

    _serve("Salesforce", SalesforceFake(people=people, seed=seed), port, faults)


def _serve(name: str, fake: Any, port: int, faults: Path | None) -> None:
    from hrdata_assets.systems.fakes.faults import Faults
    from hrdata_assets.systems.fakes.serving import serve

    if faults is not None:
        fake.faults = Faults.from_file(faults)
    announce(f"A fake {name} on http://127.0.0.1:{port}. In another terminal, or in .env:")
    for variable, value in fake.variables(f"http://127.0.0.1:{port}").items():
        announce(f"export {variable}={value}")
    announce(f"hrdata pull {name.lower()}")
    serve(fake, port)


def hubspot(port: Port = 8702, people: People = 500, seed: Seed = 1, faults: FaultsFile = None) -> None:
    """Serve a fake HubSpot, and say how it is configured."""
    from hrdata_assets.systems.hubspot.fake import HubSpotFake

    _serve("HubSpot", HubSpotFake(people=people, seed=seed), port, faults)


def flowcase_api(port: TwoPorts = 8704, people: People = 500, seed: Seed = 1, faults: FaultsFile = None) -> None:
    """Serve a fake Flowcase, its files on the next port, and say how it is configured."""
    from hrdata_assets.systems.fakes.faults import Faults
    from hrdata_assets.systems.fakes.serving import serve, serving
    from hrdata_assets.systems.flowcase.fake_api import FlowcaseAPIFake

    fake = FlowcaseAPIFake(people=people, seed=seed)
    if faults is not None:
        fake.faults = fake.files.faults = Faults.from_file(faults)
    announce(f"A fake Flowcase on http://127.0.0.1:{port}. In another terminal, or in .env:")
    for name, value in fake.variables(f"http://127.0.0.1:{port}").items():
        announce(f"export {name}={value}")
    announce("hrdata pull flowcase          reports, as a quarter's folder")
    announce("hrdata pull flowcase_api      accounts and CVs, record by record")
    with serving(fake.files, port + 1) as fake.files.url:
        serve(fake, port)
