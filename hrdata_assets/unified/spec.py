"""A mapping as it is written down: JSON, checked for its form here, and for its sense when a mapping is built of it.

``[{"from": "job_title", "to": "title"}, …]``: each field of the target is filled from one of the source, from several,
or by a constant.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from hrdata_assets.errors import SetupError

Scalar = str | int | float | bool
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Step = Name | Annotated[dict[Name, Any], Field(min_length=1, max_length=1)]
_MOST_BYTES = 1024**2


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True, validate_by_name=True
    )


class FieldSpec(_Strict):
    """How one field of the target is filled. Several may fill the same: the first that has a value counts."""

    to: Name
    """Field of the target."""

    from_: Name | Annotated[list[Name], Field(min_length=1)] | None = Field(default=None, alias="from")
    """Field of the source, or a path into it such as ``extra.customText1`` or ``skills.0``; several make a list."""

    constant: Scalar | list[str] | None = None
    """The value itself, in place of one from the source."""

    when: Name | Annotated[dict[Name, Scalar | list[Scalar]], Field(min_length=1)] | None = None
    """Field or path of the source that must have a value for this entry to count; an object says which value."""

    transform: Step | Annotated[list[Step], Field(min_length=1)] | None = None
    """Names of transforms, in order; one with an argument is an object such as ``{"split": ","}``."""

    default: Scalar | list[str] | None = None
    """The value where there is none; it is not transformed, and does not stand in for one that does not fit."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Where it is taken from."""
        if self.from_ is None:
            return ()
        return (self.from_,) if isinstance(self.from_, str) else tuple(self.from_)

    @property
    def conditions(self) -> tuple[tuple[str, tuple[Scalar, ...] | None], ...]:
        """Places of the source that must have a value, each with the values that it may be, None for any."""
        if self.when is None:
            return ()
        if isinstance(self.when, str):
            return ((self.when, None),)
        return tuple((path, tuple(v) if isinstance(v, list) else (v,)) for path, v in self.when.items())

    @property
    def gathers(self) -> bool:
        """Whether it is made of a list of places."""
        return isinstance(self.from_, list)

    @property
    def steps(self) -> tuple[tuple[str, Any], ...]:
        """Names of the transforms with their arguments, None where there is none."""
        steps = self.transform if isinstance(self.transform, list) else [self.transform]
        named = [step if isinstance(step, dict) else {step: None} for step in steps if step is not None]
        return tuple(pair for step in named for pair in step.items())

    def written(self) -> dict[str, Any]:
        """As JSON writes it, without what is not said."""
        return self.model_dump(by_alias=True, exclude_none=True)


class MappingSpec(_Strict):
    """A file that holds a mapping: what `hrdata formatters save` reads."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
    """What it is asked for by; saved again, it is the next version of the same."""

    name: Annotated[str, StringConstraints(max_length=500)] = ""
    """What it is for, in words."""

    source: Name
    """Table whose rows it takes, such as ``bullhorn_candidates``, or ``candidates`` of the unified model."""

    target: Name
    """Table whose rows it makes."""

    fields: Annotated[list[FieldSpec], Field(min_length=1, max_length=2_000)]
    """How each field of the target is filled."""


def read_mapping(path: Path) -> MappingSpec:
    """Read a mapping's file. SetupError says all that is wrong with its form, and where; never a value."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SetupError(f"{path.name} is larger than a mapping can be")
        return MappingSpec.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise SetupError(f"{path.name} is no mapping: {_told(error)}") from None


def field_specs(fields: Iterable[Mapping[str, Any]]) -> tuple[FieldSpec, ...]:
    """Read the fields of a mapping. SetupError says all that is wrong with their form, and where; never a value."""
    try:
        return tuple(_Fields.model_validate({"fields": [dict(field) for field in fields]}).fields)
    except ValidationError as error:
        raise SetupError(f"this is no mapping: {_told(error)}") from None


class _Fields(_Strict):
    fields: list[FieldSpec]


def _told(error: ValidationError) -> str:
    found: dict[str, str] = {}
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        place = [_place(part) for part in one["loc"] if not _is_branch(part)]
        found.setdefault(" ".join(place) or "the whole", str(one["msg"]))
    return "; ".join(f"{place}: {what}" for place, what in found.items())


def _place(part: int | str) -> str:
    return str(part + 1) if isinstance(part, int) else part


def _is_branch(part: int | str) -> bool:
    """Whether it names one of the forms that were tried, and no place in the file."""
    return isinstance(part, str) and (part in ("str", "int", "float", "bool") or "[" in part)
