"""The numbers of a run, by name and iteration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isnan, nan
from pathlib import Path

Series = dict[int, float]
"""Values by iteration, in order."""


@dataclass(frozen=True, slots=True)
class Log:
    """What a file says of a run.

    Args:
        path: of the file, or of the folder of several that belong together.
        clock: what counts the iterations: the name of a column.
        series: the numbers by name.

    Example:
        >>> log = Log(Path("metrics.csv"), "step", {"d_loss": {0: 1.4, 50: 1.2}, "lr": {99: 0.1}})
        >>> log.last, log.at(50)
        (99, {'d_loss': 1.2})
    """

    path: Path
    clock: str
    series: dict[str, Series] = field(default_factory=dict)

    @property
    def iterations(self) -> list[int]:
        """All iterations at which anything was logged, in order."""
        return sorted({iteration for each in self.series.values() for iteration in each})

    @property
    def last(self) -> int:
        """The last iteration that is logged; 0 if none is."""
        return max(self.iterations, default=0)

    def at(self, iteration: int) -> dict[str, float]:
        """Return the numbers of an iteration."""
        return {name: each[iteration] for name, each in self.series.items() if iteration in each}

    def later(self, by: int) -> "Log":
        """Return it with other numbers for the iterations."""
        moved = {name: {at + by: value for at, value in each.items()} for name, each in self.series.items()}
        return Log(self.path, self.clock, moved)

    def named(self, prefix: str) -> "Log":
        """Return the part whose names start with a prefix, without it."""
        part = {name.removeprefix(prefix): each for name, each in self.series.items() if name.startswith(prefix)}
        return Log(self.path, self.clock, part)


def log_of(path: Path, clock: str, rows: Iterable[tuple[int, Mapping[str, float]]]) -> Log:
    """Collect a log from rows of numbers; of two values at one iteration the later stands, unless it is missing."""
    series: dict[str, Series] = {}
    for iteration, row in rows:
        for name, value in row.items():
            series.setdefault(name, {})[iteration] = value
    return Log(path, clock, {name: dict(sorted(each.items())) for name, each in series.items()})


def number(text: object) -> float | None:
    """Return a logged value as a number, also NaN and infinities; None for what is none.

    Example:
        >>> number("1e-3"), number("nan"), number(""), number("cat")
        (0.001, nan, None, None)
    """
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return nan if isnan(value) else value
