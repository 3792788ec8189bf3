"""The first GAN: fully connected networks, for vectors and small images.

Paper: Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661
Differs: rectifiers (leaky ones in the discriminator) in the place of maxout and sigmoid units.
"""

from typing import Any

from torch import nn

from gan_lightning.gan import GAN
from gan_lightning.gans.missing_networks import PLAYERS, missing_networks
from gan_lightning.networks import Minibatch, MLPDiscriminator, MLPGenerator, Norm


class VanillaGAN(GAN):
    """A GAN whose networks, unless given, are fully connected, built for ``shape``.

    Args:
        generator: a network of one's own in the place of the fully connected one.
        discriminator: likewise.
        shape: shape of one sample, (2,) for points in the plane; the command line takes it from the data.
        shape_d: shape of what the discriminator sees, where a technique packs samples; ``shape`` if None.
        latent_dim: length of a latent vector.
        num_classes: how many classes the networks are told of; 0 for none.
        width_d: units of each hidden layer of the discriminator.
        width_g: likewise for the generator.
        depth_d: hidden layers of the discriminator.
        depth_g: likewise for the generator.
        norm_d: normalisation in the discriminator.
        norm_g: normalisation in the generator.
        minibatch_d: what the discriminator's last layer is told of the whole batch.
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
        shape_d: tuple[int, ...] | None = None,
        latent_dim: int = 2,
        num_classes: int = 0,
        width_d: int = 128,
        width_g: int = 128,
        depth_d: int = 2,
        depth_g: int = 2,
        norm_d: Norm = "none",
        norm_g: Norm = "none",
        minibatch_d: Minibatch = "none",
        dropout_d: float = 0.0,
        dropout_g: float = 0.0,
        **kwargs: Any,
    ) -> None:
        layers_g: dict[str, Any] = {"width": width_g, "depth": depth_g, "norm": norm_g, "dropout": dropout_g}
        layers_d: dict[str, Any] = {"width": width_d, "depth": depth_d, "norm": norm_d, "dropout": dropout_d}
        layers_d["minibatch"] = minibatch_d
        told_g, told_d = (num_classes if player in self.tells_classes else 0 for player in PLAYERS)
        generator, discriminator = missing_networks(
            "VanillaGAN",
            shape,
            shape_d,
            generator,
            discriminator,
            lambda of: MLPGenerator(latent_dim, of, told_g, **layers_g),
            lambda of: MLPDiscriminator(of, told_d, **layers_d),
        )
        super().__init__(generator, discriminator, *args, latent_dim=latent_dim, num_classes=num_classes, **kwargs)
