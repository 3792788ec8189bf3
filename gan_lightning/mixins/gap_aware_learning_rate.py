"""Gap-aware learning rate: hold the discriminator's loss near that of an ideal discriminator.

Paper: Hazimeh, Ponomareva 2023, section 3, table 1, https://arxiv.org/abs/2302.00089
Differs: relativistic losses are added to the table of ideal values; the least-squares value is half of the paper's, as
is the loss here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf, log
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from gan_lightning.batch import Batch
from gan_lightning.construction import check_count
from gan_lightning.distributed import mean_over_ranks
from gan_lightning.functional import gap_aware_factor
from gan_lightning.gan import GAN
from gan_lightning.losses import (
    AdversarialLoss,
    Hinge,
    LeastSquares,
    Minimax,
    NonSaturating,
    RelativisticAverage,
    RelativisticPaired,
    Wasserstein,
)
from gan_lightning.step import Step, Terms

IDEAL: dict[type[AdversarialLoss], float] = {
    NonSaturating: log(4),
    Minimax: log(4),
    LeastSquares: 0.25,
    Hinge: 2.0,
    RelativisticPaired: log(2),
    RelativisticAverage: log(4),
    Wasserstein: 0.0,
}
"""The discriminator's loss where real and generated samples are the same and it does its best."""


class GapAwareLearningRate(GAN):
    """Multiply the discriminator's learning rate by a function of the gap between its loss and its ideal loss.

    Against a perfect generator, the loss of the best discriminator is a known constant: log 4 for the original loss.
    Where the running mean of its adversarial loss is above it, the discriminator learns up to ``gap_fastest`` times as
    fast; where it is below, down to ``gap_slowest`` times. The rate in the optimizer, which schedulers and checkpoints
    see, is put back after each update. With smoothed labels the ideal is another: give ``gap_ideal``.

    Hooks: ``d_terms`` measures, ``d_step``. Neutral: ``gap_slowest=1`` and ``gap_fastest=1``. Cost: one number read
    from the device per ``gap_every`` updates; with several ranks, one all-reduce of it per update.

    Args:
        gap_ideal: the ideal loss; by default that of the loss, where it is known.
        gap_width: distance from it at which the factor reaches its limit; by default a tenth of it, as in the paper.
        gap_slowest: smallest factor, in (0, 1]; the paper uses 0.1.
        gap_fastest: largest factor, 1 or more; the paper uses 2.
        gap_decay: what the running mean of the loss keeps at each update, in [0, 1); the paper uses 0.95.
        gap_every: iterations between two changes of the factor; 1 in the paper. More spares a GPU from waiting.

    Raises:
        TypeError: if ``gap_every`` is no whole number.
        ValueError: if an argument is out of range; unless it is neutral, if the loss has no known ideal value and none
            is given, or it is 0, as with Wasserstein, and there is no ``gap_width``; from ``UnrolledGAN``, whose
            look-ahead would not see the factor.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> round(GapAwareLearningRate(*networks, latent_dim=8).gap_ideal, 4)
        1.3863
    """

    gap_loss: Tensor

    def __init__(
        self,
        *args: Any,
        gap_ideal: float | None = None,
        gap_width: float | None = None,
        gap_slowest: float = 0.1,
        gap_fastest: float = 2.0,
        gap_decay: float = 0.95,
        gap_every: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        check_count("gap_every", gap_every, 1)
        if not (0 < gap_slowest <= 1 <= gap_fastest < inf and 0 <= gap_decay < 1):
            raise ValueError(
                "expected gap_slowest in (0, 1], gap_fastest finite and 1 or more, and gap_decay in [0, 1), got "
                f"{gap_slowest}, {gap_fastest} and {gap_decay}"
            )
        self.gap_slowest, self.gap_fastest = gap_slowest, gap_fastest
        self.gap_decay, self.gap_every = gap_decay, gap_every
        ideal = IDEAL.get(type(self.loss)) if gap_ideal is None else gap_ideal
        if ideal is None and self._gap_is_open():
            raise ValueError(
                f"GapAwareLearningRate knows no ideal value of {type(self.loss).__name__}: give gap_ideal, the "
                "discriminator's loss against a perfect generator"
            )
        ideal = 0.0 if ideal is None else ideal
        width = abs(ideal) / 10 if gap_width is None else gap_width
        if not width > 0 and self._gap_is_open():
            raise ValueError(
                f"the gap from the ideal loss {ideal} of {type(self.loss).__name__} needs a scale, got {width}: "
                "give gap_width > 0, the gap at which the learning rate reaches its limit"
            )
        self.gap_ideal, self.gap_width = ideal, width
        self._gap_factor, self._gap_rates = 1.0, list[float]()
        self._gap_parts = list[Tensor]()
        self.register_buffer("gap_loss", torch.tensor(ideal))

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self._gap_is_open():
            self._gap_parts.append(terms["adv"].detach())
        return terms

    def d_step(self, batch: Batch) -> None:
        with self._gap_rate():
            super().d_step(batch)

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        super().on_before_optimizer_step(optimizer)
        if self._gap_is_open() and self._player_d.owns(optimizer):
            self._gap_measure()
            self._gap_scale(optimizer)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_save_checkpoint(checkpoint)
        checkpoint["gap_aware_learning_rate"] = self._gap_factor

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_load_checkpoint(checkpoint)
        self._gap_factor = checkpoint["gap_aware_learning_rate"]

    def _gap_is_open(self) -> bool:
        return self.gap_slowest < 1 or self.gap_fastest > 1

    def _updates_beyond_the_optimizer(self) -> bool:
        return self._gap_is_open()

    def _gap_measure(self) -> None:
        """Let the running mean see the loss of this update, the mean over its micro-batches."""
        now = mean_over_ranks(torch.stack(self._gap_parts).mean())
        self.move_mean(self.gap_loss, now.to(self.gap_loss.dtype), 1 - self.gap_decay)
        self._gap_parts.clear()

    def _gap_scale(self, optimizer: Optimizer) -> None:
        if self.iteration % self.gap_every == 0:
            loss = self.gap_loss.item()
            self._gap_factor = gap_aware_factor(
                loss, self.gap_ideal, self.gap_width, self.gap_slowest, self.gap_fastest
            )
        if self._step_log.is_due:
            self.note("d/lr_factor", self.gap_loss.new_tensor(self._gap_factor))
        for group, rate in zip(optimizer.param_groups, self._gap_rates, strict=True):
            group["lr"] = rate * self._gap_factor

    @contextmanager
    def _gap_rate(self) -> Iterator[None]:
        """Put the learning rates back after the update."""
        if not self._gap_is_open():
            yield
            return
        self._gap_parts.clear()
        groups = self._player_d._raw.param_groups
        self._gap_rates = [group["lr"] for group in groups]
        try:
            yield
        finally:
            for group, rate in zip(groups, self._gap_rates, strict=True):
                group["lr"] = rate
