"""ZeroCenteredPenalty: flatten the discriminator between the real and the generated samples (0-GP).

Paper: Thanh-Tung, Tran, Venkatesh 2019, section 5, https://arxiv.org/abs/1902.03984
Differs: the gradient is that of the logits, as in R1; the authors' code takes that of the probability, which vanishes
    where the discriminator is sure. The lines are straight in the space of the samples, as in that code.
"""

from typing import Any

import torch

from gan_lightning.functional import input_gradient_penalty, points_between
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class ZeroCenteredPenalty(GAN):
    """Add ``zero_centered_weight * E|grad D(x_hat)|^2`` to the discriminator's loss.

    ``x_hat = a x + (1 - a) G(z)`` with one a, uniform in [0, 1], per sample. A discriminator which memorises a small
    data set has steep walls between the samples; this one is drawn to the smooth optimum and generalises. It damps
    towards an equilibrium, as R1 does, and unlike ``GradientPenalty`` fits every loss. Not with batch norm in the
    discriminator, where one sample's gradient depends on its batch mates.

    Hooks: ``input_grad``, ``d_terms`` adds ``zero_centered``. Neutral: ``zero_centered_weight=0``. Cost: one more pass
    of the discriminator and a double backward each ``zero_centered_every``-th iteration.

    Args:
        zero_centered_weight: strength, 0 or more; 10 is WGAN-GP's. There is no 1/2 in it: 5 is as strong as R1's 10.
        zero_centered_every: apply it each k-th iteration, k times as strong; the paper uses 1.

    Raises:
        ValueError: if ``zero_centered_weight < 0`` or ``zero_centered_every < 1``.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> ZeroCenteredPenalty(*networks, latent_dim=8, zero_centered_weight=1.0).zero_centered_weight
        1.0
    """

    def __init__(
        self, *args: Any, zero_centered_weight: float = 10.0, zero_centered_every: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if zero_centered_weight < 0 or zero_centered_every < 1:
            raise ValueError(
                "expected zero_centered_weight >= 0 and zero_centered_every >= 1, got "
                f"{zero_centered_weight} and {zero_centered_every}"
            )
        self.zero_centered_weight, self.zero_centered_every = zero_centered_weight, zero_centered_every

    @property
    def input_grad(self) -> frozenset[str]:
        wanted = super().input_grad
        return wanted | {"between"} if self._zero_centered_is_due() else wanted

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self._zero_centered_is_due():
            points = points_between(step.real, step.fake, self.draw(torch.rand, step.real))
            penalty = input_gradient_penalty(self.critique_exactly(points, step.label).logits, points)
            terms.add("zero_centered", self.zero_centered_weight * self.zero_centered_every * penalty)
        return terms

    def _zero_centered_is_due(self) -> bool:
        return bool(self.zero_centered_weight) and self.iteration % self.zero_centered_every == 0
