"""Mode seeking: make latents that differ give samples that differ.

Paper: Mao, Lee, Tseng, Ma, Yang 2019, section 3.2, https://arxiv.org/abs/1903.05628
Differs: the adversarial loss sees the first of the two batches of samples only.
"""

from typing import Any

from gan_lightning.functional import mode_seeking_ratio
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class ModeSeeking(GAN):
    """Add ``mode_seeking_weight / (E |G(z1) - G(z2)| / E |z1 - z2| + eps)`` to the generator's loss.

    z2 is a second draw of latents, with the labels of the first. The paper maximises the ratio; its authors minimise
    the inverse, which is steep where the samples collapse and flat where they differ. Made for conditional generators
    that ignore their latents; it helps a little against mode collapse elsewhere. It rewards any difference, so a large
    weight costs quality.

    Hooks: ``g_terms`` adds ``mode_seeking``. Neutral: ``mode_seeking_weight=0``. Cost: a second pass of the generator,
    forward and backward.

    Args:
        mode_seeking_weight: strength, 0 or more; the paper uses 1.
        mode_seeking_eps: keeps the inverse finite, positive; 1e-5 in the authors' code.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> ModeSeeking(*networks, latent_dim=8, mode_seeking_weight=0.1).mode_seeking_weight
        0.1
    """

    def __init__(
        self, *args: Any, mode_seeking_weight: float = 1.0, mode_seeking_eps: float = 1e-5, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if mode_seeking_weight < 0 or mode_seeking_eps <= 0:
            raise ValueError(
                "expected mode_seeking_weight >= 0 and mode_seeking_eps > 0, got "
                f"{mode_seeking_weight} and {mode_seeking_eps}"
            )
        self.mode_seeking_weight, self.mode_seeking_eps = mode_seeking_weight, mode_seeking_eps

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        if self.mode_seeking_weight:
            other_z = self.draw_latents(len(step.fake))
            ratio = mode_seeking_ratio(step.fake, self.generate(other_z, step.label), step.z, other_z)
            terms.add("mode_seeking", self.mode_seeking_weight / (ratio + self.mode_seeking_eps))
        return terms
