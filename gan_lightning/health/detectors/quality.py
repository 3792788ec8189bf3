"""How the generated samples are doing, so that a detector of a cause asks whether it does any harm."""

from math import isnan
from typing import Literal

from torch import Tensor

from gan_lightning.health.detectors.floor import excess_floor
from gan_lightning.health.detectors.progress import level
from gan_lightning.health.history import History
from gan_lightning.health.window import Window

Quality = Literal["good", "improving", "fair", "bad", "unknown"]

TV, TV_REAL = "bins/tv", "bins/tv_real"
GOOD, BAD = 0.4, 0.55
"""Total variation over the bins of the real samples at which a GAN was up in the study, and at which it was down."""

WITHIN, FALL = 1000, 0.1
"""Iterations within which a GAN that still learns lowers it, and by how much."""


def distance_in_bins(window: Window) -> dict[str, Tensor]:
    """Return what ``quality`` judges by: the samples' distance from the real ones in the bins, and the real ones'."""
    return {TV: window.tv, TV_REAL: window.tv_real}


def quality(history: History, checks: int = 3) -> Quality:
    """Tell how the samples fit the real ones' bins by now, in the median of the last checks.

    Example:
        >>> history = History()
        >>> for iteration in range(100, 1100, 100):
        ...     history.add(iteration, {"bins/tv": 0.9})
        >>> quality(history)
        'bad'
    """
    now = level(history.last(TV, checks)) - excess_floor(history)
    if isnan(now):
        return "unknown"
    if now <= GOOD:
        return "good"
    if level(history.since(TV, WITHIN)[:3]) - level(history.last(TV, 3)) > FALL:
        return "improving"
    return "bad" if now > BAD else "fair"


def in_words(history: History) -> str:
    """Return the samples' quality and the number behind it.

    Example:
        >>> in_words(History())
        'not known'
    """
    found = quality(history)
    return "not known" if found == "unknown" else f"{found} ({TV} {level(history.last(TV, 3)):.2f})"
