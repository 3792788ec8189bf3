"""The learning rates of some optimizers, with what their schedulers and cycles start from."""

from collections.abc import Iterator, Sequence
from typing import Any

from lightning.pytorch import Trainer
from torch import Tensor
from torch.optim import Optimizer

KEYS = ("lr", "initial_lr", "max_lr", "min_lr")
"""Of a parameter group: the rate, and what schedulers keep there of it."""


class Rates:
    """Every number that a learning rate comes from, read and written as one list.

    Schedulers recompute the rate from ``base_lrs``, so that a change of ``lr`` alone would be gone at their next step.

    Args:
        trainer: whose schedulers are looked at.
        optimizers: whose rates are meant.
    """

    def __init__(self, trainer: Trainer, optimizers: Sequence[Optimizer]) -> None:
        self._groups = [group for optimizer in optimizers for group in optimizer.param_groups]
        own = {id(optimizer) for optimizer in optimizers}
        schedulers = [each for config in trainer.lr_scheduler_configs for each in _with_inner(config.scheduler)]
        self._bases: list[list[Any]] = [
            scheduler.base_lrs
            for scheduler in schedulers
            if hasattr(scheduler, "base_lrs") and id(_unwrapped(getattr(scheduler, "optimizer", None))) in own
        ]

    @property
    def now(self) -> float:
        """The largest rate of a group at this moment."""
        return max(float(group["lr"]) for group in self._groups)

    def read(self) -> list[float]:
        """Return all numbers."""
        return [float(place[key]) for place, key in self._places()]

    def write(self, numbers: Sequence[float]) -> None:
        """Set all numbers, as ``read`` gave them."""
        for (place, key), number in zip(self._places(), numbers, strict=True):
            if isinstance(place[key], Tensor):  # captured in a CUDA graph: the tensor itself must stay
                place[key].fill_(number)
            else:
                place[key] = number

    def scale(self, factor: float) -> None:
        """Multiply all numbers."""
        self.write([number * factor for number in self.read()])

    def _places(self) -> Iterator[tuple[Any, Any]]:
        yield from ((group, key) for group in self._groups for key in KEYS if key in group)
        yield from ((base, index) for base in self._bases for index in range(len(base)))


def _with_inner(scheduler: Any) -> Iterator[Any]:
    yield scheduler
    for inner in getattr(scheduler, "_schedulers", ()):
        yield from _with_inner(inner)


def _unwrapped(optimizer: Any) -> Any:
    return getattr(optimizer, "_optimizer", optimizer)
