"""Networks that suit the data: what the recipes build on whose papers promise a loss or a technique, not a network."""

from collections.abc import Callable
from typing import Any

from torch import nn

from gan_lightning.gan import GAN
from gan_lightning.gans.missing_networks import PLAYERS, Shape, missing_networks
from gan_lightning.networks import (
    DCGANDiscriminator,
    DCGANGenerator,
    Minibatch,
    MLPDiscriminator,
    MLPGenerator,
    Norm,
)


class ByShape(GAN):
    """A GAN whose networks, unless given, suit the shape of a sample: DCGAN's for images, fully connected for others.

    Args:
        generator: a network of one's own.
        discriminator: likewise.
        shape: of one sample, (C, H, W) of an image in [-1, 1] or (F,) of a vector; the command line takes it from the
            data.
        shape_d: of what the discriminator sees, where a technique packs samples; ``shape`` if None.
        latent_dim: length of a latent vector.
        num_classes: how many classes the networks are told of; 0 for none.
        width_d: channels of the discriminator's first convolution, units of its layers for vectors.
        width_g: channels of the generator's last layer but one, units of its layers for vectors.
        norm_d: normalisation in the discriminator.
        norm_g: normalisation in the generator.
        minibatch_d: what the discriminator's last layer is told of the whole batch.
        dropout_d: share of the discriminator's features dropped while it trains.
        dropout_g: likewise for the generator.

    Raises:
        ValueError: if neither ``shape`` nor both networks are given, or an image's size is out of range.

    Example:
        >>> type(ByShape(shape=(3, 16, 16)).generator).__name__, type(ByShape(shape=(2,)).generator).__name__
        ('DCGANGenerator', 'MLPGenerator')
    """

    def __init__(
        self,
        generator: nn.Module | None = None,
        discriminator: nn.Module | None = None,
        *args: Any,
        shape: tuple[int, ...] | None = None,
        shape_d: tuple[int, ...] | None = None,
        latent_dim: int = 64,
        num_classes: int = 0,
        width_d: int = 64,
        width_g: int = 64,
        norm_d: Norm = "none",
        norm_g: Norm = "none",
        minibatch_d: Minibatch = "none",
        dropout_d: float = 0.0,
        dropout_g: float = 0.0,
        **kwargs: Any,
    ) -> None:
        told_g, told_d = (num_classes if player in self.tells_classes else 0 for player in PLAYERS)
        options_g: dict[str, Any] = {"width": width_g, "norm": norm_g, "dropout": dropout_g}
        options_d: dict[str, Any] = {"width": width_d, "norm": norm_d, "dropout": dropout_d, "minibatch": minibatch_d}
        networks = missing_networks(
            type(self).__name__,
            shape,
            shape_d,
            generator,
            discriminator,
            lambda of: self._network_types(of)[0](latent_dim, of, told_g, **options_g),
            lambda of: self._network_types(of)[1](of, told_d, **options_d),
        )
        super().__init__(*networks, *args, latent_dim=latent_dim, num_classes=num_classes, **kwargs)

    def _network_types(self, shape: Shape) -> tuple[Callable[..., nn.Module], Callable[..., nn.Module]]:
        return (DCGANGenerator, DCGANDiscriminator) if len(shape) == 3 else (MLPGenerator, MLPDiscriminator)
