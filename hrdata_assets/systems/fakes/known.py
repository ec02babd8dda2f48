"""Every fake that records can be pulled from, by its system's name."""

from collections.abc import Callable, Mapping
from typing import Any

from hrdata_assets.systems.bullhorn.fake import BullhornFake
from hrdata_assets.systems.flowcase.fake_api import FlowcaseAPIFake
from hrdata_assets.systems.hubspot.fake import HubSpotFake
from hrdata_assets.systems.salesforce.fake import SalesforceFake

FAKES: Mapping[str, Callable[..., Any]] = {
    "bullhorn": BullhornFake,
    "flowcase_api": FlowcaseAPIFake,
    "hubspot": HubSpotFake,
    "salesforce": SalesforceFake,
}
"""Made with ``people`` and ``seed``; served, each has settings by which it is reached."""
