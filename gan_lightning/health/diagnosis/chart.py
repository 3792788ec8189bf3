"""A series of numbers as a line of characters."""

from collections.abc import Sequence
from math import isfinite

LEVELS = " .:-=+*#%@"
WIDTH = 48


def chart(values: Sequence[float], width: int = WIDTH) -> str:
    """Return at most ``width`` characters, denser where a value is higher; ``x`` where one is not finite.

    Example:
        >>> chart([0.0, 1.0, 2.0, float("nan"), 9.0])
        ' .:x@'
    """
    size = min(width, len(values))
    parts = [values[i * len(values) // size : (i + 1) * len(values) // size] for i in range(size)]
    means = [sum(part) / len(part) for part in parts]
    known = [mean for mean in means if isfinite(mean)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    step = high / (len(LEVELS) - 1) - low / (len(LEVELS) - 1) or 1.0
    return "".join(LEVELS[round(mean / step - low / step)] if isfinite(mean) else "x" for mean in means)
