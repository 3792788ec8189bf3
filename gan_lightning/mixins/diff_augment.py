"""DiffAugment: the discriminator sees real and generated samples through the same random changes.

Paper: Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training", equations 4 to 6,
https://arxiv.org/abs/2006.10738
Differs: the paper's transformations are for images; vectors get small rotations and noise instead.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from gan_lightning.functional.augment import change_by_policy, check_policy
from gan_lightning.gan import GAN


class DiffAugment(GAN):
    """Show the discriminator ``T(real)`` and ``T(fake)``; the generator is trained through T.

    With few data (some thousand images or less) the discriminator learns them by heart; it cannot learn all their
    variations. T is always applied, with one strength: nothing adapts. The generator does not learn T's changes,
    because the real samples are shown changed as well. Images (N, C, H, W) in [-1, 1] are changed by

    - "color": brightness by up to 0.5, saturation by a factor up to 2, contrast by one in [0.5, 1.5];
    - "translation": by up to 1/8 of the size, filled with zeros;
    - "cutout": a rectangle of half the height and width set to zero.

    Vectors (N, F), which should be centred and of deviation 1, are rotated by ``N(0, (pi/8)^2)`` in random planes, and
    get noise of deviation ``|N(0, 0.1^2)|``, whatever the policy names. Not together with ``ADA``: choose one.

    Hooks: ``augment``. Neutral: ``diffaugment_policy=()``. Cost: a few passes over the samples.

    Args:
        diffaugment_policy: names from above, applied in this order; the paper's full set by default.

    Raises:
        ValueError: if a name is unknown or named twice, or (in training) the samples are neither images nor vectors.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> import torch
        >>> class MyGAN(DiffAugment, GAN):
        ...     pass
        >>> networks = MLPGenerator(8, shape=(1, 8, 8)), MLPDiscriminator(shape=(1, 8, 8))
        >>> gan = MyGAN(*networks, latent_dim=8, diffaugment_policy=["translation"])
        >>> gan.augment(torch.zeros(4, 1, 8, 8)).shape
        torch.Size([4, 1, 8, 8])
    """

    def __init__(
        self, *args: Any, diffaugment_policy: Sequence[str] = ("color", "translation", "cutout"), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.diffaugment_policy = check_policy(diffaugment_policy)

    def augment(self, x: Tensor) -> Tensor:
        x = super().augment(x)
        return change_by_policy(x, self.diffaugment_policy, self.draw)
