"""GradientPenalty: hold the discriminator's slope at 1 between the real and the generated samples (WGAN-GP).

Paper: Gulrajani et al. 2017, section 4, equation 3, https://arxiv.org/abs/1704.00028
"""

from typing import Any

import torch

from gan_lightning.functional import gradient_norm_penalty, points_between
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class GradientPenalty(GAN):
    """Add ``gp_weight * E(|grad D(x_hat)| - gp_target)^2`` to the discriminator's loss.

    ``x_hat = e x + (1 - e) G(z)`` with one e, uniform in [0, 1], per sample. It makes the optimal slope of a critic the
    rule, so it is meant for ``losses.Wasserstein()``, with ``d_steps=5`` and Adam at 1e-4, betas 0 and 0.9. The players
    then orbit the equilibrium at a small distance instead of reaching it (Mescheder et al. 2018); R1 does not.
    Not with batch norm in the discriminator, where one sample's gradient depends on its batch mates. With labels, the
    points are judged under those of the batch.

    Hooks: ``input_grad``, ``d_terms`` adds ``gp``. Neutral: ``gp_weight=0``. Cost: one more pass of the discriminator
    and a double backward each ``gp_every``-th iteration.

    Args:
        gp_weight: strength, 0 or more; the paper uses 10, and 0.1 on its toys.
        gp_target: the norm that costs nothing, 0 or more; the paper uses 1.
        gp_every: apply it each k-th iteration, k times as strong; the paper uses 1.

    Raises:
        ValueError: if ``gp_weight < 0``, ``gp_target < 0`` or ``gp_every < 1``.

    Example:
        >>> from gan_lightning.losses import Wasserstein
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> GradientPenalty(*networks, Wasserstein(), latent_dim=8, d_steps=5).gp_weight
        10.0
    """

    def __init__(
        self, *args: Any, gp_weight: float = 10.0, gp_target: float = 1.0, gp_every: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if gp_weight < 0 or gp_target < 0 or gp_every < 1:
            raise ValueError(
                "expected gp_weight >= 0, gp_target >= 0 and gp_every >= 1, got "
                f"{gp_weight}, {gp_target} and {gp_every}"
            )
        self.gp_weight, self.gp_target, self.gp_every = gp_weight, gp_target, gp_every

    @property
    def input_grad(self) -> frozenset[str]:
        wanted = super().input_grad
        return wanted | {"between"} if self._gp_is_due() else wanted

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self._gp_is_due():
            points = points_between(step.real, step.fake, self.draw(torch.rand, step.real))
            logits = self.critique_exactly(points, step.label).logits
            penalty = gradient_norm_penalty(logits, points, self.gp_target)
            terms.add("gp", self.gp_weight * self.gp_every * penalty)
        return terms

    def _gp_is_due(self) -> bool:
        return bool(self.gp_weight) and self.iteration % self.gp_every == 0
