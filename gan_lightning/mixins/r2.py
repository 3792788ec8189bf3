"""R2: penalise the discriminator's gradient at the generated samples.

Paper: Mescheder, Geiger, Nowozin 2018, equation 10, https://arxiv.org/abs/1801.04406. With R1, on a relativistic
loss, it is R3GAN's regulariser: Huang et al. 2024, https://arxiv.org/abs/2501.05441
"""

from typing import Any

from gan_lightning.functional import input_gradient_penalty
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class R2(GAN):
    """Add ``r2_gamma / 2 * E|grad D(G(z))|^2`` to the discriminator's loss.

    The twin of R1 at the samples of the generator. Alone it converges as R1 does where the theory holds; R3GAN needs
    both, because with R1 alone the gradient at the generated samples may explode. Not with batch norm in the
    discriminator, where one sample's gradient depends on its batch mates.

    Hooks: ``input_grad``, ``d_terms`` adds ``r2``. Neutral: ``r2_gamma=0``. Cost: one double backward each
    ``r2_every``-th iteration.

    Args:
        r2_gamma: strength, 0 or more; the paper uses 10, less for low resolutions; usually R1's.
        r2_every: apply it each k-th iteration, k times as strong. R3GAN fails to converge on toys at 8: leave it at 1.

    Raises:
        ValueError: if ``r2_gamma < 0`` or ``r2_every < 1``.

    Example:
        >>> from gan_lightning.mixins import R1
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(R1, R2, GAN):
        ...     pass
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> MyGAN(*networks, latent_dim=8, r1_gamma=1.0, r2_gamma=1.0).r2_gamma
        1.0
    """

    def __init__(self, *args: Any, r2_gamma: float = 10.0, r2_every: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if r2_gamma < 0 or r2_every < 1:
            raise ValueError(f"expected r2_gamma >= 0 and r2_every >= 1, got {r2_gamma} and {r2_every}")
        self.r2_gamma, self.r2_every = r2_gamma, r2_every

    @property
    def input_grad(self) -> frozenset[str]:
        wanted = super().input_grad
        return wanted | {"fake"} if self._r2_is_due() else wanted

    def d_terms(self, step: Step) -> Terms:
        terms = super().d_terms(step)
        if self._r2_is_due():
            penalty = input_gradient_penalty(step.on_fake.logits, step.fake)
            terms.add("r2", 0.5 * self.r2_gamma * self.r2_every * penalty)
        return terms

    def _r2_is_due(self) -> bool:
        return bool(self.r2_gamma) and self.iteration % self.r2_every == 0
