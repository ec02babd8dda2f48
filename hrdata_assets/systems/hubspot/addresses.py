"""Where HubSpot's calls go: versions stand in the middle of a path, those that are a date one place further on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """Addresses below a base, of one version."""

    base: str
    version: str = "v3"

    def objects(self, name: str, rest: str = "") -> str:
        """Records of an object, and what is done with them."""
        return self._of("objects", f"{name}{rest}")

    def properties(self, name: str, rest: str = "") -> str:
        """Definitions of an object's properties."""
        return self._of("properties", f"{name}{rest}")

    def owners(self) -> str:
        """Users whom records belong to."""
        return self._of("owners")

    def pipelines(self, name: str) -> str:
        """Pipelines of an object, with their stages."""
        return self._of("pipelines", name)

    def links(self, source: str, target: str) -> str:
        """Links from records of one object to those of another, many at a time."""
        return f"{self.base}/crm/v4/associations/{source}/{target}/batch/read"

    def _of(self, kind: str, rest: str = "") -> str:
        middle = f"{self.version}/{kind}" if self.version.startswith("v") else f"{kind}/{self.version}"
        return f"{self.base}/crm/{middle}" + (f"/{rest}" if rest else "")
