"""Instance noise for a module that knows nothing of it: the discriminator sees everything through noise.

Paper: Sonderby et al. 2017, section 3.1.2, https://arxiv.org/abs/1610.04490; Arjovsky, Bottou 2017,
section 3, https://arxiv.org/abs/1701.04862
"""

from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor

from gan_lightning.callbacks.changes_samples import ChangesSamples


class AddInstanceNoise(ChangesSamples):
    """Add Gaussian noise, ``x + std * noise``, to all samples that the discriminator sees while it trains.

    Real and generated distributions then overlap, so that the discriminator's gradient means something even far from
    the optimum. Anneal it to 0: a generator that is judged through noise need not be sharp. The noise is added on each
    call of the discriminator in training mode, to its samples alone, whoever calls: a gradient penalty of the module,
    and ``AddR1``, judge noisy samples too. A ``GAN`` of this package has the mixin ``InstanceNoise``.

    Args:
        std: standard deviation in the units of the samples, 0 or more; without ``over`` it may be changed at any time,
            but no checkpoint holds it.
        end: standard deviation after ``over`` batches.
        over: batches in which ``std`` goes to ``end`` in a straight line; None keeps it.
        discriminator: dotted path of the network; found by its name if None.
        samples: which argument of the discriminator's calls holds the samples, counted from 0; None takes the first
            floating one, and refuses a call in which another is as likely.

    Raises:
        ValueError: if a number is out of range; at fit start, if the discriminator or its optimizer is not found.
        RuntimeError: if the discriminator is updated without having been called, or called on several tensors that
            may be the samples.

    Example:
        >>> AddInstanceNoise(std=0.1, over=10_000).end
        0.0
    """

    def __init__(
        self,
        std: float = 0.1,
        end: float = 0.0,
        over: int | None = None,
        discriminator: str | None = None,
        samples: int | None = None,
    ) -> None:
        super().__init__(discriminator, samples)
        if not (std >= 0 and end >= 0) or (over is not None and over < 1):
            raise ValueError(f"expected std and end >= 0 and over >= 1 or None, got {std}, {end} and {over}")
        self.std, self.start, self.end, self.over = std, std, end, over

    def start_anew(self) -> None:
        self._batches = 0

    def state_dict(self) -> dict[str, Any]:
        return {"batches": self._batches}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self._batches = state_dict["batches"]

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int) -> None:
        super().on_train_batch_start(trainer, pl_module, batch, batch_idx)
        if self.over is not None:
            self.std = self.start + (self.end - self.start) * min(1.0, self._batches / self.over)
        self._batches += 1

    def change(self, x: Tensor) -> Tensor:
        return x + self.std * torch.randn_like(x) if self.std else x
