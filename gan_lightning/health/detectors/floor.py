"""What even real samples would score in small windows, so that they do not alarm."""

from math import isnan

from gan_lightning.health.detectors.progress import level
from gan_lightning.health.history import History

FLOOR = 0.1
"""``bins/tv`` of 512 real samples against the reference: the thresholds are for windows of that size."""


def excess_floor(history: History) -> float:
    """Return how much further the window's real samples lie from the reference than 512 would; 0 if unknown.

    Example:
        >>> history = History()
        >>> history.add(100, {"bins/tv_real": 0.25})
        >>> round(excess_floor(history), 2)
        0.15
    """
    floor = level(history.last("bins/tv_real", 5))
    return 0.0 if isnan(floor) else max(0.0, floor - FLOOR)
