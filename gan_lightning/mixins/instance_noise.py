"""Instance noise: the discriminator sees real and generated samples through the same noise.

Paper: Sonderby et al. 2017, "Amortised MAP inference for image super-resolution", section 3.1.2,
https://arxiv.org/abs/1610.04490; Arjovsky and Bottou 2017, section 3, https://arxiv.org/abs/1701.04862
"""

from typing import Any

import torch
from torch import Tensor

from gan_lightning.gan import GAN


class InstanceNoise(GAN):
    """Add ``noise_std * N(0, 1)`` to all that the discriminator sees in training.

    Two distributions on thin sets can be told apart perfectly, and a perfect discriminator teaches nothing. Noise
    spreads both, so that they overlap, and it does not move the equilibrium. Anneal it to 0 during the run, or the
    generator is only as sharp as the noise lets it be: the callback ``AnnealAttribute`` does it, on ``noise_std``. In
    many dimensions R1 is the better choice, being the same to first order without the random numbers.

    Hooks: ``augment``. Neutral: ``noise_std=0``. Cost: one random number per number of a sample.

    Args:
        noise_std: deviation of the noise, 0 or more, in units of the samples; 0.1 is usual for images in [-1, 1].

    Raises:
        ValueError: if ``noise_std < 0``.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> class MyGAN(InstanceNoise, GAN):
        ...     pass
        >>> MyGAN(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8, noise_std=0.2).noise_std
        0.2
    """

    def __init__(self, *args: Any, noise_std: float = 0.1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if noise_std < 0:
            raise ValueError(f"expected noise_std >= 0, got {noise_std}")
        self.noise_std = float(noise_std)

    def augment(self, x: Tensor) -> Tensor:
        x = super().augment(x)
        return x + self.noise_std * self.draw(torch.randn, x, *x.shape[1:]) if self.noise_std else x
