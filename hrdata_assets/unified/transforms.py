"""Every transform by name and version."""

from collections.abc import Iterable, Mapping

from hrdata_assets.unified import text_transforms, typed_transforms
from hrdata_assets.unified.transform import Transform, Unfit


def by_label(transforms: Iterable[Transform]) -> Mapping[str, Transform]:
    """Transforms under their labels, ``lower@1``, and their newest versions under their bare names, too."""
    found: dict[str, Transform] = {}
    for one in sorted(transforms, key=lambda t: t.version):
        if one.label in found:
            raise TypeError(f"there are two transforms {one.label}")
        found |= {one.label: one, one.name: one}
    return found


TRANSFORMS: Mapping[str, Transform] = by_label((*text_transforms.TRANSFORMS, *typed_transforms.TRANSFORMS))
"""The one list; what people may name, the documentation and the tests follow from it."""


def transform_named(name: str, among: Mapping[str, Transform] = TRANSFORMS) -> Transform:
    """The transform of that name, or of that name and version. Unfit names those there are."""
    try:
        return among[name]
    except KeyError:
        there = ", ".join(sorted({t.name for t in among.values()}))
        raise Unfit(f"there is no transform {name}; there are {there}") from None
