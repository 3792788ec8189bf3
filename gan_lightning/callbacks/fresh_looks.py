"""``EarlyStopping`` that looks at each evaluation once: it counts its patience by looks, and not by measurements."""

from collections.abc import Sequence
from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint


def watchers(trainer: Trainer, names: Sequence[str]) -> list[EarlyStopping | ModelCheckpoint]:
    """Return the callbacks that monitor something of which the name begins with one of these."""
    callbacks: list[Any] = trainer.callbacks  # type: ignore[attr-defined]
    watching = [each for each in callbacks if isinstance(each, EarlyStopping | ModelCheckpoint)]
    return [each for each in watching if each.monitor is not None and each.monitor.startswith(tuple(names))]


class FreshLooks:
    """Keeps some ``EarlyStopping`` from looking where nothing was measured since their last look.

    They look at the end of each epoch or validation. If a figure is measured more rarely, the same one would count as
    many times without improvement; if it was not measured yet, they would end the training.
    """

    def __init__(self) -> None:
        self.measured = 0
        """Evaluations so far."""
        self.looked: dict[str, int] = {}
        """How many there were at the last look, by the state key of the callback."""
        self._held: list[EarlyStopping] = []

    def hold(self, stoppers: Sequence[EarlyStopping]) -> None:
        """Let them look at what is fresh only, until ``release``."""
        self.release()
        self._held = list(stoppers)
        for stopper in self._held:
            self._wrap(stopper)

    def release(self) -> None:
        """Leave them as they were."""
        for stopper in self._held:
            vars(stopper).pop("_should_skip_check", None)
        self._held = []

    def state_dict(self) -> dict[str, Any]:
        return {"measured": self.measured, "looked": dict(self.looked)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.measured, self.looked = state["measured"], dict(state["looked"])

    def _wrap(self, stopper: Any) -> None:
        inner = stopper._should_skip_check

        def skips(trainer: Trainer) -> bool:
            if inner(trainer) or self.looked.get(stopper.state_key, 0) == self.measured:
                return True
            self.looked[stopper.state_key] = self.measured
            return False

        stopper._should_skip_check = skips
