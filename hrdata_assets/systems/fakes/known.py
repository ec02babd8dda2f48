"""Every fake that records can be pulled from, by its system's name."""

from collections.abc import Callable, Mapping
from typing import Any

from hrdata_assets.systems.bullhorn.fake import BullhornFake

FAKES: Mapping[str, Callable[..., Any]] = {"bullhorn": BullhornFake}
"""Made with ``people`` and ``seed``; served, each has settings by which it is reached."""
