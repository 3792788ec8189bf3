"""Curves of any length in few points, with every peak and every dip."""

from collections.abc import Sequence
from math import isfinite

from gan_lightning.health.logs.log import Series

Point = tuple[int, float | None]
FEWEST, MOST = 100, 2000
"""Points of a curve."""
BUDGET = 120_000
"""Points on a page."""


def points_for(num_curves: int) -> int:
    """Return how many points each curve may have.

    Example:
        >>> points_for(10), points_for(200), points_for(10_000)
        (2000, 600, 100)
    """
    return min(MOST, max(FEWEST, BUDGET // max(1, num_curves)))


def thinned(series: Series, most: int) -> list[Point]:
    """Return at most ``most`` points: of each stretch the lowest and the highest, in order; None is a gap.

    What is not finite is a gap, which a stretch keeps, so that no line is drawn across it.

    Args:
        series: values by iteration, in order.
        most: points, at least 5.

    Example:
        >>> thinned({1: 5.0, 2: float("nan"), 3: 0.1234567}, 4)
        [(1, 5.0), (2, None), (3, 0.12346)]
    """
    points: list[Point] = [(at, _short(value)) for at, value in series.items()]
    if len(points) <= most:
        return points
    first, *inner, last = points
    num = max(1, (most - 2) // 3)
    stretches = (inner[i * len(inner) // num : (i + 1) * len(inner) // num] for i in range(num))
    return [first, *(point for stretch in stretches for point in _extremes(stretch)), last]


def broken(series: Series) -> list[int]:
    """Return the iterations at which the value was not finite.

    Example:
        >>> broken({1: 0.5, 2: float("inf")})
        [2]
    """
    return [at for at, value in series.items() if not isfinite(value)]


def _extremes(stretch: Sequence[Point]) -> list[Point]:
    known = [(value, at) for at, value in stretch if value is not None]
    gaps = [point for point in stretch if point[1] is None][:1]
    low_and_high = {(at, value) for value, at in (min(known), max(known))} if known else set()
    return sorted([*low_and_high, *gaps], key=lambda point: point[0])


def _short(value: float) -> float | None:
    """Return five digits of a number, for more cannot be seen."""
    return float(f"{value:.5g}") if isfinite(value) else None
