"""How far a treatment has come: uses, cool-down, and the share of iterations in which each remedy was active."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

from gan_lightning.health.history import History

COVERAGE = "bins/tv"
"""Distance between the shares of generated and real samples in the bins of the data, 0 at best."""

LOOK_BACK, FALL, CHECKS = 1000, 0.1, 3


@dataclass(slots=True)
class Course:
    """The state of a ladder, in plain numbers.

    Args:
        uses: applications by remedy.
        since: iteration at which the last rung was applied.
        until: end of its cool-down.
        latest: the latest end that an improvement can postpone it to.
        calm: checks in a row without a failure.
        has_given_up: whether that was said.
        checked: iteration of the last check.
        first: iteration of the first check.
        active: iterations in which each remedy was active.
        imagined: what a dry run would have applied.

    Example:
        >>> course = Course()
        >>> course.count(100, []), course.count(400, ["R1 + R2"])
        (None, None)
        >>> course.shares()
        {'R1 + R2': 0.75}
    """

    uses: dict[str, int] = field(default_factory=dict)
    since: int = 0
    until: int = 0
    latest: int = 0
    calm: int = 0
    has_given_up: bool = False
    checked: int = 0
    first: int = 0
    active: dict[str, int] = field(default_factory=dict)
    imagined: list[str] = field(default_factory=list)

    def count(self, iteration: int, active: Iterable[str]) -> None:
        """Count the iterations since the last check for the remedies that were active in them."""
        if not self.first:
            self.first = self.checked = iteration
        for name in active:
            self.active[name] = self.active.get(name, 0) + iteration - self.checked
        self.checked = iteration

    def shares(self) -> dict[str, float]:
        """Return the share of all iterations in which each remedy was active, of those that ever were."""
        return {name: iterations / max(1, self.checked) for name, iterations in self.active.items()}

    def cool_down(self, iteration: int, patience: int, most: int) -> None:
        """Give a rung time."""
        self.since, self.until, self.latest = iteration, iteration + patience, iteration + most

    def is_cooling(self, iteration: int, history: History) -> bool:
        """Tell whether the last rung still has time, because it is new or because modes come back."""
        return iteration < self.until or (iteration < self.latest and improves(history, iteration - self.since))

    def as_dict(self) -> dict[str, Any]:
        """Return it in plain data."""
        return asdict(self)


def improves(history: History, within: int = LOOK_BACK) -> bool:
    """Tell whether the coverage of the data has risen lately, by the first and the last checks of a span.

    Args:
        history: of the checks.
        within: iterations to look back, at most ``LOOK_BACK``.

    Example:
        >>> history = History()
        >>> for check, tv in enumerate((0.9, 0.9, 0.9, 0.8, 0.7, 0.6, 0.6)):
        ...     history.add(100 * check, {"bins/tv": tv})
        >>> improves(history)
        True
    """
    known = [value for value in history.since(COVERAGE, min(within, LOOK_BACK)) if isfinite(value)]
    if len(known) < 2 * CHECKS:
        return False
    before, now = sum(known[:CHECKS]) / CHECKS, sum(known[-CHECKS:]) / CHECKS
    return now < (1 - FALL) * before
