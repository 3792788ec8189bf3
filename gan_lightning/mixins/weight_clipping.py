"""WeightClipping: keep the discriminator's weights in a box, so that its slope is bounded.

Paper: Arjovsky et al. 2017, algorithm 1, https://arxiv.org/abs/1701.07875
"""

from typing import Any

import torch

from gan_lightning.batch import Batch
from gan_lightning.gan import GAN


class WeightClipping(GAN):
    """Put each of the discriminator's parameters back into ``[-weight_clip, weight_clip]`` after each of its updates.

    The rule of the first Wasserstein GAN, for ``losses.Wasserstein()``, ``d_steps=5`` and RMSprop at 5e-5. It is here
    for comparison: the critic becomes too simple and its gradients vanish or explode with depth, so prefer
    ``GradientPenalty`` or spectral norm. A norm layer's gain is clipped too, which silences deep networks: with weight
    clipping, use batch norm without a learned gain or no norm.

    Hooks: ``d_step``. Neutral: ``weight_clip=0``. Cost: two passes over the parameters.

    Args:
        weight_clip: largest absolute value of a parameter, above 0; 0 clips nothing. The paper uses 0.01.

    Raises:
        ValueError: if ``weight_clip < 0``; from ``UnrolledGAN``, whose look-ahead would leave the box.

    Example:
        >>> from gan_lightning.losses import Wasserstein
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> networks = MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,))
        >>> WeightClipping(*networks, Wasserstein(), latent_dim=8, d_steps=5).weight_clip
        0.01
    """

    def __init__(self, *args: Any, weight_clip: float = 0.01, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if weight_clip < 0:
            raise ValueError(f"weight_clip must be 0 (clips nothing) or more, got {weight_clip}")
        self.weight_clip = weight_clip

    def d_step(self, batch: Batch) -> None:
        super().d_step(batch)
        if self.weight_clip:
            with torch.no_grad():
                torch._foreach_clamp_min_(self._player_d.params, -self.weight_clip)
                torch._foreach_clamp_max_(self._player_d.params, self.weight_clip)

    def _updates_beyond_the_optimizer(self) -> bool:
        return self.weight_clip > 0
