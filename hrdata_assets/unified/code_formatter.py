"""Formatters that are written as a function, for what a mapping cannot say; people ask for them by name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from typing_extensions import override

from hrdata_assets.errors import SetupError
from hrdata_assets.table import Row, Table
from hrdata_assets.unified.cells import Cells, fitted
from hrdata_assets.unified.formatter import Formatted, Formatter, Reason, Values
from hrdata_assets.unified.mapping import formatted
from hrdata_assets.unified.transform import Unfit

Function = Callable[[Values], Values]
"""Makes the values of one row, by field, out of another's; Unfit, with what is wrong, for a row that it cannot make."""

WHOLE_ROW = "the row"
"""What a reason is about that a function gives for a row as a whole."""


class CodeFormatter(Formatter):
    """Asks a function for each row; what it makes is held to the target's table, as a mapping's rows are."""

    def __init__(self, name: str, source: type[Row] | Table, target: type[Row] | Table, function: Function) -> None:
        super().__init__(name, source, target)
        self._function = function
        self._names = [column.name for column in self.target.columns]

    @override
    def apply_all(self, rows: Sequence[Values]) -> Formatted:
        """Make every row that the function can make, of all fields of the target."""
        reasons: dict[int, list[Reason]] = {}
        made = [self._made(place, row, reasons) for place, row in enumerate(rows)]
        columns: list[list[Any]] = []
        for column in self.target.columns:
            cells = Cells([row.get(column.name) for row in made])
            fitted(column, cells)
            columns.append(cells.values)
            for place, what in cells.faults.items():
                if reasons.get(place, [Reason("", "")])[0].field != WHOLE_ROW:
                    reasons.setdefault(place, []).append(Reason(column.name, what))
        return formatted(self._names, columns, reasons)

    def _made(self, place: int, row: Values, reasons: dict[int, list[Reason]]) -> Values:
        try:
            made = self._function(row)
        except Unfit as error:
            reasons[place] = [Reason(WHOLE_ROW, str(error))]
            return {}
        except (ValueError, ArithmeticError, TypeError, LookupError, AttributeError) as error:
            # The error's own text may hold a value.
            reasons[place] = [Reason(WHOLE_ROW, f"cannot be made by {self.name}: {type(error).__name__}")]
            return {}
        if unknown := sorted(set(made) - set(self._names)):
            reasons[place] = [Reason(WHOLE_ROW, f"has {', '.join(unknown)}, which {self.target.name} has not")]
        return made


_REGISTERED: dict[str, CodeFormatter] = {}


def formatter(
    name: str, *, source: type[Row] | Table, target: type[Row] | Table
) -> Callable[[Function], CodeFormatter]:
    """Make a formatter of a function, under a name of its own: ``@formatter("short_names", source=…, target=…)``."""

    def register(function: Function) -> CodeFormatter:
        if name in _REGISTERED:
            raise TypeError(f"there are two formatters {name}")
        _REGISTERED[name] = CodeFormatter(name, source, target, function)
        return _REGISTERED[name]

    return register


def registered() -> Mapping[str, CodeFormatter]:
    """Every formatter that is a function, by name."""
    return dict(_REGISTERED)


def formatter_named(name: str) -> CodeFormatter:
    """The formatter of that name. SetupError names those there are."""
    try:
        return _REGISTERED[name]
    except KeyError:
        raise SetupError(f"there is no formatter {name}; there are {', '.join(_REGISTERED) or 'none'}") from None
