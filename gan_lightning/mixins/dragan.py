"""DRAGAN: hold the discriminator's slope at 1 around the real samples.

Paper: Kodali et al. 2017, https://arxiv.org/abs/1705.07215
Differs: the paper writes Gaussian noise of a fixed variance, the authors' code adds up to half a standard deviation
    of the batch, uniform and positive. Here it is Gaussian, of half a standard deviation: centred, in the data's unit.
"""

from typing import Any

import torch

from gan_lightning.functional import gradient_norm_penalty, points_around
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class DRAGAN(GAN):
    """Add ``dragan_weight * E(|grad D(x + noise)| - dragan_target)^2`` to the discriminator's loss.

    It keeps the discriminator from the sharp peaks around real samples that go with mode collapse, and needs no
    generated samples. Use it with the original losses (``NonSaturating``, ``Minimax``) and one discriminator step. As
    with WGAN-GP, a target above 0 leaves the players on an orbit; R1 does not. Not with batch norm in the
    discriminator, where one sample's gradient depends on its batch mates.

    Hooks: ``input_grad``, ``d_terms`` adds ``dragan``. Neutral: ``dragan_weight=0``. Cost: one more pass of the
    discriminator and a double backward each ``dragan_every``-th iteration.

    Args:
        dragan_weight: strength, 0 or more; the paper uses 10.
        dragan_target: the norm that costs nothing, 0 or more; the paper uses 1.
        dragan_noise: standard deviation of the noise, in units of that of all values in the batch; above 0.
        dragan_every: apply it each k-th iteration, k times as strong; the paper uses 1.

    Raises:
        ValueError: if ``dragan_weight < 0``, ``dragan_target < 0``, ``dragan_noise <= 0`` or ``dragan_every < 1``.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> DRAGAN(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8).dragan_noise
        0.5
    """

    def __init__(
        self,
        *args: Any,
        dragan_weight: float = 10.0,
        dragan_target: float = 1.0,
        dragan_noise: float = 0.5,
        dragan_every: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if dragan_weight < 0 or dragan_target < 0 or dragan_noise <= 0 or dragan_every < 1:
            raise ValueError(
                "expected dragan_weight >= 0, dragan_target >= 0, dragan_noise > 0 and dragan_every >= 1, got "
                f"{dragan_weight}, {dragan_target}, {dragan_noise} and {dragan_every}"
            )
        self.dragan_weight, self.dragan_target = dragan_weight, dragan_target
        self.dragan_noise, self.dragan_every = dragan_noise, dragan_every

    @property
    def input_grad(self) -> frozenset[str]:
        wanted = super().input_grad
        return wanted | {"between"} if self._dragan_is_due() else wanted

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self._dragan_is_due():
            noise = self.draw(torch.randn, step.real, *step.real.shape[1:])
            points = points_around(step.real, noise, self.dragan_noise)
            logits = self.critique_exactly(points, step.label).logits
            penalty = gradient_norm_penalty(logits, points, self.dragan_target)
            terms.add("dragan", self.dragan_weight * self.dragan_every * penalty)
        return terms

    def _dragan_is_due(self) -> bool:
        return bool(self.dragan_weight) and self.iteration % self.dragan_every == 0
