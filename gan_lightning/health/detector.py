"""What a detector is."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

from gan_lightning.health.history import History
from gan_lightning.health.verdict import Kind, Verdict
from gan_lightning.health.window import Window


class Detector(ABC):
    """Tells one kind of failure. It holds thresholds and no state: all it knows of a run is in the history.

    Example:
        >>> class Lost(Detector):
        ...     kind = "stagnation"
        ...
        ...     def measure(self, window):
        ...         return {"lost/fakes": window.fake.std()}
        ...
        ...     def judge(self, history):
        ...         return None
    """

    kind: ClassVar[Kind]

    @abstractmethod
    def measure(self, window: Window) -> dict[str, Tensor]:
        """Return scalars by name, (), on the window's device; nothing is synchronised, nothing is random.

        Detectors may share a name if they mean the same value.
        """

    @abstractmethod
    def judge(self, history: History) -> Verdict | None:
        """Return what is wrong at the last check, None if nothing is or the history does not tell."""
