"""The first GAN: fully connected networks, for vectors and small images.

Paper: Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661
Differs: rectifiers (leaky ones in the discriminator) in the place of maxout and sigmoid units.
"""

from typing import Any

from torch import nn

from gan_lightning.gan import GAN
from gan_lightning.gans.missing_networks import missing_networks
from gan_lightning.networks import MLPDiscriminator, MLPGenerator, Norm


class VanillaGAN(GAN):
    """A GAN whose networks, unless given, are fully connected, built for ``shape``.

    Args:
        generator: a network of one's own in the place of the fully connected one.
        discriminator: likewise.
        shape: shape of one sample, (2,) for points in the plane; the command line takes it from the data.
        latent_dim: length of a latent vector.
        num_classes: how many classes the networks are told of; 0 for none.
        width_d: units of each hidden layer of the discriminator.
        width_g: likewise for the generator.
        depth_d: hidden layers of the discriminator.
        depth_g: likewise for the generator.
        norm_d: normalisation in the discriminator.
        norm_g: normalisation in the generator.
        dropout_d: share of the discriminator's hidden units dropped while it trains.
        dropout_g: likewise for the generator.

    Raises:
        ValueError: if neither ``shape`` nor both networks are given.

    Example:
        >>> VanillaGAN(shape=(2,), latent_dim=2).sample(3, seed=0).shape
        torch.Size([3, 2])
    """

    def __init__(
        self,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        *args: Any,
        shape: tuple[int, ...] | None = None,
        latent_dim: int = 2,
        num_classes: int = 0,
        width_d: int = 128,
        width_g: int = 128,
        depth_d: int = 2,
        depth_g: int = 2,
        norm_d: Norm = "none",
        norm_g: Norm = "none",
        dropout_d: float = 0.0,
        dropout_g: float = 0.0,
        **kwargs: Any,
    ) -> None:
        layers_g: dict[str, Any] = {"width": width_g, "depth": depth_g, "norm": norm_g, "dropout": dropout_g}
        layers_d: dict[str, Any] = {"width": width_d, "depth": depth_d, "norm": norm_d, "dropout": dropout_d}
        generator, discriminator = missing_networks(
            "VanillaGAN",
            shape,
            generator,
            discriminator,
            lambda of: MLPGenerator(latent_dim, of, num_classes, **layers_g),
            lambda of: MLPDiscriminator(of, num_classes, **layers_d),
        )
        super().__init__(generator, discriminator, *args, latent_dim=latent_dim, num_classes=num_classes, **kwargs)
