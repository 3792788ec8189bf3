"""R1: penalise the discriminator's gradient at the real samples.

Paper: Mescheder, Geiger, Nowozin 2018, equation 9, https://arxiv.org/abs/1801.04406. The interval: Karras et al. 2020,
section 3.1 (lazy regularisation), https://arxiv.org/abs/1912.04958
"""

from typing import Any

from gan_lightning.functional import input_gradient_penalty
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class R1(GAN):
    """Add ``r1_gamma / 2 * E|grad D(real)|^2`` to the discriminator's loss.

    Near equilibrium it damps the rotation that keeps the players from converging. Samples are judged after ``augment``
    and differentiated before it, as in StyleGAN2-ADA. Not with batch norm in the discriminator, where one sample's
    gradient depends on its batch mates.

    Hooks: ``input_grad``, ``d_terms`` adds ``r1``. Neutral: ``r1_gamma=0``. Cost: one double backward each
    ``r1_every``-th iteration.

    Args:
        r1_gamma: strength, 0 or more; the paper uses 10, less for low resolutions.
        r1_every: apply it each k-th iteration, k times as strong; Karras et al. use 16.

    Raises:
        ValueError: if ``r1_gamma < 0`` or ``r1_every < 1``.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(R1, GAN):
        ...     pass
        >>> MyGAN(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8, r1_gamma=1.0).r1_gamma
        1.0
    """

    def __init__(self, *args: Any, r1_gamma: float = 10.0, r1_every: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if r1_gamma < 0 or r1_every < 1:
            raise ValueError(f"expected r1_gamma >= 0 and r1_every >= 1, got {r1_gamma} and {r1_every}")
        self.r1_gamma, self.r1_every = r1_gamma, r1_every

    @property
    def input_grad(self) -> frozenset[str]:
        wanted = super().input_grad
        return wanted | {"real"} if self._r1_is_due() else wanted

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self._r1_is_due():
            penalty = input_gradient_penalty(step.on_real.logits, step.real)
            terms.add("r1", 0.5 * self.r1_gamma * self.r1_every * penalty)
        return terms

    def _r1_is_due(self) -> bool:
        return bool(self.r1_gamma) and self.iteration % self.r1_every == 0
