"""Transform: a named, pure function from one value to another, by which a mapping changes what it takes.

A transform that would answer otherwise than before is another version of it: the former one stays under its number,
and what was stored with it goes on giving what it gave.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hrdata_assets.table import ColumnType
from hrdata_assets.unified.kinds import PYTHON, Kind

Call = Callable[[Any], Any]


class Unfit(ValueError):  # noqa: N818 - said of a value, not of the program
    """A value cannot be transformed, or an argument is none; the text says what it is not, and never holds it."""


@dataclass(frozen=True)
class Bound:
    """A transform with its argument, applied to values of a kind, which are of ``classes``."""

    label: str
    call: Call
    gives: Kind
    classes: frozenset[type]


@dataclass(frozen=True)
class Transform:
    """What a mapping may name.

    ``takes`` are the types of one value (or, for a ``gathers``, of a list's members); ``gives`` is what comes out,
    None for the same as went in. ``bind`` makes the function, of the argument where there is one; ``argument`` says
    whether one must be there, may be there, or must not.
    """

    name: str
    version: int
    description: str
    takes: frozenset[ColumnType]
    gives: Kind | None
    bind: Callable[[Any], Call]
    argument: str
    gathers: bool = False

    @property
    def label(self) -> str:
        """Name and version, as they are stored."""
        return f"{self.name}@{self.version}"

    def applied(self, kind: Kind, argument: object = None) -> Bound:
        """The transform of values of a kind; of each member, where it is one of values and is given lists.

        Unfit says why it cannot be.
        """
        self._examine(kind, argument)
        call, gives = self.bind(argument), self.gives or Kind(kind.type)
        lists = frozenset({list, tuple})
        if self.gathers:
            return Bound(self.label, call, gives, lists)
        if kind.many:
            return Bound(self.label, _each(call, gives.many), Kind(gives.type, many=True), lists)
        return Bound(self.label, call, gives, self._classes(kind))

    def _classes(self, kind: Kind) -> frozenset[type]:
        """Classes of what it is given; JSON's numbers come as floats, which whoever takes numbers takes, too."""
        if kind.type is not None:
            return PYTHON[kind.type]
        floats = {float} if ColumnType.NUMERIC in self.takes else set()
        return frozenset(c for t in self.takes for c in PYTHON[t]) | floats

    def _examine(self, kind: Kind, argument: object) -> None:
        if self.argument == "required" and argument is None:
            raise Unfit(f'needs an argument: {{"{self.name}": …}}')
        if self.argument == "none" and argument is not None:
            raise Unfit("takes no argument")
        if self.gathers and kind.known and not kind.many:
            raise Unfit(f"takes several values, and is given one {kind}")
        if kind.type is not None and kind.type not in self.takes:
            raise Unfit(f"takes {', '.join(sorted(t.value for t in self.takes))}, and is given {kind}")


def _each(call: Call, several: bool) -> Call:
    """The function of every member; what it makes several of goes into one list."""

    def every(members: Any) -> list[Any]:
        made = [call(member) for member in members if member is not None]
        flat = [one for many in made for one in many] if several else made
        return [one for one in flat if one is not None and one != ""]

    return every


def transform(
    *takes: ColumnType, gives: Kind | None = None, version: int = 1, gathers: bool = False
) -> Callable[[Call], Transform]:
    """Make a Transform of a function of one value; its name and docstring are the transform's."""

    def build(function: Call) -> Transform:
        return _made(function, frozenset(takes), gives, version, gathers)(lambda _: function, "none")

    return build


def transform_by(
    *takes: ColumnType, gives: Kind | None = None, version: int = 1, gathers: bool = False, optional: bool = False
) -> Callable[[Callable[[Any], Call]], Transform]:
    """Make a Transform of a function that makes one of its argument; Unfit if that is none."""

    def build(function: Callable[[Any], Call]) -> Transform:
        made = _made(function, frozenset(takes), gives, version, gathers)
        return made(function, "optional" if optional else "required")

    return build


def _made(
    function: Callable[..., Any], takes: frozenset[ColumnType], gives: Kind | None, version: int, gathers: bool
) -> Callable[[Callable[[Any], Call], str], Transform]:
    name = function.__name__.rstrip("_")
    description = " ".join((function.__doc__ or "").split())
    if not description:
        raise TypeError(f"transform {name} needs a docstring: it is what people read")

    def finish(bind: Callable[[Any], Call], argument: str) -> Transform:
        return Transform(name, version, description, takes, gives, bind, argument, gathers)

    return finish
