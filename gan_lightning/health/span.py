"""How many batches before a check are looked at."""

from torch import Tensor

from gan_lightning.health.wishes import FEWEST_SAMPLES

FEWEST, MOST = 5, 64
"""Batches in a window."""


class Span:
    """Counts the batches that hold the samples of a check; from the largest batch so far, for the last may be short.

    Args:
        every: iterations between two checks.
        samples: of a check, over all ranks.
        wanted_by: whose arguments these are, for people.
    """

    def __init__(self, every: int, samples: int, wanted_by: str) -> None:
        self.every, self.samples, self.wanted_by = every, samples, wanted_by
        self.set(0)

    def set(self, largest: int) -> None:
        """Set the size of the largest batch, over all ranks; 0 if there was none."""
        self.largest = largest
        self.needed = min(MOST, -(-self.samples // largest)) if largest else 1
        self.first = max(0, self.every - max(FEWEST, self.needed))
        """Of the batches between two checks, the first that is looked at."""

    def see(self, real: Tensor | None, ranks: int) -> None:
        """Take in a batch of one of the ranks.

        Raises:
            ValueError: if there are too few batches between two checks.
        """
        size = 0 if real is None else len(real) * ranks
        if size <= self.largest:
            return
        self.set(size)
        if self.needed > self.every:
            raise ValueError(
                f"{self.wanted_by}(every={self.every}, samples={self.samples}) needs {self.needed} batches of {size} "
                f"for its samples, and there are {self.every} between two checks: set every={self.needed} or more"
                + (f", or samples={size * self.every} or fewer" if size * self.every >= FEWEST_SAMPLES else "")
            )
