"""DCGAN: convolutional networks for images.

Paper: Radford, Metz, Chintala 2016, https://arxiv.org/abs/1511.06434
Differs: any size from 8 to 128, square or not, and any number of channels; ``norm_d`` may drop batch norm from the
discriminator, which gradient penalties such as R1 need.
"""

from collections.abc import Callable
from typing import Any

from torch import nn

from gan_lightning.gans.by_shape import ByShape
from gan_lightning.gans.missing_networks import Shape
from gan_lightning.networks import DCGANDiscriminator, DCGANGenerator, Norm


class DCGAN(ByShape):
    """A GAN whose networks, unless given, are DCGAN's, built for ``shape``: ``ByShape`` with batch norm, for images.

    Args:
        latent_dim: length of a latent vector; the paper uses 100.
        norm_d: normalisation in the discriminator.
        norm_g: normalisation in the generator.

    Raises:
        ValueError: if neither ``shape`` nor both networks are given, or the shape is no image's.

    Example:
        >>> gan = DCGAN(shape=(1, 8, 8), width_d=8, width_g=8, latent_dim=16)
        >>> gan.sample(3, seed=0).shape
        torch.Size([3, 1, 8, 8])
    """

    def __init__(
        self, *args: Any, latent_dim: int = 100, norm_d: Norm = "batch", norm_g: Norm = "batch", **kwargs: Any
    ) -> None:
        super().__init__(*args, latent_dim=latent_dim, norm_d=norm_d, norm_g=norm_g, **kwargs)

    def _network_types(self, shape: Shape) -> tuple[Callable[..., nn.Module], Callable[..., nn.Module]]:
        return DCGANGenerator, DCGANDiscriminator
