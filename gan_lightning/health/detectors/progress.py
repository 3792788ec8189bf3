"""What values of several checks say together."""

from math import isnan, nan
from statistics import median

from gan_lightning.health.history import History


def level(values: list[float]) -> float:
    """Return the median of the known values; NaN if there are none.

    Example:
        >>> level([0.3, float("nan"), 0.1])
        0.2
    """
    known = [value for value in values if not isnan(value)]
    return median(known) if known else nan


def streak(history: History, holds: list[bool], checks: int) -> bool:
    """Tell whether something held at each of the last ``checks`` checks.

    Example:
        >>> history = History()
        >>> history.add(100, {})
        >>> streak(history, [True], 1), streak(history, [True], 2)
        (True, False)
    """
    return len(holds) >= checks and len(history) >= checks and all(holds[-checks:])
