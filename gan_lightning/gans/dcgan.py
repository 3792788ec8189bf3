"""DCGAN: convolutional networks for images.

Paper: Radford, Metz, Chintala 2016, https://arxiv.org/abs/1511.06434
Differs: any size from 8 to 128, square or not, and any number of channels; ``norm_d`` may drop batch norm from the
discriminator, which gradient penalties such as R1 need.
"""

from typing import Any

from torch import nn

from gan_lightning.gan import GAN
from gan_lightning.gans.missing_networks import missing_networks
from gan_lightning.networks import DCGANDiscriminator, DCGANGenerator, Norm


class DCGAN(GAN):
    """A GAN whose networks, unless given, are DCGAN's, built for ``shape``.

    Args:
        generator: a network of one's own in the place of DCGAN's.
        discriminator: likewise.
        shape: (C, H, W) of one image, values in [-1, 1]; the command line takes it from the data.
        latent_dim: length of a latent vector; the paper uses 100.
        num_classes: how many classes the networks are told of; 0 for none.
        width_d: channels of the discriminator's first layer; the paper uses 64 for 64 x 64 images.
        width_g: channels of the generator's last layer but one.
        norm_d: normalisation in the discriminator.
        norm_g: normalisation in the generator.
        dropout_d: share of the discriminator's features dropped while it trains.
        dropout_g: likewise for the generator.

    Raises:
        ValueError: if neither ``shape`` nor both networks are given, or the shape is out of range.

    Example:
        >>> gan = DCGAN(shape=(1, 8, 8), width_d=8, width_g=8, latent_dim=16)
        >>> gan.sample(3, seed=0).shape
        torch.Size([3, 1, 8, 8])
    """

    def __init__(
        self,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        *args: Any,
        shape: tuple[int, ...] | None = None,
        latent_dim: int = 100,
        num_classes: int = 0,
        width_d: int = 64,
        width_g: int = 64,
        norm_d: Norm = "batch",
        norm_g: Norm = "batch",
        dropout_d: float = 0.0,
        dropout_g: float = 0.0,
        **kwargs: Any,
    ) -> None:
        generator, discriminator = missing_networks(
            "DCGAN",
            shape,
            generator,
            discriminator,
            lambda of: DCGANGenerator(latent_dim, of, num_classes, width=width_g, norm=norm_g, dropout=dropout_g),
            lambda of: DCGANDiscriminator(of, num_classes, width=width_d, norm=norm_d, dropout=dropout_d),
        )
        super().__init__(generator, discriminator, *args, latent_dim=latent_dim, num_classes=num_classes, **kwargs)
